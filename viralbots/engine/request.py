"""What a simulator is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from viralbots.draws import run_seed
from viralbots.scenario import Scenario
from viralbots.world.world import World


@dataclass(frozen=True)
class Request:
    """One run of a scenario, checked; see `viralbots.engine.simulate.simulate`."""

    scenario: Scenario
    world: World
    seed: int
    replicate: int
    level: str
    progress: Callable[[float], None] | None = None
    cancel: Event | None = None

    @property
    def run_seed(self) -> int:
        """The seed from which every draw of the run follows."""
        return run_seed(self.seed, self.replicate)
