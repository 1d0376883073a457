"""Files that are meant to take the program down, or to lead it astray, are refused in words.

Beside the hostile and broken files of `tests.scenario.test_file`. Each is refused with its
place, in less than half a second and 100 MB, in a message of less than 20 kB.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.test_file import BROKEN, GOOD, HOSTILE, with_field
from viralbots.errors import ScenarioError
from viralbots.problem_words import say_error
from viralbots.scenario import from_dict, read
from viralbots.scenario.dump import dump_yaml
from viralbots.scenario.file import MAX_BYTES, parse_yaml

ROOT = Path(__file__).resolve().parents[2]
HEAD = GOOD[: GOOD.index("messages:")]


def good(**lines: str) -> bytes:
    """The good file with top lines replaced or added, as text."""
    document = GOOD
    for name, value in lines.items():
        document = re.sub(rf"^{re.escape(name)}:.*\n(?: .*\n)*", "", document, flags=re.M)
        document += f"{name}: {value}\n"
    return document.encode()


def message(text: str) -> bytes:
    """The good file with one message written as given."""
    return (HEAD + "messages:\n  letter: " + text + "\n").encode()


def filled(piece: bytes, end: bytes = b"", start: bytes = b"") -> bytes:
    """As many pieces as a file may have."""
    return start + piece * ((MAX_BYTES - len(start) - len(end)) // len(piece)) + end


# text → what the refusal says, with line or field
DOCUMENTS: dict[str, tuple[bytes, str]] = {
    # Bombs
    "nested anchors": (b"a: &a {b: &b {c: &c {}}}\n" + b"d: [*a, *b]\n" * 99, "line 1: anchors"),
    "anchor on a name": (b"&a a: 1\n*a : 2\n", "line 1: anchors"),
    "merge of a list": (b"<<: [*a, *b]\n", "line 1: anchors"),
    "merge without anchors": (good(**{"<<": "{messages: {x: {}}}"}), "<<: unknown field"),
    "recursive anchor": (b"&a [*a]\n", "line 1: anchors"),
    "200 kB of [": (filled(b"["), "line 1: nested deeper than 20"),
    "200 kB of {": (filled(b"{"), "line 1: nested deeper than 20"),
    "200 kB of [{": (filled(b"[{"), "line 1: nested deeper than 20"),
    "200 kB of ?": (filled(b"? "), "line 1: nested deeper than 20"),
    "200 kB of -": (filled(b"- "), "line 1: nested deeper than 20"),
    "200 kB of ,": (filled(b",", start=b"a: ["), "line 1: is not valid YAML"),
    "200 kB of :": (filled(b": "), "line 1: is not valid YAML"),
    "200 kB of quotes": (filled(b"'"), ""),
    "200 kB of double quotes": (filled(b'"" '), "line 1: is not valid YAML"),
    "200 kB of backslashes": (filled(b"\\\\", start=b'a: "'), "line 1: is not valid YAML"),
    "200 kB of &": (filled(b"&"), "line 1: is not valid YAML"),
    "200 kB of !": (filled(b"!"), "line 1: tags are not allowed"),
    "200 kB of a tag": (filled(b"a", b"> x", b"!<"), "line 1: tags are not allowed"),
    "200 kB of a tag's name": (filled(b"a", b"!b c", b"!"), "line 1: is not valid YAML"),
    "200 kB of %": (filled(b"%"), "line 1: is not valid YAML"),
    "many directives": (filled(b"%A b\n", b"---\na: 1\n"), ": unknown field"),
    "many tag directives": (b"".join(b"%%TAG !%d! x\n" % i for i in range(9_000)) + b"---\na: 1",
                            ": unknown field"),
    "many documents": (filled(b"---\n"), "line 2: is not valid YAML"),
    "a file in a file": (GOOD.encode() * 2, "line 13: 'format' is given twice"),
    "200 kB of spaces": (filled(b" "), "must be a block of names"),
    "200 kB of line ends": (filled(b"\n"), "must be a block of names"),
    "200 kB of comments": (filled(b"#\n"), "must be a block of names"),
    "a folded text of 200 kB": (filled(b" x\n", start=b"a: >\n"), "a: unknown field"),
    "a plain text on 60 000 lines": (filled(b" x\n", start=b"a:\n"), "a: unknown field"),
    "a quoted text on 60 000 lines": (filled(b" x\n", start=b'a: "\n'),
                                     "line 1: is not valid YAML"),
    "a key of 200 kB": (filled(b"k", b": 1\n"), "line 1: is not valid YAML"),
    "a quoted key of 200 kB": (filled(b"k", b'": 1\n', b'"'), "line 1: is not valid YAML"),
    "a key of 1000 characters": (b"k" * 1000 + b": 1\n", "kkk…: unknown field"),
    "a long name 2 400 times": (b"".join(b"k%0900d: 1\n" % i for i in range(200)), ": unknown"),
    "deeper by indentation": (b"".join(b" " * i + b"a:\n" for i in range(600)),
                              "line 20: nested deeper than 20"),
    "one byte too many": (b"a" * (MAX_BYTES + 1), f"is longer than {MAX_BYTES} bytes"),
    # Numbers
    "1e999": (message("{reward: 1e999}"), "messages.letter.reward: must be between 0 and"),
    "a huge number": (message("{price: 1" + "0" * 400 + "}"), "line 7: a number of 401 digits"),
    "a billion users": (good(network="{n_users: 1000000000000}"), "network.n_users: must be"),
    "a million digits less": (message("{price: -" + "9" * 79 + "}"), "messages.letter.price: "),
    ".nan": (message("{value: .nan}"), "messages.letter.value: must be a finite number"),
    ".inf": (message("{value: .inf}"), "messages.letter.value: must be a finite number"),
    "-.inf": (good(horizon_days="-.inf"), "horizon_days: must be greater than 0"),
    "nan without a dot": (message("{value: nan}"), "messages.letter.value: must be a number"),
    "sexagesimal": (good(horizon_days="1:30"), "horizon_days: must be a number, got '1:30'"),
    "a date": (good(horizon_days="2020-01-01"), "horizon_days: must be a number, got '2020-01"),
    "hexadecimal": (good(horizon_days="0x1F"), "horizon_days: must be a number, got '0x1F'"),
    "underscores": (good(horizon_days="1_0"), "horizon_days: must be a number, got '1_0'"),
    "no for false": (message("{is_false: no}"), "messages.letter.is_false: must be true or"),
    "yes for true": (message("{is_false: yes}"), "messages.letter.is_false: must be true or"),
    "true for a number": (message("{value: true}"), "messages.letter.value: must be a number"),
    "1.0 for a whole number": (good(network="{n_users: 500.0}"), "network.n_users: must be a who"),
    "less than nothing": (message("{value: -0.1}"), "messages.letter.value: must be between 0"),
    "other digits": (good(horizon_days="٣٠"), "horizon_days: must be a number"),
    "wide digits": (good(horizon_days="３０"), "horizon_days: must be a number"),
    # Types
    "null for everything": (b"format:\nname:\ntitle:\nstory:\nmessages:\nseeding:\n",
                            "seeding: must be a list, got None"),
    "a list for everything": (b"format: []\nname: []\ntitle: []\nstory: []\nmessages: []\n",
                              "messages: must be a block of names, got []"),
    "text for a list": (good(seeding="letter"), "seeding: must be a list, got 'letter'"),
    "a block for a list": (good(seeding="{message: letter}"), "seeding: must be a list"),
    "a list for a block": (good(messages="[letter]"), "messages: must be a block of names"),
    "a list in a list": (good(seeding="[[{message: letter}]]"), "seeding[0]: must be a block"),
    "a thousand waves": (good(seeding="[" + "{message: letter}, " * 999 + "]"),
                         "seeding: must have at most 200 entries, got 999"),
    "nine messages": (good(messages="{" + ", ".join(f"m{i}: {{}}" for i in range(9)) + "}"),
                      "messages: must have at most 8 entries, got 9"),
    "31 interventions": (good(interventions="[" + "{kind: prebunk}, " * 31 + "]"),
                         "interventions: must have at most 30 entries, got 31"),
    "a huge list of words": (good(tags="[" + "x, " * 4_900 + "]"), "tags: must have at most 20"),
    "a huge list of channels": (good(interventions="[{kind: filter, channels: ["
                                     + "fax, " * 3_000 + "]}]"), "and 2950 more"),
    "an object": (b"!!python/object:os.system {}\n", "line 1: tags are not allowed"),
    "an object inside": (message("!!python/name:os.system {}"), "line 7: tags are not allowed"),
    "a set": (message("!!set {a, b}"), "line 7: tags are not allowed"),
    "an ordered map": (message("!!omap [a: 1]"), "line 7: tags are not allowed"),
    # Names
    "another folder": (good(name="../other"), "name: must be a name of at most 64"),
    "an absolute path": (good(name="/etc/passwd"), "name: must be a name of at most 64"),
    "a path of another system": (good(name=r"'..\other'"), "name: must be a name of at most"),
    "an escaped zero": (good(name=r'"a\0b"'), "invisible marks are not allowed in text, got U+00"),
    "a device": (good(name="nul"), "name: 'nul' is a device on some systems"),
    "another device": (good(twin="com1"), "twin: 'com1' is a device on some systems"),
    "look-alike letters": (good(name="сhain"), "name: must be a name of at most 64"),
    "wide letters": (good(name="ｎａｍｅ"), "name: must be a name of at most 64"),
    "a look-alike field": (good(nаme="x"), ": unknown field; did you mean 'name'?"),
    "turned text": (good(name='"a\u202eb"'), "got U+202E; delete it"),
    "a mark from right to left": (good(tags='["\u200fa"]'), "got U+200F; delete it"),
    "nothing to see": (good(tags='["a\u200bb"]'), "got U+200B; delete it"),
    "nothing to see in a field": (("hori\u200bzon: 1\n" + GOOD).encode(), "got U+200B; delete it"),
    "a byte mark inside": (("a: x\ufeffy\n").encode(), "line 1: "),
    "a line separator": (good(tags='["a\u2028b"]'), "U+2028; delete it"),
    "a relative of another folder": (good(derived_from="../x"), "derived_from: must be a name"),
    "a lesson of another folder": (good(lesson="a/b"), "lesson: must be a name"),
    "a claim about another folder": (
        good(claims="[{text: {en: x, zh: x}, check: [{metric: reach, is: more, "
             "against: {scenario: ../x}}]}]"), "claims[0].check[0].against.scenario: must be a"),
    "a message with a path": (good(messages="{../x: {}}"), "messages.../x: must be a name"),
    "a message without a name": (good(messages='{"": {}}'), "messages.: must be a name"),
    "a message of 65 letters": (good(messages="{" + "a" * 65 + ": {}}"), "must be a name of at"),
    "a community without number": (good(seeding="[{message: letter, who: 'community:²'}]"),
                                   "seeding[0].who: no class of users"),
    "a control of 4 MB of digits": (good(controls="[seeding." + "9" * 9_000 + "]"),
                                    "controls[0]: "),
    "a quantity of 100 kB": (
        good(claims="[{text: {en: x, zh: x}, check: [{metric: " + "a" * 100_000
             + ", is: more, value: 1}]}]"), "claims[0].check[0].metric: must be a metric"),
    # Bytes
    "UTF-16": ("\ufeff".encode("utf-16-le") + GOOD.encode("utf-16-le"), "line 1: is not UTF-8"),
    "UTF-16 without a mark": ("format: 1".encode("utf-16-le"), "does not allow, U+0000"),
    "UTF-32": ("\ufeff".encode("utf-32-le") + GOOD.encode("utf-32-le"), "line 1: is not UTF-8"),
    "Latin-1": (good(tags="[caf\u00e9]").decode().encode("latin-1", "replace"), "is not UTF-8"),
    "GB 18030": ("format: 1\ntitle: 一封信\n".encode("gb18030"), "line 2: is not UTF-8"),
    "half a pair": (b'tags: ["\\ud83d"]\n', "got U+D83D; delete it"),
    "half a pair in bytes": (b"tags: [\xed\xa0\x80]\n", "line 1: is not UTF-8"),
    "too long a code": (b"tags: [\xc0\xaf]\n", "line 1: is not UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "line 1: is not UTF-8"),
    "a packed file": (b"PK\x03\x04" + b"\0" * 99, "line 1: a character that YAML does not"),
    "zeros": (b"\0" * MAX_BYTES, "line 1: a character that YAML does not allow, U+0000"),
    "bells": (good(tags='["\a"]'), "a character that YAML does not allow, U+0007"),
    "colours of a terminal": (good(tags='["\x1b[31m"]'), "a character that YAML does not allow"),
    "tabs for blanks": (GOOD.replace("  ", "\t").encode(), "line 7: is not valid YAML"),
    "page feed": (good(tags='["a\x0cb"]'), "a character that YAML does not allow, U+000C"),
    "a web page": (b"<!DOCTYPE html><html><body>x</body></html>", "must be a block of names"),
    "a script": (b"#!/bin/sh\nrm -rf /\n", "must be a block of names"),
    "JSON": (b'{"format": 1, "name": "x"}', "title: is missing"),
}  # fmt: skip

# What YAML cannot say, but Python can hand over.
DATA: dict[str, tuple[Any, str]] = {
    "a number of 5000 digits": (with_field("messages.letter.price", 10**5000),
                                "messages.letter.price: must be a number"),
    "a negative one": (with_field("network.seed", -(10**5000)), "network.seed: must be"),
    "half a pair in a path": (with_field("controls", ["\ud800.x"]), "controls[0]: \\ud800.x: unk"),
    "bytes": (with_field("name", b"x"), "name: must be text"),
    "a class": (with_field("messages.letter.value", int), "messages.letter.value: must be a"),
    "a name that is a number": (with_field("messages", {1: {}}), "must be text, got 1"),
    "nothing": (None, "must be a block of names"),
    "a deep list": (with_field("tags", [[[[[[[[[[]]]]]]]]]]), "tags[0]: must be text"),
}  # fmt: skip


def refused(call: Any) -> ScenarioError:
    started = time.process_time()
    with pytest.raises(ScenarioError) as caught:
        call()
    assert time.process_time() - started < 0.5
    told, said = str(caught.value), say_error(caught.value, "zh")
    assert len(told.encode()) < 20_000 and len(said.encode()) < 60_000
    for line in told.splitlines()[1:]:
        assert line.isprintable(), line  # nothing that a terminal would obey or hide
    return caught.value


def test_there_are_many_of_them() -> None:
    assert len(DOCUMENTS) + len(HOSTILE) + len(BROKEN) + len(DATA) > 200
    assert all(len(data) <= MAX_BYTES + 1 for data, _ in DOCUMENTS.values())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_file_is_refused(name: str, tmp_path: Path) -> None:
    data, words = DOCUMENTS[name]
    path = tmp_path / "hostile.yaml"
    path.write_bytes(data)
    error = refused(lambda: read(path))
    assert words in str(error), str(error)[:600]
    assert all(p.path for p in error.problems) or error.problems[0].code in (
        "too_long", "wrong_type", "more", "yaml",
    ) or error.problems[-1].code == "more"  # fmt: skip


@pytest.mark.parametrize("name", DATA)
def test_hostile_data_are_refused(name: str) -> None:
    data, words = DATA[name]
    assert words in str(refused(lambda: from_dict(data)))


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "x" * 5_000, ".", "/dev/null/x"])
def test_a_path_that_can_be_no_file_is_refused(name: str) -> None:
    refused(lambda: read(name))


def test_the_largest_files_that_are_allowed_are_read_in_time() -> None:
    """Just inside every bound at once: it must be slow for a reason if it is slow."""
    luck = random.Random(1)
    waves = [
        {"message": "letter", "count": 1, "minute": luck.randrange(10_000)} for _ in range(200)
    ]
    document = parse_yaml(GOOD.encode(), "")
    assert isinstance(document, dict)
    text = {"en": "x" * 19_000, "zh": "字" * 6_000}
    document |= {"seeding": waves, "story": text, "sources": ["y" * 1_900] * 50,
                 "questions": [{"en": "z" * 3000, "zh": "字"}] * 5}  # fmt: skip
    data = dump_yaml(document).encode()
    assert 150_000 < len(data) <= MAX_BYTES
    started = time.process_time()
    from_dict(parse_yaml(data, "large"))
    assert time.process_time() - started < 1.5


CHILD = """
import resource, sys
sys.path.insert(0, {root!r})
from tests.scenario.test_hostile_scenarios import DOCUMENTS
from tests.scenario.test_file import HOSTILE
from viralbots.errors import ScenarioError
from viralbots.scenario import from_dict, from_text
from viralbots.scenario.file import parse_yaml
with open("/proc/self/statm") as file:
    now = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + ({megabytes} << 20),) * 2)
for name, (data, _) in {{**HOSTILE, **DOCUMENTS}}.items():
    try:
        from_dict(parse_yaml(data, name))
    except ScenarioError as error:
        print(len(str(error)))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_no_hostile_file_needs_much_memory() -> None:
    """All of them are refused as ever by a process that may take only 40 MB more."""
    code = CHILD.format(root=str(ROOT), megabytes=40)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(done.stdout.split()) == len({**HOSTILE, **DOCUMENTS})
