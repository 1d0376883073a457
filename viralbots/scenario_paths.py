"""Paths to the fields of a scenario: ``network.n_users``, ``message.ad_intensity``.

A path is written as the fields lie in the file. ``message.…`` is the first message, entries
of a list are numbered from 0, with a dot or in brackets (``seeding.0.count``,
``seeding[0].count``), and cells of the decision table keep their dot
(``rule.cells.forward.const``).
"""

from __future__ import annotations

from typing import Any

from viralbots.errors import Problem, ScenarioError
from viralbots.scenario_file import suggest


def place(data: dict[str, Any], path: str, source: str) -> tuple[Any, Any]:
    """The container and the key that a path leads to.

    Parameters
    ----------
    data : dict
        All fields of a scenario; an override of a cell that it lacks is added as None.
    path : str
    source : str
        Name of the scenario, for the message.

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
    parts = path.replace("[", ".").replace("]", "").split(".")
    if parts[0] == "message":
        parts[:1] = ["messages", next(iter(data["messages"]))]
    if parts[:2] == ["rule", "cells"]:
        parts = ["rule", "cells", ".".join(parts[2:])]
        data["rule"]["cells"].setdefault(parts[2], None)
    node: Any = data
    for depth, part in enumerate(parts):
        is_list = isinstance(node, list | tuple)
        key: Any = int(part) if is_list and part.isdecimal() else part
        known = range(len(node)) if is_list else node if isinstance(node, dict) else ()
        if key not in known:
            text = _leads_nowhere(node, part, ".".join(parts[:depth]))
            raise ScenarioError(source, [Problem(path, "unknown_field", text)])
        if depth < len(parts) - 1:
            node = node[key]
    return node, key


def _leads_nowhere(node: Any, part: str, where: str) -> str:
    if isinstance(node, dict):
        return f"unknown field in {where or 'the scenario'}{suggest(part, node)}"
    if not isinstance(node, list | tuple):
        return f"{where} has no fields; leave .{part} out"
    if not node:
        return f"{where} is empty; add an entry in a file of your own"
    return f"{where} has no entry {part!r}; they are numbered from 0 to {len(node) - 1}"
