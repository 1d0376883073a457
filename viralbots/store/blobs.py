"""Numbers as bytes: packed, compressed, sealed; nothing but plain data comes out again.

The packed form is ``vb1``, the length of a header in JSON, the header, and the arrays one after
the other, little-endian, their bytes sorted by place (all lowest bytes first …), which zlib
compresses better. A curve that counts up is kept as the steps between its values, modulo 2**64
and therefore exact whatever the values are.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
import zlib
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viralbots.errors import StoreError

MOST_BYTES = 4 << 30  # unpacked; nothing larger is written or read
MOST_STORED = 900_000_000  # SQLite takes a thousand million bytes in one piece
_MAGIC = b"vb1\n"
_TYPES = ("i8", "i4", "u8", "u4", "u2", "u1", "f8", "f4")
_TUPLE, _MAP = "(", "{"  # marks of what JSON does not know


class Damaged(Exception):
    """What was read is not what was written."""


def pack(
    header: Mapping[str, object], arrays: Mapping[str, NDArray], counts: Collection[str] = ()
) -> bytes:
    """A header of plain data and named arrays as bytes.

    Parameters
    ----------
    header : mapping
        Text, numbers, bool, None, lists, tuples and dicts with text as keys.
    arrays : mapping
        Whole and floating-point numbers and records of them, of any shape.
    counts : collection of str
        Names of int64 arrays to be kept as steps along the first axis.

    Raises
    ------
    StoreError
        There is something else in it.
    """
    told: list[list[object]] = []
    parts: list[bytes] = []
    for name, array in arrays.items():
        array = np.asarray(array, order="C").astype(array.dtype.newbyteorder("<"), copy=False)
        told.append([name, _type_name(array.dtype), list(array.shape), int(name in counts)])
        parts.append(_planes(_steps(array) if name in counts else array))
    try:
        text = json.dumps({"arrays": told, "header": _plain(header)}, separators=(",", ":"))
    except (ValueError, RecursionError):
        raise _not_plain("a number or a nesting without bounds") from None
    return b"".join([_MAGIC, struct.pack("<I", len(text)), text.encode(), *parts])


def unpack(raw: bytes) -> tuple[dict[str, Any], dict[str, NDArray]]:
    """What `pack` packed.

    Raises
    ------
    Damaged
        It is something else.
    """
    try:
        if raw[:4] != _MAGIC:
            raise Damaged("another format")
        (length,) = struct.unpack("<I", raw[4:8])
        told = json.loads(raw[8 : 8 + length])
        at, arrays = 8 + length, {}
        for name, type_name, shape, is_count in told["arrays"]:
            array, at = _array(raw, at, _type_of(type_name), tuple(shape))
            arrays[name] = _sums(array) if is_count else array
        if at != len(raw):
            raise Damaged("too long")
        return _restored(told["header"]), arrays
    except (ValueError, KeyError, TypeError, struct.error, RecursionError) as error:
        raise Damaged(str(error)) from None


def squeeze(raw: bytes, level: int = 6) -> bytes:
    """Compressed bytes; `expand` undoes it."""
    return zlib.compress(raw, level)


def expand(blob: object, size: object, most: int = MOST_BYTES) -> bytes:
    """Decompress to exactly ``size`` bytes, and never allocate more, nor more than ``most``.

    Raises
    ------
    Damaged
        It is not that many bytes.
    """
    if not isinstance(blob, bytes) or not isinstance(size, int) or not 0 < size <= most:
        raise Damaged("no compressed bytes")
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(blob, size)
        # The check sum at the end is read only when more is asked for.
        rest = stream.decompress(stream.unconsumed_tail, 1)
    except zlib.error as error:
        raise Damaged(str(error)) from None
    if len(raw) != size or rest or not stream.eof or stream.unused_data:
        raise Damaged("another length")
    return raw


def seal(kind: str, *values: object) -> bytes:
    """SHA-256 over the kind of a row and all its values, their types and lengths included.

    >>> seal("run", "a", 1) == seal("run", "a", 1), seal("run", "a", 1) == seal("run", "a", "1")
    (True, False)
    """
    digest = hashlib.sha256()
    for value in (kind, *values):
        data = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        digest.update(f"{type(value).__name__}{len(data)}:".encode())
        digest.update(data)
    return digest.digest()


# Arrays ----------------------------------------------------------------------------------


def _steps(array: NDArray) -> NDArray:
    if array.dtype != np.int64 or array.ndim < 1:
        raise _not_plain(f"a curve of {array.dtype}[{array.ndim}] instead of int64")
    words = array.view(np.uint64)
    return np.concatenate([words[:1], words[1:] - words[:-1]])


def _sums(array: NDArray) -> NDArray:
    return np.cumsum(array.view(np.uint64), axis=0, dtype=np.uint64).view(np.int64)


def _planes(array: NDArray) -> bytes:
    size = array.dtype.itemsize
    return np.frombuffer(array.tobytes(), np.uint8).reshape(-1, size).T.tobytes()


def _array(raw: bytes, at: int, kind: np.dtype, shape: tuple[int, ...]) -> tuple[NDArray, int]:
    if any(not isinstance(n, int) or n < 0 for n in shape):
        raise Damaged("no shape")
    size = math.prod(shape) * kind.itemsize
    if at + size > len(raw):
        raise Damaged("too short")
    planes = np.frombuffer(raw, np.uint8, size, at).reshape(kind.itemsize, -1)
    array = planes.T.copy().reshape(-1).view(kind).reshape(shape)
    return array.astype(kind.newbyteorder("="), copy=False), at + size


def _type_name(kind: np.dtype) -> object:
    if kind.names is None:
        name = kind.str[1:]
        if name not in _TYPES:
            raise _not_plain(f"an array of {kind}")
        return name
    return [[name, _type_name(kind[name])] for name in kind.names]


def _type_of(told: object) -> np.dtype:
    if isinstance(told, list):
        return np.dtype([(name, _type_of(entry)) for name, entry in told])
    if told not in _TYPES:
        raise Damaged("no type of number")
    return np.dtype(f"<{told}")


# Plain data ------------------------------------------------------------------------------


def _plain(value: object) -> object:
    """In the words of JSON; tuples and dicts that look like a mark are marked."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, tuple):
        return {_TUPLE: [_plain(entry) for entry in value]}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        entries = {key: _plain(entry) for key, entry in value.items()}
        return {_MAP: list(entries.items())} if {_TUPLE, _MAP} & entries.keys() else entries
    raise _not_plain(type(value).__name__)


def _restored(value: Any) -> Any:
    if isinstance(value, list):
        return [_restored(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {_TUPLE}:
        return tuple(_restored(entry) for entry in value[_TUPLE])
    if value.keys() == {_MAP}:
        return {key: _restored(entry) for key, entry in value[_MAP]}
    return {key: _restored(entry) for key, entry in value.items()}


def _not_plain(what: str) -> StoreError:
    return StoreError(
        f"only text, numbers, lists, dicts and arrays of numbers can be kept, got {what}; "
        "turn it into one of them",
        "not_plain_data", got=what,
    )  # fmt: skip
