"""What things cost and earn (model §3): field ``money`` of a scenario.

It decides nothing that happens, only what is counted afterwards, so it is no part of
`viralbots.scenario.Scenario.identity`. All amounts are in one currency of one's choice; every
default is assumed. `viralbots.metrics.accounts` keeps the books.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from viralbots.world.message import Share, Strict, measured_in

Amount = Annotated[float, measured_in("money", ge=0, le=1e5, allow_inf_nan=False)]
"""Once for each of many: bounded, so that sums stay exact integers."""
Sum = Annotated[float, measured_in("money", ge=0, le=1e12, allow_inf_nan=False)]


class Costs(Strict):
    """What the sponsor pays."""

    planted: Amount = Field(
        0.0, description="Each planted user: the fee of a paid writer, a gift, a sample (assumed)."
    )
    brand_delivery: Amount = Field(
        0.01, description="Each message that the brand itself sends, reminders too (assumed)."
    )
    per_forward: Amount | None = Field(
        None, description="Paid to whoever passes it on; none: the message's own reward."
    )
    per_convert: Amount = Field(
        0.0,
        description="Paid to the person through whom somebody took it up; where the message is "
        "two_sided, to both.",
    )
    commission: Amount = Field(
        0.0, description="Paid to a site or periodical (operator) for each user who came by it."
    )
    fixed: Sum = Field(0.0, description="Once: to make it, prizes, an agency.")
    per_day: Sum = Field(0.0, description="Running costs of a day: servers, staff.")
    sms: Amount = Field(0.05, description="Each text message (assumed).")
    sms_paid_by: Literal["sender", "sponsor"] = Field(
        "sender", description="Who pays for text messages that people send."
    )


class Revenue(Strict):
    """What the sponsor earns, by the message's offer; offer none: the price, at once."""

    advertising: Amount = Field(
        0.01, description="Offer full: from advertisers, for each user and day (assumed)."
    )
    upgrade_share: Share = Field(
        0.03, description="Offer partial: share of the users who buy the rest (assumed)."
    )
    keep_share: Share = Field(
        0.1, description="Offer trial: share of the users who keep it and pay (assumed)."
    )
    keep_per_reading: Share = Field(
        0.02, description="Offer trial: so much more for each reminder read (assumed)."
    )
    paid_share: Share = Field(
        0.2,
        description="Free copy: share of the copies paid for once everybody has one; it grows "
        "with the installed base (assumed).",
    )
    after_days: Annotated[float, measured_in("days", ge=0, le=3650)] = Field(
        0.0, description="Days from taking it up to the first money."
    )
    address: Amount = Field(
        0.0, description="Value of an address: of each user who takes it up or is given away."
    )
    victim_loss: Amount = Field(
        0.0, description="A trap: what each victim loses; who sent it has it."
    )


class Referral(Strict):
    """Members win members: what goes to those above a new one, level by level (model §3).

    With a join fee it is a pyramid; without one each of them gets impressions only.
    """

    levels: Annotated[int, measured_in("count", ge=1, le=50)] = Field(
        8, description="How many of those above a new member have a share: slots."
    )
    join_fee: Amount = Field(0.0, description="What a new member pays; 0: free registration.")
    operator_share: Share = Field(
        0.2,
        description="Part of the join fee that the operator keeps; shares with nobody above go "
        "there as well (assumed).",
    )
    impressions: Amount = Field(
        0.0, description="Worth of the views that each of those above gets by a new member."
    )


class Outside(Strict):
    """What it costs others."""

    wage: Amount = Field(10.0, description="Worth of an hour of people's time (assumed).")
    complaint: Amount = Field(
        1.0, description="What it costs the platform to handle a complaint (assumed)."
    )


class Money(Strict):
    """Costs, revenue, and what it costs others; all in one currency."""

    messages: list[str] = Field(
        default_factory=list,
        max_length=8,
        description="Messages whose money is counted; none named: the first. Fixed and running "
        "costs are counted with the first of them.",
    )
    costs: Costs = Field(default_factory=Costs, description="What the sponsor pays.")
    revenue: Revenue = Field(default_factory=Revenue, description="What the sponsor earns.")
    referral: Referral | None = Field(
        None, description="Shares for those above a new member; none: there are none."
    )
    outside: Outside = Field(default_factory=Outside, description="What it costs others.")
