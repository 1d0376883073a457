"""The same bytes as stored: tables, worlds and runs (model §2, *Exactness*).

A difference here is either a change of results, which raises the engine version and stands
in CHANGELOG.md, or a machine on which a number came out differently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from viralbots import exact
from viralbots.engine.simulate import simulate
from viralbots.metrics import evaluate
from viralbots.rules import main_rule
from viralbots.rules.constants import DEFAULTS
from viralbots.rules.decision_table import CELLS, DECISIONS
from viralbots.scenario import load, override
from viralbots.trace import COUNTS
from viralbots.world.assemble import build
from viralbots.world.message import Message
from viralbots.world.spec import WorldSpec
from viralbots.world.world import CHANNELS, Population, Ties, World

pytestmark = pytest.mark.golden

Golden = Callable[[str, dict[str, object]], None]

ROOT = Path(__file__).resolve().parent.parent
STORIES = [
    *sorted((ROOT / "scenarios").glob("*.yaml")),
    ROOT / "tests" / "golden" / "made_up.yaml",
]
METRICS = ("forward_probability", "fan_out", "r", "depth", "structural_virality", "t50")
WORLDS: dict[str, dict[str, Any]] = {
    "default of 500": {"n_users": 500},
    "default of 3000": {"n_users": 3000, "seed": 2},
    "default of 30": {"n_users": 30},
    "erdos_renyi": {"kind": "erdos_renyi", "mean_degree": 6.0},
    "erdos_renyi, dense": {"kind": "erdos_renyi", "n_users": 40, "mean_degree": 20.0},
    "watts_strogatz": {"kind": "watts_strogatz", "mean_degree": 8.0, "rewire": 0.2},
    "barabasi_albert": {"kind": "barabasi_albert", "attach": 3},
    "configuration": {"kind": "configuration", "degrees": {"1": 0.5, "3": 0.5}},
    "block": {"kind": "block", "blocks": 4, "degree_inside": 6.0, "degree_outside": 1.5},
    "imported": {"kind": "imported", "path": str(ROOT / "tests/world/files/names.csv")},
}
TABLES = (
    "normal_quantiles", "beta22_quantiles", "beta_threat_quantiles", "sigmoid_table",
    "halving_table",
)  # fmt: skip


def hash_of(arrays: Iterable[tuple[str, np.ndarray]]) -> str:
    """SHA-256 over names, types, shapes and little-endian bytes of arrays."""
    found = hashlib.sha256()
    for name, array in arrays:
        array = np.ascontiguousarray(array)
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        found.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        found.update(array.tobytes())
    return found.hexdigest()


def arrays_of(part: Population | Ties, prefix: str) -> Iterable[tuple[str, np.ndarray]]:
    """Every field of a part of a world, numbers as arrays."""
    for field in fields(part):
        yield f"{prefix}.{field.name}", np.asarray(getattr(part, field.name))


def world_hash(world: World) -> dict[str, object]:
    return {
        "population": hash_of(arrays_of(world.population, "population")),
        "ties": hash_of(arrays_of(world.ties, "ties")),
        "follows": hash_of(arrays_of(world.follows, "follows")),
        "n_users": world.n_users,
        "n_ties": world.ties.n_ties,
        "n_follows": world.follows.n_ties,
    }


def test_exact_tables_have_the_stored_bytes(golden: Golden) -> None:
    found = {name: hash_of([(name, getattr(exact, name)())]) for name in TABLES}
    for mu, sigma in ((-0.125, 0.5), (0.0, 0.7), (3.85, 1.78)):
        table = exact.lognormal_quantiles(mu, sigma)
        found[f"lognormal_quantiles({mu}, {sigma})"] = hash_of([("q", table)])
    x = (np.arange(20_001) - 10_000) / 337
    found["exp"] = hash_of([("exp", exact.exp(x))])
    found["log"] = hash_of([("log", exact.log(np.abs(x) + 1e-9))])
    golden("exact_tables", found)


def test_rule_tables_have_the_stored_bytes(golden: Golden) -> None:
    p0, ratio = main_rule.fan_out_table(DEFAULTS)
    draws = [int(draw) for draw in np.arange(2000) * 2_147_483]
    law = [main_rule.fan_out(draw, float(p0[2048]), float(ratio[2048]), 0.6) for draw in draws]
    found = {
        "inverse_activity": hash_of([("inverse_activity", main_rule.inverse_activity())]),
        "fan_out_table": hash_of([("p0", p0), ("ratio", ratio)]),
        "fan_out": hash_of([("fan_out", np.array(law, np.int64))]),
    }
    for channel in CHANNELS[:6]:
        for pace in ("conversation", "marketing"):
            table = main_rule.wait_table(channel, pace, DEFAULTS)
            found[f"wait {channel} {pace}"] = hash_of([("wait", table)])
    golden("rule_tables", found)


def test_the_decision_table_is_the_stored_one(golden: Golden) -> None:
    golden("cells", dict(DEFAULTS))
    assert set(CELLS) <= set(DEFAULTS)


def test_terms_of_a_message_are_the_stored_ones(golden: Golden) -> None:
    message = Message(
        value=0.7, ease=0.3, arousal=0.4, ad_intensity=0.2, threat=0.6, disguise=0.1,
        is_false=True, novelty=0.5, reward=1.5, reward_visible=True, status=0.9, offer="trial",
        price=12.0,
    )  # fmt: skip
    found: dict[str, object] = {}
    for decision in DECISIONS:
        for channel in ("im", "video"):
            terms = main_rule.terms(decision, message, channel, DEFAULTS)
            told = [f"{term.cell} {term.coefficient} {term.variable}" for term in terms]
            found[f"{decision} {channel}"] = told
    golden("terms", found)


def test_worlds_have_the_stored_bytes(golden: Golden) -> None:
    found: dict[str, object] = {}
    for name, given in WORLDS.items():
        parts = world_hash(build(WorldSpec(**{"n_users": 500, **given})))
        found.update({f"{name}: {part}": value for part, value in parts.items()})
    golden("worlds", found)


@pytest.mark.parametrize("path", STORIES, ids=[path.stem for path in STORIES])
def test_a_run_has_the_stored_digest(golden: Golden, path: Path) -> None:
    scenario = load(path)
    changes: dict[str, object] = {"network.n_users": 500}
    for number, wave in enumerate(scenario.seeding):
        changes[f"seeding.{number}.count"] = min(wave.count, 50)
    scenario = override(scenario, changes)
    world = build(scenario.network)
    trace = simulate(scenario, seed=1, world=world)
    found: dict[str, object] = {
        "digest": trace.digest,
        "state": hash_of([("state", trace.state), ("distrust", trace.distrust)]),
        "adoptions": hash_of([("adoptions", trace.adoptions)]),
        "series": hash_of([("series", trace.series)]),
        "started": list(trace.started),
    }
    for number, message in enumerate(trace.messages):
        counts = dict(zip(COUNTS, trace.totals[number].tolist(), strict=True))
        found[message] = [f"{name} {count}" for name, count in counts.items() if count]
    values = evaluate(world, trace)
    found.update({f"metric {name}": values[name] for name in METRICS})
    golden(path.stem, found)
