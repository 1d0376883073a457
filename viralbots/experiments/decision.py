"""What a replay finds: one user's deliveries, and every decision term by term.

Plain frozen records that `viralbots.experiments.replay` fills, `flips` varies and `story`
tells; the parts of a decision are in `viralbots.experiments.terms`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from viralbots.experiments.terms import (
    ONE,
    Decision,
    MutationStory,
    TermValue,
    VetoStory,
    amount_of,
    term_values,
)

__all__ = [
    "ONE", "AdoptionStory", "Decision", "DeliveryStory", "EventStory", "JoinStory",
    "MutationStory", "TermValue", "UserStory", "VetoStory", "amount_of", "term_values",
]  # fmt: skip

Fate = Literal["stopped", "ignored", "read"]
Way = Literal["sent", "post", "account", "footer", "brand", "reminder", "look"]
Refusal = Literal["footer", "members_only", "account"]


@dataclass(frozen=True)
class DeliveryStory:
    """One arrival and everything decided at it.

    Attributes
    ----------
    minute : int
    source : int or None
        User who sent it; None: a brand or the platform.
    message, channel : str
    tie : float
        Strength w, 0 … 1.
    repeat : int
        Which sending it is: 0 unless the sender sends again and again; of a brand, the wave
        or intervention, and from 1024 on its reminders and what she looks up, counted.
    flags : tuple of str
        Of paid, group, footer, brand, repeat, auto.
    fate : {"stopped", "ignored", "read"}
    stopped_by : str or None
        A veto's name, or opt_out, filter_installed or removed.
    vetoes : tuple of VetoStory
        Those at delivery.
    decisions : tuple of Decision
    knew : bool
        She knew what it is before she could see through it at this reading.
    reaction : str or None
        opt_out, complain or counter.
    has_filtered : bool
        Her opt-out installed a filter against all brands.
    is_request : bool
        Her conversion is a request to a landing of limited capacity.
    out_channel : str or None
        Channel by which she forwards, if she does.
    hops : int
        How many forwards the copy has behind it; 0 from a brand.
    is_bot : bool
        She is an account run by somebody else at that minute.
    is_from_bot : bool
        The sender is one.
    refusal : str or None
        Why she could not pass on what she read: a *footer* is not passed on, *members_only*
        where only members can, *account* where it goes out from her account anyway.
    """

    minute: int
    source: int | None
    message: str
    channel: str
    tie: float
    repeat: int
    flags: tuple[str, ...]
    fate: Fate
    stopped_by: str | None
    vetoes: tuple[VetoStory, ...]
    decisions: tuple[Decision, ...]
    knew: bool
    reaction: str | None
    has_filtered: bool
    is_request: bool
    out_channel: str | None
    hops: int = 0
    is_bot: bool = False
    is_from_bot: bool = False
    refusal: Refusal | None = None

    @property
    def way(self) -> Way:
        """How it came: *account* without its owner's doing, *post* from one who repeats it."""
        if "brand" in self.flags:
            return (
                "look" if "footer" in self.flags
                else "reminder" if "repeat" in self.flags else "brand"
            )  # fmt: skip
        ways: tuple[tuple[str, Way], ...] = (
            ("footer", "footer"), ("auto", "account"), ("repeat", "post"),
        )  # fmt: skip
        return next((way for flag, way in ways if flag in self.flags), "sent")

    @property
    def is_conversion(self) -> bool:
        """She took it up or fell for it here; a request to the landing is none yet."""
        taken = self.decision("convert") or self.decision("fall")
        return taken is not None and taken.outcome and not self.is_request

    def decision(self, name: str) -> Decision | None:
        """The decision of that name, if it was taken here."""
        return next((d for d in self.decisions if d.name == name), None)


@dataclass(frozen=True)
class AdoptionStory:
    """One adoption: how she came to send a message.

    Attributes
    ----------
    kind : str
        decided; seed; counter (a counter-message begun); mutated (she decided to pass on
        another message, which turned into this one); without her doing: *footer* (she took it
        up and it rides on her mails), *joined* (it is sent from the account of whoever takes it
        up or falls for it), *hijacked* (somebody else sent it from her account).
    source : int or None
        From whom she had it; of a mutated one, the other message.
    hops : int
        Forwards behind the copy at which she adopted.
    is_paid, is_bot : bool
        A seed and a paid writer; an account run by somebody else at that minute.
    """

    minute: int
    message: str
    source: int | None
    channel: str | None
    kind: Literal["decided", "seed", "counter", "mutated", "footer", "joined", "hijacked"]
    n_sent: int
    is_paid: bool
    hops: int = 0
    is_bot: bool = False


@dataclass(frozen=True)
class JoinStory:
    """She became a member: took it up, or fell for it.

    Attributes
    ----------
    source : int or None
        Who had sent it; None: a brand, or a member from the start.
    channel : str or None
        By which the offer came; None: a member from the start.
    hops : int
    is_told : bool
        The delivery of that minute tells it; else she was one from the start, or her request
        was granted.
    """

    minute: int
    message: str
    source: int | None
    channel: str | None
    hops: int
    is_told: bool


@dataclass(frozen=True)
class EventStory:
    """Something that an intervention did to her.

    ``kind`` as of `UserEvent`, or *back*: her suspension ended.
    """

    minute: int
    kind: str
    message: str | None


@dataclass(frozen=True)
class UserStory:
    """Everything that happened to one user in one run, in the order it happened."""

    user: int
    deliveries: tuple[DeliveryStory, ...]
    adoptions: tuple[AdoptionStory, ...]
    events: tuple[EventStory, ...]
    joins: tuple[JoinStory, ...] = ()

    @property
    def is_bot(self) -> bool:
        """She was an account run by somebody else at some minute."""
        return any(d.is_bot for d in self.deliveries) or any(a.is_bot for a in self.adoptions)

    @property
    def is_paid(self) -> bool:
        """She began as a paid writer."""
        return any(adoption.is_paid for adoption in self.adoptions)

    def decisions(self, name: str) -> list[tuple[DeliveryStory, Decision]]:
        """Every decision of one name, with the delivery at which it was taken."""
        return [(d, found) for d in self.deliveries if (found := d.decision(name)) is not None]
