"""What depends on the terminal: its width, and a progress bar."""

from __future__ import annotations

import shutil
import sys
import textwrap
import time
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TextIO

NARROWEST = 60  # a narrower terminal breaks the lines by itself


def columns() -> int | None:
    """Width of the terminal that output goes to; None where it goes elsewhere."""
    if not sys.stdout.isatty():
        return None
    return max(NARROWEST, shutil.get_terminal_size().columns)


def fit(lines: Iterable[str], width: int | None, indent: int = 0) -> Iterator[str]:
    """Lines broken between words at a width; what is continued begins at column ``indent``.

    Lines with wide characters are left alone: Chinese may be broken anywhere.

    >>> list(fit(["one two three"], 9, indent=2))
    ['one two', '  three']
    >>> list(fit(["one two three"], None))
    ['one two three']
    """
    for line in lines:
        is_wide = any(unicodedata.east_asian_width(c) == "W" for c in line)
        if width is None or len(line) <= width or is_wide:
            yield line
            continue
        yield from textwrap.wrap(
            line, width, subsequent_indent=" " * indent, break_on_hyphens=False,
        )  # fmt: skip


class Bar:
    """A progress bar with the remaining time; silent where nobody looks at a terminal."""

    def __init__(self, stream: TextIO, prefix: str = ""):
        self.stream, self.prefix = stream, prefix
        self.start, self.shown = time.monotonic(), -1.0
        self.is_on = stream.isatty()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def __call__(self, fraction: float, done: int, total: int) -> None:
        now = time.monotonic()
        if not self.is_on or (now - self.shown < 0.1 and done < total):
            return
        self.shown = now
        filled = int(30 * fraction)
        left = (now - self.start) * (1 - fraction) / fraction if fraction > 0 else 0.0
        drawn = f"{self.prefix}[{'#' * filled}{'.' * (30 - filled)}]"
        bar = f"\r{drawn} {fraction:4.0%}  {done}/{total} runs"
        self.stream.write(f"{bar}  {left:.0f} s left   ")
        self.stream.flush()

    def close(self) -> None:
        """Wipe the bar."""
        if self.is_on and self.shown >= 0:
            self.shown = -1.0
            self.stream.write("\r" + " " * 79 + "\r")
            self.stream.flush()
