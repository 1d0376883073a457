"""``viralbots why``: one user's story, and the arithmetic of her decisions."""

from __future__ import annotations

import argparse
import dataclasses
import json
from typing import TYPE_CHECKING, Any

from viralbots.cli_options import add_scenario, add_scenario_options, chosen_scenario, whole
from viralbots.cli_terminal import columns, fit
from viralbots.errors import ExperimentError

if TYPE_CHECKING:
    from viralbots.experiments.decision import Decision, DeliveryStory, UserStory
    from viralbots.scenario import Scenario
    from viralbots.world.world import World

SENTENCE_AT = 44  # columns before the sentence of a term
MOST = 20  # paragraphs shown without --all


def add_parser(commands: Any) -> None:
    """Register the command ``why`` with the subparsers of ``viralbots``."""
    told = "tell one user's story and explain her decisions"
    why = commands.add_parser("why", help=told, description=f"{told[0].upper()}{told[1:]}.")
    why.set_defaults(command=run_why)
    add_scenario(why)
    add = why.add_argument
    add("user", metavar="USER", help="a number, a label of the network, `adopter` (the first who "
        "decided to pass it on) or `random` (somebody reached)")  # fmt: skip
    add("--replicate", type=whole(0), default=0, metavar="R", help="number of the run (default 0)")
    add("--message", metavar="NAME", help="tell of this message only")
    add("--all", action="store_true", help="explain every decision, tell the whole story")
    add_scenario_options(why)


def run_why(arguments: argparse.Namespace) -> int:
    """Find the user, run the seed again with her watched, tell.

    Raises
    ------
    ExperimentError
        There is no such user or message.
    """
    from viralbots.experiments.replay import find_user, replay
    from viralbots.scenario import check_waves
    from viralbots.world.assemble import build

    scenario = _scenario(arguments)
    world = build(scenario.network)
    check_waves(scenario, world.n_users)
    run: dict[str, Any] = {"replicate": arguments.replicate, "world": world}
    user = find_user(
        scenario, world, arguments.user, seed=arguments.seed,
        replicate=arguments.replicate, message=arguments.message,
    )  # fmt: skip
    story = replay(scenario, arguments.seed, [user], **run)[user]
    if arguments.message is not None:
        story = _about(story, arguments.message)
    if arguments.json:
        data = dataclasses.asdict(story)
        print(json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1))
    else:
        _tell(story, world, scenario, arguments)
    return 0


def _scenario(arguments: argparse.Namespace) -> Scenario:
    scenario = chosen_scenario(arguments)
    if arguments.message not in (None, *scenario.message_names):
        known = ", ".join(scenario.message_names)
        raise ExperimentError(f"--message: got {arguments.message!r}; there are: {known}")
    return scenario


def _about(story: UserStory, message: str) -> UserStory:
    """The part of a story that is about one message."""
    return dataclasses.replace(
        story,
        deliveries=tuple(d for d in story.deliveries if d.message == message),
        adoptions=tuple(a for a in story.adoptions if a.message == message),
        events=tuple(e for e in story.events if e.message in (None, message)),
    )


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
    taken = [(delivery, d) for delivery in story.deliveries for d in delivery.decisions]
    return taken if is_all else sorted(taken, key=_dullness)[:1]


def _dullness(found: tuple[DeliveryStory, Decision]) -> tuple[bool, bool, bool, int]:
    """Forwards first, those that came about before others, then the closest calls."""
    _, decision = found
    is_forward = decision.name == "forward"
    margin = abs(decision.draw - decision.probability)
    return not is_forward, decision.name == "react", not decision.outcome, margin
