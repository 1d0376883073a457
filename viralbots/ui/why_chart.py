"""Why did she do it? One decision as two charts: what adds up, and the chance beside the draw.

Pure: a decision, a language and a theme in, `altair` charts out; no Streamlit here. Bars are told
apart by group (four colours that colour-blind people can tell apart, always in the same order)
and by how their size is known (pale: assumed).
"""

from __future__ import annotations

import json
from itertools import accumulate, pairwise
from typing import Any

import altair as alt

from viralbots.experiments import story_words as words
from viralbots.experiments.decision import ONE, Decision
from viralbots.experiments.story_words import of
from viralbots.ui.charts import GROUND, INK, data_of
from viralbots.ui.i18n import Texts
from viralbots.ui.why_steps import (
    GROUPS,
    MANY,
    Step,
    decimal,
    draw_text,
    odds_of,
    signed,
    start_of,
    steps_of,
)

COLOURS = {
    "light": dict(zip(GROUPS, ("#0b63b0", "#1f9e89", "#7a1f6e", "#d1590b"), strict=True)),
    "dark": dict(zip(GROUPS, ("#4f9ff0", "#58d6a8", "#f2b0ea", "#ff8a3d"), strict=True)),
}
FAINT = {"light": "#dfe5eb", "dark": "#2c3845"}
"""Of lines that only guide the eye, and of the part of an axis that means no."""
PALE = 0.3
ROW, BAR = 25, 0.32  # height of a row in pixels; half a bar's height in rows
HEAD = 2.3  # rows above the first one, for the legend and the name of the draw
AXIS = 64  # pixels below them, with what Streamlit leaves free
LABELS = 142  # pixels left of the bars
FONT = 12
_FAR_APART = (0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97, 0.99,
              0.999)  # fmt: skip
TICKS = (_FAR_APART, *([n / m for n in range(1, m)] for m in (20, 100, 1000)))
"""Chances that may be written below the axis: the first of these lists with enough of them."""
FEWEST_TICKS, MOST_TICKS = 3, 5
REACH = 2.5  # log-odds beyond the bars up to which a draw is drawn in its place


# -- what adds up --------------------------------------------------------------------------


def why_chart(t: Texts, decision: Decision, *, theme: str) -> alt.LayerChart:
    """The influences as a waterfall from the start to the sum, and the draw as a dashed line.

    Log-odds add up, chances do not: the axis is one of log-odds, its numbers are chances.

    Parameters
    ----------
    theme : str
        light or dark.
    """
    mode = "dark" if theme == "dark" else "light"
    steps, start = steps_of(t, decision), start_of(decision) / ONE
    levels = list(accumulate((step.adds for step in steps), initial=start))
    needed = odds_of(decision.draw / MANY)
    low, high = min(levels), max(levels)
    at = min(max(needed, low - REACH), high + REACH)
    low, high = min(low, at), max(high, at)
    room = 0.16 * (high - low) + 0.3  # for the numbers beside the bars
    span = (low - 0.3 * room, high + room)
    names = [t("term.const"), *(step.name for step in steps), t("why.sum")]
    y = alt.Y("row:Q", title=None).scale(domain=[len(names) - 0.5, -HEAD], nice=False, zero=False)
    y = y.axis(
        values=list(range(len(names))), tickCount=len(names),
        labelExpr=f"{json.dumps(names)}[datum.value]",
        labelLimit=LABELS, minExtent=LABELS, maxExtent=LABELS, labelFontSize=FONT, labelPadding=6,
        labelColor=INK[mode], grid=False, ticks=False, domain=False, labelOverlap=False,
    )  # fmt: skip
    layers = [
        *_line_of_draw(t, decision, (needed, at, sum(span) / 2), len(names), mode),
        _connections(levels, mode),
        _bars(t, steps, levels, _x(t, span, mode), y, mode),
        *_ends(t, decision, levels, sum(span) / 2, mode),
    ]
    chart: alt.LayerChart = alt.LayerChart(layer=layers)
    height = ROW * (len(names) + HEAD) + AXIS
    return chart.properties(height=height, view=alt.ViewBackground(stroke=None))


def _x(t: Texts, span: tuple[float, float], mode: str) -> alt.X:
    """The axis of log-odds with chances as its numbers."""
    found = ([odds_of(p) for p in ps if span[0] <= odds_of(p) <= span[1]] for ps in TICKS)
    ticks = next((ticks for ticks in found if len(ticks) >= FEWEST_TICKS), [])
    ticks = ticks[:: -(-len(ticks) // MOST_TICKS) or 1]
    x = alt.X("from:Q", title=t("why.axis")).scale(domain=list(span), nice=False, zero=False)
    return x.axis(
        values=ticks, tickCount=len(ticks),
        labelExpr="format(100 / (1 + exp(-datum.value)), '.3~r') + ' %'",
        labelColor=INK[mode], titleColor=INK[mode], gridColor=FAINT[mode], labelFontSize=FONT,
        titleFontSize=FONT, titleFontWeight="normal", titlePadding=6, labelPadding=4,
        ticks=False, labelOverlap="greedy", domain=False,
    )  # fmt: skip


def _bars(
    t: Texts, steps: list[Step], levels: list[float], x: alt.X, y: alt.Y, mode: str
) -> alt.Chart:
    """A bar for each influence, from where the ones before have led to where it leads."""
    rows: list[dict[str, Any]] = [
        {"from": before, "to": after, "row": row - BAR, "end": row + BAR, "group": step.group,
         "name": step.name, "adds": signed(step.adds), "fill": _opacity(step),
         "rim": COLOURS[mode][step.group],
         "group_name": of(words.GROUPS[step.group], t.lang), "mark": t(f"mark.{step.mark}")}
        for row, (step, (before, after)) in enumerate(zip(steps, pairwise(levels), strict=True), 1)
    ]  # fmt: skip
    scale = alt.Scale(domain=GROUPS, range=list(COLOURS[mode].values()))
    names = json.dumps({group: of(words.GROUPS[group], t.lang) for group in GROUPS})
    legend = alt.Legend(
        title=None, orient="none", direction="horizontal", labelExpr=f"{names}[datum.value]",
        labelColor=INK[mode], labelFontSize=FONT, symbolType="square", symbolOpacity=1,
        columnPadding=12, labelOffset=2, legendX=-LABELS, legendY=0, padding=0,
        fillColor=GROUND[mode],
    )  # fmt: skip
    return alt.Chart(data_of(rows)).mark_bar(cornerRadius=1, strokeWidth=1.5).encode(
        x=x, x2="to:Q", y=y, y2="end:Q", fill=alt.Fill("group:N", scale=scale, legend=legend),
        stroke=alt.Stroke("rim:N", scale=None, legend=None),
        fillOpacity=alt.FillOpacity("fill:Q", scale=None, legend=None),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("adds:N", title=t("why.adds")),
                 alt.Tooltip("group_name:N", title=t("why.group")),
                 alt.Tooltip("mark:N", title=t("why.mark"))],
    )  # fmt: skip


def _opacity(step: Step) -> float:
    return PALE if step.mark == "assumed" else 1.0


def _connections(levels: list[float], mode: str) -> alt.Chart:
    """Thin lines that lead from one bar to the next."""
    rows = [{"from": level, "row": row, "end": row + 1} for row, level in enumerate(levels)]
    chart = alt.Chart(data_of(rows))
    return chart.mark_rule(color=INK[mode], strokeWidth=1, opacity=0.5).encode(
        x="from:Q", y="row:Q", y2="end:Q"
    )


def _ends(
    t: Texts, decision: Decision, levels: list[float], middle: float, mode: str
) -> list[alt.Chart]:
    """The start and the sum as strokes, and a number beside every row."""
    last = len(levels)
    strokes = [{"from": levels[0], "row": -BAR, "end": BAR},
               {"from": levels[-1], "row": last - 1.4 * BAR, "end": last + 1.4 * BAR}]  # fmt: skip
    numbers = [{"from": levels[0], "row": 0, "text": decimal(levels[0])}]
    numbers += [{"from": max(pair), "row": row, "text": signed(pair[1] - pair[0])}
                for row, pair in enumerate(pairwise(levels), 1)]  # fmt: skip
    chance = words.percent(decision.probability, t.lang)
    total = {
        "from": levels[-1],
        "row": last,
        "text": f"{decimal(levels[-1])} \N{RIGHTWARDS ARROW} {chance}",
    }
    is_left = levels[-1] > middle
    stroke = alt.Chart(data_of(strokes)).mark_rule(
        color=INK[mode], strokeWidth=3
    ).encode(x="from:Q", y="row:Q", y2="end:Q")  # fmt: skip
    return [
        stroke,
        *_words(numbers, mode),
        *_words([total], mode, is_left=is_left, fontWeight=600),
    ]


def _words(
    rows: list[dict[str, Any]], mode: str, *, is_left: bool = False, **mark: Any
) -> list[alt.Chart]:
    """Words beside a place, with a rim of the ground so that no line runs through them."""
    side = {"align": "right", "dx": -5} if is_left else {"align": "left", "dx": 5}
    shown = {**side, "fontSize": FONT, "baseline": "middle", **mark}
    base = alt.Chart(data_of(rows)).encode(x="from:Q", y="row:Q", text="text:N")
    rim = base.mark_text(
        **shown, stroke=GROUND[mode], strokeWidth=4, strokeJoin="round", color=GROUND[mode]
    )
    return [rim, base.mark_text(**shown, color=INK[mode])]


def _line_of_draw(
    t: Texts, decision: Decision, place: tuple[float, float, float], n_rows: int, mode: str
) -> list[alt.Chart]:
    """Where the sum would have had to be; only an arrow where that is off the chart.

    Parameters
    ----------
    place : (float, float, float)
        Log-odds of the draw, where its line stands, and the middle of the axis.
    """
    needed, at, middle = place
    text = t("why.draw", draw=draw_text(decision, t.lang))
    if needed > at:
        text += " \N{RIGHTWARDS ARROW}"
    elif needed < at:
        text = "\N{LEFTWARDS ARROW} " + text
    name = _words([{"from": at, "row": -0.8, "text": text}], mode, is_left=at > middle)
    if at != needed:
        return name
    row = [{"from": at, "row": -0.95, "end": n_rows - 0.5}]
    rule = alt.Chart(data_of(row)).mark_rule(
        color=INK[mode], strokeDash=[5, 4], strokeWidth=1.5
    ).encode(x="from:Q", y="row:Q", y2="end:Q")  # fmt: skip
    return [rule, *name]


# -- chance and draw -----------------------------------------------------------------------


def chance_chart(t: Texts, decision: Decision, *, theme: str) -> alt.LayerChart:
    """The chance as a part of the whole, and the draw as a mark: inside that part means yes."""
    mode = "dark" if theme == "dark" else "light"
    chance, draw = decision.probability / MANY, decision.draw / MANY
    parts = [{"from": 0.0, "to": chance, "part": "yes"}, {"from": chance, "to": 1.0, "part": "no"}]
    axis = alt.Axis(
        format="%", values=[0, 0.25, 0.5, 0.75, 1], grid=False, labelColor=INK[mode],
        titleColor=INK[mode], labelFontSize=FONT,
        labelExpr="format(100 * datum.value, 'd') + ' %'", labelPadding=4,
        ticks=False, domain=False,
    )  # fmt: skip
    x = alt.X("from:Q", title=None, axis=axis).scale(domain=[0, 1], nice=False)
    colour = alt.Color("part:N", legend=None).scale(
        domain=["yes", "no"], range=[COLOURS[mode]["incentive"], FAINT[mode]]
    )
    bar = alt.Chart(data_of(parts)).mark_bar(size=16)
    said = t("why.chance", chance=words.percent(decision.probability, t.lang))
    drawn = t("why.draw", draw=draw_text(decision, t.lang))
    layers = [
        bar.encode(x=x, x2="to:Q", y=alt.value(30), color=colour),
        *_named(chance, 10, said, mode),
        *_named(draw, 52, drawn, mode),
        _mark_of_draw(draw, mode),
    ]
    chart: alt.LayerChart = alt.LayerChart(layer=layers)
    return chart.properties(height=66 + AXIS - 20, view=alt.ViewBackground(stroke=None))


def _named(at: float, y: int, text: str, mode: str) -> list[alt.Chart]:
    """A name at a place of the chance axis, turned inwards."""
    is_left = at > 0.5
    chart = alt.Chart(data_of([{"from": at, "text": text}]))
    mark: dict[str, Any] = {
        "align": "right" if is_left else "left", "dx": 4 if is_left else -4, "fontSize": 13,
        "fontWeight": 600, "color": INK[mode], "baseline": "middle",
    }  # fmt: skip
    return [chart.mark_text(**mark).encode(x="from:Q", y=alt.value(y), text="text:N")]


def _mark_of_draw(draw: float, mode: str) -> alt.Chart:
    chart = alt.Chart(data_of([{"from": draw}]))
    return chart.mark_rule(color=INK[mode], strokeWidth=3).encode(
        x="from:Q", y=alt.value(18), y2=alt.value(42)
    )
