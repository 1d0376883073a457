"""What each cell of the decision table does, in one sentence of either language."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from viralbots.rules.constants import DECLARED


@lru_cache(maxsize=4)
def sentences(lang: str) -> dict[str, str]:
    """All sentences of a language: ``en`` stands beside the cells, ``zh`` in a file of its own."""
    if lang == "en":
        return {name: cell.sentence for name, cell in DECLARED.items()}
    text = (Path(__file__).parent / f"cells.{lang}.yaml").read_text(encoding="utf-8")
    return {str(name): str(sentence) for name, sentence in yaml.safe_load(text).items()}
