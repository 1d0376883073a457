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
from viralbots.interventions.bots import BotNet
from viralbots.interventions.levers import Adoptions, Deliveries, Lever, Posts
from viralbots.rules import MainRule, Reads
from viralbots.rules.base import ALL
from viralbots.scenario.paths import split
from viralbots.scenario.problems import Place, default_of, placed
from viralbots.world.message import Strict
from viralbots.world.world import PUSH_CHANNELS

if TYPE_CHECKING:
    from viralbots.interventions import Intervention
    from viralbots.scenario.model import Scenario, Wave
    from viralbots.world.message import Message

ONCE = ("correction", "disclosure", "harvester", "hijacked", "leak", "press", "removal", "scandal")
"""Interventions and bots that act in one minute."""
OWN_MESSAGE = ("affiliates", "breach", "correction", "leak", "look_up", "press")
"""Interventions that are about the message named in ``message`` and no other."""


def unread(scenario: Scenario, reads: Reads) -> Iterator[tuple[Place, Problem]]:
    """Fields with a value of their own that a rule does not read, with their places."""
    rule = str(getattr(scenario.rule, "kind", ""))
    for name, message in scenario.messages.items():
        yield from _unread(message, reads.message, ("messages", name), rule)
    for number, wave in enumerate(scenario.seeding):
        if not reads.wave:
            yield ("seeding", number), _not_read("a wave of seeding", rule, ())
        else:
            yield from _unread(wave, reads.wave, ("seeding", number), rule)
    for number, intervention in enumerate(scenario.interventions):
        kind = str(getattr(intervention, "kind", ""))
        if not _is_read(kind, reads.interventions):
            yield ("interventions", number), _not_read(f"kind {kind}", rule, reads.interventions)
    for number, bot in enumerate(scenario.bots):
        kind = str(getattr(bot, "kind", ""))
        if not _is_read(kind, reads.bots):
            yield ("bots", number), _not_read(f"kind {kind}", rule, reads.bots)
    for cell in scenario.rule.cells if isinstance(scenario.rule, MainRule) else ():
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
    begun = _begun(scenario)
    for name, message in scenario.messages.items():
        idle_ones = (*_idle_offer(message), *_idle_members(scenario, name),
                     *_idle_channels(message, _channels_of(scenario, name)))  # fmt: skip
        found += [placed(p, ("messages", name, p.path)) for p in idle_ones]
        if not scenario.rule.starts_by_itself and name not in begun:
            text = "has no effect: nobody starts it; give it a wave of seeding"
            found.append(placed(Problem("", "idle_no_start", text), ("messages", name)))
    for number, wave in enumerate(scenario.seeding):
        idle_ones = (*_idle_wave(wave), *_idle_class(scenario, wave))
        found += [placed(p, ("seeding", number, p.path)) for p in idle_ones]
    n_interventions = len(scenario.interventions)
    for number, (_, actor) in enumerate(scenario.actors):
        at: Place = ("interventions", number)
        if number >= n_interventions:
            at = ("bots", number - n_interventions)
        levers = actor.levers(scenario.messages)
        if not levers:
            text = "has no effect: there is nothing here that it could change"
            found.append(placed(Problem("", "idle_nothing", text), at))
        idle_ones = (*_idle_intervention(actor), *_idle_class(scenario, actor),
                     *_idle_bot(actor), *_idle_rate(scenario, actor))  # fmt: skip
        found += [placed(p, (*at, p.path)) for p in idle_ones]
    return found


def _levers(scenario: Scenario) -> Iterator[Lever]:
    for _, actor in scenario.actors:
        yield from actor.levers(scenario.messages)


def _idle_offer(message: Message) -> Iterator[Problem]:
    why = "there is nothing to take up (converts)"
    if message.phishing:
        why = "a trap is fallen for, not taken up"
    if message.phishing or not message.is_convertible:
        for field, value in given_fields(message).items():
            if value is not False and field in ("offer", "price", "two_sided", "sponsored"):
                yield Problem(field, "idle_offer", f"has no effect: {why}")


def _idle_members(scenario: Scenario, name: str) -> Iterator[Problem]:
    """What only those do who have taken a message up, where nobody can."""
    message = scenario.messages[name]
    given = given_fields(message)
    enlisted = any(wave.by == "members" and wave.message == name for wave in scenario.seeding)
    if not (message.is_convertible or message.phishing or enlisted):
        for field in ("footer", "auto_send", "reminder_days", "network_effect"):
            if field in given:
                text = "has no effect: nobody can take it up (converts), so it has no members"
                yield Problem(field, "idle_members", text)
    if message.auto_send == "nobody" and message.auto_contacts is not None:
        text = "has no effect: it is not sent from anybody's account (auto_send)"
        yield Problem("auto_contacts", "idle_auto", text)
    if message.reminder_days is None and "reminders" in given:
        text = "has no effect: there are no reminders (reminder_days)"
        yield Problem("reminders", "idle_reminders", text)


def _idle_channels(message: Message, channels: set[str]) -> Iterator[Problem]:
    if message.push_quota is not None and not channels & set(PUSH_CHANNELS):
        text = "has no effect: the message takes no channel on which one chooses recipients"
        yield Problem("push_quota", "idle_quota", text)
    if message.pace == "marketing" and "email" not in channels:
        text = "has no effect: only e-mail has a pace, and the message does not take it"
        yield Problem("pace", "idle_pace", text)


def _channels_of(scenario: Scenario, name: str) -> set[str]:
    """Channels on which a message may travel: its own, those of waves and of levers."""
    waves = {wave.channel for wave in scenario.seeding if wave.message == name and wave.channel}
    sent = {
        str(getattr(actor, "channel", "")) for _, actor in scenario.actors
        if getattr(actor, "message", "") == name
    }  # fmt: skip
    return {*scenario.messages[name].channels, *waves, *sent}


def _begun(scenario: Scenario) -> set[str]:
    """Messages that somebody starts: a wave, a lever, those who see through another, a remix."""
    found = {wave.message for wave in scenario.seeding}
    sending = (Adoptions, Deliveries, Posts)
    found |= {lever.message for lever in _levers(scenario) if isinstance(lever, sending)}
    for name, message in scenario.messages.items():
        if message.kind == "counter" and scenario.messages[str(message.about)].is_deceptive:
            found.add(name)
        if message.variant is not None:
            found.add(message.variant)
    return found


def _idle_wave(wave: Wave) -> Iterator[Problem]:
    if wave.paid and wave.by == "brand":
        text = "has no effect: a brand's deliveries have no writer (by: brand)"
        yield Problem("paid", "idle_paid", text)
    if wave.by == "members":
        for field in ("paid", "channel"):
            if getattr(wave, field):
                text = "has no effect: members send nothing on purpose (by: members)"
                yield Problem(field, "idle_member_wave", text)


def _idle_class(scenario: Scenario, part: Strict) -> Iterator[Problem]:
    """A class of users to which nobody belongs."""
    nobody = {"bot"}
    if scenario.network.population.operator_share == 0:
        nobody.add("operator")
    for field in ("who", "users", "placement"):
        if (word := getattr(part, field, "all")) in nobody:
            text = f"has no effect: the network has no users of the class {word!r}"
            text += "; operators come with network.population.operator_share"
            yield Problem(field, "idle_class", text, {"who": word})


def _idle_intervention(actor: Intervention) -> Iterator[Problem]:
    kind = str(getattr(actor, "kind", ""))
    posts = getattr(actor, "per_day", 1) > 0
    if (kind in ONCE or (kind == "affiliates" and not posts)) and actor.duration is not None:
        text = "has no effect: this acts in one minute, and what it did remains"
        yield Problem("duration", "idle_duration", text)
    if (kind in OWN_MESSAGE or isinstance(actor, BotNet)) and actor.messages:
        text = "has no effect: it is about the message named in `message`"
        yield Problem("messages", "idle_messages", text)
    if kind in ("removal", "bot_removal") and actor.messages:
        text = "has no effect: who is removed receives no message at all"
        yield Problem("messages", "idle_removal", text)


def _idle_bot(actor: Intervention) -> Iterator[Problem]:
    if isinstance(actor, BotNet):
        for field in ("infiltration", "deception", "flooding"):
            if field in given_fields(actor) and field not in actor.uses:
                text = "has no effect: accounts of this kind do not use it"
                yield Problem(field, "idle_bot", text)


def _idle_rate(scenario: Scenario, actor: Intervention) -> Iterator[Problem]:
    if getattr(actor, "kind", "") == "rate_limit":
        repeated = any(m.footer or m.reminder_days for m in scenario.messages.values())
        if not repeated and not any(isinstance(lever, Posts) for lever in _levers(scenario)):
            text = "has no effect: nothing is sent again and again (footer, reminders, posts)"
            yield Problem("per_day", "idle_rate", text)


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
