"""Every page, with nothing saved and with something saved, in both languages."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.ui.lab_page import shrink
from viralbots.scenario.template import template
from viralbots.store import Store
from viralbots.ui import compare_memory
from viralbots.ui.i18n import Texts, read_texts
from viralbots.ui.router import PAGES

LATIN = {
    # Names, forms of files, units, and the letters of the arms.
    "English", "ViralBots", "CSV", "JSON", "YAML", "yaml", "CPU", "PNG", "SVG", "GraphML", "UTF",
    "UTC", "Ctrl", "Enter", "source", "target", "A", "B", "C", "D", "E", "F", "m", "s", "h", "GB",
    "MB", "kB", "viralbots", "en", "zh", "ln", "n", "Vosoughi",
}  # fmt: skip
KEYS = {key for key in read_texts("en") if "." in key}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    shrink(monkeypatch)
    monkeypatch.setattr(compare_memory, "DEFAULTS", {"users": 1000, "runs": 10, "seed": 1})
    monkeypatch.setenv("VIRALBOTS_DB", str(tmp_path / "db.sqlite3"))
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def filled(path: Path) -> str:
    """A workspace with a scenario in it."""
    with Store(path) as store:
        owner = store.new_workspace()
        store.save_scenario(
            owner, template("own", "zh"), name="我的", identity="0" * 64, parent=None
        )
    return owner


def open_page(name: str, lang: str, workspace: str = "", **memory: object) -> AppTest:
    page = AppTest.from_string(
        f"from viralbots.ui.router import run\nrun({name!r})", default_timeout=120
    )
    page.session_state["lang"] = lang
    for key, value in memory.items():
        page.session_state[key] = value
    if workspace:
        page.session_state["workspace"] = workspace
    page.run()
    end = time.monotonic() + 60
    while time.monotonic() < end and (page.get("progress") or _waits(page)):
        time.sleep(0.05)
        page.run()
    return page


def _waits(page: AppTest) -> bool:
    names = [name for name in ("active", "compare.active") if name in page.session_state]
    return any(page.session_state[name] is not None for name in names)


def texts(page: AppTest) -> list[str]:
    """What is written on a page, without the text in boxes that people write in."""
    kinds = (page.markdown, page.caption, page.info, page.error, page.warning, page.success)
    found = [item.value for kind in kinds for item in kind]
    widgets = (page.button, page.selectbox, page.slider, page.text_input, page.text_area,
               page.number_input, page.toggle, page.multiselect)  # fmt: skip
    found += [item.label for kind in widgets for item in kind]
    return [str(text) for text in found] + [item.label for item in page.expander]


@pytest.mark.parametrize("has_store", [False, True])
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_shows_its_texts_without_a_fault(
    name: str, lang: str, has_store: bool, tmp_path: Path
) -> None:
    workspace = filled(tmp_path / "db.sqlite3") if has_store else ""
    page = open_page(name, lang, workspace)
    assert not page.exception
    told = texts(page)
    assert any(Texts(lang)(f"head.{name}") in text for text in told)
    assert not [text for text in told if KEYS & set(re.findall(r"[a-z_.]+", text))]
    if lang == "zh":
        assert latin(told) == {}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("part", ["mine", "write"])
def test_the_parts_of_the_scenarios_page_show_their_texts(
    part: str, lang: str, tmp_path: Path
) -> None:
    workspace = filled(tmp_path / "db.sqlite3")
    page = open_page("scenarios", lang, workspace, **{"scenarios.part": part})
    assert not page.exception
    told = texts(page)
    assert told
    if lang == "zh":
        assert latin(told) == {}


def latin(told: list[str]) -> dict[str, str]:
    """Words of Latin letters that are no names, and where they stand."""
    found = {}
    for text in told:
        bare = re.sub(r":(?:material/\w+|[a-z]+(?:-badge)?(?=\[)|small(?=\[)):?", " ", text)
        bare = re.sub(r"\]\([^)]*\)|#[\w-]+|\$\{?\w+|\w*[_.]\w[\w.]*|[0-9a-f]{12,}", " ", bare)
        bare = re.sub(r"[A-Z][a-z]+(?:[ -][A-Z][a-z]+)+|H\d+", " ", bare)  # people, H1
        found |= {word: text for word in re.findall(r"[A-Za-z]+", bare) if word not in LATIN}
    return found
