"""Steps 1 and 5 of a minute: what is planned, who is chosen, what fires (`tests/reference.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.reference_levers import Active, is_member
from tests.reference_sends import brand_wave
from tests.reference_users import UNIT, Adoption, draw, prob
from viralbots import draws, exact
from viralbots.draws import address, fold
from viralbots.interventions import levers as lever_kinds
from viralbots.trace import FORWARDED, OPTED_OUT

if TYPE_CHECKING:
    from tests.reference import Reference


def plan_interventions(run: Reference) -> None:
    """Levers of all interventions, their veto slots, and who begins when."""
    slot = 0
    for number, intervention in enumerate(run.scenario.interventions):
        mine = []
        for lever in intervention.levers(run.scenario.messages):
            slot += int(isinstance(lever, lever_kinds.Veto))
            mine.append(Active(number, slot, lever))
        run.levers.append(mine)
        if intervention.trigger is None:
            run.begins[intervention.start or 0].append(number)


def boundary_actions(run: Reference) -> None:
    """Everything planned for this minute, in the order of the file."""
    t = run.minute
    for number in run.ends[t]:
        run.active = [a for a in run.active if a.intervention != number]
        run.tally["lever ended"] += 1
    for number in sorted(run.begins[t]):
        start_intervention(run, number)
    run.active.sort(key=lambda a: a.intervention)
    for number, wave in enumerate(run.scenario.seeding):
        if wave.minute == t:
            seed_wave(run, number)


def start_intervention(run: Reference, number: int) -> None:
    """Pull the levers of an intervention: those that act once, and those that stay."""
    for one in run.levers[number]:
        lever = one.lever
        if isinstance(lever, lever_kinds.UserEvent):
            user_event(run, lever, f"{lever.tag}:{number}")
        elif isinstance(lever, lever_kinds.Adoptions):
            q = run.names.index(lever.message)
            for u in choose(run, q, lever.who, f"{lever.tag}:{number}", lever.count):
                adopt_as_seed(run, u, q, lever.channel, lever.is_paid)
                run.tally["leak"] += 1
        elif isinstance(lever, lever_kinds.Deliveries):
            q = run.names.index(lever.message)
            chosen = choose(run, q, lever.who, f"{lever.tag}:{number}", lever.count)
            repeat = len(run.scenario.seeding) + number
            brand_wave(run, q, chosen, lever.channel, repeat)
            run.tally["correction sent"] += 1
        else:
            run.active.append(one)
            run.tally[f"{type(lever).__name__} starts"] += 1
    duration = run.scenario.interventions[number].duration
    if duration is not None:
        run.ends[run.minute + duration].append(number)


def choose(run: Reference, q: int, who: str, tag: str, count: int) -> list[int]:
    """Users for a wave or a leak, in key order."""
    able = [u for u in run.users if is_member(run, u, who) and (u.ties or u.follows)]
    state = address(run.M[q], draws.SEEDING, draws.name_id(tag))
    if who == "hubs":
        able.sort(key=lambda u: (-len(u.ties) - len(u.follows), u.key))
    else:
        able.sort(key=lambda u: (fold(state, u.key), u.key))
    return [u.number for u in sorted(able[:count], key=lambda u: u.key)]


def user_event(run: Reference, event: lever_kinds.UserEvent, tag: str) -> None:
    """Something happens to a share of a class of users."""
    state = address(run.run_seed, draws.SEEDING, draws.name_id(tag))
    for user in run.users:
        if not is_member(run, user, event.who):
            continue
        if not draw(fold(state, user.key)) < prob(event.share):
            continue
        run.tally[f"event {event.kind}"] += 1
        if event.kind == "remove":
            user.is_removed = True
        elif event.kind == "aware":
            run.become_aware(user, run.names.index(str(event.message)))
        elif event.kind == "opt_out":
            q = run.names.index(str(event.message))
            user.opted_out.add(run.opt_out_name(q))
            if run.messages[q].brand is None:
                user.stories[run.names[q]].flags |= OPTED_OUT
        elif (brand := run.scenario.messages[str(event.message)].brand) is not None:
            kept = UNIT - run.distrust(user, brand)
            share = int(exact.to_fixed(event.amount, exact.LOG_ODDS_BITS))
            run.lose_trust(user, brand, kept * share >> exact.LOG_ODDS_BITS)


def seed_wave(run: Reference, number: int) -> None:
    """One wave of the file, unless volunteers carry the message already."""
    wave = run.scenario.seeding[number]
    q = run.names.index(wave.message)
    if wave.until_organic_share is not None:
        if organic_share(run, q) > wave.until_organic_share:
            run.tally["wave left out"] += 1
            return
    chosen = choose(run, q, wave.who, f"wave:{number}", wave.count)
    run.tally[f"wave by {wave.by}"] += 1
    if wave.by == "brand":
        brand_wave(run, q, chosen, wave.channel, number)
        return
    for u in chosen:
        adopt_as_seed(run, u, q, wave.channel, wave.paid)


def adopt_as_seed(run: Reference, u: int, q: int, channel: str | None, is_paid: bool) -> None:
    """She adopts without deciding, unless she is gone or has adopted before."""
    story = run.users[u].stories[run.names[q]]
    if run.users[u].is_removed or story.flags & FORWARDED:
        run.tally["seed has adopted before"] += 1
        return
    story.flags |= FORWARDED
    run.users[u].is_paid |= is_paid
    run.count(q, "seeds")
    run.adoptions_now.append(Adoption(u, -1, q, channel, 1, 0))


def organic_share(run: Reference, q: int) -> float:
    """Share of deliveries that had a sender."""
    delivered = run.counts[q]["delivered"]
    people = delivered - run.counts[q]["by_brand"]
    return people / delivered if delivered else 0.0


def look_at_triggers(run: Reference) -> None:
    """Plan the interventions whose trigger fires for the next minute."""
    for number, intervention in enumerate(run.scenario.interventions):
        trigger = intervention.trigger
        if trigger is None or number in run.fired:
            continue
        if quantity(run, trigger.quantity, run.names.index(trigger.message)) > trigger.above:
            run.fired.add(number)
            run.begins[run.minute + 1].append(number)
            run.tally["trigger fired"] += 1


def quantity(run: Reference, name: str, q: int) -> float:
    """What a trigger looks at, after the minute."""
    if name == "organic_share":
        return organic_share(run, q)
    if name == "reach_share":
        return run.counts[q]["reach"] / len(run.users)
    if name == "complaints_per_1000":
        delivered = run.counts[q]["delivered"]
        return 1000 * run.counts[q]["complaints"] / delivered if delivered else 0.0
    adopters = 0
    for other, message in enumerate(run.messages):
        if message.kind == "counter" and message.about == run.names[q]:
            c = run.counts[other]
            adopters += c["forwards"] + c["seeds"] + c["counter_starts"]
    return adopters / len(run.users)
