"""Decided claims as sentences and as plain data, English and Chinese."""

from __future__ import annotations

import math
from typing import Any

from viralbots.experiments.claims import Decided, DecidedClaim
from viralbots.experiments.words import Lang, number
from viralbots.metrics import METRICS, metric_of
from viralbots.scenario.claims import Arm, Check, parts_of

VERDICTS: dict[str, dict[str, str]] = {
    "holds": {"en": "holds", "zh": "成立"},
    "does_not_hold": {"en": "does not hold", "zh": "不成立"},
    "undecided": {"en": "undecided", "zh": "无法判断"},
    "not_checked": {"en": "not checked", "zh": "未检验"},
}
_RELATIONS = {
    "more": (">", "大于"), "less": ("<", "小于"), "at_least": ("≥", "至少"),
    "at_most": ("≤", "至多"), "nearly_equal": ("≈", "约等于"),
}  # fmt: skip


def verdict_words(decided: DecidedClaim, lang: Lang) -> str:
    """“holds”, or “undecided after 1024 runs”."""
    word = VERDICTS[decided.verdict][lang]
    if decided.verdict != "undecided":
        return word
    return f"{word}（{decided.n}次运行后）" if lang == "zh" else f"{word} after {decided.n} runs"


def check_words(decided: Decided, lang: Lang) -> str:
    """One comparison: what, both numbers, by how much it is true with its interval, verdict."""
    check, gap = decided.check, decided.interval
    sign = _RELATIONS[check.relation][0]
    other = number(decided.against)
    if check.of != "share_of_runs":
        if check.factor != 1:
            other = f"{check.factor:g} × {other}"
        if check.by:
            side = {"more": "+", "at_most": "+", "nearly_equal": "±"}.get(check.relation, "−")
            other += f" {side} {check.by:g}"
    elif check.relation != "more":
        sign = ">"
    told = f"{quantity_words(check, lang)}: {number(decided.arm)} {sign} {other}"
    level = f"{100 * (1 - decided.error):.4g} %"
    if math.isnan(gap.low):
        told += "；次数太少，无法给出区间" if lang == "zh" else "; too few runs for an interval"
    elif lang == "zh":
        told += (
            f"；差额 {number(gap.estimate)}［{level}区间 {number(gap.low)} … {number(gap.high)}］"
        )
    else:
        told += f"; margin {number(gap.estimate)} [{level} interval {number(gap.low)} … "
        told += f"{number(gap.high)}]"
    word = VERDICTS[decided.verdict][lang]
    if lang == "zh":
        return f"{told.replace(': ', '：', 1)}；{decided.n}次运行：{word}"
    return f"{told}; {decided.n} runs: {word}"


def quantity_words(check: Check, lang: Lang) -> str:
    """What is compared, with the two arms where they differ."""
    told = _quantity(check.arm.metric or check.metric, lang)
    before = {"median": ("median of ", "中位数："), "pooled": ("all runs together, ", "合计："),
              "share_of_runs": ("share of runs with ", "满足条件的运行比例：")}  # fmt: skip
    if check.of in before:
        told = before[check.of][lang == "zh"] + told
    if check.against is None:
        return told + _arm(check.arm, lang)
    other = check.against
    vs = " 对比 " if lang == "zh" else " against "
    named = _quantity(other.metric, lang) if other.metric else ""
    first, second = _arm(check.arm, lang), named + _arm(other, lang)
    own = "文件本身" if lang == "zh" else "the file itself"
    return f"{told}{first}{vs}{second.strip() or own}"


def _quantity(text: str, lang: Lang) -> str:
    first, sign, second = parts_of(text)
    if not sign:
        return _metric(first, lang)
    return f"{_metric(first, lang)} {'−' if sign == '-' else sign} {_metric(second, lang)}"


def _metric(name: str, lang: Lang) -> str:
    base, _, message = name.partition(":")
    label = metric_of(base).label[lang] if base in METRICS else base
    if not message:
        return label
    return f"{label}（{message}）" if lang == "zh" else f"{label} ({message})"


def _arm(arm: Arm, lang: Lang) -> str:
    parts = [arm.scenario] if arm.scenario else []
    parts += [f"{path}={_value(value, lang)}" for path, value in arm.changes.items()]
    return f" [{', '.join(parts)}]" if parts else ""


def _value(value: Any, lang: Lang) -> str:
    if value == []:
        return "无" if lang == "zh" else "none"
    if isinstance(value, list):
        kinds = [str(item.get("kind", "…")) if isinstance(item, dict) else "…" for item in value]
        return "+".join(kinds)
    return str(value)


def as_data(decided: DecidedClaim) -> dict[str, Any]:
    """A decided claim as plain data; undefined numbers are None."""
    return {
        "claim": {"en": decided.claim.text.en, "zh": decided.claim.text.zh},
        "verdict": decided.verdict,
        "runs": decided.n,
        "checks": [_check_data(check) for check in decided.checks],
    }


def _check_data(decided: Decided) -> dict[str, Any]:
    gap = decided.interval
    return {
        "quantity": quantity_words(decided.check, "en"),
        "is": decided.check.relation,
        "arm": _plain(decided.arm),
        "against": _plain(decided.against),
        "factor": decided.check.factor,
        "by": decided.check.by,
        "margin": _plain(gap.estimate),
        "low": _plain(gap.low),
        "high": _plain(gap.high),
        "level": 1 - decided.error,
        "runs": decided.n,
        "verdict": decided.verdict,
    }


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
