"""``viralbots why``: one user's story, and the arithmetic of her decisions."""

from __future__ import annotations

import argparse
import dataclasses
import json
from typing import TYPE_CHECKING, Any

from viralbots.cli.again import refuse_changed
from viralbots.cli.compiled import announce_compilation
from viralbots.cli.options import (
    add_changes,
    add_command,
    add_output,
    add_scenario,
    add_store,
    choose,
    whole,
)
from viralbots.cli.terminal import columns, fit
from viralbots.errors import ExperimentError

if TYPE_CHECKING:
    from viralbots.experiments.decision import Decision, DeliveryStory, UserStory
    from viralbots.experiments.replicate import Replicate
    from viralbots.run import Vary
    from viralbots.scenario import Scenario
    from viralbots.world.world import World

SENTENCE_AT = 44  # columns before the sentence of a term
MOST = 20  # paragraphs shown without --all


def add_parsers(commands: Any) -> None:
    """Register the word."""
    why = add_command(commands, "why", run_why, "tell one user's story and explain her decisions")
    add_scenario(why)
    add = why.add_argument
    add("user", metavar="USER", help="a number, a label of the network, `adopter` (the first who "
        "decided to pass it on) or `random` (somebody reached)")  # fmt: skip
    add("--replicate", type=whole(0), default=0, metavar="R", help="number of the run (default 0)")
    add("--seed", type=whole(0), metavar="S", help="random seed (default 1, or the saved run's)")
    add("--message", metavar="NAME", help="tell of this message only")
    add("--all", action="store_true", help="explain every decision, tell the whole story")
    add_changes(why)
    add_store(why)
    add_output(why)


def run_why(arguments: argparse.Namespace) -> int:
    """Find the user, run the seed again with her watched, tell.

    Raises
    ------
    ExperimentError
        There is no such user or message.
    """
    from viralbots.experiments.person import about
    from viralbots.experiments.replay import find_user, replay
    from viralbots.scenario import check_waves
    from viralbots.world.assemble import build

    replicate = _replicate(arguments)
    scenario = replicate.scenario
    announce_compilation(arguments.lang)
    world = build(scenario.network)
    check_waves(scenario, world.n_users)
    run: dict[str, Any] = {"replicate": replicate.luck, "world": world}
    user = find_user(
        scenario, world, arguments.user, seed=replicate.seed,
        replicate=replicate.luck, message=arguments.message,
    )  # fmt: skip
    story = replay(scenario, replicate.seed, [user], **run)[user]
    story = about(story, arguments.message)
    if arguments.json:
        data = dataclasses.asdict(story)
        print(json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1))
    else:
        _tell(story, world, scenario, arguments)
    return 0


def _replicate(arguments: argparse.Namespace) -> Replicate:
    """The run to be told: of a saved experiment the very one, otherwise by ``--seed``."""
    from viralbots.experiments.replicate import replicate_of

    chosen = choose(arguments.scenario, arguments)
    if arguments.message not in (None, *chosen.scenario.message_names):
        known = ", ".join(chosen.scenario.message_names)
        raise ExperimentError(
            f"--message: got {arguments.message!r}; there are: {known}", "message_not_there",
            got=arguments.message, allowed=chosen.scenario.message_names,
        )  # fmt: skip
    seed: int | None = arguments.seed
    vary: Vary = "luck"
    if chosen.saved is not None:
        saved = chosen.saved
        if seed is None and arguments.replicate not in saved.replicates:
            first, last = min(saved.replicates), max(saved.replicates)
            text = f"--replicate: got {arguments.replicate}; r{saved.id} has {first} to {last}"
            raise ExperimentError(
                text, "no_replicate", got=arguments.replicate, first=first, last=last,
                run=f"r{saved.id}",
            )  # fmt: skip
        seed, vary = saved.seed if seed is None else seed, saved.vary
        if not arguments.changes and not arguments.network:
            refuse_changed(saved, chosen.scenario)
    seed = 1 if seed is None else seed
    return replicate_of(chosen.scenario, seed, arguments.replicate, vary)


def _tell(
    user_story: UserStory, world: World, scenario: Scenario, arguments: argparse.Namespace
) -> None:
    from viralbots.experiments.story import changes, clock, story, why

    lang, width = arguments.lang, columns()
    told = story(user_story, world, scenario, lang)
    shown = told if arguments.all else told[:MOST]
    print(*fit(shown, width), sep="\n")
    if len(shown) < len(told):
        left = len(told) - len(shown)
        print(f"……另有{left}段，用 --all 查看" if lang == "zh" else f"… {left} more: --all")
    for delivery, decision in _explained(user_story, arguments.all):
        print()
        print(f"{clock(delivery.minute, lang)} · {delivery.message}")
        print(*fit(why(decision, lang), width, indent=SENTENCE_AT), sep="\n")
        print(*fit(changes(decision, lang), width), sep="\n")


def _explained(story: UserStory, is_all: bool) -> list[tuple[DeliveryStory, Decision]]:
    """All decisions, or the most interesting one: whether she passed it on."""
    from viralbots.experiments.person import most_telling

    taken = [(delivery, d) for delivery in story.deliveries for d in delivery.decisions]
    first = most_telling(taken)
    return taken if is_all else taken[first : first + 1]
