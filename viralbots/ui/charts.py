"""Charts: numbers in, `altair` chart out; no Streamlit and no state here.

Colours are fixed by role and told apart by colour-blind people as well: benefit blue, harm
orange, counter-message violet. Lines also differ in dash and carry their name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Role = Literal["benefit", "counter", "harm", "before"]
POINTS = 240
HEIGHT = 330
COLOURS: dict[str, dict[Role, str]] = {
    "light": {"benefit": "#0b63b0", "counter": "#8a3d8c", "harm": "#b3470b", "before": "#66717d"},
    "dark": {"benefit": "#6bb8ff", "counter": "#e29be0", "harm": "#ff9f5e", "before": "#9aa6b2"},
}
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
    """A band with its name and its role, which decides the colour."""

    name: str
    role: Role
    band: Band


@dataclass(frozen=True)
class Labels:
    """Words on the chart, in the reader's language."""

    x: str
    y: str
    guess: str
    low: str
    median: str
    high: str


def band(curve: NDArray[np.int64], last_hour: int | None = None) -> Band:
    """Quantiles over runs of a curve, thinned to at most `POINTS` points.

    Parameters
    ----------
    curve : int64[n_rep, hours + 1]
    last_hour : int, optional
        Where to stop; default: the end.
    """
    last = curve.shape[1] - 1 if last_hour is None else min(last_hour, curve.shape[1] - 1)
    hours = np.unique(np.linspace(0, last, min(POINTS, last + 1)).round().astype(np.int64))
    low, median, high = np.quantile(curve[:, hours], (0.05, 0.5, 0.95), axis=0)
    return Band(hours / 24, low, median, high)


def settled_hour(curve: NDArray[np.int64]) -> int:
    """Hour after which nearly nothing changes in any run, with a margin of a quarter.

    At least two days, at most the end of the curve.
    """
    last = curve.shape[1] - 1
    still = (curve[:, -1:] - curve) > np.maximum(1, 0.005 * curve[:, -1:])
    moving = np.flatnonzero(still.any(axis=0))
    end = int(moving[-1]) + 1 if moving.size else 0
    return min(last, max(48, int(end * 1.25)))


def growth_chart(
    lines: Sequence[Line], labels: Labels, *, guess: float | None, theme: str
) -> alt.LayerChart:
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
    """
    colours = COLOURS["dark" if theme == "dark" else "light"]
    frame = pd.concat([_frame(line) for line in lines], ignore_index=True)
    ends = _ends(lines)
    top = max(1.0, float(frame["high"].max()), guess or 0.0) * 1.14
    day = float(frame["day"].max())
    roles = [line.role for line in lines]
    colour = alt.Color("role:N", legend=None).scale(
        domain=roles, range=[colours[role] for role in roles]
    )
    dash = alt.StrokeDash("role:N", legend=None).scale(
        domain=roles, range=[DASHES[role] for role in roles]
    )
    x = alt.X("day:Q", title=labels.x).scale(domain=[0, day], nice=False)
    x = x.axis(grid=False, tickMinStep=1, format="d", tickCount=8)
    y = alt.Y("median:Q", title=labels.y).scale(domain=[0, top], nice=False)
    y = y.axis(format=",d", tickCount=5, titlePadding=10)
    base = alt.Chart(frame)
    layers: list[alt.Chart] = [
        base.mark_area(opacity=0.16).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour),
        base.mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, strokeDash=dash),
        _hover(base, x, labels),
        alt.Chart(ends)
        .mark_text(align="right", fontSize=13, fontWeight=600, clip=False)
        .encode(x="day:Q", y="at:Q", text="text:N", color=colour),
    ]
    if guess is not None:
        layers += _guess_layers(guess, labels.guess, colours["before"])
    return alt.layer(*layers).properties(height=HEIGHT)


def _frame(line: Line) -> pd.DataFrame:
    b = line.band
    return pd.DataFrame(
        {"day": b.day, "low": b.low, "median": b.median, "high": b.high,
         "role": line.role, "name": line.name}
    )  # fmt: skip


def _ends(lines: Sequence[Line]) -> pd.DataFrame:
    """Where each line's name goes: above its end, moved apart where two would collide."""
    top = max(1.0, *(float(line.band.high.max()) for line in lines))
    rows: list[dict[str, object]] = []
    taken: list[float] = []
    for line in lines:
        at = float(line.band.median[-1]) + 0.05 * top
        while any(abs(at - other) < 0.07 * top for other in taken):
            at += 0.02 * top
        taken.append(at)
        end = f"{line.band.median[-1]:,.0f}".replace(",", "\u202f")
        text = f"{line.name}: {end}"
        rows.append({"day": float(line.band.day[-1]), "at": at, "text": text, "role": line.role})
    return pd.DataFrame(rows)


def _hover(base: alt.Chart, x: alt.X, labels: Labels) -> alt.Chart:
    """An invisible wide line that answers the mouse with numbers."""
    return base.mark_line(strokeWidth=16, opacity=0).encode(
        x=x,
        y="median:Q",
        detail="role:N",
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("day:Q", title=labels.x, format=".1f"),
            alt.Tooltip("median:Q", title=labels.median, format=",.0f"),
            alt.Tooltip("low:Q", title=labels.low, format=",.0f"),
            alt.Tooltip("high:Q", title=labels.high, format=",.0f"),
        ],
    )


def _guess_layers(guess: float, name: str, colour: str) -> list[alt.Chart]:
    base = alt.Chart(pd.DataFrame({"guess": [guess], "name": [name], "day": [0.0]}))
    rule = base.mark_rule(strokeDash=[6, 4], strokeWidth=2, color=colour).encode(y="guess:Q")
    text = base.mark_text(
        align="left", dx=6, dy=-8, fontSize=13, fontWeight=600, color=colour
    ).encode(x="day:Q", y="guess:Q", text="name:N")
    return [rule, text]
