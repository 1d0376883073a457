"""H7 contacts' data without their consent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viralbots.metrics.base import BoolArray, Metric, adopters_of, people, ratio
from viralbots.trace import INVOLUNTARY, Trace
from viralbots.world.world import ID_MASK, World

NO_CHANNEL = 255


def uploaders(trace: Trace, message: int) -> BoolArray:
    """People whose address book was used, bool[n].

    Those from whose account it was sent to their contacts, and those whose address book
    somebody else read. Who only carries a footer gives no addresses away.
    """
    rows = adopters_of(trace, message)
    found = np.zeros(trace.n_users, np.bool_)
    is_sent = (rows["kind"] == INVOLUNTARY) & (rows["channel"] != NO_CHANNEL)
    found[rows["user"][is_sent]] = True
    known = trace.facts.get("address_books", ())
    for actor, name, users in known if isinstance(known, list | tuple) else ():
        if name == trace.messages[message] and 0 <= trace.started[actor] < trace.horizon:
            found[users] = True
    return found


def _handed_over(world: World, trace: Trace, message: int) -> NDArray[np.int64]:
    """Contacts who did not consent, once for each address book that they are in."""
    ties = world.ties
    size = np.where(uploaders(trace, message), ties.degree, 0)
    start = np.repeat(ties.offset[:-1], size)
    rank = np.arange(len(start)) - np.repeat(np.cumsum(size) - size, size)
    contacts = (ties.word[start + rank] & np.uint32(ID_MASK)).astype(np.int64)
    asked = world.population.opted_in | ~people(trace)
    return contacts[~asked[contacts]]


def exposed(world: World, trace: Trace, message: int = 0) -> BoolArray:
    """People who are in an address book that was used and had not consented, bool[n]."""
    found = np.zeros(trace.n_users, np.bool_)
    found[_handed_over(world, trace, message)] = True
    return found


def contacts_given_away(world: World, trace: Trace, message: int = 0) -> float:
    """H7: Σ over those whose address book was used of their contacts who did not consent.

    Consent is to have opted in to advertising.
    """
    return float(len(_handed_over(world, trace, message)))


def exposed_share(world: World, trace: Trace, message: int = 0) -> float:
    """H7: distinct contacts exposed without consent / N people; nan without people."""
    return ratio(int(exposed(world, trace, message).sum()), int(people(trace).sum()))


_H7 = "Tagged 2009, LinkedIn Add Connections"
PRIVACY = (
    Metric(
        "exposed_share", "H7", exposed_share, "share", "bad",
        {"en": "Addresses exposed", "zh": "联系方式被泄露的比例"},
        {"en": "Share of the people whose address somebody handed over without asking them.",
         "zh": "有多大比例的人，联系方式未经同意就被别人交了出去。"},
        "harm", source=_H7),
    Metric(
        "contacts_given_away", "H7", contacts_given_away, "contacts", "bad",
        {"en": "Contacts handed over", "zh": "被交出的联系人"},
        {"en": "Contacts without consent in all address books that were used; who is in two "
               "counts twice.",
         "zh": "所有被使用的通讯录中未经同意的联系人；出现在两本通讯录里的计两次。"},
        "harm", source=_H7),
)  # fmt: skip
