"""Deciding what a scenario claims of itself, on replicates (`viralbots.scenario.claims`).

Looks are taken at 64, 256 and 1 024 runs; arms of equal run seed share their luck. The error of
.01 is split evenly over the looks and over all comparisons of the file, so the chance that one
of its claims is decided wrongly is at most .01, whatever the number of claims. A comparison
*holds* where its interval at that level lies wholly on the side claimed, *does not hold* where
it lies wholly on the other, and is *undecided* otherwise; a claim holds where all its
comparisons do, and does not where one does not. Runs that are kept are not computed again, so
a second call resumes the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from viralbots.errors import Problem, ScenarioError
from viralbots.experiments.claim_figures import Sample, figure_of
from viralbots.experiments.claim_interval import Interval
from viralbots.experiments.claim_samples import Means, sample_of
from viralbots.scenario import Scenario, load, override
from viralbots.scenario.claims import Arm, Check, Claim
from viralbots.scenario.file import suggest, suggestion

LOOKS = (64, 256, 1024)
ERROR = 0.01
Verdict = Literal["holds", "does_not_hold", "undecided", "not_checked"]


@dataclass(frozen=True)
class Decided:
    """One comparison of a claim.

    Attributes
    ----------
    check : Check
    verdict : {"holds", "does_not_hold", "undecided"}
    arm, against : float
        The two numbers as they came out (``against`` is the value, where one is given).
    interval : Interval
        Of the amount by which the claim is true: arm − (factor × against ± by); of
        *nearly_equal* arm − factor × against, of a share of runs that share.
    n : int
        Runs looked at.
    error : float
        Of the interval: its level is 1 − error.
    """

    check: Check
    verdict: Verdict
    arm: float
    against: float
    interval: Interval
    n: int
    error: float


@dataclass(frozen=True)
class DecidedClaim:
    """A claim and what became of it; *not_checked* where it makes no comparison."""

    claim: Claim
    verdict: Verdict
    checks: tuple[Decided, ...]

    @property
    def n(self) -> int:
        """Runs looked at."""
        return max((check.n for check in self.checks), default=0)


@dataclass
class Court:
    """What deciding needs: where scenarios come from, and where runs are kept.

    Attributes
    ----------
    library : callable
        Name → scenario, for arms that name another one.
    means : Means
    """

    library: Callable[[str], Scenario]
    means: Means = field(default_factory=Means)
    _scenarios: dict[str, Scenario] = field(default_factory=dict)
    _samples: dict[tuple[str, int, tuple[int, ...]], Sample] = field(default_factory=dict)

    def arm(self, scenario: Scenario, arm: Arm) -> Scenario:
        """The scenario of an arm."""
        if arm.scenario is not None:
            if arm.scenario not in self._scenarios:
                self._scenarios[arm.scenario] = self.library(arm.scenario)
            scenario = self._scenarios[arm.scenario]
        return override(scenario, arm.changes) if arm.changes else scenario

    def sample(self, scenario: Scenario, n: int, trees: Sequence[int] | None) -> Sample:
        """The numbers of n runs of a scenario, looked up or computed."""
        key = (scenario.figures_identity, n, tuple(trees or ()))
        if key not in self._samples:
            self._samples[key] = sample_of(scenario, n, tuple(trees or ()), self.means)
        return self._samples[key]


def library_of(paths: dict[str, str]) -> Callable[[str], Scenario]:
    """Scenarios by name, out of files.

    Parameters
    ----------
    paths : dict
        Name → path.
    """

    def find(name: str) -> Scenario:
        if name not in paths:
            text = f"no scenario is called {name!r}{suggest(name, paths)}"
            values = {"name": name, **suggestion(name, paths)}
            raise ScenarioError("claims", [Problem("", "unknown_scenario", text, values)])
        return load(paths[name])

    return find


def decide(
    scenario: Scenario, court: Court, looks: Sequence[int] = LOOKS
) -> Iterator[DecidedClaim]:
    """Decide the claims of a scenario, one after the other.

    Parameters
    ----------
    looks : sequence of int
        Numbers of runs after which it is looked.

    Raises
    ------
    ScenarioError
        A metric or a scenario that does not exist, or an arm that is not possible.
    """
    n_checks = sum(len(claim.check) for claim in scenario.claims)
    error = ERROR / (len(LOOKS) * max(1, n_checks))
    for claim in scenario.claims:
        yield _decide(scenario, claim, court, looks, error)


def _decide(
    scenario: Scenario, claim: Claim, court: Court, looks: Sequence[int], error: float
) -> DecidedClaim:
    if not claim.check:
        return DecidedClaim(claim, "not_checked", ())
    found: list[Decided] = []
    for check in claim.check:
        found.append(_look(scenario, check, court, looks, error))
    verdicts = [decided.verdict for decided in found]
    verdict: Verdict = "holds"
    if "undecided" in verdicts:
        verdict = "undecided"
    if "does_not_hold" in verdicts:
        verdict = "does_not_hold"
    return DecidedClaim(claim, verdict, tuple(found))


def _look(
    scenario: Scenario, check: Check, court: Court, looks: Sequence[int], error: float
) -> Decided:
    """Look at more and more runs until the comparison is decided."""
    decided: Decided | None = None
    for n in looks:
        arm = court.sample(court.arm(scenario, check.arm), n, check.trees)
        other = base = None
        if check.against is not None:
            other = court.sample(court.arm(scenario, check.against), n, check.trees)
        if check.baseline is not None:
            base = court.sample(court.arm(scenario, check.baseline), n, check.trees)
        one, two, interval = figure_of(check, arm, other, base, error)
        decided = Decided(check, verdict_of(check, interval), one, two, interval, n, error)
        if decided.verdict != "undecided":
            return decided
    assert decided is not None, "looks must not be empty"
    return decided


def verdict_of(check: Check, interval: Interval) -> Verdict:
    """What an interval says of a comparison (`Decided.interval`)."""
    low, high = interval.low, interval.high
    if np.isnan(low) or np.isnan(high):
        return "undecided"
    if check.relation == "nearly_equal" and check.of != "share_of_runs":
        if -check.by < low and high < check.by:
            return "holds"
        return "does_not_hold" if low > check.by or high < -check.by else "undecided"
    if check.relation in ("at_least", "at_most") and low == high == 0:
        return "holds"
    if low > 0:
        return "holds"
    return "does_not_hold" if high < 0 or low == high == 0 else "undecided"
