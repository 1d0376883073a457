"""A bundle is complete, and a stranger's one is believed in nothing but what was run."""

from __future__ import annotations

import copy
import dataclasses
import io
import json
import math
import random
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.experiments.mechanisms import case as mechanism
from tests.experiments.small import small
from viralbots.errors import ExperimentError, InputError, Problem, ViralbotsError
from viralbots.experiments import bundle as bundle_module
from viralbots.experiments import run_all, scenario_with_network
from viralbots.experiments.bundle import bundle, read_bundle, write_bundle
from viralbots.experiments.bundle_reader import BundleError
from viralbots.experiments.foreign_recipe import ForeignRecipe
from viralbots.experiments.summary import Result
from viralbots.library import scenario_files
from viralbots.problem_words import say
from viralbots.scenario import read
from viralbots.version import ENGINE_VERSION, METRICS_VERSION, __version__


@pytest.fixture(scope="module")
def result() -> Result:
    return run_all(small(), replicates=3, seed=7)


@pytest.fixture(scope="module")
def good(result) -> dict[str, Any]:
    return json.loads(bytes_of(result))


@pytest.fixture
def network(tmp_path) -> Path:
    path = tmp_path / "secret_folder" / "friends.txt"
    path.parent.mkdir()
    path.write_text("".join(f"{i} {(i * 7 + j) % 60}\n" for i in range(60) for j in (1, 2, 3)))
    return path


def bytes_of(result: Result, document: str | None = None) -> bytes:
    out = io.BytesIO()
    write_bundle(result, out, document)
    return out.getvalue()


def recipe_of(data: dict[str, Any] | bytes) -> ForeignRecipe:
    return read_bundle(data if isinstance(data, bytes) else json.dumps(data).encode(), "b.json")


# -- what is in it -------------------------------------------------------------------------


def test_a_bundle_holds_every_figure_exactly(result, good):
    for name, values in result.values.items():
        told = [math.nan if value is None else value for value in good["values"][name]]
        assert struct.pack("<3d", *told) == values.tobytes()
    assert good["curves"] == {name: curve.tolist() for name, curve in result.curves.items()}
    for name, s in result.metrics.items():
        for key, value in dataclasses.asdict(s).items():
            told = good["metrics"][name][key]
            assert told == value or (told is None and math.isnan(value))
        assert {"unit", "direction", "code"} <= set(good["metrics"][name])


def test_a_bundle_says_how_to_make_every_run_again(result, good):
    assert (good["format"], good["kind"]) == (1, "viralbots-result")
    versions = {"program": __version__, "engine": ENGINE_VERSION, "metrics": METRICS_VERSION}
    assert good["versions"] == versions
    assert good["run_seeds"] == list(result.seeds) and max(good["run_seeds"]) > 2**53
    assert good["world_seeds"] == [1, 1, 1] and good["replicates"] == [0, 1, 2]
    assert good["identities"] == [result.identity] * 3 and good["seed"] == 7
    assert good["digest"] == result.digest and good["digests"] == list(result.digests)
    assert good["scenario"]["messages"]["rumour"]["disguise"] == 0.0  # defaults are written out


def test_the_same_result_gives_the_same_bytes(result):
    again = run_all(small(), replicates=3, seed=7, workers=2)
    data = bytes_of(result)
    assert data == bytes_of(again)
    assert data.startswith(b"{\n") and data.endswith(b"\n}\n") and b"NaN" not in data


def test_what_is_read_back_gives_the_same_digest(result, good):
    recipe = recipe_of(good)
    assert recipe.notes == () and recipe.scenario == result.scenario
    again = run_all(
        recipe.scenario, seed=recipe.seed, vary=recipe.vary, replicates=recipe.n_replicates
    )
    assert recipe.agrees(again) is True and again.digest == result.digest


@pytest.mark.parametrize("vary", ["world", "both"])
def test_runs_in_other_worlds_are_made_again_as_well(vary):
    result = run_all(small(network={"n_users": 200}), replicates=2, vary=vary)
    recipe = recipe_of(bytes_of(result))
    again = run_all(recipe.scenario, seed=recipe.seed, vary=recipe.vary, replicates=2)
    assert recipe.vary == vary and recipe.agrees(again) is True


@pytest.mark.parametrize("name", ["footer", "trap", "rivals", "variants", "recruiter"])
def test_bots_members_and_variants_come_through_a_bundle(name):
    scenario = mechanism(name)[0]
    made = run_all(scenario, replicates=1, seed=7)
    recipe = recipe_of(bytes_of(made))
    assert recipe.scenario == scenario and recipe.scenario.bots == scenario.bots
    assert run_all(recipe.scenario, replicates=1, seed=7).digest == recipe.digest == made.digest


def test_another_result_does_not_agree(result, good):
    recipe = recipe_of(good)
    assert recipe.agrees(dataclasses.replace(result, digest="0" * 64)) is False
    assert recipe.agrees(dataclasses.replace(result, seed=8)) is None
    assert recipe.agrees(dataclasses.replace(result, engine_version="0")) is None
    assert recipe.agrees(run_all(small(), replicates=2, seed=7)) is None


@pytest.mark.parametrize("name", sorted(scenario_files()))
def test_every_shipped_scenario_survives_with_its_text(result, name):
    scenario, text = read(scenario_files()[name])
    shipped = dataclasses.replace(result, scenario=scenario, identity=scenario.identity)
    recipe = recipe_of(bytes_of(shipped, text))
    assert recipe.scenario == scenario and recipe.notes == ()
    assert recipe.document == text  # comments and all


def test_the_text_of_another_scenario_is_not_put_in(result):
    _, text = read(scenario_files()["chain_letter"])
    with pytest.raises(ExperimentError, match="describes another scenario"):
        bundle(result, text)
    with pytest.raises(ViralbotsError):
        bundle(result, "format: 1\n")


def test_what_is_too_long_is_left_out_or_refused(result, monkeypatch):
    monkeypatch.setattr(bundle_module, "MAX_CURVES", 100)
    data = bundle(result)
    assert data["curves"] is None
    assert recipe_of(json.dumps(data).encode()).notes == ()
    monkeypatch.setattr(bundle_module, "MAX_FIGURES", 100)
    with pytest.raises(ExperimentError, match="more than 100 figures"):
        bundle(result)


def test_the_largest_bundle_that_is_written_is_read():
    from viralbots.experiments import bounded_json, bundle_reader

    longest = len("-0.12345678901234567, ")
    figures = longest * bundle_module.MAX_FIGURES + len("17520, ") * bundle_module.MAX_CURVES
    others = 200 * bundle_reader.MAX_REPLICATES // 10  # identities of ten thousand replicates
    assert figures + others < bounded_json.MAX_BYTES
    assert bundle_module.MAX_FIGURES + bundle_module.MAX_CURVES < bounded_json.MAX_VALUES
    assert bundle_module.MAX_CURVE_ROWS < bounded_json.MAX_BLOCKS


# -- imported networks ---------------------------------------------------------------------


def with_network(path: Path) -> Result:
    return run_all(scenario_with_network(small(seeding=[]), path), replicates=1)


def test_the_folder_of_a_network_file_stays_at_home(network):
    result = with_network(network)
    text = json.dumps(result.scenario.model_dump(mode="json"))  # JSON is YAML
    for document in (None, text):
        data = bytes_of(result, document)
        assert b"secret_folder" not in data and b"friends.txt" in data
    assert json.loads(data)["document"] is None


def test_a_network_file_is_asked_for_and_recognised_by_its_content(network, tmp_path):
    result = with_network(network)
    recipe = recipe_of(bytes_of(result))
    assert [note.code for note in recipe.notes] == ["bundle_network_missing"]
    assert recipe.network_file == "friends.txt" == recipe.scenario.network.path
    mine = recipe.with_network(network)
    assert mine.notes == () and mine.agrees(run_all(mine.scenario, replicates=1)) is True
    other = tmp_path / "friends.txt"
    other.write_text("a b\nb c\n")
    assert [n.code for n in recipe.with_network(other).notes] == ["bundle_network_other"]


def test_a_network_that_has_changed_since_is_not_cited(network):
    result = with_network(network)
    network.write_text("a b\nb c\nc d and more\n")
    with pytest.raises(ExperimentError, match="has changed since"):
        bundle(result)


# -- why a digest need not come out --------------------------------------------------------


def changed(data: dict[str, Any], *path: str | int, to: object) -> dict[str, Any]:
    data = copy.deepcopy(data)
    node: Any = data
    for key in path[:-1]:
        node = node[key]
    if to is ...:
        del node[path[-1]]
    else:
        node[path[-1]] = to
    return data


def codes(data: dict[str, Any]) -> list[str]:
    notes = recipe_of(data).notes
    in_chinese(notes)
    return [note.code for note in notes]


def test_another_engine_is_the_reason_given(good):
    data = changed(good, "versions", "engine", to="99")
    data["identity"] = "0" * 64  # the identity depends on the engine
    assert codes(data) == ["bundle_engine"]
    assert "engine 99, this is engine" in recipe_of(data).notes[0].text


def test_an_identity_that_is_not_the_scenarios_is_told(good):
    assert codes(changed(good, "identity", to="0" * 64)) == ["bundle_identity"]
    assert codes(changed(good, "scenario", "horizon_days", to=4.0)) == ["bundle_identity"]
    assert codes(changed(good, "scenario", "title", "en", to="Another")) == []  # decides nothing


def test_other_figures_and_missing_runs_are_told(good):
    assert codes(changed(good, "versions", "metrics", to="0")) == ["bundle_metrics"]
    partial = changed(good, "replicates", to=[0, 2, 5])
    assert codes(partial) == ["bundle_partial"] and recipe_of(partial).n_replicates == 6


def test_figures_are_never_believed(good):
    data = good
    for name in ("values", "metrics", "network"):
        data = changed(data, name, to={"reach": "1e9 <script>"})
    data = changed(data, "curves", to=None)
    assert recipe_of(data) == recipe_of(good)
    assert not any(field.name in good["values"] for field in dataclasses.fields(ForeignRecipe))


def in_chinese(problems: Iterable[Problem]) -> None:
    """None of them is left in English."""
    for problem in problems:
        assert problem.text and say(problem, "zh") != problem.text, problem


# -- hostile bundles -----------------------------------------------------------------------

FILE = {"name": "n.csv", "sha256": "0" * 64}
IMPORTED = {"kind": "imported", "path": "n.csv", "seed": 1}
DEEP: Any = []
for _ in range(15):
    DEEP = [DEEP]

BROKEN: dict[str, tuple[tuple[Any, ...], object, str]] = {
    "another kind": (("kind",), "viralbots-scenario", "kind"),
    "a later format": (("format",), 2, "format"),
    "no format": (("format",), ..., "format"),
    "format as text": (("format",), "1", "format"),
    "an unknown field": (("run_me",), "rm -rf", "run_me"),
    "no digest": (("digest",), ..., "digest"),
    "a digest of 63 digits": (("digest",), "0" * 63, "digest"),
    "a digest with letters": (("digest",), "x" * 64, "digest"),
    "a digest with a line after it": (("digest",), "0" * 64 + "\n", "digest"),
    "identity as a number": (("identity",), 12, "identity"),
    "a seed that is text": (("seed",), "1", "seed"),
    "a seed that is true": (("seed",), True, "seed"),
    "a seed that is no whole number": (("seed",), 1.5, "seed"),
    "a negative seed": (("seed",), -1, "seed"),
    "a seed without end": (("seed",), 10**300, "seed"),
    "an unknown vary": (("vary",), "weather", "vary"),
    "no replicates": (("replicates",), [], "replicates"),
    "replicates twice": (("replicates",), [0, 1, 1], "replicates"),
    "negative replicates": (("replicates",), [-1, 0, 1], "replicates"),
    "replicates that are text": (("replicates",), ["0", "1", "2"], "replicates"),
    "replicates that are true": (("replicates",), [False, True, 2], "replicates"),
    "versions without end": (("versions",), {f"v{i}": "1" for i in range(99)}, "versions"),
    "a replicate far away": (("replicates",), [0, 1, 10**9], "replicates"),
    "another number of replicates": (("n_replicates",), 4, "n_replicates"),
    "a million replicates": (("n_replicates",), 10**6, "n_replicates"),
    "a version with a script": (("versions", "program"), "<script>", "versions.program"),
    "an engine that is a number": (("versions", "engine"), 1, "versions.engine"),
    "versions that are text": (("versions",), "1", "versions"),
    "figures that are a list": (("values",), [1, 2], "values"),
    "a scenario that is text": (("scenario",), "format: 1", "scenario"),
    "an empty scenario": (("scenario",), {}, "scenario.name"),
    "a scenario of another format": (("scenario", "format"), 9, "scenario.format"),
    "too many users": (("scenario", "network", "n_users"), 10**12, "scenario.network.n_users"),
    "an unread field": (("scenario", "network", "agents"), 5, "scenario.network.agents"),
    "a control character": (("scenario", "title", "en"), "a\x1b[2Jb", "scenario.title.en"),
    "half a character": (("scenario", "title", "zh"), "\ud800", "scenario.title.zh"),
    "a message nobody knows": (("scenario", "seeding", 0, "message"), "x",
                               "scenario.seeding[0].message"),
    "a network from a folder": (("scenario", "network"), {**IMPORTED, "path": "/etc/passwd"},
                                "network_file"),
    "a file without a network": (("network_file",), FILE, "network_file"),
    "a file of another type": (("network_file",), "n.csv", "network_file"),
    "a document that is a list": (("document",), ["format: 1"], "document"),
    "a document that is no scenario": (("document",), "a: &a [*a]", "document"),
    "a document with half a character": (("document",), "a: \ud800", "document"),
    "a deep scenario": (("scenario", "tags"), DEEP, "scenario.tags[0]"),
    "a scenario of many values": (("scenario", "rule", "cells"),
                                  {f"c{i}": 0.0 for i in range(30_000)}, "scenario"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_hostile_bundle_is_refused_with_the_place(good, what):
    where, value, path = BROKEN[what]
    with pytest.raises(BundleError) as caught:
        recipe_of(changed(good, *where, to=value))
    assert isinstance(caught.value, InputError) and caught.value.source == "b.json"
    assert path in [problem.path for problem in caught.value.problems]
    text = str(caught.value)
    assert len(text.encode()) < 20_000 and "\x1b" not in text
    in_chinese(caught.value.problems)


def test_all_problems_are_told_at_once(good):
    data = changed(good, "seed", to=-1)
    data = changed(data, "scenario", "horizon_days", to=-1.0)
    data = changed(data, "versions", "metrics", to=[])
    with pytest.raises(BundleError) as caught:
        recipe_of(data)
    paths = {problem.path for problem in caught.value.problems}
    assert {"seed", "scenario.horizon_days", "versions.metrics"} <= paths


def test_a_scenario_of_a_newer_program_is_said_to_be_one(good):
    data = changed(good, "scenario", "weather", to="rain")
    data = changed(data, "versions", "program", to="99.0")
    with pytest.raises(BundleError, match="written by version 99.0, this is"):
        recipe_of(data)
    with pytest.raises(BundleError, match="must be a version") as caught:
        recipe_of(changed(data, "versions", "program", to="0.\ud800"))
    str(caught.value).encode()  # can be printed


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "..", ".", "a/b", "..\\x", "C:x", "", "a\x00b", "n" * 300]
)
def test_a_network_file_is_never_a_way_into_a_folder(good, name):
    data = changed(good, "scenario", "network", to={**IMPORTED, "path": name})
    data = changed(data, "network_file", to={**FILE, "name": name})
    with pytest.raises(BundleError, match="network"):
        recipe_of(data)


@pytest.mark.parametrize("path", ["/etc/passwd", "other.csv"])
def test_a_network_file_and_its_path_are_one(good, path):
    data = changed(good, "scenario", "network", to={**IMPORTED, "path": path})
    with pytest.raises(BundleError, match="scenario.network.path"):
        recipe_of(changed(data, "network_file", to=FILE))


def test_reading_opens_no_file(good, tmp_path, monkeypatch):
    """A file of that name lies in the folder in which the program runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n.csv").write_text("a b\nb c\n")
    network = {**IMPORTED, "path": "n.csv"}
    data = changed(good, "scenario", "network", to=network)
    data = changed(data, "network_file", to={"name": "n.csv", "sha256": "0" * 64})
    monkeypatch.setattr("builtins.open", lambda *_: pytest.fail("a file was opened"))
    assert codes(data) == ["bundle_network_missing"]


RAW: dict[str, tuple[str, bytes]] = {
    "nothing": ("json", b""),
    "a list": ("wrong_type", b"[]"),
    "a number": ("wrong_type", b"1"),
    "binary": ("not_utf8", bytes(range(256))),
    "UTF-16": ("not_utf8", '{"format": 1}'.encode("utf-16")),
    "gzip": ("not_utf8", b"\x1f\x8b\x08\x00"),
    "half a file": ("json", b'{"format": 1, "kind"'),
    "deep": ("json_depth", b"[" * 100_000),
    "deep inside": ("json_depth", b'{"scenario": ' + b"[" * 100 + b"]" * 100 + b"}"),
    "deep after a text of brackets": (
        "json_depth",
        b'["' + b"]" * 200 + b'", ' + b"[" * 100 + b"]" * 101,
    ),
    "deep after an escaped mark": (
        "json_depth",
        b'["\\"' + b"]" * 200 + b'", ' + b"[" * 100 + b"]" * 101,
    ),
    "many blocks": ("json_large", b"[" + b"[]," * 600_000 + b"[]]"),
    "many values": ("json_large", b"[" + b"0," * 4_100_000 + b"0]"),
    "many texts": ("json_large", b"[" + b'"",' * 600_000 + b'""]'),
    "too large": ("json_large", b" " * 50_000_001),
    "a number without end": ("json_number", b"[1e999]"),
    "no number": ("json_number", b'{"values": [\n\nNaN]}'),
    "a number of many digits": ("json_value", b"[" + b"9" * 10_000 + b"]"),
    "a name twice": ("json_twice", b'{"format": 1, "format": 1}'),
    "many names twice": (
        "json_twice",
        b"{" + b",".join(b'"%d":0' % (i % 99_999) for i in range(100_000)) + b"}",
    ),
    "unknown names without end": (
        "bundle_fields",
        b"{" + b",".join(b'"%d":0' % i for i in range(1_000)) + b"}",
    ),
    "a raw line in a text": ("json", b'{"a": "\n"}'),
    "a comment": ("json", b'{"format": 1 /* one */}'),
}


@pytest.mark.parametrize("what", RAW)
def test_what_is_no_bundle_is_refused(what):
    code, data = RAW[what]
    with pytest.raises(BundleError) as caught:
        recipe_of(data)
    assert code in [problem.code for problem in caught.value.problems]
    in_chinese(caught.value.problems)
    assert len(str(caught.value)) < 5_000


def test_the_line_of_a_fault_is_told():
    for data, line in ((RAW["no number"][1], 3), (b'{\n"a": 1,\n}', 3), (b"{\n\n\xff}", 3)):
        with pytest.raises(BundleError, match=f"line {line}"):
            recipe_of(data)


def test_a_bundle_with_a_mark_before_it_is_read(good):
    assert recipe_of(b"\xef\xbb\xbf" + json.dumps(good).encode()) == recipe_of(good)


def mutations(data: bytes, n: int) -> list[bytes]:
    """The same mutated files on every machine: bytes changed, cut out, said twice."""
    chance = random.Random(1)
    found = []
    for _ in range(n):
        at, size = chance.randrange(len(data)), chance.randrange(1, 40)
        new = chance.choice([
            bytes(chance.randrange(256) for _ in range(3)), data[at : at + size] * 2, b"", b"null",
            b"-1", b'"', b"{", b"1e400", b"\\ud800", b"true",
        ])  # fmt: skip
        found.append(data[:at] + new + data[at + size :])
    return found


def refused_or_read(data: bytes) -> bool:
    try:
        recipe_of(data)
    except BundleError as error:
        str(error).encode()  # can be printed
        return True
    return False


def fuzz(good: dict[str, Any], n: int, refused: Callable[[bytes], bool]) -> int:
    keep = {name: part for name, part in good.items() if name not in ("curves", "values")}
    data = json.dumps({**keep, "curves": None, "values": {}, "metrics": {}}).encode()
    return sum(refused(mutated) for mutated in mutations(data, n))


def test_mutated_bundles_are_read_or_refused_and_nothing_else(good):
    assert 100 < fuzz(good, 200, refused_or_read) <= 200


@pytest.mark.slow
def test_twenty_thousand_mutated_bundles_are_read_or_refused(good):
    assert fuzz(good, 20_000, refused_or_read) > 10_000
