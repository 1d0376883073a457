"""The world as a scenario describes it, and the one function that builds it (model §1)."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from viralbots.errors import NetworkError, Problem, unreadable
from viralbots.world.message import Share, Strict, measured_in, refusal
from viralbots.world.shares import PopulationSpec
from viralbots.world.world import MAX_USERS

Degree = Annotated[float, measured_in("ties", gt=0, le=10_000)]
DegreeOrNone = Annotated[float, measured_in("ties", ge=0, le=10_000)]

PARAMETERS: dict[str, tuple[str, ...]] = {
    "default": (),
    "erdos_renyi": ("mean_degree", "tie_strength"),
    "watts_strogatz": ("mean_degree", "rewire", "tie_strength"),
    "barabasi_albert": ("attach", "tie_strength"),
    "configuration": ("degrees", "tie_strength"),
    "block": ("blocks", "degree_inside", "degree_outside", "tie_strength"),
    "imported": ("path", "directed"),
}  # fmt: skip
"""Parameters that each kind of network reads; any other is an error, never ignored."""

DEFAULTS: dict[str, Any] = {
    "mean_degree": 10.0, "rewire": 0.1, "attach": 5, "blocks": 10,
    "degree_inside": 8.0, "degree_outside": 2.0, "tie_strength": 0.5,
}  # fmt: skip
"""Parameters that need not be given. They stay unset where a kind does not read them."""


class WorldSpec(Strict):
    """Which network, how many users, and the world's own random seed."""

    kind: Literal[
        "default",
        "erdos_renyi",
        "watts_strogatz",
        "barabasi_albert",
        "configuration",
        "block",
        "imported",
    ] = Field("default", description="The layered default world, a textbook generator or a file.")
    n_users: Annotated[int, measured_in("users", ge=2, le=MAX_USERS)] = Field(
        10_000, description="How many users; where a network file is read, the file says it."
    )
    seed: Annotated[int, measured_in("none", ge=0, lt=2**63)] = Field(
        1, description="Random seed of the world: another one makes other people and ties."
    )
    population: PopulationSpec = Field(
        default_factory=PopulationSpec,
        description="Shares of kinds of users and of users of each channel.",
    )
    mean_degree: Degree | None = Field(
        None, description="Ties a user (erdos_renyi, watts_strogatz); default 10."
    )
    rewire: Share | None = Field(
        None, description="Share of ties rewired (watts_strogatz); default .1."
    )
    attach: Annotated[int, measured_in("ties", ge=1, le=1000)] | None = Field(
        None, description="Ties that each newcomer makes (barabasi_albert); default 5."
    )
    degrees: dict[str, Share] | None = Field(
        None,
        description="Share of users with each number of ties, numbers in quotes (configuration).",
    )
    blocks: Annotated[int, measured_in("count", ge=1, le=100_000)] | None = Field(
        None, description="Number of blocks (block); default 10."
    )
    degree_inside: DegreeOrNone | None = Field(
        None, description="Mean ties inside one's block (block); default 8."
    )
    degree_outside: DegreeOrNone | None = Field(
        None, description="Mean ties to other blocks (block); default 2."
    )
    tie_strength: Annotated[float, measured_in("share", gt=0, le=1)] | None = Field(
        None, description="Strength w of every tie of a textbook network; default .5."
    )
    path: str | None = Field(None, description="Network file (imported).", max_length=4096)
    directed: bool | None = Field(
        None, description="Ties point one way (imported); default: what the file says."
    )

    @model_validator(mode="after")
    def _parameters_are_read(self) -> WorldSpec:
        problems = list(self._faults())
        if problems:
            raise refusal("network", problems)
        return self

    def _faults(self) -> Iterator[Problem]:
        reads = PARAMETERS[self.kind]
        told = ", ".join(reads) or "n_users only"
        for name in dict.fromkeys(p for names in PARAMETERS.values() for p in names):
            if getattr(self, name) is not None and name not in reads:
                text = f"is not read by kind {self.kind!r}; leave it out (it reads: {told})"
                yield Problem(name, "not_read", text, {"reader": self.kind, "reads": told})
        needed = {"configuration": "degrees", "imported": "path"}.get(self.kind)
        if needed and getattr(self, needed) is None:
            text = f"is missing; kind {self.kind!r} needs it"
            yield Problem(needed, "kind_needs", text, {"kind": self.kind})

    def parameter(self, name: str) -> Any:
        """A parameter of the network, or its default where it was not given."""
        given = getattr(self, name)
        return DEFAULTS[name] if given is None else given

    def dynamic(self) -> dict[str, Any]:
        """What decides the built world; an imported file counts by its bytes, not its path.

        Raises
        ------
        NetworkError
            The file cannot be read.
        """
        data = self.model_dump(mode="json", exclude_none=True)
        if self.kind == "imported":
            data["path"] = digest_of_file(str(self.path))
            data.pop("n_users")
        return data


def digest_of_file(path: str) -> str:
    """SHA-256 of a network file, computed again only where the file has changed.

    Raises
    ------
    NetworkError
        The file cannot be read.
    """
    try:
        about = os.stat(path)
        if not stat.S_ISREG(about.st_mode):  # a device may have no end
            text = "is not a file; give the path of an edge list, CSV or GraphML file"
            raise NetworkError(path, [Problem("", "not_a_file", text)])
        return _digest(path, about.st_mtime_ns, about.st_size)
    except OSError as error:
        raise unreadable(path, error) from None
    except ValueError:  # a character that no file name can hold
        text = "cannot be the name of a file; check it for invisible characters"
        raise NetworkError(ascii(path), [Problem("", "bad_file_name", text)]) from None


@lru_cache(maxsize=64)
def _digest(path: str, changed: int, size: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
