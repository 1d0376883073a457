"""Machine code in the cache is used only for the sources it was compiled from."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from viralbots.engine import kernel

ENGINE = Path(kernel.__file__).parent
KERNELS = ("codes", "decide", "inline", "kernel", "landing", "queue", "send")


def test_every_module_that_kernels_take_names_from_is_in_the_stamp() -> None:
    stamped = {f"viralbots.engine.{name}" for name in kernel.COMPILED_IN}
    stamped |= {"viralbots." + name.removesuffix(".py").replace("/", ".") for name in kernel.BELOW}
    for name in KERNELS:
        tree = ast.parse((ENGINE / f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("viralbots"):
                parts = {f"{node.module}.{alias.name}" for alias in node.names}
                assert node.module in stamped or parts <= stamped, (name, node.module, parts)


@pytest.mark.parametrize("name", ["decide.py", "state.py"])
def test_a_changed_source_changes_the_stamp(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = tmp_path / "engine"
    engine.mkdir()
    for file in ENGINE.glob("*.py"):
        (engine / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(kernel, "__file__", str(engine / "kernel.py"))
    before = kernel._stamp()
    with (engine / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert kernel._stamp() != before


def test_the_stamp_is_part_of_the_key_of_the_cache() -> None:
    cells = [cell.cell_contents for cell in kernel.advance.py_func.__closure__]
    assert kernel._stamp() in cells
