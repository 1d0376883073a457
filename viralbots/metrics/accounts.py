"""Who paid whom how much: the books of a run, to the last millionth (model §3).

Amounts are integers of a millionth of the currency. Every payment is an `Entry` from one
party to another, so nothing is made or lost: over all parties the balances sum to 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viralbots.draws import address, fold_array, name_id, run_seed
from viralbots.metrics.base import BoolArray, people
from viralbots.trace import Trace
from viralbots.world.message import message_id
from viralbots.world.world import World

IntArray = NDArray[np.int64]

UNIT = 1_000_000
"""Smallest amounts in one of the currency."""
PARTIES = ("people", "sponsor", "operator", "platform", "state", "advertisers", "suppliers",
           "viewers")  # fmt: skip
"""People are the users (bots are the sponsor's); the operator runs a referral scheme; viewers
pay with their attention; suppliers are carriers, agencies, hosts."""


@dataclass(frozen=True, eq=False)
class Entry:
    """One kind of payment.

    Attributes
    ----------
    name : str
    payer, payee : str
        Of `PARTIES`.
    amount : int
        In all, in units of 1/`UNIT`.
    paid, got : int64[n] or None
        By and to each user, where people pay and where people are paid.
    """

    name: str
    payer: str
    payee: str
    amount: int
    paid: IntArray | None = None
    got: IntArray | None = None


@dataclass(frozen=True, eq=False)
class Accounts:
    """The books of a run.

    Attributes
    ----------
    entries : tuple of Entry
    n_users : int
    joiners : bool[n]
        People who took it up or were members from the start.
    """

    entries: tuple[Entry, ...]
    n_users: int
    joiners: BoolArray

    @property
    def gains(self) -> IntArray:
        """What each user was paid, int64[n]."""
        return _added((e.got for e in self.entries), self.n_users)

    @property
    def losses(self) -> IntArray:
        """What each user paid, int64[n]."""
        return _added((e.paid for e in self.entries), self.n_users)

    @property
    def net(self) -> IntArray:
        return self.gains - self.losses

    def balance(self, party: str) -> int:
        """What a party was paid minus what it paid; over all of `PARTIES` the sum is 0."""
        return self.income(party) - self.spending(party)

    def income(self, party: str) -> int:
        return sum(e.amount for e in self.entries if e.payee == party)

    def spending(self, party: str) -> int:
        return sum(e.amount for e in self.entries if e.payer == party)


def _added(columns: Iterable[IntArray | None], n: int) -> IntArray:
    total = np.zeros(n, np.int64)
    for column in columns:
        if column is not None:
            total += column
    return total


def to_units(amount: float) -> int:
    """An amount of money in units.

    >>> to_units(0.05), to_units(1e9)
    (50000, 1000000000000000)
    """
    return round(amount * UNIT)


def whole(column: IntArray) -> int:
    """Exact sum of a column, however large.

    >>> whole(np.full(4, 2**62, np.int64)) == 2**64
    True
    """
    return (int((column >> 32).sum()) << 32) + int((column & 0xFFFFFFFF).sum())


@dataclass(frozen=True, eq=False)
class Ledger:
    """One message of a run, and how its entries are written.

    Attributes
    ----------
    money : mapping
        The scenario's `viralbots.scenario.money.Money` as plain data.
    message : int
    joined : CONVERT[k]
        People who took it up or were members from the start, in order of minute.
    """

    world: World
    trace: Trace
    money: Mapping[str, Any]
    message: int
    joined: NDArray[np.void]

    @property
    def from_start(self) -> BoolArray:
        """Which of ``joined`` were members from the start."""
        found: BoolArray = (self.joined["source"] < 0) & (self.joined["channel"] == 255)
        return found

    def lucky(self, what: str, share: float | NDArray[np.float64]) -> BoolArray:
        """Which of ``joined`` do something that a share of them does; the same in all arms."""
        name = message_id(self.trace.messages[self.message])
        seed = run_seed(self.trace.seed, self.trace.replicate)
        state = address(seed, name, name_id(f"money:{what}"))
        keys = self.world.population.key[self.joined["user"]]
        bound = np.round(np.minimum(share, 1.0) * 2.0**32).astype(np.uint64)
        return (fold_array(state, keys) >> np.uint64(32)) < bound

    def by_people(self, name: str, payee: str, users: IntArray, amount: IntArray | int) -> Entry:
        """People pay: ``users`` may be listed several times."""
        paid = self.column(users, amount)
        return Entry(name, "people", payee, whole(paid), paid=paid)

    def to_people(self, name: str, payer: str, users: IntArray, amount: IntArray | int) -> Entry:
        """People are paid: ``users`` may be listed several times."""
        got = self.column(users, amount)
        return Entry(name, payer, "people", whole(got), got=got)

    def column(self, users: IntArray, amount: IntArray | int) -> IntArray:
        """Amounts by user, int64[n]."""
        found = np.zeros(self.trace.n_users, np.int64)
        np.add.at(found, users, amount)
        return found


def money_of(trace: Trace) -> Mapping[str, Any] | None:
    """The scenario's money as plain data; None where none is counted."""
    found = trace.facts.get("money")
    return found if isinstance(found, Mapping) else None


def counted(trace: Trace) -> list[int]:
    """Messages whose money is counted, in the order that the scenario names them."""
    money = money_of(trace)
    if money is None:
        return []
    names = [name for name in money["messages"] if name in trace.messages]
    return [trace.messages.index(name) for name in dict.fromkeys(names)] or [0]


def accounts_of(world: World, trace: Trace, message: int | None = None) -> Accounts | None:
    """The books of one message, or of all whose money is counted; None where there are none.

    Raises
    ------
    ValueError
        The trace was kept at level *series*.
    """
    from viralbots.metrics.entries import entries_of

    wanted = [q for q in counted(trace) if message in (None, q)]
    money = money_of(trace)
    if money is None or not wanted:
        return None
    trace.flag(0)  # who took it up is not in a trace of level *series*
    entries: list[Entry] = []
    joiners = np.zeros(trace.n_users, np.bool_)
    for q in wanted:
        ledger = Ledger(world, trace, money, q, joined_of(trace, q))
        joiners[ledger.joined["user"]] = True
        entries += entries_of(ledger, is_first=q == counted(trace)[0])
    return Accounts(tuple(entries), trace.n_users, joiners)


def joined_of(trace: Trace, message: int) -> NDArray[np.void]:
    """People who took a message up or were members of it from the start, in order of minute."""
    rows = trace.converts[trace.converts["message"] == message]
    return rows[people(trace)[rows["user"]]]
