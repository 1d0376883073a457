"""GraphML, read with a bare parser that refuses document types and entities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.parsers import expat

from viralbots.world.edge_list import MAX_LABEL, MAX_PROBLEMS, EdgeBuilder
from viralbots.world.edge_text import WEIGHTS, plain_name

MAX_DEPTH = 20
MAX_MARKUP = 1 << 20  # bytes of one tag or of one weight
MAX_WEIGHT_TEXT = 64


class GraphmlReader:
    """Feeds the ties of a GraphML document to an `EdgeBuilder`.

    Node ids are the labels. Edges are directed as ``edgedefault`` says. The weight is the
    edge key whose name is ``weight`` (or the one asked for); if one tie has it, all must.
    """

    def __init__(self, builder: EdgeBuilder, weight_name: str | None):
        self.builder = builder
        self.problems = builder.problems
        self.weight_name = weight_name
        self.directed = False
        self._weight_key: str | None = None
        self._default: str | None = None
        self._in_weight_key = False
        self._tie: tuple[int, str, str] | None = None
        self._text: list[str] | None = None
        self._given: str | None = None
        self._declared: set[str] = set()
        self._used: dict[str, int] = {}
        self._without: list[int] = []
        self._n_graphs = self._depth = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.EntityDeclHandler = self._refuse_doctype
        self._parser.buffer_text = True

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    def read(self, blocks: Iterator[bytes]) -> dict[str, object]:
        """Read the whole document; returns ``n_lines`` and ``header`` (None)."""
        fed = 0
        try:
            for block in blocks:
                self._parser.Parse(block, False)
                fed += len(block)
                if fed - self._parser.CurrentByteIndex > MAX_MARKUP:
                    text = f"a tag has more than {MAX_MARKUP} bytes; that is no network"
                    self.problems.fail(self.line, "long_tag", text, limit=MAX_MARKUP)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            what = expat.errors.messages.get(error.code, str(error.code))
            text = f"is no well-formed XML ({what}); export the network again"
            self.problems.fail(error.lineno, "xml", text, why=what)
        except (LookupError, ValueError) as error:
            text = f"is XML in an encoding that cannot be read ({error}); save it as UTF-8"
            self.problems.fail(self.line, "xml_encoding", text, why=str(error))
        self._check_whole()
        return {"n_lines": self.line, "header": None}

    def _check_whole(self) -> None:
        if self._n_graphs == 0:
            self.problems.fail(1, "no_graph", "has no <graph> element; give a GraphML file")
        for label, line in self._used.items():
            label = label[:MAX_LABEL]
            text = f"the tie names the user {label!r}, for whom there is no <node>; add one"
            self.problems.add(line, "unknown_node", text, label=label)
        if len(self.builder.weight):
            for line in self._without:
                text = "the tie has no weight, others have one; add it"
                self.problems.add(line, "no_weight", text)
        if self.weight_name and self._weight_key is None:
            text = f"no edge key is called {self.weight_name!r}; say which column is the weight"
            self.problems.add(1, "no_weight_key", text, wanted=self.weight_name)

    def _refuse_doctype(self, *_: object) -> None:
        text = "document types and entities are not read; remove the DOCTYPE"
        self.problems.fail(self.line, "doctype", text)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        self._depth += 1
        if self._depth == 1 and tag != "graphml":
            tag = tag[:MAX_LABEL]
            text = f"the document is <{tag}>, not <graphml>; give a GraphML file"
            self.problems.fail(self.line, "not_graphml", text, given=tag)
        if self._depth > MAX_DEPTH:
            text = f"elements are nested more than {MAX_DEPTH} deep; that is no network"
            self.problems.fail(self.line, "deep_xml", text, limit=MAX_DEPTH)
        handler = {
            "graph": self._graph, "node": self._node, "edge": self._edge, "key": self._key,
            "data": self._data, "default": self._key_default, "hyperedge": self._hyperedge,
        }.get(tag)  # fmt: skip
        if handler:
            handler(attributes)

    def _graph(self, attributes: Mapping[str, str]) -> None:
        self._n_graphs += 1
        if self._n_graphs > 1:
            text = "a second <graph>; give one network without subgraphs"
            self.problems.fail(self.line, "second_graph", text)
        default = attributes.get("edgedefault", "undirected")
        if default not in ("directed", "undirected"):
            default = default[:MAX_LABEL]
            text = f"edgedefault must be 'directed' or 'undirected', got {default!r}; correct it"
            self.problems.add(self.line, "edgedefault", text, given=default)
        self.directed = default == "directed"

    def _node(self, attributes: Mapping[str, str]) -> None:
        label = self._required(attributes, "id", "node")
        if label in self._declared:
            text = f"the <node> {label!r} is there twice; ids must differ"
            self.problems.add(self.line, "duplicate_node", text, label=label)
        elif label is not None and self.builder.user(label, self.line) >= 0:
            self._declared.add(label)
            self._used.pop(label, None)

    def _edge(self, attributes: Mapping[str, str]) -> None:
        source = self._required(attributes, "source", "edge")
        target = self._required(attributes, "target", "edge")
        own = attributes.get("directed", "true" if self.directed else "false")
        if (own == "true") != self.directed:
            text = "the tie's direction differs from edgedefault; make all ties alike"
            self.problems.add(self.line, "mixed_direction", text)
        if source is not None and target is not None:
            self._tie, self._given = (self.line, source, target), None
            for label in (source, target):
                if label not in self._declared:
                    self._used.setdefault(label, self.line)

    def _key(self, attributes: Mapping[str, str]) -> None:
        name = attributes.get("attr.name", attributes.get("id", ""))
        wanted = self.weight_name
        is_weight = plain_name(name) in WEIGHTS if wanted == "" else name == wanted
        if is_weight and attributes.get("for", "all") in ("edge", "all"):
            self._weight_key = attributes.get("id")
            self._in_weight_key = True

    def _key_default(self, _: Mapping[str, str]) -> None:
        if self._in_weight_key:
            self._text = []

    def _data(self, attributes: Mapping[str, str]) -> None:
        if self._tie and self._weight_key and attributes.get("key") == self._weight_key:
            self._text = []

    def _hyperedge(self, _: Mapping[str, str]) -> None:
        text = "<hyperedge> is not read; write ties between two users"
        self.problems.add(self.line, "hyperedge", text)

    def _required(self, attributes: Mapping[str, str], name: str, tag: str) -> str | None:
        if name not in attributes:
            text = f"the <{tag}> has no attribute {name!r}; add it"
            self.problems.add(self.line, "no_attribute", text, wanted=name, tag=tag)
        return attributes.get(name)

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text[:MAX_WEIGHT_TEXT])
            del self._text[4:]

    def _end(self, name: str) -> None:
        self._depth -= 1
        tag = name.rpartition(" ")[2]
        if tag in ("data", "default") and self._text is not None:
            text = "".join(self._text).strip()
            self._text = None
            if tag == "data":
                self._given = text
            else:
                self._default = text
        elif tag == "key":
            self._in_weight_key = False
        elif tag == "edge" and self._tie:
            self._add_tie(*self._tie)

    def _add_tie(self, line: int, source: str, target: str) -> None:
        self._tie = None
        weight = self._default if self._given is None else self._given
        if weight is None and len(self._without) < MAX_PROBLEMS:
            self._without.append(line)
        self.builder.tie(line, source, target, weight)
