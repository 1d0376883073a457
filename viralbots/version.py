"""Versions: of the program, of the engine whose results may be compared, of the metrics."""

from __future__ import annotations

__version__ = "0.1.0"
ENGINE_VERSION = "1"  # raised whenever the same scenario and seed give other bytes
METRICS_VERSION = "2"  # raised whenever a metric is added or the same trace gives another number
