"""``viralbots backup``, ``restore`` and ``forget``: the upkeep of what was saved."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from viralbots.cli.options import SAVED, add_command, add_output, add_store
from viralbots.cli.storage import database_of, open_store, workspace_of
from viralbots.errors import ExperimentError


def add_parsers(commands: Any) -> None:
    """Register the words."""
    backup = add_command(commands, "backup", run_backup, "copy the database to a file")
    backup.add_argument("file", metavar="FILE")
    backup.add_argument("--overwrite", action="store_true", help="replace the file if it is there")
    restore = add_command(
        commands, "restore", run_restore,
        "replace the database by a copy; the present one is kept beside it",
    )  # fmt: skip
    restore.add_argument("file", metavar="FILE", help="what `viralbots backup` wrote")
    forget = add_command(commands, "forget", run_forget, "delete a saved run or scenario")
    forget.add_argument("what", metavar="RUN|SCENARIO", help="r1 or s1")
    for parser in (backup, restore, forget):
        add_store(parser)
        add_output(parser)


def run_backup(arguments: argparse.Namespace) -> int:
    """Copy the database while others may be writing."""
    with open_store(arguments) as store:
        store.backup(Path(arguments.file), replace=arguments.overwrite)
        path = str(store.path)
    zh = arguments.lang == "zh"
    _say(arguments, {"from": path, "to": arguments.file},
         f"{path} → {arguments.file}（已检查）" if zh
         else f"{path} is copied to {arguments.file} and checked")  # fmt: skip
    return 0


def run_restore(arguments: argparse.Namespace) -> int:
    """Check the copy, set the present database aside, put the copy in its place."""
    from viralbots.store import restore

    path = database_of(arguments)
    aside = restore(Path(arguments.file), path)
    zh, data = arguments.lang == "zh", {"database": str(path), "aside": str(aside or "")}
    told = f"已从 {arguments.file} 恢复 {path}" if zh else f"{path} is now {arguments.file}"
    if aside:
        told += f"；原来的在 {aside}" if zh else f"; what was there is {aside}"
    _say(arguments, data, told)
    return 0


def run_forget(arguments: argparse.Namespace) -> int:
    """Delete one saved thing; runs that others share stay."""
    matched = SAVED.fullmatch(arguments.what)
    if not matched:
        raise ExperimentError(f"got {arguments.what!r}; write r1 (a run) or s1 (a scenario), "
                              "see `viralbots list`", "not_saved", got=arguments.what)  # fmt: skip
    with open_store(arguments) as store:
        workspace, number = workspace_of(store, arguments), int(matched[2])
        delete = store.delete_result if matched[1] == "r" else store.delete_scenario
        delete(workspace, number)
    zh = arguments.lang == "zh"
    _say(arguments, {"deleted": arguments.what},
         f"已删除 {arguments.what}" if zh else f"{arguments.what} is deleted")  # fmt: skip
    return 0


def _say(arguments: argparse.Namespace, data: dict[str, str], sentence: str) -> None:
    print(json.dumps(data, ensure_ascii=False) if arguments.json else sentence)
