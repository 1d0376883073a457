"""``viralbots export`` and ``import``: out into files that can be cited, and in again."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from viralbots.cli.again import again, refuse_changed
from viralbots.cli.options import (
    SAVED,
    Chosen,
    add_command,
    add_language,
    add_output,
    add_store,
    whole,
)
from viralbots.cli.run import add_labels, experiment, save_result
from viralbots.cli.storage import open_store, workspace_of
from viralbots.errors import ExperimentError
from viralbots.problem_words import say

if TYPE_CHECKING:
    from viralbots.scenario import Scenario
    from viralbots.store import SavedResult
    from viralbots.trace import Trace
    from viralbots.world.world import World

DIFFERS = 1
SCENARIO = "scenario"
ENDINGS = {".json": "json", ".csv": "csv", ".graphml": "graphml", ".yaml": SCENARIO}


def add_parsers(commands: Any) -> None:
    """Register the words."""
    told = "write a saved run to a file, with seed, version and identity in it"
    export = add_command(commands, "export", run_export, told)
    add = export.add_argument
    add("run", metavar="RUN", help="r1, see `viralbots list runs`")
    add("--as", dest="form", metavar="FORMAT",
        help="json (everything, can be imported), csv (a line per run), curves, summary, "
        "adoptions (one run: who, when, from whom), graphml or follows (one run's network), "
        "scenario; default: by the ending of the file, or json")  # fmt: skip
    add("--out", metavar="FILE", help="default: standard output")
    add("--overwrite", action="store_true", help="replace the file if it is there")
    add("--replicate", type=whole(0), default=0, metavar="R",
        help="which run, for adoptions and graphml (default 0)")  # fmt: skip
    add_store(export)
    add_language(export)
    told = "check a scenario file or an exported run and save it"
    bring = add_command(commands, "import", run_import, told)
    add = bring.add_argument
    add("file", metavar="FILE", help="a scenario (.yaml), or an exported run (.json), which is "
        "run again and compared with what its author got")  # fmt: skip
    add("--network", metavar="FILE", help="your copy of the network of an exported run")
    add("--workers", type=whole(1), default=os.cpu_count() or 1, metavar="N", help="threads")
    add_labels(bring)
    add_store(bring)
    add_output(bring)


def run_export(arguments: argparse.Namespace) -> int:
    """Write one saved run."""
    write = _writer(arguments, _number(arguments.run), arguments.form or _form_of(arguments.out))
    if arguments.out is None:
        write(sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return 0
    path = Path(arguments.out)
    if path.exists() and not arguments.overwrite:
        text = f"{path} is there already; choose another name or add --overwrite"
        raise ExperimentError(text, "file_exists", path=str(path))
    part = path.with_name(path.name + ".part")  # nobody finds half a file under its name
    try:
        with part.open("wb") as out:
            write(out)
        part.replace(path)
    except OSError as error:
        why = str(error.strerror or error)
        text = f"{path} cannot be written ({why})"
        raise ExperimentError(text, "unwritable", path=str(path), why=why) from None
    finally:
        part.unlink(missing_ok=True)
    print(f"{arguments.run} → {path}", file=sys.stderr)
    return 0


def _number(text: str) -> int:
    matched = SAVED.fullmatch(text)
    if not matched or matched[1] != "r":
        problem = f"got {text!r}; write the number of a saved run, such as r1 (`viralbots list`)"
        raise ExperimentError(problem, "not_a_run", got=text)
    return int(matched[2])


def _form_of(out: str | None) -> str:
    """The format that a file's ending asks for."""
    suffix = (Path(out).suffix.lower() if out else "") or ".json"
    return ENDINGS.get(suffix, suffix)


def _writer(arguments: argparse.Namespace, number: int, form: str) -> Callable[[BinaryIO], None]:
    """What writes a saved run in a format; everything that can fail beforehand has."""
    from viralbots.experiments.bundle import write_bundle
    from viralbots.experiments.export import FORMATS

    if form not in (*FORMATS, SCENARIO):
        known = ", ".join((*FORMATS, SCENARIO))
        text = f"no format is called {form!r}; give --as one of {known}"
        raise ExperimentError(text, "unknown_format", got=form, allowed=[*FORMATS, SCENARIO])
    with open_store(arguments) as store:
        saved = store.result(workspace_of(store, arguments), number)
        if form == SCENARIO:
            return lambda out: None if out.write(saved.document.encode()) else None
        of_result, of_run = FORMATS[form].of_result, FORMATS[form].of_run
        if of_result is not None:
            result = again(saved, store, arguments.lang)
            if form == "json":  # with its author's own words
                return lambda out: write_bundle(result, out, saved.document)
            return lambda out: of_result(result, out)
    assert of_run is not None
    run = _run(saved, arguments.replicate)
    return lambda out: of_run(*run, out)


def _run(saved: SavedResult, number: int) -> tuple[World, Trace, Scenario]:
    """One run, made again from its seed."""
    from viralbots.experiments.replicate import replicate_of, trace_of
    from viralbots.scenario import from_text
    from viralbots.world.assemble import build

    if number not in saved.replicates:
        first, last = min(saved.replicates), max(saved.replicates)
        text = f"--replicate: got {number}; r{saved.id} has {first} to {last}"
        raise ExperimentError(text, "no_replicate", got=number, first=first, last=last)
    scenario = from_text(saved.document, f"r{saved.id}")
    refuse_changed(saved, scenario)
    replicate = replicate_of(scenario, saved.seed, number, saved.vary)
    world = build(replicate.scenario.network)
    return world, trace_of(replicate, world), replicate.scenario


# import ----------------------------------------------------------------------------------


def run_import(arguments: argparse.Namespace) -> int:
    """Check, save, say under which number; 1 where an exported run did not come out the same."""
    path, agrees = Path(arguments.file), None
    if path.suffix.lower() == ".json":
        name, agrees = _import_run(path, arguments)
    else:
        name = _import_scenario(path, arguments)
    if arguments.json:
        print(json.dumps({"saved": name, "same_bytes": agrees}))
    elif arguments.lang == "zh":
        print(f"已保存为 {name}。运行：viralbots run {name}")
    else:
        print(f"Saved as {name}. Run it: viralbots run {name}")
    return DIFFERS if agrees is False else 0


def _import_scenario(path: Path, arguments: argparse.Namespace) -> str:
    from viralbots.scenario import read

    scenario, document = read(path)
    with open_store(arguments, make=True) as store:
        number = store.save_scenario(
            workspace_of(store, arguments), document, name=arguments.name or scenario.name,
            identity=scenario.identity, notes=arguments.note or "", tags=arguments.tags,
        )  # fmt: skip
    return f"s{number}"


def _import_run(path: Path, arguments: argparse.Namespace) -> tuple[str, bool | None]:
    """An exported run: nobody's numbers are trusted, it is run again and compared."""
    from viralbots.experiments.bundle import MAX_BYTES, read_bundle
    from viralbots.scenario import dump

    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        why = str(error.strerror or error)
        text = f"{path} cannot be read ({why})"
        raise ExperimentError(text, "unreadable_file", path=str(path), why=why) from None
    offered = read_bundle(data, str(path))
    if arguments.network:
        offered = offered.with_network(arguments.network)
    for note in offered.notes:
        print(f"viralbots: {say(note, arguments.lang)}", file=sys.stderr)
    document = offered.document or dump(offered.scenario)
    arguments.seed, arguments.vary = offered.seed, offered.vary
    arguments.replicates, arguments.fresh = offered.n_replicates, False
    with open_store(arguments, make=True) as store:
        result = experiment(Chosen(offered.scenario, document), arguments, store)
        if result is None or result.n_replicates < offered.n_replicates:
            raise KeyboardInterrupt
        saved = save_result(store, result.recipe(document, offered.n_replicates), arguments)
    agrees = offered.agrees(result)
    print(_agreement(agrees, arguments.lang), file=sys.stderr)
    return saved, agrees


def _agreement(agrees: bool | None, lang: str) -> str:
    if agrees is None:
        return ("无法与作者的结果逐字节比较。" if lang == "zh"
                else "It cannot be compared byte by byte with its author's result.")  # fmt: skip
    answer = {True: ("yes", "是"), False: ("no", "否")}[agrees][lang == "zh"]
    return f"与作者的结果字节相同：{answer}" if lang == "zh" else (
        f"Same bytes as its author's: {answer}"
    )  # fmt: skip
