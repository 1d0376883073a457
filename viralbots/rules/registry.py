"""The rules a scenario can name (``rule.kind``), and what each of them reads of it."""

from __future__ import annotations

from dataclasses import dataclass

RULES: dict[str, str] = {
    "main": "Five decisions a delivery from the decision table (model §2).",
}

ALL = ("*",)


@dataclass(frozen=True)
class Reads:
    """Fields of a scenario that a rule reads; every other one is refused in a file.

    Attributes
    ----------
    message, wave : tuple of str
        Names of fields of a message and of a wave of seeding.
    interventions : tuple of str
        Kinds of interventions.
    cells : tuple of str
        Cells of the decision table, or their first words (``forward``).
    """

    message: tuple[str, ...] = ALL
    wave: tuple[str, ...] = ALL
    interventions: tuple[str, ...] = ALL
    cells: tuple[str, ...] = ALL


READS: dict[str, Reads] = {
    "main": Reads(),
}
"""By the names of `RULES`. A new rule needs its line here and nothing else."""
