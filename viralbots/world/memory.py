"""How much memory a world needs, known before any of it is taken."""

from __future__ import annotations

from pathlib import Path

from viralbots.world.spec import WorldSpec

# Peaks while building, measured with tracemalloc at 20 000 and 200 000 users; the finished
# world is smaller (750 bytes a user in the default world, 94 in a graph of ten ties each).
DEFAULT_PER_USER = 1130
NAMED_PER_USER, NAMED_PER_TIE = 70, 74
IMPORTED_PER_BYTE = 30  # of the file; 17 where the names of users have five digits
PACKED = 4  # times smaller than what is in it: a file that ends in .gz


def estimate_bytes(spec: WorldSpec) -> int:
    """Bytes that building a world takes at its peak, within about a fifth.

    Of an imported network only the size of the file is known; the factor is on the safe
    side, and a file that cannot be found needs nothing.

    >>> estimate_bytes(WorldSpec(n_users=1_000_000)) // 10**6
    1130
    """
    if spec.kind == "default":
        return DEFAULT_PER_USER * spec.n_users
    if spec.kind == "imported":
        path = Path(str(spec.path))
        size = path.stat().st_size if path.is_file() else 0
        return size * IMPORTED_PER_BYTE * (PACKED if path.suffix.lower() == ".gz" else 1)
    return round(spec.n_users * (NAMED_PER_USER + NAMED_PER_TIE * _mean_ties(spec)))


def _mean_ties(spec: WorldSpec) -> float:
    """Ties a user of a textbook graph, each counted at both ends."""
    if spec.kind == "barabasi_albert":
        return 2 * float(spec.parameter("attach"))
    if spec.kind == "block":
        return float(spec.parameter("degree_inside") + spec.parameter("degree_outside"))
    if spec.kind == "configuration":
        return sum(int(d) * share for d, share in (spec.degrees or {}).items() if d.isdecimal())
    return float(spec.parameter("mean_degree"))
