"""The charts of a comparison: what is drawn, in which colours, and that the table is the same."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from typing import Any

import numpy as np
import pytest
import vl_convert
from numpy.typing import NDArray

from viralbots.ui.arms import LETTERS
from viralbots.ui.charts import GROUND
from viralbots.ui.compare_charts import COLOURS, DASHES, ArmLine, Drawing, Words, overlay, panels
from viralbots.ui.compare_dots import Pairs, PairWords, Row, draws_chart, figures, pairs_chart

WORDS = Words("Day", "5 %", "median", "95 %")
PAIR_WORDS = PairWords("B minus A", "pair", "difference", "mean")
# Machado, Oliveira & Fernandes 2009, severity 1: protanopia, deuteranopia, tritanopia.
BLIND = (
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
     [-0.003882, -0.048116, 1.051998]],
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
     [-0.011820, 0.042940, 0.968881]],
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
     [0.004733, 0.691367, 0.303900]],
)  # fmt: skip


def line(letter: str, top: float) -> ArmLine:
    curve = np.linspace(0, top, 101).round().astype(np.int64)
    return ArmLine(letter, f"Way {letter}", np.stack([curve, curve, 2 * curve]))


def table(drawing: Drawing) -> list[dict[str, str]]:
    text = drawing.as_csv().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def drawn_rows(drawing: Drawing, has: str) -> list[dict[str, Any]]:
    """The data of the first layer whose rows have a field."""
    found = [rows for rows in drawing.spec["datasets"].values() if rows and has in rows[0]]
    return list(found[0])


def svg(drawing: Drawing) -> str:
    text: str = vl_convert.vegalite_to_svg({**drawing.spec, "width": 600})
    return text


# -- colours -------------------------------------------------------------------------------


def linear(colour: str) -> NDArray[np.float64]:
    part = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def lab(light: NDArray[np.float64]) -> NDArray[np.float64]:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.array(to_xyz) @ light.clip(0, 1) / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_six_colours_are_told_apart_by_everybody(theme: str) -> None:
    for one, other in itertools.combinations(COLOURS[theme].values(), 2):
        for eye in map(np.array, BLIND):
            distance = np.linalg.norm(lab(eye @ linear(one)) - lab(eye @ linear(other)))
            assert distance > 25, (one, other)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_names_in_the_colour_of_their_arm_can_be_read(theme: str) -> None:
    weights = np.array([0.2126, 0.7152, 0.0722])
    for colour in COLOURS[theme].values():
        a, b = sorted((linear(colour) @ weights, linear(GROUND[theme]) @ weights))
        assert (b + 0.05) / (a + 0.05) >= 4.5, colour


def test_arms_differ_in_their_dashes_as_well() -> None:
    assert list(COLOURS["light"]) == list(COLOURS["dark"]) == list(DASHES) == list(LETTERS)
    assert len({tuple(dash) for dash in DASHES.values()}) == len(LETTERS)


# -- curves --------------------------------------------------------------------------------


def test_the_table_of_the_curves_is_what_is_drawn() -> None:
    drawing = overlay([line("A", 100), line("C", 40)], WORDS, theme="light", last_hour=48)
    rows, shown = table(drawing), drawn_rows(drawing, "low")
    assert len(rows) == len(shown) == 2 * 49
    for row, point in zip(rows, shown, strict=True):
        numbers = [float(row[name]) for name in ("day", "p5", "median", "p95")]
        assert numbers == [point[name] for name in ("day", "low", "median", "high")]
        assert row["arm"] == point["letter"]
    assert max(float(row["day"]) for row in rows) == 2.0


def test_an_arm_keeps_its_colour_whatever_else_is_drawn() -> None:
    for theme in ("light", "dark"):
        text = svg(overlay([line("B", 100), line("F", 40)], WORDS, theme=theme))
        assert COLOURS[theme]["B"] in text and COLOURS[theme]["F"] in text
        assert COLOURS[theme]["A"] not in text


@pytest.mark.parametrize("tops", [(100, 100, 100, 100), (0, 0, 0, 0), (-50, -50, 0, 0)])
def test_names_at_the_ends_neither_cover_each_other_nor_leave_the_chart(
    tops: tuple[float, ...],
) -> None:
    lines = [line(letter, top) for letter, top in zip(LETTERS, tops, strict=False)]
    drawing = overlay(lines, WORDS, theme="light", has_zero=True)
    bottom, top = drawing.spec["layer"][-3]["encoding"]["y"]["scale"]["domain"]
    places = sorted(row["at"] for row in drawn_rows(drawing, "at"))
    assert bottom < places[0] and places[-1] < top
    gaps = [b - a for a, b in itertools.pairwise(places)]
    assert min(gaps) >= 0.06 * (top - bottom)


def test_a_difference_is_drawn_about_a_line_of_nought() -> None:
    away = line("B", -80)
    with_zero = overlay([away], WORDS, theme="light", has_zero=True)
    without = overlay([away], WORDS, theme="light")
    assert len(with_zero.spec["layer"]) == len(without.spec["layer"]) + 1
    assert with_zero.spec["layer"][0]["mark"]["type"] == "rule"
    domain = with_zero.spec["layer"][2]["encoding"]["y"]["scale"]["domain"]
    assert domain[0] < -160 and domain[1] > 0


def test_small_charts_share_their_scales_and_show_the_others_faintly() -> None:
    small = panels([line(letter, 10 * (k + 1)) for k, letter in enumerate(LETTERS)], WORDS,
                   theme="dark")  # fmt: skip
    assert len(small) == 6
    domains = {str(d.spec["layer"][0]["encoding"]["y"]["scale"]["domain"]) for d in small}
    assert len(domains) == 1
    assert [{row["arm"] for row in table(d)} for d in small] == [{x} for x in LETTERS]
    assert sum(layer["mark"].get("opacity") == 0.4 for layer in small[0].spec["layer"]) == 5


# -- figures -------------------------------------------------------------------------------


def row(name: str, mean: float, low: float, high: float, *, is_decided: bool = True) -> Row:
    return Row(name, f"Label {name}", f"text {name}", "", mean, low, high, is_decided)


def test_each_figure_has_its_own_scale_about_one_line_of_nought() -> None:
    rows = [row("reach", -9000, -9500, -8000), row("trust", 0.01, -0.01, 0.02, is_decided=False)]
    drawing = figures(rows, "harm", "less | more", theme="light")
    first, second = drawn_rows(drawing, "words_at")
    assert (first["left"], first["dot"]) == (-1.0, pytest.approx(-9000 / 9500))
    assert (second["left"], second["dot"], second["right"]) == (-0.5, 0.5, 1.0)
    assert [float(r["difference"]) for r in table(drawing)] == [-9000.0, 0.01]


def test_figures_stand_below_each_other_in_the_picture() -> None:
    rows = [row(str(k), k - 3.0, k - 4.0, k - 2.0) for k in range(6)]
    text = svg(figures(rows, "benefit", "less | more", theme="dark"))
    heights = [
        float(re.search(rf'translate\([\d.-]+,([\d.-]+)\)"[^>]*>Label {k}<', text).group(1))  # type: ignore[union-attr]
        for k in range(6)
    ]
    assert heights == sorted(heights) and min(np.diff(heights)) > 40


def test_a_figure_without_a_bracket_is_a_dot() -> None:
    (only,) = drawn_rows(
        figures([row("r", 0.0, math.nan, math.nan)], "benefit", "", theme="light"), "words_at"
    )
    assert only["left"] == only["dot"] == only["right"] == 0.0


# -- pairs ---------------------------------------------------------------------------------


def pairs(*differences: float) -> Pairs:
    b = np.array(differences)
    return Pairs("B", range(len(b)), np.zeros(len(b)), b, float(np.nanmean(b)), -1.0, 2.0)


def test_every_pair_is_a_dot_and_a_row() -> None:
    given = pairs(3.0, -1.0, math.nan, 3.0, 0.0)
    drawing = pairs_chart(given, PAIR_WORDS, theme="light")
    dots = drawn_rows(drawing, "pair")
    assert sorted(dot["value"] for dot in dots) == [-1.0, 0.0, 3.0, 3.0]
    assert sorted(dot["stack"] for dot in dots if dot["value"] == 3.0) == [0.0, 1.0]
    rows = table(drawing)
    assert [r["pair"] for r in rows] == ["1", "2", "3", "4", "5"]
    assert rows[2]["difference"] == "" and rows[1]["difference"] == "-1.0"


@pytest.mark.parametrize("values", [(0.0, 0.0), (math.nan, 5.0), (1e6, -1e6), (1.0,) * 100])
def test_odd_pairs_can_be_drawn(values: tuple[float, ...]) -> None:
    for theme in ("light", "dark"):
        for chart in (pairs_chart, draws_chart):
            assert "<svg" in svg(chart(pairs(*values), PAIR_WORDS, theme=theme))


def test_draws_show_one_pair_at_a_time_moved_on_by_a_timer() -> None:
    drawing = draws_chart(pairs(1.0, math.nan, 2.0), PAIR_WORDS, theme="light")
    vega = vl_convert.vegalite_to_vega({**drawing.spec, "width": 600})
    (moving,) = (signal for signal in vega["signals"] if signal["name"] == "t")
    assert moving["on"][0]["events"]["type"] == "timer"
    assert moving["on"][0]["update"] == "(t + 1) % 2"
    assert {r["k"] for r in drawn_rows(drawing, "k")} == {0, 1}
    assert sum("datum.k == t" in str(layer) for layer in drawing.spec["layer"]) == 2
