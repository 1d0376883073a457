"""Where the database is, and which places cannot hold one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from viralbots.errors import StoreError

FILE = "viralbots.sqlite3"
_NETWORK = re.compile(
    r"nfs\d*|cifs|smb\d*|smbfs|ncpfs|afs|afpfs|9p|davfs|webdav|ceph|glusterfs|lustre|beegfs|gpfs|"
    r"virtiofs|vboxsf|prl_fs|drvfs|(mac|osx)?fuse(\.(?!gocryptfs|encfs|mergerfs).*)?"
)
"""Kinds of file systems that several machines may share, or that do not lock files reliably;
``fuseblk`` is a local disk."""


def default_path() -> Path:
    """The user's own database: the environment's VIRALBOTS_DB, or in the data folder."""
    named = os.environ.get("VIRALBOTS_DB")
    return Path(named) if named else data_folder() / FILE


def data_folder() -> Path:
    """Where this platform keeps the data of a user's programs."""
    home = Path.home()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "ViralBots"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "ViralBots"
    shared = os.environ.get("XDG_DATA_HOME", "")
    # A relative one is to be ignored (XDG Base Directory Specification).
    return (Path(shared) if Path(shared).is_absolute() else home / ".local/share") / "viralbots"


def prepare(path: Path) -> Path:
    """The full path of a database, its folder made and fit to hold one.

    Raises
    ------
    StoreError
        On a network folder, a folder itself, or in a folder that cannot be made.
    """
    refuse_network(path)
    path = Path(os.path.abspath(path))
    if path.is_dir():
        raise StoreError(
            f"{path}: this is a folder; give the path of a file, e.g. {path / FILE}",
            "database_is_folder", path=str(path), example=str(path / FILE),
        )  # fmt: skip
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = str(error.strerror or error)
        raise StoreError(
            f"{path.parent}: the folder of the database cannot be made ({why}); "
            "give --db FILE in a folder where you may write",
            "no_database_folder", path=str(path.parent), why=why,
        ) from None  # fmt: skip
    # Two names of one file must not get two logs beside it.
    return path.resolve()


def refuse_network(path: Path) -> None:
    """Refuse a path on a network folder: SQLite's locks and its log do not work there.

    Raises
    ------
    StoreError
        It is on one.
    """
    kind = network_kind(path)
    if kind is not None:
        raise StoreError(
            f"{path}: this is on a network folder ({kind}), where a database is soon damaged; "
            "give --db FILE on a local disk",
            "database_on_network", path=str(path), kind=kind,
        )  # fmt: skip


def network_kind(path: Path) -> str | None:
    r"""Kind of network file system that a path is on; None on a local disk.

    >>> network_kind(Path(r"\\server\share\runs.sqlite3"))
    'UNC'
    """
    if str(path).startswith("\\\\"):
        return "UNC"
    if os.name == "nt":
        return _windows_kind(path)
    kind = kind_of(_nearest(path), mounts())
    return kind if _NETWORK.fullmatch(kind) else None


def kind_of(path: Path, mounted: Iterable[tuple[str, str]]) -> str:
    """Kind of file system that a path is on, by a table of (mount point, kind).

    >>> kind_of(Path("/srv/lab/db"), [("/", "ext4"), ("/srv/lab", "nfs4"), ("/srv/la", "xfs")])
    'nfs4'
    """
    kind, longest = "", 0
    for point, found in mounted:  # a later mount hides an earlier one at the same place
        if len(point) >= longest and path.is_relative_to(point):
            kind, longest = found, len(point)
    return kind


def mounts() -> list[tuple[str, str]]:
    """What is mounted where: (mount point, kind); empty where that cannot be told."""
    if sys.platform == "darwin":
        try:
            told = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5)
        except (OSError, subprocess.SubprocessError):
            return []
        return read_mac(told.stdout)
    try:
        return read_linux(Path("/proc/mounts").read_text("utf-8", "surrogateescape"))
    except OSError:
        return []


def read_linux(text: str) -> list[tuple[str, str]]:
    r"""Mounts in the form of ``/proc/mounts``, where a space is written ``\040``.

    >>> read_linux(r"srv:/x /mnt/my\040lab nfs4 rw 0 0")
    [('/mnt/my lab', 'nfs4')]
    """
    lines = (line.split(" ") for line in text.splitlines())
    return [
        (re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), parts[1]), parts[2])
        for parts in lines
        if len(parts) > 2
    ]


def read_mac(text: str) -> list[tuple[str, str]]:
    """Mounts as the ``mount`` of macOS tells them.

    >>> read_mac("//ann@srv/lab on /Volumes/my lab (smbfs, nodev, nosuid)")
    [('/Volumes/my lab', 'smbfs')]
    """
    return re.findall(r"^.+? on (/.*) \(([^,)]+)", text, re.M)


def _nearest(path: Path) -> Path:
    """The path without links, as far as it exists."""
    return Path(os.path.realpath(path))


def _windows_kind(path: Path) -> str | None:
    import ctypes

    remote, drive = 4, Path(os.path.abspath(path)).anchor
    system: Any = ctypes
    kind = system.windll.kernel32.GetDriveTypeW(drive)
    return "network drive" if kind == remote else None
