"""A comparison in words and as a table: what is said, in both languages."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from tests.experiments.small import small
from viralbots.experiments import Result, run_all
from viralbots.experiments.comparison import Comparison, compare
from viralbots.experiments.comparison_notes import NOTES, Note, note_words
from viralbots.experiments.comparison_table import table
from viralbots.experiments.comparison_words import PHRASES, sentence, sentences
from viralbots.experiments.difference import difference_of
from viralbots.experiments.table import width
from viralbots.metrics import METRICS

NAN = math.nan
STEADY = [400.0, 412.0, 424.0, 418.0, 406.0, 412.0, 409.0, 415.0, 410.0, 414.0]


def told(
    differences: list[float], name: str = "reach", lang: str = "en", relevant: float = NAN
) -> str:
    treatment = np.array(differences) + 1000
    found = difference_of(name, np.full(len(treatment), 1000.0), treatment, relevant=relevant)
    return sentence(found, "B", lang).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def base() -> Result:
    return run_all(small(), seed=4, replicates=8)


@pytest.fixture(scope="module")
def comparison(base: Result) -> Comparison:
    """Three arms: one with less forwarding, one with too few pairs on another network."""
    limited = small(interventions=[{"kind": "forward_limit", "limit": 5}])
    elsewhere = small(network={"n_users": 500})
    arms = [run_all(limited, seed=4, replicates=8), run_all(elsewhere, seed=4, replicates=5)]
    return compare([base, *arms])


def test_a_difference_is_told_with_its_bracket_and_its_pairs() -> None:
    assert told(STEADY) == (
        "With the same luck, B reached 412 more users than A "
        "(95 % bracket 407 to 417; B was ahead in 10 of 10 pairs)."
    )
    assert told(STEADY, lang="zh") == (
        "运气相同时，B方案中听说的人比A多412人（95%区间407至417；10对中B有10对领先）。"
    )


def test_less_is_told_as_less_and_who_was_ahead() -> None:
    text = told([-v for v in STEADY])
    assert "B reached 412 fewer users than A (95 % bracket 407 to 417; A was ahead" in text
    assert "比A少412人（95%区间407至417；10对中A有10对领先）" in told(
        [-v for v in STEADY], lang="zh"
    )


def test_harm_is_called_harm() -> None:
    more, less = told(STEADY, "deceived"), told([-v for v in STEADY], "deceived")
    assert more.startswith("More harm: with the same luck, B deceived 412 more users than A")
    assert less.startswith("Less harm: with the same luck, B deceived 412 fewer users than A")
    assert "B had less in 10 of 10 pairs" in less
    assert told(STEADY, "deceived", "zh").startswith("危害较大：运气相同时，B比A多骗了412人")


def test_shares_of_runs_are_told_as_so_many_of_100() -> None:
    text = told([1, 1, 1, 1, 1, 0, 0, 0, 0, 0], "take_off")
    assert "B took off in 50 more of 100 runs than A (95 % bracket 8.37 to 76.3;" in text


def test_a_metric_without_a_phrase_is_told_by_its_label() -> None:
    text = told([v / 1000 for v in STEADY], "trust")
    assert "“Trust in the brand” was 0.412 higher in B than in A" in text
    assert "B的“品牌信任度”比A高0.412" in told([v / 1000 for v in STEADY], "trust", "zh")
    assert "“Heard of it (truth)” was 412 users higher" in told(STEADY, "reach:truth")


def test_no_difference_is_told_with_what_may_have_gone_unseen() -> None:
    noisy = [30.0, -40.0, 55.0, -21.0, 18.0, -15.0, 44.0, -30.0]
    text = told(noisy)
    assert text == (
        "No difference seen in “Heard of it”: B − A is 5.12 (95 % bracket −25.1 to 35.3), at "
        "most 35.3 users; 8 pairs may well miss one below 41.7; if the mean stays as it is, "
        "about 190 more would decide."
    )
    assert "8对很可能看不出小于41.7的差别；若平均差值不变，大约再加190对" in told(noisy, lang="zh")
    assert "more than 100 000 further pairs" in told([1.0, -1.0, 2.0, -2.0])


def test_what_was_equal_in_all_pairs_is_not_called_certain() -> None:
    assert told([0.0] * 20) == (
        "Identical in A and B in every one of 20 pairs: “Heard of it”. A difference in fewer "
        "than about 14 % of pairs cannot be excluded."
    )
    assert "不能排除在不到约14%的情形中有差别" in told([0.0] * 20, lang="zh")
    assert "the same in each of 4 pairs; in fewer than about 53 % it may be otherwise" in told(
        [7.0] * 4
    )


def test_one_pair_is_called_one_pair() -> None:
    assert told([7.0]) == (
        "With the same luck, B reached 7 more users than A (a single pair, which proves nothing)."
    )
    assert "只有一对，说明不了什么" in told([7.0], lang="zh")


def test_a_difference_too_small_to_matter_is_called_that() -> None:
    text = told([3.0, -2.0, 1.0, 0.0, 2.0], relevant=10)
    assert text.startswith("Too small a difference to matter in “Heard of it”: B − A is 0.800 (")
    assert text.endswith("less than 10 users.")


def test_pairs_without_the_figure_are_counted_out() -> None:
    text = told([*STEADY, NAN, NAN], "structural_virality")
    assert "in 10 of 10 pairs; undefined in 2 more" in text
    assert told([NAN, NAN]) == "“Heard of it” is undefined in every pair."


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", METRICS)
def test_every_metric_can_be_told_whatever_came_out(name: str, lang: str) -> None:
    size = 0.001 if METRICS[name].unit == "share" else 1.0
    found = [STEADY, [-v for v in STEADY], [0.0] * 5, [1.0, -1.0, 2.0, -2.0, 1.0], [NAN], [3.0]]
    for differences in found:
        text = told([size * v for v in differences], name, lang)
        assert text.endswith("。" if lang == "zh" else ".") and "nan" not in text
        assert "signific" not in text and "显著" not in text
        if lang == "zh":
            assert not re.search(r"[A-Za-z]{2,}|[,;] ", text)


def test_phrases_fit_their_metrics() -> None:
    for name, (english, chinese) in PHRASES.items():
        assert name in METRICS
        for phrase in (english, chinese):
            assert all(place in phrase for place in ("{b}", "{n}", "{more}"))


def test_common_luck_is_claimed_only_where_there_is_any(comparison: Comparison) -> None:
    assert [t.has_common_luck for t in comparison.treatments] == [True, False]
    text = "\n".join(sentences(comparison))
    of_b, of_c = text.split("A has 600 users")[0], re.findall(r"^.* C .*$", text, re.M)
    assert "With the same luck, B" in of_b and "What common luck was worth" in of_b
    assert of_c and not any("same luck" in line for line in of_c)
    chinese = sentences(comparison, "zh")
    assert any("运气相同时" in line and "B" in line for line in chinese)
    assert not any("运气相同时" in line and "C" in line for line in chinese)


def test_without_common_luck_a_difference_is_told_all_the_same() -> None:
    found = difference_of("size", np.zeros(10), np.array(STEADY))
    text = sentence(found, "C", has_common_luck=False)
    assert text.startswith("In C 412 more users passed it on than in A (")
    assert sentence(found, "C", "zh", has_common_luck=False).startswith("转发C的人比A多412人")


def test_figures_that_were_equal_share_a_sentence(base: Result) -> None:
    lines = sentences(compare([base, replace(base, identity="another")]))
    assert len(lines) == 2 and "“Heard of it”, “Passed it on”, “Took off”" in lines[0]


def test_the_note_on_many_brackets_is_told_once_and_last(comparison: Comparison) -> None:
    for lang, words in (("en", "of 20 figures"), ("zh", "20个其实没有差别")):
        lines = sentences(comparison, lang)
        assert [words in line for line in lines] == [False] * (len(lines) - 1) + [True]


def test_every_note_has_a_sentence_in_both_languages() -> None:
    values = {"n": 3, "pairs": 4, "first": "x", "other": "y", "names": ["p", "q"], "field": "f"}
    for code in NOTES:
        english, chinese = (note_words(Note(code, values), "C", lang) for lang in ("en", "zh"))
        assert english.endswith(".") and chinese.endswith("。")
        assert "{" not in english + chinese


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("columns", [None, 100, 80, 60])
def test_a_table_fits_its_terminal(comparison: Comparison, lang: str, columns: int | None) -> None:
    lines = table(comparison, lang, columns).splitlines()
    figures = lines[: lines.index("") if "" in lines else None]
    assert max(width(line) for line in figures) <= (columns or 100)
    is_whole = re.split("  +", lines[0]) == re.split("  +", table(comparison, lang).split("\n")[0])
    assert ("--json" in "".join(lines)) != is_whole
    assert is_whole == (columns in (None, 100))


def test_a_table_has_a_block_an_arm_and_all_metrics_on_demand(comparison: Comparison) -> None:
    text = table(comparison)
    assert "B − A [95 % bracket]" in text and "C − A [95 % bracket]" in text
    first = text.split("\n\n")[0].splitlines()
    assert "Heard of it" in first[1] and first[1].startswith("+")
    assert "decided" in first[1] and re.search(r"identical|≈|too small", "\n".join(first))
    assert any("(truth)" in line for line in first)
    whole = table(comparison, is_whole=True).split("\n\n")[0].splitlines()
    assert len(whole) == 1 + len(comparison.treatments[0].differences)
