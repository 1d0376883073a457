"""The panel on what would have stopped it, and at what cost."""

from __future__ import annotations

from typing import Any

import streamlit as st

from viralbots.interventions import INTERVENTIONS
from viralbots.metrics import METRICS
from viralbots.scenario import Scenario
from viralbots.scenario.fields import note
from viralbots.ui import risk_remedies as remedies
from viralbots.ui import risk_words
from viralbots.ui.backend import registry
from viralbots.ui.i18n import Texts, duration, number, plain, rounded
from viralbots.ui.jobs import Job
from viralbots.ui.risk_charts import Change, changes
from viralbots.ui.risk_remedies import Effect
from viralbots.ui.risk_run import Asked, follow_many, submit
from viralbots.ui.tasks import Request

FIRST, MORE = 10, 30
"""Runs of each measure at first, and when asked for more."""
BY_ITSELF = 1_500_000
"""Users × runs up to which the measures are tried unasked."""
MOST_WORDS = 6


def show(t: Texts, asked: Asked, baseline: Any, harm: str) -> str | None:
    """Show the panel; the best measure in a sentence, once it is known."""
    st.markdown(f"### {t('risk.stop.title')}", help=t("risk.stop.help"))
    when = _ask_when(t)
    arms = remedies.arms(asked.scenario, when)
    if not arms:
        st.info(t("risk.stop.nothing"))
        return None
    jobs = _jobs(t, asked, arms)
    if jobs is None:
        return None
    if not all(job.is_over for job in jobs.values()):
        follow_many(t, tuple(jobs.values()))
        return None
    effects = _effects(asked, baseline, jobs, (harm, _benefit(asked.scenario)), when)
    if not effects:
        st.info(t("risk.stop.stopped"))
        return None
    best = _best(t, effects, harm)
    st.markdown(best)
    _chart(t, effects, harm)
    _words(t, effects)
    _costs(t, [effect.kind for effect in effects])
    _ask_more(t, effects, baseline)
    return best


def _benefit(scenario: Scenario) -> str:
    """What the sender loses by a measure: converts where there are any, else reach."""
    message = remedies.main_of(scenario)
    return "converts" if message.is_convertible and not message.phishing else "reach"


def _ask_when(t: Texts) -> str:
    memory = st.session_state
    if memory.get("risk.when") not in remedies.STARTS:
        memory["risk.when"] = "now"
    return str(
        st.segmented_control(
            t("risk.stop.when"), remedies.STARTS, key="risk.when", required=True,
            format_func=lambda name: t(f"risk.stop.start.{name}"), persist_state="session",
        )
    )  # fmt: skip


def _runs() -> int:
    return MORE if st.session_state.get("risk.more") else FIRST


def _jobs(t: Texts, asked: Asked, arms: dict[str, Scenario]) -> dict[str, Job] | None:
    """The jobs of all measures; None until somebody asks for them."""
    memory = st.session_state
    tasks = {
        kind: Request(arm, asked.seed, _runs(), f"{asked.case} + {kind}")
        for kind, arm in arms.items()
    }
    plan = "".join(sorted(task.id for task in tasks.values()))
    work = sum(task.work for task in tasks.values())
    goes = work <= BY_ITSELF and not memory.get("risk.stopped")
    if memory.get("risk.go") != plan and not goes:
        per_run = registry().estimate(asked.case, 1, 1)
        st.caption(t("risk.stop.estimate", n=len(tasks), runs=_runs(),
                     time=duration(t, per_run * work)))  # fmt: skip
        st.button(t("risk.stop.go"), key="risk.stop.go", type="primary", on_click=_go,
                  args=(plan,))  # fmt: skip
        return None
    jobs = submit(t, list(tasks.values()))
    return None if jobs is None else dict(zip(tasks, jobs, strict=True))


def _go(plan: str) -> None:
    st.session_state["risk.go"], st.session_state["risk.stopped"] = plan, False


def _effects(
    asked: Asked, baseline: Any, jobs: dict[str, Job], figures: tuple[str, str], when: str
) -> list[Effect]:
    """The measures that were finished, the best for its cost first."""
    costs = {**remedies.given_costs(asked.scenario), **st.session_state.get("risk.costs", {})}
    found = []
    for kind, job in jobs.items():
        if job.result is None:
            continue
        cost = remedies.cost_of(costs, kind, when, asked.scenario.horizon_days)
        effect = remedies.effect_of(kind, baseline, job.result, figures, cost)
        if effect is not None:
            found.append(effect)
    return remedies.ranked(found)


# -- words -----------------------------------------------------------------------------


def _name(t: Texts, kind: str) -> str:
    return t(f"later.kind.{kind}")


def _best(t: Texts, effects: list[Effect], harm: str) -> str:
    """The best measure in a sentence."""
    best = effects[0]
    mean, *_ = remedies.relative(best.harm)
    label = risk_words.harm_label(t, harm)
    if not (best.is_known and mean < 0):
        return t("risk.stop.none", harm=label)
    told = t(
        "risk.stop.best", name=_name(t, best.kind), harm=label, part=number(-mean),
        was=risk_words.amount(t, harm, best.harm.baseline),
        now=risk_words.bare(harm, best.harm.treatment),
    )  # fmt: skip
    lost, gap = remedies.relative(best.benefit)[0], "" if t.lang == "zh" else " "
    if lost == lost and best.benefit.name != harm:
        benefit = METRICS[best.benefit.name].label[t.lang]
        told += gap + t("risk.stop.best_benefit", benefit=benefit, change=_signed(lost))
    return told + (gap + t("risk.stop.best_cost", cost=number(best.cost)) if best.cost else "")


def _signed(value: float) -> str:
    """A change in %, with its sign."""
    if value != value:
        return "–"
    return f"{'+' if round(value) > 0 else ''}{number(0.0 if round(value) == 0 else value)}\u00a0%"


def _range(triple: tuple[float, float, float]) -> str:
    _, low, high = triple
    return f" ({_signed(low)} … {_signed(high)})" if low == low else ""


def _chart(t: Texts, effects: list[Effect], harm: str) -> None:
    benefit = METRICS[effects[0].benefit.name].label[t.lang]
    label = risk_words.harm_label(t, harm)
    rows = [
        Change(
            _name(t, e.kind), remedies.relative(e.harm), remedies.relative(e.benefit),
            _signed(remedies.relative(e.harm)[0]), _signed(remedies.relative(e.benefit)[0]),
        )
        for e in effects
    ]  # fmt: skip
    st.markdown(f":orange[●] {t('risk.stop.harm_line', harm=label)} :blue[◆] "
                f"{t('risk.stop.benefit_line', benefit=benefit)}")  # fmt: skip
    theme = st.context.theme.type or "light"
    spec = changes(rows, t("risk.stop.axis"), theme=theme)
    in_words = " ".join(f"{row.label}: {row.harm_text}." for row in rows)
    st.vega_lite_chart(spec, width="stretch", alt=in_words, key="risk.chart.remedies")
    st.caption(t("risk.stop.explained", runs=number(effects[0].harm.n)))


def how(t: Texts, kind: str) -> str:
    """How a measure works, in a sentence."""
    english = INTERVENTIONS[kind].how
    return str({**note(INTERVENTIONS[kind], "kind").meaning, "en": english}[t.lang])


def _words(t: Texts, effects: list[Effect]) -> None:
    """How each works, its numbers, its cost, and what was measured of it."""
    with st.expander(t("risk.stop.each")):
        for place, effect in enumerate(effects, 1):
            harm, benefit = remedies.relative(effect.harm), remedies.relative(effect.benefit)
            head = f"**{place}. {_name(t, effect.kind)}**"
            figures = t(
                "risk.stop.figures", harm=_signed(harm[0]) + _range(harm),
                benefit=_signed(benefit[0]) + _range(benefit),
                name=METRICS[effect.benefit.name].label[t.lang],
            )  # fmt: skip
            cost = t("risk.stop.cost", cost=number(effect.cost)) if effect.cost else ""
            if effect.cost and effect.avoided > 0:
                cost += t("risk.stop.per_cost", n=rounded(effect.avoided / effect.cost),
                          harm=risk_words.harm_label(t, effect.harm.name))  # fmt: skip
            mark = "measured" if t.get(f"risk.measured.{effect.kind}") else "assumed"
            evidence = t.get(f"risk.measured.{effect.kind}") or t("risk.stop.assumed")
            colour = "green" if mark == "measured" else "gray"
            st.markdown(
                f"{head} · {figures}{cost}  \n:small[{plain(how(t, effect.kind))} "
                f":{colour}-badge[{t('mark.' + mark)}] {evidence}]"
            )


def _costs(t: Texts, kinds: list[str]) -> None:
    """What each measure costs: nobody knows it in general, so the reader says it."""
    memory = st.session_state
    costs: dict[str, tuple[float, float]] = memory.get("risk.costs", {})
    with st.expander(t("risk.stop.costs")):
        st.caption(t("risk.stop.costs_how"))
        with st.form("risk.costs.form", border=False):
            given = {}
            for kind in sorted(kinds):
                left, right = st.columns(2, gap="small")
                once, per_day = costs.get(kind, (0.0, 0.0))
                given[kind] = (
                    left.number_input(t("risk.stop.once", name=_name(t, kind)), 0.0, 1e12, once,
                                      step=100.0, format="%.0f", key=f"risk.cost.{kind}.once"),
                    right.number_input(t("risk.stop.per_day"), 0.0, 1e12, per_day, step=10.0,
                                       format="%.0f", key=f"risk.cost.{kind}.day"),
                )  # fmt: skip
            if st.form_submit_button(t("risk.stop.rank"), key="risk.stop.rank"):
                memory["risk.costs"] = {**costs, **given}
                st.rerun()


def _ask_more(t: Texts, effects: list[Effect], baseline: Any) -> None:
    if _runs() < MORE:
        st.button(t("risk.stop.more", runs=MORE), key="risk.stop.more", on_click=_more)


def _more() -> None:
    st.session_state["risk.more"], st.session_state["risk.stopped"] = True, False
