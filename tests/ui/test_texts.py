"""Both languages say the same things."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from viralbots.rules.constants import DECLARED
from viralbots.rules.decision_table import CELLS
from viralbots.ui.i18n import FOLDER, GAP, LANGUAGES, Texts, number, plain, read_texts, rounded

JOINER = "\N{WORD JOINER}"


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_language_has_a_file_and_no_file_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == {*LANGUAGES}


def test_languages_have_the_same_keys() -> None:
    assert set(read_texts("en")) == set(read_texts("zh"))


def test_every_cell_has_a_chinese_sentence_and_none_is_left_over() -> None:
    sentences = {k.removeprefix("cell.") for k in read_texts("zh") if k.startswith("cell.")}
    assert sentences == set(DECLARED)


def test_languages_have_the_same_placeholders() -> None:
    english, chinese = read_texts("en"), read_texts("zh")
    different = [k for k in english if placeholders(english[k]) != placeholders(chinese[k])]
    assert different == []


def test_no_text_is_empty_and_chinese_is_chinese() -> None:
    frames = {"control.cell", "control.of", "problem.at", "look.message"}
    same = {"app.title", *frames}
    for lang in LANGUAGES:
        assert [k for k, text in read_texts(lang).items() if not text] == []
    chinese = read_texts("zh")
    assert {k for k, text in chinese.items() if not re.search("[一-鿿]", text)} == same


def test_every_decision_and_term_of_the_table_has_a_name() -> None:
    for name in CELLS:
        decision, _, term = name.partition(".")
        for lang in LANGUAGES:
            assert Texts(lang).get(f"decision.{decision}"), name
            assert Texts(lang).get(f"term.{term}"), name


@pytest.mark.parametrize("text", ["<b>a</b>", "[a](http://b)", ":red[x]", "$a$ `b`", "# a\n- b"])
def test_foreign_text_is_shown_as_it_is(text: str) -> None:
    escaped = plain(text)
    assert not re.search(r"(?<!\\)[<\[`$:#*]", escaped)
    assert escaped.replace("\\", "").replace(JOINER, "") == " ".join(text.split())


@pytest.mark.parametrize("text", ["see http://a.b", "www.a.b/c", "HTTPS://x", "ann@b.org"])
def test_an_address_in_foreign_text_does_not_become_a_link(text: str) -> None:
    assert not re.search(r"https?\\?:/|www\\?\.|\w@", plain(text), re.I)
    assert plain(text).replace("\\", "").replace(JOINER, "") == text


@pytest.mark.parametrize("text", ["a :material/face: b", ":streamlit:", "a -> b", "a -- b", "<="])
def test_foreign_text_makes_no_icons_and_arrows(text: str) -> None:
    """Streamlit makes them of text that is escaped as well."""
    shown = plain(text).replace("\\", "")
    assert not re.search(r":material/|:streamlit:|(^|\s)(->|--|<=)(\s|$)", shown)
    assert shown.replace(JOINER, "") == text


def test_numbers_are_grouped_and_undefined_ones_are_dashes() -> None:
    assert number(1234567) == f"1{GAP}234{GAP}567"
    assert number(-3.0) == "−3"
    assert rounded(float("nan")) == "–"
    assert rounded(0.0) == "0"


def test_a_missing_text_is_an_error_where_one_is_asked_for() -> None:
    with pytest.raises(KeyError):
        Texts("en")("no.such.text")
    assert Texts("en").get("no.such.text") is None
