"""What spreads: an offer and its properties (model §1, *Messages*)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from viralbots.draws import name_id
from viralbots.errors import Problem
from viralbots.world.world import CHANNELS, PUSH_CHANNELS

Unit = Literal["share", "minutes", "days", "users", "money", "count", "ties", "log-odds",
               "factor", "weight", "per hour", "per day", "quantity", "none"]  # fmt: skip
"""In what a number is given; ``quantity``: in the unit of the quantity named beside it."""


def measured_in(unit: Unit, **bounds: Any) -> Any:
    """Declaration of a number: its unit and its bounds, as pydantic's `Field` takes them."""
    return Field(json_schema_extra={"unit": unit}, **bounds)


Share = Annotated[float, measured_in("share", ge=0, le=1, allow_inf_nan=False)]
ChannelName = Literal["im", "email", "sms", "forum", "blog", "video"]
Offer = Literal["none", "trial", "partial", "full", "free_copy"]


class Strict(BaseModel):
    """Base of everything that is read from a file: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def refusal(place: str, problems: list[Problem]) -> PydanticCustomError:
    """All that is wrong with a model as the one error that a validator may raise.

    Parameters
    ----------
    place : str
        Where such a model lies in a file, for who makes one in Python (``network``); may
        be empty.
    problems : list of Problem
        Paths are relative to the model.
    """
    places = (".".join(filter(None, (place, problem.path))) for problem in problems)
    text = "; ".join(f"{p} {problem.text}" for p, problem in zip(places, problems, strict=True))
    return PydanticCustomError("problems", "{text}", {"text": text, "problems": problems})


def _by_email() -> dict[ChannelName, float]:
    return {"email": 1.0}


class Message(Strict):
    """One message; numbers are between 0 and 1 unless said otherwise (model §1)."""

    kind: Literal["message", "counter", "correction"] = Field(
        "message", description="An ordinary message, a counter-message or a correction."
    )
    about: str | None = Field(
        None, description="For counter-messages and corrections: the message they are about."
    )
    brand: str | None = Field(
        None, description="Who is advertised; trust is kept per brand.", max_length=80
    )
    category: str | None = Field(
        None, description="Trade of the brand, for spill-over.", max_length=80
    )
    sponsored: bool | None = Field(
        None,
        description="The brand runs it as a campaign, so an ad too light is not remembered "
        "(recall veto, model §2.4). Default: true where there is a brand.",
    )
    topic: str = Field("general", description="Whose followers it interests.", max_length=80)
    value: Share = Field(
        0.3, description="How useful or enjoyable it is to a matching reader (v)."
    )
    ease: Share = Field(0.5, description="How easy it is to pass on: one click is 1 (e).")
    arousal: Share = Field(0.3, description="How strongly it moves: awe, anger, fun (a).")
    ad_intensity: Share = Field(0.0, description="How much of it is open advertising (d).")
    threat: Share = Field(0.0, description="How much it threatens who breaks the chain (t).")
    disguise: Share = Field(0.0, description="How well sender or purpose is hidden (s).")
    is_false: bool = Field(False, description="It claims what is not so.")
    novelty: Share = Field(1.0, description="Original 1, second of its kind .5, third .1.")
    novelty_half_life_days: Annotated[float, measured_in("days", gt=0, le=3650)] | None = Field(
        None, description="Days in which novelty halves; none: it stays."
    )
    reward: Annotated[float, measured_in("money", ge=0, le=1e6)] = Field(
        0.0, description="Money for passing it on; b = ln(1 + reward)."
    )
    reward_visible: bool = Field(False, description="Recipients can see that it is paid.")
    two_sided: bool = Field(False, description="The recipient is rewarded as well.")
    status: Share = Field(0.0, description="How much passing it on raises one's standing.")
    offer: Offer = Field("none", description="What a reader can take up.")
    price: Annotated[float, measured_in("money", ge=0, le=1e9)] = Field(
        0.0, description="Price in money."
    )
    converts: bool | None = Field(
        None,
        description="There is something to take up. Default: true for messages, false for "
        "counter-messages and corrections.",
    )
    phishing: bool = Field(
        False, description="A trap: detect first, then fall for it or not (model §2.4)."
    )
    pace: Literal["conversation", "marketing"] = Field(
        "conversation", description="Marketing mail waits longer to be dealt with (model §1)."
    )
    channels: dict[ChannelName, Annotated[float, measured_in("weight", gt=0, le=1e6)]] = Field(
        default_factory=_by_email, description="Shares of the channels it takes."
    )
    footer: Annotated[float, measured_in("per day", ge=0, le=50)] = Field(
        0.0,
        description="It rides as a footer on so many personal mails a day of everybody who has "
        "taken it up; nobody passes it on by decision. 0: it does not.",
    )
    auto_send: Literal["nobody", "members", "address_books"] = Field(
        "nobody",
        description="From whose account it is sent without asking: of everybody who takes it up "
        "or falls for it, or of those who hand over their address book.",
    )
    auto_contacts: Annotated[int, measured_in("users", ge=1, le=10_000)] | None = Field(
        None, description="To how many contacts it is sent so; none: to all."
    )
    reminder_days: Annotated[float, measured_in("days", gt=0, le=365)] | None = Field(
        None, description="Days from one reminder by the brand to the next; none: no reminders."
    )
    reminders: Annotated[int, measured_in("count", ge=1, le=1000)] = Field(
        4, description="How many reminders each who has taken it up receives."
    )
    members_only: bool = Field(
        False, description="Only who has taken it up can pass it on (a referral)."
    )
    variant: str | None = Field(
        None, description="The message that it may turn into when it is passed on."
    )
    mutation: Share = Field(0.0, description="How often it turns into its variant.")
    network_effect: Annotated[float, measured_in("log-odds", ge=0, le=10)] = Field(
        0.0,
        description="How much more it is worth, the more of one's contacts use it, and how "
        "much its users recruit the others (g). 0: not at all.",
    )
    push_quota: Annotated[int, measured_in("users", ge=1, le=1000)] | None = Field(
        None, description="“Send this to ten people”: obeyed by 70 % (model §2.5)."
    )
    appeals: list[str] = Field(
        default_factory=list, description="What it appeals to (text only).", max_length=20
    )

    @model_validator(mode="after")
    def _fields_fit(self) -> Message:
        problems = list(self._faults())
        if problems:
            raise refusal("", problems)
        return self

    def _faults(self) -> Iterator[Problem]:
        if not self.channels:
            known = ", ".join(CHANNELS[:6])
            yield Problem(
                "channels", "no_channel", f"must name at least one of {known}", {"known": known}
            )
        if self.kind != "message" and self.about is None:
            text = f"is missing; a message of kind {self.kind} names the message that it is about"
            yield Problem("about", "about_missing", text, {"kind": self.kind})
        if self.kind == "message" and self.about is not None:
            text = (
                "only a counter-message or a correction is about another message; "
                "set kind, or leave about out"
            )
            yield Problem("about", "about_unwanted", text)
        if self.category is not None and self.brand is None:
            text = "is the trade of a brand, and there is none; name the brand or leave it out"
            yield Problem("category", "category_without_brand", text)

        yield from self._carrying_faults()

    def _carrying_faults(self) -> Iterator[Problem]:
        push = set(self.channels) & set(PUSH_CHANNELS)
        for field in ("footer", "auto_send"):
            if getattr(self, field) not in (0.0, "nobody") and not push:
                known = ", ".join(PUSH_CHANNELS)
                text = f"goes to contacts, and the message takes none of {known}; name one"
                yield Problem(field, "needs_push", text, {"known": known})
        if (self.variant is None) != (self.mutation == 0):
            text = "variant and mutation belong together; give both, or neither"
            values: dict[str, object] = {"first": "variant", "second": "mutation"}
            yield Problem("mutation", "both_or_neither", text, values)

    def facts(self) -> dict[str, object]:
        """What a trace says of the message besides its name."""
        return {
            "kind": self.kind,
            "about": self.about,
            "brand": self.brand,
            "phishing": self.phishing,
            "threat": self.threat,
            "offer": self.offer,
            "price": self.price,
            "reward": self.reward,
            "two_sided": self.two_sided,
            "footer": self.footer,
            "has_reminders": self.reminder_days is not None,
            "reminder_days": self.reminder_days,
            "reminders": self.reminders,
        }

    @property
    def mail_pace(self) -> str:
        """Pace of its waits by e-mail; traps have that of marketing mail (model §2.7)."""
        return "marketing" if self.phishing else self.pace

    @property
    def main_channel(self) -> str:
        """The channel with the largest share, the first in the file among equals."""
        return max(self.channels, key=lambda channel: self.channels[channel])

    @property
    def is_campaign(self) -> bool:
        """Whether the recall veto applies: sponsored, or a brand's message by default."""
        return self.brand is not None if self.sponsored is None else self.sponsored

    @property
    def is_convertible(self) -> bool:
        return self.kind == "message" if self.converts is None else self.converts

    @property
    def is_deceptive(self) -> bool:
        """There is something to see through: it is covert or false (model §2.3)."""
        return self.disguise > 0 or self.is_false


def message_id(name: str) -> int:
    """64-bit identity of a message, so that adding one re-rolls nothing (model §2)."""
    return name_id("message:" + name)
