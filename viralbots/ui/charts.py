"""Charts: numbers in, `altair` chart out; no Streamlit and no state here.

Colours are fixed by role and told apart by colour-blind people as well: benefit blue, harm
orange, counter-message violet. Lines also differ in dash and carry their name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import numpy as np
from numpy.typing import NDArray

from viralbots.ui.i18n import number

Role = Literal["benefit", "counter", "harm", "before"]
POINTS = 240
SINGLE_RUNS = 40  # thin lines at most
HEIGHT = 330
ABOVE = 0.04  # of the height: how far words stand above their line
GROUPED = "replace(format(datum.value, ',d'), /,/g, '\u202f')"  # as in `i18n.number`
MIRRORED = 0.6  # of the width: further right the name of a mark stands on its left
SETTLED = 0.015  # share of the end that is still to come where a curve may be cut
COLOURS: dict[str, dict[Role, str]] = {
    "light": {"benefit": "#0b63b0", "counter": "#8a3d8c", "harm": "#b3470b", "before": "#66717d"},
    "dark": {"benefit": "#6bb8ff", "counter": "#e29be0", "harm": "#ff9f5e", "before": "#9aa6b2"},
}
INK = {"light": "#3f4a55", "dark": "#c3ccd5"}
"""Of numbers and titles of the axes."""
GROUND = {"light": "#ffffff", "dark": "#10171f"}
"""Of the page, as in ``.streamlit/config.toml``."""
WORDS: dict[str, Any] = {"align": "right", "fontSize": 13, "fontWeight": 600}
DASHES: dict[Role, list[int]] = {
    "benefit": [1, 0], "counter": [7, 3], "harm": [2, 2], "before": [3, 4],
}  # fmt: skip


@dataclass(frozen=True)
class Band:
    """A count over time across runs: median and the 5–95 % spread of runs.

    Attributes
    ----------
    day : float64[points]
    low, median, high : float64[points]
        5 %, 50 % and 95 % quantiles over runs.
    """

    day: NDArray[np.float64]
    low: NDArray[np.float64]
    median: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """A band with its name, its role, which decides the colour, and the number at its end.

    ``runs``, int64[runs, points], are single runs to be drawn as thin lines: where some take
    off and some do not, no run looks like the median.
    """

    name: str
    role: Role
    band: Band
    end: float
    runs: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Mark:
    """A day from which something is different, and what."""

    day: float
    name: str


@dataclass(frozen=True)
class Labels:
    """Words on the chart, in the reader's language."""

    x: str
    guess: str
    low: str
    median: str
    high: str


def line_of(
    name: str, role: Role, curve: NDArray[np.int64], last_hour: int, *, single_runs: bool = False
) -> Line:
    """A line up to an hour; the number at its end is the median at the end of the runs."""
    runs = curve[:SINGLE_RUNS, _hours(curve, last_hour)] if single_runs else None
    return Line(name, role, band(curve, last_hour), float(np.median(curve[:, -1])), runs)


def _hours(curve: NDArray[np.int64], last_hour: int | None) -> NDArray[np.int64]:
    """At most `POINTS` hours up to the last one that is shown."""
    last = curve.shape[1] - 1 if last_hour is None else min(last_hour, curve.shape[1] - 1)
    return np.unique(np.linspace(0, last, min(POINTS, last + 1)).round().astype(np.int64))


def data_of(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Rows as the data of a chart, in a form that altair neither copies nor checks row by row.

    With `altair.InlineData` it does both, several times a chart, which takes a tenth of a second
    in which nobody else's page moves.
    """
    return {"values": tuple(rows)}


def band(curve: NDArray[np.int64], last_hour: int | None = None) -> Band:
    """Quantiles over runs of a curve, thinned to at most `POINTS` points.

    Parameters
    ----------
    curve : int64[n_rep, hours + 1]
    last_hour : int, optional
        Where to stop; default: the end.
    """
    hours = _hours(curve, last_hour)
    low, median, high = np.quantile(curve[:, hours], (0.05, 0.5, 0.95), axis=0)
    return Band(hours / 24, low, median, high)


def settled_hour(curve: NDArray[np.int64]) -> int:
    """Hour after which nearly nothing changes in any run, with a margin of a quarter.

    At least two days, at most the end of the curve.
    """
    last = curve.shape[1] - 1
    still = (curve[:, -1:] - curve) > np.maximum(1, SETTLED * curve[:, -1:])
    moving = np.flatnonzero(still.any(axis=0))
    end = int(moving[-1]) + 1 if moving.size else 0
    return min(last, max(48, int(end * 1.25)))


def growth_chart(
    lines: Sequence[Line], labels: Labels, *, guess: float | None, theme: str,
    marks: Sequence[Mark] = (),
) -> alt.LayerChart:  # fmt: skip
    """Median lines in their bands, named at the end, with the guess as a dashed rule.

    Parameters
    ----------
    lines : sequence of Line
        The first is the one that the chart is about.
    labels : Labels
    guess : float or None
        Where the reader thought it would end.
    theme : str
        light or dark.
    marks : sequence of Mark
        Days with a thin line from top to bottom; those after the end are left out.
    """
    colours = COLOURS["dark" if theme == "dark" else "light"]
    rows = [row for line in lines for row in _rows(line)]
    top = max(1.0, *(float(line.band.high.max()) for line in lines), guess or 0.0) * 1.14
    ends = _ends(lines, top, guess)
    day = max(float(line.band.day[-1]) for line in lines)
    roles = [line.role for line in lines]
    colour = alt.Color("role:N", legend=None).scale(
        domain=roles, range=[colours[role] for role in roles]
    )
    dash = alt.StrokeDash("role:N", legend=None).scale(
        domain=roles, range=[DASHES[role] for role in roles]
    )
    x = alt.X("day:Q", title=labels.x).scale(domain=[0, day], nice=False)
    ink = INK["dark" if theme == "dark" else "light"]
    x = x.axis(grid=False, tickMinStep=1, format="d", tickCount=8, labelColor=ink, titleColor=ink)
    y = alt.Y("median:Q", title=None).scale(domain=[0, top], nice=False)
    y = y.axis(labelExpr=GROUPED, tickCount=5, tickMinStep=1, labelColor=ink)
    base = alt.Chart(data_of(rows))
    layers: list[alt.Chart] = [
        base.mark_area(opacity=0.16).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour),
        base.mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, strokeDash=dash),
        *(_single_runs(line, colours[line.role]) for line in lines if line.runs is not None),
        _hover(base, x, labels),
        *_text(alt.Chart(data_of(ends)), "text", "at", colour, theme),
    ]
    if guess is not None:
        row = {"guess": guess, "at": guess + ABOVE * top, "day": day, "name": labels.guess}
        layers += _guess_layers(row, theme)
    layers += _mark_layers([mark for mark in marks if mark.day <= day], day, ink)
    chart: alt.LayerChart = alt.LayerChart(layer=layers).properties(height=HEIGHT)
    return chart


def _rows(line: Line) -> list[dict[str, object]]:
    """A band as rows, with its numbers as they are read."""
    b = line.band
    return [
        {"day": float(day), "low": float(low), "median": float(median), "high": float(high),
         "low_text": number(low), "median_text": number(median), "high_text": number(high),
         "role": line.role, "name": line.name}
        for day, low, median, high in zip(b.day, b.low, b.median, b.high, strict=True)
    ]  # fmt: skip


def _single_runs(line: Line, colour: str) -> alt.Chart:
    runs = line.runs if line.runs is not None else np.zeros((0, 0), np.int64)
    rows = [
        {"day": float(day), "median": int(value), "run": number}
        for number, run in enumerate(runs)
        for day, value in zip(line.band.day[::2], run[::2], strict=True)
    ]
    chart = alt.Chart(data_of(rows))
    return chart.mark_line(strokeWidth=1, opacity=0.4, color=colour).encode(
        x="day:Q", y="median:Q", detail="run:N"
    )


def _ends(lines: Sequence[Line], top: float, guess: float | None) -> list[dict[str, object]]:
    """Where each line's name goes: above its end, moved apart where two would collide."""
    rows: list[dict[str, object]] = []
    taken: list[float] = [] if guess is None else [guess + ABOVE * top]
    for line in lines:
        at = float(line.band.median[-1]) + ABOVE * top
        while any(abs(at - other) < 0.07 * top for other in taken):
            at += 0.02 * top
        taken.append(at)
        text = f"{line.name} {number(line.end)}"
        rows.append({"day": float(line.band.day[-1]), "at": at, "text": text, "role": line.role})
    return rows


def _hover(base: alt.Chart, x: alt.X, labels: Labels) -> alt.Chart:
    """An invisible wide line that answers the mouse with numbers."""
    return base.mark_line(strokeWidth=16, opacity=0).encode(
        x=x,
        y="median:Q",
        detail="role:N",
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("day:Q", title=labels.x, format=".1f"),
            alt.Tooltip("median_text:N", title=labels.median),
            alt.Tooltip("low_text:N", title=labels.low),
            alt.Tooltip("high_text:N", title=labels.high),
        ],
    )


def _text(
    base: alt.Chart, field: str, at: str, colour: alt.Color | alt.ColorValue, theme: str
) -> list[alt.Chart]:
    """Words at the right edge, with a rim of the background so that no line runs through."""
    words = base.encode(x="day:Q", y=f"{at}:Q", text=f"{field}:N")
    ground = GROUND["dark" if theme == "dark" else "light"]
    rim = words.mark_text(**WORDS, stroke=ground, strokeWidth=4, strokeJoin="round", color=ground)
    return [rim, words.mark_text(**WORDS).encode(color=colour)]


def _guess_layers(row: dict[str, object], theme: str) -> list[alt.Chart]:
    """The guess as a dashed line across the chart, with its name."""
    colour = COLOURS["dark" if theme == "dark" else "light"]["before"]
    base = alt.Chart(data_of([row]))
    rule = base.mark_rule(strokeDash=[6, 4], strokeWidth=2, color=colour).encode(y="guess:Q")
    return [rule, *_text(base, "name", "at", alt.ColorValue(colour), theme)]


def _mark_layers(marks: Sequence[Mark], last: float, ink: str) -> list[alt.Chart]:
    """Thin lines at days, each named at its top; names stand below each other."""
    layers: list[alt.Chart] = []
    for place, mark in enumerate(marks):
        base = alt.Chart(data_of([{"day": mark.day, "name": mark.name}]))
        is_right = mark.day > MIRRORED * last
        side, gap = ("right", -5) if is_right else ("left", 5)
        words: dict[str, Any] = {"align": side, "dx": gap}
        layers += [
            base.mark_rule(strokeWidth=1, color=ink, opacity=0.7).encode(x="day:Q"),
            base.mark_text(**words, fontSize=12, color=ink, baseline="top").encode(
                x="day:Q", y=alt.value(2 + 16 * place), text="name:N"
            ),
        ]
    return layers
