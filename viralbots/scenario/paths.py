"""Paths to the fields of a scenario: ``network.n_users``, ``message.ad_intensity``.

A path is written as the fields lie in the file. ``message.…`` is the first message, entries
of a list are numbered from 0, with a dot or in brackets (``seeding.0.count``,
``seeding[0].count``), and cells of the decision table keep their dot
(``rule.cells.forward.const``).
"""

from __future__ import annotations

from typing import Any

from viralbots.errors import Problem, ScenarioError
from viralbots.scenario.file import shown, suggest, suggestion

MAX_LENGTH = 500


def split(path: str, first_message: str = "") -> tuple[str, ...]:
    """The parts of a path, ``message`` replaced by the name of the first one.

    >>> split("seeding[0].count"), split("rule.cells.forward.const")
    (('seeding', '0', 'count'), ('rule', 'cells', 'forward.const'))
    """
    parts = path.replace("[", ".").replace("]", "").split(".")
    if parts[0] == "message":
        parts[:1] = ["messages", first_message]
    if parts[:2] == ["rule", "cells"] and len(parts) > 2:
        parts = ["rule", "cells", ".".join(parts[2:])]
    return tuple(parts)


def place(data: dict[str, Any], path: str, source: str, *, add: bool = True) -> tuple[Any, Any]:
    """The container and the key that a path leads to.

    Parameters
    ----------
    data : dict
        All fields of a scenario; an override of a cell or a channel that it lacks is added as
        None.
    path : str
    source : str
        Name of the scenario, for the message.
    add : bool
        False: leave the data alone; the key may then be missing from its container.

    Raises
    ------
    ScenarioError
        The path leads nowhere.

    Examples
    --------
    >>> data = {"messages": {"ad": {"ease": 0.5}}}
    >>> place(data, "message.ease", "example")
    ({'ease': 0.5}, 'ease')
    """
    messages = data.get("messages")
    first = next(iter(messages), "") if isinstance(messages, dict) else ""
    parts = split(path, str(first)) if len(path) <= MAX_LENGTH else ()
    if not parts:
        text = f"must be the path of a field, got {shown(path)}"
        raise ScenarioError(source, [Problem(path[:80], "bad_path", text, {"got": shown(path)})])
    node: Any = data
    for depth, part in enumerate(parts):
        is_list = isinstance(node, list | tuple)
        key: Any = _number(part) if is_list else part
        known = range(len(node)) if is_list else node if isinstance(node, dict) else ()
        is_last = depth == len(parts) - 1
        if key not in known:
            if not (is_last and isinstance(node, dict) and _may_be_added(parts)):
                where = ".".join(parts[:depth])
                raise ScenarioError(source, [_leads_nowhere(path, node, part, where)])
            if add:
                node[key] = None
        if not is_last:
            node = node[key]
    return node, key


def _number(part: str) -> int:
    return int(part) if part.isascii() and part.isdecimal() else -1


def _may_be_added(parts: tuple[str, ...]) -> bool:
    """Whether a path ends in a mapping whose names are free: cells, channels of a message."""
    return parts[:2] == ("rule", "cells") or (
        len(parts) == 4 and parts[0] == "messages" and parts[2] == "channels"
    )


def _leads_nowhere(path: str, node: Any, part: str, where: str) -> Problem:
    if isinstance(node, dict):
        text = f"unknown field in {where or 'the scenario'}{suggest(part, node)}"
        return Problem(path, "unknown_field", text, {"name": part, **suggestion(part, node)})
    if not isinstance(node, list | tuple):
        text = f"{where} has no fields; leave .{part} out"
        return Problem(path, "no_fields", text, {"where": where, "part": part})
    if not node:
        text = f"{where} is empty; add an entry in a file of your own"
        return Problem(path, "empty_list", text, {"where": where})
    text = f"{where} has no entry {part!r}; they are numbered from 0 to {len(node) - 1}"
    return Problem(path, "no_entry", text, {"where": where, "part": part, "last": len(node) - 1})
