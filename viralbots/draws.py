"""Addressed randomness: every draw is a pure function of where it is used (model §2).

There is no generator that is passed around. A draw's *address* is folded, word by word,
into 64 bits by the splitmix64 finaliser; the upper 32 bits are compared with a
probability, or index a table. Two runs that share an address share the draw, whatever
else differs between them.

The addresses, with ``M = fold(run_seed, message_id)`` and ``A = fold(M, user_key)``:

=====================  ====================================================
read, detect,          ``fold(S, repeat << 8 | code)`` with
convert, react, veto   ``S = fold(A ^ SENDER, sender_key)``
forward                ``fold(S, FORWARD)``: one per user, message and sender
channel, fan-out …     ``fold(A, code)``: one per user and message
recipient j            ``fold(fold(A, RECIPIENT), j)``
emission j             ``fold(fold(fold(A, EMISSION), stream), j)`` in place of A
wait                   ``fold(fold(A_sender, WAIT), recipient_key)``
visibility             ``fold(fold(A_sender, VISIBILITY), follower_key)``
an attribute           ``fold(fold(population_seed, code), user_key)``
=====================  ====================================================
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

UInt64Array = NDArray[np.uint64]
_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_SPREAD = 0xD1342543DE82EF95  # odd; keeps small integers apart before the fold
SENDER = 0x5851F42D4C957F2D  # domain of the sender word, so that a key never equals a code

# Draw codes. Numbers are part of every result: never renumber, only append.
READ, DETECT, CONVERT, FORWARD, REACT, REACTION, FILTER = 1, 2, 3, 4, 5, 6, 7
CHANNEL, FAN_OUT, QUOTA, GROUP, RECIPIENT, WAIT, VISIBILITY = 16, 17, 18, 19, 20, 21, 22
SEEDING, LANDING, RETRY = 24, 25, 26
EMISSION, INTERVAL, MUTATION, INFILTRATION = 27, 28, 29, 30
ATTENTION = 31
VETO = 32  # + slot (0 … 31)
INTEREST_COMMUNITY, INTEREST_USER, THREAT, DETECTION, REPUTATION = 64, 65, 66, 67, 68
SOCIABILITY, ACTIVITY, AGE, MARKED, OPTED_IN, UPLOADS, USES = 69, 70, 71, 72, 73, 74, 75
OPERATES = 76
PROFILE, LOCALE = 81, 82
NETWORK = 96  # + stage of a generator


def fold(state: int, word: int) -> int:
    """Fold one word of an address into 64 bits of state (Python integers).

    >>> hex(fold(0, 0))
    '0xe220a8397b1dcdaf'
    """
    z = ((state ^ (word * _SPREAD & _MASK)) + _GOLDEN) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def fold_array(state: int | UInt64Array, words: int | NDArray) -> UInt64Array:
    """`fold` over arrays; either side may be a scalar."""
    a = np.asarray(state, dtype=np.uint64)
    w = np.asarray(words).astype(np.uint64)
    with np.errstate(over="ignore"):
        z = (a ^ (w * np.uint64(_SPREAD))) + np.uint64(_GOLDEN)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def address(*words: int) -> int:
    """Fold several words, the first being the state.

    >>> address(1, 2, 3) == fold(fold(1, 2), 3)
    True
    """
    state = words[0] & _MASK
    for word in words[1:]:
        state = fold(state, word & _MASK)
    return state


def name_id(name: str) -> int:
    """64-bit identity of a named thing; adding another name re-rolls nothing.

    >>> name_id("prize") == name_id("prize") != name_id("counter")
    True
    """
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")


def run_seed(seed: int, replicate: int = 0) -> int:
    """Seed of one replicate (model §2: ``mix(seed, r)``)."""
    return address(0x56697261_6C626F74, seed, replicate)
