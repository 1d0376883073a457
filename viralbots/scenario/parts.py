"""Parts of a scenario that stand nowhere else: waves of seeding, and the rule with its cells."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from viralbots.errors import Problem
from viralbots.interventions.base import Minute
from viralbots.rules import RULES
from viralbots.scenario.file import shown, suggest, suggestion
from viralbots.world.message import ChannelName, Strict, measured_in, refusal

Cell = Annotated[float, measured_in("quantity", allow_inf_nan=False)]


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
    by: Literal["users", "operator", "brand"] = Field(
        "users", description="users and operators adopt and send; a brand delivers to them."
    )
    channel: ChannelName | None = Field(
        None, description="Channel to use; the message's shares decide otherwise."
    )
    paid: bool = Field(False, description="The users are paid writers.")
    until_organic_share: Annotated[float, measured_in("share", gt=0, le=1)] | None = Field(
        None, description="Left out once more than this share of deliveries comes from people."
    )


class RuleSpec(Strict):
    """Which rule decides, and what is changed in its table."""

    kind: str = Field("main", description="Which rule decides; so far main.")
    cells: dict[str, Cell] = Field(
        default_factory=dict, description="Cells of the decision table with other values."
    )

    @field_validator("kind")
    @classmethod
    def _known_rule(cls, value: str) -> str:
        if value not in RULES:
            text = f"no rule is called {shown(value)}{suggest(value, RULES)}"
            values = {"given": shown(value), **suggestion(value, RULES)}
            raise refusal("", [Problem("", "unknown_rule", text, values)])
        return value
