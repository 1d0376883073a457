"""The harm ledger in plain words, the benefit beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from viralbots.metrics import METRICS
from viralbots.metrics.base import Metric
from viralbots.metrics.harm import ADDITIVE, HARM, leading, shown
from viralbots.ui.i18n import Texts, number, plain
from viralbots.ui.risk_words import COLOURS, amount, interval, level, meaning

BENEFIT = ("reach", "size", "converts", "profit", "cost_per_convert", "trust")
IN_A_ROW = 3


def show(t: Texts, result: Any) -> None:
    """Five entries and the benefit as cards; all of them below."""
    names = _first(result)
    st.markdown(f"### {t('risk.ledger.title')}")
    st.caption(t("risk.ledger.explained", runs=number(result.n_replicates),
                 users=number(result.n_users)))  # fmt: skip
    cards: Sequence[str | None] = [*names, None]  # None: the benefit
    for at in range(0, len(cards), IN_A_ROW):
        for column, name in zip(st.columns(IN_A_ROW, gap="small"), cards[at : at + IN_A_ROW],
                                strict=False):  # fmt: skip
            with column, st.container(border=True, height="stretch", gap="xsmall"):
                if name is None:
                    _benefit(t, result)
                else:
                    _card(t, result, METRICS[name])
    with st.expander(t("risk.ledger.all")):
        for metric in HARM:
            if _is_told(result, metric):
                st.markdown(_line(t, result, metric))


def _first(result: Any) -> list[str]:
    """The entries shown unasked: four, and the case's own or the one that weighs most here."""
    found = list(shown(result.scenario.own_harm))
    message = next(iter(result.scenario.messages.values()))
    own = ["H11"] if message.threat else []
    own += ["H12", "H8"] if result.scenario.bots else []
    own += ["H10"] if message.brand else []
    for code in (*own, "H2", "H7", "H16"):
        name = leading(code).name
        if len(found) < 5 and name not in found and result.metrics[name].mean > 0:
            found.append(name)
    return found


def _card(t: Texts, result: Any, metric: Metric) -> None:
    summary = result.metrics[metric.name]
    st.markdown(
        f"**{metric.label[t.lang]}** :small[:gray[{metric.code}]]{_badge(t, metric, summary.mean)}"
    )
    st.markdown(_value(t, result, metric))
    st.markdown(meaning(t, metric.name, result.metrics, result.n_users))
    gap = "" if t.lang == "zh" else " "
    note = gap.join(filter(None, (_per_convert(t, result, metric), _source(t, metric))))
    if note:
        st.caption(note)


def _badge(t: Texts, metric: Metric, value: float) -> str:
    found = level(metric.name, value)
    return "" if found == "none" else f" :{COLOURS[found]}-badge[{t('risk.level.' + found)}]"


def _value(t: Texts, result: Any, metric: Metric) -> str:
    summary = result.metrics[metric.name]
    colour = {"red": "red", "amber": "orange"}.get(level(metric.name, summary.mean))
    shown_value = amount(t, metric.name, summary.mean)
    big = f":{colour}[{shown_value}]" if colour else shown_value
    span = interval(metric.name, summary)
    return f"### {big}" + (f" :small[:gray[{span}]]" if span else "")


def _per_convert(t: Texts, result: Any, metric: Metric) -> str:
    """Harm for each person who took it up."""
    message = next(iter(result.scenario.messages.values()))
    converts, value = result.metrics["converts"].mean, result.metrics[metric.name].mean
    if metric.unit not in ADDITIVE or metric.direction != "bad" or not message.is_convertible:
        return ""
    if not converts or value != value or not value:
        return ""
    return t("risk.ledger.per_convert", value=amount(t, metric.name, value / converts))


def _source(t: Texts, metric: Metric) -> str:
    if not metric.source:
        return ""
    return t("risk.ledger.source", source=t.get(f"risk.source.{metric.code}")
             or plain(metric.source))  # fmt: skip


def _is_told(result: Any, metric: Metric) -> bool:
    """Every entry once, and whatever else there is to tell of it."""
    if metric.code and leading(metric.code).name == metric.name:
        return True
    value = result.metrics[metric.name].mean
    return bool(value == value and value)


def _line(t: Texts, result: Any, metric: Metric) -> str:
    """An entry of the whole ledger."""
    summary = result.metrics[metric.name]
    span = interval(metric.name, summary)
    name = f"{metric.code} {metric.label[t.lang]}".strip()
    head = f"**{name}** {amount(t, metric.name, summary.mean)}"
    head += f" :small[:gray[{span}]]" if span else ""
    head += _badge(t, metric, summary.mean)
    rest = [meaning(t, metric.name, result.metrics, result.n_users)]
    if summary.mean > 0:
        rest += [_per_convert(t, result, metric), _source(t, metric)]
    gap = "" if t.lang == "zh" else " "
    return f"{head}  \n:small[{gap.join(filter(None, rest))}]"


def _benefit(t: Texts, result: Any) -> None:
    """What it brought to whoever sent it."""
    st.markdown(f"**:blue[{t('risk.ledger.benefit')}]**")
    message = next(iter(result.scenario.messages.values()))
    for name in BENEFIT:
        summary = result.metrics[name]
        if not summary.n or (name == "converts" and not message.is_convertible):
            continue
        span = interval(name, summary)
        tail = f" :small[:gray[{span}]]" if span else ""
        st.markdown(f"{METRICS[name].label[t.lang]}: **{amount(t, name, summary.mean)}**{tail}")
    if result.scenario.money is None:
        st.caption(t("risk.ledger.no_money"))
