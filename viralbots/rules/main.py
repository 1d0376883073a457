"""The main rule as a scenario names it: the decision table, and what is changed in it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from viralbots.rules.base import Card, Reads, Rule
from viralbots.rules.constants import DEFAULTS
from viralbots.world.message import measured_in

Cell = Annotated[float, measured_in("quantity", allow_inf_nan=False)]


class MainRule(Rule):
    """Five decisions a delivery from the decision table (model §2)."""

    card: ClassVar[Card] = Card(
        label={"en": "Five decisions", "zh": "五步决定"},
        spreads={
            "en": "A message passes from person to person; each decides whether to read it, "
            "believe it, take it up, pass it on or turn against it.",
            "zh": "消息在人与人之间传递；每个人决定读不读、信不信、接不接受、转不转，"
            "或者起而反对。",
        },
        leaves_out={
            "en": "Messages do not compete for room in a feed, and nobody changes friends.",
            "zh": "不同消息不会争夺信息流里的位置，人们也不会更换朋友。",
        },
        contagion="complex",
    )
    reads: ClassVar[Reads] = Reads()

    kind: Literal["main"] = Field("main", description="Which rule decides.")
    cells: dict[str, Cell] = Field(
        default_factory=dict, description="Cells of the decision table with other values."
    )

    def dynamic(self) -> dict[str, Any]:
        return {"kind": self.kind, "cells": {**DEFAULTS, **self.cells}}
