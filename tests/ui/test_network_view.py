"""The network view: what goes over to the browser, and in whose words."""

from __future__ import annotations

import dataclasses
import json
import re
from functools import cache
from string import Formatter
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.experiments.small import small
from viralbots.engine.simulate import simulate
from viralbots.experiments.film import Film, account, film
from viralbots.ui.charts import COLOURS
from viralbots.ui.network_view import FOLDER, PALETTE, SCRIPTS, payload, texts
from viralbots.world.assemble import build

SOURCE = "\n".join((FOLDER / name).read_text("utf-8") for name in SCRIPTS)


@cache
def example() -> Film:
    scenario = small(network={"n_users": 301}, horizon_days=1)
    world = build(scenario.network)
    return film(world, simulate(scenario, 1, level="deliveries", world=world), n_shown=97)


def unpacked(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The payload as the browser reads it."""
    length = int.from_bytes(data[:4], "little")
    head = json.loads(data[4 : 4 + length])
    arrays = {}
    for name, (kind, start, size) in head["arrays"].items():
        assert start % 4 == 0, name  # or the browser refuses it
        arrays[name] = np.frombuffer(data, kind, size, start)
    return head, arrays


def wanted(lang: Any = "en", **changes: Any) -> bytes:
    return payload(example(), lang, **{"key": "k", "chosen": None, "autoplay": True, **changes})


def test_the_browser_gets_the_whole_film() -> None:
    shown = example()
    head, arrays = unpacked(wanted())
    ways = np.column_stack((arrays.pop("ways").reshape(-1, 2), arrays.pop("way_at"),
                            arrays.pop("way_kind")))  # fmt: skip
    assert np.array_equal(ways, shown.carried)
    for name, array in arrays.items():
        assert np.array_equal(array, getattr(shown, name).ravel()), name
    held = set(head) | set(arrays)
    absent = {field.name for field in dataclasses.fields(Film)} - held
    assert absent == {"message", "carried", "brought"}
    assert head["names"] == list(shown.names)
    assert head["accounts"] == [account(shown, step) for step in range(len(shown.steps))]
    assert head["notes"] == list(shown.notes["en"])


def test_a_person_who_is_not_shown_stays_so() -> None:
    """−1 and −2 survive the narrow numbers in which places go over."""
    somebody = np.resize(np.array([-2, -1, 96], np.int32), example().n_shown)
    shown = dataclasses.replace(example(), source=somebody, countered_by=somebody[::-1])
    _, arrays = unpacked(payload(shown, "en", key="k", chosen=None, autoplay=True))
    assert np.array_equal(arrays["source"], somebody)
    assert np.array_equal(arrays["countered_by"], somebody[::-1])


def test_an_empty_array_does_not_disturb_the_others() -> None:
    none = dataclasses.replace(
        example(), ties=np.zeros((0, 2), np.int32), carried=np.zeros((0, 4), np.int32)
    )
    _, arrays = unpacked(payload(none, "zh", key="k", chosen=3, autoplay=False))
    assert arrays["ties"].size == arrays["ways"].size == 0
    assert np.array_equal(arrays["heard_at"], example().heard_at)


def test_the_same_film_has_the_same_name_whatever_the_words() -> None:
    """By it the browser knows that it may go on playing."""
    english, chinese = (unpacked(wanted(lang))[0] for lang in ("en", "zh"))
    other = dataclasses.replace(example(), reach=example().reach + 1)
    assert english["film"] == chinese["film"]
    assert english["film"] == unpacked(wanted(chosen=5, autoplay=False))[0]["film"]
    assert (
        english["film"]
        != unpacked(payload(other, "en", key="k", chosen=None, autoplay=True))[0]["film"]
    )
    assert english["accounts"] != chinese["accounts"]


def test_a_thousand_people_take_less_than_a_hundred_kilobytes() -> None:
    scenario = small(network={"n_users": 1000})
    world = build(scenario.network)
    shown = film(world, simulate(scenario, 1, level="deliveries", world=world))
    assert len(payload(shown, "en", key="k", chosen=None, autoplay=True)) < 100_000


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_all_words() -> None:
    english, chinese = texts("en"), texts("zh")
    assert {k: placeholders(v) for k, v in english.items()} == {
        k: placeholders(v) for k, v in chinese.items()
    }
    assert [k for k, text in chinese.items() if not re.search("[一-鿿]", text)] == []
    assert [k for k, text in english.items() if re.search("[一-鿿]", text) or not text] == []


def test_every_word_is_used_and_none_is_missing() -> None:
    used = set(re.findall(r"\btexts\.(\w+)", SOURCE)) | set(
        re.findall(r'texts\["(\w+?)"\]', SOURCE)
    )
    used |= {f"state_{state}" for state in (0, 1, 2, 3, 4, "ring")}
    used |= {"play", "pause", "again"}  # the one button
    used |= {"back", "next", "in", "out", "whole", "clear"}  # named by their part
    used |= {"reach", "adopters", "counter"}  # named by their curve
    assert used == set(texts("en"))


def test_the_browser_writes_no_words_of_its_own() -> None:
    parts = re.findall(r'"([^"\n]*)"|`([^`\n]*)`', re.sub(r"//.*", "", SOURCE))
    said = [a or b for a, b in parts if re.search(r"[A-Za-z]{3,} [A-Za-z]{2,}", a or b)]
    assert [text for text in said if not text.startswith((".", "("))] == []  # but selectors


def test_names_are_never_read_as_markup() -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", SOURCE)


def test_nothing_is_fetched() -> None:
    files = [*FOLDER.glob("*.js"), *FOLDER.glob("*.css"), *FOLDER.glob("*.html")]
    assert {path.name for path in files} == {*SCRIPTS, "view.css", "view.html"}
    for path in files:
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//[a-z]+\.|@import|url\(|fetch\(|import\(", text), path.name


def test_every_part_that_the_script_looks_for_is_there() -> None:
    page = (FOLDER / "view.html").read_text("utf-8")
    classes = {name for group in re.findall(r'class="([^"]*)"', page) for name in group.split()}
    looked = set(re.findall(r'(?:find|click|name)\("\.(\w+)[" ]', SOURCE))
    assert looked and looked <= classes


def test_colours_are_those_of_the_charts() -> None:
    for theme, roles in PALETTE.items():
        assert roles["benefit"] == COLOURS[theme]["benefit"]
        assert roles["counter"] == COLOURS[theme]["counter"]
    assert set(PALETTE) == set(COLOURS)


def _page() -> None:
    import streamlit as st

    from tests.ui.test_network_view import example
    from viralbots.ui.network_view import network_view

    clicked = network_view(example(), "zh", key="view", chosen=7)
    st.write(f"clicked: {clicked}")


@pytest.mark.parametrize("again", [False, True])
def test_a_page_can_show_it(again: bool) -> None:
    """The second time in a server of its own: the component has to be known there as well."""
    app = AppTest.from_function(_page).run()
    assert not app.exception
    assert app.markdown[0].value == "clicked: None"
    if again:
        assert not app.run().exception
