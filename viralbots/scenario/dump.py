"""Writing a scenario as YAML: in the order of the format, and only what is not the default.

What `dump` writes, `viralbots.scenario.from_text` reads back to an equal scenario with the
same identity.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel

from viralbots.scenario.file import RESOLVERS
from viralbots.scenario.problems import default_of, written_fields

if TYPE_CHECKING:
    from viralbots.scenario.model import Scenario

ALWAYS = ("format", "name", "title", "story", "messages")
FIRST = ("kind", "message", "text", "metric")
"""Names that begin a block, whatever the order in which its model declares them."""
ON_ONE_LINE = ("tags", "appeals", "channels", "messages", "trees")
"""Lists of short words."""


class _Dumper(yaml.SafeDumper):
    """SafeDumper that quotes what the loader would not read as text, and makes no anchors."""

    yaml_implicit_resolvers = RESOLVERS

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Flow(dict[str, Any]):
    """A small block that is written on one line."""


class _FlowList(list[Any]):
    """A short list that is written on one line."""


_Dumper.add_representer(
    _Flow,
    lambda dumper, data: dumper.represent_mapping(
        "tag:yaml.org,2002:map", data.items(), flow_style=True
    ),
)
_Dumper.add_representer(
    _FlowList,
    lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True),
)


def dump_yaml(data: object) -> str:
    """A document as YAML, in the order given; `parse_yaml` reads it back equal.

    >>> dump_yaml({"title": "1e6", "size": 1.5})
    "title: '1e6'\\nsize: 1.5\\n"
    """
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=99)


def flow_yaml(value: object) -> str:
    """A value as it may stand behind a name, on one line and inside brackets as well.

    >>> flow_yaml({"im": 1, "note": "a, b"}), flow_yaml("on # the line"), flow_yaml(None)
    ("{im: 1, note: 'a, b'}", "'on # the line'", 'null')
    """
    text = yaml.dump(
        [_one_line(value)], Dumper=_Dumper, sort_keys=False, allow_unicode=True,
        default_flow_style=True, width=10**9,
    )  # fmt: skip
    return str(text.strip()[1:-1])


class _Quoted(str):
    """A text of several lines, written on one."""


_Dumper.add_representer(
    _Quoted,
    lambda dumper, data: dumper.represent_scalar("tag:yaml.org,2002:str", str(data), style='"'),
)


def _one_line(value: Any) -> Any:
    if isinstance(value, dict):
        return {_one_line(k): _one_line(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_one_line(v) for v in value]
    return _Quoted(value) if isinstance(value, str) and re.search(r"[\n\r]", value) else value


def dump(scenario: Scenario) -> str:
    """A scenario as YAML, complete and in the order of the format; defaults are left out."""
    return dump_yaml(document(scenario))


def document(scenario: Scenario) -> dict[str, Any]:
    """What `dump` writes, as plain data."""
    return _written(scenario, ALWAYS)


def _written(model: BaseModel, always: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of a model that are not what they are by default."""
    fields = written_fields(type(model))
    names = dict(zip(fields, type(model).model_fields, strict=True))
    first = [name for name in FIRST if name in fields]
    found: dict[str, Any] = {}
    for written in dict.fromkeys((*first, *fields)):
        value, field = getattr(model, names[written]), fields[written]
        default = default_of(field)
        if written in always or value != default:
            found[written] = plain(value, written)
    return found


def plain(value: Any, name: str = "") -> Any:
    """A value as it is written under a name: plain data, whole numbers without a dot."""
    if isinstance(value, BaseModel):
        return _written(value)
    if isinstance(value, dict):
        if name == "changes":  # a person's own values, whatever they are
            return dict(value)
        named = {key: plain(entry) for key, entry in value.items()}
        return _Flow(named) if name == "channels" else named
    if isinstance(value, list | tuple):
        entries = [plain(entry) for entry in value]
        return _FlowList(entries) if name in ON_ONE_LINE else entries
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value) if abs(value) < 1e15 else value
    return value
