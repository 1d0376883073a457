"""The rules a scenario can name (``rule.kind``)."""

from __future__ import annotations

RULES: dict[str, str] = {
    "main": "Five decisions a delivery from the decision table (model §2).",
}
