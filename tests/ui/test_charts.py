"""Charts are pure: numbers in, specification out."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from viralbots.ui.charts import (
    COLOURS,
    GROUND,
    INK,
    POINTS,
    Labels,
    band,
    growth_chart,
    line_of,
    settled_hour,
)  # fmt: skip

ROOT = Path(__file__).resolve().parents[2]
LABELS = Labels("Day", "Your guess", "low", "median", "high")


def curve(n_runs: int = 11, hours: int = 720) -> np.ndarray:
    rise = np.minimum(np.arange(hours + 1), 100)
    return (np.arange(n_runs)[:, None] * rise[None, :]).astype(np.int64)


def test_a_band_holds_the_median_and_ninety_per_cent_of_runs() -> None:
    found = band(curve())
    assert len(found.day) <= POINTS
    assert found.median[-1] == 500
    assert (found.low[-1], found.high[-1]) == pytest.approx((50, 950))
    assert found.day[0] == 0
    assert found.day[-1] == 30


def test_a_band_ends_where_it_is_told() -> None:
    assert band(curve(), 48).day[-1] == 2


def test_the_chart_is_cut_where_nothing_changes_any_more() -> None:
    assert 100 <= settled_hour(curve()) <= 150
    assert settled_hour(np.zeros((3, 721), np.int64)) == 48
    assert settled_hour(np.zeros((3, 25), np.int64)) == 24


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_are_fixed_by_role(theme: str) -> None:
    lines = [
        line_of("Message", "benefit", curve(), 720),
        line_of("Against", "counter", curve(), 720),
    ]
    for shown in (lines, lines[::-1]):
        spec = growth_chart(shown, LABELS, guess=None, theme=theme).to_dict()
        scale = spec["layer"][0]["encoding"]["color"]["scale"]
        found = dict(zip(scale["domain"], scale["range"], strict=True))
        assert found == {role: COLOURS[theme][role] for role in ("benefit", "counter")}


def test_the_guess_is_a_dashed_rule_and_fits_on_the_chart() -> None:
    lines = [line_of("Message", "benefit", curve(), 720)]
    spec = growth_chart(lines, LABELS, guess=5000, theme="light").to_dict()
    rules = [layer for layer in spec["layer"] if layer["mark"]["type"] == "rule"]
    assert rules[0]["mark"]["strokeDash"]
    assert spec["layer"][1]["encoding"]["y"]["scale"]["domain"][1] > 5000
    spec = growth_chart(lines, LABELS, guess=None, theme="light").to_dict()
    assert all(layer["mark"]["type"] != "rule" for layer in spec["layer"])


def test_names_at_the_ends_of_lines_do_not_collide() -> None:
    lines = [line_of(role, role, curve(), 720) for role in ("benefit", "counter", "before")]
    spec = growth_chart(lines, LABELS, guess=None, theme="light").to_dict()
    texts = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "text")
    rows = spec["datasets"][texts["data"]["name"]] if "name" in texts["data"] else []
    heights = sorted(row["at"] for row in rows or texts["data"]["values"])
    assert min(np.diff(heights)) >= 0.06 * curve()[:, -1].max()


def test_the_ground_is_that_of_the_theme() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    found = {theme: config["theme"][theme]["backgroundColor"] for theme in GROUND}
    assert found == GROUND


@pytest.mark.parametrize(("theme", "ground"), GROUND.items())
def test_lines_and_names_stand_out_from_the_background(theme: str, ground: str) -> None:
    def light(colour: str) -> float:
        parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    for colour in (*COLOURS[theme].values(), INK[theme]):
        low, high = sorted((light(colour), light(ground)))
        assert (high + 0.05) / (low + 0.05) >= 4.5, colour
