"""The outcome of an experiment in plain sentences, English and Chinese.

Everything is computed from the result: what happened, whether one run can be trusted, and
the harm beside the benefit (model §8).
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from viralbots.experiments.summary import Result, Summary

Lang = Literal["en", "zh"]

WIDELY_HEARD = 0.10  # of the users; from here on "it fizzled" would be misleading
CLOSE_TO_ONE = 0.4  # widest bracket around 1 that still says "close to 1"
AMBER, RED = 1.0, 3.0  # complaints per 1000 deliveries (H3)


def number(value: float) -> str:
    """A count for reading: thousands kept together by no-break spaces, fewer decimals the larger.

    >>> number(12345.4).replace(chr(160), "_"), number(38), number(2.5), number(0.126)
    ('12_345', '38', '2.50', '0.126')
    """
    if math.isnan(value):
        return "–"
    if abs(value) >= 100 or value == int(value):
        text = f"{round(value):,}".replace(",", "\N{NO-BREAK SPACE}")
        return text.replace("-", "\N{MINUS SIGN}")
    digits = next((d for d, low in enumerate((10, 1, 0.1, 0.01), 1) if abs(value) >= low), 5)
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def outcome(result: Result, lang: Lang = "en") -> list[str]:
    """Two to four sentences: what became of it, why, what it cost people, the backlash.

    Parameters
    ----------
    result : Result
    lang : {"en", "zh"}
    """
    sentences = [_spread(result, lang), _reason(result, lang), _harm(result, lang)]
    sentences.append(_backlash(result, lang))
    return [sentence for sentence in sentences if sentence]


def network(result: Result, lang: Lang = "en") -> list[str]:
    """What was read from the file of an imported network; nothing for other networks."""
    facts = result.facts
    if facts.get("kind") != "imported":
        return []
    users, ties, loops, repeats = (
        number(float(str(facts[name])))
        for name in ("n_users", "n_ties", "self_loops", "duplicates")
    )
    if lang == "zh":
        return [f"网络：读入{users}名用户、{ties}条联系；去掉{loops}个自环、{repeats}条重复联系。"]
    return [f"Network: {users} users and {ties} ties read; "
            f"{loops} self-loops and {repeats} repeated ties dropped."]  # fmt: skip


def _median(result: Result, name: str, among: NDArray[np.bool_] | None = None) -> float:
    """Median of a metric over (some of) the runs in which it is defined."""
    values = result.values[name] if among is None else result.values[name][among]
    values = values[~np.isnan(values)]
    return float(np.median(values)) if len(values) else math.nan


def _spread(result: Result, lang: Lang) -> str:
    took_off = result.values["take_off"] == 1
    n, hits = result.n_replicates, int(took_off.sum())
    if hits == 0:
        return _fizzled(result, lang)
    reach, size = (number(round(_median(result, name, took_off))) for name in ("reach", "size"))
    users = number(result.n_users)
    if lang == "zh":
        heard = f"{users}人中有{reach}人听说了它，{size}人转发了它"
        if n == 1:
            return f"传开了：这一次运行中，{heard}。"
        if hits == n:
            return f"传开了：{n}次运行全部引爆，典型情况下{heard}。"
        left = number(round(_median(result, "reach", ~took_off)))
        return (
            f"{n}次运行中有{hits}次引爆，引爆时通常{heard}；"
            f"其余{n - hits}次没有传开，通常只有{left}人听说。"
        )
    heard = f"{reach} of {users} heard of it and {size} passed it on"
    if n == 1:
        return f"It took off: {heard} in this run."
    if hits == n:
        runs = "both" if n == 2 else f"all {n}"
        return f"It took off in {runs} runs: {heard} in a typical run."
    left = number(round(_median(result, "reach", ~took_off)))
    others = "the other one it fizzled at" if n - hits == 1 else "the others it fizzled at about"
    return f"It took off in {hits} of {n} runs; then typically {heard}. In {others} {left}."


def _fizzled(result: Result, lang: Lang) -> str:
    reach = _median(result, "reach")
    heard, users = number(round(reach)), number(result.n_users)
    volunteers = round(float(np.median(_volunteers(result))))
    is_wide = reach >= WIDELY_HEARD * result.n_users
    one = result.n_replicates == 1
    if lang == "zh":
        when = "这一次运行中" if one else "典型的一次运行中"
        if is_wide:
            who = f"主动转发的只有{number(volunteers)}人" if volunteers else "没有人主动转发"
            return f"没有自己传开：{when}，{users}人里有{heard}人听说了它，但{who}。"
        return f"没有传开：{when}，{users}人里只有{heard}人听说了它。"
    when = "in this run" if one else "in a typical run"
    if is_wide:
        who = f"only {number(volunteers)}" if volunteers else "nobody"
        return (
            f"It did not spread by itself: {heard} of {users} heard of it {when}, "
            f"but {who} passed it on of their own accord."
        )
    return f"It fizzled: {heard} of {users} heard of it {when}."


def _volunteers(result: Result) -> NDArray[np.float64]:
    """Adopters who were not planted, per run."""
    share = np.nan_to_num(result.values["voluntary_share"])  # no adopters, no volunteers
    return result.values["size"] * share


def _reason(result: Result, lang: Lang) -> str:
    """How many new adopters one brings, as far as the runs tell (R)."""
    r = result.metrics["r"]
    if r.n == 0:
        return "没有人转发它。" if lang == "zh" else "Nobody passed it on."
    mean, low, high = (f"{value:.2f}" for value in (r.mean, r.low, r.high))
    tail = _TAILS[_side_of_one(r), _how_often(result)][lang == "zh"]
    if lang == "zh":
        known = f"均值的95%区间{low}–{high}" if r.n > 1 else "只运行一次说明不了什么，请多次重复"
        return f"每位早期转发者平均带来{mean}位新转发者（{known}）：{tail}。"
    known = f"95 % bracket {low}–{high}" if r.n > 1 else "one run proves nothing: repeat it"
    return f"An early adopter won {mean} new ones on average ({known}): {tail}."


_GREW = ("above 1, enough to grow", "大于1，足以扩散")
_OPEN = ("below or above 1, more runs would tell", "是大于还是小于1，还要更多次运行才能判断")
# By the side of 1 on which R lies and by how many runs took off: R looks at the first
# generations only, and near 1 a run may go either way, so the two need not agree.
_TAILS = {
    ("below", "none"): ("below 1, so it dies out by itself", "小于1，会自行消失"),
    ("below", "some"): (
        "below 1 at first, yet some runs took off",
        "起初小于1，但有些运行仍然引爆",
    ),
    ("below", "all"): ("below 1 at first, and yet it took off", "起初小于1，却还是引爆了"),
    ("above", "none"): ("above 1, and yet it did not take off", "大于1，却没有引爆"),
    ("above", "some"): _GREW,
    ("above", "all"): _GREW,
    ("close", "none"): ("close to 1, but it did not take off", "接近1，但没有引爆"),
    ("close", "some"): ("close to 1, where luck decides", "接近1，成败全看运气"),
    ("close", "all"): ("close to 1, and yet it took off", "接近1，却还是引爆了"),
    ("unknown", "none"): _OPEN,
    ("unknown", "some"): _OPEN,
    ("unknown", "all"): _OPEN,
}


def _how_often(result: Result) -> str:
    """Whether all, some or none of the runs took off."""
    share = float((result.values["take_off"] == 1).mean())
    return "none" if share == 0 else "all" if share == 1 else "some"


def _side_of_one(r: Summary) -> str:
    """Where R lies: by its bracket, or by its value where there is only one run."""
    low, high = (r.low, r.high) if r.n > 1 else (r.mean, r.mean)
    if high < 1:
        return "below"
    if low > 1:
        return "above"
    return "close" if high - low <= CLOSE_TO_ONE else "unknown"


def _harm(result: Result, lang: Lang) -> str:
    """What it cost people in a typical run."""
    names = ("complaints", "deceived", "deceived_person_hours", "converts")
    complaints, deceived, hours, fell = (round(_median(result, name)) for name in names)
    rate = _median(result, "complaints_per_1000")
    fell = fell if _is_trap(result) else 0
    each = round(hours / deceived) if deceived else 0
    told = []
    if lang == "zh":
        if complaints:
            told.append(f"{number(complaints)}次投诉（{_rate(rate, lang)}）")
        if deceived:
            told.append(f"{number(deceived)}人受骗，平均每人被蒙在鼓里{number(each)}小时")
        if fell:
            told.append(f"{number(fell)}人上当")
        return f"代价：{'；'.join(told) or '通常没有投诉，也没有人受骗'}。"
    if complaints:
        told.append(f"{_count(complaints, 'complaint')} ({_rate(rate, lang)})")
    if deceived:
        people = _count(deceived, "person", "people")
        told.append(f"{people} deceived, for {number(each)} hours each on average")
    if fell:
        told.append(f"{_count(fell, 'person', 'people')} caught in the trap")
    return f"The price: {'; '.join(told) or 'typically no complaints and nobody deceived'}."


def _is_trap(result: Result) -> bool:
    return next(iter(result.scenario.messages.values())).phishing


def _count(count: int, singular: str, plural: str = "") -> str:
    return f"{number(count)} {singular if count == 1 else plural or singular + 's'}"


TELLS = (
    ("few complain; that is not the same as harmless", "投诉的人少，不等于没有危害"),
    ("above 1: mail providers warn", "超过1，邮件服务商会警告"),
    ("above 3: mail providers shut such senders off", "超过3，邮件服务商会封禁这样的发送者"),
)


def _rate(rate: float, lang: Lang) -> str:
    """Complaints per 1000, and what that means (H3)."""
    colour = 0 if rate <= AMBER else 1 if rate <= RED else 2
    if lang == "zh":
        return f"每千条{rate:.1f}次，" + TELLS[colour][1]
    return f"{rate:.1f} per 1000, " + TELLS[colour][0]


def _backlash(result: Result, lang: Lang) -> str:
    values = result.values["backlash"]
    values = values[~np.isnan(values)]
    if not len(values):
        return ""
    n, hits = len(values), int(values.sum())
    adopters = number(round(_median(result, "counter_size")))
    if lang == "zh":
        if n == 1:
            word = "引发了反噬" if hits else "没有引发反噬"
            return f"{word}：{adopters}人转发了反对它的消息。"
        share = f"{n}次运行中有{hits}次引发反噬" if hits else f"{n}次运行均未引发反噬"
        return f"{share}；典型情况下{adopters}人转发了反对它的消息。"
    told = f"{adopters} spread the message against it"
    if n == 1:
        return f"A backlash came: {told}." if hits else f"No backlash: {told}."
    share = f"in {hits} of {n} runs" if hits else f"in none of {n} runs"
    return f"A backlash came {share}; typically {told}."
