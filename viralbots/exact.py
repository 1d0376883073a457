"""Numbers that are the same bytes on every machine (model §2, *Exactness*).

numpy's ``exp`` and ``log`` change bits with the instruction set, so everything that
decides is built from ``+ − × /``, comparisons and integers, which IEEE 754 fixes.
The tables below are computed once, on first use, from such operations only; a test
pins their SHA-256, so that a platform which differs is noticed instead of believed.

Units
-----
Log-odds, fatigue and distrust are integers in units of 2**-20 (`LOG_ODDS_BITS`).
Probabilities are integers in units of 2**-32 (`PROB_BITS`): 0 never, 2**32 always.
Attributes between 0 and 1 are integers in units of 2**-12 (`ATTR_BITS`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

LOG_ODDS_BITS = 20
PROB_BITS = 32
ATTR_BITS = 12
TIE_BITS = 16
N_QUANTILES = 4096
SIGMOID_LIMIT = 16
SIGMOID_STEPS = 64  # per unit of log-odds
TIE_LEVELS = 240  # a tie strength w is stored as round(240 w)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_LN2_HIGH = 0.6931471803691238  # its last 21 bits are zero: k × it is exact for |k| < 2**20
_LN2_LOW = 1.9082149292705877e-10


def exp(x: FloatArray | float) -> FloatArray:
    """Exponential from additions and multiplications only; relative error below 1e-15."""
    x = np.asarray(x, dtype=np.float64)
    k = np.rint(x / (_LN2_HIGH + _LN2_LOW))
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    total = np.ones_like(r)
    for i in range(18, 0, -1):
        total = 1.0 + total * (r / i)
    return np.ldexp(total, k.astype(np.int64))


def log(x: FloatArray | float) -> FloatArray:
    """Natural logarithm from the atanh series; absolute error below 1e-15."""
    mantissa, exponent = np.frexp(np.asarray(x, dtype=np.float64))
    low = mantissa < 0.7071067811865476
    mantissa = np.where(low, mantissa * 2.0, mantissa)
    exponent = exponent - low
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square = s * s
    total = np.zeros_like(s)
    for i in range(27, 0, -2):
        total = total * square + 1.0 / i
    return exponent * _LN2_HIGH + (2.0 * s * total + exponent * _LN2_LOW)


def to_fixed(x: FloatArray | float, bits: int) -> IntArray:
    """Round to an integer in units of ``2**-bits`` (halves to even)."""
    return np.rint(np.ldexp(np.asarray(x, dtype=np.float64), bits)).astype(np.int64)


def midpoints() -> FloatArray:
    """The probabilities (i + ½)/4096 at which every quantile table is taken."""
    return (np.arange(N_QUANTILES) + 0.5) / N_QUANTILES


def _bisect(cdf: Callable[[FloatArray], FloatArray], low: float, high: float) -> FloatArray:
    """Invert an increasing function at the midpoints by 60 halvings."""
    target = midpoints()
    a = np.full(N_QUANTILES, low)
    b = np.full(N_QUANTILES, high)
    for _ in range(60):
        middle = (a + b) * 0.5
        below = cdf(middle) < target
        a = np.where(below, middle, a)
        b = np.where(below, b, middle)
    return (a + b) * 0.5


def _frozen(array: NDArray) -> NDArray:
    array.setflags(write=False)
    return array


def _normal_cdf(z: FloatArray) -> FloatArray:
    """Φ(z) for |z| ≤ 4 by its Taylor series in z (Marsaglia 2004)."""
    total = z.copy()
    term = z.copy()
    square = z * z
    for i in range(3, 121, 2):
        term = term * (square / i)
        total = total + term
    return 0.5 + total * exp(-0.5 * square - 0.9189385332046727)


@cache
def normal_quantiles() -> FloatArray:
    """Standard normal quantiles, float64[4096]."""
    return _frozen(_bisect(_normal_cdf, -4.0, 4.0))


@cache
def beta22_quantiles() -> IntArray:
    """Quantiles of Beta(2, 2), int64[4096] in units of 2**-12 (model §1: m, ρ)."""
    return _frozen(to_fixed(_bisect(lambda x: x * x * (3.0 - 2.0 * x), 0.0, 1.0), ATTR_BITS))


@cache
def beta_threat_quantiles() -> IntArray:
    """Quantiles of Beta(1.2, 3), int64[4096] in units of 2**-12 (model §1: η)."""

    def cdf(x: FloatArray) -> FloatArray:
        power = exp(1.2 * log(np.maximum(x, 1e-300)))
        integral = power * (1.0 / 1.2 - 2.0 * x / 2.2 + x * x / 3.2)
        whole = 1.0 / 1.2 - 2.0 / 2.2 + 1.0 / 3.2
        return integral / whole

    return _frozen(to_fixed(_bisect(cdf, 0.0, 1.0), ATTR_BITS))


@lru_cache(maxsize=64)
def lognormal_quantiles(mu: float, sigma: float) -> FloatArray:
    """Quantiles of a lognormal with log-mean ``mu`` and log-sd ``sigma``, float64[4096]."""
    return _frozen(exp(mu + sigma * normal_quantiles()))


@cache
def sigmoid_table() -> IntArray:
    """σ at −16, −16 + 1/64, …, 16 in units of 2**-32, int64[2049] (model §2)."""
    x = np.arange(-SIGMOID_LIMIT * SIGMOID_STEPS, SIGMOID_LIMIT * SIGMOID_STEPS + 1)
    return _frozen(to_fixed(1.0 / (1.0 + exp(-x / SIGMOID_STEPS)), PROB_BITS))


def sigmoid(log_odds: int) -> int:
    """Probability in units of 2**-32 of integer log-odds: linear interpolation, error 3e-6.

    Below −16 the probability is exactly 0 and from 16 on exactly 1, so that a decision
    can be switched off or made certain.

    >>> sigmoid(0) / 2**32
    0.5
    >>> sigmoid(-(17 << 20)), sigmoid(16 << 20) == 1 << 32
    (0, True)
    """
    limit = SIGMOID_LIMIT << LOG_ODDS_BITS
    if log_odds < -limit:
        return 0
    if log_odds >= limit:
        return 1 << PROB_BITS
    table = sigmoid_table()
    shift = LOG_ODDS_BITS - 6
    position = int(log_odds) + limit
    low = int(table[position >> shift])
    high = int(table[(position >> shift) + 1])
    return low + (((high - low) * (position & ((1 << shift) - 1))) >> shift)


@cache
def halving_table() -> IntArray:
    """2**(−i/1440) in units of 2**-30 for i = 0 … 1439, int64[1440] (one day's decay)."""
    i = np.arange(1440)
    return _frozen(to_fixed(exp(-(i / 1440) * (_LN2_HIGH + _LN2_LOW)), 30))


def halve(value: int, elapsed: int) -> int:
    """``value`` × 2**(−elapsed/1440), for integer value ≥ 0 and elapsed ≥ 0 minutes.

    >>> halve(1 << 20, 1440) == 1 << 19, halve(1 << 20, 0) == 1 << 20
    (True, True)
    """
    days, rest = divmod(int(elapsed), 1440)
    if days > 40:
        return 0
    return (int(value) * int(halving_table()[rest])) >> (30 + days)


def term(coefficient: int, value: int, bits: int) -> int:
    """One product of the decision table, rounded once (halves up).

    ``coefficient`` is in units of 2**-20, ``value`` in units of ``2**-bits``.

    >>> term(2 << 20, 1 << 11, 12) == 1 << 20
    True
    """
    return (int(coefficient) * int(value) + (1 << (bits - 1))) >> bits
