"""One row of a watch log, worked out again from the decision table.

Every decision is recomputed term by term and every draw from its address
(docs/exactness.md); a sum, a draw or a veto that is not exactly the kernel's is an error of
the program.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from viralbots import draws, exact
from viralbots.draws import address, fold
from viralbots.engine.lever_tables import novelty_at
from viralbots.experiments.case import Case, ReplayMismatch, Row
from viralbots.experiments.terms import Decision, MutationStory, VetoStory, term_values
from viralbots.interventions.levers import Adjustment, Veto
from viralbots.rules import main_rule
from viralbots.rules.main_rule import Term
from viralbots.trace import FLAGS
from viralbots.world.message import message_id
from viralbots.world.world import CHANNELS

__all__ = ["Case", "ReplayMismatch", "Row", "check_veto", "decisions_of", "vetoes_of"]

BRAND_KEY = (1 << 64) - 1
CODES = {"read": draws.READ, "detect": draws.DETECT, "convert": draws.CONVERT,
         "forward": draws.FORWARD, "react": draws.REACT}  # fmt: skip


def _fits(lever: Adjustment | Veto, message: str, channel: str) -> bool:
    return message in (lever.messages or (message,)) and channel in (lever.channels or (channel,))


def decisions_of(
    case: Case, row: Row, forwarded: Collection[str] = frozenset()
) -> tuple[Decision, ...]:
    """The decisions taken at a delivery, in the order taken.

    Parameters
    ----------
    forwarded : collection of str
        Messages that she has passed on before: none turns into one of them.
    """
    _, message = case.message(row)
    variables = _variables(case, row)
    made = []
    for word in CODES:
        if row[f"{word}_draw"] < 0:
            continue
        name = "fall" if word == "convert" and message.phishing else word
        channel = CHANNELS[row["out_channel" if word == "forward" else "channel"]]
        decision = _decision(case, row, name, channel, variables)
        _check(row, word, decision)
        if word == "forward" and decision.outcome:
            decision = replace(decision, mutation=_mutation(case, row, forwarded))
        made.append(decision)
    return tuple(made)


def _mutation(case: Case, row: Row, forwarded: Collection[str]) -> MutationStory | None:
    """Whether what she passes on turns into its variant; None where it has none."""
    name, message = case.message(row)
    if message.variant is None:
        return None
    probability = int(exact.to_fixed(message.mutation, exact.PROB_BITS))
    draw = fold(_own(case, row), draws.MUTATION) >> 32
    happened = draw < probability and message.variant not in forwarded
    return MutationStory(message.variant, probability, draw, happened)


def _decision(
    case: Case, row: Row, name: str, channel: str, variables: dict[str, int]
) -> Decision:
    code = CODES["convert" if name == "fall" else name]
    occasion = 0 if name == "forward" else row["repeat"] << 8
    draw = fold(_pair(case, row), occasion | code) >> 32
    cells, terms = _terms(case, row, name, channel)
    _, message = case.message(row)
    properties = {k: float(v) for k, v in message if isinstance(v, int | float)}
    properties["novelty"] = novelty_at(message, row["minute"])
    values = term_values(terms, cells, variables, properties)
    log_odds = sum(value.contribution for value in values)
    stage = {"convert": "convert", "fall": "convert", "forward": "forward"}.get(name)
    vetoes = vetoes_of(case, row, stage, channel) if stage else ()
    probability = exact.sigmoid(log_odds)
    succeeded = draw < probability
    outcome = succeeded and not any(veto.succeeded for veto in vetoes)
    return Decision(
        name, values, log_odds, probability, draw, succeeded, vetoes, outcome, variables
    )


def _terms(case: Case, row: Row, name: str, channel: str) -> tuple[dict[str, float], list[Term]]:
    """Cells and terms of a decision as of this minute, for this user."""
    word, message = case.message(row)
    active = tuple(
        a for a in case.active(row["minute"])
        if isinstance(a, Adjustment) and _fits(a, word, channel)
        and case.is_member(a.users, row["user"])
    )  # fmt: skip
    novelty = novelty_at(message, row["minute"])
    base = "group" if row["flags"] & FLAGS["group"] else ""
    base = base or ("footer" if row["flags"] & FLAGS["footer"] else "")
    key = (name, word, channel, active, novelty, base if name == "read" else "")
    if key not in case.known:
        cells = case.scenario.cells
        for a in active:
            cells[a.cell] = cells[a.cell] * a.scale + a.offset
        terms = main_rule.terms(name, message, channel, cells, novelty)
        if name == "read" and base:  # takes the place of the constant
            own = int(exact.to_fixed(cells[f"read.{base}"], exact.LOG_ODDS_BITS))
            rest = [term for term in terms if term.cell != "read.const"]
            terms = [Term(f"read.{base}", own)] * bool(own) + rest
        case.known[key] = cells, terms
    return case.known[key]


def _variables(case: Case, row: Row) -> dict[str, int]:
    """Variables of the decision table at this delivery (docs/exactness.md)."""
    people, user = case.world.population, row["user"]
    _, message = case.message(row)
    tie = main_rule.tie_value(row["level"])
    reputation = int(people.reputation[user])
    return {
        "tie": tie,
        "fatigue": row["fatigue"],
        "repeats": max(0, row["r"] - 2),
        "skill": int(people.detection[user]),
        "senders": main_rule.senders_value(row["n"]),
        "match": min(int(case.topics[message.topic][user]), 4095),
        "aware": row["aware"],
        "paid_distance": (1 << exact.TIE_BITS) - tie if row["flags"] & FLAGS["paid"] else 0,
        "distrust": row["distrust"],
        "threat": int(people.threat[user]),
        "reputation": reputation,
        "reputation_aware": reputation * row["aware"],
        "deceived": row["deceived"],
        "was_read": row["was_read"],
        "using": row["using"],
        "not_using": row["not_using"],
        "rival_using": row["rival_using"],
        "paid": int(row["flags"] & FLAGS["paid"] > 0),
    }


def _own(case: Case, row: Row) -> int:
    """The address of (user, message)."""
    name, _ = case.message(row)
    return address(case.run_seed, message_id(name), int(case.world.population.key[row["user"]]))


def _pair(case: Case, row: Row) -> int:
    """The address of (user, message, sender)."""
    key = case.world.population.key
    sender = int(key[row["source"]]) if row["source"] >= 0 else BRAND_KEY
    return fold(_own(case, row) ^ draws.SENDER, sender)


def vetoes_of(case: Case, row: Row, stage: str, channel: str) -> tuple[VetoStory, ...]:
    """Vetoes of a stage in slot order, up to the first that succeeds."""
    name, message = case.message(row)
    active = case.active(row["minute"])
    candidates: list[tuple[int, str, float]] = []
    if stage == "convert" and message.is_campaign:
        weight = message.ad_intensity + case.scenario.cells["recall.half"]
        candidates.append((0, "recall", 1 - message.ad_intensity / weight if weight > 0 else 0.0))
    candidates += [
        (slot, lever.name, lever.prob)
        for slot, lever in enumerate(case.slots, 1)
        if lever.stage == stage and any(lever is a for a in active) and _fits(lever, name, channel)
        and case.is_member(lever.users, row["user"]) and _is_marked(lever, row)
    ]  # fmt: skip
    occasion, found = 0 if stage == "forward" else row["repeat"] << 8, []
    for slot, word, p in candidates:
        probability = int(exact.to_fixed(p, exact.PROB_BITS))
        draw = fold(_pair(case, row), occasion | (draws.VETO + slot)) >> 32
        if probability > 0:
            found.append(VetoStory(word, slot, probability, draw, draw < probability))
        if draw < probability:
            break
    return tuple(found)


def _is_marked(veto: Veto, row: Row) -> bool:
    """Whether a veto looks at such a delivery."""
    return not veto.marks or any(row["flags"] & FLAGS[mark] for mark in veto.marks)


# -- what the kernel had -------------------------------------------------------------------


def _check(row: Row, word: str, decision: Decision) -> None:
    """The replay must have come to what the kernel logged, to the last bit."""
    for what, found, logged in (
        ("log-odds", decision.log_odds, row[f"{word}_x"]),
        ("draw", decision.draw, row[f"{word}_draw"]),
    ):
        if found != logged:
            raise ReplayMismatch(_mismatch(row, f"{what} of {word}", found, logged))
    if word in ("convert", "forward"):
        check_veto(row, decision.vetoes if decision.succeeded else (), row[f"{word}_veto"])


def check_veto(row: Row, vetoes: tuple[VetoStory, ...], logged: int) -> str | None:
    """Name of the veto that succeeded, if any."""
    winner = next((veto for veto in vetoes if veto.succeeded), None)
    slot = -1 if winner is None else winner.slot
    if slot != logged:
        raise ReplayMismatch(_mismatch(row, "veto slot", slot, logged))
    return None if winner is None else winner.name


def _mismatch(row: Row, what: str, found: int, logged: int) -> str:
    return (
        f"replay of user {row['user']}, minute {row['minute']}: {what} is {found}, but the "
        f"engine had {logged}; please report this with the scenario and the seed"
    )
