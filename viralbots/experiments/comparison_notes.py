"""What to know before believing a comparison: when it is said, and the sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from viralbots.experiments.interval import FEWEST_FOR_HALL
from viralbots.experiments.summary import Result
from viralbots.experiments.words import Lang, number
from viralbots.scenario import Scenario

LUCK_IS_LOST = {"renamed", "sizes", "networks"}
"""Codes of notes that tell of pairs with next to no common luck."""

NOTES: dict[str, tuple[str, str]] = {
    "uncorrected": (
        "Each bracket stands for itself: of 20 figures in which nothing differs, about one will "
        "seem to differ. That is not corrected.",
        "每个区间各自成立，没有因为同时看许多个数而校正：20个其实没有差别的数里，大约会有一个看上去有差别。",
    ),
    "left_out": (
        "{n} runs of A or {letter} have no partner and are left out; {pairs} pairs remain.",
        "A或{letter}中有{n}次运行没有配对，未计入；共{pairs}对。",
    ),
    "few_pairs": (
        "{pairs} pairs are few: repeat more often before you believe a bracket.",
        "只有{pairs}对，太少；请多重复几次再相信区间。",
    ),
    "same_scenario": (
        "A and {letter} are the same scenario: every pair is one run twice.",
        "A与{letter}是同一个场景：每一对都是同一次运行。",
    ),
    "sizes": (
        "A has {first} users, {letter} {other}: the pairs share little luck, and counts differ "
        "for that reason alone. Compare shares.",
        "A有{first}名用户，{letter}有{other}名：每一对共有的运气很少，人数也会因此不同，请比较比例。",
    ),
    "networks": (
        "A and {letter} have different networks: the pairs share draws, but not who knows whom.",
        "A与{letter}的网络不同：每一对的随机抽取相同，但人与人的关系不同。",
    ),
    "horizons": (
        "A runs for {first} days, {letter} for {other}: the longer one has more time to spread.",
        "A模拟{first}天，{letter}模拟{other}天：时间长的一方有更多时间传播。",
    ),
    "renamed": (
        "The message is called {first} in A and {other} in {letter}. Luck goes by the name, so "
        "the pairs share next to none; one name for both would make the comparison sharper.",
        "这条消息在A中叫{first}，在{letter}中叫{other}。运气取决于消息的名字，所以每一对几乎没有共同的运气；"
        "改用同一个名字，比较会更精确。",
    ),
    "unmatched": (
        "Not compared, since only one of A and {letter} has it: {names}.",
        "以下消息只有A或{letter}一方有，未作比较：{names}。",
    ),
    "moved": (
        "Under {field}, something that A and {letter} both have stands at another place of the "
        "list and therefore chooses other users. Add what is new at the end.",
        "{field}中，A与{letter}共有的某一项在列表中的位置不同，因此选中的用户也不同。请把新增的项放在末尾。",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Note:
    """Something to know before believing a comparison, as a code with values.

    The sentences are in `NOTES`.
    """

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


def notes_of(a: Result, b: Result, n: int, messages: Mapping[str, str]) -> Iterator[Note]:
    """What makes the pairs of two results fewer, or less alike.

    Parameters
    ----------
    a, b : Result
    n : int
        Replicates that both have.
    messages : mapping
        Message of ``a`` → message of ``b`` that it is compared with.
    """
    left_out = a.n_replicates + b.n_replicates - 2 * n
    if left_out:
        yield Note("left_out", {"n": left_out, "pairs": n})
    if n < FEWEST_FOR_HALL:
        yield Note("few_pairs", {"pairs": n})
    if a.identity == b.identity:
        yield Note("same_scenario")
    if a.n_users != b.n_users:
        yield Note("sizes", {"first": a.n_users, "other": b.n_users})
    elif a.scenario.network != b.scenario.network:
        yield Note("networks")
    if a.scenario.horizon_days != b.scenario.horizon_days:
        days = {"first": a.scenario.horizon_days, "other": b.scenario.horizon_days}
        yield Note("horizons", days)
    renamed = [(ours, theirs) for ours, theirs in messages.items() if ours != theirs]
    for ours, theirs in renamed:
        yield Note("renamed", {"first": ours, "other": theirs})
    alone = [name for name in a.scenario.message_names if name not in messages]
    alone += [name for name in b.scenario.message_names if name not in messages.values()]
    if alone:
        yield Note("unmatched", {"names": alone})
    for where in _moved(a.scenario, b.scenario):
        yield Note("moved", {"field": where})


def _moved(a: Scenario, b: Scenario) -> Iterator[str]:
    """Lists in which something that both have stands at another place.

    Waves and interventions choose their users by their number in the list, so one that is
    added before them makes them choose others.
    """
    for where in ("seeding", "interventions"):
        ours, theirs = getattr(a, where), getattr(b, where)
        if any(e in theirs and e not in theirs[k : k + 1] for k, e in enumerate(ours)):
            yield where


def note_words(note: Note, letter: str, lang: Lang = "en") -> str:
    """The sentence of a note about the arm with this letter."""
    shown = {name: _shown(value, lang) for name, value in note.values.items()}
    return NOTES[note.code][lang == "zh"].format(letter=letter, **shown)


def _shown(value: object, lang: Lang) -> str:
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, list | tuple):
        return ("、" if lang == "zh" else ", ").join(str(entry) for entry in value)
    return str(value)
