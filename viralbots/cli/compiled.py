"""Whether the engine is compiled, and what is said where it is not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

COMPILE_SECONDS = 30
COMPILED = ("codes", "decide", "inline", "kernel", "landing", "members", "queue", "send", "state",
            "streams", "tables")  # fmt: skip


def is_compiled() -> bool:
    """Whether machine code of the engine as it stands lies in numba's cache."""
    engine = Path(__file__).parent.parent / "engine"
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or engine / "__pycache__")
    newest = max((engine / f"{name}.py").stat().st_mtime for name in COMPILED)
    return any(code.stat().st_mtime > newest for code in folder.rglob("kernel.*advance*.nbc"))


def announce_compilation(lang: str) -> None:
    """Say that the first run takes longer, on the error stream, if it will."""
    if is_compiled():
        return
    wait = f"Compiling the engine once (about {COMPILE_SECONDS} s) …"
    if lang == "zh":
        wait = f"首次使用，正在编译引擎（约{COMPILE_SECONDS}秒）……"
    print(wait, file=sys.stderr, flush=True)
