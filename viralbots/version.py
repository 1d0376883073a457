"""Versions: of the program, and of the engine whose results may be compared."""

from __future__ import annotations

__version__ = "0.1.0"
ENGINE_VERSION = "1"  # raised whenever the same scenario and seed give other bytes
