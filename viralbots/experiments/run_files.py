"""One run as files: every adoption, and the network with what happened on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viralbots.draws import run_seed
from viralbots.errors import ExperimentError
from viralbots.experiments.csv_text import Cell, Target, write_table
from viralbots.metrics.base import adoptions_of
from viralbots.metrics.cascade import grow_forest
from viralbots.scenario import Scenario
from viralbots.trace import CONVERTED, HEARD, MARK_BOT, MARK_PAID, SEED, Trace
from viralbots.version import ENGINE_VERSION, __version__
from viralbots.world.edge_list import EdgeList
from viralbots.world.exporters import DataColumn, edges_of, write_graphml
from viralbots.world.world import CHANNELS, FEED_CHANNELS, PUSH_CHANNELS, World

IntArray = NDArray[np.int64]

KINDS = (
    "decided",
    "seed",
    "counter",
    "involuntary",
    "mutated",
)  # of `kind` in `viralbots.trace.ADOPTION`
_START = 480  # minute 0 is 08:00


@dataclass(frozen=True, eq=False)
class _Cascade:
    """The adoptions of one message, in order of minute.

    Attributes
    ----------
    rows : ADOPTION[k]
    generation : int64[k]
    came_by : int64[k]
        Channel by which the source had sent it, index into `CHANNELS`; −1 without a source.
    """

    rows: NDArray[np.void]
    generation: IntArray
    came_by: IntArray

    @classmethod
    def of(cls, trace: Trace, message: int) -> _Cascade:
        rows = adoptions_of(trace, message)
        sent_by = np.full(trace.n_users + 1, -1, np.int64)  # the last: no source
        has_channel = rows["channel"] < len(CHANNELS)
        sent_by[rows["user"][has_channel]] = rows["channel"][has_channel]
        return cls(rows, grow_forest(rows, trace.n_users).generation, sent_by[rows["source"]])


def adoptions_csv(world: World, trace: Trace, scenario: Scenario, out: Target) -> None:
    """A line per adoption of one run, in order of minute.

    ``day`` 1 is the Monday on which it starts, at ``clock`` 08:00. ``source`` and ``came_by``
    say from whom and by which channel the adopter got it; both are empty for seeds, for
    counter-messages begun and where a brand's own delivery decided (``by_brand``). ``channel``
    is how she passed it on, empty where she could not, and ``n_sent`` to how many. ``kind`` is
    decided, seed, counter (begun), involuntary (sent from her account, or riding on what she
    sends, without a decision of hers) or mutated (she passed on another message, which
    ``source`` had sent). ``hops`` are the forwards behind the copy at which she adopted,
    ``is_paid`` and ``is_bot`` what she was when she sent it.

    Parameters
    ----------
    trace : Trace
        Kept at level *adoptions* or *deliveries*.
    scenario : Scenario
        What was run: for replicates that differ in their world, with that world's seed.

    Raises
    ------
    ExperimentError
        The trace is of another scenario or world, or was kept at level *series*.
    """
    _check(world, trace, scenario)
    names = ("user", "message", "minute", "day", "clock", "channel", "source", "came_by",
             "generation", "kind", "by_brand", "n_sent", "hops", "is_paid", "is_bot")  # fmt: skip
    is_ascii = all(label.isascii() for label in (*world.labels, *trace.messages))
    about: dict[str, Cell] = {**_about(trace, scenario)}
    write_table(out, about, names, _adoption_rows(world, trace), is_ascii=is_ascii)


def _adoption_rows(world: World, trace: Trace) -> Iterator[tuple[Cell, ...]]:
    generation = np.zeros(len(trace.adoptions), np.int64)
    came_by = np.full(len(trace.adoptions), -1, np.int64)
    for message in range(len(trace.messages)):
        places = np.flatnonzero(trace.adoptions["message"] == message)
        cascade = _Cascade.of(trace, message)
        generation[places], came_by[places] = cascade.generation, cascade.came_by
    label = (*_labels(world), None)  # the last: no source
    channel = (*CHANNELS, None)
    for row, steps, by in zip(
        trace.adoptions.tolist(), generation.tolist(), came_by.tolist(), strict=True
    ):
        minute, user, source, n_sent, message, sent_by, kind, by_brand, hops, mark = row
        yield (
            label[user], trace.messages[message], minute, *_day(minute),
            channel[min(sent_by, len(CHANNELS))], label[source], channel[by], steps,
            KINDS[kind], by_brand, n_sent, hops,
            int(mark & MARK_PAID > 0), int(mark & MARK_BOT > 0),
        )  # fmt: skip


def converts_csv(world: World, trace: Trace, scenario: Scenario, out: Target) -> None:
    """A line per user of one run who took something up or fell for it, in order of minute.

    ``source`` and ``channel`` say through whom and by which channel the offer came; without a
    source it was the brand, and without a channel she was a member from the start. The other
    columns are as in `adoptions_csv`.

    Raises
    ------
    ExperimentError
        As for `adoptions_csv`.
    """
    _check(world, trace, scenario)
    names = ("user", "message", "minute", "day", "clock", "source", "channel", "hops")
    label, channel = (*_labels(world), None), (*CHANNELS, None)
    rows = (
        (
            label[user], trace.messages[message], minute, *_day(minute), label[source],
            channel[min(by, len(CHANNELS))], hops,
        )
        for minute, user, source, message, by, hops in trace.converts.tolist()
    )  # fmt: skip
    is_ascii = all(name.isascii() for name in (*world.labels, *trace.messages))
    write_table(out, {**_about(trace, scenario)}, names, rows, is_ascii=is_ascii)


def _day(minute: int) -> tuple[int, str]:
    """Day and time of day of a minute."""
    day, rest = divmod(minute + _START, 1440)
    return day + 1, f"{rest // 60:02d}:{rest % 60:02d}"


def run_graphml(
    world: World, trace: Trace, scenario: Scenario, out: Target, *, follows: bool = False
) -> None:
    """The network of one run with what happened on it, as GraphML.

    Users have ``community`` and, for each message, ``heard``, ``converted``, ``is_seed``, for
    adopters also ``adopted_at`` (minute), ``source`` (label), ``came_by`` (channel) and
    ``generation``; what is not known is left out. Ties have ``weight`` and ``carried``: an
    adopter at one end got the message from the other by a channel that uses these ties
    (declared once as false, written where true). The data of later messages are called
    ``heard:name`` …. Group chats and, in the other network, posts reach people without a tie
    here: those adopters have a ``source`` but no tie that carried.

    `viralbots.world.importers.read_network` reads the file as the network that it is.

    Parameters
    ----------
    trace, scenario
        As for `adoptions_csv`.
    follows : bool
        The public follows, along which posts travel, instead of the personal ties. An
        imported network is both.

    Raises
    ------
    ExperimentError
        The trace is of another scenario or world, or was kept at level *series*.
    NetworkError
        Labels that cannot be written.
    """
    _check(world, trace, scenario)
    edges = edges_of(world, follows=follows)
    channels: tuple[str, ...] = FEED_CHANNELS if follows else PUSH_CHANNELS
    if world.ties is world.follows:
        channels = CHANNELS
    users = [DataColumn("community", "int", world.population.community)]
    ties = []
    for number, message in enumerate(trace.messages):
        cascade, suffix = _Cascade.of(trace, number), f":{message}" if number else ""
        users += _user_columns(world, trace, cascade, number, suffix)
        carried = _carried(edges, cascade, channels)
        ties.append(DataColumn(f"carried{suffix}", "boolean", carried, default=False))
    about = {**_about(trace, scenario), "relation": "follows" if follows else "ties"}
    write_graphml(edges, out, users=users, ties=ties, about=about)


def follows_graphml(world: World, trace: Trace, scenario: Scenario, out: Target) -> None:
    """`run_graphml` of the public follows."""
    run_graphml(world, trace, scenario, out, follows=True)


def _user_columns(
    world: World, trace: Trace, cascade: _Cascade, number: int, suffix: str
) -> Iterator[DataColumn]:
    rows, labels = cascade.rows, _labels(world)
    user = rows["user"]
    is_seed = np.zeros(trace.n_users, np.bool_)
    is_seed[user[rows["kind"] == SEED]] = True
    source: list[str | None] = [None] * trace.n_users
    came_by: list[str | None] = [None] * trace.n_users
    for adopter, of, by in zip(user.tolist(), rows["source"].tolist(), cascade.came_by.tolist(),
                               strict=True):  # fmt: skip
        source[adopter] = labels[of] if of >= 0 else None
        came_by[adopter] = CHANNELS[by] if by >= 0 else None
    numbers = {"adopted_at": rows["minute"], "generation": cascade.generation}
    yield DataColumn(f"heard{suffix}", "boolean", trace.flag(HEARD, number))
    yield DataColumn(f"converted{suffix}", "boolean", trace.flag(CONVERTED, number))
    yield DataColumn(f"is_seed{suffix}", "boolean", is_seed)
    yield DataColumn(f"source{suffix}", "string", source)
    yield DataColumn(f"came_by{suffix}", "string", came_by)
    for name, values in numbers.items():
        found = np.full(trace.n_users, -1, np.int64)
        found[user] = values
        yield DataColumn(name + suffix, "int", found, absent=-1)


def _carried(edges: EdgeList, cascade: _Cascade, channels: tuple[str, ...]) -> NDArray[np.bool_]:
    """Ties along which an adopter got the message, bool[m]."""
    fits = np.isin(cascade.came_by, [CHANNELS.index(channel) for channel in channels])
    rows = cascade.rows[fits]
    source, user = rows["source"].astype(np.int64), rows["user"].astype(np.int64)
    if not len(rows):
        return np.zeros(edges.n_ties, np.bool_)
    wanted = np.sort(_pairs(source, user, edges))
    pairs = _pairs(edges.source, edges.target, edges)
    place = np.minimum(np.searchsorted(wanted, pairs), len(wanted) - 1)
    return wanted[place] == pairs


def _pairs(source: IntArray, target: IntArray, edges: EdgeList) -> IntArray:
    """One number for each pair of users, whichever way round where ties are undirected."""
    if not edges.directed:
        source, target = np.minimum(source, target), np.maximum(source, target)
    return source * np.int64(edges.n_users) + target


def _labels(world: World) -> tuple[str, ...]:
    return world.labels or tuple(str(user) for user in range(world.n_users))


def _about(trace: Trace, scenario: Scenario) -> dict[str, str | int]:
    """What is needed to make the run again and to see that it is the same."""
    return {
        "scenario": scenario.name,
        "identity": trace.identity,
        "seed": trace.seed,
        "replicate": trace.replicate,
        "world_seed": scenario.network.seed,
        "run_seed": str(run_seed(trace.seed, trace.replicate)),
        "digest": trace.digest,
        "engine_version": ENGINE_VERSION,
        "program_version": __version__,
    }


def _check(world: World, trace: Trace, scenario: Scenario) -> None:
    """Refuse what does not belong together: the file would say what is not so."""
    if trace.messages != scenario.message_names:
        text = f"the run has the messages {', '.join(trace.messages)}, the scenario others"
        raise ExperimentError(f"{text}; give the scenario that was run", "other_scenario")
    if trace.n_users != world.n_users:
        text = f"the run has {trace.n_users} users, the world {world.n_users}"
        raise ExperimentError(f"{text}; give the world in which it was run", "other_world")
    if trace.state is None:
        text = "this trace was kept at level 'series'; run again at 'adoptions'"
        raise ExperimentError(text, "trace_level")
