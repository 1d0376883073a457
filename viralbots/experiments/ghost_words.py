"""A run and its ghost in plain sentences, English and Chinese."""

from __future__ import annotations

from viralbots.experiments import story_words as words
from viralbots.experiments.arithmetic import why
from viralbots.experiments.decision import ONE, Decision
from viralbots.experiments.ghost import DID, Ghost
from viralbots.experiments.ghost_reasons import Reasons, Turned
from viralbots.experiments.story import clock, name_of
from viralbots.experiments.story_arrivals import arrival_of
from viralbots.experiments.story_words import chance, of, percent, sentence_of
from viralbots.experiments.words import Lang, number
from viralbots.world.world import FEED_CHANNELS

MOST_TURNED = 3
MOST_SHOWN = 6  # people of a way

WITHOUT: dict[str, words.Pair] = {
    "bots": ("without the accounts run by somebody else", "如果没有那些由他人操纵的账号"),
    "paid": ("if nobody had been paid", "如果没有人收钱"),
    "intervention": ("without intervention number {n}", "如果没有第{n}项干预"),
    "wave": ("without wave number {n}", "如果没有第{n}波投放"),
}
DONE: dict[str, words.Pair] = {
    "heard": ("heard of it", "听说了它"), "read": ("read it", "看了它"),
    "deceived": ("was deceived", "受了骗"), "converted": ("took it up", "接受了它"),
    "forwarded": ("passed it on", "转发了它"), "complained": ("complained", "投诉了它"),
}  # fmt: skip
WOULD_HAVE: dict[str, words.Pair] = {
    "heard": ("heard of it", "听说它"), "read": ("read it", "看它"),
    "deceived": ("been deceived", "受骗"), "converted": ("taken it up", "接受它"),
    "forwarded": ("passed it on", "转发它"), "complained": ("complained", "投诉它"),
}  # fmt: skip


def without_words(ghost: Ghost, lang: Lang = "en") -> str:
    """What the ghost lacks, as a clause."""
    if not isinstance(ghost.without, str):
        pairs = ghost.without.items()
        if lang == "zh":
            return "如果" + "，".join(f"{path}为{_value(value)}" for path, value in pairs)
        return "with " + " and ".join(f"{path} at {_value(value)}" for path, value in pairs)
    kind, _, place = ghost.without.partition(":")
    return of(WITHOUT[kind], lang).format(n=int(place or 0) + 1)


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def summary(ghost: Ghost, lang: Lang = "en", message: str | None = None) -> list[str]:
    """For everything that people did: how many only because of it, and how many only without."""
    clause, told = without_words(ghost, lang), []
    for word in DID:
        more, fewer = (number(n) for n in ghost.counts(message)[word])
        done, would = of(DONE[word], lang), of(WOULD_HAVE[word], lang)
        if lang == "zh":
            told.append(
                f"{clause}，{done}的人里有{more}人就不会{would}，另有{fewer}人反而会{would}。"
            )
            continue
        done = done.replace("was ", "were ")
        have = "have been" if word == "deceived" else "have"
        told.append(f"{_capital(clause)}, {more} of those who {done} would not {have}, "
                    f"and {fewer} others would {have}.")  # fmt: skip
    return told


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def tell(reasons: Reasons, ghost: Ghost, lang: Lang = "en") -> list[str]:
    """Where the two runs part for a user, what she then decided otherwise, and what came of it."""
    parted = _parted(reasons, ghost, lang)
    if reasons.parting.kind == "never":
        return [parted]
    told = [parted, *_way(reasons, ghost, lang)]
    told += [_turned(turned, ghost, lang) for turned in reasons.turned[:MOST_TURNED]]
    return [*told, _in_the_end(reasons, ghost, lang)]


def arithmetic(turned: Turned, lang: Lang = "en") -> list[str]:
    """The arithmetic of a decision, as it went and as it would have gone."""
    lines = why(turned.real, lang) if turned.real else []
    if turned.other is not None:
        lines = [*lines, "", *why(turned.other, lang)] if lines else why(turned.other, lang)
    return lines


def _parted(reasons: Reasons, ghost: Ghost, lang: Lang) -> str:
    parting, name = reasons.parting, name_of(ghost.world, reasons.user)
    clause = without_words(ghost, lang)
    if parting.kind == "never":
        return of((f"For {name} everything would have been the same {clause}.",
                   f"{clause}，{name}的经历也不会有任何不同。"), lang)  # fmt: skip
    if parting.kind == "herself":
        return of((f"{name} would not have been the same {clause}: this is where it begins.",
                   f"{clause}，{name}自己就会不同：变化从这里开始。"), lang)  # fmt: skip
    assert reasons.delivery is not None and parting.minute is not None
    came, when = _came(reasons, ghost, lang), clock(parting.minute, lang)
    if parting.kind == "decision":
        ends = (f"It would have come {clause} as well; what followed would have differed.",
                f"{clause}，这条消息同样会来，但之后的事就不同了。")  # fmt: skip
    elif parting.place == "real":
        ends = (f"It would not have come {clause}.", f"{clause}，它就不会来。")
    else:
        ends = (f"That is how it would have been {clause}; as it was, it did not come.",
                f"这是{clause}才会有的事，实际上它没有来。")  # fmt: skip
    return of((f"{when}: {name} {came}. {ends[0]}", f"{when}，{name}{came}。{ends[1]}"), lang)


def _came(reasons: Reasons, ghost: Ghost, lang: Lang) -> str:
    delivery = reasons.delivery
    assert delivery is not None
    if delivery.source is not None:
        about: words.Pair = ("", "")
        if delivery.is_from_bot:
            about = words.BOT
        elif "paid" in delivery.flags:
            about = words.PAID
        sender = name_of(ghost.world, delivery.source) + of(about, lang)
    else:
        brand = ghost.scenario.messages[delivery.message].brand
        named: words.Pair = ("the platform", "平台")
        sender = of((f"the brand {brand}", f"品牌{brand}") if brand else named, lang)
    word = words.message_words(ghost.scenario.messages, delivery.message, lang)
    return arrival_of(delivery, sender, word, lang)


def _way(reasons: Reasons, ghost: Ghost, lang: Lang) -> list[str]:
    """Back to where the two runs began to differ."""
    if len(reasons.way) < 2:
        return []
    names = [name_of(ghost.world, user) for user in reversed(reasons.way)]
    if len(names) > MOST_SHOWN:
        names = [*names[: MOST_SHOWN // 2], "…", *names[-MOST_SHOWN // 2 :]]
    line, name = " → ".join(names), name_of(ghost.world, reasons.user)
    told = (f"The difference came to {name} this way: {line}.",
            f"这个变化是这样一路传到{name}那里的：{line}。")  # fmt: skip
    return [of(told, lang)]


def _turned(turned: Turned, ghost: Ghost, lang: Lang) -> str:
    """One decision, as it went and as it would have gone."""
    when, clause = _when(turned, ghost, lang), without_words(ghost, lang)
    if turned.real is not None and turned.other is not None:
        return _both(turned, ghost, lang)
    decision = turned.real or turned.other
    assert decision is not None
    done = _done(turned, decision, lang) + chance(decision.probability, decision.draw, lang)
    if turned.real is None:
        return of((f"{when}, {clause}: {done}.", f"{when}，{clause}：{done}。"), lang)
    tail: words.Pair = ("", "")
    if turned.place == "both":
        tail = (f"; {clause} that would have been no question", f"；{clause}，就谈不上这一点")
    return of((f"{when}: {done}{tail[0]}.", f"{when}：{done}{tail[1]}。"), lang)


def _when(turned: Turned, ghost: Ghost, lang: Lang) -> str:
    """The minute; and the message, where there are several."""
    when, name = clock(turned.delivery.minute, lang), turned.delivery.message
    if len(ghost.scenario.messages) == 1:
        return when
    return of((f"{when} (“{name}”)", f"{when}（“{name}”）"), lang)


def _done(turned: Turned, decision: Decision, lang: Lang) -> str:
    is_post = turned.name == "read" and turned.delivery.channel in FEED_CHANNELS
    return of(words.DONE["look" if is_post else turned.name][not decision.outcome], lang)


def _both(turned: Turned, ghost: Ghost, lang: Lang) -> str:
    """The same question in both runs: one draw, two chances, and the terms that differ."""
    real, other = turned.real, turned.other
    assert real is not None and other is not None
    when, clause = _when(turned, ghost, lang), without_words(ghost, lang)
    done = [_done(turned, one, lang) for one in (real, other)]
    odds = [percent(one.probability, lang) for one in (real, other)]
    draw = f"{real.draw / 2**32:.4f}"
    gap = "；" if lang == "zh" else "; "
    terms = gap.join(_term(*pair, lang) for pair in turned.differing)
    if lang == "zh":
        because = f"差别在于：{terms}" if terms else "差别在于随后的否决"
        return (f"{when}，{done[0]}（概率{odds[0]}）；"
                f"{clause}，就会是：{done[1]}（概率{odds[1]}）。"
                f"随机数都是{draw}。{because}。")  # fmt: skip
    because = f"What differs: {terms}" if terms else "What differs is a veto"
    return (f"{when}: {done[0]} (chance {odds[0]}); {clause}: {done[1]} (chance {odds[1]}). "
            f"The draw is {draw} in both. {because}.")  # fmt: skip


def _term(cell: str, real: int, other: int, lang: Lang) -> str:
    a, b = (f"{value / ONE:+.3f}".replace("-", "\N{MINUS SIGN}") for value in (real, other))
    told = sentence_of(cell, lang).rstrip("。.")
    return of((f"“{told}” {a} instead of {b}", f"“{told}”为{a}，否则为{b}"), lang)


def _in_the_end(reasons: Reasons, ghost: Ghost, lang: Lang) -> str:
    """What she did only because of it, and what she would have done only without it."""
    name, clause = name_of(ghost.world, reasons.user), without_words(ghost, lang)
    was = [of(DONE[word], lang) for word in reasons.only_because]
    would = [of(WOULD_HAVE[word], lang) for word in reasons.only_without]
    if lang == "zh":
        parts = [f"{name}{'，'.join(was)}；{clause}，就不会这样"] if was else []
        parts += [f"{clause}，{name}会{'，'.join(would)}，实际上没有"] if would else []
        return "；".join(parts or [f"{clause}，{name}最终的结果也一样"]) + "。"
    parts = [f"{name} {_listed(was)}; {clause} that would not have happened"] if was else []
    parts += [f"{clause} {name} would have {_listed(would)}"] if would else []
    text = "; ".join(parts or [f"in the end {name} would have done the same {clause}"]) + "."
    return _capital(text)


def _listed(parts: list[str]) -> str:
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
