"""Laws that hold exactly, because every draw has an address (model §2, *Exactness*)."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.random_interventions import FreeScenario
from tests.random_worlds import random_case
from viralbots.engine import simulate as engine
from viralbots.engine.simulate import simulate
from viralbots.interventions import INTERVENTIONS
from viralbots.scenario import Scenario
from viralbots.trace import Trace
from viralbots.world.variation import add_isolated_user, relabel

ROOT = Path(__file__).resolve().parents[2]
CASES = (56, 106, 159, 240)  # busy ones
PROCESS_CASES = CASES
CASE = pytest.mark.parametrize("number", CASES)

# Run in a new process: the digests of some cases, one a line.
PRINT_DIGESTS = f"""
from tests.random_worlds import random_case
from viralbots.engine.simulate import simulate
for number in {PROCESS_CASES}:
    scenario, world = random_case(number)
    print(simulate(scenario, 7, world=world).digest)
"""


@cache
def plain_run(number: int) -> Trace:
    """A case as it is, at seed 2."""
    scenario, world = random_case(number)
    return simulate(scenario, 2, world=world)


def with_interventions(scenario: Scenario, interventions: list[Any]) -> Scenario:
    """The same scenario with other interventions."""
    fields = {name: getattr(scenario, name) for name in Scenario.model_fields}
    return FreeScenario.model_construct(**{**fields, "interventions": interventions})


def assert_same(one: Trace, other: Trace) -> None:
    """Two runs in which exactly the same happened."""
    assert one.digest == other.digest
    assert np.array_equal(one.totals, other.totals)
    assert np.array_equal(one.series, other.series)
    assert np.array_equal(one.adoptions, other.adoptions)
    assert np.array_equal(one.distrust, other.distrust)
    if one.state is not None and other.state is not None:
        assert np.array_equal(one.state, other.state)


def relabelled(adoptions: NDArray[np.void], new: NDArray[np.int64]) -> NDArray[np.void]:
    """Adoptions under the users' new numbers."""
    moved = adoptions.copy()
    moved["user"] = new[adoptions["user"]]
    has_source = adoptions["source"] >= 0
    moved["source"][has_source] = new[adoptions["source"][has_source]]
    return moved


# -- relabelling ---------------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
@given(number=st.integers(0, 299), shuffle=st.integers(0, 2**32 - 1))
def test_relabelling_users_relabels_the_result(number: int, shuffle: int) -> None:
    scenario, world = random_case(number)
    new = np.random.default_rng(shuffle).permutation(world.n_users)
    before = simulate(scenario, 3, world=world)
    after = simulate(scenario, 3, world=relabel(world, new))
    assert after.digest == before.digest
    assert np.array_equal(after.totals, before.totals)
    assert np.array_equal(after.series, before.series)
    assert before.state is not None and after.state is not None
    assert np.array_equal(after.state[new], before.state)
    assert np.array_equal(after.distrust[new], before.distrust)
    assert np.array_equal(after.adoptions, relabelled(before.adoptions, new))


# -- inert interventions -------------------------------------------------------------------

WEAK: tuple[dict[str, Any], ...] = (
    {"kind": "filter", "strength": 0.0},
    {"kind": "accuracy_prompt", "strength": 0.0},
    {"kind": "prebunk", "strength": 0.0},
    {"kind": "disclosure", "share": 0.0},
    {"kind": "removal", "who": "all", "share": 0.0},
    {"kind": "adjustment", "cell": "forward.const"},
    {"kind": "forward_limit", "limit": 1000},
    {"kind": "label", "strength": 0.0, "reluctance": 0.0},
    {"kind": "rate_limit", "per_day": 1000.0},
    {"kind": "quarantine", "messages": ["message_0"], "share": 0.0},
    {"kind": "bot_removal", "share": 0.0, "mistaken": 0.0},
)
STRONG: tuple[dict[str, Any], ...] = (
    {"kind": "filter", "strength": 1.0},
    {"kind": "accuracy_prompt", "strength": 1.0},
    {"kind": "prebunk", "strength": 5.0},
    {"kind": "disclosure", "share": 1.0},
    {"kind": "removal", "who": "all", "share": 1.0},
    {"kind": "scandal", "share": 1.0, "amount": 1.0},
    {"kind": "adjustment", "cell": "forward.const", "offset": 20.0, "users": "vulnerable"},
    {"kind": "forward_limit", "limit": 1},
    {"kind": "capacity", "per_hour": 0},
    {"kind": "leak", "message": "message_1", "count": 5, "who": "random"},
    {"kind": "correction", "message": "message_1", "count": 5},
    {"kind": "label", "strength": 3.0, "reluctance": 3.0},
    {"kind": "rate_limit", "per_day": 0.0},
    {"kind": "quarantine", "messages": ["message_0"], "share": 1.0},
    {"kind": "bot_removal", "share": 1.0, "mistaken": 0.5},
    {"kind": "downrank", "strength": 1.0},
    {"kind": "opt_in_only"},
    {"kind": "cooling_off", "strength": 1.0},
    {"kind": "throttle", "strength": 1.0},
    {"kind": "autoscale", "per_hour": 1},
    {"kind": "regulator_stop"},
    {"kind": "season", "strength": 3.0},
    {"kind": "press", "message": "message_0", "who": "random"},
    {"kind": "breach", "message": "message_0", "share": 1.0},
    {"kind": "look_up", "message": "message_0", "per_day": 5.0},
    {"kind": "affiliates", "message": "message_0", "who": "random", "per_day": 5.0},
)


def made(fields: dict[str, Any], **more: Any) -> Any:
    return INTERVENTIONS[fields["kind"]].model_validate({**fields, **more})


def test_every_intervention_is_tried_too_late() -> None:
    assert {fields["kind"] for fields in STRONG} == set(INTERVENTIONS)


@CASE
@pytest.mark.parametrize("fields", WEAK, ids=lambda fields: fields["kind"])
def test_an_intervention_of_strength_zero_changes_nothing(
    number: int, fields: dict[str, Any]
) -> None:
    scenario, world = random_case(number)
    added = with_interventions(scenario, [*scenario.interventions, made(fields, start=0)])
    assert_same(simulate(added, 2, world=world), plain_run(number))


@pytest.mark.parametrize("fields", STRONG, ids=lambda fields: fields["kind"])
def test_an_intervention_that_starts_after_the_end_changes_nothing(
    fields: dict[str, Any],
) -> None:
    for number, delay in zip(CASES, (0, 1, 1000, 0), strict=True):
        scenario, world = random_case(number)
        if fields.get("message", "message_0") not in scenario.messages:
            continue
        late = made(fields, start=scenario.horizon + delay)
        added = with_interventions(scenario, [*scenario.interventions, late])
        assert_same(simulate(added, 2, world=world), plain_run(number))


# -- one user more -------------------------------------------------------------------------


@CASE
def test_a_user_whom_nobody_knows_changes_nobody_else(number: int) -> None:
    scenario, world = random_case(number)
    # A share of all users is another share when there are more of them.
    kept = [
        i
        for i in scenario.interventions
        if i.trigger is None or i.trigger.quantity not in ("reach_share", "counter_share")
    ]
    scenario = with_interventions(scenario, kept)
    before = simulate(scenario, 4, world=world)
    after = simulate(scenario, 4, world=add_isolated_user(world))
    assert after.digest == before.digest
    assert np.array_equal(after.adoptions, before.adoptions)
    assert before.state is not None and after.state is not None
    assert np.array_equal(after.state[:-1], before.state)
    assert np.array_equal(after.distrust[:-1], before.distrust)


# -- how it is computed --------------------------------------------------------------------


@CASE
def test_the_order_of_replicates_and_threads_change_nothing(number: int) -> None:
    scenario, world = random_case(number)

    def digest(replicate: int) -> str:
        return simulate(scenario, 6, replicate=replicate, world=world).digest

    order = [0, 1, 2, 3]
    one_by_one = dict(zip(order, map(digest, order), strict=True))
    assert len(set(one_by_one.values())) == len(order)
    for n_threads in (1, 2):
        with ThreadPoolExecutor(n_threads) as pool:
            backwards = order[::-1]
            at_once = dict(zip(backwards, pool.map(digest, backwards), strict=True))
        assert at_once == one_by_one


@CASE
def test_the_size_of_a_slice_changes_nothing(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario, world = random_case(number)
    whole = simulate(scenario, 8, world=world, level="deliveries")
    monkeypatch.setattr(engine, "SLICE", 3)
    sliced = simulate(scenario, 8, world=world, level="deliveries")
    assert_same(sliced, whole)
    assert np.array_equal(sliced.deliveries, whole.deliveries)


@CASE
def test_watching_a_user_changes_nothing(number: int) -> None:
    scenario, world = random_case(number)
    watched = simulate(scenario, 9, world=world, watch=range(0, world.n_users, 2))
    plain = simulate(scenario, 9, world=world)
    assert watched.digest == plain.digest
    assert np.array_equal(watched.totals, plain.totals)
    assert np.array_equal(watched.adoptions, plain.adoptions)


def digests_here() -> list[str]:
    cases = (random_case(number) for number in PROCESS_CASES)
    return [simulate(scenario, 7, world=world).digest for scenario, world in cases]


def digests_of_a_new_process(**environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PRINT_DIGESTS],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.split()


def test_a_new_process_comes_to_the_same_digests() -> None:
    assert digests_of_a_new_process(PYTHONHASHSEED="12345") == digests_here()


@pytest.mark.slow
def test_a_processor_with_fewer_instructions_comes_to_the_same_digests(tmp_path: Path) -> None:
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    dispatched = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
    plain = digests_of_a_new_process(
        NPY_DISABLE_CPU_FEATURES=" ".join(dispatched),
        NUMBA_CPU_NAME="generic",
        NUMBA_CACHE_DIR=str(tmp_path),
    )
    assert plain == digests_here()
