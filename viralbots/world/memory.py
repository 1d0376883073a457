"""How much memory a world needs, known before any of it is taken."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from viralbots.errors import Problem
from viralbots.world.machine import room
from viralbots.world.world import MAX_USERS

if TYPE_CHECKING:  # a description may ask how much it would need
    from viralbots.world.spec import WorldSpec

# Peaks while building, measured with tracemalloc at 20 000 and 200 000 users; as the growth of
# a process it is 1112 … 1122 from 10 000 to 3 000 000 users.
DEFAULT_PER_USER = 1130
NAMED_PER_USER, NAMED_PER_TIE = 70, 74
IMPORTED_PER_BYTE = 30  # of the file; 17 where the names of users have five digits
PACKED = 4  # times smaller than what is in it: a file that ends in .gz

# The finished world, with what the allocator does not give back: growth of a process from
# before the world to after it.
DEFAULT_KEPT_PER_USER = 820
NAMED_KEPT_PER_USER, NAMED_KEPT_PER_TIE = 54, 4
NOT_GIVEN_BACK, MOST_NOT_GIVEN_BACK = 0.35, 36_000_000  # of the peak; bytes

BYTES_PER_IMPORTED_USER = 60  # of a file, unpacked; five ties of twelve bytes each

_MOST_SHOWN = 10**15
_PROGRAM, _WITH_RUNS_PER_USER = 200_000_000, 1300  # to say what fits, two runs side by side


def estimate_bytes(spec: WorldSpec) -> int:
    """Bytes that building a world takes at its peak, within about a fifth.

    Of an imported network only the size of the file is known; the factor is on the safe
    side, and a file that cannot be found needs nothing.

    >>> from viralbots.world.spec import WorldSpec
    >>> estimate_bytes(WorldSpec(n_users=1_000_000)) // 10**6
    1130
    """
    if spec.kind == "default":
        return DEFAULT_PER_USER * spec.n_users
    if spec.kind == "imported":
        return bytes_of_file(spec) * IMPORTED_PER_BYTE
    return round(spec.n_users * (NAMED_PER_USER + NAMED_PER_TIE * mean_ties(spec)))


def kept_bytes(spec: WorldSpec) -> int:
    """Bytes that a process has grown by once the world is built, within about a fifth.

    >>> from viralbots.world.spec import WorldSpec
    >>> kept_bytes(WorldSpec(n_users=1_000_000)) // 10**6
    820
    """
    if spec.kind == "default":
        return DEFAULT_KEPT_PER_USER * spec.n_users
    peak = estimate_bytes(spec)
    if spec.kind == "imported":
        return peak // 2
    world = spec.n_users * (NAMED_KEPT_PER_USER + NAMED_KEPT_PER_TIE * mean_ties(spec))
    return round(world + min(NOT_GIVEN_BACK * peak, MOST_NOT_GIVEN_BACK))


def bytes_of_file(spec: WorldSpec) -> int:
    """Size of an imported network, unpacked; 0 where there is no such file."""
    path = Path(str(spec.path))
    size = path.stat().st_size if path.is_file() else 0
    return size * (PACKED if path.suffix.lower() == ".gz" else 1)


def n_users_of(spec: WorldSpec) -> int:
    """Users of a world; of an imported one a guess from the size of the file."""
    if spec.kind != "imported":
        return spec.n_users
    return max(2, min(MAX_USERS, bytes_of_file(spec) // BYTES_PER_IMPORTED_USER))


def mean_ties(spec: WorldSpec) -> float:
    """Ties a user of a textbook graph, each counted at both ends."""
    if spec.kind == "barabasi_albert":
        return 2 * float(spec.parameter("attach"))
    if spec.kind == "block":
        return float(spec.parameter("degree_inside") + spec.parameter("degree_outside"))
    if spec.kind == "configuration":
        return sum(int(d) * share for d, share in (spec.degrees or {}).items() if d.isdecimal())
    return float(spec.parameter("mean_degree"))


def too_many_users(n_users: int) -> Problem:
    """The problem of a number of users that no world can have, with what it would take.

    >>> problem = too_many_users(100_000_000)
    >>> problem.path, problem.text  # doctest: +ELLIPSIS
    ('network.n_users', 'must be at most 67 108 864, got 100 000 000, which would need about
     113 GB of memory; ...')
    """
    needed = bytes_in_words(DEFAULT_PER_USER * min(n_users, _MOST_SHOWN))
    left = room()
    most = MAX_USERS if left is None else (left.total - _PROGRAM) // _WITH_RUNS_PER_USER
    fit = max(0, min(MAX_USERS, most))
    shown = grouped(n_users) if n_users <= _MOST_SHOWN else f">{grouped(_MOST_SHOWN)}"
    limit, fitting = grouped(MAX_USERS), grouped(rounded_down(fit))
    text = f"must be at most {limit}, got {shown}, which would need about {needed} of memory"
    text += f"; choose fewer ({fitting} would fit)"
    values: dict[str, object] = {"le": limit, "got": shown, "needed": needed, "fit": fitting}
    return Problem("network.n_users", "impossible_world", text, values)


def bytes_in_words(n_bytes: float) -> str:
    """A size for reading, in two or three digits.

    >>> [bytes_in_words(n) for n in (189e6, 1.34e9, 23.4e9, 118e9, 3e12)]
    ['189 MB', '1.3 GB', '23 GB', '118 GB', '3.0 TB']
    """
    for unit, size in (("TB", 1e12), ("GB", 1e9)):
        if n_bytes >= 0.995 * size:
            amount = n_bytes / size
            return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:.0f} {unit}"
    return f"{n_bytes / 1e6:.0f} MB"


def grouped(count: int) -> str:
    """A count with a blank between thousands.

    >>> grouped(17000000)
    '17 000 000'
    """
    return f"{count:,}".replace(",", " ")


def rounded_down(count: int) -> int:
    """The largest number of two digits and zeros that is not above ``count``.

    >>> rounded_down(17_834_212), rounded_down(99), rounded_down(7)
    (17000000, 99, 7)
    """
    unit = 10 ** max(0, len(str(count)) - 2)
    return count // unit * unit
