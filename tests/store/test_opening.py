"""Opening: made where there is none, refused with one clear sentence where it cannot be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlite_utils.utils

from tests.store import made_up
from viralbots.errors import StoreError
from viralbots.store import Store, connection, default_path, location, schema
from viralbots.store.connection import connect
from viralbots.store.sqlite import may_use_log, sqlite3


def refused(path: Path | str, code: str) -> str:
    """The message with which a path is refused: one line that names it."""
    with pytest.raises(StoreError) as caught:
        Store(path, wait=0.05).close()
    assert caught.value.code == code, caught.value
    assert "\n" not in str(caught.value) and str(caught.value.values["path"]) in str(caught.value)
    return str(caught.value)


# Places ----------------------------------------------------------------------------------


def test_the_default_is_in_the_data_folder_of_the_platform(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("VIRALBOTS_DB", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    monkeypatch.setattr(Path, "home", lambda: home)
    for platform, expected in (
        ("linux", home / ".local/share/viralbots"),
        ("darwin", home / "Library/Application Support/ViralBots"),
        ("win32", home / "AppData/Local/ViralBots"),
    ):
        monkeypatch.setattr(sys, "platform", platform)
        assert default_path() == expected / "viralbots.sqlite3"
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert default_path().parent == tmp_path / "local" / "ViralBots"
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert default_path().parent == tmp_path / "xdg" / "viralbots"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert default_path().parent == home / ".local/share/viralbots"
    monkeypatch.setenv("VIRALBOTS_DB", str(tmp_path / "named.db"))
    assert default_path() == tmp_path / "named.db"


def test_the_folder_is_made_when_the_store_is_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VIRALBOTS_DB", str(tmp_path / "a" / "b c" / "ü?#%.db"))
    with Store() as store:
        store.keep(made_up.run(1, 1))
        assert store.path == tmp_path / "a" / "b c" / "ü?#%.db"
    assert [path.name for path in (tmp_path / "a" / "b c").iterdir()] == ["ü?#%.db"]


def test_a_link_leads_to_the_file_itself(tmp_path: Path) -> None:
    with Store(tmp_path / "real.sqlite3") as store:
        (tmp_path / "link.sqlite3").symlink_to(store.path)
        with Store(tmp_path / "link.sqlite3") as same:
            assert same.path == store.path
            same.keep(made_up.run(1, 1))
            assert store.size().runs == 1


def test_a_folder_is_not_a_database(tmp_path: Path) -> None:
    assert "this is a folder; give the path of a file" in refused(tmp_path, "database_is_folder")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    told = refused(tmp_path / "file" / "sub" / "my.sqlite3", "no_database_folder")
    assert "cannot be made" in told and "--db FILE" in told


@pytest.mark.parametrize(
    "kind",
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "fuse", "macfuse", "9p", "virtiofs",
     "afpfs", "glusterfs", "ceph", "fuse.rclone"],
)  # fmt: skip
def test_a_network_folder_is_refused_and_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    share = tmp_path / "share"
    monkeypatch.setattr(location, "mounts", lambda: [("/", "ext4"), (str(share), kind)])
    told = refused(share / "lab" / "my.sqlite3", "database_on_network")
    assert kind in told and "give --db FILE on a local disk" in told
    assert not share.exists()
    Store(tmp_path / "local.sqlite3").close()


@pytest.mark.parametrize("kind", ["ext4", "xfs", "apfs", "fuseblk", "tmpfs", "overlay", "btrfs"])
def test_a_local_disk_is_fine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str) -> None:
    monkeypatch.setattr(location, "mounts", lambda: [("/", kind)])
    Store(tmp_path / "my.sqlite3").close()


def test_a_network_folder_behind_a_link_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "share")
    mounts = [("/", "ext4"), (str(tmp_path / "share"), "nfs")]
    monkeypatch.setattr(location, "mounts", lambda: mounts)
    refused(tmp_path / "link" / "my.sqlite3", "database_on_network")


def test_a_path_of_windows_networks_is_refused() -> None:
    refused(r"\\server\share\my.sqlite3", "database_on_network")


@pytest.fixture
def unwritable(tmp_path: Path) -> Iterator[Path]:
    """A folder with a database in which nothing can be written."""
    folder = tmp_path / "unwritable"
    folder.mkdir()
    if os.geteuid():
        Store(folder / "there.sqlite3").close()
        folder.chmod(0o500)
        (folder / "there.sqlite3").chmod(0o400)
        yield folder
        folder.chmod(0o700)
        return
    options = ["-t", "tmpfs", "-o", "size=1m", "viralbots"]
    if subprocess.run(["mount", *options, folder], capture_output=True).returncode:
        pytest.skip("this account may write everywhere and mount nothing")
    try:
        Store(folder / "there.sqlite3").close()
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_folder_that_cannot_be_written_to_is_named(unwritable: Path) -> None:
    for name in ("new.sqlite3", "sub/new.sqlite3", "there.sqlite3"):
        with pytest.raises(StoreError) as caught:
            Store(unwritable / name, wait=0.05).close()
        assert str(unwritable) in str(caught.value) and "give --db FILE" in str(caught.value)
        assert caught.value.code in (
            "database_read_only", "database_unreadable", "no_database_folder"
        )  # fmt: skip


# Files -----------------------------------------------------------------------------------


def test_a_file_of_something_else_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    for content in (b"not a database at all\n" * 100, b"x", b"SQLite format 3\0" + b"\xff" * 5000):
        path.write_bytes(content)
        with pytest.raises(StoreError) as caught:
            Store(path).close()
        assert caught.value.code in ("not_a_database", "database_damaged", "database_empty")
        assert "put a backup in its place" in str(caught.value)
        assert path.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_an_empty_file_is_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viralbots.store.opening._FILLED_WITHIN", 0.05)
    path = tmp_path / "empty.sqlite3"
    path.touch()
    assert "the file is empty" in refused(path, "database_empty")


def test_the_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "bookmarks.sqlite3"
    for pragma in ("PRAGMA user_version = 1", "PRAGMA application_id = 77", "SELECT 1"):
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE runs (id)")
            other.execute(pragma)
            other.commit()
        before = path.read_bytes()
        assert "of another program" in refused(path, "foreign_database")
        assert path.read_bytes() == before


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "newer.sqlite3"
    Store(path).close()
    with closing(connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    told = refused(path, "database_newer")
    assert "version 99" in told and "update the program, or open another database" in told
    assert path.read_bytes() == before


def test_the_log_of_a_database_that_is_gone_is_not_played_into_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "my.sqlite3"
    with Store(path) as store:
        store.keep(made_up.run(1, 1))
        shutil.copy(f"{path}-wal", tmp_path / "log")
    path.unlink()
    shutil.copy(tmp_path / "log", f"{path}-wal")
    with pytest.raises(StoreError, match="put it back, or remove the log"):
        Store(path).close()
    assert not path.exists()
    Path(f"{path}-wal").write_bytes(b"")  # an empty one says nothing
    Store(path).close()


def test_the_header_names_the_program_and_the_version(tmp_path: Path) -> None:
    path = tmp_path / "my.sqlite3"
    Store(path).close()
    header = path.read_bytes()[:100]
    assert header[68:72] == b"VBot" and header[60:64] == bytes([0, 0, 0, len(schema.STEPS)])


# Journal ---------------------------------------------------------------------------------


def pragma(store: Store, name: str) -> object:
    with store._connection.reading() as database:
        return database.execute(f"PRAGMA {name}").fetchone()[0]


def test_the_store_and_sqlite_utils_use_one_library() -> None:
    assert sqlite_utils.utils.sqlite3.connect is sqlite3.connect


def test_writing_waits_for_the_disk_and_keys_are_enforced(tmp_path: Path) -> None:
    with Store(tmp_path / "my.sqlite3", wait=7) as store:
        assert (pragma(store, "synchronous"), pragma(store, "foreign_keys")) == (2, 1)
        assert pragma(store, "busy_timeout") == 7000
        assert pragma(store, "journal_mode") == ("wal" if may_use_log() else "truncate")


@pytest.mark.parametrize("number", range(2))
def test_an_affected_sqlite_never_writes_to_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = tmp_path / "my.sqlite3"
    if number:  # made by a program with a fixed SQLite
        monkeypatch.setattr(connection, "may_use_log", lambda: True)
        Store(path).close()
    monkeypatch.setattr(connection, "may_use_log", lambda: False)
    with Store(path) as store:
        assert pragma(store, "journal_mode") == "truncate"
        store.keep(made_up.run(1, 1))
    assert not Path(f"{path}-wal").exists()


def test_an_affected_sqlite_does_not_join_others_at_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "my.sqlite3"
    monkeypatch.setattr(connection, "may_use_log", lambda: True)
    with Store(path) as fixed:
        monkeypatch.setattr(connection, "may_use_log", lambda: False)
        assert "install the package pysqlite3" in refused(path, "sqlite_too_old")
        fixed.keep(made_up.run(1, 1))
    with Store(path, wait=0.05) as affected:
        monkeypatch.setattr(connection, "may_use_log", lambda: True)
        with Store(path) as fixed:
            assert pragma(fixed, "journal_mode") == "wal"
            with pytest.raises(StoreError, match="cannot join in safely"):
                affected.keep(made_up.run(1, 2))
            fixed.keep(made_up.run(1, 2))


# Earlier versions ------------------------------------------------------------------------


def m002_more(db: sqlite_utils.Database) -> None:
    db.execute("ALTER TABLE runs ADD COLUMN more TEXT")


def m003_fails(db: sqlite_utils.Database) -> None:
    db.execute("ALTER TABLE runs ADD COLUMN even_more TEXT")
    db.execute("INSERT INTO nowhere VALUES (1)")


def m003_loses(db: sqlite_utils.Database) -> None:
    db.execute("PRAGMA defer_foreign_keys = ON")
    db.execute("DELETE FROM runs")


@pytest.fixture
def older(tmp_path: Path) -> Path:
    path = tmp_path / "older.sqlite3"
    with Store(path) as store:
        store.keep(made_up.run(1, 0))
        store.save_result(store.own_workspace(), made_up.recipe(1, range(1)))
    return path


def later(monkeypatch: pytest.MonkeyPatch, *steps: schema.Step) -> None:
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, *steps))


def test_an_older_database_is_brought_up_to_date_and_a_copy_kept(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made_up.run(1, 0)
    taken = older.with_name("older.v1.sqlite3")
    taken.write_text("mine")
    with monkeypatch.context() as patch:
        later(patch, m002_more)
        with Store(older) as store:
            found = store.find(run.identity, run.seed)
            assert found is not None and found.is_same_as(run)
            assert pragma(store, "user_version") == 2
    assert taken.read_text() == "mine"  # never overwritten
    refused(older, "database_newer")
    with Store(older.with_name("older.v1-2.sqlite3")) as copy:  # the program as it was
        found = copy.find(run.identity, run.seed)
        assert found is not None and found.is_same_as(run) and copy.check() == []


@pytest.mark.parametrize("step", [m003_fails, m003_loses])
def test_a_step_that_fails_leaves_the_database_as_it_was(
    older: Path, monkeypatch: pytest.MonkeyPatch, step: schema.Step
) -> None:
    with monkeypatch.context() as patch:
        later(patch, m002_more, step)
        refused(older, "database_damaged")
    with Store(older) as store:
        assert pragma(store, "user_version") == 1 and store.check() == []
        assert store.size().runs == 1


def test_a_new_database_needs_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch, m002_more)
    Store(tmp_path / "new.sqlite3").close()
    assert [path.name for path in tmp_path.iterdir()] == ["new.sqlite3"]
