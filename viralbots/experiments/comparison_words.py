"""A comparison in sentences, one a figure, English and Chinese.

A figure is told as it was found: which arm has more and how well that is known, or that no
difference was seen, how large one might have gone unseen and how many more pairs would tell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from viralbots.experiments.comparison import Comparison, Treatment
from viralbots.experiments.comparison_notes import note_words
from viralbots.experiments.difference import MOST_PAIRS, Difference
from viralbots.experiments.words import Lang, number
from viralbots.metrics import UNITS, metric_of

TOLD = (
    "reach", "size", "take_off", "converts", "trust", "deceived", "complaints_per_1000",
    "vulnerable_exposure_ratio", "person_hours_wasted", "backlash",
)  # fmt: skip
"""Metrics of the first message that `sentences` tells of."""

WORTH_TELLING = 1.2  # a smaller factor is not told of as a saving
_UNTOLD = ("ratio", "trust")  # units that are not said after a number
_UNITS_ZH = {
    "adopters": "人", "recipients": "人", "per 1000": "", "yes or no": "次（每100次运行）",
}  # fmt: skip

PHRASES: dict[str, tuple[str, str]] = {
    "reach": ("{b} reached {n} {more} users than A", "{b}方案中听说的人比A{more}{n}人"),
    "size": ("in {b} {n} {more} users passed it on than in A", "转发{b}的人比A{more}{n}人"),
    "converts": ("in {b} {n} {more} users took it up than in A", "{b}的转化人数比A{more}{n}人"),
    "take_off": ("{b} took off in {n} {more} of 100 runs than A",
                 "每100次运行中，{b}引爆的次数比A{more}{n}次"),
    "backlash": ("{b} drew a backlash in {n} {more} of 100 runs than A",
                 "每100次运行中，{b}引发反噬的次数比A{more}{n}次"),
    "deceived": ("{b} deceived {n} {more} users than A", "{b}比A{more}骗了{n}人"),
    "complaints_per_1000": ("{b} drew {n} {more} complaints per 1000 messages than A",
                            "{b}每千条消息的投诉比A{more}{n}次"),
    "person_hours_wasted": ("{b} cost people {n} {more} hours than A",
                            "{b}耗费的时间比A{more}{n}人时"),
}  # fmt: skip
"""Metric → what is said where there is a difference; others are told by their label."""


def sentences(comparison: Comparison, lang: Lang = "en") -> list[str]:
    """What came out, arm by arm: the figures of `TOLD`, then what to know about the pairs."""
    told: list[str] = []
    for treatment in comparison.treatments:
        told += _figures(treatment, lang)
        told += [note_words(note, treatment.letter, lang) for note in treatment.notes]
    return told + [note_words(note, "", lang) for note in comparison.notes]


def _figures(treatment: Treatment, lang: Lang) -> list[str]:
    told: list[str] = []
    same: list[Difference] = []
    for name in TOLD:
        difference = treatment.differences.get(name)
        if difference is None or difference.verdict == "undefined":
            continue
        if difference.verdict == "identical":
            same.append(difference)
        else:
            luck = treatment.has_common_luck
            told.append(sentence(difference, treatment.letter, lang, has_common_luck=luck))
    if same:
        told.append(_identical(same, treatment.letter, lang))
    return told + (_saving(treatment, lang) if treatment.has_common_luck else [])


def _saving(treatment: Treatment, lang: Lang) -> list[str]:
    """How much common luck was worth for the first figure in which something varies."""
    for name in TOLD:
        difference = treatment.differences.get(name)
        if difference is None or not math.isfinite(difference.saved):
            continue
        label, factor = label_of(difference, lang), number(float(f"{difference.saved:.2g}"))
        if difference.saved < WORTH_TELLING:
            return ["共同的运气在这里没有节省运行次数。" if lang == "zh"
                    else "Common luck saved no runs here."]  # fmt: skip
        if lang == "zh":
            return [f"共同的运气：就{label}而言，若运气各不相同，"
                    f"要达到同样的精度需要{factor}倍的运行次数。"]  # fmt: skip
        return [f"What common luck was worth: for {label}, independent seeds would need {factor} "
                "times as many runs."]  # fmt: skip
    return []


def sentence(
    difference: Difference, letter: str = "B", lang: Lang = "en", *, has_common_luck: bool = True
) -> str:
    """One sentence for one figure.

    Parameters
    ----------
    difference : Difference
    letter : str
        Of the treatment; the baseline is A.
    has_common_luck : bool
        The pairs share draws (`Treatment.has_common_luck`), so it may be said.
    """
    verdict = difference.verdict
    if verdict == "identical":
        return _identical([difference], letter, lang)
    if verdict == "undefined":
        label = label_of(difference, lang)
        never = "在每一对中都无定义。" if lang == "zh" else " is undefined in every pair."
        return label + never
    if verdict == "open":
        return _open(difference, letter, lang)
    if verdict == "small":
        return _small(difference, letter, lang)
    told = _decided(difference, letter, lang)
    luck = ("运气相同时，" if lang == "zh" else "with the same luck, ") if has_common_luck else ""
    harm = _harm(difference, lang)
    return harm + luck + told if harm or lang == "zh" else _capital(luck + told)


def label_of(difference: Difference, lang: Lang) -> str:
    """The label of the metric in quotes, with its message where that is not the first."""
    metric, _, message = difference.name.partition(":")
    label = metric_of(metric).label[lang]
    if message:
        label += f"（{message}）" if lang == "zh" else f" ({message})"
    return f"“{label}”"


def _scaled(difference: Difference, value: float) -> str:
    """A figure for reading; shares as so many of 100."""
    is_share = metric_of(difference.name).unit in ("yes or no", "share")
    return number(float(f"{100 * value:.3g}")) if is_share else number(value)


def _unit(difference: Difference, lang: Lang) -> str:
    """The unit after a number, with the space it needs; nothing for bare numbers."""
    unit = metric_of(difference.name).unit
    if unit in _UNTOLD:
        return ""
    if unit == "share":
        return "个百分点" if lang == "zh" else " points"
    if lang == "zh":
        return _UNITS_ZH.get(unit, UNITS[unit][lang])
    return " of 100 runs" if unit == "yes or no" else f" {UNITS[unit][lang]}"


def _phrase(difference: Difference, letter: str, lang: Lang) -> str:
    """Which arm has how much more."""
    is_more, n = difference.mean > 0, _scaled(difference, abs(difference.mean))
    if difference.name in PHRASES:
        more = (("fewer", "more"), ("少", "多"))[lang == "zh"][is_more]
        return PHRASES[difference.name][lang == "zh"].format(b=letter, n=n, more=more)
    label, n = label_of(difference, lang), n + _unit(difference, lang)
    if lang == "zh":
        return f"{letter}的{label}比A{'高' if is_more else '低'}{n}"
    return f"{label} was {n} {'higher' if is_more else 'lower'} in {letter} than in A"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _harm(difference: Difference, lang: Lang) -> str:
    """Says of a metric of harm which arm does more of it."""
    if metric_of(difference.name).direction != "bad":
        return ""
    words = ("危害较小：", "危害较大：") if lang == "zh" else ("Less harm: ", "More harm: ")
    return words[difference.mean > 0]


def _decided(difference: Difference, letter: str, lang: Lang) -> str:
    """One arm has more: by how much, how well that is known, in how many pairs."""
    phrase, known = _phrase(difference, letter, lang), _known(difference, letter, lang)
    return f"{phrase}（{known}）。" if lang == "zh" else f"{phrase} ({known})."


def _known(difference: Difference, letter: str, lang: Lang) -> str:
    """What is known of a difference, for the brackets after it."""
    n = difference.n
    if difference.verdict == "one_pair":
        return "只有一对，说明不了什么" if lang == "zh" else "a single pair, which proves nothing"
    if difference.verdict == "constant":
        rest = _share(difference.unseen, lang)
        if lang == "zh":
            return f"{n}对全都如此；可能另有不到约{rest}的情形不同"
        return f"the same in each of {n} pairs; in fewer than about {rest} it may be otherwise"
    low, high = difference.bracket.low, difference.bracket.high
    if difference.mean < 0:
        low, high = -high, -low
    low_text, high_text = _scaled(difference, low), _scaled(difference, high)
    pairs, undefined = _pairs(difference, letter, lang), len(difference.values) - n
    if lang == "zh":
        rest = f"；另有{undefined}对无定义" if undefined else ""
        return f"95%区间{low_text}至{high_text}；{pairs}{rest}"
    rest = f"; undefined in {undefined} more" if undefined else ""
    return f"95 % bracket {low_text} to {high_text}; {pairs}{rest}"


def _pairs(difference: Difference, letter: str, lang: Lang) -> str:
    """In how many pairs the arm that has more on average has more."""
    is_more, n = difference.mean > 0, difference.n
    count = difference.n_more if is_more else difference.n_less
    if metric_of(difference.name).direction == "good":
        leader = letter if is_more else "A"
        if lang == "zh":
            return f"{n}对中{leader}有{count}对领先"
        return f"{leader} was ahead in {count} of {n} pairs"
    if lang == "zh":
        return f"{n}对中有{count}对{letter}更{'多' if is_more else '少'}"
    return f"{letter} had {'more' if is_more else 'less'} in {count} of {n} pairs"


def _open(difference: Difference, letter: str, lang: Lang) -> str:
    """No difference was seen: how large one may be, and what would tell."""
    low, high = difference.bracket.low, difference.bracket.high
    most = _scaled(difference, max(abs(low), abs(high))) + _unit(difference, lang)
    mean, low_text, high_text = (_scaled(difference, v) for v in (difference.mean, low, high))
    label, n, unseen = label_of(difference, lang), difference.n, difference.smallest
    unseen_text, needed = _scaled(difference, unseen), _needed(difference, lang)
    if lang == "zh":
        return (f"未见差别：{label}{letter}−A为{mean}（95%区间{low_text}至{high_text}），"
                f"至多相差{most}；{n}对很可能看不出小于{unseen_text}的差别；"
                f"{needed}。")  # fmt: skip
    return (f"No difference seen in {label}: {letter} − A is {mean} (95 % bracket {low_text} to "
            f"{high_text}), at most {most}; {n} pairs may well miss one below {unseen_text}; "
            f"{needed}.")  # fmt: skip


def _needed(difference: Difference, lang: Lang) -> str:
    """How many more pairs would decide."""
    more = difference.more_pairs
    if math.isinf(more):
        limit = number(MOST_PAIRS)
        return (f"再加{limit}对也未必能判断" if lang == "zh"
                else f"more than {limit} further pairs would be needed to decide")  # fmt: skip
    text = number(float(f"{more:.2g}"))
    if lang == "zh":
        return f"若平均差值不变，大约再加{text}对才能判断"
    return f"if the mean stays as it is, about {text} more would decide"


def _small(difference: Difference, letter: str, lang: Lang) -> str:
    """A difference, if any, that is known not to matter."""
    low, high = (_scaled(difference, v) for v in (difference.bracket.low, difference.bracket.high))
    label, mean = label_of(difference, lang), _scaled(difference, difference.mean)
    limit = _scaled(difference, difference.relevant) + _unit(difference, lang)
    if lang == "zh":
        return (f"差别小到无关紧要：{label}{letter}−A为{mean}（95%区间{low}至{high}），"
                f"小于{limit}。")  # fmt: skip
    return (f"Too small a difference to matter in {label}: {letter} − A is {mean} (95 % bracket "
            f"{low} to {high}), less than {limit}.")  # fmt: skip


def _identical(differences: Sequence[Difference], letter: str, lang: Lang) -> str:
    """Figures that were equal in all pairs, with what that leaves open."""
    n, fewest = len(differences), min(differences, key=lambda d: d.n)
    rest = _share(fewest.unseen, lang)
    if lang == "zh":
        labels = "、".join(label_of(d, lang) for d in differences)
        return (f"A与{letter}在{fewest.n}对中完全相同：{labels}；"
                f"不能排除在不到约{rest}的情形中有差别。")  # fmt: skip
    labels = ", ".join(label_of(d, lang) for d in differences)
    return (f"Identical in A and {letter} in every one of {fewest.n} pairs: {labels}. "
            f"{'Differences' if n > 1 else 'A difference'} in fewer than about {rest} of pairs "
            "cannot be excluded.")  # fmt: skip


def _share(value: float, lang: Lang) -> str:
    text = f"{100 * value:.0f}" if value < 0.995 else "100"
    return f"{text}%" if lang == "zh" else f"{text} %"
