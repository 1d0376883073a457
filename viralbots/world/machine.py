"""How much memory this process may take: what the machine, a container or a setting leaves.

Nobody can promise that much: other programs may take theirs in the meantime.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from viralbots.errors import ExperimentError

SETTING = "VIRALBOTS_MAX_MEMORY"
_UNITS = {
    "": 1, "b": 1, "k": 10**3, "kb": 10**3, "m": 10**6, "mb": 10**6, "g": 10**9, "gb": 10**9,
    "t": 10**12, "tb": 10**12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
_SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,9})?)\s*([a-z]{0,3})")
_UNLIMITED = 1 << 60  # control groups write "no limit" as a number about as large as this


class Room(NamedTuple):
    """Memory that is left.

    Attributes
    ----------
    total : int
        Bytes that this process may hold in all, with what it holds already.
    free : int
        Bytes to name in a message.
    limit : str
        Who sets the limit, in words that follow "23 GB are …".
    """

    total: int
    free: int
    limit: str


def parse_size(text: str) -> int:
    """Bytes in a size such as ``4GB`` (10**9 each) or ``512 MiB`` (2**20 each).

    Raises
    ------
    ExperimentError
        It is no size, or zero.

    >>> parse_size("1.5 GB"), parse_size("4g"), parse_size("512MiB")
    (1500000000, 4000000000, 536870912)
    """
    found = _SIZE.fullmatch(text.strip().lower())
    size = int(float(found[1]) * _UNITS[found[2]]) if found and found[2] in _UNITS else 0
    if size < 1:
        raise ExperimentError(
            f"{SETTING} must be a size such as 4GB, 500MB or 2GiB, got {text[:40]!r}; "
            "correct it or unset it",
            code="not_a_size", name=SETTING, given=text[:40],
        )  # fmt: skip
    return size


def room(root: Path = Path("/")) -> Room | None:
    """What is left to this process; None where the system does not tell.

    The least of: memory available on the machine, what the limits of its control groups leave
    (version 1 and 2, all the way up), and what ``ulimit -v`` leaves. The environment variable
    VIRALBOTS_MAX_MEMORY (``4GB``) is obeyed instead of all these.

    Parameters
    ----------
    root : Path
        Folder of ``proc`` and ``sys``.

    Raises
    ------
    ExperimentError
        The variable is not a size.
    """
    setting = os.environ.get(SETTING, "").strip()
    if setting:
        return Room(parse_size(setting), parse_size(setting), f"allowed by {SETTING}")
    held = bytes_held(root)
    left = [
        (_available(root), "free on this machine"),
        (min(_left_in_groups(root), default=None), "left in this container"),
        (_left_of_addresses(root), "left to this process by ulimit -v"),
    ]
    known = [(max(0, free), limit) for free, limit in left if free is not None]
    if not known:
        return None
    free, limit = min(known)
    return Room(held + free, free, limit)


def bytes_held(root: Path = Path("/")) -> int:
    """Memory that this process holds now; 0 where the system does not tell."""
    pages = _read(root / "proc/self/statm").split()
    return int(pages[1]) * os.sysconf("SC_PAGE_SIZE") if len(pages) > 1 else 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def _kilobytes(text: str, name: str) -> int | None:
    """An entry of meminfo or of a status file, in bytes."""
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def _available(root: Path) -> int | None:
    """Free memory of the machine, with caches that are given up on demand."""
    known = _kilobytes(_read(root / "proc/meminfo"), "MemAvailable")
    if known is not None:
        return known
    for ask in (_of_windows, _of_sysconf, _of_sysctl):
        known = ask()
        if known:
            return known
    return None


def _of_windows() -> int | None:
    if sys.platform == "win32":

        class Status(ctypes.Structure):
            _fields_ = [
                ("length", ctypes.c_uint32),
                ("load", ctypes.c_uint32),
                *((name, ctypes.c_uint64) for name in (
                    "total", "available", "total_page", "available_page", "total_virtual",
                    "available_virtual", "extended",
                )),
            ]  # fmt: skip

        status = Status(length=ctypes.sizeof(Status))
        if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            return int(status.available)
    return None


def _of_sysconf() -> int | None:
    """Pages that are free or, where that is not told (macOS), all there are."""
    if sys.platform == "win32":
        return None
    for name in ("SC_AVPHYS_PAGES", "SC_PHYS_PAGES"):
        try:
            pages = os.sysconf(name)
        except (ValueError, OSError):
            continue
        if pages > 0:
            return pages * os.sysconf("SC_PAGE_SIZE")
    return None


def _of_sysctl() -> int | None:
    """Memory of a Mac."""
    if sys.platform == "darwin":
        size, length = ctypes.c_uint64(0), ctypes.c_size_t(8)
        ask: Callable[..., int] = ctypes.CDLL(None).sysctlbyname
        if ask(b"hw.memsize", ctypes.byref(size), ctypes.byref(length), None, 0) == 0:
            return int(size.value)
    return None


def _left_in_groups(root: Path) -> Iterator[int]:
    """What each control group around this process leaves, cached files not counted."""
    for line in _read(root / "proc/self/cgroup").splitlines():
        number, controllers, path = (line.split(":", 2) + ["", "", ""])[:3]
        if number == "0" and not controllers:
            top, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            top = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        own = top / path.strip("/")
        # Inside a container the path may be that of the world outside: then only the top is seen.
        for group in (own, *own.parents):
            yield from _left_in(group, names)
            if group == top:
                break


def _left_in(group: Path, names: tuple[str, str, str]) -> Iterator[int]:
    limit, usage = _read(group / names[0]).strip(), _read(group / names[1]).strip()
    if limit.isdecimal() and usage.isdecimal() and int(limit) < _UNLIMITED:
        cached = re.search(rf"^{names[2]} (\d+)", _read(group / "memory.stat"), re.MULTILINE)
        yield int(limit) - int(usage) + (int(cached[1]) if cached else 0)


def _left_of_addresses(root: Path) -> int | None:
    """What ``ulimit -v`` leaves of the address space."""
    if sys.platform == "win32":
        return None
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit in (resource.RLIM_INFINITY, -1):
        return None
    return limit - (_kilobytes(_read(root / "proc/self/status"), "VmSize") or 0)
