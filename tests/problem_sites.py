"""Where the package makes errors, with which codes and values: read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from viralbots.errors import InputError, ViralbotsError

PACKAGE = Path(__file__).resolve().parent.parent / "viralbots"
ANY = ".*"  # a part of a code that is known only when the program runs
Function = ast.FunctionDef


@dataclass(frozen=True)
class Site:
    """A place in the source where an error is made.

    Attributes
    ----------
    codes : tuple of str
        Codes that it may have, as regular expressions; none where they are computed.
    values : set of str or None
        Names of its values; None where they are computed.
    """

    where: str
    codes: tuple[str, ...]
    values: frozenset[str] | None


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def sites() -> tuple[Site, ...]:
    """All of them, in the order of the files."""
    found = []
    for path, tree in trees().items():
        taking = takers(tree)
        for function in (n for n in ast.walk(tree) if isinstance(n, Function)):
            for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
                where = f"{path.relative_to(PACKAGE)}:{call.lineno}"
                site = site_of(call, function, where, taking)
                if site is not None:
                    found.append(site)
    return tuple(found)


def site_of(call: ast.Call, function: Function, where: str, taking: dict[str, int]) -> Site | None:
    name, owner = called(call)
    if any(isinstance(given, ast.Starred) for given in call.args):
        return Site(where, (), None) if name == "Problem" else None
    if name == "Problem":
        codes = texts(argument(call, 1, "code"), function)
        return Site(where, codes, dict_names(argument(call, 3, "values"), function))
    if owner is None and name in taking:
        return Site(where, texts(argument(call, taking[name], "code"), function), None)
    is_own = name in own_errors() and owner is None
    is_noted = name in ("add", "fail") and owner is not None and owner.endswith("problems")
    is_parent = name == "__init__" and owner == "super()" and len(call.args) == 2
    if is_own or is_noted or is_parent:
        return Site(where, texts(argument(call, 1, "code"), function), keyword_names(call))
    return None


def called(call: ast.Call) -> tuple[str, str | None]:
    """Name of what is called, and what it belongs to."""
    if isinstance(call.func, ast.Name):
        return call.func.id, None
    if isinstance(call.func, ast.Attribute):
        return call.func.attr, ast.unparse(call.func.value)
    return "", None


def argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    return call.args[position] if position < len(call.args) else given.get(name)


@cache
def own_errors() -> frozenset[str]:
    """Errors that tell one thing, and so have a code of their own.

    Read from the files, so that it does not matter what was imported. One with its own __init__
    says its code there, which is a place of its own.
    """
    classes = [node for tree in trees().values() for node in ast.walk(tree)
               if isinstance(node, ast.ClassDef)]  # fmt: skip
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for node in classes
        if node.name != InputError.__name__
        and not any(getattr(part, "name", "") == "__init__" for part in node.body)
    }
    known, found = {ViralbotsError.__name__}, set[str]()
    while more := {name for name, own in bases.items() if own & known} - known:
        known |= more
        found |= more
    return frozenset(found)


def takers(tree: ast.Module) -> dict[str, int]:
    """Functions of a file that make an error of the code given, and the place of the code."""
    found = {}
    for function in tree.body:
        if isinstance(function, Function) and function.returns is not None:
            names = [parameter.arg for parameter in function.args.args]
            if "code" in names and ast.unparse(function.returns).endswith(("Problem", "Error")):
                found[function.name] = names.index("code")
    return found


# What an expression may be ---------------------------------------------------------------


def texts(node: ast.expr | None, function: Function) -> tuple[str, ...]:
    """Texts that an expression may be, names followed to where the function sets them."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    if isinstance(node, ast.IfExp):
        return texts(node.body, function) + texts(node.orelse, function)
    if isinstance(node, ast.FormattedValue):
        return texts(node.value, function) or (ANY,)
    if isinstance(node, ast.JoinedStr):
        parts = product(*(texts(part, function) for part in node.values))
        return tuple("".join(part) for part in parts)
    if not isinstance(node, ast.Name):
        return ()
    if node.id in constants():
        return (constants()[node.id],)
    return tuple(t for value in values_of(node.id, function) for t in texts(value, function))


@cache
def constants() -> dict[str, str]:
    """Texts that have a name in some file."""
    return {
        ast.unparse(name): step.value.value
        for tree in trees().values()
        for step in tree.body
        if isinstance(step, ast.Assign) and isinstance(step.value, ast.Constant)
        and isinstance(step.value.value, str)
        for name in step.targets
    }  # fmt: skip


def values_of(name: str, function: Function) -> list[ast.expr]:
    """What a function sets a name to."""
    found = []
    for step in ast.walk(function):
        if isinstance(step, ast.Assign | ast.AnnAssign) and step.value is not None:
            target = step.targets[0] if isinstance(step, ast.Assign) else step.target
            for part, value in pairs(target, step.value):
                if isinstance(part, ast.Name) and part.id == name:
                    found.append(value)
    return found


def pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What is set to what: ``a, b = (1, 2) if c else (3, 4)`` entry by entry."""
    if isinstance(value, ast.IfExp):
        yield from pairs(target, value.body)
        yield from pairs(target, value.orelse)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=True)
    else:
        yield target, value


def dict_names(node: ast.expr | None, function: Function) -> frozenset[str] | None:
    """Keys of a dict that is written out, here or once before."""
    if node is None:
        return frozenset()
    if isinstance(node, ast.Name):
        values = values_of(node.id, function)
        names = dict_names(values[0], function) if len(values) == 1 else None
        return None if names is None else names | added(node.id, function)
    if not isinstance(node, ast.Dict):
        return None
    keys = [k.value for k in node.keys if isinstance(k, ast.Constant)]
    return frozenset(map(str, keys)) if len(keys) == len(node.keys) else None


def added(name: str, function: Function) -> frozenset[str]:
    """Keys that a function sets in a dict later: ``values["fit"] = …``."""
    return frozenset(
        str(step.slice.value)
        for step in ast.walk(function)
        if isinstance(step, ast.Subscript) and isinstance(step.ctx, ast.Store)
        and isinstance(step.slice, ast.Constant) and ast.unparse(step.value) == name
    )  # fmt: skip


def keyword_names(call: ast.Call) -> frozenset[str] | None:
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else frozenset(str(n) for n in names if n != "code")
