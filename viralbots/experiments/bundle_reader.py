"""A stranger's bundle: everything in it is checked, no figure is believed.

A bundle (`viralbots.experiments.bundle`) tells how to run something again and what came out
for its author. `read_bundle` takes the first and, of the second, only the digest: whoever
imports a bundle runs it and asks `ForeignRecipe.agrees`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from viralbots.errors import InputError, Problem, ScenarioError
from viralbots.experiments.bounded_json import parse_json
from viralbots.experiments.foreign_recipe import ForeignRecipe, notes_on
from viralbots.run import Vary
from viralbots.scenario import Scenario, from_dict, from_text
from viralbots.scenario.problems import bounded, explain
from viralbots.version import __version__
from viralbots.world.message import Strict

FORMAT: Literal[1] = 1
KIND: Literal["viralbots-result"] = "viralbots-result"
MAX_REPLICATES = 100_000
MAX_SCENARIO = 20_000  # values and names in the scenario, defaults written out
MAX_FIELDS = 50  # of a block; telling of half a million unknown ones takes half a minute
_BLOCKS = ("versions", "network_file")

_HASH = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,39}")


class BundleError(InputError):
    """A file that is no bundle, or one that cannot be used."""


class _Versions(Strict):
    program: str
    engine: str
    metrics: str


class _NetworkFile(Strict):
    name: Annotated[str, Field(min_length=1, max_length=255)]
    sha256: str


class _File(Strict):
    """The fields of a bundle. Figures are not looked at: nobody is going to show them."""

    format: Literal[1]
    kind: Literal["viralbots-result"]
    versions: _Versions
    identity: str
    digest: str
    seed: Annotated[int, Field(ge=0, lt=2**64)]
    vary: Vary
    n_replicates: Annotated[int, Field(ge=1, le=MAX_REPLICATES)]
    replicates: list[Any]  # looked at by `_contradictions`: pydantic tells of each entry
    run_seeds: list[Any]
    world_seeds: list[Any]
    identities: list[Any]
    digests: list[Any] | None
    scenario: dict[str, Any]
    document: str | None
    network_file: _NetworkFile | None
    network: dict[str, Any]
    n_users: int
    metrics: dict[str, Any]
    values: dict[str, Any]
    curves: dict[str, Any] | None


def read_bundle(data: bytes, source: str) -> ForeignRecipe:
    """What was run, from the bytes of a bundle. No file that it names is opened.

    Parameters
    ----------
    source : str
        The file's name for messages.

    Raises
    ------
    BundleError
        With all problems at once: too large, no JSON, no bundle, a scenario that is not valid,
        parts that contradict each other.
    """
    parsed = parse_json(data)
    if isinstance(parsed, Problem):
        raise BundleError(source, [parsed])
    file, problems = _checked(parsed)
    scenario, of_scenario = _scenario(parsed)
    problems += of_scenario
    if file is not None and scenario is not None:
        problems += _contradictions(file, scenario)
    if of_scenario and file is not None:
        problems += _other_program(file.versions.program)
    if problems or file is None or scenario is None:
        raise BundleError(source, bounded(problems))
    recipe = ForeignRecipe(
        scenario=scenario,
        document=file.document,
        seed=file.seed,
        vary=file.vary,
        replicates=tuple(file.replicates),
        identity=file.identity,
        digest=file.digest,
        program_version=file.versions.program,
        engine_version=file.versions.engine,
        metrics_version=file.versions.metrics,
        network_file=file.network_file.name if file.network_file else None,
        network_sha256=file.network_file.sha256 if file.network_file else None,
    )
    return dataclasses.replace(recipe, notes=tuple(notes_on(recipe, None)))


def _checked(parsed: object) -> tuple[_File | None, list[Problem]]:
    """The fields, if their types and the forms of versions and hashes are right."""
    if isinstance(parsed, dict):
        for path, part in (("", parsed), *((name, parsed.get(name)) for name in _BLOCKS)):
            if isinstance(part, dict) and len(part) > MAX_FIELDS:
                text = f"has more than {MAX_FIELDS} fields; no export has as many"
                return None, [Problem(path, "bundle_fields", text, {"limit": MAX_FIELDS})]
    try:
        file = _File.model_validate(parsed)
    except ValidationError as error:
        return None, [finding.problem for finding in explain(error, _File)]
    hashes = {"identity": file.identity, "digest": file.digest}
    if file.network_file:
        hashes["network_file.sha256"] = file.network_file.sha256
    problems = [
        Problem(path, "bundle_hash", "must be a SHA-256: 64 digits 0–9 and a–f; export it again")
        for path, text in hashes.items()
        if not _HASH.fullmatch(text)
    ]
    for name, text in file.versions.model_dump().items():
        if not _VERSION.fullmatch(text):
            told = "must be a version, such as 1 or 0.1.0; export it again"
            problems.append(Problem(f"versions.{name}", "bundle_version", told))
    return file, problems


def _scenario(parsed: object) -> tuple[Scenario | None, list[Problem]]:
    """The scenario, if it is valid, judged like one that comes from a file."""
    document = parsed.get("scenario") if isinstance(parsed, dict) else None
    if not isinstance(document, dict):
        return None, []  # said already
    if _size(document) > MAX_SCENARIO:
        text = f"has more than {MAX_SCENARIO} names and values; none needs as many"
        return None, [Problem("scenario", "bundle_scenario", text, {"limit": MAX_SCENARIO})]
    try:
        return from_dict(document), []
    except ScenarioError as error:
        return None, [
            dataclasses.replace(problem, path=".".join(filter(None, ("scenario", problem.path))))
            for problem in error.problems
        ]


def _size(value: object) -> int:
    """Values in a document, names counted too."""
    if isinstance(value, dict):
        return 1 + sum(1 + _size(entry) for entry in value.values())
    if isinstance(value, list):
        return 1 + sum(map(_size, value))
    return 1


def _contradictions(file: _File, scenario: Scenario) -> Iterator[Problem]:
    """What fits field by field but not together."""
    numbers = file.replicates
    is_whole = bool(numbers) and all(type(number) is int for number in numbers)
    pairs = zip([-1, *numbers], numbers, strict=False)
    if not is_whole or any(after <= before for before, after in pairs):
        text = "must be whole numbers from 0 that grow; export it again"
        yield Problem("replicates", "bundle_replicates", text)
    elif len(numbers) != file.n_replicates:
        text = f"must be the number of `replicates` ({len(numbers)}), got {file.n_replicates}"
        values: dict[str, object] = {"wanted": len(numbers), "got": file.n_replicates}
        yield Problem("n_replicates", "bundle_count", text, values)
    elif numbers[-1] >= MAX_REPLICATES:
        text = f"must be below {MAX_REPLICATES}, got {numbers[-1]}; run fewer"
        values = {"lt": MAX_REPLICATES, "got": numbers[-1]}
        yield Problem("replicates", "out_of_range", text, values)
    yield from _network_faults(file, scenario)
    if file.document is not None:
        yield from _document_faults(file.document, scenario)


def _network_faults(file: _File, scenario: Scenario) -> Iterator[Problem]:
    if (scenario.network.kind == "imported") != (file.network_file is not None):
        text = "must be there if and only if network.kind is 'imported'; export it again"
        yield Problem("network_file", "bundle_network", text)
    elif file.network_file is not None:
        name = file.network_file.name
        if name in (".", "..") or re.search(r"[\\/:\x00]", name):  # never a way into a folder
            text = f"must be the name of a file, without folders, got {ascii(name)[:80]}"
            yield Problem("network_file.name", "bundle_file_name", text, {"got": name})
        elif scenario.network.path != name:
            text = f"must be the name in network_file ({name!r}), without folders"
            yield Problem("scenario.network.path", "bundle_path", text, {"wanted": name})


def _document_faults(document: str, scenario: Scenario) -> Iterator[Problem]:
    try:
        is_same = from_text(document) == scenario
    except ScenarioError as error:
        why = str(error.problems[0])
        text = f"is no valid scenario ({why}); leave it out (null)"
        yield Problem("document", "bundle_document", text, {"why": why})
        return
    if not is_same:
        text = "describes another scenario than `scenario`; leave it out (null)"
        yield Problem("document", "bundle_other_document", text)


def _other_program(theirs: str) -> Iterator[Problem]:
    """A scenario that is not valid here may be so for a newer program."""
    if theirs != __version__ and _VERSION.fullmatch(theirs):
        values: dict[str, object] = {"theirs": theirs, "ours": __version__}
        text = f"it was written by version {theirs}, this is {__version__}"
        text += "; the newer one may read it"
        yield Problem("versions.program", "bundle_program", text, values)
