"""Why a user reads, converts, forwards or turns against it."""

from viralbots.rules.registry import RULES

__all__ = ["RULES"]
