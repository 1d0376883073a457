"""A run as a film on its network: who had it from whom, and when, ready to be drawn.

Nothing is computed anew: a film is what a trace holds, for the users who are shown
(`viralbots.experiments.film_sample`), at places where they can be told apart
(`viralbots.world.layout`), with moments chosen so that much is shown while much happens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viralbots.errors import ExperimentError
from viralbots.experiments.film_moments import (
    NEVER,
    Moments,
    carried_by,
    counters_of,
    moments_of,
    places_of,
    rows_about,
    steps_of,
)
from viralbots.experiments.film_picture import Places, picture
from viralbots.experiments.film_sample import Groups, network_of, passed_by, sample
from viralbots.experiments.person import who_are
from viralbots.experiments.words import Lang, number
from viralbots.trace import DECIDED, INVOLUNTARY, Trace
from viralbots.world.world import World

Minutes = NDArray[np.int32]

N_SHOWN = 3000
MOST_SHOWN = 10_000


@dataclass(frozen=True)
class Film:
    """One message of one run.

    Moments: −1 never; ``horizon``: at some time that the trace does not tell.
    Users, steps and ties are places in the arrays of the film, unless called a number.

    Attributes
    ----------
    message : str
    n_users, horizon : int
        Of the whole world, and minutes simulated.
    users : int64[k]
        Numbers of the users shown, ascending.
    names : tuple of str
    degree : int32[k]
        Size of each user's audience in the whole network that is drawn.
    position : float32[k, 2]
        −1 … 1, for looking at only.
    ties : int32[m, 2]
        Some ties among them (`film_sample.ties_among`).
    heard_at, read_at, converted_at, adopted_at, turned_at : int32[k]
        Minutes. Turned: first reaction against it, or a counter-message passed on.
        A seed need not have heard of it from anybody, nor an account run by somebody else.
        Adopted: also where it rides on what she sends, or goes out without her doing.
    source : int32[k]
        Of an adopter: whom she had it from when she decided. Of others: of whom they heard
        first. −1: nobody; −2: somebody who is not shown.
    countered_at, countered_by : int32[k]
        When a user passed on a counter-message, and whom she had it from; −2: not shown. Whom
        adopters of the message had a counter-message from need not be shown.
    carried : int32[c, 4]
        From, to, minute and kind of the ways on which somebody shown first heard of it or was
        won (`viralbots.experiments.film_moments`), in order of minute.
    steps : int32[s]
        Minutes at which to stop; what happens before one is seen at it. Begins with 0 and
        ends with ``horizon``.
    pace : float32[s]
        Share of the playing time that has passed at each step, 0 … 1.
    settled : int
        Minute after which hardly anything happens; ``horizon`` where that is not so.
    reach, adopters, counter : int64[hours + 1]
        Counts in the whole world up to the end of each hour: who heard of it, who passed it
        on, who passed on a counter-message.
    brought : int32[s, 2]
        Who won most adopters since the step before (−1: nobody), and how many.
    notes : dict
        How users were chosen, and what the trace does not tell, by language.
    """

    message: str
    n_users: int
    horizon: int
    users: NDArray[np.int64]
    names: tuple[str, ...]
    degree: NDArray[np.int32]
    position: NDArray[np.float32]
    ties: NDArray[np.int32]
    heard_at: Minutes
    read_at: Minutes
    converted_at: Minutes
    adopted_at: Minutes
    turned_at: Minutes
    source: NDArray[np.int32]
    countered_at: Minutes
    countered_by: NDArray[np.int32]
    carried: NDArray[np.int32]
    steps: Minutes
    pace: NDArray[np.float32]
    settled: int
    reach: NDArray[np.int64]
    adopters: NDArray[np.int64]
    counter: NDArray[np.int64]
    brought: NDArray[np.int32]
    notes: dict[Lang, tuple[str, ...]]

    @property
    def n_shown(self) -> int:
        return len(self.users)


def film(
    world: World, trace: Trace, *, message: int = 0, n_shown: int = N_SHOWN,
    places: Places | None = None,
) -> Film:  # fmt: skip
    """The film of one message of a run.

    Parameters
    ----------
    world : World
        In which it was run.
    trace : Trace
        At level *deliveries* everything is known. At *adoptions* only those who passed
        something on have their minutes; of others the final state is known.
    message : int
        Its place in ``trace.messages``.
    n_shown : int
        Users shown at most; more than `MOST_SHOWN` are not.
    places : Places, optional
        Where positions are kept.

    Raises
    ------
    ExperimentError
        The trace was kept at level *series*, or in another world; nobody to be shown.
    IndexError
        There is no such message.
    """
    name = trace.messages[message]
    _check(world, trace, n_shown)
    counters = counters_of(trace, message)
    rows = rows_about(trace, [message, *counters])
    told = moments_of(trace, message, counters)
    groups = sample(world, rows, message, told, min(n_shown, MOST_SHOWN))
    users = np.sort(np.concatenate(groups))
    own = told.of(users)
    carried = carried_by(own, users, trace.horizon)
    pairs, position = picture(world, rows, users, carried, places)
    reach, adopters, counter = _counts(trace, told, message)
    steps, pace, settled = steps_of(reach + adopters + counter, trace.horizon)
    return Film(
        message=name, n_users=world.n_users, horizon=trace.horizon,
        users=users, names=tuple(who.name for who in who_are(world, users)),
        degree=network_of(world, rows).degree[users].astype(np.int32),
        position=position, ties=pairs,
        heard_at=own.heard_at, read_at=own.read_at, converted_at=own.converted_at,
        adopted_at=own.adopted_at, turned_at=own.turned_at,
        source=places_of(users, np.where(own.adopted_at >= 0, own.won_by, own.told_by)),
        countered_at=own.countered_at, countered_by=places_of(users, own.countered_by),
        carried=carried, steps=steps, pace=pace, settled=settled,
        reach=reach, adopters=adopters, counter=counter,
        brought=_brought(rows[rows["message"] == message], users, steps),
        notes=_notes(trace, groups, told, passed_by(rows)),
    )  # fmt: skip


def _check(world: World, trace: Trace, n_shown: int) -> None:
    if trace.n_users != world.n_users:
        text = f"the run has {trace.n_users} users, the world {world.n_users}"
        raise ExperimentError(f"{text}; give the world in which it was run", "other_world")
    if trace.state is None:
        text = "this trace was kept at level 'series'; run again at 'adoptions'"
        raise ExperimentError(text, "trace_level")
    if n_shown < 1:
        text = f"n_shown must be at least 1, got {n_shown}; show somebody"
        raise ExperimentError(text, "too_few", name="n_shown", low=1, got=n_shown)


def _counts(
    trace: Trace, told: Moments, message: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The three curves, int64[hours + 1] each."""
    reach = trace.hourly("reach", message)
    ends = np.minimum(np.arange(len(reach)) * 60, trace.horizon)
    adopters, counter = (
        np.searchsorted(np.sort(minute[minute >= 0]), ends)
        for minute in (told.adopted_at, told.countered_at)
    )
    return reach.copy(), adopters.astype(np.int64), counter.astype(np.int64)


def _brought(
    rows: NDArray[np.void], users: NDArray[np.int64], steps: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Who of those shown won most adopters since the step before, and how many."""
    found = np.full((len(steps), 2), (NEVER, 0), np.int32)
    rows = rows[np.isin(rows["kind"], (DECIDED, INVOLUNTARY)) & (rows["source"] >= 0)]
    source = places_of(users, rows["source"])
    step = np.searchsorted(steps, rows["minute"], side="right")
    here = (source >= 0) & (step < len(steps))
    pair, count = np.unique(step[here] * np.int64(len(users)) + source[here], return_counts=True)
    # In order of count, among equals the lower number last: what is written last stays.
    order = np.lexsort((-pair, count))
    at, who = np.divmod(pair[order], max(1, len(users)))
    found[at] = np.stack((who, count[order]), axis=1)
    return found


def _notes(
    trace: Trace, groups: Groups, told: Moments, passing: NDArray[np.int64]
) -> dict[Lang, tuple[str, ...]]:
    """What a reader has to know about the picture."""
    n, shown = trace.n_users, sum(len(group) for group in groups)
    passed = np.zeros(n, bool)
    passed[passing] = True
    heard = int(((told.heard_at >= 0) & ~passed).sum())
    whole = (int(passed.sum()), heard, n - heard - int(passed.sum()))
    a, b, c = (number(len(group)) for group in groups)
    x, y, z = (number(count) for count in whole)
    en = [f"All {number(n)} people are shown."]
    zh = [f"图中是全部{number(n)}人。"]
    if shown < n:
        en = [
            f"Showing {number(shown)} of {number(n)} people: {a} of {x} who passed something on, "
            f"each with the whole way that it came; {b} of {y} who only heard of it; {c} of {z} "
            "whom it never reached. They were drawn by lot, people around those who passed it on "
            "first; the counts and the curve are of everybody."
        ]
        zh = [
            f"图中显示{number(n)}人中的{number(shown)}人：转发过的{x}人中取{a}人，并补全消息传到他们的"
            f"整条路径；只是听说的{y}人中取{b}人；从未听说的{z}人中取{c}人。这些人由抽签决定，"
            "优先取转发者身边的人；各项人数和曲线统计的是所有人。"
        ]
        only = int(((told.countered_at >= 0) & (told.heard_at < 0)).sum())
        for added, text in zip((en, zh), _never_heard(only, *whole[:2]), strict=True):
            added += [text] * bool(only)
    if trace.deliveries is None:
        en.append(
            "This run kept only who passed it on, from whom and when. When others heard of it is "
            "not known: they change colour in the last picture."
        )
        zh.append(
            "这次运行只记录了谁在什么时候从谁那里得到并转发。其他人何时听说并不清楚，"
            "他们要到最后一幅画面才变色。"
        )
    return {"en": tuple(en), "zh": tuple(zh)}


def _never_heard(only: int, passed: int, heard: int) -> tuple[str, str]:
    """Why those who passed something on and those who only heard are more than heard of it."""
    x, k, reach = number(passed), number(only), number(heard + passed - only)
    return (
        f"Of the {x}, {k} passed on a counter-message only, without having heard of the message "
        f"itself: {reach} heard of it.",
        f"这{x}人中有{k}人只转发了反对的消息，没有听说原消息：听说原消息的共{reach}人。",
    )


def account(film: Film, step: int, lang: Lang = "en") -> str:
    """One step in a sentence, for those who cannot see the picture.

    Counts are of the whole world; whoever is named is shown.
    """
    minute = int(film.steps[step])
    hour = -(-minute // 60)
    reach, adopters, counter = (
        int(curve[hour]) for curve in (film.reach, film.adopters, film.counter)
    )
    who, won = (int(value) for value in film.brought[step])
    if lang == "zh":
        parts = [f"{number(reach)}人听说了", f"{number(adopters)}人转发了"]
        if film.counter[-1]:
            parts.append(f"{number(counter)}人转发了反对的消息")
        if who >= 0:
            name = f"{film.names[who]}（用户{film.users[who]}）"
            parts.append(f"自上一步以来，{name}带来了{won}位转发者")
        return f"{day_and_time(minute, lang)}：{'，'.join(parts)}。"
    has = "has" if reach == 1 else "have"
    parts = [f"{number(reach)} {has} heard of it, {number(adopters)} passed it on"]
    if film.counter[-1]:
        parts[0] += f", {number(counter)} passed on a counter-message"
    if who >= 0:
        others = "1 other" if won == 1 else f"{won} others"
        name = f"{film.names[who]} (user {film.users[who]})"
        parts.append(f"since the last step {name} won {others}")
    return f"{day_and_time(minute, lang)}: {'; '.join(parts)}."


def day_and_time(minute: int, lang: Lang = "en") -> str:
    """Day and time of a minute; minute 0 is 08:00 on day 1 (model §2.7).

    >>> day_and_time(0), day_and_time(1805), day_and_time(960, "zh")
    ('Day 1, 08:00', 'Day 2, 14:05', '第2天00:00')
    """
    day, rest = divmod(minute + 480, 1440)
    time = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"第{day + 1}天{time}" if lang == "zh" else f"Day {day + 1}, {time}"
