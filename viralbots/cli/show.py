"""``viralbots list`` and ``viralbots show``: what there is, and what it says."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from viralbots.cli.options import (
    SAVED,
    add_command,
    add_output,
    add_store,
    find,
)
from viralbots.cli.run import show_result
from viralbots.cli.storage import database_of, open_store, workspace_of
from viralbots.cli.terminal import columns, fit
from viralbots.library import scenario_files, scenario_folder

if TYPE_CHECKING:
    from viralbots.scenario import Scenario
    from viralbots.store import SavedResult

FAILED = 2
KINDS = ("all", "scenarios", "runs")


def add_parsers(commands: Any) -> None:
    """Register the words."""
    listing = add_command(commands, "list", run_list, "list scenarios and saved runs")
    listing.add_argument("kind", nargs="?", choices=KINDS, default="all",
                         help="only scenarios or only runs")  # fmt: skip
    listing.add_argument("--search", metavar="TEXT", default="",
                         help="those whose name, title, note or tag has this text")  # fmt: skip
    add_store(listing)
    add_output(listing)
    told = "show a scenario, or the result of a saved run"
    showing = add_command(commands, "show", run_show, told)
    showing.add_argument("what", metavar="SCENARIO|RUN",
                         help="a file, a name, s1 (saved scenario) or r1 (saved run)")  # fmt: skip
    add_store(showing)
    add_output(showing)


# list ------------------------------------------------------------------------------------


def run_list(arguments: argparse.Namespace) -> int:
    """Library, saved scenarios, saved runs."""
    scenarios = _library(arguments) if arguments.kind != "runs" else []
    saved, runs = _kept(arguments)
    if arguments.json:
        data = {"scenarios": scenarios, "saved": saved, "runs": runs}
        print(json.dumps(data, ensure_ascii=False, indent=1))
        return 0
    for row in [*scenarios, *saved, *runs]:
        print(*fit([_line(row, arguments.lang)], columns(), indent=26), sep="\n")
    if scenarios or saved or runs:
        return 0
    print(f"viralbots: {_nothing(arguments)}", file=sys.stderr)
    return FAILED if arguments.kind != "runs" and not arguments.search else 0


def _nothing(arguments: argparse.Namespace) -> str:
    zh = arguments.lang == "zh"
    if arguments.search:
        return f"没有找到“{arguments.search}”" if zh else f"nothing has {arguments.search!r} in it"
    if arguments.kind == "runs":
        return "还没有保存的运行" if zh else "no saved runs yet; `viralbots run` saves them"
    folder = scenario_folder()
    if zh:
        return f"{folder} 里没有场景；请给出文件路径"
    return f"no scenarios in {folder}; give the path of a file"


def _library(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    from viralbots.scenario import load

    rows = []
    for name, path in scenario_files().items():
        scenario = load(path)
        row = {"name": name, "title": scenario.title.model_dump(), "tags": scenario.tags}
        if _has(arguments.search, name, scenario.title.en, scenario.title.zh, *scenario.tags):
            rows.append(row)
    return rows


def _has(wanted: str, *texts: str) -> bool:
    return any(wanted.casefold() in text.casefold() for text in texts)


def _kept(arguments: argparse.Namespace) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Saved scenarios and runs; none where nothing was ever saved."""
    if not database_of(arguments).exists() and not arguments.db:
        return [], []
    with open_store(arguments) as store:
        workspace, search = workspace_of(store, arguments), arguments.search
        saved = [] if arguments.kind == "runs" else store.scenarios(workspace, search)
        runs = [] if arguments.kind == "scenarios" else store.results(workspace, search)
    return (
        [{"name": f"s{s.id}", "title": {"en": s.name, "zh": s.name}, "note": s.notes,
          "tags": list(s.tags), "created": s.created} for s in saved],
        [_run_row(run) for run in runs],
    )  # fmt: skip


def _run_row(run: SavedResult) -> dict[str, Any]:
    return {
        "name": f"r{run.id}", "title": {"en": run.name, "zh": run.name}, "seed": run.seed,
        "replicates": len(run.replicates), "of": run.n_wanted, "vary": run.vary,
        "digest": run.digest, "engine_version": run.engine_version, "note": run.notes,
        "tags": list(run.tags), "created": run.created,
    }  # fmt: skip


def _line(row: dict[str, Any], lang: str) -> str:
    line = f"{row['name']:24} {row['title'][lang]}"
    if "seed" in row:
        count, seed = row["replicates"], row["seed"]
        count = count if count == row["of"] else f"{count}/{row['of']}"
        line += f" · {count} × · {'种子' if lang == 'zh' else 'seed '}{seed}"
    if "created" in row:
        line += f" · {row['created'][:16].replace('T', ' ')}"
    extra = [row.get("note", ""), *(f"#{tag}" for tag in row["tags"] if "created" in row)]
    return " · ".join([line, *(text for text in extra if text)])


# show ------------------------------------------------------------------------------------


def run_show(arguments: argparse.Namespace) -> int:
    """Tell a scenario, or a saved run from what was kept of it."""
    matched = SAVED.fullmatch(arguments.what)
    if matched and matched[1] == "r":
        return _show_run(arguments)
    chosen = find(arguments.what, arguments)
    if arguments.json:
        data = chosen.scenario.model_dump(mode="json")
        data = {**data, "identity": chosen.scenario.identity, "document": chosen.document}
        print(json.dumps(data, ensure_ascii=False, indent=1))
        return 0
    _show_scenario(chosen.scenario, arguments.lang)
    return 0


def _show_run(arguments: argparse.Namespace) -> int:
    from viralbots.cli.again import again
    from viralbots.experiments.table import as_data

    with open_store(arguments) as store:
        saved = store.result(workspace_of(store, arguments), int(arguments.what[1:]))
        result = again(saved, store, arguments.lang)
    if arguments.json:
        data = {**_run_row(saved), **as_data(result)}
        print(json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1))
        return 0
    show_result(result, arguments.lang)
    print(_line(_run_row(saved), arguments.lang))
    return 0


def _show_scenario(scenario: Scenario, lang: str) -> None:
    zh, width = lang == "zh", columns()
    print(f"{getattr(scenario.title, lang)}\n")
    print(*fit([getattr(scenario.story, lang)], width or 99), sep="\n")
    if scenario.look_at is not None:
        print()
        print(*fit([getattr(scenario.look_at, lang)], width or 99), sep="\n")
    for head, lines in _parts(scenario, lang):
        if lines:
            print(f"\n{head}")
            print(*fit([f"  {line}" for line in lines], width or 99, indent=4), sep="\n")
    twin = scenario.twin or "–"
    tail = f"场景 {scenario.name} · 对照 {twin} · 标识 {scenario.identity[:16]}"
    other = f"{scenario.name} · clean twin {twin} · identity {scenario.identity[:16]}"
    print(f"\n{tail if zh else other}")


def _parts(scenario: Scenario, lang: str) -> list[tuple[str, list[str]]]:
    from viralbots.scenario.paths import place

    data, zh = scenario.model_dump(mode="json"), lang == "zh"
    values = []
    for path in scenario.controls:
        node, key = place(data, path, scenario.name)
        value = node[key]
        if value is None and path.startswith("rule.cells."):
            value = scenario.cells[path.removeprefix("rule.cells.")]
        values.append(f"{path} = {json.dumps(value, ensure_ascii=False)}")
    claims = [getattr(claim.text, lang) for claim in scenario.claims]
    return [
        ("可以改变的" if zh else "What to change (--set)", values),
        ("论断" if zh else "Claims", claims),
        ("来源" if zh else "Sources", scenario.sources),
    ]
