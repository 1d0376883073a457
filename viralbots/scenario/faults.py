"""What fits field by field but not together: names of messages, users, cells, paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from viralbots.errors import Problem, ScenarioError
from viralbots.interventions.base import unknown_class, unknown_message
from viralbots.interventions.levers import is_class
from viralbots.rules import MainRule
from viralbots.rules.constants import DECLARED, allowed
from viralbots.scenario.file import shown, suggest, suggestion
from viralbots.scenario.paths import MAX_LENGTH, place, split
from viralbots.scenario.problems import Finding, Place, placed
from viralbots.scenario.reads import unread

if TYPE_CHECKING:
    from viralbots.scenario.model import Scenario, Wave
    from viralbots.world.message import Message


def faults(scenario: Scenario) -> Iterator[Finding]:
    """All that does not fit together in a scenario whose fields are valid one by one."""
    yield from _message_faults(scenario)
    for number, wave in enumerate(scenario.seeding):
        yield from _wave_faults(scenario, wave, ("seeding", number))
    for number, intervention in enumerate(scenario.interventions):
        at: Place = ("interventions", number)
        for problem in intervention.faults(scenario.messages):
            yield _fault((*at, *_keys(problem.path)), problem, _rests_on(problem))
        for problem in intervention.faults_beside(scenario.beside):
            rests_on: tuple[Place, ...] = (("bots",), ("interventions",), ("network",))
            yield _fault((*at, *_keys(problem.path)), problem, rests_on)
    for number, bot in enumerate(scenario.bots):
        for problem in bot.faults(scenario.messages):
            at = ("bots", number)
            yield _fault((*at, *_keys(problem.path)), problem, _rests_on(problem))
    for number, name in enumerate(scenario.money.messages if scenario.money else ()):
        if name not in scenario.messages:
            problem = unknown_message("", name, scenario.messages)
            yield _fault(("money", "messages", number), problem, (("messages", name),))
    yield from _rule_faults(scenario)
    for place_, problem in unread(scenario, scenario.rule.reads):
        yield _fault(place_, problem, (("rule", "kind"),))
    yield from _path_faults(scenario)


def _fault(at: Place, problem: Problem, rests_on: tuple[Place, ...] = ()) -> Finding:
    return Finding(at, placed(problem, at), rests_on)


def _keys(path: str) -> Place:
    """The parts of the path of an intervention's problem: ``messages[0]``."""
    parts = filter(None, path.replace("[", ".").replace("]", "").split("."))
    return tuple(int(part) if part.isdigit() else part for part in parts)


def _rests_on(problem: Problem) -> tuple[Place, ...]:
    """Which messages a problem of an intervention is about."""
    if problem.code in ("unknown_class", "unknown_cell", "not_read"):
        return ()
    if problem.code == "unknown_message":
        return (("messages", problem.values["given"]),)
    return (("messages",),)


def _message_faults(scenario: Scenario) -> Iterator[Finding]:
    messages = scenario.messages
    trade: dict[str, str | None] = {}
    for name, message in messages.items():
        at: Place = ("messages", name, "about")
        if message.about == name:
            text = f"no message is called {name!r} but this one; a message is not about itself"
            yield _fault(at, Problem("", "about_itself", text, {"given": name}))
        elif message.about is not None and message.about not in messages:
            known = [other for other in messages if other != name]
            problem = unknown_message("", message.about, known)
            yield _fault(at, problem, (("messages", message.about),))
        yield from _variant_faults(scenario, name, message)
        brand = message.brand
        if brand and trade.setdefault(brand, message.category) != message.category:
            text = f"brand {brand!r} has two categories; give all its messages the same"
            problem = Problem("", "two_categories", text, {"brand": brand})
            others = tuple(("messages", n, field) for n in messages
                           for field in ("brand", "category"))  # fmt: skip
            yield _fault(("messages", name, "category"), problem, others)


def _variant_faults(scenario: Scenario, name: str, message: Message) -> Iterator[Finding]:
    at: Place = ("messages", name, "variant")
    if message.variant == name:
        text = f"no message is called {name!r} but this one; a message is no variant of itself"
        yield _fault(at, Problem("", "variant_of_itself", text, {"given": name}))
    elif message.variant is not None and message.variant not in scenario.messages:
        known = [other for other in scenario.messages if other != name]
        problem = unknown_message("", message.variant, known)
        yield _fault(at, problem, (("messages", message.variant),))


def _wave_faults(scenario: Scenario, wave: Wave, at: Place) -> Iterator[Finding]:
    if wave.message not in scenario.messages:
        problem = unknown_message("", wave.message, scenario.messages)
        yield _fault((*at, "message"), problem, (("messages", wave.message),))
    if not is_class(wave.who):
        yield _fault((*at, "who"), unknown_class("", wave.who))
    n_users = scenario.network.n_users
    if scenario.network.kind != "imported" and wave.count > n_users:
        text = f"must be at most network.n_users ({n_users}), got {shown(wave.count)}"
        values = {"le": n_users, "got": shown(wave.count)}
        problem = Problem("", "count_over_users", text, values)
        yield _fault((*at, "count"), problem, (("network", "n_users"), ("network", "kind")))


def _rule_faults(scenario: Scenario) -> Iterator[Finding]:
    rule = scenario.rule
    if isinstance(rule, MainRule):
        yield from _cell_faults(scenario, rule)
    placement = getattr(rule, "placement", "all")
    if not is_class(placement):
        yield _fault(("rule", "placement"), unknown_class("", placement))
    if scenario.network.kind != "imported":
        for problem in rule.crowded(scenario.network.n_users):
            yield _fault(("network", "n_users"), problem, (("rule",), ("network", "kind")))
    messages = len(scenario.messages)
    if rule.max_messages is not None and messages > rule.max_messages:
        kind = str(getattr(rule, "kind", ""))
        text = f"rule {kind!r} knows at most {rule.max_messages} messages, got {messages}"
        values = {"rule": kind, "le": rule.max_messages, "got": messages}
        problem = Problem("", "too_many_messages", text, values)
        yield _fault(("messages",), problem, (("rule", "kind"),))
    if getattr(rule, "bots", 0) and messages < 2:
        text = "there are bots: give a second message, which stands for what they post"
        yield _fault(("messages",), Problem("", "no_bot_message", text), (("rule",),))


def _cell_faults(scenario: Scenario, rule: MainRule) -> Iterator[Finding]:
    for name, value in rule.cells.items():
        at: Place = ("rule", "cells", name)
        if name not in DECLARED:
            text = f"no cell is called {shown(name)}{suggest(name, DECLARED)}"
            values = {"given": shown(name), **suggestion(name, DECLARED)}
            yield _fault(at, Problem("", "unknown_cell", text, values))
            continue
        low, high = allowed(name)
        if not low <= value <= high:
            text = f"must be between {low:g} and {high:g}, got {value:g}"
            values = {"ge": low, "le": high, "got": f"{value:g}"}
            yield _fault(at, Problem("", "out_of_range", text, values))
    cells = scenario.cells
    pair = ("reaction.opt_out_aware", "reaction.complain_aware")
    total = cells[pair[0]] + cells[pair[1]]
    if total > 1:
        text = f"{' and '.join(pair)} together must be at most 1, got {total:g}"
        problem = Problem("", "reactions_over_one", text, {"total": f"{total:g}"})
        rests_on = tuple(("rule", "cells", name) for name in pair)
        yield _fault(("rule", "cells"), problem, rests_on)


def _path_faults(scenario: Scenario) -> Iterator[Finding]:
    """Controls, and changes of arms of this scenario, that lead nowhere."""
    if not scenario.controls and not scenario.claims:
        return
    data = scenario.model_dump(mode="python")
    for number, path in enumerate(scenario.controls):
        yield from _path_fault(data, path, ("controls", number))
    for number, claim in enumerate(scenario.claims):
        for k, check in enumerate(claim.check):
            for name, arm in check.arms():
                at: Place = ("claims", number, "check", k, name, "changes")
                for path in arm.changes if arm.scenario is None else ():
                    yield from _path_fault(data, path, at)


def _path_fault(data: dict[str, object], path: str, at: Place) -> Iterator[Finding]:
    try:
        place(data, path, "", add=False)
    except ScenarioError as error:
        inner = error.problems[0]
        text, parts = f"{inner.path}: {inner.text}", split(path[:MAX_LENGTH])
        target = tuple(int(p) if p.isdecimal() else p for p in parts)
        yield _fault(at, Problem("", inner.code, text, {**inner.values}), (target,))
