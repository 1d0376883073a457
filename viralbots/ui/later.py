"""One measure from a day on: chosen, added to the case, drawn on the chart, compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from viralbots.errors import ScenarioError
from viralbots.interventions import INTERVENTIONS
from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Deliveries, Posts
from viralbots.rules.constants import DECLARED
from viralbots.rules.decision_table import CELLS
from viralbots.scenario import Scenario, dump, override
from viralbots.scenario.fields import note
from viralbots.scenario.reads import idle
from viralbots.ui import forms
from viralbots.ui.charts import Mark
from viralbots.ui.fields import control
from viralbots.ui.i18n import Texts, plain
from viralbots.ui.state import control_key
from viralbots.world.message import Message
from viralbots.world.world import FEED_CHANNELS, PUSH_CHANNELS

NOTHING = "nothing"
STRENGTH = {
    "accuracy_prompt": "strength", "disclosure": "share", "filter": "strength",
    "forward_limit": "limit", "prebunk": "strength", "correction": "count", "leak": "count",
    "label": "strength", "downrank": "strength", "season": "strength", "press": "count",
    "quarantine": "share", "rate_limit": "per_day", "bot_removal": "share",
    "opt_in_only": "strength", "throttle": "strength", "cooling_off": "strength",
    "regulator_stop": "share", "affiliates": "count", "look_up": "count", "breach": "amount",
    "removal": "share", "scandal": "share", "capacity": "per_hour", "autoscale": "per_hour",
    "adjustment": "offset",
}  # fmt: skip
"""The kinds on offer, the common ones first, and the number that says how strong each is."""
FIRST_DAY = 2
FIRST_CELL = "forward.const"
FIRST_STRENGTH = {"adjustment": -1.0}
"""Where the default of the file format would change nothing."""
AGAINST_SENDERS = ("opt_in_only", "regulator_stop", "throttle")
DAY = 1440  # minutes
MOST_MARKS = 4


@dataclass(frozen=True)
class Later:
    """A measure from a day on.

    Attributes
    ----------
    kind : str
        As in a scenario file.
    day : int
        0 is the beginning.
    strength : object
        Of the field in `STRENGTH`; None: what the kind has by default.
    cell : str
        Of an adjustment: what it changes.
    """

    kind: str
    day: int
    strength: Any = None
    cell: str = ""

    def as_text(self) -> str:
        """As an address holds it; `parse` reads it back."""
        return ",".join([self.kind, str(self.day), str(self.strength or 0), self.cell])


def parse(text: str) -> Later | None:
    """What an address asks for; None where it is nothing that can be."""
    kind, day, strength, cell = (*text[:200].split(","), "", "", "", "")[:4]
    if kind not in STRENGTH or not (day.isascii() and day.isdigit() and len(day) < 4):
        return None
    try:
        number = float(strength)
    except ValueError:
        return None
    field = INTERVENTIONS[kind].model_fields[STRENGTH[kind]]
    size = int(number) if field.annotation is int and abs(number) < 1e9 else number
    return Later(kind, int(day), size, cell if cell in CELLS else "")


def entry(scenario: Scenario, later: Later) -> dict[str, object]:
    """The measure as one more intervention of a scenario file."""
    found: dict[str, object] = {"kind": later.kind, "start": later.day * DAY}
    if later.strength is not None:
        found[STRENGTH[later.kind]] = later.strength
    if later.kind in ("correction", "leak"):
        sent = "counter" if later.kind == "leak" else "correction"
        names = [name for name, one in scenario.messages.items() if one.kind == sent]
        found["message"] = names[0] if names else ""
    if later.kind in ("affiliates", "breach", "look_up", "press"):
        names = [name for name, one in scenario.messages.items() if one.kind == "message"]
        found["message"] = names[0] if names else ""
    if later.kind == "removal":
        found["who"] = "operator" if scenario.network.population.operator_share else "leaders"
    if later.kind == "adjustment":
        found["cell"] = later.cell or FIRST_CELL
    return found


def applied(scenario: Scenario, later: Later | None) -> Scenario:
    """The scenario with the measure.

    Raises
    ------
    ScenarioError
        It makes no sense there.
    """
    if later is None:
        return scenario
    before = [one.model_dump(mode="python") for one in scenario.interventions]
    return override(scenario, {"interventions": [*before, entry(scenario, later)]})


def found_in(base: Scenario, scenario: Scenario) -> Later | None:
    """The measure that a scenario has beyond those of another one, if it is such a measure."""
    if len(scenario.interventions) != len(base.interventions) + 1:
        return None
    last: Any = scenario.interventions[-1]
    if last.kind not in STRENGTH or last.start is None or last.start % DAY:
        return None
    strength, cell = getattr(last, STRENGTH[last.kind]), getattr(last, "cell", "")
    return Later(last.kind, last.start // DAY, strength, cell)


def on_offer(scenario: Scenario) -> list[str]:
    """Kinds that can do something in a scenario."""
    return [kind for kind in STRENGTH if _can_act(scenario, kind)]


def _can_act(scenario: Scenario, kind: str) -> bool:
    messages = scenario.messages
    try:
        made = applied(scenario, Later(kind, 0))
    except ScenarioError:  # nothing to correct, to leak, to lose trust in
        return False
    if kind == "forward_limit" and not any(_is_pushed(one) for one in messages.values()):
        return False
    if kind == "prebunk" and not any(one.is_deceptive for one in messages.values()):
        return False
    if kind == "downrank" and not any(set(one.channels) & set(FEED_CHANNELS)
                                      for one in messages.values()):  # fmt: skip
        return False
    if kind == "breach" and not any(one.is_convertible for one in messages.values()):
        return False
    if kind in AGAINST_SENDERS and not _has_sender(scenario):
        return False
    place = f"interventions[{len(made.interventions) - 1}]"
    return not any(problem.path.startswith(place) for problem in idle(made))


def _has_sender(scenario: Scenario) -> bool:
    """Whether somebody has something sent: a brand, paid people, footers, bots that post."""
    messages = scenario.messages
    levers = (lever for _, actor in scenario.actors for lever in actor.levers(messages))
    return (
        any(wave.by == "brand" or wave.paid for wave in scenario.seeding)
        or any(m.footer or m.reminder_days or m.auto_send != "nobody" for m in messages.values())
        or any(
            messages[lever.message].kind == "message" and getattr(lever, "kind", "post") == "post"
            for lever in levers
            if isinstance(lever, Posts | Deliveries)
        )
    )


def _is_pushed(message: Message) -> bool:
    return any(channel in PUSH_CHANNELS for channel in message.channels)


def _key(case: str, field: str) -> str:
    return control_key(case, f"later.{field}")


def chosen(case: str) -> bool:
    """Whether a measure is chosen."""
    return st.session_state.get(_key(case, "kind"), NOTHING) != NOTHING


def choose(case: str, later: Later | None) -> None:
    """Set the controls of the panel, before they are shown."""
    memory = st.session_state
    memory[_key(case, "kind")] = later.kind if later else NOTHING
    if later is not None:
        memory[_key(case, "day")] = later.day
        memory[_key(case, "asked")] = (later.kind, later.strength)
        memory.pop(_key(case, later.kind), None)
        if later.cell:
            memory[_key(case, "cell")] = later.cell


def ask(t: Texts, case: str, scenario: Scenario) -> Later | None:
    """The panel; the measure that is chosen."""
    memory = st.session_state
    kinds = [NOTHING, *on_offer(scenario)]
    if memory.get(_key(case, "kind")) not in kinds:
        memory[_key(case, "kind")] = NOTHING
    kind = st.selectbox(
        t("later.what"), kinds, key=_key(case, "kind"), persist_state="session",
        format_func=lambda name: t(f"later.kind.{name}"),
    )  # fmt: skip
    if kind == NOTHING:
        st.caption(t("later.why"))
        return None
    day = _ask_day(t, case, scenario)
    cell = _ask_cell(t, case) if kind == "adjustment" else ""
    later = Later(kind, day, cell=cell)
    st.markdown(f":small[:gray[{_how(t, later, scenario)}]]")
    return Later(kind, day, _ask_strength(t, case, scenario, later), cell)


def _how(t: Texts, later: Later, scenario: Scenario) -> str:
    """How the measure works, in a sentence."""
    if later.kind == "removal":
        who = forms.option(t, str(entry(scenario, later)["who"]))
        return t("later.removal", who=who)
    if later.kind == "adjustment":
        return t.get(f"cell.{later.cell}") or plain(DECLARED[later.cell].sentence)
    return plain(_mechanism(INTERVENTIONS[later.kind])[t.lang])


def _mechanism(kind: type[Intervention]) -> dict[str, str]:
    english = kind.how
    return {**note(kind, "kind").meaning, "en": english}


def _ask_day(t: Texts, case: str, scenario: Scenario) -> int:
    key, last = _key(case, "day"), max(1, int(scenario.horizon_days))
    day = st.session_state.get(key, FIRST_DAY)
    st.session_state[key] = min(day, last) if isinstance(day, int) else FIRST_DAY
    return int(
        st.slider(
            t("later.day"), 0, last, key=key, persist_state="session", help=t("later.day_help")
        )
    )


def _ask_cell(t: Texts, case: str) -> str:
    key = _key(case, "cell")
    if st.session_state.get(key) not in CELLS:
        st.session_state[key] = FIRST_CELL

    def name(cell: str) -> str:
        decision, _, term = cell.partition(".")
        return t("control.cell", decision=t(f"decision.{decision}"), term=t(f"term.{term}"))

    return str(
        st.selectbox(t("later.cell"), list(CELLS), key=key, format_func=name,
                     persist_state="session")
    )  # fmt: skip


def _ask_strength(t: Texts, case: str, scenario: Scenario, later: Later) -> Any:
    """The number that says how strong it is, with the range and the words of its field."""
    extended = applied(scenario, later)
    path = f"interventions.{len(extended.interventions) - 1}.{STRENGTH[later.kind]}"
    item, key, memory = control(extended, path), _key(case, later.kind), st.session_state
    asked_kind, asked = memory.get(_key(case, "asked"), ("", None))
    if not forms.fits(item, memory.get(key)):
        wanted = FIRST_STRENGTH.get(later.kind, item.value)
        if asked_kind == later.kind and asked is not None:
            wanted = asked
        memory[key] = forms.first_value(item, wanted)
    return forms.ask_alone(t, item, key)


def compare(scenario: Scenario, later: Later) -> list[dict[str, str]]:
    """The two arms, without the measure and with it, for the page that compares."""
    return [
        {"kind": "document", "text": dump(scenario)},
        {"kind": "document", "text": dump(applied(scenario, later))},
    ]


def marks(t: Texts, scenario: Scenario) -> list[Mark]:
    """When each intervention of a scenario begins, for the chart."""
    found: list[Mark] = []
    for one in scenario.interventions:
        if one.start and one.start < scenario.horizon:
            kind = str(getattr(one, "kind", ""))
            found.append(Mark(one.start / DAY, t(f"later.mark.{kind}")))
    return sorted(found, key=lambda mark: mark.day)[:MOST_MARKS]
