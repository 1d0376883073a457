"""The film of a run on its network, drawn in the visitor's browser (Streamlit component).

One canvas component without any library: `view.html`, `view.css`, and six scripts that are
joined in the order in which they use each other. The film goes over as one block of bytes; from
then on playing costs the server nothing. What a visitor clicks on comes back as a number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
import yaml
from numpy.typing import NDArray

from viralbots.experiments.film import Film, account
from viralbots.experiments.words import Lang
from viralbots.ui.charts import COLOURS

FOLDER = Path(__file__).parent
SCRIPTS = ("elements.js", "film.js", "picture.js", "curve.js", "hands.js", "view.js")
ARRAYS = {
    "users": "<i4", "position": "<f4", "degree": "<i4", "ties": "<u2", "heard_at": "<i4",
    "read_at": "<i4", "converted_at": "<i4", "adopted_at": "<i4", "turned_at": "<i4",
    "source": "<i2", "countered_at": "<i4", "countered_by": "<i2", "steps": "<i4", "pace": "<f4",
    "reach": "<i4", "adopters": "<i4", "counter": "<i4",
}  # fmt: skip
"""Fields of the film that go over as they are, and their type; places fit into 16 bits."""
PALETTE = {
    theme: {"benefit": roles["benefit"], "counter": roles["counter"], "ring": ring}
    for (theme, roles), ring in zip(COLOURS.items(), ("#c27800", "#f0bd4a"), strict=True)
}
"""Colours of `viralbots.ui.charts`, and amber for the ring of those who took it up."""


def network_view(
    film: Film, lang: Lang, *, key: str, chosen: int | None = None, autoplay: bool = True
) -> int | None:
    """Show a film with a clock, play and pause, and the growth curve.

    Parameters
    ----------
    film : Film
    lang : {"en", "zh"}
    key : str
        Keeps the view, and the moment at which it was stopped, over reruns.
    chosen : int, optional
        Number of a user whose way back to the beginning is marked, until the visitor clicks.
    autoplay : bool
        Begin by itself when first seen, unless the visitor wants less motion.

    Returns
    -------
    int or None
        Number of the user who was clicked on just now.
    """
    just_clicked = getattr(st.session_state.get(key), "selected", None)
    if just_clicked is not None:  # what was chosen before must not take its place
        chosen = int(just_clicked)
    result = _component()(
        key=key,
        data=payload(film, lang, key=key, chosen=chosen, autoplay=autoplay),
        on_selected_change=_nothing,
    )
    return None if result.selected is None else int(result.selected)


def _nothing() -> None:
    """Streamlit lists only values for which there is a callback."""


@lru_cache(maxsize=1)
def _component() -> Callable[..., Any]:
    def read(name: str) -> str:
        return (FOLDER / name).read_text("utf-8")

    return st.components.v2.component(
        "viralbots_network_view",
        html=read("view.html"),
        css=read("view.css"),
        js="\n".join(read(name) for name in SCRIPTS),
    )


@lru_cache(maxsize=1)
def _texts() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = yaml.safe_load((FOLDER / "texts.yaml").read_text("utf-8"))
    return found


def texts(lang: Lang) -> dict[str, str]:
    """The words of the view in one language."""
    return {key: words[lang] for key, words in _texts().items()}


def payload(film: Film, lang: Lang, *, key: str, chosen: int | None, autoplay: bool) -> bytes:
    """Everything that the browser needs.

    Four bytes (little-endian) tell the length of the head, which is JSON in UTF-8. In it
    ``arrays`` gives for each array its type, where it begins, counted from the first byte, and
    how many numbers it has.
    """
    arrays = _arrays(film)
    head: dict[str, object] = {
        "film": hashlib.sha256(b"".join(a.tobytes() for a in arrays.values())).hexdigest()[:16],
        "key": key,
        "lang": lang,
        "n_users": film.n_users,
        "horizon": film.horizon,
        "settled": film.settled,
        "names": film.names,
        "notes": film.notes[lang],
        "accounts": [account(film, step, lang) for step in range(len(film.steps))],
        "texts": texts(lang),
        "palette": PALETTE,
        "chosen": chosen,
        "autoplay": autoplay,
    }
    # The places depend on the length of the head, and that on the places: leave room for them.
    room = len(_json({**head, "arrays": {name: ["<i4", 1 << 40, 1 << 40] for name in arrays}}))
    at = start = _padded(4 + room)
    places, blocks = {}, []
    for name, array in arrays.items():
        places[name] = [array.dtype.str, at, array.size]
        blocks.append(array.tobytes().ljust(_padded(array.nbytes), b"\0"))
        at += len(blocks[-1])
    text = _json({**head, "arrays": places}).ljust(start - 4)
    return b"".join([len(text).to_bytes(4, "little"), text, *blocks])


def _arrays(film: Film) -> dict[str, NDArray]:
    """The arrays by the names under which the browser knows them."""
    found = {name: getattr(film, name).astype(kind, order="C") for name, kind in ARRAYS.items()}
    ends, minute, kind = np.split(film.carried, (2, 3), axis=1)
    found |= {"ways": ends.astype("<u2"), "way_at": minute.astype("<i4")}
    return found | {"way_kind": kind.astype("u1")}


def _padded(size: int) -> int:
    """The next multiple of four."""
    return (size + 3) // 4 * 4


def _json(head: dict[str, object]) -> bytes:
    return json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
