"""Ties between labelled users, before they become a world (model §1, *Imported network*)."""

from __future__ import annotations

import math
import re
from array import array
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from viralbots.errors import NetworkError, Problem
from viralbots.world.world import MAX_USERS

MAX_PROBLEMS = 10
MAX_LABEL = 200  # characters
_RECALLED = 1 << 24  # labels below, if plain integers, are looked up in an array
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class EdgeList:
    """A network as read from a file: no self-loops, no tie twice.

    Users are numbered in the order in which the file names them first. A tie says that
    ``target`` hears ``source``; in an undirected network each hears the other.

    Attributes
    ----------
    labels : tuple of str
        Name of each user as written in the file.
    source, target : int64[m]
        Numbers of the two users of each tie, in file order.
    weight : float64[m] or None
        Tie strength, 0 < w ≤ 1; None where the file gives none.
    directed : bool
    facts : dict
        ``format``, ``n_lines``, ``self_loops`` and ``duplicates`` (dropped), ``header``
        (the numbers of an "N M" line, or None), ``weights_divided_by`` (or None).
    """

    labels: tuple[str, ...]
    source: IntArray
    target: IntArray
    weight: NDArray[np.float64] | None
    directed: bool
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def n_users(self) -> int:
        return len(self.labels)

    @property
    def n_ties(self) -> int:
        """Ties of the list; an undirected tie counts once."""
        return len(self.source)


def label_problem(label: str, path: str) -> Problem | None:
    """Why a text cannot be a user's label, or None if it can."""
    about: dict[str, object] = {"label": label}
    if not label:
        code, fault = "label_empty", "the user's name is empty"
    elif len(label) > MAX_LABEL:
        about = {"length": len(label), "limit": MAX_LABEL}
        code = "label_long"
        fault = f"the user's name has {len(label)} characters, at most {MAX_LABEL} are allowed"
    elif _UNWRITABLE.search(label):
        code, fault = "label_control", f"the user's name {label!r} contains a control character"
    elif label != label.strip(" "):
        code, fault = "label_blank", f"the user's name {label!r} begins or ends with a blank"
    else:
        return None
    return Problem(path, code, f"{fault}; rename the user", about)


class Problems:
    """Collects what is wrong with one file and gives up after `MAX_PROBLEMS`."""

    def __init__(self, source: str):
        self.source = source
        self.found: list[Problem] = []

    def add(self, line: int, code: str, text: str, **values: object) -> None:
        """Note a problem of a line and go on reading, unless there are enough."""
        self.note(Problem(f"line {line}", code, text, {"line": line, **values}))

    def note(self, problem: Problem) -> None:
        """Note a problem and go on reading, unless there are enough."""
        self.found.append(problem)
        if len(self.found) >= MAX_PROBLEMS:
            self.stop()

    def fail(self, line: int, code: str, text: str, **values: object) -> NoReturn:
        """Note a problem after which reading on makes no sense."""
        self.add(line, code, text, **values)
        raise NetworkError(self.source, self.found)

    def stop(self) -> None:
        """Raise if anything was found."""
        if self.found:
            raise NetworkError(self.source, self.found)


class EdgeBuilder:
    """Grows an `EdgeList` tie by tie; labels become numbers on first sight."""

    def __init__(self, problems: Problems):
        self.problems = problems
        self.number: dict[str, int] = {}
        self.source = array("q")
        self.target = array("q")
        self.weight = array("d")
        self._known = np.empty(0, np.int32)

    def user(self, label: str, line: int) -> int:
        """Number of a label, or −1 (and a problem) if it cannot be one."""
        known = self.number.get(label)
        if known is not None:
            return known
        fault = label_problem(label, f"line {line}")
        if fault is not None:
            self.problems.note(fault)
            return -1
        if len(self.number) >= MAX_USERS:
            text = f"more than {MAX_USERS} users; leave some out (this is the largest network)"
            self.problems.fail(line, "too_many_users", text, limit=MAX_USERS)
        self.number[label] = len(self.number)
        return len(self.number) - 1

    def tie(self, line: int, source: str, target: str, weight: str | None = None) -> None:
        """Add one tie; ``weight`` as written."""
        u, v = self.user(source, line), self.user(target, line)
        w = 1.0 if weight is None else self._strength(weight, line)
        if u >= 0 and v >= 0 and w > 0.0:
            self.source.append(u)
            self.target.append(v)
            if weight is not None:
                self.weight.append(w)

    def pairs(self, values: IntArray, line: int) -> None:
        """Add unweighted ties between users whose labels are plain integers, int64[k, 2]."""
        flat = values.ravel()
        users = self._recall(flat)
        missing = np.flatnonzero(users < 0)
        unique, first, inverse = np.unique(flat[missing], return_index=True, return_inverse=True)
        numbers = np.empty(len(unique), np.int64)
        labels, places = unique.tolist(), missing[first].tolist()
        for i in np.argsort(first, kind="stable").tolist():
            numbers[i] = self.user(str(labels[i]), line + places[i] // 2)
        users[missing] = numbers[inverse]
        inside = unique < _RECALLED
        self._known[unique[inside]] = numbers[inside]
        pairs = users.reshape(-1, 2)
        self.source.frombytes(pairs[:, 0].tobytes())
        self.target.frombytes(pairs[:, 1].tobytes())

    def _recall(self, values: IntArray) -> IntArray:
        """Numbers of the users that `pairs` has met, −1 for others."""
        needed = min(int(values.max()) + 1, _RECALLED)
        if needed > len(self._known):
            grown = np.full(min(2 * needed, _RECALLED), -1, np.int32)
            grown[: len(self._known)] = self._known
            self._known = grown
        users = np.full(len(values), -1, np.int64)
        inside = values < _RECALLED
        users[inside] = self._known[values[inside]]
        return users

    def _strength(self, text: str, line: int) -> float:
        try:
            value = math.nan if "_" in text else float(text)
        except ValueError:
            value = math.nan
        if math.isfinite(value) and value > 0.0:
            return value
        message = (
            f"the weight must be a number greater than 0, got {text[:40]!r}; "
            "correct it (with a decimal point), or leave the tie out"
        )
        self.problems.add(line, "bad_weight", message, given=text[:40])
        return -1.0

    def finish(self, directed: bool, facts: dict[str, object]) -> EdgeList:
        """Drop self-loops and repeated ties, scale the weights."""
        self.problems.stop()
        source = np.frombuffer(self.source, np.int64)
        target = np.frombuffer(self.target, np.int64)
        weight = np.frombuffer(self.weight, np.float64) if len(self.weight) else None
        is_loop = source == target
        kept = np.flatnonzero(~is_loop)
        first, weight = _without_repeats(source[kept], target[kept], weight, kept, directed)
        facts["self_loops"] = int(is_loop.sum())
        facts["duplicates"] = len(kept) - len(first)
        facts["weights_divided_by"] = None
        if not len(first):
            text = "no tie between two different users; give at least one line 'user user'"
            self.problems.fail(max(1, int(str(facts["n_lines"]))), "no_ties", text)
        if weight is not None and weight.max() > 1.0:
            facts["weights_divided_by"] = float(weight.max())
            weight = np.maximum(weight / weight.max(), np.nextafter(0.0, 1.0))
        labels = tuple(self.number)
        return EdgeList(labels, source[first], target[first], weight, directed, facts)


def _without_repeats(
    source: IntArray,
    target: IntArray,
    weight: NDArray[np.float64] | None,
    kept: IntArray,
    directed: bool,
) -> tuple[IntArray, NDArray[np.float64] | None]:
    """Positions of the first of each tie, in file order, and the largest weight of each.

    ``source`` and ``target`` are given at the positions ``kept``, ``weight`` at all.
    """
    low, high = (
        (source, target) if directed else (np.minimum(source, target), np.maximum(source, target))
    )
    pair = low * np.int64(MAX_USERS) + high
    if weight is None:
        return kept[np.sort(np.unique(pair, return_index=True)[1])], None
    _, first, inverse = np.unique(pair, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    largest = np.zeros(len(first))
    np.maximum.at(largest, inverse, weight[kept])
    return kept[first[order]], largest[order]
