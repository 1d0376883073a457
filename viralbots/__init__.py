"""ViralBots: simulated experiments on how messages spread, with and without bots.

Nothing is ever posted. The public API; names are loaded when they are first used.

>>> from viralbots import load, run_all, outcome  # doctest: +SKIP
>>> result = run_all(load("scenarios/chain_letter.yaml"), seed=1)  # doctest: +SKIP
>>> print(*outcome(result), sep="\\n")  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from viralbots.errors import ViralbotsError
from viralbots.version import ENGINE_VERSION, __version__

if TYPE_CHECKING:
    from viralbots.engine.simulate import simulate
    from viralbots.experiments.comparison import compare
    from viralbots.experiments.runner import run_all
    from viralbots.experiments.summary import Result
    from viralbots.experiments.words import outcome
    from viralbots.metrics import METRICS, evaluate
    from viralbots.scenario import Scenario, dump, load, override
    from viralbots.store import Store
    from viralbots.trace import Trace
    from viralbots.world.assemble import build
    from viralbots.world.world import World

_WHERE = {
    "METRICS": "viralbots.metrics",
    "Result": "viralbots.experiments.summary",
    "Scenario": "viralbots.scenario",
    "Trace": "viralbots.trace",
    "World": "viralbots.world.world",
    "Store": "viralbots.store",
    "build": "viralbots.world.assemble",
    "compare": "viralbots.experiments.comparison",
    "dump": "viralbots.scenario",
    "evaluate": "viralbots.metrics",
    "load": "viralbots.scenario",
    "outcome": "viralbots.experiments.words",
    "override": "viralbots.scenario",
    "run_all": "viralbots.experiments.runner",
    "simulate": "viralbots.engine.simulate",
}

__all__ = [
    "ENGINE_VERSION",
    "METRICS",
    "Result",
    "Scenario",
    "Store",
    "Trace",
    "ViralbotsError",
    "World",
    "__version__",
    "build",
    "compare",
    "dump",
    "evaluate",
    "load",
    "outcome",
    "override",
    "run_all",
    "simulate",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module 'viralbots' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
