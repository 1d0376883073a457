"""Many processes on one database, and processes that are killed. Prints a report as JSON.

Run as ``python -m tests.store.processes COMMAND FOLDER NUMBER``. One process imports everything
and then forks, so that what is killed is at work in the store and not in an import.
"""

# ruff: noqa: E402  what is not to be imported is said before the imports

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

if __name__ == "__main__":  # pytest imports this file, too, and needs both
    if os.environ.get("VIRALBOTS_TEST_SQLITE") == "system":
        sys.modules["pysqlite3"] = None  # type: ignore[assignment]  # as if not installed
    sys.modules["pandas"] = None  # type: ignore[assignment]  # sqlite-utils loads it, if it can

import sqlite_utils  # noqa: F401  here and not in each of the forked processes

from tests.store import made_up
from viralbots.store import Store, schema, sqlite_version
from viralbots.store.connection import connect

GROUP = 7


def start(work: Callable[[], None]) -> int:
    """Fork; the child does the work and ends with 0, or 1 after an error."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


def kill(pid: int, after: float) -> bool:
    """Kill -9 after a while; whether it was still at work."""
    time.sleep(after)
    os.kill(pid, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


# Killed while saving ---------------------------------------------------------------------


def save_for_ever(path: Path, trial: int, told: int) -> None:
    """Keep runs, now and then a trace and a result, and acknowledge each when it is kept."""
    with Store(path) as store:
        os.write(told, b"o")
        workspace = store.own_workspace()
        for number in range(1_000_000):
            store.keep(made_up.run(trial, number))
            os.write(told, b"k")
            if number % 5 == 4:
                store.keep_trace(made_up.trace(trial, number))
                os.write(told, b"t")
                store.save_result(workspace, made_up.recipe(trial, range(number - 4, number + 1)))
                os.write(told, b"r")


def kill_while_saving(folder: Path, n: int) -> dict[str, object]:
    """Kill it n times; everything acknowledged must be there and right, the rest whole or not."""
    path, chance = folder / "killed.sqlite3", random.Random(1)
    report = {"kills": 0, "acknowledged": 0, "lost": 0, "partial": 0, "unacknowledged": 0}
    told_of: list[bytes] = []
    for trial in range(n):
        end, told = os.pipe()
        pid = start(lambda trial=trial, told=told: save_for_ever(path, trial, told))
        os.close(told)
        # Every fifth may be killed while it opens, or makes, the database.
        heard, began, wanted = b"", time.monotonic(), chance.randrange(2, 12) if trial % 5 else 0
        while len(heard) < wanted:
            heard += os.read(end, 1)
        # Then within the time of two more savings, however slow the disk is.
        saving = (time.monotonic() - began) / max(len(heard), 1)
        report["kills"] += kill(pid, chance.uniform(0, 2 * saving or 0.02))
        with open(end, "rb") as answers:
            told_of.append((heard + answers.read()).replace(b"o", b""))
        if path.exists():
            judge(path, [trial], told_of, report)
    report["acknowledged"] = sum(map(len, told_of))
    judge(path, list(range(n)), told_of, report)
    with Store(path) as store:
        return {**report, "problems": [str(p) for p in store.check()], "sqlite": sqlite_version()}


def judge(path: Path, trials: list[int], told_of: list[bytes], report: dict[str, int]) -> None:
    """Compare what is there with what was acknowledged."""
    with Store(path) as store:
        workspace = store.own_workspace()
        saved = {(s.seed, s.replicates[-1]): s for s in store.results(workspace)}
        for trial in trials:
            told = told_of[trial]
            for number in range(told.count(b"k") + 2):
                kept = store.find(made_up.identity(trial), made_up.run(trial, number).seed)
                if kept is None:
                    report["lost"] += number < told.count(b"k")
                elif not kept.is_same_as(made_up.run(trial, number)):
                    report["partial"] += 1
                else:
                    report["unacknowledged"] += number >= told.count(b"k")
            for step in range(told.count(b"t") + 1):
                number = 5 * step + 4
                found = store.find_trace(made_up.identity(trial), made_up.run(trial, number).seed)
                if found is None:
                    report["lost"] += step < told.count(b"t")
                elif not made_up.is_same_trace(found, made_up.trace(trial, number)):
                    report["partial"] += 1
                result = saved.get((trial, number))
                if result is None:
                    report["lost"] += step < told.count(b"r")
                else:
                    runs = [store.find(*key) for key in result.runs]
                    report["partial"] += len(runs) != 5 or None in runs
        report["partial"] += len(store.damaged)


# Killed while migrating ------------------------------------------------------------------

N_LAYOUTS, N_ROWS = 300, 8000


def m002_renamed(db: sqlite_utils.Database) -> None:
    """A step as a later version may have: every row of a table, a column and a new table."""
    db.execute("ALTER TABLE layouts ADD COLUMN colour TEXT")
    db.execute("CREATE TABLE counted (number INTEGER)")
    for number in range(N_ROWS):
        db.execute("INSERT INTO counted VALUES (?)", (number,))
        if number % (N_ROWS // 4) == 0:
            db.execute("UPDATE layouts SET name = name || '+'")


def m003_more(db: sqlite_utils.Database) -> None:
    """A second step, so that there is a moment between two."""
    db.execute("ALTER TABLE runs ADD COLUMN colour TEXT")
    db.execute("UPDATE layouts SET colour = 'red'")


def kill_while_migrating(folder: Path, n: int) -> dict[str, object]:
    """Kill a migration n times: old with the old rows, or new with all the new ones."""
    old, path, chance = folder / "old.sqlite3", folder / "migrated.sqlite3", random.Random(2)
    with Store(old) as store, store._connection.writing() as database:
        for number in range(N_LAYOUTS):
            row = (f"world {number}", "plain", 1, bytes(200), b"")
            database.execute("INSERT INTO layouts VALUES (NULL, ?, ?, ?, ?, ?)", row)
    schema.STEPS = (*schema.STEPS, m002_renamed, m003_more)
    shutil.copy(old, path)
    began = time.monotonic()
    Store(path).close()
    lasts = time.monotonic() - began
    report = {"kills": 0, "old": 0, "new": 0, "mixed": 0, "copies": 0, "bad_copies": 0}
    while report["kills"] < n:
        if version(path) != "old":
            for left in folder.glob("migrated*"):
                left.unlink()
            shutil.copy(old, path)
        was_killed = kill(start(lambda: Store(path).close()), chance.uniform(0, lasts))
        report["kills"] += was_killed
        lasts *= 1.1 if was_killed else 0.9  # so that kills come late, and still in time
        report[version(path)] += 1
        for copy in folder.glob("migrated.v1*.sqlite3"):
            report["copies"] += 1
            report["bad_copies"] += version(copy) != "old"
    return report


def version(path: Path) -> str:
    """What a database is, by looking at all its rows."""
    with closing(connect(path)) as database:
        number = database.execute("PRAGMA user_version").fetchone()[0]
        names = {name for (name,) in database.execute("SELECT name FROM layouts")}
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        whole = database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        if whole and number == 1 and names == {"plain"} and "counted" not in tables:
            return "old"
        if whole and number == 3 and names == {"plain++++"} and "counted" in tables:
            counted = database.execute("SELECT count(*) FROM counted").fetchone()[0]
            red = database.execute("SELECT count(*) FROM layouts WHERE colour = 'red'").fetchone()
            return "new" if (counted, red[0]) == (N_ROWS, N_LAYOUTS) else "mixed"
        return "mixed"


# Many at once ----------------------------------------------------------------------------


def together(n: int, work: Callable[[int], None]) -> int:
    """Run n processes that begin at the same moment; how many failed."""
    hold, go = os.pipe()

    def begin(number: int) -> None:
        os.close(go)
        os.read(hold, 1)  # ends when the parent closes its side
        work(number)

    pids = [start(lambda number=number: begin(number)) for number in range(n)]
    os.close(hold)
    os.close(go)
    return sum(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0 for pid in pids)


def write_together(folder: Path, n: int) -> dict[str, object]:
    """Each looks up and keeps runs of its own and runs that all keep, and saves a result."""
    path, n_own, n_shared = folder / "together.sqlite3", 8, 4
    Store(path).close()

    def work(number: int) -> None:
        longest = 0.0
        with Store(path) as store:
            workspace = store.own_workspace()
            for k in range(n_own + n_shared):
                wanted = made_up.run(*((number, k) if k < n_own else (1000, k)))
                began = time.monotonic()
                if store.find(wanted.identity, wanted.seed) is None:
                    store.keep(wanted)
                longest = max(longest, time.monotonic() - began)
            store.save_result(workspace, made_up.recipe(number, range(n_own)))
        (folder / f"longest-{number}").write_text(str(longest))

    failed = together(n, work)
    waits = [float(file.read_text()) for file in folder.glob("longest-*")]
    with Store(path) as store:
        wanted = [made_up.run(p, k) for p in range(n) for k in range(n_own)]
        wanted += [made_up.run(1000, k) for k in range(n_own, n_own + n_shared)]
        found = [(run, store.find(run.identity, run.seed)) for run in wanted]
        missing = sum(kept is None or not kept.is_same_as(run) for run, kept in found)
        n_results = len(store.results(store.own_workspace()))
        problems = [str(p) for p in store.check()]
    return {"failed": failed, "missing": missing, "runs": len(wanted), "results": n_results,
            "problems": problems, "longest": max(waits, default=0.0)}  # fmt: skip


def start_together(folder: Path, n: int) -> dict[str, object]:
    """All open a database that does not exist."""
    path = folder / "new" / "started.sqlite3"

    def work(number: int) -> None:
        with Store(path) as store:
            (folder / f"own-{number}").write_text(store.own_workspace())

    failed = together(n, work)
    own = {file.read_text() for file in folder.glob("own-*")}
    with Store(path) as store:
        problems = [str(p) for p in store.check()]
    left = [file.name for file in path.parent.iterdir() if file != path]
    return {"failed": failed, "own_workspaces": len(own), "problems": problems, "left": left}


def migrate_together(folder: Path, n: int) -> dict[str, object]:
    """All open a database of an earlier version."""
    path = folder / "older.sqlite3"
    Store(path).close()
    schema.STEPS = (*schema.STEPS, m002_renamed, m003_more)
    failed = together(n, lambda number: Store(path).close())
    copies = [file.name for file in folder.glob("older.v1*")]
    with Store(path) as store, store._connection.reading() as database:
        counted = database.execute("SELECT count(*) FROM counted").fetchone()[0]
    return {"failed": failed, "copies": copies, "counted": counted}


COMMANDS = {
    "kill_while_saving": kill_while_saving,
    "kill_while_migrating": kill_while_migrating,
    "write_together": write_together,
    "start_together": start_together,
    "migrate_together": migrate_together,
}

if __name__ == "__main__":
    print(json.dumps(COMMANDS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))))
