"""The complete, validated description of a run; same scenario + seed = same result.

A scenario file is YAML with ``format: 1`` (see ``scenarios/``). `load` reads one,
`Scenario.identity` hashes what matters for the result, `override` sets fields by path.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from viralbots.errors import Problem, ScenarioError
from viralbots.interventions import AnyIntervention
from viralbots.interventions.base import Minute, unknown_class, unknown_message
from viralbots.interventions.levers import is_class
from viralbots.rules import RULES
from viralbots.rules.constants import DECLARED, DEFAULTS, allowed
from viralbots.scenario_file import MAX_BYTES, explain, parse_yaml, suggest
from viralbots.scenario_paths import place
from viralbots.version import ENGINE_VERSION
from viralbots.world.message import ChannelName, Message, Strict
from viralbots.world.spec import WorldSpec

TEXT_FIELDS = ("name", "title", "story", "sources", "tags", "controls", "claims", "twin",
               "derived_from", "look_at")  # fmt: skip


MessageName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]


class Text(Strict):
    """A text in both languages."""

    en: str = Field(max_length=20_000)
    zh: str = Field(max_length=20_000)


class Wave(Strict):
    """One wave of seeding (model §1, *Seeding*)."""

    message: str = Field(description="Which message.")
    who: str = Field(
        "random",
        description="random, hubs, leaders, vulnerable, elders, minors or community:NUMBER.",
        max_length=40,
    )
    count: Annotated[int, Field(ge=1)] = Field(
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
    until_organic_share: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None, description="Left out once more than this share of deliveries comes from people."
    )


class RuleSpec(Strict):
    """Which rule decides, and what is changed in its table."""

    kind: str = Field("main", description="One of the rules in `viralbots.rules.RULES`.")
    cells: dict[str, Annotated[float, Field(allow_inf_nan=False)]] = Field(
        default_factory=dict, description="Cells of the decision table with other values."
    )

    @field_validator("kind")
    @classmethod
    def _known_rule(cls, value: str) -> str:
        if value not in RULES:
            raise ValueError(f"no rule is called {value!r}{suggest(value, RULES)}")
        return value


class Scenario(Strict):
    """A scenario; fields as in the file."""

    format: Literal[1] = Field(description="Version of the file format.")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$", description="Identifier.")
    title: Text
    story: Text
    look_at: Text | None = Field(None, description="What to look at in the result.")
    sources: list[str] = Field(default_factory=list, max_length=50)
    tags: list[str] = Field(default_factory=list, max_length=20)
    controls: list[str] = Field(
        default_factory=list, max_length=5, description="Paths of the fields that matter here."
    )
    claims: list[str] = Field(default_factory=list, max_length=30)
    twin: str | None = None
    derived_from: str | None = None
    network: WorldSpec = Field(default_factory=WorldSpec)
    messages: dict[MessageName, Message] = Field(min_length=1, max_length=8)
    seeding: list[Wave] = Field(default_factory=list, max_length=200)
    interventions: list[AnyIntervention] = Field(default_factory=list, max_length=30)
    rule: RuleSpec = Field(default_factory=RuleSpec)
    horizon_days: Annotated[float, Field(gt=0, le=730)] = Field(30, description="Days simulated.")

    @property
    def horizon(self) -> int:
        """Minutes simulated."""
        return max(1, round(self.horizon_days * 1440))

    @property
    def message_names(self) -> tuple[str, ...]:
        return tuple(self.messages)

    @property
    def brands(self) -> tuple[str, ...]:
        """Brands in order of first appearance."""
        found = (m.brand for m in self.messages.values() if m.brand)
        return tuple(dict.fromkeys(found))

    @property
    def cells(self) -> dict[str, float]:
        """Every cell and constant with the value this scenario uses."""
        return {**DEFAULTS, **self.rule.cells}

    def dynamic(self) -> dict[str, Any]:
        """The resolved fields that decide the result: defaults filled in, texts left out."""
        data = self.model_dump(mode="json", exclude=set(TEXT_FIELDS) | {"format", "rule"})
        data["network"] = self.network.dynamic()
        data["rule"] = {"kind": self.rule.kind, "cells": self.cells}
        data["message_order"] = list(self.messages)
        return data

    @property
    def identity(self) -> str:
        """SHA-256 of `dynamic` in canonical JSON and of the engine version."""
        text = json.dumps(self.dynamic(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(f"{ENGINE_VERSION}\n{text}".encode()).hexdigest()


def from_dict(data: object, source: str = "scenario") -> Scenario:
    """Validate a document.

    Raises
    ------
    ScenarioError
        With all problems at once: path, value given, bound, suggestion.
    """
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise ScenarioError(source, explain(error, Scenario)) from None
    problems = list(faults(scenario))
    if problems:
        raise ScenarioError(source, problems)
    return scenario


def faults(scenario: Scenario) -> Iterator[Problem]:
    """What fits field by field but not together: names of messages, users, cells, paths."""
    messages = scenario.messages
    for name, message in messages.items():
        if message.about is not None and (message.about not in messages or message.about == name):
            known = {other: m for other, m in messages.items() if other != name}
            yield _fault(f"messages.{name}.about", unknown_message(message.about, known))
    trade: dict[str, str | None] = {}
    for name, message in messages.items():
        if message.brand and trade.setdefault(message.brand, message.category) != message.category:
            text = f"brand {message.brand!r} has two categories; give all its messages the same"
            yield _fault(f"messages.{name}.category", text)
    for number, wave in enumerate(scenario.seeding):
        yield from _wave_faults(scenario, wave, f"seeding[{number}]")
    for number, intervention in enumerate(scenario.interventions):
        for field, text in intervention.faults(messages):
            yield _fault(f"interventions[{number}].{field}", text)
    for name, value in scenario.rule.cells.items():
        if name not in DECLARED:
            yield _fault(
                f"rule.cells.{name}", f"no cell is called {name!r}{suggest(name, DECLARED)}"
            )
            continue
        low, high = allowed(name)
        if not low <= value <= high:
            text = f"must be between {low:g} and {high:g}, got {value:g}"
            yield _fault(f"rule.cells.{name}", text)
    cells = scenario.cells
    if cells["reaction.opt_out_aware"] + cells["reaction.complain_aware"] > 1:
        text = "reaction.opt_out_aware and reaction.complain_aware together must be at most 1"
        yield _fault("rule.cells", text)
    data = scenario.model_dump(mode="python")
    for number, path in enumerate(scenario.controls):
        try:
            place(data, path, scenario.name)
        except ScenarioError as error:
            yield _fault(f"controls[{number}]", f"{path}: {error.problems[0].text}")


def _fault(path: str, text: str) -> Problem:
    return Problem(path, "invalid", text)


def _wave_faults(scenario: Scenario, wave: Wave, path: str) -> Iterator[Problem]:
    if wave.message not in scenario.messages:
        yield _fault(f"{path}.message", unknown_message(wave.message, scenario.messages))
    if not is_class(wave.who):
        yield _fault(f"{path}.who", unknown_class(wave.who))
    n_users = scenario.network.n_users
    if scenario.network.kind != "imported" and wave.count > n_users:
        text = f"must be at most network.n_users ({n_users}), got {wave.count}"
        yield _fault(f"{path}.count", text)


def check_waves(scenario: Scenario, n_users: int) -> None:
    """Refuse waves larger than a built world: a file says only when read how many it has.

    A wave larger than its *class* of users takes all of the class, since how many leaders or
    elders a world has is a matter of its draws.

    Raises
    ------
    ScenarioError
        Naming each such wave and the number of users.
    """
    problems = [
        _fault(
            f"seeding[{number}].count",
            f"must be at most {n_users}, the users of this network, got {wave.count}; "
            "lower it or take a larger network",
        )
        for number, wave in enumerate(scenario.seeding)
        if wave.count > n_users
    ]
    if problems:
        raise ScenarioError(scenario.name, problems)


def load(path: str | Path) -> Scenario:
    """Read a scenario file.

    Raises
    ------
    ScenarioError
        The file cannot be read, is not YAML or is not a valid scenario.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        text = f"cannot be read: {error.strerror or error}"
        raise ScenarioError(str(path), [Problem("", "unreadable", text)]) from None
    return from_dict(parse_yaml(data, str(path)), str(path))


def override(scenario: Scenario, changes: Mapping[str, object]) -> Scenario:
    """A scenario with fields set by path, validated as a whole.

    Parameters
    ----------
    changes : mapping
        Path → value, e.g. ``{"network.n_users": 1000, "message.ad_intensity": .2}``.
        See `viralbots.scenario_paths`.

    Raises
    ------
    ScenarioError
        A path does not exist or a value is not allowed.
    """
    data = scenario.model_dump(mode="python", by_alias=True)
    for path, value in changes.items():
        node, key = place(data, path, scenario.name)
        node[key] = value
    return from_dict(data, scenario.name)
