"""What is saved, looked up again, taken out and brought in, called as a user calls it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import pytest

from tests.cli.conftest import Said
from tests.cli.hearsay import SCENARIO
from viralbots.store import Store

Call = Callable[..., Said]
FEW = ("--replicates", "3")


def test_a_run_is_saved_and_shown_again_without_computing(call: Call, scenario: str) -> None:
    first = call("run", scenario, *FEW, "--note", "for Monday", "--tag", "class 7")
    assert "Saved as r1" in first.out
    shown = call("show", "r1")
    figures = first.out.split("\n\n")[2]
    assert figures in shown.out and "for Monday" in shown.out and "#class 7" in shown.out
    listed = call("list", "runs")
    assert listed.out.startswith("r1 ") and "Hearsay" in listed.out and "3 ×" in listed.out


def test_the_same_run_is_looked_up_and_keeps_its_number(call: Call, scenario: str) -> None:
    first = call("run", scenario, *FEW, "--json").data
    again = call("run", scenario, *FEW)
    assert "Saved as r1 (3 of 3 runs were there already)" in again.out
    more = call("run", "r1", "--replicates", "5", "--json").data
    assert (more["saved"], more["n_known"]) == ("r2", 3)
    assert more["seeds"][:3] == first["seeds"]


def test_fresh_computes_again_and_says_whether_the_bytes_are_the_same(
    call: Call, scenario: str
) -> None:
    call("run", scenario, *FEW)
    fresh = call("run", scenario, *FEW, "--fresh")
    assert fresh.code == 0 and "Same bytes: yes" in fresh.out
    assert call("run", scenario, *FEW, "--fresh", "--json").data["same_bytes"] is True


def test_a_kept_run_that_differs_is_told_and_ends_with_1(call: Call, scenario: str) -> None:
    import dataclasses

    data = call("run", scenario, "--replicates", "1", "--json").data
    with Store() as store:
        run = store.find(data["identities"][0], data["seeds"][0])
        assert run is not None
    call("run", scenario, "--replicates", "1", "--db", "other.sqlite3")
    with Store("third.sqlite3") as other:
        other.keep(dataclasses.replace(run, values={**run.values, "reach": 1.0}))
    told = call("run", scenario, "--replicates", "1", "--fresh", "--db", "third.sqlite3")
    assert told.code == 1 and "Same bytes: no (replicates 0)" in told.out


def test_without_the_store_nothing_is_kept(call: Call, scenario: str) -> None:
    said = call("run", scenario, *FEW, "--no-store")
    assert said.code == 0 and "Saved" not in said.out
    assert "no saved runs" in call("list", "runs").err


def test_a_database_that_cannot_be_used_costs_no_result_unless_it_was_asked_for(
    call: Call, scenario: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = tmp_path / "notes.txt"
    bad.write_text("no database, but long enough to be looked at as one" * 100)
    named = call("run", scenario, *FEW, "--db", str(bad))
    assert named.code == 2 and str(bad) in named.err and named.out == ""
    monkeypatch.setenv("VIRALBOTS_DB", str(bad))
    own = call("run", scenario, *FEW)
    assert own.code == 0 and "Nothing will be kept" in own.err and own.out.startswith("Hearsay")
    assert bad.read_text().startswith("no database")


def test_the_story_of_a_user_of_a_saved_run_is_that_of_its_seed(call: Call, scenario: str) -> None:
    call("run", scenario, *FEW, "--seed", "7")
    told = call("why", "r1", "adopter", "--json")
    assert told.data == call("why", scenario, "adopter", "--seed", "7", "--json").data
    assert told.data != call("why", scenario, "adopter", "--seed", "8", "--json").data


def test_what_is_exported_is_read_by_others_and_names_where_it_comes_from(
    call: Call, scenario: str, tmp_path: Path
) -> None:
    data = call("run", scenario, *FEW, "--json").data
    for form in ("csv", "curves", "summary", "adoptions"):
        rows = list(csv.DictReader(io.StringIO(call("export", "r1", "--as", form).out)))
        assert rows, form
        assert {data["identity"]} == {row["identity"] for row in rows}, form
    runs = list(csv.DictReader(io.StringIO(call("export", "r1", "--as", "csv").out)))
    assert [int(row["run_seed"]) for row in runs] == data["seeds"]
    network = tmp_path / "run.graphml"
    assert call("export", "r1", "--out", network).code == 0
    assert nx.read_graphml(network).number_of_nodes() == 400
    assert call("export", "r1", "--as", "scenario").out == SCENARIO
    assert "is there already" in call("export", "r1", "--out", network).err
    assert call("export", "r1", "--out", network, "--overwrite").code == 0
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(("words", "told"), [
    (("export", "r9"), "9"),
    (("export", "hearsay"), "write the number of a saved run"),
    (("export", "r1", "--as", "xls"), "no format is called 'xls'"),
    (("export", "r1", "--out", "result.docx"), "no format is called '.docx'"),
    (("export", "r1", "--as", "graphml", "--replicate", "7"), "--replicate: got 7"),
    (("export", "r1", "--out", "nowhere/x.json"), "cannot be written"),
    (("show", "r9"), "9"),
    (("show", "s9"), "9"),
    (("forget", "hearsay"), "r1 (a run) or s1"),
    (("import", "none.yaml"), "none.yaml"),
    (("import", "none.json"), "none.json cannot be read"),
    (("restore", "none.sqlite3"), "none.sqlite3"),
    (("list", "--workspace", "nobody"), "nobody"),
])  # fmt: skip
def test_a_mistake_is_named_in_both_languages(
    call: Call, scenario: str, words: tuple[str, ...], told: str
) -> None:
    call("run", scenario, "--replicates", "1")
    english, chinese = call(*words), call(*words, "--lang", "zh")
    assert english.code == chinese.code == 2
    assert told in english.err and english.out == chinese.out == ""
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese.err), chinese.err


def test_an_exported_run_is_imported_by_running_it_again(
    call: Call, scenario: str, tmp_path: Path
) -> None:
    call("run", scenario, *FEW, "--seed", "3")
    file = tmp_path / "hearsay.json"
    call("export", "r1", "--out", file)
    brought = call("import", file, "--db", "theirs.sqlite3", "--name", "From Ann")
    assert brought.code == 0 and "Saved as r1" in brought.out
    assert "Same bytes as its author's: yes" in brought.err
    shown = call("show", "r1", "--db", "theirs.sqlite3", "--json").data
    assert shown["title"]["en"] == "From Ann" and shown["seed"] == 3
    lie = json.loads(file.read_text())
    lie["digest"] = "0" * 64
    file.write_text(json.dumps(lie))
    denied = call("import", file, "--json")
    assert denied.code == 1 and denied.data["same_bytes"] is False
    assert "Same bytes as its author's: no" in denied.err


def test_a_scenario_is_imported_byte_for_byte_and_run_by_its_number(
    call: Call, scenario: str
) -> None:
    assert "Saved as s1" in call("import", scenario).out
    assert "s1" in call("list", "scenarios").out
    assert call("run", "s1", *FEW).code == 0
    with Store() as store:
        assert store.scenario(store.own_workspace(), 1).document == SCENARIO
    assert call("forget", "s1").code == 0
    assert call("show", "s1").code == 2


def test_a_backup_brings_everything_back(call: Call, scenario: str, tmp_path: Path) -> None:
    call("run", scenario, *FEW)
    copy = tmp_path / "copy.sqlite3"
    assert call("backup", copy).code == 0
    assert call("backup", copy).code == 2  # never over another file unasked
    call("forget", "r1")
    assert call("show", "r1").code == 2
    restored = call("restore", copy)
    assert restored.code == 0 and "what was there is" in restored.out
    assert call("show", "r1").code == 0


def test_the_doctor_looks_into_the_database(call: Call, scenario: str) -> None:
    assert call("doctor", "--json").data["database"]["exists"] is False
    call("run", scenario, *FEW)
    found = call("doctor", "--json")
    assert found.code == 0 and found.data["database"]["runs"] == 3
    file = Path(found.data["database"]["file"])
    data = bytearray(file.read_bytes())
    at = len(data) // 2
    data[at : at + 2000] = b"\xff" * 2000
    file.write_bytes(data)
    sick = call("doctor")
    assert sick.code == 1 and "! " in sick.out and "Traceback" not in sick.err


def test_a_saved_run_shows_its_own_numbers_when_its_network_has_changed_or_gone(
    call: Call, scenario: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = "".join(f"p{i} p{(i + 1) % 60}\np{i} p{(i + 7) % 60}\n" for i in range(60))
    (tmp_path / "net.txt").write_text(ring)
    call("run", scenario, *FEW, "--network", "net.txt")
    before = call("show", "r1").out
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)  # the path was saved in full
    assert call("why", "r1", "random").code == 0
    (tmp_path / "net.txt").write_text(ring + "p1 p30\n")
    assert call("show", "r1").out == before
    for words in (("why", "r1", "random"), ("export", "r1", "--as", "adoptions")):
        said = call(*words)
        assert said.code == 2 and "was made with another" in said.err
    (tmp_path / "net.txt").unlink()
    assert call("show", "r1").out == before


def test_labels_given_later_are_kept(call: Call, scenario: str) -> None:
    call("run", scenario, *FEW)
    call("run", scenario, *FEW, "--name", "First", "--tag", "thesis")
    assert "First" in call("list", "runs", "--search", "thesis").out
    call("run", scenario, *FEW)
    assert "First" in call("list", "runs").out


def test_words_that_only_read_make_no_database(call: Call, tmp_path: Path) -> None:
    for words in (("show", "r1"), ("export", "r1"), ("backup", "b"), ("forget", "r1"),
                  ("list", "runs")):  # fmt: skip
        said = call(*words, "--db", tmp_path / "typo.sqlite3")
        assert said.code == 2 and "there is no database" in said.err, words
    assert not (tmp_path / "typo.sqlite3").exists()
