"""A comparison as a short text for an address: plain JSON, packed, bounded and checked.

Whatever the address says is treated as a stranger's: nothing is unpacked beyond `MOST_BYTES`,
nothing is taken that has not the form expected, and a scenario that would read files of the
server is refused where it is read (`viralbots.ui.arms`).
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import zlib
from dataclasses import dataclass
from typing import Any, Literal

from viralbots.errors import Problem, ViralbotsError
from viralbots.experiments.bounded_json import parse_json
from viralbots.ui.arms import FEWEST, MOST, Arm
from viralbots.ui.state import LARGEST_SEED

MOST_TEXT = 6_000
"""Characters of the text in the address."""
MOST_BYTES = 100_000
MOST_CHANGES = 20
MOST_PATH = 200
FEWEST_USERS, MOST_USERS = 10, 1_000_000
FEWEST_RUNS, MOST_RUNS = 2, 1_000
FORM = 1

_SAFE = re.compile(r"[A-Za-z0-9_-]+")
_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
_KINDS = {"c": ("case", "name"), "d": ("document", "text")}

Reason = Literal["long", "broken", "arms", "values"]


class LinkRefused(ViralbotsError):
    """A link that is no comparison; ``reason`` is the key of the sentence on the page."""

    def __init__(self, text: str, reason: Reason):
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True)
class Shared:
    """What a link carries.

    Attributes
    ----------
    arms : tuple of dict
        Cases and documents (`viralbots.ui.arms.portable`).
    seed, runs, users : int
    """

    arms: tuple[Arm, ...]
    seed: int
    runs: int
    users: int


def encode(shared: Shared) -> str | None:
    """The text for the address; None where it would be too long."""
    letters = {kind: (letter, field) for letter, (kind, field) in _KINDS.items()}
    arms = []
    for arm in shared.arms:
        letter, field = letters[arm["kind"]]
        arms.append([letter, arm[field], arm.get("set") or {}])
    data = {"v": FORM, "a": arms, "s": shared.seed, "n": shared.runs, "u": shared.users}
    raw = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    text = base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode().rstrip("=")
    return text if len(text) <= MOST_TEXT and len(raw) <= MOST_BYTES else None


def decode(text: str) -> Shared:
    """What a link carries.

    Raises
    ------
    LinkRefused
        It is too long, damaged, or not a comparison.
    """
    data = parse_json(_unpacked(text))
    if isinstance(data, Problem) or not isinstance(data, dict) or data.get("v") != FORM:
        raise LinkRefused("arms: the link is damaged or of another version", "broken")
    arms = data.get("a")
    if not isinstance(arms, list) or not FEWEST <= len(arms) <= MOST:
        raise LinkRefused(f"arms: a comparison has {FEWEST} to {MOST}", "arms")
    return Shared(
        tuple(_arm(arm) for arm in arms), _whole(data.get("s"), 0, LARGEST_SEED),
        _whole(data.get("n"), FEWEST_RUNS, MOST_RUNS),
        _whole(data.get("u"), FEWEST_USERS, MOST_USERS),
    )  # fmt: skip


def _unpacked(text: str) -> bytes:
    if len(text) > MOST_TEXT:
        raise LinkRefused(f"arms: at most {MOST_TEXT} characters, got {len(text)}", "long")
    if not _SAFE.fullmatch(text):
        raise LinkRefused("arms: only letters, digits, - and _ are allowed", "broken")
    unpack = zlib.decompressobj()
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        raw = unpack.decompress(packed, MOST_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise LinkRefused(f"arms: the link is damaged ({error})", "broken") from error
    if len(raw) > MOST_BYTES:
        raise LinkRefused(f"arms: at most {MOST_BYTES} bytes when unpacked", "long")
    if not unpack.eof or unpack.unused_data:
        raise LinkRefused("arms: the link is cut off, or something follows it", "broken")
    return raw


def _arm(entry: Any) -> Arm:
    if not (isinstance(entry, list) and len(entry) == 3 and entry[0] in ("c", "d")):
        raise LinkRefused("arms: an arm is [kind, what, changes]", "arms")
    kind, field = _KINDS[entry[0]]
    what, changes = entry[1], entry[2]
    if not isinstance(what, str) or (kind == "case" and not _NAME.fullmatch(what)):
        raise LinkRefused("arms: an arm names a case or holds a text", "arms")
    if not isinstance(changes, dict) or len(changes) > MOST_CHANGES:
        raise LinkRefused(f"arms: at most {MOST_CHANGES} changes in an arm", "arms")
    if not all(len(path) <= MOST_PATH and _is_value(value) for path, value in changes.items()):
        raise LinkRefused("arms: a change sets a path to a number, a word, yes or no", "values")
    arm: Arm = {"kind": kind, field: what}
    return arm | ({"set": changes} if changes else {})


def _is_value(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MOST_PATH
    if isinstance(value, int | float) and not isinstance(value, bool):
        return math.isfinite(value) and abs(value) <= LARGEST_SEED
    return value is None or isinstance(value, bool)


def _whole(value: object, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise LinkRefused(f"arms: must be a whole number from {least} to {most}", "values")
    return value
