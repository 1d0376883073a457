"""A page with nothing but the network view, for the browser tests.

``?case=NAME&users=N&shown=K&lang=zh&chosen=USER`` in the address.
"""

from __future__ import annotations

import streamlit as st

from viralbots.experiments.film import Film, film
from viralbots.library import scenario_folder
from viralbots.ui.network_view import network_view


@st.cache_resource(show_spinner=False)
def film_of(case: str, users: int, shown: int, level: str) -> Film:
    from viralbots import build, load, override, simulate

    scenario = load(scenario_folder() / f"{case}.yaml")
    scenario = override(scenario, {"network.n_users": users})
    world = build(scenario.network)
    return film(world, simulate(scenario, 1, level=level, world=world), n_shown=shown)


st.set_page_config(page_title="Watch", layout="wide")
wish = st.query_params
lang = "zh" if wish.get("lang") == "zh" else "en"
if st.button("中文" if lang == "en" else "English"):
    st.query_params["lang"] = "zh" if lang == "en" else "en"
    st.rerun()
case = wish.get("case", "chain_letter")
if st.button("Another film"):
    st.query_params["case"] = "fake_ad_backlash" if case == "chain_letter" else "chain_letter"
    st.rerun()
shown = film_of(
    case, int(wish.get("users", 300)), int(wish.get("shown", 3000)),
    wish.get("level", "deliveries"),
)  # fmt: skip
chosen = wish.get("chosen")
clicked = network_view(shown, lang, key="watch", chosen=int(chosen) if chosen else None)
if clicked is not None:
    st.session_state["clicked"] = clicked
st.write(f"clicked: {st.session_state.get('clicked')}")
