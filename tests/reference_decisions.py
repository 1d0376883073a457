"""Steps 4 to 8 of one delivery: from reading to reacting (`tests/reference.py`)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from tests.reference_landing import capacity
from tests.reference_levers import Occasion, bots_of, vetoed
from tests.reference_members import network_variables
from tests.reference_sends import out_channel
from tests.reference_users import (
    COMPLAINS,
    COUNTERS,
    HALF_INTEREST,
    IGNORED,
    OPTS_OUT,
    PAID,
    WAS_READ,
    Adoption,
    Parcel,
    Story,
    User,
    draw,
    prob,
)
from viralbots import draws, exact
from viralbots.draws import fold
from viralbots.rules import main_rule
from viralbots.trace import (
    AWARE,
    CONVERTED,
    COUNTER_START,
    DECEIVED,
    DECIDED,
    DETECTED,
    FORWARDED,
    MUTATED,
    OPTED_OUT,
    REACTED,
    READ,
    REQUESTED,
)
from viralbots.world.world import CHANNELS

if TYPE_CHECKING:
    from tests.reference import Reference

senders_value = lru_cache(main_rule.senders_value)


class Decisions:
    """Steps 4 to 8 of one delivery."""

    def __init__(self, run: Reference, user: User, parcel: Parcel, story: Story, S: int):
        self.run, self.user, self.parcel, self.story, self.S = run, user, parcel, story, S
        self.is_bot = bool(bots_of(run, user))
        self.q = parcel.message
        self.message = run.messages[self.q]
        self.name = run.names[self.q]
        self.channel = CHANNELS[parcel.channel]
        self.occasion = parcel.repeat << 8
        self.is_read = False

    def take(self) -> int:
        """All decisions in order; returns the outcome bits."""
        if self.is_bot:
            self.is_read = True
            self.run.tally["delivery to a bot"] += 1
            return WAS_READ | self.forward() << 4
        outcome = WAS_READ if self.read() else IGNORED
        detected = converted = forwarded = False
        if self.is_read:
            detected = self.detect()
            converted = self.convert()
            forwarded = self.forward()
        reaction, installs = self.react()
        return (
            outcome
            | detected << 2
            | converted << 3
            | forwarded << 4
            | reaction << 5
            | installs << 7
        )

    def chance(self, decision: str, channel: str) -> int:
        """Probability of a decision in units of 2**-32."""
        values = self.variables()
        made = self.run.terms(decision, self.user, self.parcel, channel)
        log_odds = sum(term.value(values) for term in made)
        return exact.sigmoid(log_odds)

    def variables(self) -> dict[str, int]:
        """The table of variables in ``docs/exactness.md``."""
        user, flags = self.user, self.story.flags
        tie = main_rule.tie_value(self.parcel.level)
        is_aware = int(bool(flags & AWARE))
        about = self.message.about
        taken_in = about is not None and user.stories[about].flags & (DECEIVED | DETECTED)
        return {
            "tie": tie,
            "fatigue": user.fatigue,
            "repeats": max(0, self.story.r - 2),
            "skill": user.kappa,
            "senders": senders_value(max(1, self.story.n)),
            "match": user.match[self.message.topic],
            "aware": is_aware,
            "paid_distance": (1 << 16) - tie if self.parcel.flags & PAID else 0,
            "distrust": self.run.distrust(user, self.message.brand),
            "threat": user.eta,
            "reputation": user.rho,
            "reputation_aware": user.rho if is_aware else 0,
            "deceived": int(bool(taken_in)),
            "was_read": int(self.is_read),
            **network_variables(self.run, user, self.q),
        }

    def read(self) -> bool:
        """Step 4."""
        run = self.run
        if self.message.phishing:
            self.is_read = True
            run.tally["phishing read"] += 1
        else:
            luck = draw(fold(self.S, self.occasion | draws.READ))
            self.is_read = luck < self.chance("read", self.channel)
        if not self.is_read:
            run.tally["ignored"] += 1
            return False
        run.tally["read"] += 1
        run.count(self.q, "readings")
        if not self.story.flags & READ:
            run.count(self.q, "readers")
        self.story.flags |= READ
        if self.message.about is not None:
            self.learn_the_truth(run.names.index(self.message.about))
        return True

    def learn_the_truth(self, about: int) -> None:
        """Reading a counter-message or a correction (step 4)."""
        run, original = self.run, self.run.messages[about]
        for q, message in enumerate(run.messages):
            is_variant = (
                message.kind == "message"
                and message.brand is not None
                and (message.brand, message.topic) == (original.brand, original.topic)
                and message.is_deceptive
            )
            if q == about or is_variant:
                run.become_aware(self.user, q)
                run.tally["variant"] += int(q != about)
        if self.message.kind != "counter" or original.brand is None:
            return
        loss = run.cells["trust.counter_loss"]
        if loss > 0:
            run.lose_trust(self.user, original.brand, int(exact.to_fixed(loss, 20)))
        spilled = int(exact.to_fixed(loss * run.cells["trust.spill"], 20))
        if original.category is None or spilled == 0:
            return
        trade = {m.brand for m in run.messages if m.brand and m.category == original.category}
        for brand in sorted(trade - {original.brand}):
            run.tally["spill-over"] += 1
            run.lose_trust(self.user, brand, spilled)

    def detect(self) -> bool:
        """Step 5."""
        run, story = self.run, self.story
        if not self.message.is_deceptive or story.flags & AWARE:
            return False
        luck = draw(fold(self.S, self.occasion | draws.DETECT))
        if luck < self.chance("detect", self.channel):
            run.tally["detected"] += 1
            run.count(self.q, "detections")
            story.flags |= DETECTED
            run.become_aware(self.user, self.q)
            return True
        if not story.flags & DECEIVED:
            story.deceived_at = run.minute
            run.count(self.q, "deceived")
            run.tally["deceived"] += 1
        story.flags |= DECEIVED
        return False

    def convert(self) -> bool:
        """Step 6."""
        run, flags, message = self.run, self.story.flags, self.message
        if not message.is_convertible or flags & (CONVERTED | REQUESTED):
            return False
        if message.phishing and flags & AWARE:
            run.tally["the aware do not fall"] += 1
            return False
        luck = draw(fold(self.S, self.occasion | draws.CONVERT))
        if not luck < self.chance("fall" if message.phishing else "convert", self.channel):
            return False
        if message.is_campaign:
            d = message.ad_intensity
            forgets = prob(1 - d / (d + run.cells["recall.half"]))
            if draw(fold(self.S, self.occasion | draws.VETO)) < forgets:
                run.tally["recall veto"] += 1
                return False
        occasion = Occasion(self.S, self.occasion, self.parcel.flags)
        if vetoed(run, "convert", self.user, self.q, self.channel, occasion):
            run.tally["convert veto"] += 1
            return False
        parcel = self.parcel
        by_brand = int(parcel.source < 0)
        self.story.decided = (parcel.source, parcel.channel, parcel.hops, by_brand)
        if capacity(run, self.q) is None:
            run.new_members.append((self.user.number, self.q, self.story.decided))
            self.story.flags |= CONVERTED
            run.count(self.q, "converts")
            run.tally["fell" if message.phishing else "converted"] += 1
        else:
            self.story.flags |= REQUESTED
            run.requests[run.minute].append((self.user.number, self.q, 0))
            run.tally["requested"] += 1
        return True

    def forward(self) -> bool:
        """Step 7."""
        run, user = self.run, self.user
        if self.story.flags & FORWARDED or not self.may_forward():
            return False
        channel = out_channel(run, user, self.q, run.A(user.number, self.q))
        if channel is None:
            run.tally["no channel"] += 1
            return False
        if (
            not self.is_bot
            and user.role == "leader"
            and user.match[self.message.topic] < HALF_INTEREST
        ):
            run.tally["leader refuses"] += 1
            return False
        if not draw(fold(self.S, draws.FORWARD)) < self.chance("forward", channel):
            return False
        if vetoed(run, "forward", user, self.q, channel, Occasion(self.S, 0, self.parcel.flags)):
            run.tally["forward veto"] += 1
            run.count(self.q, "vetoed_forwards")
            return False
        run.tally["bot forwarded" if self.is_bot else "forwarded"] += 1
        run.tally["forwarded after a brand's delivery"] += int(self.parcel.source < 0)
        self.story.flags |= FORWARDED
        variant = self.mutant()
        if variant is None:
            self.adopt(self.q, DECIDED)
            run.count(self.q, "forwards")
        else:
            self.adopt(variant, MUTATED)
            run.count(variant, "forwards")
            run.count(self.q, "mutations")
            run.tally["mutated"] += 1
        return True

    def may_forward(self) -> bool:
        """Whether the message is one that she could decide to pass on."""
        message, flags = self.message, self.story.flags
        if message.footer > 0:
            self.run.tally["nobody forwards a footer"] += 1
        elif message.members_only and not flags & CONVERTED:
            self.run.tally["members only"] += 1
        elif message.auto_send != "nobody" and flags & (CONVERTED | REQUESTED):
            self.run.tally["it is sent from her account"] += 1
        else:
            return True
        return False

    def mutant(self) -> int | None:
        """The variant that it turns into; None: it stays what it is."""
        run = self.run
        if self.message.variant is None:
            return None
        if self.user.stories[self.message.variant].flags & FORWARDED:
            run.tally["variant passed on before"] += 1
            return None
        luck = draw(fold(run.A(self.user.number, self.q), draws.MUTATION))
        turns = luck < prob(self.message.mutation)
        return run.names.index(self.message.variant) if turns else None

    def adopt(self, q: int, kind: int) -> None:
        """She passes message q on at the end of this minute."""
        self.user.stories[self.run.names[q]].flags |= FORWARDED
        parcel = self.parcel
        source, hops, by_brand = parcel.source, parcel.hops, int(parcel.source < 0)
        if kind == COUNTER_START:
            source, hops, by_brand = -1, 0, 0
        self.run.adoptions_now.append(
            Adoption(self.user.number, source, q, None, kind, by_brand, hops)
        )

    def react(self) -> tuple[int, bool]:
        """What she does against it, and whether she installs a filter."""
        run, story = self.run, self.story
        if story.flags & REACTED:
            return 0, False
        luck = draw(fold(self.S, self.occasion | draws.REACT))
        if not luck < self.chance("react", self.channel):
            return 0, False
        story.flags |= REACTED
        kind = self.kind_of_reaction()
        counter = self.counter_message()
        if kind == COUNTERS and counter is None:
            kind = COMPLAINS
        if kind == OPTS_OUT:
            return kind, self.opt_out()
        if kind == COMPLAINS:
            run.count(self.q, "complaints")
            run.tally["complaint"] += 1
        elif counter is not None:
            self.start_counter(counter)
        return kind, False

    def kind_of_reaction(self) -> int:
        """Which way she turns against it."""
        cells = self.run.cells
        if self.story.flags & AWARE:
            first = cells["reaction.opt_out_aware"]
            second = first + cells["reaction.complain_aware"]
        else:
            first, second = cells["reaction.opt_out"], 1.0
        d = draw(fold(self.S, self.occasion | draws.REACTION))
        return OPTS_OUT if d < prob(first) else COMPLAINS if d < prob(second) else COUNTERS

    def counter_message(self) -> int | None:
        """The first counter-message about this message in the file."""
        for q, message in enumerate(self.run.messages):
            if message.kind == "counter" and message.about == self.name:
                return q
        return None

    def opt_out(self) -> bool:
        """Opt out; returns whether she installs a filter as well."""
        run = self.run
        self.user.opted_out.add(run.opt_out_name(self.q))
        if self.message.brand is None:
            self.story.flags |= OPTED_OUT
        run.count(self.q, "opt_outs")
        run.tally["opt-out"] += 1
        luck = draw(fold(self.S, self.occasion | draws.FILTER))
        if luck < prob(run.cells["reaction.filter"]):
            self.user.has_filter = True
            run.count(self.q, "filters")
            run.tally["filter installed"] += 1
            return True
        return False

    def start_counter(self, counter: int) -> None:
        """She begins the counter-message, unless she has passed it on."""
        run = self.run
        if self.user.stories[run.names[counter]].flags & FORWARDED:
            run.tally["counter begun before"] += 1
            return
        run.count(counter, "counter_starts")
        run.tally["counter started"] += 1
        self.adopt(counter, COUNTER_START)
