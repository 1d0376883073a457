"""Charts of what differs between arms: figures with their brackets, pairs, and draws.

Pure: numbers in, a drawing out. Each row of the figures has its own scale and all share the line
of nought, so that hours and people can stand below each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import numpy as np
from numpy.typing import NDArray

from viralbots.experiments.csv_text import Cell
from viralbots.ui.charts import COLOURS as ROLES
from viralbots.ui.charts import GROUND, GROUPED, INK, data_of
from viralbots.ui.compare_charts import COLOURS, Drawing, mode_of

LABEL, MARK, GAP = 20, 24, 8  # pixels: a line of words, a bracket, between two figures
FONT = 13
AXIS = 58  # pixels below the rows, with what Streamlit leaves free
PAIRS_HEIGHT, DRAWS_HEIGHT = 210, 170
ABREAST = 72  # places for stacks of dots
EVERY = 700  # milliseconds between two draws
DOT = 58


@dataclass(frozen=True)
class Row:
    """One difference in one figure.

    Attributes
    ----------
    name : str
        The metric, for the table.
    label, text : str
        Its name and the difference in the reader's language; the label may be empty where
        it was given in the row above.
    letter : str
        Of the arm that is compared with A; empty where there is only one.
    mean, low, high : float
        nan where there is no bracket.
    is_decided : bool
        The bracket leaves nought, or nothing varies.
    """

    name: str
    label: str
    text: str
    letter: str
    mean: float
    low: float
    high: float
    is_decided: bool


def figures(
    rows: Sequence[Row], role: Literal["benefit", "harm"], words: str, *, theme: str
) -> Drawing:
    """Dots and brackets about a line of nought, each figure on its own scale.

    Parameters
    ----------
    rows : sequence of Row
    role : {"benefit", "harm"}
        Decides the colour.
    words : str
        Below the line: what left and right mean.
    theme : str
        light or dark.
    """
    mode = mode_of(theme)
    placed, height = _placed(rows)
    base = alt.Chart(data_of(placed))
    colour, ink = ROLES["dark" if mode == "dark" else "light"][role], INK[mode]
    x = alt.X("dot:Q", title=words).scale(domain=[-1.05, 1.05], nice=False)
    x = x.axis(
        labels=False, ticks=False, grid=False, domain=False, titleColor=ink, titleFontSize=12
    )
    y = alt.Y("at:Q", title=None, axis=None).scale(domain=[height, 0], nice=False, zero=False)
    zero = alt.Chart(data_of([{"dot": 0, "from": 0, "to": height}]))
    filled = alt.condition("datum.decided", alt.value(colour), alt.value(GROUND[mode]))
    layers = [
        zero.mark_rule(strokeWidth=1.5, color=ink, opacity=0.6).encode(
            x=x, y=alt.Y("from:Q", title=None, axis=None), y2="to:Q"
        ),
        base.mark_rule(strokeWidth=3, color=colour).encode(x=alt.X("left:Q"), x2="right:Q", y=y),
        base.mark_point(size=110, stroke=colour, strokeWidth=2.5, opacity=1).encode(
            x=x, y=y, fill=filled, tooltip=[alt.Tooltip("tip:N", title=" ")]
        ),
        *_labels(base, ink, GROUND[mode]),
    ]
    chart = alt.LayerChart(layer=layers).properties(height=height + AXIS)
    names = ("figure", "arm", "difference", "low", "high")
    table: list[tuple[Cell, ...]] = [
        (row.name, row.letter or "B", row.mean, row.low, row.high) for row in rows
    ]
    return Drawing(chart.to_dict(), names, table)


def _placed(rows: Sequence[Row]) -> tuple[list[dict[str, object]], int]:
    """Rows with their places in pixels, and the height of them all."""
    widest: dict[str, float] = {}
    for row in rows:
        ends = [abs(v) for v in (row.mean, row.low, row.high) if not math.isnan(v)]
        widest[row.name] = max(widest.get(row.name, 0.0), *ends, 0.0)
    found: list[dict[str, object]] = []
    at = 0
    for row in rows:
        if row.label and found:
            at += GAP
        scale = widest[row.name] or 1.0
        low, high = (row.mean if math.isnan(v) else v for v in (row.low, row.high))
        found.append({
            "words_at": at + LABEL / 2, "at": at + LABEL + MARK / 2 - 2, "label": row.label,
            "text": f"{row.letter}   {row.text}".strip(), "dot": row.mean / scale,
            "left": low / scale, "right": high / scale, "decided": row.is_decided,
            "tip": f"{row.letter}   {row.text}".strip(),
        })  # fmt: skip
        at += LABEL + MARK
    return found, at


def _labels(base: alt.Chart, ink: str, ground: str) -> list[alt.Chart]:
    """The name at the left and the number at the right, above the bracket."""
    found = []
    for field, edge, align, weight in (
        ("label", -1.05, "left", 600), ("text", 1.05, "right", 400),
    ):  # fmt: skip
        words = base.transform_calculate(edge=str(edge)).encode(
            x=alt.X("edge:Q"), y=alt.Y("words_at:Q", title=None, axis=None), text=f"{field}:N"
        )
        style: dict[str, Any] = {"align": align, "fontSize": FONT, "fontWeight": weight}
        found += [
            words.mark_text(**style, color=ground, stroke=ground, strokeWidth=4),
            words.mark_text(**style, color=ink),
        ]
    return found


# -- pairs ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class PairWords:
    """Words on the chart of pairs: below the axis, and in the tooltip."""

    axis: str
    pair: str
    difference: str
    mean: str


@dataclass(frozen=True)
class Pairs:
    """One figure of two arms, pair by pair; nan where it is undefined.

    Attributes
    ----------
    letter : str
        Of the arm that is compared with A.
    replicates : sequence of int
    a, b : float64[pairs]
    mean, low, high : float
        Of b − a, with its bracket.
    scale : float
        What the numbers are multiplied by to be read (100 for shares).
    """

    letter: str
    replicates: Sequence[int]
    a: NDArray[np.float64]
    b: NDArray[np.float64]
    mean: float
    low: float
    high: float
    scale: float = 1.0


def pairs_chart(pairs: Pairs, words: PairWords, *, theme: str) -> Drawing:
    """A dot for each pair about nought; below them the mean with its bracket."""
    mode = mode_of(theme)
    colour, ink = COLOURS[mode][pairs.letter], INK[mode]
    values = (pairs.b - pairs.a) * pairs.scale
    rows = _stacked(values, pairs.replicates)
    most = max(rows, key=lambda row: row["stack"])["stack"] if rows else 1
    size = min(DOT, (0.72 * PAIRS_HEIGHT / (most + 1)) ** 2)
    mean = [{"value": v * pairs.scale, "low": low * pairs.scale, "high": high * pairs.scale,
             "stack": -1.4 - 0.06 * most}
            for v, low, high in [(pairs.mean, *_ends_of(pairs))]]  # fmt: skip
    domain = _domain([*values[~np.isnan(values)], *(mean[0][k] for k in ("low", "high"))])
    x = alt.X("value:Q", title=words.axis).scale(domain=domain, nice=False)
    x = x.axis(labelExpr=GROUPED if domain[1] - domain[0] > 10 else alt.Undefined, grid=False,
               tickCount=6, labelColor=ink, titleColor=ink)  # fmt: skip
    y = alt.Y("stack:Q", title=None, axis=None)
    y = y.scale(domain=[-2.4 - 0.1 * most, max(most + 1.0, 8.0)], nice=False)
    dots, bar = (alt.Chart(data_of(data)) for data in (rows, mean))
    zero = alt.Chart(data_of([{"value": 0}]))
    tips = [alt.Tooltip("pair:N", title=words.pair),
            alt.Tooltip("value:Q", title=words.difference, format=",.4~g")]  # fmt: skip
    layers = [
        zero.mark_rule(strokeWidth=1.5, color=ink).encode(x=x),
        dots.mark_circle(size=size, color=colour, opacity=0.75).encode(x=x, y=y, tooltip=tips),
        bar.mark_rule(strokeWidth=4, color=ink).encode(x=alt.X("low:Q"), x2="high:Q", y=y),
        bar.mark_point(size=120, shape="diamond", filled=True, color=ink, opacity=1).encode(
            x=x, y=y, tooltip=[alt.Tooltip("value:Q", title=words.mean, format=",.4~g")]
        ),
    ]
    chart = alt.LayerChart(layer=layers).properties(height=PAIRS_HEIGHT)
    return Drawing(chart.to_dict(), *_pair_table(pairs))


def _ends_of(pairs: Pairs) -> tuple[float, float]:
    """The bracket, or the mean itself where there is none."""
    ends = (pairs.low, pairs.high)
    return ends if not any(map(math.isnan, ends)) else (pairs.mean, pairs.mean)


def _pair_table(pairs: Pairs) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    names = ("pair", "a", pairs.letter.lower(), "difference")
    rows: list[tuple[Cell, ...]] = [
        (number + 1, float(a), float(b), float(b - a))
        for number, a, b in zip(pairs.replicates, pairs.a, pairs.b, strict=True)
    ]
    return names, rows


def _domain(values: Sequence[float]) -> list[float]:
    """From the smallest to the largest with nought among them, and some room."""
    low, high = min(0.0, *values), max(0.0, *values)
    room = 0.06 * (high - low) or 1.0
    return [low - room, high + room]


def _stacked(values: NDArray[np.float64], numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Dots in order of size, those that would cover each other stacked."""
    found: list[dict[str, Any]] = []
    known = [(float(v), n) for v, n in zip(values, numbers, strict=True) if not math.isnan(v)]
    if not known:
        return found
    low, high = min(v for v, _ in known), max(v for v, _ in known)
    width = (max(high, 0.0) - min(low, 0.0)) / ABREAST or 1.0
    heights: dict[int, int] = {}
    for value, number in sorted(known):
        place = round(value / width)
        heights[place] = heights.get(place, -1) + 1
        found.append({"value": value, "pair": str(number + 1), "stack": float(heights[place])})
    return found


# -- draws ---------------------------------------------------------------------------------


def draws_chart(pairs: Pairs, words: PairWords, *, theme: str) -> Drawing:
    """One pair after the other: where A came out, where the other arm did.

    A parameter that a timer moves on shows one pair at a time; Vega-Lite knows no timers, so
    it is put into the specification by hand.
    """
    mode = mode_of(theme)
    known = ~np.isnan(pairs.b - pairs.a)
    rows: list[dict[str, Any]] = [
        {"value": float(value * pairs.scale), "arm": arm, "k": k, "pair": str(number + 1)}
        for k, (number, a, b) in enumerate(
            zip(np.asarray(pairs.replicates)[known], pairs.a[known], pairs.b[known], strict=True)
        )
        for arm, value in (("A", a), (pairs.letter, b))
    ]
    arms = ["A", pairs.letter]
    ink, n = INK[mode], int(known.sum())
    domain = _domain([float(row["value"]) for row in rows] or [1.0])
    domain[0] = 0.0 if domain[0] > -0.2 * domain[1] else domain[0]
    x = alt.X("value:Q", title=words.axis).scale(domain=domain, nice=False)
    x = x.axis(labelExpr=GROUPED if domain[1] > 10 else alt.Undefined, grid=False, tickCount=6,
               labelColor=ink, titleColor=ink)  # fmt: skip
    y = alt.Y("arm:N", title=None, sort=arms)
    y = y.axis(labelFontSize=15, labelFontWeight=700, ticks=False, domain=False, labelColor=ink)
    colour = alt.Color("arm:N", legend=None).scale(
        domain=arms, range=[COLOURS[mode][arm] for arm in arms]
    )
    base = alt.Chart(data_of(rows))
    now = base.transform_filter("datum.k == t")
    tick = base.mark_tick(opacity=0.3, thickness=2, height=22)
    layers = [
        tick.encode(x=x, y=y, color=colour),
        now.mark_line(color=ink, strokeWidth=2, opacity=0.6).encode(x=x, y=y, detail="k:Q"),
        now.mark_circle(size=260, opacity=1).encode(x=x, y=y, color=colour),
    ]
    chart = alt.LayerChart(layer=layers).add_params(alt.param(name="t", value=0))
    spec = chart.properties(height=DRAWS_HEIGHT).to_dict(validate=False)
    (moving,) = (param for param in spec["params"] if param["name"] == "t")
    moving["on"] = [{"events": {"type": "timer", "throttle": EVERY},
                     "update": f"(t + 1) % {max(1, n)}"}]  # fmt: skip
    return Drawing(spec, *_pair_table(pairs))
