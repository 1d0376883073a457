"""The source → adopter forest of a message and its shape (model §8).

A cascade consists of accounts: bots in it are part of its shape, since whoever got it through
them stands below them, and so are those who carry it unasked. Who turned another message into
this one begins a cascade of her own, since her source is an adopter of the other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots.metrics.base import VOLUNTARY, Metric, adopters_of, adoptions_of, ratio
from viralbots.trace import COUNTER_START, INVOLUNTARY, MUTATED, Trace
from viralbots.world.world import World

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

MIN_EARLY_ADOPTERS = 20
"""With fewer adopters than this in generations 1 and 2, `r` counts the seeds as well."""


class Forest(NamedTuple):
    """The cascades of one message; a row per adoption, in order of minute.

    Attributes
    ----------
    parent : int64[n]
        Row of the source's adoption; −1 for roots: seeds, volunteers that a brand's
        delivery won, counter-messages begun, messages made out of another, members from the
        start, and users whose source never adopted (a bot that only posts).
    generation : int64[n]
        Distance from the root.
    root : int64[n]
        Row of the root of the tree.
    n_children : int64[n]
        Adopters caused.
    subtree : int64[n]
        Size of the subtree below and with the row.
    """

    parent: IntArray
    generation: IntArray
    root: IntArray
    n_children: IntArray
    subtree: IntArray


class Trees(NamedTuple):
    """The single cascades of a forest, in the order in which they began.

    Attributes
    ----------
    root : int64[k]
        Row of the root in the forest.
    size : int64[k]
        Adopters, the root included.
    depth : int64[k]
        Largest generation.
    virality : float64[k]
        Structural virality; nan for trees of one.
    largest_broadcast : float64[k]
        Share of the adopters other than the root caused by one source; nan for trees of one.
    """

    root: IntArray
    size: IntArray
    depth: IntArray
    virality: FloatArray
    largest_broadcast: FloatArray


def grow_forest(rows: NDArray[np.void], n_users: int) -> Forest:
    """The forest of a set of adoptions.

    Parameters
    ----------
    rows : ADOPTION[n]
        Adoptions of one message. A source adopts before those whom she causes, since every
        delay is at least a minute; rows out of order are sorted by minute.
    n_users : int
    """
    minute = rows["minute"]
    if np.any(minute[1:] < minute[:-1]):
        rows = rows[np.argsort(minute, kind="stable")]
    # Loaded here: the compiler takes half a second, and names of metrics need none.
    from viralbots.metrics.forest_kernel import grow

    user = rows["user"].astype(np.int64)
    source = np.where(rows["kind"] == MUTATED, -1, rows["source"]).astype(np.int64)
    return Forest(*grow(user, source, n_users))


def forest_of(trace: Trace, message: int = 0) -> Forest:
    """The forest of one message of a run."""
    return grow_forest(adoptions_of(trace, message), trace.n_users)


def trees_of(forest: Forest) -> Trees:
    """Size, depth and shape of every cascade, e.g. to compare cascades of equal size.

    Structural virality of a tree of n adopters is the mean distance between two of them,
    ν = 2 Σ s (n − s) / (n (n − 1)) over the sizes s of all subtrees below the root
    (Goel et al. 2016; model §8): 2 − 2/n for a star, (n + 1)/3 for a chain.
    """
    is_root = forest.parent < 0
    root = np.flatnonzero(is_root)
    tree = np.cumsum(is_root)[forest.root] - 1
    size = forest.subtree[root]
    below = np.flatnonzero(~is_root)
    cut = forest.subtree[below] * (size[tree[below]] - forest.subtree[below])
    wiener = np.bincount(tree[below], cut, len(root))
    depth, widest = np.zeros(len(root), np.int64), np.zeros(len(root), np.int64)
    np.maximum.at(depth, tree, forest.generation)
    np.maximum.at(widest, tree, forest.n_children)
    nan, some = np.full(len(root), np.nan), size > 1
    virality = np.divide(2.0 * wiener, size * (size - 1.0), out=nan.copy(), where=some)
    broadcast = np.divide(widest, size - 1.0, out=nan.copy(), where=some)
    return Trees(root, size, depth, virality, broadcast)


def depth(world: World, trace: Trace, message: int = 0) -> float:
    """Largest distance of an adopter from where her cascade began; nan without adopters."""
    generation = forest_of(trace, message).generation
    return float(generation.max()) if len(generation) else float("nan")


def breadth(world: World, trace: Trace, message: int = 0) -> float:
    """Accounts in the largest generation, all cascades together; 0 without adopters."""
    return float(np.bincount(forest_of(trace, message).generation).max(initial=0))


def generations(world: World, trace: Trace, message: int = 0) -> float:
    """Generations with an adopter, that of the seeds included; 0 without adopters."""
    return float(forest_of(trace, message).generation.max(initial=-1) + 1)


def structural_virality(world: World, trace: Trace, message: int = 0) -> float:
    """Mean over the cascades of two or more, weighted by size; nan where there is none."""
    trees = trees_of(forest_of(trace, message))
    some = trees.size > 1
    weight = trees.size[some]
    return ratio(float((trees.virality[some] * weight).sum()), int(weight.sum()))


def largest_broadcast(world: World, trace: Trace, message: int = 0) -> float:
    """Share of the adopters with a source whom one source, perhaps a bot, caused; nan without any.

    Each adopter is counted once, as a child of whom she got it from at that time.
    """
    forest = forest_of(trace, message)
    return ratio(int(forest.n_children.max(initial=0)), int(forest.n_children.sum()))


def mean_cascade_size(world: World, trace: Trace, message: int = 0) -> float:
    """Adopters per cascade begun (per seed, where only seeds begin); nan without any."""
    parent = forest_of(trace, message).parent
    return ratio(len(parent), int((parent < 0).sum()))


def r(world: World, trace: Trace, message: int = 0) -> float:
    """R: mean adopters caused by the adopters of generations 1 and 2 (model §8).

    Seeds are generation 0. Bots and those who carry it unasked count on both sides: R says
    whether the message can keep itself going. With fewer than `MIN_EARLY_ADOPTERS` adopters in
    generations 1 and 2 the seeds are counted as well, so that a run in which almost nobody
    follows them gives a number near 0 instead of noise or nan. nan without adopters.
    """
    forest = forest_of(trace, message)
    early = (forest.generation == 1) | (forest.generation == 2)
    if early.sum() < MIN_EARLY_ADOPTERS:
        early |= forest.generation == 0
    return ratio(int(forest.n_children[early].sum()), int(early.sum()))


def k_factor(world: World, trace: Trace, message: int = 0) -> float:
    """New adopters per adopter, over the first half of the adopters in time.

    The other half has had no time, or nobody left to convince: over all adopters the
    figure is below 1 in every finished run and tells nothing. Accounts, as in `r`. nan without
    adopters.
    """
    n_children = forest_of(trace, message).n_children
    first = n_children[: (len(n_children) + 1) // 2]
    return ratio(int(first.sum()), len(first))


def caused(trace: Trace, message: int = 0) -> int:
    """Adopters whom a user won over: they decided, or carry it since they took it up."""
    rows = adopters_of(trace, message)
    is_won = np.isin(rows["kind"], (*VOLUNTARY, INVOLUNTARY)) & (rows["kind"] != COUNTER_START)
    return int((is_won & (rows["source"] >= 0)).sum())


CASCADE = (
    Metric(
        "r", "R", r, "adopters", "neutral",
        {"en": "R", "zh": "再生数R"},
        {"en": "New adopters won by one early adopter (generations 1 and 2): below 1 the message "
               "dies out by itself, above 1 it can grow. Where hardly anybody follows the seeds, "
               "the seeds count as well.",
         "zh": "每位早期转发者（第1、2代）平均带来多少新转发者：小于1会自行消失，大于1才可能扩散。"
               "几乎无人跟进时，种子也计算在内。"},
        "cascade"),
    Metric(
        "k_factor", "K", k_factor, "adopters", "neutral",
        {"en": "K-factor", "zh": "K因子"},
        {"en": "New adopters per adopter, over the first half of the adopters.",
         "zh": "前一半转发者平均每人带来的新转发者数。"},
        "cascade"),
    Metric(
        "mean_cascade_size", "", mean_cascade_size, "adopters", "good",
        {"en": "Adopters per seed", "zh": "每个种子的转发者"},
        {"en": "Mean size of a cascade, the one who began it included.",
         "zh": "每个传播链的平均规模（含发起者）。"},
        "cascade"),
    Metric(
        "depth", "", depth, "generations", "neutral",
        {"en": "Depth", "zh": "深度"},
        {"en": "Longest chain of people from a seed to an adopter.",
         "zh": "从种子到转发者的最长传递链。"},
        "cascade"),
    Metric(
        "breadth", "", breadth, "users", "neutral",
        {"en": "Breadth", "zh": "宽度"},
        {"en": "Adopters in the largest generation.", "zh": "人数最多的一代有多少转发者。"},
        "cascade"),
    Metric(
        "generations", "", generations, "generations", "neutral",
        {"en": "Generations", "zh": "代数"},
        {"en": "Generations with an adopter, that of the seeds included.",
         "zh": "有转发者的代数（含种子一代）。"},
        "cascade"),
    Metric(
        "structural_virality", "ν", structural_virality, "steps", "neutral",
        {"en": "Structural virality", "zh": "结构病毒性"},
        {"en": "Mean distance between two adopters of a cascade: 2 for a broadcast, more for a "
               "chain from person to person. Undefined while no cascade has two adopters.",
         "zh": "同一传播链中两位转发者之间的平均距离：广播约为2，人传人的链条更大。"
               "没有两人以上的传播链时无定义。"},
        "cascade"),
    Metric(
        "largest_broadcast", "", largest_broadcast, "share", "neutral",
        {"en": "Largest broadcast", "zh": "最大单点广播"},
        {"en": "Share of the adopters won by one single source. Undefined where nobody was won "
               "by a user.",
         "zh": "由单一来源带来的转发者所占比例。无人被他人带动时无定义。"},
        "cascade"),
)  # fmt: skip
