"""A comparison as a text table and as plain data."""

from __future__ import annotations

import math
from collections.abc import Iterator

from viralbots.experiments.comparison import Comparison, Treatment
from viralbots.experiments.comparison_notes import Note, note_words
from viralbots.experiments.difference import MOST_PAIRS, Difference
from viralbots.experiments.summary import Result
from viralbots.experiments.table import width
from viralbots.experiments.words import Lang, number
from viralbots.metrics import metric_of

SHOWN = (
    "reach", "size", "take_off", "converts", "trust", "deceived", "deceived_person_hours",
    "complaints_per_1000", "vulnerable_exposure_ratio", "person_hours_wasted", "counter_size",
    "backlash", "forward_probability", "r", "structural_virality", "t50",
)  # fmt: skip
"""Metrics of the first message in a table; those of later messages are `SHOWN_LATER`."""
SHOWN_LATER = ("reach", "size")

_HEADS = {
    "en": ("", "A", "{b}", "{b} − A [95 % bracket]", "ahead", "more pairs"),
    "zh": ("", "A", "{b}", "{b}−A［95%区间］", "领先", "还需"),
}
_STATES = {
    "identical": {"en": "identical", "zh": "完全相同"},
    "constant": {"en": "constant", "zh": "差值恒定"},
    "small": {"en": "too small", "zh": "无关紧要"},
}
_DECIDED = {"en": "decided", "zh": "已可判断"}
_MARKS = {"good": "+", "bad": "!", "neutral": " "}
_LEGEND = {
    "en": "+ more is better   ! more is worse   – undefined\n"
    "ahead: probability that {b} is better in a run with equal luck (no + or !: has more)\n"
    "more pairs: until the bracket leaves 0 (or is within what matters), if the mean stays",
    "zh": "+ 越多越好   ! 越多越坏   – 无定义\n"
    "领先：运气相同的一次运行中{b}更好的概率（无+或!：更多）\n"
    "还需：若平均差值不变，要再加多少对，区间才不再包含0（或小到无关紧要）",
}
_NARROW = {
    "en": "Some columns do not fit; --json has them all.",
    "zh": "有些列放不下，--json 中有全部内容。",
}
_LEAVE_OUT = (1, 2, 4, 5)  # columns, the first to go in a narrow terminal first


def table(
    comparison: Comparison,
    lang: Lang = "en",
    columns: int | None = None,
    *,
    is_whole: bool = False,
) -> str:
    """A table of up to 100 columns for each treatment, good and bad marked.

    Parameters
    ----------
    columns : int, optional
        Width of the terminal; what does not fit is left out column by column and said to be.
    is_whole : bool
        All metrics of all messages instead of the main ones.
    """
    limit = min(columns or 100, 100)
    parts = [_block(treatment, lang, limit, is_whole) for treatment in comparison.treatments]
    letters = "/".join(treatment.letter for treatment in comparison.treatments)
    legend = [_LEGEND[lang].format(b=letters)]
    if any(is_cut for _, is_cut in parts):
        legend.append(_NARROW[lang])
    return "\n\n".join([*(text for text, _ in parts), "\n".join(legend)])


def _block(treatment: Treatment, lang: Lang, limit: int, is_whole: bool) -> tuple[str, bool]:
    """The lines of one treatment, and whether columns were left out."""
    head = tuple(text.format(b=treatment.letter) for text in _HEADS[lang])
    rows = [head, *(_row(d, lang) for d in _chosen(treatment, is_whole))]
    kept = list(range(len(head)))
    for column in _LEAVE_OUT:
        if sum(_sizes(rows, kept)) + 2 * len(kept) - 2 <= limit:
            break
        kept.remove(column)
    sizes = _sizes(rows, kept)
    lines = []
    for row in rows:
        cells = zip((row[column] for column in kept), sizes, strict=True)
        lines.append("  ".join(text + " " * (size - width(text)) for text, size in cells).rstrip())
    return "\n".join(lines), len(kept) < len(head)


def _chosen(treatment: Treatment, is_whole: bool) -> Iterator[Difference]:
    """What is shown: the main metrics in their order, without those that are never defined."""
    names = [*SHOWN, *(name for name in treatment.differences if name not in SHOWN)]
    for name in names:
        metric, _, message = name.partition(":")
        is_main = metric in SHOWN_LATER if message else name in SHOWN
        difference = treatment.differences.get(name)
        if difference is not None and (is_whole or (is_main and difference.n)):
            yield difference


def _sizes(rows: list[tuple[str, ...]], kept: list[int]) -> list[int]:
    return [max(width(row[column]) for row in rows) for column in kept]


def _row(difference: Difference, lang: Lang) -> tuple[str, ...]:
    metric, message = metric_of(difference.name), difference.name.partition(":")[2]
    label = metric.label[lang] + (f" ({message})" if message else "")
    change, low, high = difference.mean, difference.bracket.low, difference.bracket.high
    text = number(change)
    if not math.isnan(low):
        text += f" [{number(low)}, {number(high)}]"
    ahead = "–" if math.isnan(difference.ahead) else f"{100 * difference.ahead:.0f} %"
    return (
        f"{_MARKS[metric.direction]} {label}", number(difference.baseline),
        number(difference.treatment), text, ahead, _more(difference, lang),
    )  # fmt: skip


def _more(difference: Difference, lang: Lang) -> str:
    """How many more pairs would decide, or what is known already."""
    if difference.verdict in _STATES:
        return _STATES[difference.verdict][lang]
    if difference.more_pairs == 0:
        return _DECIDED[lang]
    if math.isinf(difference.more_pairs):
        return f"> {number(MOST_PAIRS)}"
    if math.isnan(difference.more_pairs):
        return "–"
    return f"≈ {number(float(f'{difference.more_pairs:.2g}'))}"


def as_data(comparison: Comparison) -> dict[str, object]:
    """The comparison as plain data for JSON; an undefined or infinite number is None.

    ``differences`` gives for each metric the numbers of `Difference`, its verdict and what
    the metric is; ``values`` has one number a pair, in order of ``replicates``.
    ``more_pairs_limit``: ``more_pairs`` is None and ``is_beyond_limit`` true above it.
    """
    a = comparison.baseline
    return {
        "digest": comparison.digest,
        "engine_version": a.engine_version,
        "seed": a.seed,
        "vary": a.vary,
        "more_pairs_limit": MOST_PAIRS,
        "baseline": _arm(a, "A"),
        "treatments": [_treatment_data(treatment) for treatment in comparison.treatments],
        "notes": [_note_data(note, "") for note in comparison.notes],
    }


def _arm(result: Result, letter: str) -> dict[str, object]:
    return {
        "letter": letter,
        "scenario": result.scenario.name,
        "identity": result.identity,
        "digest": result.digest,
        "n_replicates": result.n_replicates,
        "n_users": result.n_users,
    }


def _note_data(note: Note, letter: str) -> dict[str, object]:
    return {"code": note.code, "values": dict(note.values), "text": note_words(note, letter)}


def _treatment_data(treatment: Treatment) -> dict[str, object]:
    return {
        **_arm(treatment.result, treatment.letter),
        "replicates": list(treatment.replicates),
        "messages": treatment.messages,
        "differences": {
            name: _difference_data(difference)
            for name, difference in treatment.differences.items()
        },
        "notes": [_note_data(note, treatment.letter) for note in treatment.notes],
    }


def _difference_data(difference: Difference) -> dict[str, object]:
    d, metric = difference, metric_of(difference.name)
    numbers = {
        "baseline": d.baseline, "treatment": d.treatment, "mean": d.mean, "sd": d.sd,
        "low": d.bracket.low, "high": d.bracket.high, "ahead": d.ahead,
        "ahead_low": d.ahead_low, "ahead_high": d.ahead_high, "smallest": d.smallest,
        "more_pairs": d.more_pairs, "correlation": d.correlation, "saved": d.saved,
        "relevant": d.relevant, "unseen": d.unseen,
    }  # fmt: skip
    return {
        **{name: _finite(value) for name, value in numbers.items()},
        "n": d.n, "n_more": d.n_more, "n_less": d.n_less, "method": d.bracket.method,
        "verdict": d.verdict, "is_beyond_limit": math.isinf(d.more_pairs),
        "name_in_treatment": d.name_in_treatment, "unit": metric.unit,
        "direction": metric.direction, "code": metric.code,
        "values": [_finite(float(value)) for value in d.values],
    }  # fmt: skip


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
