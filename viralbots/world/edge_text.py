"""Edge lists as text: columns divided by blanks, or CSV with named columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from viralbots.world.edge_list import EdgeBuilder, IntArray, Problems
from viralbots.world.network_bytes import MAX_LINE, decoded, refuse_long_line

SYNONYMS = (
    ("source", "target"), ("source", "destination"), ("from", "to"), ("u", "v"),
    ("src", "dst"), ("src", "dest"), ("sender", "receiver"), ("sender", "recipient"),
    ("sourceid", "targetid"), ("fromid", "toid"), ("fromnode", "tonode"),
    ("fromnodeid", "tonodeid"), ("user1", "user2"), ("node1", "node2"), ("id1", "id2"),
    ("来源", "目标"), ("源", "目标"),
)  # fmt: skip
WEIGHTS = ("weight", "w", "strength", "value", "权重")
FORMULA = re.compile("'*[=+\\-@＝＋－＠]")  # what a spreadsheet would compute
_BLANKS = re.compile("[ \t\r]+")
_NUMBER = re.compile(r"[0-9]+\Z")

Chunks = Iterator[tuple[int, bytes]]
Columns = Mapping[str, str | None]


def plain_name(name: str) -> str:
    """A column name without case, blanks, underscores, hyphens and ``#``."""
    return re.sub(r"[\s_\-.#]", "", name).lower()


@dataclass
class _Counts:
    """What a reader knows at the end."""

    n_lines: int = 0
    header: tuple[int, int] | None = None
    header_line: int = 0


def read_columns(chunks: Chunks, builder: EdgeBuilder, columns: Columns) -> dict[str, object]:
    """Read ``user user [weight]`` lines; ``#`` and ``%`` begin a comment.

    Returns
    -------
    dict
        ``n_lines``, ``header``.
    """
    counts = _Counts()
    n_columns = 0
    for line, block in chunks:
        counts.n_lines = line - 1 + block.count(b"\n") + (not block.endswith(b"\n"))
        if n_columns == 2 and (pairs := numeric_pairs(block)) is not None:
            builder.pairs(pairs, line)
        else:
            n_columns = _read_block(line, block, builder, n_columns, counts)
    _settle_header(builder, counts)
    if n_columns == 3 and columns.get("weight", "") is None:
        del builder.weight[:]
    return {"n_lines": counts.n_lines, "header": counts.header}


def _read_block(
    line: int, block: bytes, builder: EdgeBuilder, n_columns: int, counts: _Counts
) -> int:
    """Read one block line by line; returns the number of columns (0: not known yet)."""
    text = decoded(line, block, builder.problems)
    is_ascii = text.isascii()
    for number, row in enumerate(text.split("\n"), line):
        cells = row.split() if is_ascii else _BLANKS.split(row.strip(" \t\r"))
        if not cells or not cells[0] or cells[0][0] in "#%":
            continue
        if len(row) > MAX_LINE:
            refuse_long_line(number, builder.problems)
        if n_columns == 0:
            if (plain_name(cells[0]), plain_name(cells[-1 if len(cells) < 3 else 1])) in SYNONYMS:
                continue
            n_columns = _first_row(number, cells, builder.problems)
            counts.header_line = number
        elif len(cells) == 3 and n_columns == 2 and _take_header(builder, counts):
            n_columns = 3
        if len(cells) == n_columns:
            builder.tie(number, *cells)
        else:
            _refuse_row(number, cells, n_columns, builder.problems)
    return n_columns


def _first_row(line: int, cells: list[str], problems: Problems) -> int:
    if len(cells) not in (2, 3):
        text = (
            f"a line must have 2 columns (user user) or 3 (with a weight), got {len(cells)}; "
            "divide them by blanks, or use CSV with a line of column names"
        )
        problems.fail(line, "columns", text, given=len(cells))
    return len(cells)


def _refuse_row(line: int, cells: list[str], n_columns: int, problems: Problems) -> None:
    text = f"must have {n_columns} columns like the lines before, got {len(cells)}; complete it"
    problems.add(line, "uneven_columns", text, given=len(cells), wanted=n_columns)


def _take_header(builder: EdgeBuilder, counts: _Counts) -> bool:
    """Take the only line so far, two integers, for an "N M" line above weighted ties."""
    labels = list(builder.number)
    if len(builder.source) != 1 or not all(_NUMBER.match(label) for label in labels):
        return False
    counts.header = (int(labels[0]), int(labels[-1]))
    builder.number.clear()
    del builder.source[:], builder.target[:]
    return True


def _settle_header(builder: EdgeBuilder, counts: _Counts) -> None:
    """Decide whether the first line is "N M": M lines follow, with at most N users."""
    if counts.header is not None:
        if counts.header[1] != len(builder.source) or counts.header[0] < len(builder.number):
            text = "the line has 2 columns, the lines below have 3; complete or remove it"
            builder.problems.add(counts.header_line, "short_first_line", text, given=2, wanted=3)
        return
    if len(builder.source) < 2 or len(builder.weight):
        return
    labels = list(builder.number)
    first, second = labels[builder.source[0]], labels[builder.target[0]]
    if not (_NUMBER.match(first) and _NUMBER.match(second)):
        return
    if int(second) != len(builder.source) - 1:
        return
    ends = (np.frombuffer(builder.source, np.int64), np.frombuffer(builder.target, np.int64))
    rest = np.stack(ends, axis=1)[1:].ravel()
    del ends  # a borrowed array cannot be resized
    unique, position = np.unique(rest, return_index=True)
    if len(unique) > int(first):
        return
    counts.header = (int(first), int(second))
    order = unique[np.argsort(position, kind="stable")]
    new = np.zeros(len(labels), np.int64)
    new[order] = np.arange(len(order))
    builder.number = {labels[old]: i for i, old in enumerate(order.tolist())}
    del builder.source[:], builder.target[:]
    renumbered = new[rest].reshape(-1, 2)
    builder.source.frombytes(renumbered[:, 0].tobytes())
    builder.target.frombytes(renumbered[:, 1].tobytes())


def numeric_pairs(block: bytes) -> IntArray | None:
    """The numbers of a block in which each line is two plain integers, int64[k, 2].

    None where any line is different, so that the careful reader may say which.
    """
    data = np.frombuffer(block, np.uint8)
    is_digit = (data >= 48) & (data <= 57)
    is_end = data == 10
    if not (is_digit | is_end | (data == 32) | (data == 9) | (data == 13)).all():
        return None
    edge = np.flatnonzero(np.diff(is_digit.astype(np.int8), prepend=0, append=0))
    start, end = edge[::2], edge[1::2]
    length = end - start
    if not len(start) or length.max() > 18 or ((data[start] == 48) & (length > 1)).any():
        return None  # too large for int64, or a leading zero, which belongs to the label
    ends = np.append(np.flatnonzero(is_end), len(data))
    per_line = np.diff(np.searchsorted(start, ends), prepend=0)
    if (per_line[:-1] != 2).any() or per_line[-1] not in (0, 2):
        return None
    return np.fromstring(block.decode("ascii"), np.int64, sep=" ").reshape(-1, 2)


def delimiter_of(row: str) -> str:
    """The delimiter of a CSV line: the one that makes known column names, or most cells.

    '' if the line is no CSV: no comma or semicolon, and no tab between column names.
    """
    for mark in (",", ";", "\t"):
        names = {plain_name(cell.strip('" ')) for cell in row.split(mark)}
        if any(set(pair) <= names for pair in SYNONYMS):
            return mark
    best = max(",;", key=row.count)
    return best if best in row else ""


def read_csv(
    chunks: Chunks, builder: EdgeBuilder, columns: Columns, mark: str
) -> dict[str, object]:
    """Read CSV with a line of column names (or three or two columns of numbers).

    Returns
    -------
    dict
        ``n_lines``, ``header`` (None).
    """
    problems = builder.problems
    rows = csv.reader(_csv_lines(chunks, problems), delimiter=mark, strict=True)
    places: tuple[int, int, int] | None = None
    n_columns, line = 0, 1
    try:
        for cells in rows:
            line, cells = _row_start(rows, cells), [cell.strip(" \t\r\n") for cell in cells]
            if not any(cells) or (places is None and cells[0][:1] in ("#", "%")):
                continue
            if places is None:
                n_columns = len(cells)
                places = _places(line, cells, columns, problems)
                if any(_NUMBER.match(cells[place]) is None for place in places[:2]):
                    continue
            if len(cells) != n_columns:
                _refuse_row(line, cells, n_columns, problems)
                continue
            source, target = (without_guard(cells[place]) for place in places[:2])
            builder.tie(line, source, target, cells[places[2]] if places[2] >= 0 else None)
    except csv.Error as error:
        text = f"is no CSV ({error}); close every quotation mark, one tie per line"
        problems.fail(rows.line_num, "csv", text, why=str(error))
    return {"n_lines": rows.line_num, "header": None}


def _row_start(rows: object, cells: list[str]) -> int:
    """Line in which a row begins: quoted cells may contain line ends."""
    return int(rows.line_num) - sum(cell.count("\n") for cell in cells)  # type: ignore[attr-defined]


def _csv_lines(chunks: Chunks, problems: Problems) -> Iterator[str]:
    for line, block in chunks:
        for number, row in enumerate(io.StringIO(decoded(line, block, problems), "\n"), line):
            if len(row) > MAX_LINE:
                refuse_long_line(number, problems)
            yield row


def without_guard(cell: str) -> str:
    """Take off the quotation mark that keeps a spreadsheet from computing a label.

    >>> without_guard("'=1+1"), without_guard("'quoted'"), without_guard("''-a")
    ('=1+1', "'quoted'", "'-a")
    """
    return cell[1:] if cell[:1] == "'" and FORMULA.match(cell) else cell


def _places(
    line: int, cells: list[str], columns: Columns, problems: Problems
) -> tuple[int, int, int]:
    """Places of source, target and weight (−1: none) in a row of column names."""
    is_named = bool(columns.get("source") or columns.get("target"))
    if not is_named and len(cells) in (2, 3) and all(_NUMBER.match(c) for c in cells[:2]):
        has_weight = len(cells) == 3 and columns.get("weight", "") is not None
        return 0, 1, 2 if has_weight else -1
    names = [plain_name(cell) for cell in cells]
    pair = next((p for p in SYNONYMS if p[0] in names and p[1] in names), ("source", "target"))
    wanted = [columns.get("source") or pair[0], columns.get("target") or pair[1]]
    places = [_place(line, cells, names, name, problems) for name in wanted]
    weight = columns.get("weight", "")
    if weight:
        return places[0], places[1], _place(line, cells, names, weight, problems)
    known = [names.index(name) for name in WEIGHTS if name in names and weight is not None]
    return places[0], places[1], known[0] if known else -1


def _place(line: int, cells: list[str], names: list[str], wanted: str, problems: Problems) -> int:
    found = [i for i, cell in enumerate(cells) if cell == wanted]
    found = found or [i for i, name in enumerate(names) if name == plain_name(wanted)]
    if len(found) == 1:
        return found[0]
    shown = ", ".join(repr(cell[:30]) for cell in cells[:8])
    what, code = ("more than one", "several_columns") if found else ("no", "no_column")
    text = (
        f"{what} column is called {wanted!r}, the columns are {shown}; write a first line such as "
        "'source,target,weight'"
    )
    problems.fail(line, code, text, wanted=wanted, columns=[cell[:30] for cell in cells[:8]])
