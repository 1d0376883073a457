"""The complete, validated description of a run; same scenario + seed = same result.

A scenario file is YAML with ``format: 1`` (see ``scenarios/``). `load` reads one,
`Scenario.identity` hashes what matters for the result, `override` sets fields by path, and
`dump` writes one. Beside this stand `viralbots.scenario.edit` (change a person's file and
nothing else in it), `viralbots.scenario.difference`, `viralbots.scenario.reads` (fields
without effect; files that a scenario would read) and `viralbots.scenario.claims`.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from viralbots.errors import Problem, ScenarioError
from viralbots.interventions import AnyIntervention
from viralbots.interventions.base import MONEY_FIELDS, Beside, Intervention
from viralbots.interventions.bots import AnyBot
from viralbots.rules import AnyRule, MainRule
from viralbots.rules.constants import DEFAULTS
from viralbots.scenario.claims import Claim
from viralbots.scenario.dump import dump
from viralbots.scenario.file import MAX_BYTES, invisible_text, parse_yaml
from viralbots.scenario.money import Money
from viralbots.scenario.parts import Wave
from viralbots.scenario.paths import place
from viralbots.scenario.problems import bounded
from viralbots.scenario.salvage import validated
from viralbots.scenario.text import ScenarioName, Text
from viralbots.version import ENGINE_VERSION
from viralbots.world.message import Message, Strict, measured_in
from viralbots.world.spec import WorldSpec

TEXT_FIELDS = ("name", "title", "story", "sources", "tags", "controls", "claims", "twin",
               "derived_from", "look_at", "try_this", "questions", "difficulty",
               "lesson", "own_harm")  # fmt: skip
"""Fields that decide nothing: they are no part of a scenario's identity."""

MessageName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
HarmCode = Literal["H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "H9", "H10", "H11", "H12",
                   "H13", "H14", "H15", "H16"]  # fmt: skip
Line = Annotated[str, Field(max_length=2_000)]

__all__ = ["Scenario", "Text", "Wave", "check_waves", "dump", "from_dict", "from_text", "load",
           "override", "read"]  # fmt: skip


class Scenario(Strict):
    """A scenario; fields as in the file."""

    format: Literal[1] = Field(description="Version of the file format; always 1.")
    name: ScenarioName = Field(description="Name of the scenario and of its file.")
    title: Text = Field(description="What it is called.")
    story: Text = Field(description="What happens, as it would be told.")
    look_at: Text | None = Field(None, description="What to look at in the result.")
    try_this: Text | None = Field(None, description="One thing to change and run again.")
    questions: list[Text] = Field(
        default_factory=list, max_length=5, description="Questions to think about or discuss."
    )
    difficulty: Literal[1, 2, 3] | None = Field(
        None, description="How much it asks of the reader: 1 easy, 3 demanding."
    )
    lesson: ScenarioName | None = Field(None, description="The lesson that it serves.")
    own_harm: HarmCode | None = Field(
        None, description="The entry of the harm ledger that it is about, shown by default."
    )
    sources: list[Line] = Field(
        default_factory=list, max_length=50, description="Facts with their source; assumptions."
    )
    tags: list[Annotated[str, Field(max_length=80)]] = Field(
        default_factory=list, max_length=20, description="Words to search by."
    )
    controls: list[str] = Field(
        default_factory=list, max_length=5, description="Paths of the fields that matter here."
    )
    claims: list[Claim] = Field(
        default_factory=list, max_length=30, description="What it shows; checked on replicates."
    )
    twin: ScenarioName | None = Field(
        None, description="Its counterpart: the same offer made decently."
    )
    derived_from: ScenarioName | None = Field(
        None, description="The scenario that it was made from."
    )
    network: WorldSpec = Field(
        default_factory=WorldSpec, description="Who exists and who hears whom."
    )
    messages: dict[MessageName, Message] = Field(
        min_length=1, max_length=8, description="What spreads, by name; the first is the main one."
    )
    seeding: list[Wave] = Field(
        default_factory=list, max_length=200, description="Who starts: wave by wave."
    )
    interventions: list[AnyIntervention] = Field(
        default_factory=list,
        max_length=30,
        description="What the platform, the law or the sponsor changes, and from when.",
    )
    bots: list[AnyBot] = Field(
        default_factory=list,
        max_length=10,
        description="Accounts run by somebody else, and accounts used against people.",
    )
    rule: AnyRule = Field(
        default_factory=MainRule, description="Which rule decides, with which coefficients."
    )
    money: Money | None = Field(
        None, description="What things cost and earn; none: no money is counted."
    )
    horizon_days: Annotated[float, measured_in("days", gt=0, le=730)] = Field(
        30, description="How long is simulated."
    )  # fmt: skip

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
    def beside(self) -> Beside:
        """What an intervention may need to know of the rest."""
        bots, population = tuple(self.bots), self.network.population
        return Beside(tuple(self.interventions), bots, population)

    @property
    def actors(self) -> tuple[tuple[str, Intervention], ...]:
        """Whatever pulls levers, with the number in its tags: interventions, then bots."""
        beside = self.beside
        named = [(str(k), i.bound(beside)) for k, i in enumerate(self.interventions)]
        return (*named, *((f"bot{k}", bot) for k, bot in enumerate(self.bots)))

    @property
    def cells(self) -> dict[str, float]:
        """Every cell and constant with the value this scenario uses."""
        return {**DEFAULTS, **getattr(self.rule, "cells", {})}

    def dynamic(self) -> dict[str, Any]:
        """The resolved fields that decide the result: defaults filled in, texts left out."""
        data = self.model_dump(mode="json", exclude=set(TEXT_FIELDS) | {"format", "rule", "money"})
        data["network"] = self.network.dynamic()
        data["rule"] = self.rule.dynamic()
        data["message_order"] = list(self.messages)
        for entry in (*data["interventions"], *data["bots"]):
            for field in MONEY_FIELDS:
                entry.pop(field, None)
        return _no_negative_zero(data)

    @property
    def identity(self) -> str:
        """SHA-256 of `dynamic` in canonical JSON and of the engine version."""
        text = json.dumps(self.dynamic(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(f"{ENGINE_VERSION}\n{text}".encode()).hexdigest()

    @property
    def figures_identity(self) -> str:
        """What a run is kept under: the identity, and what decides only its accounts.

        The same as `identity` where no money is counted. Two scenarios that differ in nothing
        but money have the same runs and other figures.
        """
        if self.money is None:
            return self.identity
        costs = [[getattr(actor, field, None) for field in MONEY_FIELDS]
                 for actor in (*self.interventions, *self.bots)]  # fmt: skip
        told = _no_negative_zero({"money": self.money.model_dump(mode="json"), "costs": costs})
        text = json.dumps(told, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(f"{self.identity}\n{text}".encode()).hexdigest()


def _no_negative_zero(data: Any) -> Any:
    """The same data, in which −0 is written as 0."""
    if isinstance(data, dict):
        return {key: _no_negative_zero(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_no_negative_zero(value) for value in data]
    return data + 0.0 if isinstance(data, float) else data


def from_dict(data: object, source: str = "scenario") -> Scenario:
    """Validate a document.

    Raises
    ------
    ScenarioError
        With all problems at once: path, value given, bound, suggestion. What fits field by
        field but not together is told beside wrong fields, as far as it can be known.
    """
    problems = list(invisible_text(data))
    scenario, found = validated(Scenario, data)
    problems += found
    if problems or scenario is None:
        raise ScenarioError(source, bounded(problems))
    return scenario


def from_text(document: str, source: str = "scenario") -> Scenario:
    """Read a scenario from the text of a file.

    Raises
    ------
    ScenarioError
        The text is not YAML or is not a valid scenario.
    """
    data = document.encode("utf-8", "surrogatepass")
    return from_dict(parse_yaml(data, source), source)


def read(path: str | Path) -> tuple[Scenario, str]:
    """A scenario file and its text as it stands.

    Raises
    ------
    ScenarioError
        The file cannot be read, is not YAML or is not a valid scenario.
    """
    source = str(path).encode("utf-8", "backslashreplace").decode("utf-8")  # can be printed
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = (error.strerror if isinstance(error, OSError) else None) or "no file has such a name"
        problem = Problem("", "unreadable", f"cannot be read: {why}", {"why": why})
        raise ScenarioError(source, [problem]) from None
    return from_dict(parse_yaml(data, source), source), data.decode("utf-8")


def load(path: str | Path) -> Scenario:
    """Read a scenario file.

    Raises
    ------
    ScenarioError
        The file cannot be read, is not YAML or is not a valid scenario.
    """
    return read(path)[0]


def override(scenario: Scenario, changes: Mapping[str, object]) -> Scenario:
    """A scenario with fields set by path, validated as a whole.

    Controls and comparisons of claims that a change leaves without their field go with it:
    without interventions there is none to control.

    Parameters
    ----------
    changes : mapping
        Path → value, e.g. ``{"network.n_users": 1000, "message.ad_intensity": .2}``.
        See `viralbots.scenario.paths`.

    Raises
    ------
    ScenarioError
        A path does not exist or a value is not allowed.
    """
    data = scenario.model_dump(mode="python")
    for path, value in changes.items():
        node, key = place(data, path, scenario.name)
        node[key] = copy.deepcopy(value)
    if "controls" not in changes:
        data["controls"] = [path for path in scenario.controls if _leads(data, path)]
    if "claims" not in changes:
        for claim, written in zip(scenario.claims, data["claims"], strict=False):
            paths = [p for check in claim.check for _, arm in check.arms()
                     for p in arm.changes if arm.scenario is None]  # fmt: skip
            if not all(_leads(data, path) for path in paths):
                written["check"] = []
    return from_dict(data, scenario.name)


def _leads(data: dict[str, Any], path: str) -> bool:
    """Whether a path leads to a field of these data."""
    try:
        place(data, path, "", add=False)
    except (ScenarioError, AttributeError, TypeError, KeyError):  # data need not be valid
        return False
    return True


def check_waves(scenario: Scenario, n_users: int) -> None:
    """Refuse waves larger than a built world: a file says only when read how many it has.

    A wave larger than its *class* of users takes all of the class, since how many leaders or
    elders a world has is a matter of its draws.

    Raises
    ------
    ScenarioError
        Naming each such wave and the number of users.
    """
    problems = []
    for number, wave in enumerate(scenario.seeding):
        if wave.count > n_users:
            text = (
                f"must be at most {n_users}, the users of this network, got {wave.count}; "
                "lower it or take a larger network"
            )
            values: dict[str, object] = {"le": n_users, "got": wave.count}
            problems.append(Problem(f"seeding[{number}].count", "count_over_users", text, values))
    if problems:
        raise ScenarioError(scenario.name, problems)
