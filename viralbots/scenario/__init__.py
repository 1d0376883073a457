"""The complete, validated description of a run, and everything one does with its file.

`model` holds the scenario itself; the other modules read its file safely (`file`), say what is
wrong with it (`problems`, `faults`, `salvage`, `reads`), write it (`dump`, `edit`, `template`),
compare two (`difference`), and explain their fields (`fields`, `schema`).
"""

from viralbots.scenario.model import (
    TEXT_FIELDS,
    Scenario,
    Text,
    Wave,
    check_waves,
    dump,
    from_dict,
    from_text,
    load,
    override,
    read,
)

__all__ = [
    "TEXT_FIELDS",
    "Scenario",
    "Text",
    "Wave",
    "check_waves",
    "dump",
    "from_dict",
    "from_text",
    "load",
    "override",
    "read",
]
