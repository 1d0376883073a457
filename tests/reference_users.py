"""Users, parcels and the clock of the slow simulator (`tests/reference.py`)."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from viralbots import exact
from viralbots.rules import main_rule
from viralbots.world.population import interest
from viralbots.world.world import AGE_BANDS, CHANNELS, ROLES, World

MASK = (1 << 64) - 1
UNIT = 1 << exact.LOG_ODDS_BITS
BRAND_KEY = MASK
PAID, GROUP, FOOTER, BRAND, REPEAT, AUTO = 1, 2, 4, 8, 16, 32
NOWHERE = "nowhere"  # the channel of an adoption that sends nothing
STOPPED, IGNORED, WAS_READ = 0, 1, 2
OPTS_OUT, COMPLAINS, COUNTERS = 1, 2, 3
HALF_INTEREST = 2048

Decided = tuple[int, int, int, int]
"""Source, channel, hops and by_brand of the delivery at which somebody converted."""
BY_A_WAVE: Decided = (-1, 255, 0, 0)


def draw(address_word: int) -> int:
    """The upper 32 bits of an address."""
    return address_word >> 32


def idx(address_word: int) -> int:
    """Index of an address into a quantile table: its upper 12 bits."""
    return address_word >> 52


def prob(p: float) -> int:
    """A probability in units of 2**-32."""
    return round(p * 2**32)


@lru_cache(maxsize=1)
def day_curve() -> tuple[int, ...]:
    """Active tenths of minutes before each minute of a day that starts at 08:00."""
    total, sums = 0, [0]
    for minute in range(1440):
        hour = (8 + minute // 60) % 24
        total += 2 if hour < 6 else 13 if hour < 18 else 12
        sums.append(total)
    return tuple(sums)


def active(minute: int) -> int:
    """Λ: active tenths of minutes before a minute (minute 0 is 08:00)."""
    days, rest = divmod(minute, 1440)
    return days * day_curve()[-1] + day_curve()[rest]


def minute_of(units: int) -> int:
    """Inverse Λ: the first minute before which there are at least so many active units."""
    days, rest = divmod(units, day_curve()[-1])
    return days * 1440 + bisect_left(day_curve(), rest)


@dataclass
class Story:
    """What one user has to do with one message."""

    n: int = 0
    r: int = 0
    flags: int = 0
    deceived_at: int | None = None
    corrected_at: int | None = None
    decided: Decided = BY_A_WAVE


@dataclass
class User:
    """One user: attributes in fixed point, and what has happened to her."""

    number: int
    key: int
    kappa: int
    eta: int
    rho: int
    sociability: int
    inverse_activity: int
    role: str
    age_band: str
    community: int
    vulnerable: bool
    opted_in: bool
    uploads_contacts: bool
    circle: int
    uses: frozenset[str]
    ties: list[tuple[int, int]]
    follows: list[tuple[int, int]]
    fatigue: int
    match: dict[str, int]
    fatigue_at: int = 0
    is_closed: bool = False
    suspended_by: set[int] = field(default_factory=set)
    has_filter: bool = False
    is_paid: bool = False
    distrust: dict[str, tuple[int, int]] = field(default_factory=dict)
    opted_out: set[str] = field(default_factory=set)
    stories: dict[str, Story] = field(default_factory=lambda: defaultdict(Story))
    users_among: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """Per message: how many of her contacts use it."""

    @property
    def is_removed(self) -> bool:
        return self.is_closed or bool(self.suspended_by)


class Parcel(NamedTuple):
    """One delivery on its way; sorts in the order in which a user handles them."""

    message: int
    sender_key: int
    channel: int
    repeat: int
    flags: int
    source: int
    level: int
    hops: int


class Adoption(NamedTuple):
    """An adoption that waits for its send at the end of the minute."""

    user: int
    source: int
    message: int
    channel: str | None
    kind: int
    by_brand: int
    hops: int


def make_users(world: World, topics: set[str], base: int) -> list[User]:
    """One object per user, with her rows as lists of (listener, level)."""
    p = world.population
    interests = {topic: interest(p, topic) for topic in topics}
    inverse = main_rule.inverse_activity()
    users = []
    for u in range(world.n_users):
        bits = int(p.channels[u])
        rows = [
            list(zip(ties.row(u).tolist(), ties.row_levels(u).tolist(), strict=True))
            for ties in (world.ties, world.follows)
        ]
        users.append(
            User(
                number=u, key=int(p.key[u]), kappa=int(p.detection[u]), eta=int(p.threat[u]),
                rho=int(p.reputation[u]), sociability=int(p.sociability[u]),
                inverse_activity=int(inverse[p.activity[u]]), role=ROLES[p.role[u]],
                age_band=AGE_BANDS[p.age_band[u]], community=int(p.community[u]),
                vulnerable=bool(p.vulnerable[u]), opted_in=bool(p.opted_in[u]),
                uploads_contacts=bool(p.uploads_contacts[u]),
                circle=int(p.circle[u]),
                uses=frozenset(c for i, c in enumerate(CHANNELS[:6]) if bits >> i & 1),
                ties=rows[0], follows=rows[1], fatigue=base,
                match={topic: int(values[u]) for topic, values in interests.items()},
            )
        )  # fmt: skip
    return users
