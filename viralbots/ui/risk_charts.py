"""Charts of the risk page: groups, one run and its ghost, what would have stopped it.

Pure: numbers in, a specification out. Colours by role as everywhere (`viralbots.ui.charts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from viralbots.ui.charts import COLOURS, GROUND, GROUPED, INK, POINTS, Role

FONT = 13
LABEL, BAR, GAP = 19, 14, 9  # pixels: a line of words, a bar, between two groups
HEIGHT, SMALL = 300, 190
ABOVE = 0.05  # of the height: how far words stand above the end of their line
MIDDLE = 0.5  # of the width: further left the name of a mark stands on its right


def _mode(theme: str) -> str:
    return "dark" if theme == "dark" else "light"


def _words(
    base: alt.Chart, field: str, x: alt.X, y: alt.Y, style: dict[str, Any], ground: str
) -> list[alt.Chart]:
    """Words with a rim of the background, so that nothing runs through them."""
    words = base.encode(x=x, y=y, text=f"{field}:N")
    rim = {**style, "color": ground, "stroke": ground, "strokeWidth": 4, "strokeJoin": "round"}
    return [words.mark_text(**rim), words.mark_text(**style)]


def _styles(ink: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of a name at the left and of a number at the right."""
    bold = {"align": "left", "fontSize": FONT, "fontWeight": 600, "color": ink}
    return bold, {"align": "right", "fontSize": FONT, "color": ink}


# -- groups ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """One group: its name, its figure, the words at the right, and whether it stands out."""

    label: str
    value: float
    text: str
    is_most: bool


def bars(rows: Sequence[Bar], average: float, average_words: str, *, theme: str) -> dict[str, Any]:
    """A bar for each group below its name, with a tick where the average is."""
    mode = _mode(theme)
    ink, colour = INK[mode], COLOURS[mode]["harm"]
    step = LABEL + BAR + GAP
    height = step * len(rows) + LABEL
    top = max([average, *(row.value for row in rows)]) * 1.02 or 1.0
    placed = [
        {"label": row.label, "text": row.text, "value": row.value, "zero": 0.0, "right": top,
         "words": LABEL + place * step + LABEL / 2, "from": LABEL + place * step + LABEL,
         "to": LABEL + place * step + LABEL + BAR, "opacity": 1.0 if row.is_most else 0.55}
        for place, row in enumerate(rows)
    ]  # fmt: skip
    base = alt.Chart(alt.InlineData(values=placed))

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", title=None, axis=None).scale(domain=[0, top], nice=False)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", title=None, axis=None).scale(domain=[height, 0], nice=False)

    line = alt.Chart(alt.InlineData(values=[{**row, "value": average} for row in placed]))
    named = alt.Chart(alt.InlineData(values=[
        {"value": average, "words": LABEL / 2, "text": average_words}
    ]))  # fmt: skip
    is_right = average > MIDDLE * top
    side: dict[str, Any] = {"align": "right" if is_right else "left", "fontSize": 12, "color": ink}
    bold, right = _styles(ink)
    layers = [
        base.mark_rect(color=colour).encode(
            x=x("zero"), x2="value:Q", y=y("from"), y2="to:Q",
            opacity=alt.Opacity("opacity:Q", scale=None, legend=None),
        ),
        line.mark_rule(color=ink, strokeWidth=2).encode(x=x("value"), y=y("from"), y2="to:Q"),
        *_words(named, "text", x("value"), y("words"), side, GROUND[mode]),
        *_words(base, "label", x("zero"), y("words"), bold, GROUND[mode]),
        *_words(base, "text", x("right"), y("words"), right, GROUND[mode]),
    ]  # fmt: skip
    chart = alt.LayerChart(layer=layers).properties(height=height + 10)
    return chart.to_dict()


# -- one run and its ghost -------------------------------------------------------------


@dataclass(frozen=True)
class Curve:
    """A count over time, int64[hours + 1], as it went and as its ghost went."""

    role: Role
    real: NDArray[np.int64]
    ghost: NDArray[np.int64] | None


@dataclass(frozen=True)
class Names:
    """Words on a chart of one run: axis, run and ghost; are lines named or only counted?"""

    x: str
    real: str
    ghost: str
    is_written: bool = True


def run_chart(
    curve: Curve, names: Names, marks: Sequence[tuple[float, str]], last_hour: int, *,
    theme: str, height: int = HEIGHT,
) -> dict[str, Any]:  # fmt: skip
    """One run as a line, its ghost as a dashed one, and numbered marks above them."""
    mode = _mode(theme)
    ink, colours = INK[mode], COLOURS[mode]
    rows, ends = _run_rows(curve, names, last_hour)
    day = last_hour / 24
    top = max(1.0, *(float(row["count"]) for row in rows)) * (1.16 + 0.08 * bool(marks))
    x = alt.X("day:Q", title=names.x).scale(domain=[0, day], nice=False)
    x = x.axis(grid=False, format="~g", tickCount=6, labelColor=ink, titleColor=ink)
    y = alt.Y("count:Q", title=None).scale(domain=[0, top], nice=False)
    y = y.axis(labelExpr=GROUPED, tickCount=4, tickMinStep=1, labelColor=ink)
    colour = alt.Color("of:N", legend=None).scale(
        domain=["real", "ghost"], range=[colours[curve.role], colours["before"]]
    )
    dash = alt.StrokeDash("of:N", legend=None).scale(
        domain=["real", "ghost"], range=[[1, 0], [5, 4]]
    )
    base, tips = alt.Chart(alt.InlineData(values=rows)), [
        alt.Tooltip("name:N", title=" "), alt.Tooltip("day:Q", title=names.x, format=".1f"),
        alt.Tooltip("count:Q", title=" ", format=","),
    ]  # fmt: skip
    layers = [
        base.mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, strokeDash=dash),
        base.mark_line(strokeWidth=14, opacity=0).encode(x=x, y=y, detail="of:N", tooltip=tips),
        *_end_words(ends, top, mode, colours, curve.role),
        *_numbers([mark for mark in marks if mark[0] <= day], day, mode),
    ]
    chart = alt.LayerChart(layer=layers).properties(height=height)
    return chart.to_dict()


def _run_rows(
    curve: Curve, names: Names, last_hour: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    hours = np.unique(np.linspace(0, last_hour, min(POINTS, last_hour + 1)).round().astype(int))
    rows, ends = [], []
    for of, name, counts in (
        ("real", names.real, curve.real),
        ("ghost", names.ghost, curve.ghost),
    ):
        if counts is None:
            continue
        rows += [{"day": hour / 24, "count": int(counts[hour]), "of": of, "name": name}
                 for hour in hours.tolist()]  # fmt: skip
        end = int(counts[last_hour])
        shown = f"{end:,}".replace(",", "\u202f")
        text = f"{name} {shown}" if names.is_written else shown
        ends.append({"day": last_hour / 24, "count": end, "of": of, "text": text})
    return rows, ends


def _end_words(
    ends: list[dict[str, Any]], top: float, mode: str, colours: dict[Role, str], role: Role
) -> list[alt.Chart]:
    """The name of each line above its end; of two that are close, the lower one's below."""
    layers: list[alt.Chart] = []
    rows = sorted(ends, key=lambda row: row["count"])
    is_close = len(rows) == 2 and rows[1]["count"] - rows[0]["count"] < 0.2 * top
    for place, end in enumerate(rows):
        is_below = is_close and place == 0 and end["count"] > 0.12 * top
        at = end["count"] + (-1.2 if is_below else 1) * ABOVE * top
        if is_close and place == 1 and rows[0]["count"] <= 0.12 * top:
            at = max(at, rows[0]["count"] + 3 * ABOVE * top)
        base = alt.Chart(alt.InlineData(values=[{**end, "at": at}]))
        colour = colours[role] if end["of"] == "real" else colours["before"]
        style: dict[str, Any] = {"align": "right", "fontSize": FONT, "fontWeight": 600,
                                 "color": colour}  # fmt: skip
        layers += _words(base, "text", alt.X("day:Q"), alt.Y("at:Q"), style, GROUND[mode])
    return layers


def _numbers(marks: Sequence[tuple[float, str]], last: float, mode: str) -> list[alt.Chart]:
    """Thin lines at days with their number on top; numbers that would collide step down."""
    layers: list[alt.Chart] = []
    placed: list[tuple[float, int]] = []
    for day, text in marks:
        row = 0
        while any(abs(day - other) < 0.035 * last and row == taken for other, taken in placed):
            row += 1
        placed.append((day, row))
        base = alt.Chart(alt.InlineData(values=[{"day": day, "text": text}]))
        at = alt.value(10 + 19 * row)
        layers += [
            base.mark_rule(strokeWidth=1, color=INK[mode], opacity=0.35).encode(x="day:Q"),
            base.mark_point(size=260, filled=True, color=INK[mode], opacity=1).encode(
                x="day:Q", y=at
            ),
            base.mark_text(fontSize=11, fontWeight=700, color=GROUND[mode]).encode(
                x="day:Q", y=at, text="text:N"
            ),
        ]
    return layers


# -- what would have stopped it --------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One measure: change of harm and of benefit in %, each mean, low and high."""

    label: str
    harm: tuple[float, float, float]
    benefit: tuple[float, float, float]
    harm_text: str
    benefit_text: str


def changes(rows: Sequence[Change], words: str, *, theme: str) -> dict[str, Any]:
    """Two brackets for each measure about a line of nought: harm above, benefit below."""
    mode = _mode(theme)
    ink = INK[mode]
    step = LABEL + 2 * BAR + GAP
    height = step * len(rows)
    values = [value for row in rows for triple in (row.harm, row.benefit) for value in triple]
    high = min(60.0, max([8.0, *(v for v in values if v == v)]))
    placed = _brackets(rows, step, high)
    named = [
        {"left": -104, "right": high + 4, "label": row.label, "harm": row.harm_text,
         "words": place * step + LABEL / 2}
        for place, row in enumerate(rows)
    ]  # fmt: skip
    x = alt.X("mean:Q", title=words).scale(domain=[-104, high + 4], nice=False)
    x = x.axis(values=[-100, -75, -50, -25, 0, 25, 50], grid=True, gridOpacity=0.35,
               labelExpr="replace(datum.label, '-', '−') + ' %'", labelColor=ink,
               titleColor=ink, domain=False, ticks=False)  # fmt: skip
    y = alt.Y("at:Q", title=None, axis=None).scale(domain=[height, 0], nice=False, zero=False)
    colour = alt.Color("role:N", legend=None).scale(
        domain=["harm", "benefit"], range=[COLOURS[mode]["harm"], COLOURS[mode]["benefit"]]
    )
    base, names = (alt.Chart(alt.InlineData(values=data)) for data in (placed, named))
    zero = alt.Chart(alt.InlineData(values=[{"mean": 0, "at": 0, "to": height}]))
    at = alt.Y("words:Q", title=None, axis=None)
    bold, right = _styles(ink)
    layers = [
        zero.mark_rule(strokeWidth=1.5, color=ink, opacity=0.7).encode(x=x, y=y, y2="to:Q"),
        base.mark_rule(strokeWidth=3).encode(x=alt.X("low:Q"), x2="high:Q", y=y, color=colour),
        base.mark_point(size=70, filled=True, opacity=1).encode(
            x=x, y=y, color=colour, shape=alt.Shape("role:N", legend=None).scale(
                domain=["harm", "benefit"], range=["circle", "diamond"])
        ),
        *_words(names, "label", alt.X("left:Q"), at, bold, GROUND[mode]),
        *_words(names, "harm", alt.X("right:Q"), at, right, GROUND[mode]),
    ]  # fmt: skip
    chart = alt.LayerChart(layer=layers).properties(height=height + 56)
    return chart.to_dict()


def _brackets(rows: Sequence[Change], step: int, high: float) -> list[dict[str, Any]]:
    """Both brackets of each measure, cut off where the chart ends."""
    return [
        {"mean": max(-100.0, min(high, mean)), "low": max(-100.0, low), "high": min(high, top),
         "at": place * step + LABEL + BAR * (0.5 + second), "role": role}
        for place, row in enumerate(rows)
        for second, (role, (mean, low, top)) in enumerate(
            (("harm", _ends(row.harm)), ("benefit", _ends(row.benefit))))
        if mean == mean
    ]  # fmt: skip


def _ends(triple: tuple[float, float, float]) -> tuple[float, float, float]:
    """The bracket, or the mean itself where there is none."""
    mean, low, high = triple
    return (mean, low, high) if low == low and high == high else (mean, mean, mean)
