"""The people of one run."""

from __future__ import annotations

from viralbots.ui import one_run, people
from viralbots.ui.frame import Cases, page
from viralbots.ui.i18n import Texts


@page("people", own=True)
def show(t: Texts, cases: Cases) -> None:
    """Show the page."""
    look = one_run.look(t, cases)
    if look is not None:
        task, seen = look.task, look.seen
        people.show(t, task.scenario, task.seed, task.luck, seen.world, seen.trace)
