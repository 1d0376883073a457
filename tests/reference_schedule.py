"""Steps 1 and 6 of a minute: what is planned, who is chosen, what fires (`tests/reference.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.reference_levers import Active, chosen_users, first_users, is_member
from tests.reference_members import member_wave
from tests.reference_sends import brand_wave
from tests.reference_streams import begin_posts
from tests.reference_users import UNIT, Adoption, draw, prob
from viralbots import draws, exact
from viralbots.draws import address, fold
from viralbots.interventions import levers as lever_kinds
from viralbots.interventions.base import Trigger
from viralbots.interventions.levers import Chosen, Users
from viralbots.trace import FORWARDED, INVOLUNTARY, OPTED_OUT, SEED

if TYPE_CHECKING:
    from tests.reference import Reference


def plan_interventions(run: Reference) -> None:
    """Levers of all interventions, their veto slots, and who begins when."""
    slot = 0
    for number, intervention in enumerate(a for _, a in run.actors):
        mine = []
        for lever in intervention.levers(run.scenario.messages):
            slot += int(isinstance(lever, lever_kinds.Veto))
            mine.append(Active(number, slot, lever))
        run.levers.append(mine)
        if any(isinstance(a.lever, lever_kinds.UserEvent) and a.lever.every for a in mine):
            run.repeating.add(number)
        if intervention.trigger is None:
            run.begins[intervention.start or 0].append(number)


def boundary_actions(run: Reference) -> None:
    """Everything planned for this minute, in the order of the file."""
    t = run.minute
    begin, end = run.begins.pop(t, []), run.ends.pop(t, [])
    for number in sorted({*begin, *end, *run.repeating}):
        if number in end:
            end_intervention(run, number)
        elif number in run.holding:
            act_again(run, number)
        if number in begin:
            run.begun.add(number)
            start_intervention(run, number)
    for number, wave in enumerate(run.scenario.seeding):
        if wave.minute == t:
            seed_wave(run, number)


def end_intervention(run: Reference, number: int) -> None:
    """Its levers hold no longer, and whom it had suspended comes back."""
    run.active = [a for a in run.active if a.intervention != number]
    del run.holding[number]
    run.tally["lever ended"] += 1
    for user in run.users:
        if number in user.suspended_by:
            user.suspended_by.remove(number)
            run.tally["came back"] += int(not user.is_removed)
            run.tally["still removed"] += int(user.is_removed)


def act_again(run: Reference, number: int) -> None:
    """Events of an intervention that are repeated."""
    tag, since = run.actors[number][0], run.minute - run.holding[number]
    for one in run.levers[number]:
        event = one.lever
        if isinstance(event, lever_kinds.UserEvent) and event.every and since % event.every == 0:
            run.tally["event repeated"] += 1
            user_event(run, event, f"{event.tag}:{tag}:{since // event.every}", number)


def start_intervention(run: Reference, number: int) -> None:
    """Pull the levers of an intervention: those that act once, and those that stay."""
    tag, intervention = run.actors[number]
    run.holding[number] = run.minute
    for one in run.levers[number]:
        if not act_once(run, one, number, tag):
            run.active.append(one)
            run.tally[f"{type(one.lever).__name__} starts"] += 1
    run.active.sort(key=lambda a: a.intervention)
    if intervention.duration is not None:
        run.ends[run.minute + intervention.duration].append(number)


def act_once(run: Reference, one: Active, number: int, tag: str) -> bool:
    """Whether a lever acts at its start only, and if so, what it does."""
    lever = one.lever
    if isinstance(lever, lever_kinds.UserEvent):
        user_event(run, lever, f"{lever.tag}:{tag}", number)
        return True
    if not isinstance(lever, lever_kinds.Adoptions | lever_kinds.Deliveries | lever_kinds.Posts):
        return False
    q = run.names.index(lever.message)
    chosen = choose(run, q, lever.who, f"{lever.tag}:{tag}", lever.count)
    run.tally["chosen for the world"] += int(isinstance(lever.who, Chosen))
    if isinstance(lever, lever_kinds.Adoptions):
        run.tally["leak"] += len(chosen)
        for u in chosen:
            kind = INVOLUNTARY if lever.is_auto else SEED
            adopt_as_seed(run, u, q, lever.channel, lever.is_paid, kind)
    elif isinstance(lever, lever_kinds.Deliveries):
        if lever.to_contacts:
            contacts = {v for u in chosen for v, _ in run.users[u].ties}
            chosen = sorted(contacts, key=lambda v: run.users[v].key)
            run.tally["to contacts"] += len(chosen)
        of_bot = number - len(run.scenario.interventions)
        repeat = 512 + of_bot if of_bot >= 0 else len(run.scenario.seeding) + number
        brand_wave(run, q, chosen, lever.channel, repeat)
        run.tally["correction sent"] += 1
    else:
        for u in chosen:
            begin_posts(run, lever, f"{lever.tag}:{tag}", number, u)
    return True


def choose(run: Reference, q: int, who: Users, tag: str, count: int) -> list[int]:
    """Users for a wave or a leak, in key order."""
    if isinstance(who, Chosen):
        return sorted(chosen_users(run, who), key=lambda u: run.users[u].key)
    state = address(run.M[q], draws.SEEDING, draws.name_id(tag))
    return first_users(run, who, state, count)


def user_event(run: Reference, event: lever_kinds.UserEvent, tag: str, number: int) -> None:
    """Something happens to a share of a class of users."""
    state = address(run.run_seed, draws.SEEDING, draws.name_id(tag))
    for user in run.users:
        if not is_member(run, user, event.who):
            continue
        if not draw(fold(state, user.key)) < prob(event.share):
            continue
        if event.having:
            if not user.stories[str(event.message)].flags & FORWARDED:
                continue
            run.tally["event for who has passed it on"] += 1
        run.tally[f"event {event.kind}"] += 1
        if event.kind == "remove":
            user.is_closed = True
        elif event.kind == "suspend":
            user.suspended_by.add(number)
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
    if wave.by == "members":
        member_wave(run, q, chosen)
        return
    for u in chosen:
        adopt_as_seed(run, u, q, wave.channel, wave.paid, SEED)


def adopt_as_seed(
    run: Reference, u: int, q: int, channel: str | None, is_paid: bool, kind: int
) -> None:
    """She adopts without deciding, unless she is gone or has adopted before."""
    story = run.users[u].stories[run.names[q]]
    if run.users[u].is_removed or story.flags & FORWARDED:
        run.tally["seed has adopted before"] += 1
        return
    story.flags |= FORWARDED
    run.users[u].is_paid |= is_paid
    run.count(q, "seeds" if kind == SEED else "involuntary")
    run.tally["hijacked"] += int(kind != SEED)
    run.adoptions_now.append(Adoption(u, -1, q, channel, kind, 0, 0))


def organic_share(run: Reference, q: int) -> float:
    """Share of deliveries that had a sender."""
    delivered = run.counts[q]["delivered"]
    people = delivered - run.counts[q]["by_brand"]
    return people / delivered if delivered else 0.0


def look_at_triggers(run: Reference) -> None:
    """Plan the interventions whose trigger fires for the next minute."""
    for number, (tag, intervention) in enumerate(run.actors):
        trigger = intervention.trigger
        if trigger is None or number in run.fired:
            continue
        q = run.names.index(trigger.message)
        if quantity(run, trigger.quantity, q) > threshold(run, trigger, tag):
            run.tally[f"trigger {trigger.quantity}"] += 1
            run.tally["trigger by chance"] += int(trigger.by_chance)
            run.fired.add(number)
            run.begins[run.minute + 1].append(number)
            run.tally["trigger fired"] += 1


def threshold(run: Reference, trigger: Trigger, tag: str) -> float:
    """What a quantity must exceed."""
    if not trigger.by_chance:
        return trigger.above
    if tag not in run.thresholds:
        luck = draw(address(run.run_seed, draws.SEEDING, draws.name_id(f"trigger:{tag}")))
        run.thresholds[tag] = trigger.above * -float(exact.log((luck + 0.5) / 2**32))
    return run.thresholds[tag]


def quantity(run: Reference, name: str, q: int) -> float:
    """What a trigger looks at, after the minute."""
    if name == "organic_share":
        return organic_share(run, q)
    if name == "reach_share":
        return run.counts[q]["reach"] / len(run.users)
    if name == "complaints_per_1000":
        delivered = run.counts[q]["delivered"]
        return 1000 * run.counts[q]["complaints"] / delivered if delivered else 0.0
    if name == "refused_share":
        requests = run.counts[q]["requests"]
        return run.counts[q]["refused"] / requests if requests else 0.0
    if name == "converts_share":
        return run.counts[q]["converts"] / len(run.users)
    adopters = 0
    for other, message in enumerate(run.messages):
        if message.kind == "counter" and message.about == run.names[q]:
            c = run.counts[other]
            adopters += c["forwards"] + c["seeds"] + c["counter_starts"]
    return adopters / len(run.users)
