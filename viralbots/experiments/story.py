"""One user's story in plain sentences, English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from viralbots.experiments import story_words as words
from viralbots.experiments.arithmetic import changes, why
from viralbots.experiments.decision import (
    AdoptionStory,
    Decision,
    DeliveryStory,
    EventStory,
    JoinStory,
    UserStory,
)
from viralbots.experiments.story_arrivals import arrival_of, missed_of
from viralbots.experiments.story_words import chance, of, veto_words
from viralbots.experiments.words import Lang
from viralbots.scenario import Scenario
from viralbots.world.profiles import profile_of
from viralbots.world.world import FEED_CHANNELS, ROLES, World

Thing = EventStory | AdoptionStory | JoinStory | DeliveryStory

__all__ = ["changes", "clock", "name_of", "story", "why"]


def clock(minute: int, lang: Lang = "en") -> str:
    """Weekday and time of a minute; minute 0 is Monday 08:00 (model §2.7).

    >>> clock(0), clock(365), clock(1440 * 8 + 10, "zh")
    ('Monday 08:00', 'Monday 14:05', '周二08:10（第9天）')
    """
    day, rest = divmod(minute + 480, 1440)
    weekday, time = of(words.DAYS[day % 7], lang), f"{rest // 60:02d}:{rest % 60:02d}"
    if lang == "zh":
        return f"{weekday}{time}" + (f"（第{day + 1}天）" if day >= 7 else "")
    return f"{weekday} {time}" + (f" (day {day + 1})" if day >= 7 else "")


def name_of(world: World, user: int) -> str:
    """A user's name: in an imported network her label, else an invented one."""
    return world.labels[user] if world.labels else profile_of(world, user).name


def things(user_story: UserStory) -> list[Thing]:
    """What `story` tells of a user, one paragraph each, in order of time.

    What is planned for a minute comes before its deliveries, what her joining sets going after
    them (docs/exactness.md).
    """
    found: list[tuple[int, int, Thing]] = [(e.minute, 0, e) for e in user_story.events]
    found += [(a.minute, _START[a.kind], a) for a in user_story.adoptions if a.kind in _START]
    found += [(j.minute, 1 if j.channel is None else 3, j)
              for j in user_story.joins if not j.is_told]  # fmt: skip
    found += [(d.minute, 2, d) for d in user_story.deliveries]
    return [thing for _, _, thing in sorted(found, key=lambda part: part[:2])]


def story(user_story: UserStory, world: World, scenario: Scenario, lang: Lang = "en") -> list[str]:
    """What happened to a user, one paragraph for each thing, in order of time.

    Parameters
    ----------
    user_story : UserStory
        From `viralbots.experiments.replay`.
    """
    teller = _Teller(user_story, world, scenario, lang)
    found = things(user_story)
    if not found:
        who = teller.introduced
        return [of((f"Nothing reached {who}.", f"什么消息都没有传到{who}那里。"), lang)]
    colon = "，" if lang == "zh" else ": "
    told = [f"{clock(one.minute, lang)}{colon}{teller.tell(one)}" for one in found]
    text = "\n".join(told).replace(_WHO, teller.introduced, 1)
    return text.replace(_WHO, teller.she).split("\n")


_START = {"seed": 1, "hijacked": 1, "footer": 4, "joined": 4}  # and when within a minute
_WHO = "\0"  # stands for the user until it is known where she is mentioned first


@dataclass(frozen=True)
class _Teller:
    """Tells about one user in one language."""

    of_user: UserStory
    world: World
    scenario: Scenario
    lang: Lang

    @cached_property
    def _gender(self) -> str:
        role = ROLES[self.world.population.role[self.of_user.user]]
        is_bot = role == "bot" or self.of_user.is_bot
        return "bot" if is_bot else profile_of(self.world, self.of_user.user).gender

    @property
    def she(self) -> str:
        """The pronoun."""
        zh = words.PRONOUNS_ZH[self._gender]
        return zh if self.lang == "zh" else words.PRONOUNS[self._gender][0]

    @property
    def introduced(self) -> str:
        """Name, age and job; or what kind of account it is. Of a real network the name alone."""
        user = self.of_user.user
        who, name = profile_of(self.world, user), name_of(self.world, user)
        if self.of_user.is_bot:
            return name + of(words.BOT, self.lang)
        if self.world.labels:
            return name
        job = who.job_in(self.lang)
        en, zh = (job and mark + job for mark in (", ", "，"))
        told = (f"{name} ({who.age}{en})", f"{name}（{who.age}岁{zh}）")
        return of(told, self.lang)

    def tell(self, thing: Thing) -> str:
        """A paragraph without its time."""
        if isinstance(thing, EventStory):
            return self.event(thing)
        if isinstance(thing, JoinStory):
            return self.join(thing)
        return self.start(thing) if isinstance(thing, AdoptionStory) else self.delivery(thing)

    def _fill(self, pair: words.Pair, message: str = "", **more: str) -> str:
        """A text with the user and a message put in."""
        her = words.PRONOUNS[self._gender][1]
        return of(pair, self.lang).format(she=_WHO, her=her, message=message, **more)

    def _told(self, pair: words.Pair, message: str = "", **more: str) -> str:
        """The same as a sentence."""
        return self._fill(pair, message, **more) + ("。" if self.lang == "zh" else ".")

    def _called(self, message: str | None) -> str:
        if message is None:
            return ""
        return words.message_words(self.scenario.messages, message, self.lang)

    # -- things that happen ----------------------------------------------------------------

    def event(self, event: EventStory) -> str:
        """An intervention changed something about her."""
        return self._told(words.EVENTS[event.kind], self._called(event.message))

    def join(self, join: JoinStory) -> str:
        """She is a member from the start, or a request of hers is granted."""
        called = self._called(join.message)
        if join.channel is None:
            return self._told(words.FROM_START, called)
        if join.source is None:
            sender = self._brand(join.message)
        else:
            sender = name_of(self.world, join.source)
        by = of(words.BY_CHANNEL[join.channel], self.lang)
        return self._told(words.GRANTED, called, by=by, sender=sender)

    def start(self, adoption: AdoptionStory) -> str:
        """She is a seed, or it is sent without her doing."""
        word = self._called(adoption.message)
        if adoption.kind == "footer":
            return self._told(words.RIDES, word)
        sent = self._sent(adoption)
        if adoption.kind != "seed":
            return self._told(words.UNASKED[adoption.kind], word, sent=sent)
        if self.lang == "zh":
            paid = "作为收钱的写手，" if adoption.is_paid else ""
            return f"{_WHO}{paid}成为{word}的起点，{sent}。"
        paid = " as a paid writer" if adoption.is_paid else ""
        return f"{_WHO} was among the first with {word}{paid} and {sent}."

    def _sent(self, adoption: AdoptionStory) -> str:
        """To how many people it went and how."""
        if adoption.channel is None or adoption.n_sent == 0:
            return of(("reached nobody", "没有传给任何人"), self.lang)
        n, by = adoption.n_sent, of(words.BY_CHANNEL[adoption.channel], self.lang)
        people = "one person" if n == 1 else f"{n} people"
        is_feed, is_own = adoption.channel in FEED_CHANNELS, adoption.kind in ON_PURPOSE
        if is_feed and is_own:
            posted = (f"posted it {by} for {people} to see", f"{by}发布，有{n}人会看到")
        elif is_feed:
            posted = (f"was posted {by} for {people} to see", f"{by}发布，有{n}人会看到")
        elif is_own:
            posted = (f"sent it {by} to {people}", f"{by}发给了{n}人")
        else:
            posted = (f"reached {people} {by}", f"{by}发给了{n}人")
        return of(posted, self.lang)

    def delivery(self, delivery: DeliveryStory) -> str:
        """An arrival and what she made of it."""
        if delivery.fate == "stopped":
            return self._stopped(delivery)
        clauses = self._clauses(delivery)
        arrival = arrival_of(
            delivery, self._sender(delivery), self._called(delivery.message), self.lang
        )
        if self.lang == "zh":
            return f"{_WHO}{arrival}。{self.she}{'，'.join(clauses)}。"
        last = f" and {clauses[-1]}" if len(clauses) > 1 else clauses[-1]
        done = ", ".join(clauses[:-1]) + last
        return f"{_WHO} {arrival}. {self.she.capitalize()} {done}."

    def _brand(self, message: str) -> str:
        """Who speaks where nobody is the sender."""
        about = self.scenario.messages[message]
        if about.kind == "correction" or about.brand is None:
            return of(("the platform", "平台"), self.lang)
        return of((f"the brand {about.brand}", f"品牌{about.brand}"), self.lang)

    def _sender(self, delivery: DeliveryStory) -> str:
        """Who sent it, as she knows them; and what she does not know of them."""
        if delivery.source is None:
            return self._brand(delivery.message)
        name, friend = name_of(self.world, delivery.source), ""
        if delivery.channel not in FEED_CHANNELS:
            low = next(pair for least, pair in words.FRIENDS if delivery.tie >= least)
            her = words.PRONOUNS[self._gender][1]
            friend = of((f"{her} {low[0]} ", low[1]), self.lang)
        is_paid = "paid" in delivery.flags
        about: words.Pair = words.PAID if is_paid else ("", "")
        if delivery.is_from_bot:
            about = words.PAID_BOT if is_paid else words.BOT
        return f"{friend}{name}{of(about, self.lang)}"

    def _stopped(self, delivery: DeliveryStory) -> str:
        name = str(delivery.stopped_by)
        veto = next((veto for veto in delivery.vetoes if veto.succeeded), None)
        if veto is None:
            reason = self._fill(words.STOPPED[name])
        else:
            reason = veto_words(name, self.lang) + chance(veto.probability, veto.draw, self.lang)
        missed = missed_of(
            delivery, self._sender(delivery), self._called(delivery.message), self.lang
        )
        return (
            f"{_WHO}{missed}：{reason}。" if self.lang == "zh" else f"{_WHO} {missed}: {reason}."
        )

    # -- what she decided ------------------------------------------------------------------

    def _clauses(self, delivery: DeliveryStory) -> list[str]:
        message = self.scenario.messages[delivery.message]
        found = []
        for decision in delivery.decisions:
            if decision.name == "read" and delivery.fate == "ignored" and delivery.reaction:
                found.append(self._unopened(delivery, decision))
            elif decision.name == "read" and delivery.channel in FEED_CHANNELS:
                found.append(self._clause(delivery, decision, "look"))
            elif decision.name == "convert" and delivery.is_request:
                found.append(self._clause(delivery, decision, "request"))
            elif decision.name != "react" or decision.outcome:
                found.append(self._clause(delivery, decision, decision.name))
        if delivery.fate == "read" and delivery.knew and message.is_deceptive:
            knew = of(("knew what is behind it", "早已知道内情"), self.lang)
            found.insert(min(1, len(found)), knew)
        if delivery.refusal is not None and self._is_first(delivery):
            found.append(of(words.REFUSED[delivery.refusal], self.lang))
        return found or [of(DONE_NOTHING, self.lang)]

    def _is_first(self, delivery: DeliveryStory) -> bool:
        """Whether such a refusal of this message has not been told before."""
        same = (delivery.message, delivery.refusal)
        return delivery is next(
            d for d in self.of_user.deliveries if (d.message, d.refusal) == same
        )

    def _clause(self, delivery: DeliveryStory, decision: Decision, word: str) -> str:
        numbers = chance(decision.probability, decision.draw, self.lang)
        veto = next((veto for veto in decision.vetoes if veto.succeeded), None)
        if decision.succeeded and veto is not None:
            but = of((", but ", "，但"), self.lang)
            stopped = veto_words(veto.name, self.lang)
            stopped += chance(veto.probability, veto.draw, self.lang)
            return of(words.VETOED[decision.name], self.lang) + numbers + but + stopped
        done = of(words.DONE[word][not decision.outcome], self.lang)
        if decision.outcome and word == "forward":
            done = self._passed_on(delivery, decision) or done
        elif decision.outcome and word == "react":
            done = self._reaction(delivery)
        return done + numbers

    def _unopened(self, delivery: DeliveryStory, decision: Decision) -> str:
        """She did not open it, and yet reacted: how often it had come to her by then."""
        before = [d for d in self.of_user.deliveries[: self._place(delivery)]
                  if d.message == delivery.message and d.fate != "stopped"]  # fmt: skip
        told = of(words.DONE["read"][1], self.lang)
        told += chance(decision.probability, decision.draw, self.lang)
        n = len(before) + 1
        if n == 1:
            return told
        times = "twice" if n == 2 else f"{n} times"
        return told + of((f", but had seen it {times}", f"，但已经看到过它{n}次"), self.lang)

    def _place(self, delivery: DeliveryStory) -> int:
        return next(k for k, one in enumerate(self.of_user.deliveries) if one is delivery)

    def _passed_on(self, delivery: DeliveryStory, decision: Decision) -> str | None:
        """To whom it went; and that it went as its variant."""
        name, kind = delivery.message, "decided"
        done: words.Pair = ("passed it on: ", "转发了它：")
        if decision.mutation is not None and decision.mutation.happened:
            name, kind = decision.mutation.variant, "mutated"
            done = (
                f"passed it on as its variant {self._called(name)}: ",
                f"转发时把它变成了{self._called(name)}：",
            )
        for adoption in self.of_user.adoptions:
            same = adoption.message == name and adoption.minute == delivery.minute
            if adoption.kind == kind and same:
                return of(done, self.lang) + self._sent(adoption)
        return None

    def _reaction(self, delivery: DeliveryStory) -> str:
        done = of(words.REACTIONS[str(delivery.reaction)], self.lang)
        if delivery.has_filtered:
            filters = (" and put in a filter against all brands", "，还装了挡住所有品牌的过滤器")
            done += of(filters, self.lang)
        return done


ON_PURPOSE = ("decided", "seed", "counter", "mutated")
DONE_NOTHING: words.Pair = ("did nothing more about it", "没有再理会")
