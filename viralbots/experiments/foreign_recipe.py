"""What a stranger says that he ran: how to run it again, and whether the same came out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from viralbots.errors import Problem
from viralbots.experiments.summary import Result
from viralbots.run import Vary
from viralbots.scenario import Scenario, override
from viralbots.version import ENGINE_VERSION, METRICS_VERSION
from viralbots.world.spec import digest_of_file


@dataclass(frozen=True)
class ForeignRecipe:
    """How to run a result of somebody else again; `viralbots.run.Recipe` is one of our own.

    Attributes
    ----------
    scenario : Scenario
        Validated anew. Of an imported network its ``path`` is a bare file name: give your copy
        of the file to `with_network` before anything reads it.
    document : str or None
        The author's own text of the scenario; it says the same as ``scenario``.
    seed, vary, replicates
        As in `viralbots.experiments.Result`.
    identity, digest : str
        What the author's program computed.
    program_version, engine_version, metrics_version : str
        The author's program.
    network_file, network_sha256 : str or None
        Name and content of an imported network.
    notes : tuple of Problem
        Why the result may differ from the author's, or cannot be compared with it; each has a
        code and values like an error. Empty: the same digest must come out.
    """

    scenario: Scenario
    document: str | None
    seed: int
    vary: Vary
    replicates: tuple[int, ...]
    identity: str
    digest: str
    program_version: str
    engine_version: str
    metrics_version: str
    network_file: str | None = None
    network_sha256: str | None = None
    notes: tuple[Problem, ...] = ()

    @property
    def n_replicates(self) -> int:
        """Replicates to run: up to the last that the author's program finished."""
        return self.replicates[-1] + 1

    def with_network(self, path: str | Path) -> ForeignRecipe:
        """The recipe with one's own copy of the imported network.

        Raises
        ------
        NetworkError
            The file cannot be read.
        """
        scenario = override(self.scenario, {"network.path": str(path)})
        found = digest_of_file(str(path))
        recipe = dataclasses.replace(self, scenario=scenario, document=None)
        return dataclasses.replace(recipe, notes=tuple(notes_on(recipe, found)))

    def agrees(self, result: Result) -> bool | None:
        """Whether the result is the author's, bit by bit; None where that cannot be told.

        It cannot where another engine, another scenario or seed, or not the same replicates
        were run.
        """
        mine = (self.identity, self.engine_version, self.seed, self.vary, self.replicates)
        theirs = (result.identity, result.engine_version, result.seed, result.vary,
                  result.replicates)  # fmt: skip
        return result.digest == self.digest if mine == theirs else None


def notes_on(recipe: ForeignRecipe, network: str | None) -> Iterator[Problem]:
    """Why the same digest need not come out (`ForeignRecipe.notes`).

    ``network`` is the SHA-256 of the network file at hand, None without one.
    """
    values: dict[str, object]
    if recipe.n_replicates != len(recipe.replicates):
        n, of = len(recipe.replicates), recipe.n_replicates
        text = f"only {n} of {of} runs were finished; the digest cannot be compared"
        yield Problem("replicates", "bundle_partial", text, {"n": n, "of": of})
    if recipe.metrics_version != METRICS_VERSION:
        values = {"theirs": recipe.metrics_version, "ours": METRICS_VERSION}
        text = f"their figures are of version {values['theirs']}, ours of {values['ours']}"
        yield Problem("versions.metrics", "bundle_metrics", f"{text}; some may differ", values)
    if recipe.network_file is not None and network != recipe.network_sha256:
        values = {"name": recipe.network_file, "sha256": recipe.network_sha256}
        code, what = "bundle_network_other", "is another one than theirs"
        if network is None:
            code, what = "bundle_network_missing", "is not in the bundle"
        text = f"the network file {recipe.network_file!r} {what}; give the one with SHA-256 "
        yield Problem("network_file", code, f"{text}{recipe.network_sha256}", values)
    if recipe.engine_version != ENGINE_VERSION:
        values = {"theirs": recipe.engine_version, "ours": ENGINE_VERSION}
        text = f"run by engine {values['theirs']}, this is engine {values['ours']}; the same "
        text += "scenario may give other results, and the digest cannot be compared"
        yield Problem("versions.engine", "bundle_engine", text, values)
    elif network == recipe.network_sha256 and recipe.scenario.identity != recipe.identity:
        text = "is not that of the scenario, though the engine is the same: the file was changed"
        yield Problem("identity", "bundle_identity", f"{text}, or a changed program wrote it")
