"""What a scenario says that nothing reads, and which files it would read.

`unread` finds fields that the chosen rule does not know; a file with one is refused. `idle`
finds fields that *beside the others* have certainly no effect (a paid wave of a brand, an
offer that nobody can take up): these are told, not refused, since a slider or a sweep may
well pass through such a value. What may look idle but is not:

* ``price``, ``reward`` and ``two_sided`` without an offer: ``offer: none`` is an offer that
  adds nothing, and is taken up all the same unless ``converts`` is false.
* a wave's ``channel`` that is not among the message's: the wave uses it, even from or to
  users who do not; what they pass on takes the message's own channels.
* ``reward_visible`` without a reward, ``until_organic_share`` on the first wave, waves and
  interventions after the end: no effect, by definition and on purpose (a paired run shows it).
* ``network.n_users`` beside a network file: the file decides, the number serves estimates.
* ``appeals``: text for people, though part of the identity.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from viralbots.errors import Problem, ScenarioError
from viralbots.rules.registry import ALL, Reads
from viralbots.scenario.paths import split
from viralbots.scenario.problems import Place, default_of, placed
from viralbots.world.message import Strict
from viralbots.world.world import PUSH_CHANNELS

if TYPE_CHECKING:
    from viralbots.interventions import Intervention
    from viralbots.scenario.model import Scenario
    from viralbots.world.message import Message

ONCE = ("correction", "disclosure", "leak", "removal", "scandal")
"""Interventions that act in one minute."""


def unread(scenario: Scenario, reads: Reads) -> Iterator[tuple[Place, Problem]]:
    """Fields with a value of their own that a rule does not read, with their places."""
    rule = scenario.rule.kind
    for name, message in scenario.messages.items():
        yield from _unread(message, reads.message, ("messages", name), rule)
    for number, wave in enumerate(scenario.seeding):
        yield from _unread(wave, reads.wave, ("seeding", number), rule)
    for number, intervention in enumerate(scenario.interventions):
        kind = str(getattr(intervention, "kind", ""))
        if not _is_read(kind, reads.interventions):
            yield ("interventions", number), _not_read(f"kind {kind}", rule, reads.interventions)
    for cell in scenario.rule.cells:
        if not _is_read(cell, reads.cells) and not _is_read(cell.split(".")[0], reads.cells):
            yield ("rule", "cells", cell), _not_read("it", rule, reads.cells)


def _unread(
    model: Strict, reads: tuple[str, ...], place: Place, rule: str
) -> Iterator[tuple[Place, Problem]]:
    for name in given_fields(model):
        if not _is_read(name, reads):
            yield (*place, name), _not_read("it", rule, reads)


def _is_read(name: str, reads: tuple[str, ...]) -> bool:
    return reads == ALL or name in reads


def _not_read(what: str, rule: str, reads: tuple[str, ...]) -> Problem:
    told = ", ".join(reads) or "nothing"
    text = f"{what} is not read by rule {rule!r}; leave it out (it reads: {told})"
    return Problem("", "not_read", text, {"reader": rule, "reads": told})


def given_fields(model: Strict) -> dict[str, Any]:
    """The fields of a model with a value other than the default, by name."""
    return {
        name: value
        for name, field in type(model).model_fields.items()
        if (value := getattr(model, name)) != default_of(field) or field.is_required()
    }


# Fields without effect beside the others -----------------------------------------------------


def idle(scenario: Scenario) -> list[Problem]:
    """Fields that have certainly no effect beside the others, as problems to tell."""
    found: list[Problem] = []
    for name, message in scenario.messages.items():
        channels = _channels_of(scenario, name)
        idle_ones = (*_idle_offer(message), *_idle_channels(message, channels))
        found += [placed(p, ("messages", name, p.path)) for p in idle_ones]
        if not _can_start(scenario, name):
            text = "has no effect: nobody starts it; give it a wave of seeding"
            found.append(placed(Problem("", "idle_no_start", text), ("messages", name)))
    for number, wave in enumerate(scenario.seeding):
        if wave.paid and wave.by == "brand":
            text = "has no effect: a brand's deliveries have no writer (by: brand)"
            found.append(placed(Problem("", "idle_paid", text), ("seeding", number, "paid")))
    for number, intervention in enumerate(scenario.interventions):
        at: Place = ("interventions", number)
        if not intervention.levers(scenario.messages):
            text = "has no effect: there is nothing here that it could change"
            found.append(placed(Problem("", "idle_nothing", text), at))
        found += [placed(p, (*at, p.path)) for p in _idle_intervention(intervention)]
    return found


def _idle_offer(message: Message) -> Iterator[Problem]:
    why = "there is nothing to take up (converts)"
    if message.phishing:
        why = "a trap is fallen for, not taken up"
    if message.phishing or not message.is_convertible:
        for field, value in given_fields(message).items():
            if value is not False and field in ("offer", "price", "two_sided", "sponsored"):
                yield Problem(field, "idle_offer", f"has no effect: {why}")


def _idle_channels(message: Message, channels: set[str]) -> Iterator[Problem]:
    if message.push_quota is not None and not channels & set(PUSH_CHANNELS):
        text = "has no effect: the message takes no channel on which one chooses recipients"
        yield Problem("push_quota", "idle_quota", text)
    if message.pace == "marketing" and "email" not in channels:
        text = "has no effect: only e-mail has a pace, and the message does not take it"
        yield Problem("pace", "idle_pace", text)


def _channels_of(scenario: Scenario, name: str) -> set[str]:
    """Channels on which a message may travel: its own, those of waves and of corrections."""
    waves = {wave.channel for wave in scenario.seeding if wave.message == name and wave.channel}
    sent = {
        str(getattr(i, "channel", "")) for i in scenario.interventions
        if getattr(i, "message", "") == name
    }  # fmt: skip
    return {*scenario.messages[name].channels, *waves, *sent}


def _can_start(scenario: Scenario, name: str) -> bool:
    """Somebody starts it: a wave, an intervention, or users who have seen through another."""
    senders = [wave.message for wave in scenario.seeding]
    senders += [str(getattr(i, "message", "")) for i in scenario.interventions]
    message = scenario.messages[name]
    is_provoked = message.kind == "counter" and scenario.messages[str(message.about)].is_deceptive
    return name in senders or is_provoked


def _idle_intervention(intervention: Intervention) -> Iterator[Problem]:
    kind = str(getattr(intervention, "kind", ""))
    if kind in ONCE and intervention.duration is not None:
        text = "has no effect: this acts in one minute, and what it did remains"
        yield Problem("duration", "idle_duration", text)
    if kind in ("correction", "leak") and intervention.messages:
        text = "has no effect: it is about the message named in `message`"
        yield Problem("messages", "idle_messages", text)
    if kind == "removal" and intervention.messages:
        text = "has no effect: who is removed receives no message at all"
        yield Problem("messages", "idle_removal", text)


# Files -----------------------------------------------------------------------------------------


def uses_files(scenario: Scenario) -> list[str]:
    """Paths of the files that running a scenario, or checking its claims, would read.

    A scenario that comes from a stranger must not name any: a server would read them, and
    tell by its messages and results what is in them. See `refuse_files`.
    """
    found = [scenario.network.path] if scenario.network.path is not None else []
    for claim in scenario.claims:
        for check in claim.check:
            for _, arm in check.arms():
                for path, value in arm.changes.items():
                    found += _files_of_change(path, value)
    return list(dict.fromkeys(found))


def _files_of_change(path: str, value: object) -> Iterator[str]:
    """Files that a change of an arm names, however it is written."""
    parts = split(path)
    if parts == ("network",) and isinstance(value, dict):
        parts, value = ("network", "path"), value.get("path")
    if parts == ("network", "path") and value is not None:
        yield str(value)


def refuse_files(scenario: Scenario, source: str) -> None:
    """Refuse a scenario that names files: for uploads and everything else from strangers.

    Raises
    ------
    ScenarioError
        Naming the files.
    """
    problems = []
    for name in uses_files(scenario):
        text = (
            f"a scenario from elsewhere may not read files here, got {name[:80]!r}; leave it out"
        )
        problems.append(Problem("network.path", "names_file", text, {"got": ascii(name[:80])}))
    if problems:
        raise ScenarioError(source, problems)
