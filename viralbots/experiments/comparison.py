"""Two or more scenarios with common seeds: each against the first, pair by pair.

Runs of equal replicate number had the same luck wherever the difference between the
scenarios does not touch it (`viralbots.draws`), so their difference varies much less than
runs do. A pair is a run of the baseline and the run of the treatment with the same number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from viralbots.errors import ExperimentError
from viralbots.experiments.comparison_notes import LUCK_IS_LOST, Note, notes_of
from viralbots.experiments.difference import Difference, difference_of
from viralbots.experiments.summary import Result
from viralbots.metrics import METRICS

LETTERS = "ABCDEF"


@dataclass(frozen=True, eq=False)
class Treatment:
    """One scenario compared with the baseline.

    Attributes
    ----------
    letter : str
        ``B`` … ``F``; the baseline is ``A``.
    result : Result
    replicates : tuple of int
        Numbers of the replicates that both have: the pairs, in order.
    messages : dict of str
        Message of the baseline → message of the treatment that it is compared with.
    differences : dict of Difference
        By the baseline's name of the metric.
    notes : tuple of Note
    """

    letter: str
    result: Result
    replicates: tuple[int, ...]
    messages: dict[str, str]
    differences: dict[str, Difference]
    notes: tuple[Note, ...]

    @property
    def has_common_luck(self) -> bool:
        """Whether the pairs share draws worth speaking of."""
        return not {note.code for note in self.notes} & LUCK_IS_LOST


@dataclass(frozen=True, eq=False)
class Comparison:
    """What `compare` found.

    Attributes
    ----------
    baseline : Result
    treatments : tuple of Treatment
    notes : tuple of Note
        About all of them; those about one are in `Treatment.notes`.
    digest : str
        SHA-256 over the digests of the results in order.
    """

    baseline: Result
    treatments: tuple[Treatment, ...]
    notes: tuple[Note, ...]
    digest: str

    @property
    def results(self) -> tuple[Result, ...]:
        """All arms, the baseline first."""
        return self.baseline, *(treatment.result for treatment in self.treatments)


def compare(
    results: Sequence[Result], *, relevant: Mapping[str, float] | None = None
) -> Comparison:
    """Compare the first of several results with each of the others.

    Every bracket stands for itself: with many numbers, or more than two arms, about one in
    twenty misses by luck, and nothing is corrected for that.

    Parameters
    ----------
    results : sequence of Result
        2 to 6 arms, the baseline first, with the same seed and the same ``vary``.
    relevant : mapping, optional
        Metric → smallest difference that would matter.

    Raises
    ------
    ExperimentError
        The arms cannot be compared; says why and what to run again.
    """
    relevant = {} if relevant is None else relevant
    _check(results, relevant)
    baseline, others = results[0], results[1:]
    treatments = tuple(
        _treatment(baseline, result, letter, relevant)
        for letter, result in zip(LETTERS[1:], others, strict=False)
    )
    digests = "\n".join(result.digest for result in results)
    return Comparison(
        baseline, treatments, (Note("uncorrected"),), hashlib.sha256(digests.encode()).hexdigest()
    )


def _check(results: Sequence[Result], relevant: Mapping[str, float]) -> None:
    if not 2 <= len(results) <= len(LETTERS):
        raise ExperimentError(
            f"results: must be 2 to {len(LETTERS)}, got {len(results)}; "
            "compare some of them at a time",
            "number_of_arms", ge=2, le=len(LETTERS), got=len(results),
        )  # fmt: skip
    for letter, result in zip(LETTERS[1:], results[1:], strict=False):
        _check_pair(results[0], result, letter)
    for name, value in relevant.items():
        if name.split(":", 1)[0] not in METRICS:
            text = f"relevant: there is no metric {name!r}; see viralbots.METRICS"
            raise ExperimentError(text, "unknown_metric", name=name)
        if not value > 0:
            text = f"relevant: {name} must be greater than 0, got {value}; leave it out"
            raise ExperimentError(text, "relevant_not_positive", name=name, got=value)


def _check_pair(a: Result, b: Result, letter: str) -> None:
    """Refuse two results whose runs are not pairs."""
    if a.engine_version != b.engine_version:
        raise ExperimentError(
            f"engine_version: A was run by engine {a.engine_version}, {letter} by "
            f"{b.engine_version}; results of two engines are not compared, re-run both",
            "engines_differ", letter=letter, first=a.engine_version, other=b.engine_version,
        )  # fmt: skip
    if a.seed != b.seed:
        raise ExperimentError(
            f"seed: A was run with {a.seed}, {letter} with {b.seed}; pairs need the same luck, "
            "so run one of them again with the seed of the other",
            "seeds_differ", letter=letter, first=a.seed, other=b.seed,
        )  # fmt: skip
    if a.vary != b.vary:
        raise ExperimentError(
            f"vary: {a.vary!r} for A, {b.vary!r} for {letter}; run one of them again with the "
            "vary of the other",
            "varies_differ", letter=letter, first=a.vary, other=b.vary,
        )  # fmt: skip
    if not set(a.replicates) & set(b.replicates):
        raise ExperimentError(
            f"replicates: A and {letter} have none in common; run the missing ones",
            "no_common_replicates", letter=letter,
        )  # fmt: skip


def _treatment(a: Result, b: Result, letter: str, relevant: Mapping[str, float]) -> Treatment:
    common, *rows = np.intersect1d(a.replicates, b.replicates, True, return_indices=True)
    messages = _partners(a.scenario.message_names, b.scenario.message_names)
    differences = {}
    for name, other in _matching(a, b, messages):
        differences[name] = difference_of(
            name, a.values[name][rows[0]], b.values[other][rows[1]], name_in_treatment=other,
            relevant=relevant.get(name, np.nan),
        )  # fmt: skip
    notes = tuple(notes_of(a, b, len(common), messages))
    return Treatment(letter, b, tuple(common.tolist()), messages, differences, notes)


def _partners(ours: Sequence[str], theirs: Sequence[str]) -> dict[str, str]:
    """Messages to compare: those of one name, then the first with the first."""
    found = {name: name for name in ours if name in theirs}
    if ours[0] not in found and theirs[0] not in found:
        found[ours[0]] = theirs[0]
    return found


def _matching(a: Result, b: Result, messages: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Names of the metrics that both have, as each of them calls it."""
    first, their_first = a.scenario.message_names[0], b.scenario.message_names[0]
    for name in a.values:
        metric, _, message = name.partition(":")
        partner = messages.get(message or first)
        other = metric if partner == their_first else f"{metric}:{partner}"
        if partner is not None and other in b.values:
            yield name, other
