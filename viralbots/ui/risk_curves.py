"""The panel on what went wrong in one run, hour by hour, beside the run without something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from viralbots.experiments.story import clock
from viralbots.metrics.base import counters_of
from viralbots.scenario import Scenario
from viralbots.trace import Trace
from viralbots.ui.charts import Role
from viralbots.ui.i18n import Texts, number, rounded
from viralbots.ui.risk_charts import SMALL, Curve, Names, run_chart
from viralbots.ui.risk_events import Event, events

SMALL_ONES: dict[str, Role] = {"deceived": "harm", "complaints": "harm", "converts": "benefit"}
NEARLY = 0.97  # of the end: where nothing much happens any more
CHART_AND_LIST = (3, 2)
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫"


def show(t: Texts, scenario: Scenario, trace: Trace, ghost: Trace | None, without: str) -> None:
    """The growth curve with numbered events, then a small curve for each harm.

    Parameters
    ----------
    ghost : Trace or None
        The same luck without something.
    without : str
        What that is, in words; empty where there is no ghost.
    """
    found = events(scenario, trace)
    last = _last_hour(trace, ghost, found)
    left, right = st.columns(CHART_AND_LIST, gap="medium")
    with left:
        st.markdown(f"**{t('risk.time.reach')}**")
        marks = [(event.minute / 1440, str(place)) for place, event in enumerate(found, 1)]
        _chart(t, "reach", Curve("benefit", *_counts(trace, ghost, "reach")), without,
               (marks, last))  # fmt: skip
    with right:
        st.markdown(f"**{t('risk.time.events')}**")
        if not found:
            st.markdown(t("risk.time.nothing"))
        lines = [f"{CIRCLED[place]} {_told(t, event)}" for place, event in enumerate(found)]
        st.markdown("  \n".join(lines))
    _small(t, trace, ghost, without, last)


def _counts(
    trace: Trace, ghost: Trace | None, count: str
) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    return trace.hourly(count), None if ghost is None else ghost.hourly(count)


def _last_hour(trace: Trace, ghost: Trace | None, found: list[Event]) -> int:
    curves = [one.hourly("reach") for one in (trace, ghost) if one is not None]
    last = max(int((curve >= NEARLY * curve[-1]).argmax()) for curve in curves)
    after = max((event.minute // 60 for event in found), default=0)
    return min(len(curves[0]) - 1, max(24, round(1.25 * max(last, after))))


def _chart(
    t: Texts, name: str, curve: Curve, without: str, shown: tuple[list[tuple[float, str]], int],
    height: int | None = None,
) -> None:  # fmt: skip
    marks, last = shown
    names = Names(t("risk.time.day"), t("risk.time.real"), t("risk.time.ghost"), height is None)
    theme, more = st.context.theme.type or "light", {} if height is None else {"height": height}
    spec = run_chart(curve, names, marks, last, theme=theme, **more)
    end = number(int(curve.real[last]))
    words = t("risk.time.alt", name=t(f"risk.time.{name}"), end=end)
    if curve.ghost is not None:
        there = t("risk.time.alt_ghost", without=without, end=number(int(curve.ghost[last])))
        words += ("" if t.lang == "zh" else " ") + there
    st.vega_lite_chart(spec, width="stretch", alt=words, key=f"risk.chart.{name}")


def _small(t: Texts, trace: Trace, ghost: Trace | None, without: str, last: int) -> None:
    """A curve for everything else that happened in the run or in its ghost."""
    curves: dict[str, Curve] = {
        name: Curve(role, *_counts(trace, ghost, name)) for name, role in SMALL_ONES.items()
    }
    counters = counters_of(trace, 0)
    if counters:
        both = [None if one is None else np.sum([one.hourly("reach", q) for q in counters], axis=0)
                for one in (trace, ghost)]  # fmt: skip
        assert both[0] is not None
        curves["counter"] = Curve("counter", both[0], both[1])
    curves = {name: curve for name, curve in curves.items() if _moves(curve)}
    for column, (name, curve) in zip(st.columns(max(2, len(curves)), gap="medium"),
                                     curves.items(), strict=False):  # fmt: skip
        with column:
            st.markdown(f"**{t(f'risk.time.{name}')}**")
            _chart(t, name, curve, without, ([], last), SMALL)


def _moves(curve: Curve) -> bool:
    return bool(curve.real.any() or (curve.ghost is not None and curve.ghost.any()))


def _told(t: Texts, event: Event) -> str:
    """An event with its time."""
    when = clock(event.minute, "zh" if t.lang == "zh" else "en")
    values: Mapping[str, Any] = {
        name: number(value) if isinstance(value, int) else value
        for name, value in event.values.items()
    }
    if event.intervention is not None:
        kind = str(getattr(event.intervention, "kind", ""))
        values = {"name": t.get(f"later.kind.{kind}") or t(f"owner.{kind}")}
        trigger = event.intervention.trigger
        if trigger is not None:
            values["why"] = t(f"risk.trigger.{trigger.quantity}", above=_above(trigger))
    return f"**{when}** {t(f'risk.event.{event.kind}', **values)}"


def _above(trigger: Any) -> str:
    """The value of a trigger: shares in percent."""
    if trigger.quantity == "complaints_per_1000":
        return rounded(trigger.above)
    return f"{rounded(100 * trigger.above)}\u00a0%"
