"""The house: who may import whom, and what no file may contain."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "viralbots"
FILES = [*sorted(PACKAGE.rglob("*.py")), *ROOT.glob("app.py")]
IDS = [str(path.relative_to(ROOT)) for path in FILES]

BOTTOM = {"version", "errors", "exact", "draws", "fold", "prefetch", "library"}
MODEL = BOTTOM | {"world"}
RUN = MODEL | {"rules", "interventions", "scenario"}
READ = RUN | {"trace", "experiments", "store", "metrics", "lessons", "problem_words"}

MAY_IMPORT: dict[str, set[str]] = {
    "version": set(),
    "errors": set(),
    "problem_words": {"errors"},
    "exact": set(),
    "draws": set(),
    "fold": set(),
    "prefetch": set(),
    "library": set(),
    "world": BOTTOM,
    "rules": MODEL,
    "interventions": MODEL | {"rules"},
    "scenario": RUN,
    "trace": {"errors", "version"},
    "engine": RUN | {"trace"},
    "metrics": MODEL | {"trace"},
    "experiments": RUN | {"trace", "metrics", "engine"},
    "store": BOTTOM | {"scenario", "trace"},
    "lessons": RUN | {"trace", "metrics"},
    "ui": READ,
    "cli": READ,
    "app": {"ui"},
    # The public API gathers names; the rule of a run is that nothing inside imports it.
    "": READ | {"engine"},
}
"""Each part and the parts it may import (itself always)."""

PART = {
    "run": "trace",
    "__main__": "cli",
    "__init__": "",
}  # fmt: skip
ONLY_IN = {
    "streamlit": r"viralbots/ui/.*|app\.py",
    "altair": r"viralbots/ui/.*|app\.py",
    "sqlite_utils": r"viralbots/store/.*",
    "sqlite3": r"viralbots/store/.*",
    "pysqlite3": r"viralbots/store/.*",
    "faker": r"viralbots/world/profiles\.py",
    "numba": r"viralbots/(fold\.py|prefetch\.py|engine/.*|metrics/forest_kernel\.py|"
    r"world/(generators|layer_kernels|layout)\.py)",
    "llvmlite": r"viralbots/prefetch\.py",
    "random": r"(?!)",
    "pickle": r"(?!)",
}
DECIDES = ("world", "rules", "engine", "interventions", "draws", "fold", "exact")
PLATFORM_MATHS = {
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "power", "pow", "tanh", "float_power",
}  # fmt: skip
MAX_LINES, MAX_ARGUMENTS = 40, 6


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def part_of(path: Path) -> str:
    """The part of the house that a file belongs to."""
    if path == ROOT / "app.py":
        return "app"
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return PART.get(first, first)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a file imports, inside functions too."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: write imports in full"
            module = node.module or ""
            if module == "viralbots":  # `from viralbots import draws` imports a module
                yield from ((node.lineno, f"viralbots.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


def functions_of(path: Path) -> Iterator[ast.FunctionDef]:
    yield from (n for n in ast.walk(tree_of(path)) if isinstance(n, ast.FunctionDef))


def is_kernel(function: ast.FunctionDef) -> bool:
    """Compiled by numba: ``njit``, ``intrinsic`` or a name made from them."""
    text = " ".join(ast.unparse(decorator) for decorator in function.decorator_list)
    return bool(re.search(r"\b(njit|jit|vectorize|intrinsic|kernel|compiled)\b", text))


def length_of(function: ast.FunctionDef) -> int:
    """Lines from ``def`` to the end, the docstring and kernels inside left out."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None and isinstance(first, ast.Expr):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    inside = (
        n for n in ast.walk(function) if isinstance(n, ast.FunctionDef) and n is not function
    )
    return lines - sum((n.end_lineno or 0) - n.lineno + 1 for n in inside if is_kernel(n))


def arguments_of(function: ast.FunctionDef) -> list[str]:
    given = function.args
    named = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return [name for name in named if name not in ("self", "cls")]


def calls_of(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def none(problems: list[str]) -> None:
    assert not problems, "\n".join(["", *problems])


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_file_imports_only_what_its_part_may(path: Path) -> None:
    part = part_of(path)
    assert part in MAY_IMPORT, f"{part} is a new part: give it a line in MAY_IMPORT"
    wrong = []
    for line, name in imports_of(path):
        if name.split(".")[0] != "viralbots":
            continue
        imported = (name.split(".") + [""])[1]
        other = PART.get(imported, imported if imported in MAY_IMPORT else "")
        allowed = other == part or other in MAY_IMPORT[part] or (part == "app" and other == "")
        if not allowed:
            wrong.append(f"line {line}: {part or 'viralbots'} may not import {name}")
    none(wrong)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_library_is_imported_only_where_it_belongs(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    none([
        f"line {line}: {library} belongs in {ONLY_IN[library]}"
        for line, module in imports_of(path)
        for library in [module.split(".")[0]]
        if library in ONLY_IN and not re.fullmatch(ONLY_IN[library], name)
    ])  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_file_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree_of(path)), "the module has no docstring"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_functions_are_short(path: Path) -> None:
    none([
        f"line {f.lineno}: {f.name} has {length_of(f)} lines; at most {MAX_LINES}"
        for f in functions_of(path)
        if length_of(f) > MAX_LINES and not is_kernel(f)
    ])  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_functions_take_few_arguments(path: Path) -> None:
    none([
        f"line {f.lineno}: {f.name} takes {len(arguments_of(f))}; at most {MAX_ARGUMENTS}"
        for f in functions_of(path)
        if len(arguments_of(f)) > MAX_ARGUMENTS and not is_kernel(f)
        and f"{part_of(path)}.{f.name}" not in SPECIFIED
    ])  # fmt: skip


SPECIFIED = {"engine.simulate", "experiments.run_all", "store.save_scenario"}
"""Public functions whose keyword arguments are part of the promise."""


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_nothing_that_decides_uses_the_platforms_mathematics(path: Path) -> None:
    if part_of(path) not in DECIDES:
        pytest.skip("decides nothing")
    none([
        f"line {line}: {name} differs between machines; use viralbots.exact"
        for line, name in calls_of(path)
        if name.split(".")[0] in ("np", "numpy", "math") and name.split(".")[-1] in PLATFORM_MATHS
    ])  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_draws_are_addressed(path: Path) -> None:
    none([
        f"line {line}: {name} is not an addressed draw; use viralbots.draws"
        for line, name in calls_of(path)
        if name == "hash" or re.match(r"(np|numpy)\.random\b", name)
    ])  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_ties_are_sorted_stably(path: Path) -> None:
    """Sorting values needs no care; an order of positions does."""
    none([
        f"line {line}: give kind='stable'"
        for line, call in argsorts_of(path)
        if "kind='stable'" not in call and not is_compiled(path, line)
    ])  # fmt: skip


def argsorts_of(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("argsort"):
            yield node.lineno, ast.unparse(node)


def is_compiled(path: Path, line: int) -> bool:
    return any(
        is_kernel(f) and f.lineno <= line <= (f.end_lineno or 0) for f in functions_of(path)
    )


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_no_file_is_a_drawer_for_everything(path: Path) -> None:
    assert path.stem not in {"utils", "util", "helpers", "misc", "common", "manager"}


def texts() -> list[Path]:
    kinds = {".py", ".md", ".yaml", ".yml", ".toml", ".txt", ".json", ".cfg", ""}
    hidden = re.compile(r"(^|/)(\.(?!ci|streamlit|github|gitignore)|build/|dist/|[^/]*\.egg-info)")
    found = (p for p in ROOT.rglob("*") if p.suffix in kinds)
    return [
        p for p in found
        if not hidden.search(p.relative_to(ROOT).as_posix())
        and "__pycache__" not in p.parts and p.is_file() and p.stat().st_size < 2_000_000
    ]  # fmt: skip


def test_no_file_names_a_folder_of_one_machine() -> None:
    # Put together here, so that this file does not find itself.
    folders = ("/" + "home/", "/" + "Users/", "/" + "root/", "/" + "work/", "C:\\" + "Users\\")
    wrong = []
    for path in texts():
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if any(re.search(rf"(?<![\w.]){re.escape(folder)}", line) for folder in folders):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    none(wrong)


def test_the_router_is_short() -> None:
    app = ROOT / "app.py"
    if not app.exists():
        pytest.skip("no app.py yet")
    assert len(app.read_text("utf-8").splitlines()) < 50
