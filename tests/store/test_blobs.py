"""What is packed comes out again, bit by bit; what is damaged does not come out."""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.store import made_up
from viralbots.errors import StoreError
from viralbots.run import Run
from viralbots.store import Store
from viralbots.store.blobs import Damaged, expand, pack, seal, squeeze, unpack
from viralbots.trace import ADOPTION

WHOLE = st.integers(-(2**63), 2**63 - 1)
CURVE = st.one_of(
    arrays.arrays(np.int64, st.integers(0, 30), elements=WHOLE),
    st.lists(st.integers(0, 50), max_size=30).map(lambda s: np.cumsum([0, *s], dtype=np.int64)),
)
NUMBER = st.one_of(
    st.floats(allow_nan=False),
    st.sampled_from([math.nan, -math.nan, -0.0, math.inf, -math.inf, 5e-324]),
)
NAME = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FACT = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | NAME | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("runs") / "runs.sqlite3") as store:
        yield store


EXAMPLE = itertools.count()


@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**64 - 1),
    values=st.dictionaries(NAME, NUMBER, max_size=6),
    curves=st.dictionaries(NAME, CURVE, max_size=3),
    facts=st.dictionaries(NAME, FACT, max_size=3),
)
def test_a_run_comes_back_bit_by_bit(
    store: Store,
    seed: int,
    values: dict[str, float],
    curves: dict[str, Any],
    facts: dict[str, object],
) -> None:
    run = replace(
        made_up.run(1, 1), identity=made_up.identity(next(EXAMPLE)), seed=seed, values=values,
        curves=curves, facts=facts,
    )  # fmt: skip
    store.keep(run)
    kept = store.find(run.identity, run.seed)
    assert kept is not None and kept.is_same_as(run) and run.is_same_as(kept)
    assert (list(kept.values), list(kept.curves)) == (list(values), list(curves))  # in order
    bits = [struct.pack("<d", value) for value in values.values()]
    assert [struct.pack("<d", value) for value in kept.values.values()] == bits
    assert all(c.dtype == np.int64 and c.flags.writeable for c in kept.curves.values())
    assert type(kept.seed) is int and all(type(v) is float for v in kept.values.values())


@given(FACT)
def test_plain_data_comes_back_with_its_types(fact: object) -> None:
    header = {"fact": fact, "both": (fact, [fact, ()]), "(": {"{": [fact]}, "nested": {"(": (1,)}}
    again, _ = unpack(pack(header, {}))
    assert again == header and repr(again) == repr(header)


@pytest.mark.parametrize("shape", [(0,), (3,), (2, 0, 4), (2, 3, 4), ()])
@pytest.mark.parametrize("kind", ["i8", "u8", "i4", "u4", "u2", "u1", "f8", "f4", ADOPTION])
def test_arrays_of_all_kinds_and_shapes_come_back(shape: tuple[int, ...], kind: Any) -> None:
    array = np.zeros(shape, kind)
    array.reshape(-1).view(np.uint8)[:] = np.arange(array.nbytes) % 251
    _, again = unpack(pack({}, {"a": array, "empty": np.zeros(0, np.int64)}))
    assert again["a"].dtype == array.dtype and again["a"].shape == shape
    assert again["a"].tobytes() == array.tobytes() and again["a"].flags.writeable


def test_a_curve_that_counts_up_takes_little_space() -> None:
    curve = np.cumsum(np.arange(721) % 3).astype(np.int64)
    steps, plain = (len(squeeze(pack({}, {"c": curve}, counts))) for counts in (("c",), ()))
    assert steps < plain / 3 and steps < 200


@pytest.mark.parametrize(
    "value", [{1, 2}, b"bytes", object(), {1: "a"}, np.int64(3), [{"a": {1j}}]]
)
def test_what_is_not_plain_data_is_refused_with_its_type(value: object) -> None:
    with pytest.raises(StoreError, match="can be kept, got ") as caught:
        pack({"value": value}, {})
    assert caught.value.code == "not_plain_data"


@pytest.mark.parametrize("array", [np.array(["text"]), np.array([1j]), np.array([None])])
def test_arrays_of_anything_but_numbers_are_refused(array: Any) -> None:
    with pytest.raises(StoreError, match="an array of"):
        pack({}, {"a": array})


def test_a_value_without_end_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    for value in (endless, 10**5000):
        with pytest.raises(StoreError):
            pack({"value": value}, {})


def test_more_bytes_than_were_said_are_never_unpacked() -> None:
    bomb = squeeze(bytes(5_000_000))
    assert len(bomb) < 10_000
    for size in (1, 1000, 4_999_999, 5_000_001, 0, -1, 2**80, 1.5, None, "5"):
        with pytest.raises(Damaged):
            expand(bomb, size)
    with pytest.raises(Damaged):
        expand(bomb, 5_000_000, most=1_000_000)
    assert expand(bomb, 5_000_000) == bytes(5_000_000)


def test_every_flipped_bit_of_a_packed_run_is_found_or_harmless() -> None:
    run = made_up.run(2, 3)
    raw = pack({"values": list(run.values)}, {"c": run.curves["reach"]}, ["c"])
    blob, sealed = squeeze(raw), seal("run", raw)
    for bit in range(8 * len(blob)):
        damaged = bytearray(blob)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            got = expand(bytes(damaged), len(raw))
        except Damaged:
            continue
        assert got == raw or seal("run", got) != sealed


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"vb1\n",
        b"vb2\n" + pack({}, {})[4:],
        pack({}, {}) + b"x",
        pack({}, {"a": np.arange(3)})[:-1],
        pack({}, {"a": np.arange(3)}).replace(b"[3]", b"[9]"),
        pack({}, {"a": np.arange(3)}).replace(b"[3]", b"-1 "),
        pack({}, {"a": np.arange(3)}).replace(b'"i8"', b'"O8"'),
        pack({}, {"a": np.arange(3)}).replace(b'"a"', b"nul"),
    ],
)
def test_bytes_of_another_form_are_refused(raw: bytes) -> None:
    with pytest.raises(Damaged):
        unpack(raw)


def test_a_seal_tells_types_and_borders_apart() -> None:
    told = [("a", "b"), ("ab",), ("a", b"b"), ("a", 1), ("a", "1"), ("a", True), ("a", None)]
    assert len({seal("kind", *values) for values in told}) == len(told)
    assert seal("run", "a") != seal("trace", "a")


def test_a_run_needs_whole_numbers_in_its_curves(tmp_path: Path) -> None:
    with Store(tmp_path / "runs.sqlite3") as store:
        for curve in (np.zeros(3), np.zeros(3, np.int32), np.int64(3)):
            run: Run = replace(made_up.run(1, 1), curves={"reach": curve})
            with pytest.raises(StoreError, match="instead of int64"):
                store.keep(run)
