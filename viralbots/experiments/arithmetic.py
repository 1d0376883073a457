"""One decision as arithmetic: terms, sum, chance, draw; and what would have turned it."""

from __future__ import annotations

import math

from viralbots.experiments import story_words as words
from viralbots.experiments.decision import ONE, Decision, MutationStory, TermValue
from viralbots.experiments.flips import Flip, what_would_change
from viralbots.experiments.story_words import of, percent, sentence_of, veto_name, veto_words
from viralbots.experiments.words import Lang


def why(decision: Decision, lang: Lang = "en") -> list[str]:
    """The arithmetic of a decision as aligned lines: weight × value = contribution.

    Terms that came to nothing are named together in one line.
    """
    lines = [of(words.TITLES[decision.name], lang)]
    lines += [_line(term, lang) for term in decision.terms if term.contribution]
    empty = [of(words.QUANTITIES[t.quantity], lang) for t in decision.terms
             if not t.contribution and t.quantity]  # fmt: skip
    if empty:
        told = ("nothing from: ", "没有影响：")
        lines.append(" " * 21 + _signed(0.0) + "  " + of(told, lang)
                     + ("、" if lang == "zh" else ", ").join(empty))  # fmt: skip
    lines.append(" " * 20 + "─" * 9)
    return lines + _verdict(decision, lang)


def _signed(value: float) -> str:
    """A number of eight characters with a real minus sign."""
    text = f"{value:+8.3f}" if round(value, 3) else f"{0:8.3f}"
    return text.replace("-", "\N{MINUS SIGN}")


def _line(term: TermValue, lang: Lang) -> str:
    """“weight × value = contribution  group  sentence (quantity amount)”."""
    width = 4 if lang == "zh" else 10
    group = of(words.GROUPS[term.group], lang)
    pad = " " * (width - (2 * len(group) if lang == "zh" else len(group)))
    told = sentence_of(term.cell, lang)
    if term.quantity is not None:
        name, amount = (
            of(words.QUANTITIES[term.quantity], lang),
            amount_text(term.amount, term.quantity, lang),
        )
        told += f"（{name}：{amount}）" if lang == "zh" else f" ({name}: {amount})"
    return (f"{_signed(term.weight)} × {term.factor:8.3f} = {_signed(term.contribution / ONE)}"
            f"  {group}{pad}  {told}").replace(" -", " \N{MINUS SIGN}")  # fmt: skip


def amount_text(amount: float, quantity: str, lang: str) -> str:
    """A quantity for reading: yes or no, whole numbers, or two decimals.

    >>> amount_text(3.0, "senders", "en"), amount_text(0.126, "tie", "en")
    ('3', '0.13')
    >>> amount_text(1.0, "aware", "zh")
    '是'
    """
    if quantity in words.YES_OR_NO:
        return of(("yes", "是") if amount else ("no", "否"), lang)
    text = f"{amount:.0f}" if amount == int(amount) else f"{amount:.2f}"
    return text.replace("-", "\N{MINUS SIGN}")


def _verdict(decision: Decision, lang: Lang) -> list[str]:
    """The sum, its probability, the draw, the vetoes, the outcome."""
    total = _signed(decision.log_odds / ONE).strip()
    p, draw = (f"{value / 2**32:.4f}" for value in (decision.probability, decision.draw))
    sign = "<" if decision.succeeded else "≥"
    done = of(words.DONE[decision.name][not decision.outcome], lang)
    odds = of(("log-odds", "对数几率"), lang)
    shown = percent(decision.probability, lang)
    told = of((f"; σ({total}) = {p} ({shown})", f"；σ({total}) = {p}（{shown}）"), lang)
    lines = [f"{' ' * 21}{_signed(decision.log_odds / ONE)}  {odds}{told}"]
    lines.append(of((f"draw {draw} {sign} {p}", f"随机数{draw} {sign} {p}"), lang))
    if decision.succeeded:
        for veto in decision.vetoes:
            lines.append(_veto_line(veto.name, veto.probability, veto.draw, lang))
    if decision.mutation is not None:
        lines.append(_mutation_line(decision.mutation, lang))
    return [*lines, f"→ {done}"]


def _mutation_line(mutation: MutationStory, lang: Lang) -> str:
    """Whether it went on as its variant."""
    p, d = f"{mutation.probability / 2**32:.4f}", f"{mutation.draw / 2**32:.4f}"
    is_below, name = mutation.draw < mutation.probability, mutation.variant
    told = ("it went on as it was", "原样转发")
    if mutation.happened:
        told = (f"passed on as its variant {name}", f"作为变体{name}转发")
    elif is_below:
        told = (f"{name} had been passed on already", f"{name}已经转发过，原样转发")
    sign = "<" if is_below else "≥"
    return of((f"mutation ({name}): draw {d} {sign} {p}, {told[0]}",
               f"变异（{name}）：随机数{d} {sign} {p}，{told[1]}"), lang)  # fmt: skip


def _veto_line(name: str, probability: int, draw: int, lang: Lang) -> str:
    p, d = f"{probability / 2**32:.4f}", f"{draw / 2**32:.4f}"
    sign = "<" if draw < probability else "≥"
    told = veto_words(name, lang) if draw < probability else of(("it let it pass", "放行"), lang)
    named = of(words.VETO_LABELS.get(name, (name, name)), lang)
    if lang == "zh":
        return f"否决（{named}）：随机数{d} {sign} {p}，{told}"
    return f"veto ({named}): draw {d} {sign} {p}, {told}"


def changes(decision: Decision, lang: Lang = "en", most: int = 3) -> list[str]:
    """What would have turned it, the easiest first, each alone and all else being equal.

    Parameters
    ----------
    most : int
        At most so many sentences.
    """
    flips = what_would_change(decision)
    if flips and flips[0].cell is None:
        name = veto_name(str(flips[0].veto), lang)
        return [of((f"It would have gone through but for {name}.",
                    f"要不是{name}，结果就会相反。"), lang)]  # fmt: skip
    told = [_change(flip, lang) for flip in flips if flip.amount is not None]
    if not told:
        told = [_cell_change(flip, lang) for flip in flips if math.isfinite(flip.size)]
    return list(dict.fromkeys(told))[:most]


def _change(flip: Flip, lang: Lang) -> str:
    assert flip.quantity is not None and flip.amount is not None and flip.amount_now is not None
    name = of(words.QUANTITIES[flip.quantity], lang)
    now = amount_text(flip.amount_now, flip.quantity, lang)
    then = amount_text(flip.amount, flip.quantity, lang)
    if now == then:  # closer than two decimals show
        now, then = f"{flip.amount_now:.6f}", f"{flip.amount:.6f}"
    return _other_way(f"{name}: {then}", f"{name}为{then}", now, flip.veto, lang)


def _cell_change(flip: Flip, lang: Lang) -> str:
    assert flip.weight is not None and flip.coefficient is not None
    weight = f"{flip.weight:.3f}".replace("-", "\N{MINUS SIGN}")
    en, zh = f"the cell {flip.cell} {weight}", f"系数{flip.cell}为{weight}"
    return _other_way(en, zh, "", flip.veto, lang)


def _other_way(en: str, zh: str, now: str, veto: str | None, lang: Lang) -> str:
    """One sentence; where a veto would have stopped it all the same, it says so."""
    if lang == "zh":
        than = f"（实际{now}）" if now else ""
        still = f"（只是随后仍会因{veto_name(veto, lang)}而作罢）" if veto else ""
        return f"若{zh}{than}，结果就会相反{still}。"
    than = f" instead of {now}" if now else ""
    still = f", only to be stopped by {veto_name(veto, lang)}" if veto else ""
    return f"It would have gone the other way with {en}{than}{still}."
