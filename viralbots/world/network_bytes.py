"""The bytes of a network file, plain or gzip: bounded, checked, in blocks of whole lines."""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from viralbots.errors import NetworkError, Problem, unreadable
from viralbots.world.edge_list import Problems

BLOCK = 1 << 20  # bytes
MAX_LINE = 1 << 16  # bytes
MAX_RATIO = 100  # unpacked : packed; real networks stay below 20
RATIO_FROM = 16 << 20  # bytes unpacked before the ratio counts

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SUSPECT = bytes(b for b in range(32) if b not in (9, 10, 13)) + b"\x7f"
_ARCHIVES = {
    b"PK\x03\x04": "a zip archive or an office document",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x28\xb5\x2f\xfd": "a zstd file",
}


@contextmanager
def opened(source: str | Path | BinaryIO, name: str) -> Iterator[BinaryIO]:
    """The file at a path, or a stream that is already open (which stays open)."""
    if not isinstance(source, str | os.PathLike):
        if isinstance(cast(object, source), io.TextIOBase):
            text = "the stream gives text, bytes are needed; open the file with mode 'rb'"
            raise NetworkError(name, [Problem("", "text_stream", text)])
        yield source
        return
    try:
        stream = open(source, "rb")
    except OSError as error:
        raise unreadable(name, error) from error
    with stream:
        yield stream


class _Counted:
    """A stream that knows how many bytes were taken from it."""

    def __init__(self, head: bytes, stream: BinaryIO):
        self.head = head
        self.stream = stream
        self.taken = 0

    def read(self, size: int) -> bytes:
        block, self.head = self.head[:size], self.head[size:]
        block += self.stream.read(size - len(block))
        self.taken += len(block)
        return block


def blocks(stream: BinaryIO, problems: Problems, max_bytes: int) -> Iterator[bytes]:
    """Unpacked blocks of text, each checked; a mark at the beginning is taken off."""
    _refuse_large(stream, problems, max_bytes)
    head = stream.read(2) or b""
    raw = _Counted(head, stream)
    packed = head == b"\x1f\x8b"
    plain = gzip.GzipFile(fileobj=cast(BinaryIO, raw), mode="rb") if packed else raw
    total, line = 0, 1
    while block := _unpacked(plain, problems, line):
        if total == 0:
            _check_start(block, problems)
            total, block = len(block), block.removeprefix(b"\xef\xbb\xbf")
        else:
            total += len(block)
        _check_control(block, problems, line)
        line += block.count(b"\n")
        if total > max_bytes:
            text = f"the file has more than {max_bytes} bytes of text; that is the limit"
            problems.fail(line, "too_large", f"{text}. Leave some ties out", limit=max_bytes)
        if packed and total > RATIO_FROM and total > MAX_RATIO * raw.taken:
            text = (
                f"the gzip file unpacks to more than {MAX_RATIO} times its size, as no "
                "network does; unpack it yourself and look what it is"
            )
            problems.fail(line, "gzip_bomb", text, limit=MAX_RATIO)
        yield block


def _refuse_large(stream: BinaryIO, problems: Problems, max_bytes: int) -> None:
    """Refuse by size before reading, where the stream knows its size."""
    if stream.seekable():
        place = stream.tell()
        size = stream.seek(0, os.SEEK_END) - place
        stream.seek(place)
        if size > max_bytes:
            text = f"the file has {size} bytes, at most {max_bytes} are read; leave some ties out"
            problems.fail(1, "too_large", text, given=size, limit=max_bytes)


def _unpacked(plain: gzip.GzipFile | _Counted, problems: Problems, line: int) -> bytes:
    try:
        return plain.read(BLOCK)
    except EOFError:
        text = "the gzip file ends too early; fetch or pack it again"
        problems.fail(line, "gzip_truncated", text)
    except (OSError, zlib.error) as error:
        text = f"the gzip file is damaged ({error}); fetch or pack it again"
        problems.fail(line, "gzip_damaged", text, why=str(error))


def _check_start(block: bytes, problems: Problems) -> None:
    if block[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = "the text is UTF-16, only UTF-8 is read; save the file as UTF-8"
        problems.fail(1, "utf16", text)
    for magic, what in _ARCHIVES.items():
        if block.startswith(magic):
            text = f"the file is {what}; give the text inside, plain or packed with gzip"
            problems.fail(1, "archive", text, what=what)


def _check_control(block: bytes, problems: Problems, line: int) -> None:
    """Refuse bytes that occur in no text: NUL and other control characters."""
    if len(block.translate(None, _SUSPECT)) == len(block):
        return
    found = _CONTROL.search(block)
    if found:
        line += block.count(b"\n", 0, found.start())
        code = found.group()[0]
        text = f"contains the control byte {code}: a binary file? Give a text file in UTF-8"
        problems.fail(line, "binary", text, given=code)


def whole_lines(source: Iterator[bytes], problems: Problems) -> Iterator[tuple[int, bytes]]:
    """Regroup blocks so that each ends with a line; each with its first line's number."""
    line, rest = 1, b""
    for block in source:
        end = block.rfind(b"\n") + 1
        if end:
            yield line, rest + block[:end]
            line += block.count(b"\n")
            rest = block[end:]
        else:
            rest += block
        if len(rest) > MAX_LINE:
            refuse_long_line(line, problems)
    if rest:
        yield line, rest


def refuse_long_line(line: int, problems: Problems) -> None:
    """A line is longer than any line of a network file."""
    text = f"the line has more than {MAX_LINE} bytes; write one tie per line"
    problems.fail(line, "long_line", text, limit=MAX_LINE)


def decoded(line: int, block: bytes, problems: Problems) -> str:
    """Text of a block, or the line that is not UTF-8."""
    try:
        return block.decode()
    except UnicodeDecodeError as error:
        line += block.count(b"\n", 0, error.start)
        text = f"the byte {block[error.start]} is not UTF-8; save the file as UTF-8"
        problems.fail(line, "not_utf8", text, given=block[error.start])
