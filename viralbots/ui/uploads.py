"""A network file of the visitor: checked, kept on the server by its content, never shown.

The file is only read, and stored under the digest of its bytes in a private temporary
folder, so the same file is the same network whatever it is called.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from viralbots.scenario import Scenario, from_dict
from viralbots.world.importers import read_network

MAX_BYTES = 60 << 20
MAX_UNPACKED = 200 << 20
SUFFIXES = ("txt", "csv", "tsv", "edges", "graphml", "xml", "gz")
KEPT = 40  # files
PACKED = b"\x1f\x8b"  # how gzip begins
LARGEST_SEEDING = 10  # a wave may reach at most one user in so many


@dataclass(frozen=True)
class Upload:
    """A network file that was read without problems.

    Attributes
    ----------
    name : str
        As the visitor calls it; show it through `viralbots.ui.i18n.plain` only.
    path : str
        Where its bytes are kept.
    n_users, n_ties : int
    loops, repeats : int
        Ties left out: to oneself, and given twice.
    encoding : str
        How its text was read.
    """

    name: str
    path: str
    n_users: int
    n_ties: int
    loops: int
    repeats: int
    encoding: str = "utf-8"

    @property
    def dropped(self) -> int:
        """Ties left out."""
        return self.loops + self.repeats


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that only this process can read; it is gone when the server ends."""
    return tempfile.TemporaryDirectory(prefix="viralbots-")


def keep(name: str, data: bytes) -> Upload:
    """Check a network file and keep its bytes.

    Raises
    ------
    NetworkError
        With the line of each problem.
    """
    data, encoding = as_utf8(data)
    edges = read_network(io.BytesIO(data), name=name, max_bytes=MAX_UNPACKED)
    path = Path(_folder().name) / f"{hashlib.sha256(data).hexdigest()}{_suffix(name)}"
    path.write_bytes(data)
    _forget_old(path.parent)
    facts = edges.facts
    loops, repeats = (int(str(facts.get(key, 0))) for key in ("self_loops", "duplicates"))
    return Upload(name, str(path), edges.n_users, edges.n_ties, loops, repeats, encoding)


def as_utf8(data: bytes) -> tuple[bytes, str]:
    """A text in UTF-8, and in which code it was; what is no text stays as it is.

    Programs on Chinese systems still write GB18030.

    >>> as_utf8("甲,乙".encode("gb18030")) == ("甲,乙".encode(), "gb18030")
    True
    """
    if data.startswith(PACKED):
        return data, "utf-8"
    try:
        data.decode()
    except UnicodeDecodeError:
        pass
    else:
        return data, "utf-8"
    try:
        return data.decode("gb18030").encode(), "gb18030"
    except UnicodeDecodeError:
        return data, "utf-8"  # refused where it is read, with the place


def is_there(upload: Upload) -> bool:
    """Whether the server still has a file; asking keeps it among those used last."""
    try:
        os.utime(upload.path)
    except OSError:
        return False
    return True


def _forget_old(folder: Path) -> None:
    """Keep the files brought last."""
    files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in files[KEPT:]:
        file.unlink(missing_ok=True)


def _suffix(name: str) -> str:
    """The ending that tells the format; everything else of the name is left out."""
    lowered = name.lower()
    known = [f".{s}{z}" for s in SUFFIXES[:-1] for z in ("", ".gz")]
    return next((end for end in known if lowered.endswith(end)), ".txt")


def on_network(scenario: Scenario, upload: Upload) -> Scenario:
    """A case on an uploaded network; waves too large for it are cut down.

    Raises
    ------
    ScenarioError
        The case cannot run on so small a network.
    """
    data = scenario.model_dump(mode="python", by_alias=True)
    network = data["network"]
    data["network"] = {
        "kind": "imported", "path": upload.path, "n_users": upload.n_users,
        "seed": network["seed"], "population": network["population"],
    }  # fmt: skip
    largest = largest_wave(upload)
    for wave in data["seeding"]:
        wave["count"] = min(wave["count"], largest)
    return from_dict(data, scenario.name)


def largest_wave(upload: Upload) -> int:
    """Most users that one wave of seeding may reach on this network."""
    return max(1, upload.n_users // LARGEST_SEEDING)
