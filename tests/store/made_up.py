"""Runs, traces and recipes made up from two numbers: whoever knows them can tell a wrong one."""

from __future__ import annotations

import hashlib
import math

import numpy as np

from viralbots.draws import run_seed
from viralbots.run import Run
from viralbots.store import Recipe
from viralbots.trace import ADOPTION, CONVERT, COUNTS, DELIVERY, Trace
from viralbots.version import ENGINE_VERSION, METRICS_VERSION

HOURS = 120


def identity(group: int) -> str:
    """Identity of a scenario."""
    return hashlib.sha256(f"scenario {group}".encode()).hexdigest()


def run(group: int, number: int) -> Run:
    """A run of a scenario."""
    curve = (np.arange(HOURS + 1, dtype=np.int64) * (group + 3)) // (number + 2)
    values = {"reach": float(curve[-1]), "nothing": math.nan, "share": 1 / (number + 3)}
    values |= {f"metric_{k}": k * 1.5 + number for k in range(20)}
    return Run(
        identity=identity(group),
        seed=run_seed(group, number),
        digest=hashlib.sha256(f"{group} {number}".encode()).hexdigest(),
        engine_version=ENGINE_VERSION,
        metrics_version=METRICS_VERSION,
        values=values,
        curves={"reach": curve, "adopters": curve // 2, "converts": curve // 3},
        facts={"n_users": 2000, "kind": "default", "group": group, "number": number},
    )


def trace(group: int, number: int, level: str = "deliveries") -> Trace:
    """The trace of `run`."""
    n = 40 + number
    adoptions = np.zeros(n, ADOPTION)
    adoptions["minute"], adoptions["user"], adoptions["source"] = np.arange(n), group, -1
    deliveries = np.zeros(3 * n, DELIVERY)
    deliveries["minute"], deliveries["outcome"] = np.arange(3 * n), 40_000 + number
    converts = np.zeros(n, CONVERT)
    converts["minute"], converts["channel"], converts["hops"] = np.arange(n), 255, 300 + number
    adoptions["hops"], adoptions["mark"] = np.arange(n), 3
    series = np.cumsum(np.ones((HOURS + 1, 2, len(COUNTS)), np.int64), axis=0) * (number + 1)
    has_state, has_deliveries = level != "series", level == "deliveries"
    return Trace(
        identity=identity(group),
        seed=group,
        replicate=number,
        messages=("prize", "counter"),
        n_users=n,
        horizon=HOURS * 60,
        digest=hashlib.sha256(f"{group} {number}".encode()).hexdigest(),
        totals=series[-1].copy(),
        series=series,
        state=np.full((n, 2), 0xF0000000 + group, np.uint32) if has_state else None,
        distrust=np.full((n, 1), -group - 1, np.int32),
        brands=("prize_house",),
        adoptions=adoptions if has_state else np.zeros(0, ADOPTION),
        converts=converts if has_state else np.zeros(0, CONVERT),
        marks=np.arange(n, dtype=np.uint8) % 8 if number % 2 == 0 else None,
        deliveries=deliveries if has_deliveries else None,
        facts={
            "world": {"kind": "default", "n": n},
            "messages": ({"kind": "message"}, {"a": (1,)}),
        },
        started=(-1, 60 * group),
    )


def recipe(group: int, numbers: range, **changes: object) -> Recipe:
    """The result that some runs of a scenario make up."""
    runs = [run(group, number) for number in numbers]
    fields: dict[str, object] = {
        "document": f"format: 1  # 种子 {group}\r\nname: case\n",
        "scenario": f"case_{group}",
        "title": {"en": f"Case {group}", "zh": f"案例{group}"},
        "identity": identity(group),
        "seed": group,
        "vary": "luck",
        "replicates": tuple(numbers),
        "n_wanted": len(numbers),
        "runs": tuple((r.identity, r.seed) for r in runs),
        "digest": hashlib.sha256("\n".join(r.digest for r in runs).encode()).hexdigest(),
        "engine_version": ENGINE_VERSION,
    }
    return Recipe(**fields | changes)  # type: ignore[arg-type]


def is_same_trace(one: Trace, other: Trace) -> bool:
    """Whether two traces are equal in all fields, bit by bit and type by type."""
    for name, value in vars(one).items():
        theirs = getattr(other, name)
        if isinstance(value, np.ndarray):
            if value.dtype != theirs.dtype or value.shape != theirs.shape:
                return False
            if value.tobytes() != theirs.tobytes():
                return False
        elif type(value) is not type(theirs) or value != theirs:
            return False
    return True
