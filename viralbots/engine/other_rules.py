"""Which simulator runs which rule; the main rule is run by `viralbots.engine.simulate` itself."""

from __future__ import annotations

from collections.abc import Callable

from viralbots.engine import attention_run
from viralbots.engine.request import Request
from viralbots.trace import Trace

SIMULATORS: dict[str, Callable[[Request], Trace]] = {
    "attention_feed": attention_run.run,
}
"""By ``rule.kind``. A simulator does what its page under ``docs/`` says, and gives a `Trace`."""
