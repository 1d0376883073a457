"""Words of a scenario file: texts in both languages, and names that are safe as file names."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from viralbots.errors import Problem
from viralbots.world.message import Strict, refusal

# Names that one system or another takes for a device, whatever their ending.
DEVICES = ("aux", "con", "nul", "prn", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10)))


def _no_device(name: str) -> str:
    if name in DEVICES:
        text = f"{name!r} is a device on some systems; choose another name"
        raise refusal("", [Problem("", "device_name", text, {"got": name})])
    return name


ScenarioName = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$"), AfterValidator(_no_device)
]
"""Name of a scenario and of its file; nothing in it can lead to another folder."""


class Text(Strict):
    """A text in both languages."""

    en: str = Field(max_length=20_000, description="The text in English.")
    zh: str = Field(max_length=20_000, description="The text in Chinese.")
