"""Charts of a comparison over time: numbers in, a drawing out; no Streamlit here.

Each arm has a colour, a dash and a letter, so that nobody has to tell it by colour alone. The
colours keep a distance of 26 (CIE Lab) for all kinds of colour blindness and a contrast of 4.6
to the page, in both themes (`tests/ui/test_compare_charts.py`).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from viralbots.experiments.csv_text import Cell, write_table
from viralbots.ui.arms import LETTERS
from viralbots.ui.charts import GROUND, GROUPED, INK, WORDS, Band, band, data_of
from viralbots.ui.i18n import number

COLOURS: dict[str, dict[str, str]] = {
    "light": dict(zip(LETTERS, ("#2d343b", "#15825b", "#aa4daa", "#bf5500", "#0f41cf", "#492906"),
                      strict=True)),
    "dark": dict(zip(LETTERS, ("#cad6df", "#09ed95", "#f093f5", "#e7631a", "#447df9", "#f7de4b"),
                     strict=True)),
}  # fmt: skip
DASHES: dict[str, list[int]] = dict(
    zip(LETTERS, ([1, 0], [8, 3], [2, 2], [10, 3, 2, 3], [5, 2], [1, 3]), strict=True)
)
HEIGHT, SMALL_HEIGHT = 320, 190
MOST_OVERLAID = 4
"""Arms in one chart; more are drawn side by side."""
PALE = 0.16
"""Opacity of bands; half of it where many lie on each other."""
APART = 0.065  # of the height, between the names of two lines
ABOVE, BELOW = 0.14, 0.06  # of the height, left free for names


@dataclass(frozen=True)
class Drawing:
    """A chart as Vega-Lite, and exactly the numbers that are drawn."""

    spec: dict[str, Any]
    names: tuple[str, ...]
    rows: list[tuple[Cell, ...]]

    def as_csv(self) -> bytes:
        """The numbers as a table."""
        target = io.BytesIO()
        write_table(target, {}, self.names, self.rows, is_ascii=False)
        return target.getvalue()


@dataclass(frozen=True)
class ArmLine:
    """A count over time of one arm: ``curve``, int64[runs, hours + 1]."""

    letter: str
    title: str
    curve: NDArray[np.int64]


@dataclass(frozen=True)
class Words:
    """Words on the charts, in the reader's language."""

    day: str
    low: str
    median: str
    high: str


@dataclass(frozen=True)
class _Line:
    letter: str
    title: str
    band: Band


def mode_of(theme: str) -> str:
    """``dark`` or ``light``."""
    return "dark" if theme == "dark" else "light"


def overlay(
    arms: Sequence[ArmLine], words: Words, *, theme: str, last_hour: int | None = None,
    has_zero: bool = False,
) -> Drawing:  # fmt: skip
    """Medians in their 5–95 % bands, named at the end.

    Parameters
    ----------
    arms : sequence of ArmLine
        Each drawn in the colour of its letter.
    theme : str
        light or dark.
    last_hour : int, optional
        Where to stop.
    has_zero : bool
        The curves are differences: nought is a line of its own.
    """
    lines = [_Line(arm.letter, arm.title, band(arm.curve, last_hour)) for arm in arms]
    top, bottom = _extent(lines)
    chart = _chart(lines, words, (top, bottom), theme, has_zero=has_zero)
    return Drawing(chart.properties(height=HEIGHT).to_dict(), *_table(lines))


def panels(
    arms: Sequence[ArmLine], words: Words, *, theme: str, last_hour: int | None = None
) -> list[Drawing]:
    """One small chart for each arm on the same scales, the others as faint lines behind it."""
    lines = [_Line(arm.letter, arm.title, band(arm.curve, last_hour)) for arm in arms]
    extent = _extent(lines)
    found = []
    for line in lines:
        behind = [other for other in lines if other is not line]
        chart = _chart([line], words, extent, theme, behind=behind)
        found.append(Drawing(chart.properties(height=SMALL_HEIGHT).to_dict(), *_table([line])))
    return found


def _extent(lines: Sequence[_Line]) -> tuple[float, float]:
    top = max(1.0, *(float(line.band.high.max()) for line in lines))
    bottom = min(0.0, *(float(line.band.low.min()) for line in lines))
    height = top - bottom
    return top + ABOVE * height, bottom - BELOW * height if bottom < 0 else 0.0


def _chart(
    lines: Sequence[_Line], words: Words, extent: tuple[float, float], theme: str, *,
    behind: Sequence[_Line] = (), has_zero: bool = False,
) -> alt.LayerChart:  # fmt: skip
    mode = mode_of(theme)
    top, bottom = extent
    letters = [line.letter for line in lines]
    colour = alt.Color("letter:N", legend=None).scale(
        domain=letters, range=[COLOURS[mode][letter] for letter in letters]
    )
    dash = alt.StrokeDash("letter:N", legend=None).scale(
        domain=letters, range=[DASHES[letter] for letter in letters]
    )
    day = max(float(line.band.day[-1]) for line in (*lines, *behind))
    ink = INK[mode]
    x = alt.X("day:Q", title=words.day).scale(domain=[0, day], nice=False)
    x = x.axis(grid=False, tickMinStep=1, format="d", tickCount=6, labelColor=ink, titleColor=ink)
    y = alt.Y("median:Q", title=None).scale(domain=[bottom, top], nice=False)
    y = y.axis(labelExpr=GROUPED, tickCount=5, tickMinStep=1, labelColor=ink)
    base = alt.Chart(data_of([row for line in lines for row in _values(line)]))
    layers = [_faint(other, x, y, mode) for other in behind]
    if has_zero:
        layers.append(_zero(ink))
    layers += [
        base.mark_area(opacity=PALE if len(lines) < MOST_OVERLAID else PALE / 2).encode(
            x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour
        ),
        base.mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, strokeDash=dash),
        base.mark_line(strokeWidth=16, opacity=0).encode(
            x=x, y=y, detail="letter:N", tooltip=_tooltip(words)
        ),
        *_names(_ends(lines, top, bottom), colour, mode),
    ]
    return alt.LayerChart(layer=layers)


def _values(line: _Line) -> list[dict[str, object]]:
    b = line.band
    return [
        {"day": float(day), "low": float(low), "median": float(median), "high": float(high),
         "low_text": number(low), "median_text": number(median), "high_text": number(high),
         "letter": line.letter, "name": f"{line.letter} · {line.title}"}
        for day, low, median, high in zip(b.day, b.low, b.median, b.high, strict=True)
    ]  # fmt: skip


def _table(lines: Sequence[_Line]) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    rows: list[tuple[Cell, ...]] = []
    for line in lines:
        b = line.band
        for day, low, median, high in zip(b.day, b.low, b.median, b.high, strict=True):
            numbers = tuple(float(value) for value in (day, low, median, high))
            rows.append((line.letter, line.title, *numbers))
    return ("arm", "title", "day", "p5", "median", "p95"), rows


def _tooltip(words: Words) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("day:Q", title=words.day, format=".1f"),
        alt.Tooltip("median_text:N", title=words.median),
        alt.Tooltip("low_text:N", title=words.low),
        alt.Tooltip("high_text:N", title=words.high),
    ]


def _faint(line: _Line, x: alt.X, y: alt.Y, mode: str) -> alt.Chart:
    rows = [{"day": float(d), "median": float(m)}
            for d, m in zip(line.band.day, line.band.median, strict=True)]  # fmt: skip
    base = alt.Chart(data_of(rows))
    return base.mark_line(strokeWidth=1.25, opacity=0.4, color=INK[mode]).encode(x=x, y=y)


def _zero(ink: str) -> alt.Chart:
    base = alt.Chart(data_of([{"median": 0}]))
    return base.mark_rule(strokeWidth=1.5, color=ink).encode(y="median:Q")


def _ends(lines: Sequence[_Line], top: float, bottom: float) -> list[dict[str, object]]:
    """Where the name of each line goes: above its end, moved apart, never out of the chart."""
    gap = APART * (top - bottom)
    order = sorted(lines, key=lambda line: float(line.band.median[-1]))
    places: list[float] = []
    for line in order:
        at = float(line.band.median[-1]) + 0.6 * gap
        places.append(max(at, places[-1] + gap) if places else max(at, bottom + 0.6 * gap))
    limit = top - 0.5 * gap
    for k in range(len(places) - 1, -1, -1):
        places[k] = min(places[k], limit)
        limit = places[k] - gap
    return [
        {"day": float(line.band.day[-1]), "at": at, "letter": line.letter,
         "text": f"{line.letter}  {number(float(line.band.median[-1]))}"}
        for line, at in zip(order, places, strict=True)
    ]  # fmt: skip


def _names(
    rows: list[dict[str, object]], colour: alt.Color, mode: str
) -> tuple[alt.Chart, alt.Chart]:
    """Words at the right edge, with a rim of the background so that no line runs through."""
    words = alt.Chart(data_of(rows)).encode(x="day:Q", y="at:Q", text="text:N")
    ground = GROUND[mode]
    rim = words.mark_text(**WORDS, dx=-3, stroke=ground, strokeWidth=4, strokeJoin="round",
                          color=ground)  # fmt: skip
    return rim, words.mark_text(**WORDS, dx=-3).encode(color=colour)
