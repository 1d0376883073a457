"""What is written of a result comes back the same, and says what it is."""

from __future__ import annotations

import csv
import dataclasses
import gzip
import io
import math
import struct
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.experiments.small import small
from viralbots.experiments import run_all, summarise
from viralbots.experiments.csv_text import cell, guarded, unguarded, write_table
from viralbots.experiments.export import FORMATS, curves_csv, runs_csv, summary_csv
from viralbots.experiments.summary import Result
from viralbots.run import Run
from viralbots.version import ENGINE_VERSION, METRICS_VERSION, __version__

PAYLOADS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "'=1", "＝1", "''+",
            '=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0")  # fmt: skip


@pytest.fixture(scope="module")
def result() -> Result:
    return run_all(small(), replicates=3)


def written(write: Callable[..., None], *arguments: object, **options: object) -> bytes:
    out = io.BytesIO()
    write(*arguments, out, **options)
    return out.getvalue()


def lines(data: bytes) -> list[dict[str, str]]:
    """The rows of a table as any reader of CSV sees them."""
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, strict=True))


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


def number(text: str) -> float:
    return float(text) if text else math.nan


# -- a line per run ------------------------------------------------------------------------


def test_every_figure_of_every_run_comes_back_bit_by_bit(result):
    rows = lines(written(runs_csv, result))
    assert len(rows) == 3
    for name, values in result.values.items():
        assert [bits(number(row[name])) for row in rows] == [bits(v) for v in values.tolist()]
    assert any(row[name] == "" for row in rows for name in result.values)  # nan is seen


def test_a_run_says_how_to_make_it_again(result):
    rows = lines(written(runs_csv, result))
    for number_of, row in enumerate(rows):
        assert row["scenario"] == "small" and row["identity"] == result.identity
        assert (row["seed"], row["vary"]) == ("1", "luck")
        assert row["replicate"] == str(number_of) and row["world_seed"] == "1"
        assert int(row["run_seed"]) == result.seeds[number_of]  # 20 digits, all of them
        assert row["run_identity"] == result.identities[number_of]
        assert row["result_digest"] == result.digest
        versions = (row["engine_version"], row["metrics_version"], row["program_version"])
        assert versions == (ENGINE_VERSION, METRICS_VERSION, __version__)


def test_the_digest_of_each_run_is_written():
    class Kept(dict):
        def find(self, identity: str, seed: int) -> Run | None:
            return self.get((identity, seed))

        def keep(self, run: Run) -> None:
            self[run.identity, run.seed] = run

    kept = Kept()
    result = run_all(small(), replicates=2, cache=kept)
    digests = [kept[key].digest for key in zip(result.identities, result.seeds, strict=True)]
    rows = lines(written(runs_csv, result))
    assert [row["digest"] for row in rows] == digests


def test_worlds_that_differ_and_runs_that_are_missing_are_seen():
    result = run_all(small(network={"n_users": 200}), replicates=2, vary="world")
    rows = lines(written(runs_csv, result))
    assert len({row["run_identity"] for row in rows}) == 2
    assert [int(row["world_seed"]) for row in rows] == list(result.world_seeds)
    partial = dataclasses.replace(result, replicates=(0, 4))
    assert [row["replicate"] for row in lines(written(runs_csv, partial))] == ["0", "4"]
    assert lines(written(curves_csv, partial))[-1]["replicate"] == "4"


def test_pandas_reads_the_tables_as_they_are_meant(result):
    pandas = pytest.importorskip("pandas")

    def frame(data: bytes):
        return pandas.read_csv(io.BytesIO(data))

    runs = frame(written(runs_csv, result))
    assert runs["run_seed"].tolist() == list(result.seeds)
    for name, values in result.values.items():
        assert np.array_equal(runs[name].to_numpy(np.float64), values, equal_nan=True)
    curves = frame(written(curves_csv, result)).pivot(index="replicate", columns="hour")
    for name, curve in result.curves.items():
        assert np.array_equal(curves[name].to_numpy(), curve)
    summary = frame(written(summary_csv, result))
    assert summary.columns[0] == "scenario"  # the mark at the beginning is not part of it
    assert summary["label_zh"][0] == "听说人数"


# -- curves and summary --------------------------------------------------------------------


def test_curves_have_a_line_for_every_hour_of_every_run(result):
    rows = lines(written(curves_csv, result))
    assert len(rows) == 3 * 73
    assert {row["identity"] for row in rows} == {result.identity}
    for name, curve in result.curves.items():
        found = np.array([int(row[name]) for row in rows]).reshape(3, 73)
        assert np.array_equal(found, curve)
    assert [int(row["hour"]) for row in rows[:73]] == list(range(73))


def test_the_summary_has_bracket_and_band_of_every_metric(result):
    rows = lines(written(summary_csv, result))
    assert len(rows) == len(result.metrics)
    for row, (name, s) in zip(rows, result.metrics.items(), strict=True):
        metric, _, message = name.partition(":")
        assert (row["metric"], row["message"]) == (metric, message or "rumour")
        columns = ("mean", "bracket_low", "bracket_high", "sd", "band_p5", "median", "band_p95")
        wanted = (s.mean, s.low, s.high, s.sd, s.p5, s.p50, s.p95)
        assert [bits(number(row[c])) for c in columns] == [bits(value) for value in wanted]
        assert row["n_runs"] == str(s.n) and row["direction"] in ("good", "bad", "neutral")
        assert row["label_en"] and row["label_zh"] and row["unit_en"] and row["unit_zh"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_title_is_a_formula(result, payload):
    scenario = small(title={"en": payload, "zh": payload})
    data = written(summary_csv, dataclasses.replace(result, scenario=scenario))
    row = lines(data)[0]
    for cell_of in (row["title_en"], row["title_zh"]):
        assert cell_of.lstrip()[0] not in "=+-@＝＋－＠" and cell_of[0] not in "\t\r\n"
        assert unguarded(cell_of) == payload


def test_negative_figures_stay_numbers(result):
    name = next(iter(result.values))
    values = np.array([-1.5, -0.0, math.nan])
    changed = dataclasses.replace(
        result,
        values={**result.values, name: values},
        metrics={**result.metrics, name: summarise([-1.5, -2.5])},
    )
    assert [row[name] for row in lines(written(runs_csv, changed))] == ["-1.5", "-0.0", ""]
    assert lines(written(summary_csv, changed))[0]["mean"] == "-2.0"


# -- bytes ---------------------------------------------------------------------------------


def test_the_same_result_gives_the_same_bytes(result):
    again = run_all(small(), replicates=3, workers=2)
    for form in FORMATS.values():
        if form.of_result:
            assert written(form.of_result, result) == written(form.of_result, again)


def test_only_what_is_not_ascii_begins_with_a_mark(result):
    assert written(runs_csv, result).isascii() and written(curves_csv, result).isascii()
    data = written(summary_csv, result)
    assert data.startswith(b"\xef\xbb\xbfscenario,") and data.count(b"\xef\xbb\xbf") == 1


def test_lines_end_with_a_line_feed_and_nothing_else(result):
    for write in (runs_csv, curves_csv, summary_csv):
        data = written(write, result)
        assert b"\r" not in data and data.endswith(b"\n") and not data.endswith(b"\n\n")


def test_a_path_that_ends_in_gz_is_packed(result, tmp_path):
    curves_csv(result, tmp_path / "c.csv.gz")
    assert gzip.decompress((tmp_path / "c.csv.gz").read_bytes()) == written(curves_csv, result)


# -- cells ---------------------------------------------------------------------------------

TEXTS = st.text() | st.builds("{}{}".format, st.sampled_from(PAYLOADS), st.text())


@given(st.lists(TEXTS, min_size=2, max_size=4))
@example(["", "\x00"])
@example(["a\rb", "\x1f x "])
@example(["\tx", "\rx", "\nx"])
def test_any_text_survives_a_table(texts):
    names = [str(number_of) for number_of in range(len(texts))]
    data = written(lambda out: write_table(out, {}, names, [texts], is_ascii=False))
    row = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))[1]
    assert [unguarded(text) for text in row] == texts
    for text in row:
        assert text.lstrip()[:1] not in tuple("=+-@＝＋－＠")
        assert text[:1] not in ("\t", "\r", "\n")


@given(TEXTS)
def test_a_guard_is_taken_off_exactly_where_it_was_put(text):
    assert unguarded(guarded(text)) == text
    assert guarded(text) in (text, "'" + text)


@given(st.floats(allow_nan=False))
@example(5e-324)
@example(0.1 + 0.2)
@example(-0.0)
def test_any_number_survives_a_cell(value):
    assert bits(float(cell(value))) == bits(value)


# -- formats -------------------------------------------------------------------------------


def test_a_format_says_in_both_languages_what_is_in_it():
    for form in FORMATS.values():
        assert form.sentence["en"].endswith(".") and form.sentence["zh"].endswith("。")
        assert form.suffix.startswith(".") and "/" in form.mime
        assert (form.of_result is None) != (form.of_run is None)
        assert form.needs == ("result" if form.of_result else "run")
    sentences = [form.sentence["zh"] for form in FORMATS.values()]
    assert len(set(sentences)) == len(FORMATS)
