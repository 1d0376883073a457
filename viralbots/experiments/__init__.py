"""Scenarios × seeds: replicates, their summary, and the outcome in words."""

from viralbots.experiments.comparison import Comparison, compare
from viralbots.experiments.runner import RunsCancelled, run_all, scenario_with_network
from viralbots.experiments.summary import Result, Summary, band, summarise
from viralbots.experiments.words import outcome

__all__ = [
    "Comparison",
    "Result",
    "RunsCancelled",
    "Summary",
    "band",
    "compare",
    "outcome",
    "run_all",
    "scenario_with_network",
    "summarise",
]
