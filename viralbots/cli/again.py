"""A saved run, gathered from what was kept of it; what is missing is computed again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from viralbots.errors import ExperimentError
from viralbots.version import ENGINE_VERSION

if TYPE_CHECKING:
    from viralbots.experiments.summary import Result
    from viralbots.store import SavedResult, Store


def again(saved: SavedResult, store: Store, lang: str) -> Result:
    """The result of a saved run.

    Raises
    ------
    ExperimentError
        It was run by another engine, whose results this one does not give.
    """
    from viralbots.experiments.runner import run_all
    from viralbots.scenario import from_text

    name = f"r{saved.id}"
    if saved.engine_version != ENGINE_VERSION:
        raise ExperimentError(
            f"{name} was run by engine {saved.engine_version}, this is engine {ENGINE_VERSION}, "
            f"which may give other numbers; run it again: viralbots run {name}",
            "other_engine", name=name, theirs=saved.engine_version, ours=ENGINE_VERSION,
        )  # fmt: skip
    scenario = from_text(saved.document, name)
    result = run_all(
        scenario, seed=saved.seed, replicates=max(saved.replicates) + 1, vary=saved.vary,
        cache=store,
    )  # fmt: skip
    if len(saved.replicates) == result.n_replicates and result.digest != saved.digest:
        warning = f"{name}: digest {result.digest[:16]}, saved was {saved.digest[:16]}"
        other = "重新计算的结果与保存时不同" if lang == "zh" else "not what was saved"
        print(f"viralbots: {other}: {warning}", file=sys.stderr)
    return result
