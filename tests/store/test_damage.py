"""Whatever happens to the file: every value that is read is right, absent, or an error."""

from __future__ import annotations

import itertools
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.store import made_up
from viralbots.errors import StoreError
from viralbots.store import Store

RUNS = [(group, number) for group in range(2) for number in range(6)]
TRACES = [(0, 2), (1, 3)]
SIZE = 4096

Reading = tuple[str, Callable[[Store], Any], Callable[[Any], bool]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A database with something of everything, and its own workspace."""
    path, ids = tmp_path_factory.mktemp("whole") / "whole.sqlite3", itertools.count(1)
    with pytest.MonkeyPatch.context() as patch, Store(path) as store:
        # The same bytes each time, so that the same seed does the same damage.
        patch.setattr("secrets.token_hex", lambda n: f"{next(ids):0{2 * n}x}")
        for place in ("shelf", "results"):
            patch.setattr(f"viralbots.store.{place}.now", lambda: "2030-01-01T00:00:00Z")
        own = store.own_workspace()
        store.new_workspace()
        for key in RUNS:
            store.keep(made_up.run(*key))
        for key in TRACES:
            store.keep_trace(made_up.trace(*key))
        store.keep_layout("world", "whole", *layout())
        first = save(store, own, 0, None)
        for number in range(1, 4):
            save(store, own, number, first)
        for group in range(2):
            store.save_result(own, made_up.recipe(group, range(6)), name=f"result {group}")
    return path, own


def layout() -> tuple[Any, Any]:
    return np.arange(400, dtype=np.float32).reshape(200, 2) / 7, np.arange(200)


def save(store: Store, own: str, number: int, parent: int | None) -> int:
    return store.save_scenario(
        own, document(number), name=f"scenario {number}", identity=made_up.identity(number),
        parent=parent, notes=f"note {number}" * 20, tags=[f"tag {number}"],
    )  # fmt: skip


def document(number: int) -> str:
    return f"format: 1\nname: case_{number}\n" + f"# comment {number}\n" * 50


def is_scenario(saved: Any) -> bool:
    number = saved.id - 1
    return bool(
        saved.document == document(number)
        and (saved.name, saved.notes) == (f"scenario {number}", f"note {number}" * 20)
        and (saved.tags, saved.identity) == ((f"tag {number}",), made_up.identity(number))
        and saved.parent == (1 if number else None)
    )


def is_result(saved: Any) -> bool:
    recipe = made_up.recipe(saved.id - 1, range(6))
    fixed = {k: v for k, v in vars(recipe).items() if k not in ("name", "notes", "tags")}
    return saved.name == f"result {saved.id - 1}" and fixed.items() <= vars(saved).items()


def is_layout(found: Any) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(found, layout(), strict=True))


def readings(own: str) -> Iterable[Reading]:
    """Everything that can be read, and whether what comes is right."""
    for group, number in RUNS:
        run = made_up.run(group, number)
        yield "run", lambda s, r=run: s.find(r.identity, r.seed), run.is_same_as  # type: ignore[misc]
    for group, number in TRACES:
        key, trace = made_up.run(group, number), made_up.trace(group, number)
        yield (
            "trace",
            lambda s, k=key: s.find_trace(k.identity, k.seed),  # type: ignore[misc]
            lambda found, t=trace: made_up.is_same_trace(t, found),  # type: ignore[misc]
        )
    yield "layout", lambda s: s.find_layout("world", "whole"), is_layout
    for number in range(1, 5):
        yield "scenario", lambda s, n=number: s.scenario(own, n), is_scenario  # type: ignore[misc]
    for number in (1, 2):
        yield "result", lambda s, n=number: s.result(own, n), is_result  # type: ignore[misc]
    yield "scenarios", lambda s: s.scenarios(own), lambda found: all(map(is_scenario, found))
    yield "results", lambda s: s.results(own), lambda found: all(map(is_result, found))
    yield "own", lambda s: s.own_workspace(), lambda found: True


def damage(path: Path, chance: random.Random) -> str:
    """Damage a file in one of four ways."""
    data = bytearray(path.read_bytes())
    kind = chance.choice(["bit", "bit", "bits", "block", "cut"])
    if kind == "cut":
        del data[chance.randrange(len(data)) :]
    elif kind == "block":
        at = chance.randrange(len(data) // SIZE) * SIZE + chance.choice([0, 0, 512, 2048])
        filling = chance.choice([bytes(512), chance.randbytes(512), bytes(data[:512])])
        data[at : at + 512] = filling
    else:
        for _ in range(1 if kind == "bit" else 40):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    return kind


def read_everything(path: Path, own: str) -> Counter[str]:
    """What came of reading it all: right, absent, refused or wrong."""
    told: Counter[str] = Counter()
    try:
        store = Store(path, wait=0.1)
    except StoreError:
        return Counter(unopened=1)
    with store:
        for turn in range(2):
            for kind, read, is_right in readings(own):
                try:
                    found = read(store)
                except StoreError:
                    told["refused"] += 1
                    continue
                told["absent" if found is None else "right" if is_right(found) else kind] += 1
            if not turn:  # the program goes on: what is missing is computed and kept again
                for key in RUNS:
                    try:
                        store.keep(made_up.run(*key))
                    except StoreError:
                        told["not kept"] += 1
        store.check()
    return told


def nothing_wrong(whole: tuple[Path, str], folder: Path, seeds: range) -> Counter[str]:
    """Damage a copy with each seed and read it all."""
    path, own = whole
    told: Counter[str] = Counter()
    for seed in seeds:
        copy = folder / f"damaged-{seed}.sqlite3"
        shutil.copy(path, copy)
        kind = damage(copy, random.Random(seed))
        got = read_everything(copy, own)
        wrong = got.keys() - {"right", "absent", "refused", "unopened", "not kept"}
        assert not wrong, f"seed {seed} ({kind}): wrong {wrong}"
        told += got + Counter({kind: 1})
        for left in folder.iterdir():
            left.unlink()
    print(dict(told))
    return told


def test_an_undamaged_copy_is_read_right(whole: tuple[Path, str]) -> None:
    path, own = whole
    assert read_everything(path, own).keys() == {"right"}


def test_100_damaged_databases_show_no_wrong_number(
    whole: tuple[Path, str], tmp_path: Path
) -> None:
    told = nothing_wrong(whole, tmp_path, range(100))
    assert told["right"] > 500 and told["absent"] > 20 and told["refused"] > 20


@pytest.mark.slow
def test_300_more_damaged_databases_show_no_wrong_number(
    whole: tuple[Path, str], tmp_path: Path
) -> None:
    nothing_wrong(whole, tmp_path, range(1000, 1300))
