"""The outcome in words, and the table: computed from the result, in both languages."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest

from tests.experiments.small import small
from viralbots.experiments import Result, outcome, run_all, summarise
from viralbots.experiments.table import as_data, table, width
from viralbots.experiments.words import number
from viralbots.metrics import METRICS


@pytest.fixture(scope="module")
def base() -> Result:
    return run_all(small(), replicates=3)


def told(base: Result, **columns: list[float]) -> Result:
    """The result with some metrics replaced, as if these had been the runs."""
    from dataclasses import replace

    n = len(next(iter(columns.values())))
    values = {name: np.resize(column, n).astype(float) for name, column in base.values.items()}
    values |= {name: np.array(column, float) for name, column in columns.items()}
    metrics = {name: summarise(column) for name, column in values.items()}
    return replace(
        base, values=values, metrics=metrics, n_users=10_000, replicates=tuple(range(n))
    )


def plain(sentences: list[str]) -> str:
    return "\n".join(sentences).replace("\N{NO-BREAK SPACE}", " ")


QUIET = {"complaints": [0, 0], "deceived": [0, 0], "backlash": [math.nan] * 2, "r": [0.2, 0.3]}


def test_a_campaign_that_nobody_follows_fizzles(base: Result) -> None:
    result = told(base, take_off=[0, 0], reach=[30, 46], **QUIET)
    assert "It fizzled: 38 of 10 000 heard of it in a typical run." in plain(outcome(result))
    assert "没有传开：典型的一次运行中，10 000人里只有38人听说了它。" in plain(
        outcome(result, "zh")
    )
    assert "below 1, so it dies out" in plain(outcome(result))
    assert "小于1，会自行消失" in plain(outcome(result, "zh"))


def test_a_broadcast_that_nobody_follows_did_not_spread_by_itself(base: Result) -> None:
    result = told(base, take_off=[0, 0], reach=[3000, 3200], size=[100, 110],
                  voluntary_share=[0.1, 0.1], **QUIET)  # fmt: skip
    text = plain(outcome(result))
    assert "did not spread by itself: 3 100 of 10 000" in text and "but only 10 passed" in text
    assert "主动转发的只有10人" in plain(outcome(result, "zh"))


def test_runs_with_two_humps_are_told_apart(base: Result) -> None:
    result = told(base, take_off=[1, 1, 0], reach=[6000, 6200, 40], size=[2000, 2200, 30])
    text = plain(outcome(result))
    assert "It took off in 2 of 3 runs; then typically 6 100 of 10 000 heard of it" in text
    assert "In the other one it fizzled at 40." in text
    assert "3次运行中有2次引爆" in plain(outcome(result, "zh"))


def test_one_run_is_called_one_run(base: Result) -> None:
    result = told(base, take_off=[1], reach=[6000], size=[2000], r=[1.3])
    assert "in this run" in plain(outcome(result))
    assert "one run proves nothing" in plain(outcome(result))
    assert "这一次运行" in plain(outcome(result, "zh"))


@pytest.mark.parametrize(("r", "took_off", "words"), [
    ([1.4, 1.5, 1.45], [1, 1, 1], "above 1, enough to grow"),
    ([1.4, 1.5, 1.45], [0, 0, 0], "above 1, and yet it did not take off"),
    ([0.9, 1.0, 1.04], [1, 0, 0], "close to 1, where luck decides"),
    ([0.9, 1.0, 1.04], [1, 1, 1], "close to 1, and yet it took off"),
    ([0.9, 1.0, 1.04], [0, 0, 0], "close to 1, but it did not take off"),
    ([0.2, 0.3, 0.25], [0, 0, 0], "below 1, so it dies out by itself"),
    ([0.2, 0.3, 0.25], [1, 1, 1], "below 1 at first, and yet it took off"),
    ([0.2, 1.0, 1.9], [1, 0, 1], "more runs would tell"),
])  # fmt: skip
def test_r_is_judged_by_its_bracket_and_agrees_with_what_happened(
    base: Result, r: list[float], took_off: list[float], words: str
) -> None:
    assert words in plain(outcome(told(base, r=r, take_off=took_off)))


def test_what_was_read_from_a_network_file_is_told(base: Result) -> None:
    from dataclasses import replace

    from viralbots.experiments.words import network

    facts = {"kind": "imported", "n_users": 4039, "n_ties": 88_234, "self_loops": 3,
             "duplicates": 0}  # fmt: skip
    read = replace(base, facts=facts)
    assert plain(network(read)) == (
        "Network: 4 039 users and 88 234 ties read; 3 self-loops and 0 repeated ties dropped."
    )
    assert "4 039名用户、88 234条联系" in plain(network(read, "zh"))
    assert network(base) == []


def test_harm_is_told_beside_the_benefit(base: Result) -> None:
    harm = {"complaints": [12, 14], "complaints_per_1000": [1.4, 1.4], "deceived": [340, 360],
            "deceived_person_hours": [5000, 5200]}  # fmt: skip
    text, chinese = (plain(outcome(told(base, **harm), lang)) for lang in ("en", "zh"))
    assert (
        "The price: 13 complaints (1.4 per 1000, above 1: mail providers warn); 350 people "
        "deceived, for 15 hours"
    ) in text
    assert (
        "13次投诉（每千条1.4次，超过1，邮件服务商会警告）；350人受骗，平均每人被蒙在鼓里15小时"
        in chinese
    )


def test_harmlessness_is_told_too(base: Result) -> None:
    result = told(base, take_off=[0, 0], reach=[30, 46], **QUIET)
    assert "no complaints and nobody deceived" in plain(outcome(result))


def test_a_backlash_is_told_with_how_often_it_came(base: Result) -> None:
    result = told(base, backlash=[1, 0, 0, 1], counter_size=[200, 0, 0, 300])
    assert "A backlash came in 2 of 4 runs; typically 100 spread" in plain(outcome(result))
    assert "4次运行中有2次引发反噬" in plain(outcome(result, "zh"))
    none = told(base, backlash=[math.nan] * 4)
    assert "backlash" not in plain(outcome(none))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_there_are_two_to_four_sentences_and_nothing_undefined_in_them(
    base: Result, lang: str
) -> None:
    sentences = outcome(base, lang)
    assert 2 <= len(sentences) <= 4
    assert "nan" not in plain(sentences)
    if lang == "zh":
        assert not re.search(r"[A-Za-z]{2,}|[,;] ", plain(sentences))


def test_numbers_have_fewer_decimals_the_larger_they_are() -> None:
    assert [number(v) for v in (0.0, 0.00213, 0.0213, 0.213, 2.13, 21.3, 213.4)] == [
        "0", "0.00213", "0.0213", "0.213", "2.13", "21.3", "213",
    ]  # fmt: skip
    assert number(math.nan) == "–"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_table_fits_a_terminal(base: Result, lang: str) -> None:
    lines = table(base, lang).splitlines()
    assert max(width(line) for line in lines) <= 100
    assert METRICS["reach"].label[lang] in lines[2]


@pytest.mark.parametrize(("lang", "columns"), [("en", 72), ("zh", 64)])
def test_a_narrow_terminal_sees_no_broken_lines(base: Result, lang: str, columns: int) -> None:
    text = table(base, lang, columns)
    assert max(width(line) for line in text.splitlines()) <= columns
    assert "--json" in text and "[" not in text.splitlines()[2]
    assert table(base, lang, 200) == table(base, lang)


def test_the_data_are_valid_json_with_undefined_numbers_as_null(base: Result) -> None:
    data = json.loads(json.dumps(as_data(base), allow_nan=False))
    assert data["digest"] == base.digest and data["n_replicates"] == 3
    assert data["metrics"]["fan_out:truth"]["mean"] is None
    reach = data["metrics"]["reach"]
    assert reach["mean"] == base.metrics["reach"].mean
    assert set(reach) == {"mean", "sd", "p5", "p50", "p95", "low", "high", "n", "unit",
                          "direction", "code"}  # fmt: skip
    assert data["metrics"]["complaints_per_1000"]["code"] == "H3"
