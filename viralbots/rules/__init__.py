"""Why a user reads, converts, forwards or turns against it."""

from viralbots.rules.registry import READS, RULES, Reads

__all__ = ["READS", "RULES", "Reads"]
