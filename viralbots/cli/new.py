"""``viralbots new``: start a scenario file of one's own."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from viralbots.cli.options import add_command, add_language, add_store, find
from viralbots.errors import Problem, ScenarioError


def add_parsers(commands: Any) -> None:
    """Register the word."""
    new = add_command(commands, "new", run_new, "start a commented scenario file of your own")
    add = new.add_argument
    add("name", metavar="NAME", nargs="?", help="its name: a-z, 0-9, _; NAME.yaml is written")
    add("--from", metavar="SCENARIO", dest="origin", help="begin with a copy of this one")
    add("--full", action="store_true", help="every field with its default and meaning")
    add("--schema", action="store_true", help="only print the JSON schema, for editors")
    add_store(new)
    add_language(new)


def run_new(arguments: argparse.Namespace) -> int:
    """Write the file, never over another one."""
    if arguments.schema:
        from viralbots.scenario.schema import json_schema

        print(json.dumps(json_schema(), ensure_ascii=False, indent=1))
        return 0
    if arguments.name is None:
        raise ScenarioError("new", [Problem("NAME", "missing", "is missing; how to call it?")])
    name = arguments.name.removesuffix(".yaml")
    document = _document(arguments, name)  # refuses a name that would lead to another folder
    path = Path(f"{name}.yaml")
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(document)
    except FileExistsError:
        text = "is there already; choose another name, or move it away"
        raise ScenarioError(str(path), [Problem("", "file_exists", text)]) from None
    except OSError as error:
        why = error.strerror or str(error)
        text = f"cannot be written ({why})"
        raise ScenarioError(str(path), [Problem("", "unwritable", text, {"why": why})]) from None
    zh = arguments.lang == "zh"
    print(f"已写好 {path}。运行：viralbots run {path}" if zh
          else f"{path} is written. Run it: viralbots run {path}", file=sys.stderr)  # fmt: skip
    return 0


def _document(arguments: argparse.Namespace, name: str) -> str:
    from viralbots.scenario import from_text
    from viralbots.scenario.edit import edit
    from viralbots.scenario.template import template

    if arguments.origin is None:
        document = template(name, arguments.lang, full=arguments.full)
    else:
        origin = find(arguments.origin, arguments)
        changes = {"name": name, "derived_from": origin.scenario.name}
        document = edit(origin.document, changes, arguments.origin)
    from_text(document, name)  # what is written must be valid, the name included
    return document
