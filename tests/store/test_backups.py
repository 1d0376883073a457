"""Backup, restore, check, mend, prune."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest
import sqlite_utils

from tests.store import made_up
from viralbots.errors import StoreError
from viralbots.store import Store, restore, schema
from viralbots.store.connection import connect


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "my.sqlite3") as store:
        for number in range(5):
            store.keep(made_up.run(1, number))
        store.keep_trace(made_up.trace(1, 0))
        store.save_result(store.own_workspace(), made_up.recipe(1, range(3)), name="mine")
        yield store


@pytest.fixture
def copy(store: Store, tmp_path: Path) -> Path:
    """A backup of `store`."""
    store.backup(tmp_path / "copy.db")
    return tmp_path / "copy.db"


def content(store: Store) -> dict[str, int]:
    counts = asdict(store.size())
    del counts["bytes"]
    return counts


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix not in (".sqlite3-wal",)}


def test_a_backup_holds_everything_in_one_file(store: Store, copy: Path) -> None:
    with Store(copy) as other:
        assert content(other) == content(store) and other.check() == []
        run = made_up.run(1, 4)
        found = other.find(run.identity, run.seed)
        assert found is not None and found.is_same_as(run)
        (saved,) = other.results(other.own_workspace())
        assert saved.name == "mine"


def test_a_backup_replaces_a_file_only_when_told(store: Store, copy: Path) -> None:
    before = copy.read_bytes()
    store.keep(made_up.run(2, 2))
    with pytest.raises(StoreError, match="give another name") as caught:
        store.backup(copy)
    assert caught.value.code == "backup_exists" and copy.read_bytes() == before
    store.backup(copy, replace=True)
    with Store(copy) as other:
        assert content(other) == content(store)
    for place in (store.path, copy.parent):  # not even when told
        with pytest.raises(StoreError, match="something of this name already"):
            store.backup(place, replace=True)
    assert not list(copy.parent.glob(".*"))


def test_a_backup_can_be_taken_while_others_write(store: Store, tmp_path: Path) -> None:
    with Store(store.path) as other, other._connection.writing() as database:
        database.execute("DELETE FROM traces")
        store.backup(tmp_path / "copy.db")
    with Store(tmp_path / "copy.db") as copy:
        assert copy.size().traces == 1


def test_a_backup_of_a_damaged_database_is_refused_until_it_is_mended(
    store: Store, copy: Path
) -> None:
    before = copy.read_bytes()
    with store._connection.writing() as database:
        database.execute("UPDATE runs SET digest = 'x' WHERE id = 2")
        database.execute("UPDATE traces SET digest = 'x'")
    with pytest.raises(StoreError, match="damaged in 2 places, first: run 2") as caught:
        store.backup(copy, replace=True)
    assert caught.value.code == "backup_damaged" and copy.read_bytes() == before
    assert store.mend() == 2 and store.check() == [] and store.mend() == 0
    (saved,) = store.results(store.own_workspace())
    assert len(saved.runs) == 3 and store.size().runs == 4  # it is computed again when needed
    store.backup(copy, replace=True)


@pytest.mark.parametrize("missing", ["", "no/such/folder"])
def test_a_backup_that_cannot_be_written_leaves_nothing(
    store: Store, tmp_path: Path, missing: str
) -> None:
    if not missing:
        (tmp_path / "file").write_text("text")
        missing = "file"
    with pytest.raises(StoreError):
        store.backup(tmp_path / missing / "copy.db")
    assert content(store)["runs"] == 5


# Restore ---------------------------------------------------------------------------------


def test_restore_brings_back_what_was_and_keeps_what_is(store: Store, copy: Path) -> None:
    before = content(store)
    store.keep(made_up.run(2, 2))
    store.delete_result(store.own_workspace(), 1)
    now = content(store)
    kept = store.restore(copy)
    assert content(store) == before and store.check() == []
    assert kept is not None and kept.name == "my.before-restore.sqlite3"
    with Store(kept) as old:
        assert content(old) == now
    assert store.restore(copy) == kept.with_name("my.before-restore-2.sqlite3")
    assert not list(copy.parent.glob(".*"))


def test_others_who_have_it_open_see_the_restored_database(store: Store, copy: Path) -> None:
    with Store(store.path) as other:
        other.keep(made_up.run(2, 2))
        store.restore(copy)
        assert other.find(made_up.identity(2), made_up.run(2, 2).seed) is None
        other.keep(made_up.run(2, 3))
        assert store.find(made_up.identity(2), made_up.run(2, 3).seed) is not None
        assert other.check() == store.check() == []


def test_restore_needs_no_database(copy: Path, tmp_path: Path) -> None:
    place = tmp_path / "new" / "my.sqlite3"
    assert restore(copy, place) is None
    with Store(place) as store:
        assert store.size().runs == 5
    assert names(tmp_path / "new") == {"my.sqlite3"}


def test_paths_may_be_relative(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    restore("copy.db", "here.sqlite3")
    with Store("here.sqlite3") as store:
        store.backup("again.db")
        monkeypatch.chdir("/")  # where it was opened is where it stays
        store.keep(made_up.run(9, 9))
    with Store(tmp_path / "again.db") as again:
        assert again.size().runs == 5


@pytest.mark.parametrize("content", [b"", b"not a database" * 1000, b"SQLite format 3\0" * 999])
def test_restore_moves_away_what_is_no_database(
    copy: Path, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "broken.sqlite3"
    path.write_bytes(content)
    kept = restore(copy, path)
    assert kept is not None and kept.exists()
    if content:
        assert kept.read_bytes() == content
    with Store(path) as store:
        assert store.size().runs == 5


def test_an_earlier_backup_is_brought_up_to_date(
    store: Store, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def m002_more(db: sqlite_utils.Database) -> None:
        db.execute("ALTER TABLE layouts ADD COLUMN more TEXT")

    before = copy.read_bytes()
    store.close()
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, m002_more))
    restore(copy, store.path)
    assert copy.read_bytes() == before
    with Store(store.path) as restored, restored._connection.reading() as database:
        assert database.execute("PRAGMA user_version").fetchone()[0] == 2
        assert restored.check() == []


def newer(path: Path) -> None:
    with closing(connect(path)) as database:
        database.execute("PRAGMA user_version = 99")


def foreign(path: Path) -> None:
    with closing(connect(path)) as database:
        database.execute("PRAGMA application_id = 99")


def row(path: Path) -> None:
    with closing(connect(path)) as database:
        database.execute("UPDATE runs SET digest = 'x'")


def pages(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for at in range(4096 * 2, len(data), 4096):
        data[at : at + 64] = random.Random(at).randbytes(64)
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("a text")


def gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    "spoil, codes",
    [
        (newer, {"database_newer"}),
        (foreign, {"foreign_database"}),
        (row, {"backup_damaged"}),
        (pages, {"backup_damaged", "database_damaged"}),
        (cut, {"backup_damaged", "database_damaged"}),
        (emptied, {"foreign_database"}),
        (text, {"foreign_database", "not_a_database"}),
        (gone, {"database_unreadable"}),
    ],
)
def test_a_backup_that_is_not_whole_is_refused_and_nothing_is_touched(
    store: Store, copy: Path, spoil: Callable[[Path], None], codes: set[str]
) -> None:
    spoil(copy)
    before, files = content(store), names(copy.parent)
    with pytest.raises(StoreError) as caught:
        store.restore(copy)
    assert caught.value.code in codes and str(copy) in str(caught.value)
    assert content(store) == before and store.check() == []
    assert names(copy.parent) == files


def test_the_database_of_another_program_is_not_replaced(copy: Path, tmp_path: Path) -> None:
    path = tmp_path / "bookmarks.sqlite3"
    with closing(connect(path, options="mode=rwc")) as database:
        database.execute("CREATE TABLE bookmarks (url)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="of another program"):
        restore(copy, path)
    assert path.read_bytes() == before


# Size, check, prune ----------------------------------------------------------------------


def test_the_size_counts_everything(store: Store) -> None:
    size = store.size()
    assert (size.runs, size.traces, size.layouts, size.results) == (5, 1, 0, 1)
    assert (size.workspaces, size.scenarios) == (1, 0) and size.bytes > 10_000


def test_a_whole_database_has_no_problems(store: Store) -> None:
    assert store.check() == [] and store.damaged == []


def test_check_finds_damaged_pages_and_rows_that_point_nowhere(
    store: Store, tmp_path: Path
) -> None:
    with store._connection.reading() as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("DELETE FROM runs WHERE id = 1")
    (problem,) = store.check()
    assert problem.code == "page_damaged" and "result_runs" in str(problem)
    store.close()
    pages(store.path)
    with Store(store.path) as broken:
        assert len(broken.check()) > 1


def test_prune_drops_traces_and_unsaved_runs_and_the_oldest_first(store: Store) -> None:
    for number in range(120):
        store.keep(made_up.run(2, number))
    assert store.prune(10_000_000) == 0
    before = store.size()
    dropped = store.prune(before.bytes * 7 // 10)
    after = store.size()
    assert after.bytes < before.bytes * 0.8 and after.traces == 0
    assert before.runs + before.traces - after.runs - after.traces == dropped
    assert store.find(made_up.identity(2), made_up.run(2, 119).seed) is not None
    assert store.find(made_up.identity(2), made_up.run(2, 0).seed) is None
    store.prune(0)
    assert store.size().runs == 3  # those of the saved result
    (saved,) = store.results(store.own_workspace())
    assert all(store.find(*key) is not None for key in saved.runs) and store.check() == []
