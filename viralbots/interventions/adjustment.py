"""Any change of the decision table from a minute on: for experiments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Adjustment, Lever
from viralbots.rules.decision_table import CELLS
from viralbots.world.message import ChannelName, Message


class TableAdjustment(Intervention):
    """Scale and offset of one cell for a class of users, messages or channels (model §7 a)."""

    how: ClassVar[str] = "The cell becomes cell × scale + offset for the users named."
    kind: Literal["adjustment"]
    cell: str = Field(description="Cell of the decision table.")
    offset: Annotated[float, Field(ge=-50, le=50)] = 0.0
    scale: Annotated[float, Field(ge=-50, le=50)] = 1.0
    users: str = Field("all", description="Class of users.", max_length=40)
    channels: list[ChannelName] = Field(default_factory=list, description="Where; none: all.")

    @field_validator("cell")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in CELLS:
            raise ValueError(f"no cell of the decision table is called {value!r}")
        return value

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Adjustment(self.cell, self.offset, self.scale, self.users,
                           tuple(self.messages), tuple(self.channels))]  # fmt: skip
