"""Files that can be cited and run again: every row says which scenario, seed and version.

`FORMATS` lists them all. A result is written as a line per run, as curves, as a summary, or as
one JSON file that can be imported (`viralbots.experiments.bundle`); one run as its adoptions, as
those who took it up, or as its network (`viralbots.experiments.run_files`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from viralbots.experiments.bundle import write_bundle
from viralbots.experiments.csv_text import Cell, Target, write_table
from viralbots.experiments.run_files import (
    adoptions_csv,
    converts_csv,
    follows_graphml,
    run_graphml,
)
from viralbots.experiments.summary import Result
from viralbots.metrics import UNITS, metric_of
from viralbots.scenario import Scenario
from viralbots.trace import Trace
from viralbots.version import METRICS_VERSION, __version__
from viralbots.world.world import World

__all__ = [
    "FORMATS", "Format", "adoptions_csv", "converts_csv", "curves_csv", "follows_graphml",
    "run_graphml", "runs_csv", "summary_csv",
]  # fmt: skip


def runs_csv(result: Result, out: Target) -> None:
    """A line per replicate: its seeds, its digest and every metric.

    Metrics of later messages are called ``reach:name``. ``run_identity`` and ``run_seed`` are
    the run; to make it again, ``seed``, ``vary`` and ``replicate`` are enough. A spreadsheet
    shows 15 digits of the 20 that a run seed may have; the file holds them all.
    """
    names = ("replicate", "run_identity", "run_seed", "world_seed", "digest", *result.values)
    columns: list[Sequence[Cell]] = [
        result.replicates, result.identities, result.seeds, result.world_seeds,
        result.digests,
        *(values.tolist() for values in result.values.values()),
    ]  # fmt: skip
    write_table(out, _about(result), names, zip(*columns, strict=True))


def curves_csv(result: Result, out: Target) -> None:
    """A line per replicate and hour, a column per curve: counts up to the end of the hour.

    Hour 0 is before the start.
    """
    about: dict[str, Cell] = {
        "identity": result.identity,
        "seed": result.seed,
        "engine_version": result.engine_version,
    }
    names = ("replicate", "hour", *result.curves)
    write_table(out, about, names, _hours(result))


def _hours(result: Result) -> Iterator[tuple[int, ...]]:
    for row, replicate in enumerate(result.replicates):
        curves = [curve[row].tolist() for curve in result.curves.values()]
        for hour, counts in enumerate(zip(*curves, strict=True)):
            yield replicate, hour, *counts


def summary_csv(result: Result, out: Target) -> None:
    """A line per metric: mean with its bracket, median with the band of the runs.

    The bracket says how well the mean is known, the band how much single runs differ.
    ``n_runs`` counts the runs in which the metric is defined.
    """
    title = result.scenario.title
    about = {
        **_about(result), "title_en": title.en, "title_zh": title.zh,
        "n_replicates": result.n_replicates, "n_users": result.n_users,
    }  # fmt: skip
    names = (
        "metric", "message", "group", "code", "label_en", "label_zh", "unit_en", "unit_zh",
        "direction", "mean", "bracket_low", "bracket_high", "sd", "band_p5", "median",
        "band_p95", "n_runs",
    )  # fmt: skip
    write_table(out, about, names, _metric_rows(result), is_ascii=False)


def _metric_rows(result: Result) -> Iterator[tuple[Cell, ...]]:
    first = result.scenario.message_names[0]
    for name, s in result.metrics.items():
        metric, unit = metric_of(name), UNITS[metric_of(name).unit]
        message = name.partition(":")[2] or first
        yield (
            metric.name, message, metric.group, metric.code, metric.label["en"],
            metric.label["zh"], unit["en"], unit["zh"], metric.direction,
            s.mean, s.low, s.high, s.sd, s.p5, s.p50, s.p95, s.n,
        )  # fmt: skip


def _about(result: Result) -> dict[str, Cell]:
    """What is needed to run it again and to see that the same came out."""
    return {
        "scenario": result.scenario.name,
        "identity": result.identity,
        "seed": result.seed,
        "vary": result.vary,
        "engine_version": result.engine_version,
        "metrics_version": METRICS_VERSION,
        "program_version": __version__,
        "result_digest": result.digest,
    }


@dataclass(frozen=True)
class Format:
    """One kind of file.

    Attributes
    ----------
    suffix, mime : str
        End of a file's name; what a browser is told.
    sentence : dict
        What is in it, by language.
    of_result, of_run : callable or None
        The function that writes it; one of them is there.
    """

    suffix: str
    mime: str
    sentence: Mapping[str, str]
    of_result: Callable[[Result, Target], None] | None = None
    of_run: Callable[[World, Trace, Scenario, Target], None] | None = None

    @property
    def needs(self) -> Literal["result", "run"]:
        """Whether it is made of a result or of a single run with its world."""
        return "result" if self.of_result else "run"


FORMATS: dict[str, Format] = {
    "json": Format(
        ".json", "application/json",
        {"en": "Everything in one file: the scenario, all figures and curves. It can be imported "
               "and run again.",
         "zh": "一个文件包含全部内容：案例、所有数据和曲线。可以导入并重新运行。"},
        of_result=write_bundle),
    "csv": Format(
        ".csv", "text/csv",
        {"en": "A line per run with every metric.", "zh": "每次运行一行，包含所有指标。"},
        of_result=runs_csv),
    "curves": Format(
        ".csv", "text/csv",
        {"en": "Hour by hour, a line per run and hour.",
         "zh": "逐小时的曲线，每次运行每小时一行。"},
        of_result=curves_csv),
    "summary": Format(
        ".csv", "text/csv",
        {"en": "A line per metric: mean with its bracket, median with the band of the runs.",
         "zh": "每个指标一行：均值及其95%区间，中位数及90%的单次运行所在的范围。"},
        of_result=summary_csv),
    "adoptions": Format(
        ".csv", "text/csv",
        {"en": "One run: who passed it on, when, from whom and to how many.",
         "zh": "单次运行：谁在何时转发，从谁那里得到，又发给了多少人。"},
        of_run=adoptions_csv),
    "converts": Format(
        ".csv", "text/csv",
        {"en": "One run: who took it up or fell for it, when and through whom.",
         "zh": "单次运行：谁在何时、通过谁接受了它或因它上当。"},
        of_run=converts_csv),
    "graphml": Format(
        ".graphml", "application/xml",
        {"en": "One run: the network of personal ties and what happened to each user, for Gephi, "
               "Cytoscape or networkx.",
         "zh": "单次运行：个人关系网络和每位用户的经历，可用Gephi、Cytoscape或networkx打开。"},
        of_run=run_graphml),
    "follows": Format(
        ".graphml", "application/xml",
        {"en": "One run: the same for public follows, along which posts travel.",
         "zh": "单次运行：同上，但为公开关注网络，帖子沿着它传播。"},
        of_run=follows_graphml),
}  # fmt: skip
"""Every kind of file by the name that the command line and the app give it."""
