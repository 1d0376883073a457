"""Key figures of a result in words and numbers; no Streamlit here."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from viralbots.metrics import METRICS, UNITS, metric_of
from viralbots.ui.i18n import Texts, number, rounded, span
from viralbots.ui.jobs import Job
from viralbots.version import ENGINE_VERSION, __version__

BENEFIT = ("reach", "size", "converts", "amplification", "trust")
HARM = (
    "complaints_per_1000", "deceived", "vulnerable_exposure_ratio", "vulnerable_forward",
    "person_hours_wasted", "counter_size",
)  # fmt: skip
FELL = "trust"
"""Stands with the costs where it fell; everybody begins at 1."""
COUNTED = ("users", "adopters", "complaints")
AVERAGES = ("r", "r0", "k_factor", "mean_cascade_size")  # counted in adopters, but not whole
PERCENT = ("share", "yes or no")
AMBER, RED = 1.0, 3.0  # complaints per 1000 deliveries (model §8, H3)
Level = Literal["none", "fine", "amber", "red"]


@dataclass(frozen=True)
class Figure:
    """One key figure, ready to be shown.

    Attributes
    ----------
    name : str
        Key in `viralbots.metrics.METRICS`.
    label, value, sentence : str
        In the reader's language; the value is that of the median run, with its unit.
    mean, bracket, band : str
        Mean and its 95 % interval, and 5–95 % of single runs; empty where undefined or where
        all runs agree.
    level : str
        fine, amber or red; none where no limit is known.
    """

    name: str
    label: str
    value: str
    sentence: str
    mean: str
    bracket: str
    band: str
    level: Level


def figures(t: Texts, result: Any, names: Iterable[str]) -> list[Figure]:
    """The figures of a result that mean something for its first message."""
    first = next(iter(result.scenario.messages.values()))
    left_out = set() if first.is_convertible else {"converts"}
    return [
        _figure(t, name, result)
        for name in names
        if name not in left_out and name in result.metrics and result.metrics[name].n
    ]


def _figure(t: Texts, name: str, result: Any) -> Figure:
    summary = result.metrics[name]
    bracket = _range(name, summary.low, summary.high)
    spread = _range(name, summary.p5, summary.p95)
    one_value = summary.p5 == summary.p95
    return Figure(
        name, metric_of(name).label[t.lang], _value(t, name, result),
        _sentence(t, name, result),
        _show(name, summary.mean), "" if summary.n < 2 or one_value else bracket,
        "" if one_value else spread, level(name, summary.p50),
    )  # fmt: skip


def sides(*results: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the figures on the side of benefit and of harm, in some results."""
    if all(FELL not in r.metrics or not r.metrics[FELL].mean < 1 for r in results):
        return BENEFIT, HARM
    return tuple(name for name in BENEFIT if name != FELL), (*HARM, FELL)


def _value(t: Texts, name: str, result: Any) -> str:
    """What a median run came to; of those who passed it on, those who began it apart."""
    shown = _with_unit(t, name, result.metrics[name].p50)
    if name != "size" or "voluntary_share" not in result.values:
        return shown
    size = result.values["size"]
    own = np.round(size * np.nan_to_num(result.values["voluntary_share"]))
    n, seeds = float(np.median(own)), float(np.median(size - own))
    return t("unit.began", n=number(n), seeds=number(seeds)) if seeds else shown


def level(name: str, value: float) -> Level:
    """Whether a figure is above a limit known from practice.

    Examples
    --------
    >>> level("complaints_per_1000", 0.4), level("complaints_per_1000", 2.0)
    ('fine', 'amber')
    >>> level("complaints_per_1000", 3.1), level("reach", 5000.0)
    ('red', 'none')
    """
    if name != "complaints_per_1000" or value != value:
        return "none"
    return "red" if value > RED else "amber" if value > AMBER else "fine"


def _show(name: str, value: float) -> str:
    unit = metric_of(name).unit
    if unit in PERCENT:
        return f"{rounded(100 * value)} %" if value == value else "–"
    return number(value) if _is_count(name) else rounded(value)


def _is_count(name: str) -> bool:
    return metric_of(name).unit in COUNTED and name not in AVERAGES


def _range(name: str, low: float, high: float) -> str:
    """From … to; where no figure can be negative, the bracket of a mean ends there, too."""
    if not metric_of(name).is_signed:
        low, high = max(low, 0.0), max(high, 0.0)
    unit = metric_of(name).unit
    if unit in PERCENT:
        return f"{span(100 * low, 100 * min(high, 1.0))} %"
    return f"{number(low)}–{number(high)}" if _is_count(name) else span(low, high)


def _sentence(t: Texts, name: str, result: Any) -> str:
    """What a figure means; for the vulnerable also how the others did."""
    known = t.get(f"sentence.{name}") or metric_of(name).sentence[t.lang]
    others = result.metrics.get("other_forward")
    if name == "vulnerable_forward" and others is not None and others.n:
        gap = "" if t.lang == "zh" else " "
        known += gap + t("ledger.others", value=_show("other_forward", others.p50))
    return known


def _with_unit(t: Texts, name: str, value: float) -> str:
    unit = metric_of(name).unit
    shown = _show(name, value)
    if unit in (*PERCENT, *COUNTED, "trust", "per 1000"):
        return shown
    if unit == "ratio":
        return f"{shown} ×"
    word = t("unit.hours") if unit == "person-hours" else UNITS[unit][t.lang]
    return f"{shown} {word}"


def table(t: Texts, result: Any) -> list[dict[str, str]]:
    """Every figure of the result as a row of words, in the order of `METRICS`."""
    rows = []
    for name, summary in result.metrics.items():
        base, _, message = name.partition(":")
        if base not in METRICS or not summary.n:
            continue
        is_yes_or_no = METRICS[base].unit == "yes or no"  # a single run has no share
        rows.append({
            t("all.figure"): label(t, name, result.scenario),
            t("all.mean"): _with_unit(t, base, summary.mean),
            t("all.bracket"): _range(base, summary.low, summary.high),
            t("all.band"): "–" if is_yes_or_no else _range(base, summary.p5, summary.p95),
            t("all.runs"): number(summary.n),
        })  # fmt: skip
    return rows


def label(t: Texts, name: str, scenario: Any) -> str:
    """Name of a figure, and of which message it is."""
    base, _, message = name.partition(":")
    told = t.get(f"label.{base}") or metric_of(base).label[t.lang]
    if not message:
        return told
    about = message_name(t, scenario.messages, message)
    return f"{told}（{about}）" if t.lang == "zh" else f"{told} ({about})"


def message_name(t: Texts, messages: Mapping[str, Any], name: str) -> str:
    """A message by its kind; with its name in the file where there are several of that kind."""
    if name not in messages:
        return name
    kind = t(f"chart.kind_{messages[name].kind}")
    same = sum(one.kind == messages[name].kind for one in messages.values())
    return kind if same == 1 else t("look.message", kind=kind, name=name)


def origin(job: Job) -> dict[str, object]:
    """What is needed to get the same result again."""
    request = job.request
    return {
        "program": "ViralBots", "version": __version__, "engine": ENGINE_VERSION,
        "case": request.case, "identity": request.scenario.identity, "seed": request.seed,
        "runs": job.result.n_replicates, "users": request.scenario.network.n_users,
    }  # fmt: skip


def as_csv(job: Job) -> bytes:
    """One row per run, one column per figure; a comment line says where it comes from."""
    values = job.result.values
    text = io.StringIO()
    text.write("# " + json.dumps(origin(job)) + "\n")
    writer = csv.writer(text, lineterminator="\n")
    names = list(values)
    writer.writerow(["run", *names])
    for row, run in enumerate(job.result.replicates):
        writer.writerow([run, *(_cell(values[name][row]) for name in names)])
    return text.getvalue().encode()


def _cell(value: float) -> str:
    return "" if value != value else f"{float(value):.10g}"


def as_json(job: Job, network_name: str | None) -> bytes:
    """The scenario, the summary of every figure and the origin.

    Parameters
    ----------
    job : Job
    network_name : str or None
        What the visitor called the uploaded network: its place on the server is no result.
    """
    scenario = job.request.scenario.model_dump(mode="json", by_alias=True, exclude_none=True)
    if scenario["network"].get("path") is not None:
        scenario["network"]["path"] = network_name or "uploaded network"
    metrics = {
        name: {key: _plain_number(value) for key, value in vars(summary).items()}
        for name, summary in job.result.metrics.items()
    }
    data = {**origin(job), "metrics": metrics, "scenario": scenario}
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def _plain_number(value: float) -> float | None:
    """JSON has no nan: an undefined number is null."""
    return None if value != value else value
