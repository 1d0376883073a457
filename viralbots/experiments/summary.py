"""Many runs in a few numbers: the band of the runs and the bracket of their mean.

A *band* says how much single runs differ (5–95 % of them); a *bracket* says how well their
mean is known (95 % interval). They are never mixed up (model §8).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from viralbots.run import Recipe, Vary
from viralbots.scenario import Scenario

FloatArray = NDArray[np.float64]

_Z = 1.959963984540054  # 97.5 % quantile of the normal distribution
_STUDENT = (
    12.7062047, 4.3026527, 3.1824463, 2.7764451, 2.5705818, 2.4469119, 2.3646243, 2.3060041,
    2.2621572, 2.2281389, 2.2009852, 2.1788128, 2.1603687, 2.1447867, 2.1314495, 2.1199053,
    2.1098156, 2.1009220, 2.0930241, 2.0859634,
)  # fmt: skip
"""97.5 % quantiles of Student's t for 1 … 20 degrees of freedom."""


@dataclass(frozen=True)
class Summary:
    """One number over the runs in which it is defined.

    Attributes
    ----------
    mean, sd : float
        Mean and standard deviation (n − 1) over the runs; nan below 1 and 2 runs.
    p5, p50, p95 : float
        The band: quantiles of the runs, interpolated linearly; nan without runs.
    low, high : float
        The bracket: 95 % interval of the mean, by Student's t, for shares of runs by Wilson;
        nan below 2 runs.
    n : int
        Runs in which the number is defined.
    """

    mean: float
    sd: float
    p5: float
    p50: float
    p95: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Result:
    """What is kept of the replicates of one scenario.

    Attributes
    ----------
    scenario : Scenario
    identity, engine_version : str
        Identity of the scenario and the engine that ran it.
    seed : int
        Random seed of the experiment.
    vary : {"luck", "world", "both"}
        What differs between replicates.
    replicates : tuple of int
        Numbers of the replicates that were finished: 0 … n − 1 unless it was stopped.
    identities : tuple of str
        Identity of what was run in each of them; they differ where worlds do.
    seeds : tuple of int
        Run seed of each of them, ``run_seed(seed, replicate)``; all equal when only the
        world varies. (identity, run seed) is the run.
    world_seeds : tuple of int
        Seed of the world of each of them.
    digests : tuple of str
        Digest of each run.
    digest : str
        SHA-256 over them in replicate order.
    n_users : int
    values : dict of float64[n_replicates]
        Each metric by name (`viralbots.metrics.evaluate`) in replicate order.
    metrics : dict of Summary
        The same, summarised.
    curves : dict of int64[n_replicates, hours + 1]
        ``reach``, ``adopters``, ``converts`` and, where the scenario has one, ``counter``
        (adopters of counter-messages), up to the end of each hour; column 0 is before the
        start. Later messages: ``reach:name`` ….
    facts : dict
        What the maker of the (first) world tells: ``n_users``, ``kind``, for a file also
        ``n_ties`` and what was dropped (`viralbots.world.importers`).
    n_known : int
        Replicates that had been kept before and were not computed, or only compared.
    n_compared : int
        Replicates computed again and compared with what had been kept.
    differing : tuple of int
        Those of them that gave other bytes; empty as long as the promise of exactness holds.
    """

    scenario: Scenario
    identity: str
    engine_version: str
    seed: int
    vary: Vary
    replicates: tuple[int, ...]
    identities: tuple[str, ...]
    seeds: tuple[int, ...]
    world_seeds: tuple[int, ...]
    digests: tuple[str, ...]
    digest: str
    n_users: int
    values: dict[str, NDArray[np.float64]]
    metrics: dict[str, Summary]
    curves: dict[str, NDArray[np.int64]]
    facts: dict[str, object] = field(default_factory=dict)
    n_known: int = 0
    n_compared: int = 0
    differing: tuple[int, ...] = ()

    @property
    def n_replicates(self) -> int:
        """Replicates that were finished."""
        return len(self.replicates)

    def recipe(self, document: str, n_wanted: int) -> Recipe:
        """What must be kept besides the runs to have this result again.

        Parameters
        ----------
        document : str
            Text of the scenario.
        n_wanted : int
            Replicates that were asked for.
        """
        return Recipe(
            document=document,
            scenario=self.scenario.name,
            title={"en": self.scenario.title.en, "zh": self.scenario.title.zh},
            identity=self.identity,
            seed=self.seed,
            vary=self.vary,
            replicates=self.replicates,
            n_wanted=n_wanted,
            runs=tuple(zip(self.identities, self.seeds, strict=True)),
            digest=self.digest,
            engine_version=self.engine_version,
        )


def student_t(df: int) -> float:
    """97.5 % quantile of Student's t; error below 1e-6.

    >>> round(student_t(4), 4), round(student_t(99), 4)
    (2.7764, 1.9842)
    """
    if df <= len(_STUDENT):
        return _STUDENT[df - 1]
    z2 = _Z * _Z  # Cornish–Fisher expansion, Abramowitz & Stegun 26.7.5
    g1 = (z2 + 1) / 4
    g2 = ((5 * z2 + 16) * z2 + 3) / 96
    g3 = (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384
    g4 = ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160
    return _Z * (1 + g1 / df + g2 / df**2 + g3 / df**3 + g4 / df**4)


def wilson(hits: float, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927).

    Unlike Student's t it stays between 0 and 1, and says that ten hits in ten runs do not
    prove a share of 1.

    >>> low, high = wilson(10, 10)
    >>> round(low, 4), round(high, 4)
    (0.7225, 1.0)
    """
    z2, share = _Z * _Z, hits / n
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def summarise(values: Sequence[float] | FloatArray, *, is_yes_or_no: bool = False) -> Summary:
    """Summary of one number over runs; runs in which it is nan are left out.

    Parameters
    ----------
    values : sequence of float
    is_yes_or_no : bool
        Values are 0 or 1, the mean is a share of runs.

    Examples
    --------
    >>> s = summarise([1.0, 2.0, 3.0, float("nan")])
    >>> s.mean, s.sd, s.n, round(s.low, 3)
    (2.0, 1.0, 3, -0.484)
    """
    defined = [float(v) for v in values if not math.isnan(v)]
    n, nan = len(defined), math.nan
    if not n:
        return Summary(nan, nan, nan, nan, nan, nan, nan, 0)
    mean = math.fsum(defined) / n  # exactly rounded, so the order of runs cannot matter
    p5, p50, p95 = (float(q) for q in np.quantile(defined, (0.05, 0.5, 0.95)))
    if n == 1:
        return Summary(mean, nan, p5, p50, p95, nan, nan, 1)
    sd = math.sqrt(math.fsum((v - mean) ** 2 for v in defined) / (n - 1))
    if is_yes_or_no:
        return Summary(mean, sd, p5, p50, p95, *wilson(math.fsum(defined), n), n)
    half = student_t(n - 1) * sd / math.sqrt(n)
    return Summary(mean, sd, p5, p50, p95, mean - half, mean + half, n)


def band(curve: NDArray[np.int64]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The band of a curve over runs.

    Parameters
    ----------
    curve : int64[runs, hours + 1]

    Returns
    -------
    (p5, median, p95) : float64[hours + 1] each
        Quantiles of the runs, hour by hour.
    """
    p5, median, p95 = np.quantile(np.asarray(curve, np.float64), (0.05, 0.5, 0.95), axis=0)
    return p5, median, p95
