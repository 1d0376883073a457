"""Why a user reads, converts, forwards or turns against it."""

from viralbots.rules.base import Card, Origin, Reads, Rule
from viralbots.rules.main import MainRule
from viralbots.rules.registry import READS, RULES, AnyRule

__all__ = ["READS", "RULES", "AnyRule", "Card", "MainRule", "Origin", "Reads", "Rule"]
