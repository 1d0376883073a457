"""One user's story in plain sentences, English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass

from viralbots.experiments import story_words as words
from viralbots.experiments.arithmetic import changes, why
from viralbots.experiments.decision import (
    AdoptionStory,
    Decision,
    DeliveryStory,
    EventStory,
    UserStory,
)
from viralbots.experiments.story_words import chance, of, veto_words
from viralbots.experiments.words import Lang
from viralbots.scenario import Scenario
from viralbots.world.profiles import profile_of
from viralbots.world.world import FEED_CHANNELS, ROLES, World

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


def things(user_story: UserStory) -> list[EventStory | AdoptionStory | DeliveryStory]:
    """What `story` tells of a user, one paragraph each, in order of time.

    What is planned for a minute comes before its deliveries (docs/exactness.md).
    """
    seeds = [a for a in user_story.adoptions if a.kind == "seed"]
    return sorted([*user_story.events, *seeds, *user_story.deliveries], key=lambda x: x.minute)


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


_WHO = "\0"  # stands for the user until it is known where she is mentioned first


@dataclass(frozen=True)
class _Teller:
    """Tells about one user in one language."""

    of_user: UserStory
    world: World
    scenario: Scenario
    lang: Lang

    @property
    def _gender(self) -> str:
        role = ROLES[self.world.population.role[self.of_user.user]]
        return "bot" if role == "bot" else profile_of(self.world, self.of_user.user).gender

    @property
    def she(self) -> str:
        """The pronoun."""
        zh = words.PRONOUNS_ZH[self._gender]
        return zh if self.lang == "zh" else words.PRONOUNS[self._gender][0]

    @property
    def introduced(self) -> str:
        """Name, age and job; of a real network the name alone, for the rest is invented."""
        user = self.of_user.user
        who, name = profile_of(self.world, user), name_of(self.world, user)
        if self.world.labels:
            return name
        job = who.job_in(self.lang)
        en, zh = (job and mark + job for mark in (", ", "，"))
        told = (f"{name} ({who.age}{en})", f"{name}（{who.age}岁{zh}）")
        return of(told, self.lang)

    def tell(self, thing: EventStory | AdoptionStory | DeliveryStory) -> str:
        """A paragraph without its time."""
        if isinstance(thing, EventStory):
            return self.event(thing)
        return self.start(thing) if isinstance(thing, AdoptionStory) else self.delivery(thing)

    def _fill(self, pair: words.Pair, message: str = "") -> str:
        """A text with the user and a message put in."""
        her = words.PRONOUNS[self._gender][1]
        return of(pair, self.lang).format(she=_WHO, her=her, message=message)

    def _called(self, message: str) -> str:
        return words.message_words(self.scenario.messages, message, self.lang)

    # -- things that happen ----------------------------------------------------------------

    def event(self, event: EventStory) -> str:
        """An intervention changed something about her."""
        name = self._called(event.message) if event.message else ""
        text = self._fill(words.EVENTS[event.kind], name)
        return text + ("。" if self.lang == "zh" else ".")

    def start(self, adoption: AdoptionStory) -> str:
        """She is a seed."""
        sent, word = self._sent(adoption), self._called(adoption.message)
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
        if adoption.channel in FEED_CHANNELS:
            posted = (f"posted it {by} for {people} to see", f"{by}发布，有{n}人会看到")
            return of(posted, self.lang)
        return of((f"sent it {by} to {people}", f"{by}发给了{n}人"), self.lang)

    def delivery(self, delivery: DeliveryStory) -> str:
        """An arrival and what she made of it."""
        if delivery.fate == "stopped":
            return self._stopped(delivery)
        clauses = self._clauses(delivery)
        if self.lang == "zh":
            return f"{self._arrival(delivery)}。{self.she}{'，'.join(clauses)}。"
        last = f" and {clauses[-1]}" if len(clauses) > 1 else clauses[-1]
        done = ", ".join(clauses[:-1]) + last
        return f"{self._arrival(delivery)}. {self.she.capitalize()} {done}."

    def _sender(self, delivery: DeliveryStory) -> str:
        """Who sent it, as she knows them."""
        message = self.scenario.messages[delivery.message]
        if delivery.source is None:
            if message.kind == "correction" or message.brand is None:
                return of(("the platform", "平台"), self.lang)
            return of((f"the brand {message.brand}", f"品牌{message.brand}"), self.lang)
        name = name_of(self.world, delivery.source)
        if delivery.channel in FEED_CHANNELS:
            friend = ""
        else:
            low = next(pair for least, pair in words.FRIENDS if delivery.tie >= least)
            her = words.PRONOUNS[self._gender][1]
            friend = of((f"{her} {low[0]} ", low[1]), self.lang)
        paid = of((", who is paid for it", "（收了钱）"), self.lang)
        return f"{friend}{name}{paid if 'paid' in delivery.flags else ''}"

    def _arrival(self, delivery: DeliveryStory) -> str:
        sender, word = self._sender(delivery), self._called(delivery.message)
        by = of(words.BY_CHANNEL[delivery.channel], self.lang)
        if "group" in delivery.flags:
            by = of(("in a group chat", "在群聊里"), self.lang)
        is_post = delivery.channel in FEED_CHANNELS or "group" in delivery.flags
        if self.lang == "zh":
            verb = "看到" if is_post else "收到"
            sent = "发的" if "group" in delivery.flags else "发布的" if is_post else "发来的"
            return f"{_WHO}{by}{verb}{sender}{sent}{word}"
        if delivery.channel in FEED_CHANNELS:
            return f"{_WHO} saw {word}, posted {by} by {sender}"
        return f"{_WHO} {'saw' if is_post else 'got'} {word} {by} from {sender}"

    def _stopped(self, delivery: DeliveryStory) -> str:
        name = str(delivery.stopped_by)
        veto = next((veto for veto in delivery.vetoes if veto.succeeded), None)
        if veto is None:
            reason = self._fill(words.STOPPED[name])
        else:
            reason = veto_words(name, self.lang) + chance(veto.probability, veto.draw, self.lang)
        sender, by = self._sender(delivery), of(words.BY_CHANNEL[delivery.channel], self.lang)
        is_feed, word = delivery.channel in FEED_CHANNELS, self._called(delivery.message)
        if self.lang == "zh":
            sent, lost = (
                ("发布的", f"{_WHO}没能看到") if is_feed else ("发来的", f"{_WHO}没有收到")
            )
            return f"{lost}{sender}{by}{sent}{word}：{reason}。"
        how = f"saw {word}, posted {by} by" if is_feed else f"got {word} {by} from"
        return f"{_WHO} never {how} {sender}: {reason}."

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
        return found or [of(DONE_NOTHING, self.lang)]

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
            done = self._passed_on(delivery, "decided") or done
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

    def _passed_on(self, delivery: DeliveryStory, kind: str) -> str | None:
        for adoption in self.of_user.adoptions:
            same = adoption.message == delivery.message and adoption.minute == delivery.minute
            if adoption.kind == kind and same:
                return of(("passed it on: ", "转发了它："), self.lang) + self._sent(adoption)
        return None

    def _reaction(self, delivery: DeliveryStory) -> str:
        done = of(words.REACTIONS[str(delivery.reaction)], self.lang)
        if delivery.has_filtered:
            filters = (" and put in a filter against all brands", "，还装了挡住所有品牌的过滤器")
            done += of(filters, self.lang)
        return done


DONE_NOTHING: words.Pair = ("did nothing more about it", "没有再理会")
