"""Replays: terms sum to the kernel's log-odds, draws decide, flips are the smallest."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.random_worlds import random_case
from viralbots import exact
from viralbots.engine.simulate import simulate
from viralbots.engine.state import WATCH_COLUMNS
from viralbots.errors import ExperimentError
from viralbots.experiments import explain
from viralbots.experiments.decision import Decision, DeliveryStory, UserStory
from viralbots.experiments.flips import Flip, log_odds_with, needed_change
from viralbots.experiments.replay import (
    ReplayMismatch,
    find_user,
    replay,
    what_would_change,
)
from viralbots.rules import main_rule
from viralbots.rules.constants import DECLARED
from viralbots.rules.decision_table import DECISIONS, VARIABLES
from viralbots.scenario import Scenario, from_dict
from viralbots.world.spec import build
from viralbots.world.world import World

