"""The rules a scenario can name (``rule.kind``), and what each of them reads of it.

To add one: a file with a class, a line in `RULES`, a line in
`viralbots.engine.other_rules.SIMULATORS`, and a test of its meaning.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Tag

from viralbots.rules.attention_feed import AttentionFeed
from viralbots.rules.base import ALL, Reads, Rule
from viralbots.rules.main import MainRule

__all__ = ["ALL", "READS", "RULES", "AnyRule", "Reads", "Rule"]

RULES: dict[str, type[Rule]] = {
    "main": MainRule,
    "attention_feed": AttentionFeed,
}
READS: dict[str, Reads] = {kind: rule.reads for kind, rule in RULES.items()}
"""By the names of `RULES`."""


def _kind(given: Any) -> str:
    """The rule that is meant; the main one where a file does not name any."""
    if isinstance(given, dict):
        kind = given.get("kind", "main")
        return kind if isinstance(kind, str) else repr(kind)
    return str(getattr(given, "kind", "main"))


if TYPE_CHECKING:
    AnyRule = Rule
else:  # one field of a scenario file; pydantic tells them apart by their kind
    AnyRule = Annotated[
        reduce(or_, (Annotated[rule, Tag(kind)] for kind, rule in RULES.items())),
        Discriminator(_kind),
    ]
