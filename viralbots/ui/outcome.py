"""The panels that show a result: words first, then the curve, the ledger and downloads."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from viralbots.experiments import outcome
from viralbots.scenario import Scenario
from viralbots.ui import crowd, figures, later, ledger, own_network, state
from viralbots.ui.backend import registry
from viralbots.ui.charts import Labels, Line, Role, growth_chart, line_of, settled_hour
from viralbots.ui.i18n import Texts, number, plain, rounded
from viralbots.ui.jobs import Job

AFTER_A_MARK = 48  # hours shown at least after a measure begins
SEVERAL = 1.5  # times by which a guess must miss to be called off


def headline(t: Texts, job: Job | None, is_current: bool) -> None:
    """The outcome in words, the guess beside it."""
    with st.container(border=True, key="outcome"):
        if job is None:
            key = "result.computing" if state.active() else "result.none"
            is_warming = key == "result.computing" and not registry().ready.is_set()
            said = t("progress.warming") if is_warming else t(key)
            st.markdown(f"### {t(key + '_title')}\n\n{said}")
            return
        first, *rest = outcome(job.result, "zh" if t.lang == "zh" else "en")
        st.markdown("### " + plain(first))
        st.markdown("\n".join("- " + plain(sentence) for sentence in rest), help=t("help.bracket"))
        if not (job.is_partial and state.active() is not None):
            crowd.say(t, job)
        guess = state.guess_of(job)
        if guess is not None:
            st.markdown(_judge_guess(t, job, guess))
        if state.active() is not None:
            if job.is_partial:
                done, total = job.result.n_replicates, job.request.replicates
                words = t("result.early", done=number(done), total=number(total))
                st.markdown(f":gray[{words}]")
            return
        if not is_current:
            st.markdown(f":orange[{t('result.outdated')}]")
        elif job.is_partial:
            done, total = job.result.n_replicates, job.request.replicates
            st.markdown(f":orange[{t('result.partial', done=number(done), total=number(total))}]")


def _is_mixed(job: Job) -> bool:
    """Some runs took off and some did not, so no run looks like the median."""
    return bool(0 < job.result.metrics["take_off"].mean < 1)


def _judge_guess(t: Texts, job: Job, guess: int) -> str:
    """The guess against the median run, or against both kinds of runs."""
    scale = state.GUESS_OUT_OF / job.result.n_users
    reach = job.result.values["reach"] * scale
    values = {"guess": number(guess), "total": number(state.GUESS_OUT_OF)}
    if _is_mixed(job):
        took_off = job.result.values["take_off"] == 1
        heard = [number(float(np.median(reach[kind]))) for kind in (took_off, ~took_off)]
        return t("guess.mixed", high=heard[0], low=heard[1], **values)
    came = float(np.median(reach))
    values["came"] = number(came)
    low, high = sorted((max(1.0, float(guess)), max(1.0, came)))
    if high / low < SEVERAL:
        return t("guess.close", **values)
    times = f"{high / low:.1f}" if high / low < 10 else number(high / low)
    return t("guess.too_low" if guess < came else "guess.too_high", times=times, **values)


def show(t: Texts, job: Job) -> None:
    """Curve, ledger, certainty and downloads of a finished job."""
    _curve(t, job)
    ledger.show(t, job)
    _take_away(t, job)


def show_nothing(t: Texts, case: Scenario) -> None:
    """What to do, and what to look at, before there is a result."""
    st.markdown(f"#### {t('result.steps_title')}\n\n{t('result.steps')}")
    _look_at(t, case)


def _look_at(t: Texts, case: Scenario) -> None:
    if case.look_at is not None:
        st.markdown(f"**{t('case.look_at')}** {plain(getattr(case.look_at, t.lang))}")


def _curve(t: Texts, job: Job) -> None:
    """The curve; a drawing is kept, because every click on the page shows it again."""
    memory = st.session_state
    theme = st.context.theme.type or "light"
    old, guess = state.before(), state.guess_of(job)
    key = (job.id, job.result.digest, old and old.id, guess, theme, t.lang)
    if memory.get("drawing_of") != key:
        memory["drawing_of"], memory["drawing"] = key, _draw(t, job, theme)
    spec, in_words, note = memory["drawing"]
    st.markdown(f"#### {t('chart.title', users=number(job.result.n_users))}")
    st.vega_lite_chart(spec, width="stretch", alt=in_words, key="growth")
    st.caption(note)
    _look_at(t, job.request.scenario)


def _draw(t: Texts, job: Job, theme: str) -> tuple[dict[str, Any], str, str]:
    """The chart, the chart in words, and the note below it."""
    curves = _reach_curves(job)
    is_mixed = _is_mixed(job)
    marks = later.marks(t, job.request.scenario)
    after = [int(mark.day * 24) + AFTER_A_MARK for mark in marks]  # what it does is to be seen
    last = max([*(settled_hour(curve) for curve in curves.values()), *after])
    last = min(last, curves[job.request.scenario.message_names[0]].shape[1] - 1)
    lines = [
        line_of(_line_name(t, job, name), _role(job, name), curve, last,
                single_runs=is_mixed and not place)
        for place, (name, curve) in enumerate(curves.items())
    ]  # fmt: skip
    old = state.before()
    if old is not None:
        lines.append(line_of(t("chart.before"), "before", old.result.curves["reach"], last))
    guess = state.guess_of(job)
    at = None if guess is None else guess / state.GUESS_OUT_OF * job.result.n_users
    labels = Labels(
        t("chart.day"), t("chart.guess"), t("chart.low"), t("chart.median"), t("chart.high")
    )
    chart = growth_chart(lines, labels, guess=at, theme=theme, marks=marks)
    return chart.to_dict(), _in_words(t, lines[0], job), _note(t, job, last)


def _note(t: Texts, job: Job, last: int) -> str:
    """What line and band mean, and where the chart was cut."""
    parts = [t("chart.explained", runs=number(job.result.n_replicates))]
    if _is_mixed(job):
        parts.append(t("chart.single_runs"))
    if round(last / 24) < int(job.request.scenario.horizon_days):
        days = rounded(job.request.scenario.horizon_days)
        parts.append(t("chart.cut", day=number(last / 24), days=days))
    return ("" if t.lang == "zh" else " ").join(parts)


def _reach_curves(job: Job) -> dict[str, NDArray[np.int64]]:
    """Reach curves of a result by message, the first message first."""
    names = job.request.scenario.message_names
    found = {names[0]: job.result.curves["reach"]}
    for name in names[1:]:
        curve = job.result.curves.get(f"reach:{name}")
        if curve is not None and curve[:, -1].any() and _role(job, name) not in [
            _role(job, other) for other in found
        ]:  # fmt: skip
            found[name] = curve
    return found


def _role(job: Job, name: str) -> Role:
    kind = job.request.scenario.messages[name].kind
    return "benefit" if kind == "message" else "counter" if kind == "counter" else "harm"


def _line_name(t: Texts, job: Job, name: str) -> str:
    return t(f"chart.kind_{job.request.scenario.messages[name].kind}")


def _in_words(t: Texts, line: Line, job: Job) -> str:
    """What the chart shows, for those who do not see it."""
    b = line.band
    half = float(b.day[int((b.median >= b.median[-1] / 2).argmax())])
    return t(
        "chart.alt", users=number(job.request.scenario.network.n_users),
        end=number(line.end), low=number(b.low[-1]), high=number(b.high[-1]),
        days=rounded(round(float(b.day[-1]), 1)), half=rounded(round(half, 1)),
    )  # fmt: skip


def _take_away(t: Texts, job: Job) -> None:
    """Downloads, and what is needed to cite the result or get it again."""
    origin = figures.origin(job)
    name = getattr(own_network.current(), "name", None)
    with st.container(horizontal=True):
        for kind, data in (("csv", figures.as_csv(job)), ("json", figures.as_json(job, name))):
            st.download_button(
                t(f"take.{kind}"), data, f"viralbots_{job.request.case}_{job.id}.{kind}",
                mime="text/csv" if kind == "csv" else "application/json", on_click="ignore",
                key=f"take_{kind}",
            )  # fmt: skip
    st.caption(
        t("take.cite", version=origin["version"], engine=origin["engine"], case=origin["case"],
          seed=origin["seed"], runs=origin["runs"], identity=str(origin["identity"])[:12])
    )  # fmt: skip
