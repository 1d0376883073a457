"""Tables as CSV that spreadsheets, R, pandas and this program's tests read alike.

UTF-8, lines end with a line feed, an undefined number is an empty cell, and a number is
written so that reading it gives the same bits. A text that a spreadsheet would compute gets
a quotation mark in front. Cells are written here and not by the `csv` module, whose quoting
of carriage returns and empty cells differs between versions of Python: the same table is the
same bytes everywhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from viralbots.world.exporters import text_to

Target = str | Path | BinaryIO
Cell = str | int | float | None

BOM = "\ufeff"  # without it spreadsheets take UTF-8 for something else
_COMPUTED = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")
_QUOTED = re.compile(r'[",\r\n]|^\s|\s$')


def cell(value: Cell) -> str:
    """One cell; None and nan are empty.

    >>> cell(0.1), cell(-3), cell(float("nan")), cell("-3"), cell('a "b"')
    ('0.1', '-3', '', "'-3", '"a ""b\"""')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        text = guarded(value)
        return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    return str(value)


def guarded(text: str) -> str:
    """Keep a spreadsheet from computing a text; `unguarded` takes the mark off again.

    >>> guarded("=1+1"), guarded("'=1"), guarded("ann")
    ("'=1+1", "''=1", 'ann')
    """
    return "'" + text if _COMPUTED.match(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text[:1] == "'" and _COMPUTED.match(text[1:]) else text


def write_table(
    target: Target,
    constant: dict[str, Cell],
    names: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    is_ascii: bool = True,
) -> None:
    """Write a table into a path (packed if it ends in ``.gz``) or an open binary stream.

    Parameters
    ----------
    constant : dict
        First columns, the same in every row: a row that is copied elsewhere still says
        where it is from.
    names : sequence of str
        Names of the other columns.
    rows : iterable
        Their cells, taken one row at a time.
    is_ascii : bool
        Whether all cells are; the file begins with a mark otherwise.
    """
    start = "".join(cell(value) + "," for value in constant.values())
    with text_to(target) as out:
        out.write("" if is_ascii else BOM)
        out.write(",".join(map(cell, (*constant, *names))) + "\n")
        out.writelines(start + ",".join(map(cell, row)) + "\n" for row in rows)
