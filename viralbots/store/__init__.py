"""Everything that is kept, in one SQLite file (`Store`).

Its tables are made and changed by ``sqlite_utils.Migrations`` (`viralbots.store.schema`). Reading
and writing goes through the same SQLite library without loading sqlite-utils, which with what it
imports takes half a second: a run that is kept is to be shown at once.
"""

from __future__ import annotations

from viralbots.run import Recipe
from viralbots.store.location import default_path
from viralbots.store.results import SavedResult
from viralbots.store.scenarios import SavedScenario
from viralbots.store.sqlite import sqlite_version
from viralbots.store.store import Store, restore
from viralbots.store.upkeep import Size

__all__ = [
    "Recipe", "SavedResult", "SavedScenario", "Size", "Store", "default_path",
    "restore", "sqlite_version",
]  # fmt: skip
