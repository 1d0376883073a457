"""Network files of visitors."""

from __future__ import annotations

from pathlib import Path

import pytest

from viralbots.errors import NetworkError
from viralbots.scenario import load
from viralbots.ui import uploads
from viralbots.ui.own_network import example
from viralbots.ui.uploads import is_there, keep, on_network

CHAIN = load(Path(__file__).parent / "files" / "chain_letter.yaml")
RING = "".join(f"{i} {(i + 1) % 50}\n" for i in range(50)).encode()


def test_the_same_file_is_the_same_network_whatever_it_is_called() -> None:
    one, other = keep("a.txt", RING), keep("../../b.txt", RING)
    assert one.path == other.path
    assert (one.n_users, one.n_ties) == (50, 50)
    assert on_network(CHAIN, one).identity == on_network(CHAIN, other).identity


def test_waves_are_cut_down_to_a_small_network() -> None:
    scenario = on_network(CHAIN, keep("a.txt", RING))
    assert scenario.network.kind == "imported"
    assert [wave.count for wave in scenario.seeding] == [5]


def test_self_loops_and_repeated_ties_are_counted() -> None:
    assert keep("a.txt", b"a b\nb a\na a\nb c\n").dropped == 2


def test_chinese_column_names_and_an_old_chinese_code_are_read() -> None:
    text = "来源,目标\n刘敏,王芳\n王芳,李强\n李强,李强\n刘敏,王芳\n"
    one, other = keep("a.csv", text.encode()), keep("b.csv", text.encode("gb18030"))
    assert (one.encoding, other.encoding) == ("utf-8", "gb18030")
    assert one.path == other.path
    assert (one.n_users, one.n_ties, one.loops, one.repeats) == (3, 2, 1, 1)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_example_is_a_network(lang: str) -> None:
    found = keep("example.csv", example(lang))
    assert (found.n_users, found.n_ties, found.dropped) == (12, 24, 0)


def test_a_file_that_is_gone_is_known_to_be() -> None:
    upload = keep("a.txt", b"a b\nb c\n")
    assert is_there(upload)
    Path(upload.path).unlink()
    assert not is_there(upload)


def test_a_file_that_is_no_network_is_refused_with_its_line() -> None:
    with pytest.raises(NetworkError, match="line 2"):
        keep("a.csv", b"source,target\na\n")


def test_only_so_many_files_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "KEPT", 3)
    for number in range(6):
        last = keep("a.txt", RING + f"0 x{number}\n".encode())
    assert len(list(Path(last.path).parent.iterdir())) == 3
    assert Path(last.path).exists()
