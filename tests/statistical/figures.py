"""Figures beside their targets: printed whether they fit or not, then compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from viralbots.experiments.summary import student_t


@dataclass(frozen=True)
class Figure:
    """A mean over runs, and what it should be.

    Attributes
    ----------
    name : str
    mean, error : float
        Mean over runs and its standard error; an error of 0 is a number without luck.
    target : float
        What the model gives; nan where it gives nothing.
    within : float
        Largest distance from the target that is still allowed; inf: shown only.
    n : int
        Runs.
    """

    name: str
    mean: float
    error: float
    target: float = math.nan
    within: float = math.inf
    n: int = 1

    @property
    def z(self) -> float:
        """Distance from the target in standard errors; nan without luck or target."""
        return (self.mean - self.target) / self.error if self.error else math.nan

    @property
    def bracket(self) -> tuple[float, float]:
        """95 % interval of the mean, by Student's t."""
        half = student_t(self.n - 1) * self.error if self.n > 1 else math.nan
        return self.mean - half, self.mean + half

    @property
    def fits(self) -> bool:
        """Whether the mean is as near to the target as is asked for."""
        return math.isinf(self.within) or abs(self.mean - self.target) <= self.within


def figure(
    name: str, values: ArrayLike, target: float = math.nan, within: float = math.inf
) -> Figure:
    """The mean of one number over runs, those left out in which it is undefined."""
    found = np.asarray(values, np.float64)
    found = found[~np.isnan(found)]
    error = float(found.std(ddof=1) / math.sqrt(len(found))) if len(found) > 1 else 0.0
    return Figure(name, float(found.mean()), error, target, within, len(found))


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print figures as a Markdown table; visible with ``pytest -s``."""
    print(f"\n{title}\n\n| figure | mean | 95 % bracket | target | difference | z |")
    print("|---|---|---|---|---|---|")
    for f in figures:
        low, high = f.bracket
        bracket = "" if math.isnan(low) else f"{low:.4g} – {high:.4g}"
        aim, away = ("", "") if math.isnan(f.target) else (f"{f.target:g}", _away(f))
        z = "" if math.isnan(f.z) else f"{f.z:+.1f}"
        print(f"| {f.name} | {f.mean:.4g} | {bracket} | {aim} | {away} | {z} |")


def _away(f: Figure) -> str:
    return f"{f.mean / f.target - 1:+.1%}" if f.target else f"{f.mean:+.2g}"


def check(title: str, figures: Sequence[Figure]) -> None:
    """Print figures, then fail with all that are too far from their targets."""
    show(title, figures)
    wrong = [
        f"{f.name}: {f.mean:.5g}, should be {f.target:g} ± {f.within:g}"
        for f in figures
        if not f.fits
    ]
    assert not wrong, "\n".join(wrong)
