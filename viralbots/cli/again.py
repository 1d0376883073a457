"""A saved run, gathered from what was kept of it; what is missing is computed again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from viralbots.errors import ExperimentError
from viralbots.version import ENGINE_VERSION

if TYPE_CHECKING:
    from viralbots.experiments.summary import Result
    from viralbots.scenario import Scenario
    from viralbots.store import SavedResult, Store


def again(saved: SavedResult, store: Store, lang: str) -> Result:
    """The result of a saved run.

    Raises
    ------
    ExperimentError
        It was run by another engine, whose results this one does not give.
    """
    from viralbots.experiments.runner import recall, run_all
    from viralbots.scenario import from_text

    name = f"r{saved.id}"
    scenario = from_text(saved.document, name)
    kept = recall(scenario, saved, store)
    if kept is not None:
        return kept
    if saved.engine_version != ENGINE_VERSION:
        text = (
            f"{name} was run by engine {saved.engine_version}, this is engine {ENGINE_VERSION}, "
            f"which may give other numbers; run it again: viralbots run {name}"
        )
        raise ExperimentError(
            text, "other_engine", name=name, theirs=saved.engine_version,
            ours=ENGINE_VERSION,
        )  # fmt: skip
    refuse_changed(saved, scenario)
    result = run_all(
        scenario, seed=saved.seed, replicates=max(saved.replicates) + 1, vary=saved.vary,
        cache=store,
    )  # fmt: skip
    if len(saved.replicates) == result.n_replicates and result.digest != saved.digest:
        warning = f"{name}: digest {result.digest[:16]}, saved was {saved.digest[:16]}"
        other = "重新计算的结果与保存时不同" if lang == "zh" else "not what was saved"
        print(f"viralbots: {other}: {warning}", file=sys.stderr)
    return result


def refuse_changed(saved: SavedResult, scenario: Scenario) -> None:
    """Refuse to compute a saved run again where its network file is another one by now.

    Raises
    ------
    ExperimentError
        It is.
    NetworkError
        The file cannot be read.
    """
    if scenario.identity != saved.identity:
        path = str(scenario.network.path)
        text = (
            f"r{saved.id} was made with another {path}; put that file back, or run the new one: "
            f"viralbots run r{saved.id}"
        )
        raise ExperimentError(text, "other_network_file", name=f"r{saved.id}", path=path)
