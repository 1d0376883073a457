"""The figures of an experiment as a text table and as plain data."""

from __future__ import annotations

import dataclasses
import math
import unicodedata

from viralbots.experiments.summary import Result, Summary
from viralbots.experiments.words import Lang, number
from viralbots.metrics import GROUPS, UNITS, metric_of

SHOWN = (
    "reach", "read", "size", "take_off", "size_given_take_off", "forward_probability", "fan_out",
    "r", "structural_virality", "depth", "t50", "converts", "conversion_rate", "trust",
    "deceived", "deceived_person_hours", "complaints", "complaints_per_1000", "opt_outs",
    "vulnerable_exposure_ratio", "person_hours_wasted", "backlash",
)  # fmt: skip
"""Metrics of the first message in a table; those of later messages are `SHOWN_LATER`."""
SHOWN_LATER = ("reach", "size", "r")

_HEADS = {
    "en": ("", "mean [95 % bracket]", "median (5–95 % of runs)", "unit"),
    "zh": ("", "均值［95%区间］", "中位数（5–95%的运行）", "单位"),
}
_MARKS = {"good": "+", "bad": "!", "neutral": " "}
_LEGEND = {
    "en": "+ more is better   ! more is worse   – undefined in every run",
    "zh": "+ 越多越好   ! 越多越坏   – 所有运行中均无定义",
}

_NARROW = {
    "en": "Means and their brackets are shown in a wider terminal and with --json.",
    "zh": "均值及其区间在更宽的终端或用 --json 显示。",
}


def width(text: str) -> int:
    """Columns that a text takes in a terminal; East Asian wide characters take two.

    >>> width("abc"), width("转发")
    (3, 4)
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _row(name: str, label: str, summary: Summary, lang: Lang) -> tuple[str, ...]:
    metric = metric_of(name)
    mean, median = number(summary.mean), number(summary.p50)
    if summary.n > 1:
        # Where no figure of a run can be negative, the bracket of their mean ends at 0, too.
        least = -math.inf if metric.is_signed else 0.0
        mean += f" [{number(max(least, summary.low))}, {number(max(least, summary.high))}]"
        median += f" ({number(summary.p5)}–{number(summary.p95)})"
    return f"{_MARKS[metric.direction]} {label}", mean, median, UNITS[metric.unit][lang]


def _rows(result: Result, lang: Lang) -> list[tuple[str, ...]]:
    """Head, group titles (tuples of one) and lines of figures."""
    rows: list[tuple[str, ...]] = [_HEADS[lang]]
    group = ""
    for name in SHOWN:
        metric = metric_of(name)
        if metric.group != group:
            group = metric.group
            rows.append((GROUPS[group][lang],))
        rows.append(_row(name, metric.label[lang], result.metrics[name], lang))
    for message in result.scenario.message_names[1:]:
        rows.append((("Message " if lang == "en" else "消息 ") + message,))
        for short in SHOWN_LATER:
            name = f"{short}:{message}"
            rows.append(_row(name, metric_of(name).label[lang], result.metrics[name], lang))
    return rows


def table(result: Result, lang: Lang = "en", columns: int | None = None) -> str:
    """A table of up to 100 columns, grouped, good and bad marked.

    Parameters
    ----------
    columns : int, optional
        Width of the terminal. Where the table is wider, means are left out and said to be.
    """
    rows, legend = _rows(result, lang), _LEGEND[lang]
    sizes = _sizes(rows)
    if columns is not None and sum(sizes) + 2 * len(sizes) - 2 > columns:
        rows = [row if len(row) == 1 else (row[0], *row[2:]) for row in rows]
        sizes, legend = _sizes(rows), f"{legend}\n{_NARROW[lang]}"
    lines = []
    for row in rows:
        cells = zip(row, sizes, strict=False)
        lines.append("  ".join(text + " " * (size - width(text)) for text, size in cells).rstrip())
    return "\n".join([*lines, "", legend])


def _sizes(rows: list[tuple[str, ...]]) -> list[int]:
    """Width of each column."""
    cells = zip(*(row for row in rows if len(row) > 1), strict=True)
    return [max(width(text) for text in column) for column in cells]


def as_data(result: Result) -> dict[str, object]:
    """The result as plain data for JSON; an undefined number is None.

    ``metrics`` gives for each metric mean, sd, the band p5, p50, p95, the bracket low and
    high, n (runs in which it is defined), unit, direction and code.
    """
    metrics = {}
    for name, summary in result.metrics.items():
        metric = metric_of(name)
        numbers = {
            key: None if isinstance(value, float) and math.isnan(value) else value
            for key, value in dataclasses.asdict(summary).items()
        }
        about = {"unit": metric.unit, "direction": metric.direction, "code": metric.code}
        metrics[name] = {**numbers, **about}
    return {
        "scenario": result.scenario.name,
        "identity": result.identity,
        "engine_version": result.engine_version,
        "digest": result.digest,
        "seed": result.seed,
        "identities": list(result.identities),
        "seeds": list(result.seeds),
        "world_seeds": list(result.world_seeds),
        "n_replicates": result.n_replicates,
        "vary": result.vary,
        "n_known": result.n_known,
        "n_users": result.n_users,
        "network": result.facts,
        "metrics": metrics,
    }
