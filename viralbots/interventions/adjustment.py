"""Any change of the decision table from a minute on: for experiments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.errors import Problem
from viralbots.interventions.base import Intervention, unknown_cell
from viralbots.interventions.levers import Adjustment, Lever
from viralbots.rules.decision_table import CELLS
from viralbots.world.message import ChannelName, Message, measured_in


class TableAdjustment(Intervention):
    """Scale and offset of one cell for a class of users, messages or channels (model §7 a)."""

    how: ClassVar[str] = "The cell becomes cell × scale + offset for the users named."
    kind: Literal["adjustment"]
    cell: str = Field(description="Cell of the decision table.")
    offset: Annotated[float, measured_in("log-odds", ge=-50, le=50)] = Field(
        0.0, description="Added to the cell."
    )
    scale: Annotated[float, measured_in("factor", ge=-50, le=50)] = Field(
        1.0, description="The cell is multiplied by it first."
    )
    users: str = Field("all", description="Class of users.", max_length=40)
    channels: list[ChannelName] = Field(default_factory=list, description="Where; none: all.")

    def faults(self, messages: Mapping[str, Message]) -> Iterator[Problem]:
        yield from super().faults(messages)
        if self.cell not in CELLS:
            yield unknown_cell("cell", self.cell, CELLS)

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Adjustment(self.cell, self.offset, self.scale, self.users,
                           tuple(self.messages), tuple(self.channels))]  # fmt: skip
