"""Networks from files: edge lists, CSV and GraphML, plain or gzip (model §1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np

from viralbots.errors import NetworkError, Problem
from viralbots.exact import TIE_LEVELS
from viralbots.world.communities import detect_communities, regions_of
from viralbots.world.edge_list import EdgeBuilder, EdgeList, IntArray, Problems
from viralbots.world.edge_text import delimiter_of, read_columns, read_csv
from viralbots.world.graphml import GraphmlReader
from viralbots.world.network import ties_from_edges
from viralbots.world.network_bytes import blocks, opened, whole_lines
from viralbots.world.population import build_population
from viralbots.world.shares import PopulationSpec
from viralbots.world.world import World

MAX_BYTES = 400 << 20  # unpacked
# [d] of ties without weights: at .52 the calibration campaign keeps its forward probability on
# ego-Facebook, .0875 ± .0009 beside the measured .0879 (at .51 .0852, at .53 .0890).
IMPORTED_TIE_STRENGTH = 0.52
_GRAPHML_NAMES = (".graphml", ".xml", ".graphml.gz", ".xml.gz")
_GRAPHML_STARTS = (b"<?xml", b"<graphml", b"<!DOCTYPE", b"<!--")

__all__ = ["IMPORTED_TIE_STRENGTH", "EdgeList", "read_network", "world_from_edges"]


def read_network(
    source: str | Path | BinaryIO,
    *,
    name: str | None = None,
    directed: bool | None = None,
    columns: Mapping[str, str | None] | None = None,
    max_bytes: int = MAX_BYTES,
) -> EdgeList:
    """Read who is tied to whom; the format is recognised by the content.

    Parameters
    ----------
    source : path or binary stream
        Plain text or gzip: ``user user [weight]`` lines, CSV with named columns
        (``source,target[,weight]`` or usual synonyms), or GraphML.
    name : str, optional
        The file's name for messages, where ``source`` is a stream.
    directed : bool, optional
        Whether only ``target`` hears ``source``. Default: what GraphML says; otherwise no.
    columns : mapping, optional
        Names of the columns ``source``, ``target`` and ``weight``; a ``weight`` of None
        leaves weights aside.
    max_bytes : int
        Largest unpacked size.

    Returns
    -------
    EdgeList
        Users in the order in which the file names them. Self-loops and repeated ties are
        dropped and counted; of repeated weights the largest counts. If any weight exceeds
        1, all are divided by the largest (``facts["weights_divided_by"]``).

    Raises
    ------
    NetworkError
        With the line of each of the first ten problems.
    """
    name = name or str(getattr(source, "name", source) if hasattr(source, "read") else source)
    columns = _checked_columns(columns or {}, name)
    problems = Problems(name)
    builder = EdgeBuilder(problems)
    with opened(source, name) as stream:
        parts = blocks(stream, problems, max_bytes)
        first = next(parts, b"")
        if not first.strip():
            text = "the file is empty; give one tie per line, 'user user'"
            problems.fail(1, "empty_file", text)
        all_parts = chain([first], parts)
        if first.lstrip().startswith(_GRAPHML_STARTS) or name.lower().endswith(_GRAPHML_NAMES):
            return _read_graphml(all_parts, builder, directed, columns)
        facts = _read_text(first, all_parts, builder, columns)
    return builder.finish(bool(directed), facts)


def _checked_columns(columns: Mapping[str, str | None], name: str) -> Mapping[str, str | None]:
    for key in columns:
        if key not in ("source", "target", "weight"):
            text = f"must be 'source', 'target' or 'weight', got {key!r}; correct it"
            raise NetworkError(name, [Problem("columns", "column_role", text, {"given": key})])
    return columns


def _read_graphml(
    parts: Iterator[bytes],
    builder: EdgeBuilder,
    directed: bool | None,
    columns: Mapping[str, str | None],
) -> EdgeList:
    if columns.get("source") or columns.get("target"):
        text = "GraphML names the ends of its ties itself; only 'weight' can be chosen"
        builder.problems.fail(1, "graphml_columns", text)
    reader = GraphmlReader(builder, columns.get("weight", ""))
    facts = {"format": "graphml", **reader.read(parts)}
    return builder.finish(reader.directed if directed is None else directed, facts)


def _read_text(
    first: bytes,
    parts: Iterator[bytes],
    builder: EdgeBuilder,
    columns: Mapping[str, str | None],
) -> dict[str, object]:
    """Read CSV or blank-divided columns, whichever the first line with content is."""
    lines = enumerate(first.split(b"\n"), 1)
    line, row = next((i, r) for i, r in chain(lines, [(1, b"")]) if _has_content(r) or not r)
    chunks = whole_lines(parts, builder.problems)
    mark = delimiter_of(row.decode("utf-8", "replace"))
    if mark:
        return {"format": "csv", **read_csv(chunks, builder, columns, mark)}
    if columns.get("source") or columns.get("target") or columns.get("weight"):
        text = "the file has no named columns; write a first line such as 'source,target'"
        builder.problems.fail(line, "unnamed_columns", text)
    return {"format": "edge list", **read_columns(chunks, builder, columns)}


def _has_content(row: bytes) -> bool:
    return bool(row.strip()) and row.lstrip()[:1] not in (b"#", b"%")


def _levels(edges: EdgeList) -> int | IntArray:
    """Tie strengths in units of 1/240: clip(round(240 w), 1, 240), or one for all ties."""
    if edges.weight is None:
        return round(TIE_LEVELS * IMPORTED_TIE_STRENGTH)
    return np.clip(np.rint(TIE_LEVELS * edges.weight), 1, TIE_LEVELS).astype(np.int64)


def world_from_edges(edges: EdgeList, *, seed: int, spec: PopulationSpec) -> World:
    """Build a world on an imported network; its ties carry pushes and posts alike.

    Parameters
    ----------
    edges : EdgeList
    seed : int
        Population seed; a user's key is her number.
    spec : PopulationSpec
    """
    n = edges.n_users
    community = detect_communities(n, edges.source, edges.target)
    n_followers = np.bincount(edges.source, minlength=n)
    if not edges.directed:
        n_followers = n_followers + np.bincount(edges.target, minlength=n)
    population = build_population(
        seed, spec, community.astype(np.int32), regions_of(community).astype(np.int32),
        n_followers=n_followers,
    )  # fmt: skip
    ties = ties_from_edges(
        edges.source, edges.target, level=_levels(edges), key=population.key,
        channels=population.channels, directed=edges.directed,
    ).ties  # fmt: skip
    facts = {
        **edges.facts,
        "kind": "imported",
        "n_ties": edges.n_ties,
        "directed": edges.directed,
        "weighted": edges.weight is not None,
    }
    return World(population, ties, ties, edges.labels, facts)
