"""A result as one JSON file that somebody else can cite, check and run again.

A bundle holds the scenario with all its fields, the seeds, and what came out;
`viralbots.experiments.bundle_reader` reads it.
"""

from __future__ import annotations

import json
import math
import re

from viralbots.errors import ExperimentError
from viralbots.experiments.bounded_json import MAX_BYTES
from viralbots.experiments.bundle_reader import FORMAT, KIND, read_bundle
from viralbots.experiments.csv_text import Target
from viralbots.experiments.foreign_recipe import ForeignRecipe
from viralbots.experiments.summary import Result
from viralbots.experiments.table import as_data
from viralbots.scenario import Scenario, from_text, override
from viralbots.version import METRICS_VERSION, __version__
from viralbots.world.exporters import text_to
from viralbots.world.spec import digest_of_file

__all__ = ["MAX_BYTES", "ForeignRecipe", "bundle", "read_bundle", "write_bundle"]

# With these a bundle stays well below what is read again.
MAX_CURVES = 1_500_000  # counts; longer curves are left to the CSV file
MAX_CURVE_ROWS = 100_000  # curves × replicates
MAX_FIGURES = 1_500_000  # metrics × replicates


def bundle(result: Result, document: str | None = None) -> dict[str, object]:
    """A result as plain data for JSON; an undefined number is None.

    Of a network that was imported the file's name and SHA-256 are in it, neither the folder
    where it lay nor the network. Curves of more than `MAX_CURVES` counts are left out
    (``curves`` is None).

    Parameters
    ----------
    document : str, optional
        The scenario as its author wrote it, comments and all. Left out where it names a folder
        of this machine.

    Raises
    ------
    ExperimentError
        ``document`` belongs to something else, the file of the network is another one by now,
        or there are too many figures.
    """
    if sum(values.size for values in result.values.values()) > MAX_FIGURES:
        text = f"more than {MAX_FIGURES} figures are too many for one file; export them as CSV"
        raise ExperimentError(text, "too_many_figures", limit=MAX_FIGURES)
    scenario, network_file = _portable(result)
    return {
        "format": FORMAT,
        "kind": KIND,
        "versions": {
            "program": __version__,
            "engine": result.engine_version,
            "metrics": METRICS_VERSION,
        },
        "identity": result.identity,
        "digest": result.digest,
        "seed": result.seed,
        "vary": result.vary,
        "n_replicates": result.n_replicates,
        "replicates": list(result.replicates),
        "run_seeds": list(result.seeds),
        "world_seeds": list(result.world_seeds),
        "identities": list(result.identities),
        "digests": list(result.digests),
        "scenario": scenario.model_dump(mode="json", by_alias=True),
        "document": _shareable(document, result.scenario, scenario),
        "network_file": network_file,
        "network": result.facts,
        "n_users": result.n_users,
        "metrics": as_data(result)["metrics"],
        "values": {name: _numbers(values.tolist()) for name, values in result.values.items()},
        "curves": _curves(result),
    }


def write_bundle(result: Result, out: Target, document: str | None = None) -> None:
    """Write a `bundle` as JSON, one of its parts on each line; the same result, the same bytes.

    Raises
    ------
    ExperimentError
        As for `bundle`.
    """
    parts = bundle(result, document)
    lines = (
        f"{json.dumps(name)}: {json.dumps(part, ensure_ascii=False, allow_nan=False)}"
        for name, part in parts.items()
    )
    with text_to(out) as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


def _portable(result: Result) -> tuple[Scenario, dict[str, str] | None]:
    """The scenario without a folder of this machine, and what its network file is."""
    scenario = result.scenario
    if scenario.network.kind != "imported":
        return scenario, None
    path = str(scenario.network.path)
    if scenario.identity != result.identity:
        text = f"{path} has changed since it was run; run it again, then export"
        raise ExperimentError(text, "network_changed", path=path)
    name = re.split(r"[\\/]", path)[-1]
    about = {"name": name, "sha256": digest_of_file(path)}
    return override(scenario, {"network.path": name}), about


def _shareable(document: str | None, run: Scenario, portable: Scenario) -> str | None:
    """The author's text, if it is that of the scenario and says nothing of this machine."""
    if document is None:
        return None
    written = from_text(document, "document")
    if written not in (run, portable):
        text = "document: describes another scenario than the one that was run; leave it out"
        raise ExperimentError(text, "other_document")
    return document if written == portable else None


def _numbers(values: list[float]) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values]


def _curves(result: Result) -> dict[str, list[list[int]]] | None:
    curves = result.curves.values()
    is_long = sum(curve.size for curve in curves) > MAX_CURVES
    if is_long or sum(len(curve) for curve in curves) > MAX_CURVE_ROWS:
        return None
    return {name: curve.tolist() for name, curve in result.curves.items()}
