"""A part of a scenario that stands nowhere else: a wave of seeding."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from viralbots.interventions.base import Minute
from viralbots.world.message import ChannelName, Strict, measured_in


class Wave(Strict):
    """One wave of seeding (model §1, *Seeding*)."""

    message: str = Field(description="Which message.")
    who: str = Field(
        "random",
        description="Which users: random, hubs (most listeners), leaders, vulnerable, elders, "
        "minors, opted_in … or community:NUMBER.",
        max_length=40,
    )
    count: Annotated[int, measured_in("users", ge=1)] = Field(
        100, description="How many users; where fewer of the class have ties, all of those."
    )
    minute: Minute = Field(0, description="Minute at which it happens; 0 is Monday 08:00.")
    by: Literal["users", "operator", "brand", "members"] = Field(
        "users",
        description="users and operators adopt and send; a brand delivers to them; members have "
        "taken it up already and send nothing on purpose.",
    )
    channel: ChannelName | None = Field(
        None, description="Channel to use; the message's shares decide otherwise."
    )
    paid: bool = Field(False, description="The users are paid writers.")
    until_organic_share: Annotated[float, measured_in("share", gt=0, le=1)] | None = Field(
        None, description="Left out once more than this share of deliveries comes from people."
    )
