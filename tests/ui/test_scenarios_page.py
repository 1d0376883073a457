"""The scenarios page as a script: cards, search, own scenarios, writing and what is never lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from viralbots.scenario import from_text
from viralbots.scenario.template import template
from viralbots.store import SavedScenario, Store
from viralbots.ui import case_words, draft, gallery, mine
from viralbots.ui.i18n import Texts, plain
from viralbots.ui.library import cases
from viralbots.ui.own_scenarios import file_name

FILES = Path(__file__).parent / "files"
ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import streamlit as st
from viralbots.ui import frame
from viralbots.ui.router import run
if leave_for := st.session_state.pop("leave_for", None):
    frame.go(leave_for)
run("scenarios")
"""
TAGS = {"chain_letter": "dirty, messenger, threat", "chain_letter_clean": "clean twin, messenger",
        "fake_ad": "video"}  # fmt: skip
LIBRARY = {
    name: f"{(FILES / f'{name}.yaml').read_text('utf-8').rstrip()}\ntags: [{tags}]\n"
    for name, tags in TAGS.items()
}
LETTER = LIBRARY["chain_letter"]
OWN = template("own", "en").replace("\n", "\r\n") + "# the end\t"
HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![x](http://evil.example/x.png)",
    "[click](javascript:alert(1))", "**bold** _it_ ~~no~~", "# heading", "- item", "1. item",
    "> quote", "`code`", "```\nfence", "$E = mc^2$", ":red[text] :material/delete: :smile:",
    "| a | b |", "http://evil.example", "www.evil.example", "<!-- comment -->", "&lt;b&gt;",
    "\\*escaped\\*", "a\u202eb" + "x" * 150, "---",
]  # fmt: skip
UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[<>\[\]`*_$#|!&~:]")


@pytest.fixture(autouse=True)
def own_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Three small cases, and a database for each test."""
    library = tmp_path / "library"
    library.mkdir()
    for name, document in LIBRARY.items():
        (library / f"{name}.yaml").write_text(document, "utf-8")
    monkeypatch.setenv("VIRALBOTS_SCENARIOS", str(library))
    monkeypatch.setenv("VIRALBOTS_DB", str(tmp_path / "db.sqlite3"))
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def store(own_database: None, tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "db.sqlite3") as opened:
        yield opened


def open_page(part: str = "library", lang: str = "en", workspace: str = "") -> AppTest:
    page = AppTest.from_string(SCRIPT, default_timeout=60)
    page.session_state["begun"] = True  # the lab starts nothing by itself
    page.session_state["lang"] = lang
    page.session_state["scenarios.part"] = part
    if workspace:
        page.session_state["workspace"] = workspace
    return run(page)


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def click(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click()
    return run(page)


def type_text(page: AppTest, words: str) -> AppTest:
    page.text_area(key=draft.TEXT).set_value(words)
    return run(page)


def texts(page: AppTest) -> str:
    shown = (*page.markdown, *page.caption, *page.info, *page.error, *page.success, *page.text)
    return "\n".join(item.value for item in shown)


def titles(page: AppTest) -> list[str]:
    """Titles of cards, without the badges behind them."""
    return [m.value[5:].split(" :")[0] for m in page.markdown if m.value.startswith("#### ")]


def save(store: Store, owner: str, document: str = LETTER, **labels: object) -> int:
    identity = from_text(document).identity
    return store.save_scenario(owner, document, identity=identity, **{"name": "Mine", **labels})


# The library ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "mark"), [("en", "clean way"), ("zh", "正当做法")])
def test_a_tactic_stands_beside_its_clean_twin_in_both_languages(lang: str, mark: str) -> None:
    page = open_page(lang=lang)
    found, _ = cases()
    shown = titles(page)
    names = ["chain_letter", "chain_letter_clean", "fake_ad"]
    assert shown == [plain(getattr(found[name].title, lang)) for name in names]
    assert mark in texts(page)
    assert "{" not in texts(page).replace("\\{", "")


def test_twins_stand_together_whatever_their_names_and_easy_ones_first() -> None:
    first = from_text(LETTER)
    clean = first.model_copy(update={"name": "a_clean", "tags": ["clean twin"], "twin": "z"})
    tactic = first.model_copy(update={"name": "z", "twin": "a_clean", "difficulty": 3})
    easy = first.model_copy(update={"name": "m", "twin": None, "difficulty": 1})
    three = {case.name: case for case in (clean, easy, tactic)}
    assert gallery.rows_of(three) == [["m"], ["z", "a_clean"]]


def test_a_search_in_either_language_finds_a_story_and_keeps_its_twin_beside_it() -> None:
    page = open_page()
    for words in ("十个人", "TEN mother"):
        page.text_input(key="scenarios.words").set_value(words)
        run(page)
        assert [b.key for b in page.button if "open" in str(b.key)] == [
            "scenarios.open.chain_letter", "scenarios.open.chain_letter_clean",
        ], words  # fmt: skip
    assert "2 of 3" in texts(page)


def test_a_search_without_result_says_so_and_leads_back() -> None:
    page = open_page()
    page.text_input(key="scenarios.words").set_value("zzz <b>")
    assert titles(run(page)) == []
    assert "No story has all of that" in texts(page)
    assert len(titles(click(page, "scenarios.show_all"))) == 3


def test_tags_are_filtered_together_and_survive_the_switch_of_languages() -> None:
    page = open_page()
    page.get_by_key("scenarios.tags").set_value(["messenger"])
    assert len(titles(run(page))) == 2  # the clean twin stays beside it
    page.get_by_key("lang").set_value("zh")
    assert len(titles(run(page))) == 2
    assert "\\#威胁" in texts(page)


def test_only_tags_that_tell_some_cases_from_the_rest_are_offered() -> None:
    page = open_page()
    (pills,) = [item for item in page.get("button_group") if item.key == "scenarios.tags"]
    assert "messenger" in str(pills.options)
    assert "threat" not in str(pills.options)  # a single case has it


def test_a_card_opens_its_case_in_the_lab() -> None:
    page = click(open_page(), "scenarios.open.fake_ad")
    assert page.session_state["case"] == "fake_ad"
    assert "# Lab" in texts(page)


def test_a_card_is_compared_with_its_twin() -> None:
    page = click(open_page(), "scenarios.compare.chain_letter_clean")
    assert page.session_state["compare.arms"] == [
        {"kind": "case", "name": "chain_letter_clean"}, {"kind": "case", "name": "chain_letter"},
    ]  # fmt: skip


def test_details_mark_facts_and_assumptions_and_tell_how_twins_differ(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VIRALBOTS_SCENARIOS", str(ROOT / "scenarios"))
    page = click(open_page(), "scenarios.details.chain_letter_clean")
    assert ":orange-badge[assumed] all properties of this greeting" in texts(page)
    assert ":green-badge[checked on runs] Reach is at most" in texts(page)
    assert "Made from: Ten copies, or else" in texts(page)
    assert "1 → **0**" in texts(page)  # the threat
    page = click(open_page(lang="zh"), "scenarios.details.chain_letter")
    assert ":green-badge[事实]" in texts(page)
    assert "**威胁**：100 %" in texts(page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_beginning_of_a_story_ends_with_a_sentence(lang: str) -> None:
    story = "One is short. " * 40 if lang == "en" else "这一句很短。" * 40
    told = case_words.opening(story, lang)
    assert told.endswith(".\u00a0…" if lang == "en" else "。\u00a0…")
    assert len(told) < case_words.LONGEST[lang]
    assert len(case_words.opening("x" * 5000, lang)) <= case_words.LONGEST[lang] + 1


# Writing --------------------------------------------------------------------------------------


def test_a_copy_of_a_case_keeps_its_text_and_says_what_it_was_made_from() -> None:
    page = open_page("write")
    page.selectbox(key="scenarios.from").set_value("chain_letter")
    click(run(page), "scenarios.take")
    words = page.text_area(key=draft.TEXT).value
    assert words.replace("my_chain_letter", "chain_letter", 1).startswith(LETTER)
    assert from_text(words).derived_from == "chain_letter"
    assert "Valid" in texts(page)
    assert "Nothing that decides the result" in texts(page)


def test_what_differs_from_the_origin_is_told_field_by_field() -> None:
    page = open_page("write")
    page.selectbox(key="scenarios.from").set_value("chain_letter")
    click(run(page), "scenarios.take")
    words = page.text_area(key=draft.TEXT).value
    type_text(page, words.replace("threat: 1.0", "threat: 0.25"))
    assert "1 → **0\\.25**" in texts(page)


@pytest.mark.parametrize(
    ("words", "told"),
    [("format: 1\nname: [", "line 2"), (LETTER + "horizon: 3\n", "**horizon**"), ("5", "mended")],
)
def test_an_error_is_told_with_its_place_and_the_text_stays(words: str, told: str) -> None:
    page = type_text(open_page("write"), words)
    assert told in page.error[0].value
    assert page.button(key="scenarios.save").disabled
    page.get_by_key("lang").set_value("zh")
    assert run(page).text_area(key=draft.TEXT).value == words
    assert "需要修正" in page.error[0].value


def test_text_and_name_survive_a_visit_to_other_pages_and_parts() -> None:
    page = type_text(open_page("write"), "half a scenar")
    page.text_input(key=draft.NAME).set_value("My idea")
    page.get_by_key("scenarios.part").set_value("library")
    run(page)
    page.session_state["leave_for"] = "lab"
    assert "# Lab" in texts(run(page))
    page.session_state["leave_for"] = "scenarios"
    page.session_state["scenarios.part"] = "write"
    assert run(page).text_area(key=draft.TEXT).value == "half a scenar"
    assert page.text_input(key=draft.NAME).value == "My idea"


def test_a_text_that_is_not_saved_is_put_aside_and_can_be_brought_back() -> None:
    page = type_text(open_page("write"), "first text")
    click(page, "scenarios.template")
    assert page.text_area(key=draft.TEXT).value.startswith("# A scenario of your own")
    type_text(page, "second text")
    click(page, "scenarios.take_back")
    assert page.text_area(key=draft.TEXT).value == "first text"
    click(page, "scenarios.take_back")
    assert page.text_area(key=draft.TEXT).value == "second text"


def test_a_template_in_the_visitors_language_is_valid() -> None:
    page = click(open_page("write", lang="zh"), "scenarios.template")
    assert "您自己的场景" in page.text_area(key=draft.TEXT).value
    assert "没有问题" in texts(page)


def test_a_file_is_brought_into_the_box_and_one_that_is_no_text_is_refused() -> None:
    page = open_page("write")
    page.file_uploader(key="scenarios.file").upload("*my*.yaml", OWN.encode())
    assert run(page).text_area(key=draft.TEXT).value == OWN
    assert "the file \\*my\\*\\.yaml" in texts(page)
    page.file_uploader(key="scenarios.file").upload("b.yaml", "format: 1 # café".encode("latin-1"))
    assert "is not UTF\\-8" in run(page).error[0].value or "UTF-8" in page.error[0].value
    assert page.text_area(key=draft.TEXT).value == OWN


def test_a_scenario_that_names_a_file_of_the_server_is_refused() -> None:
    reads = LETTER + "network: {kind: imported, path: /etc/passwd}\n"
    page = type_text(open_page("write"), reads)
    assert "network\\.path" in page.error[0].value
    assert page.button(key="scenarios.save").disabled


def test_what_is_allowed_but_does_nothing_is_told() -> None:
    idle = LETTER.replace("converts: false", "converts: false, price: 3")
    page = type_text(open_page("write"), idle)
    assert "without effect" in page.info[0].value


# Saving ---------------------------------------------------------------------------------------


def test_a_scenario_is_saved_byte_for_byte_and_can_be_chosen_in_the_lab(store: Store) -> None:
    page = open_page("write")
    page.file_uploader(key="scenarios.file").upload("o.yaml", OWN.encode())
    run(page)
    page.text_input(key=draft.NAME).set_value("My *story*")
    click(run(page), "scenarios.save")
    (kept,) = store.scenarios(page.session_state["workspace"])
    assert (kept.document, kept.name) == (OWN, "My *story*")
    assert kept.identity == from_text(OWN).identity
    assert "Saved as “My \\*story\\*”" in texts(page)
    assert page.button(key="scenarios.save").disabled
    click(page, "scenarios.saved.open")
    assert page.session_state["case"] == mine.key_of(kept.id)


def test_a_changed_copy_remembers_from_what_it_was_made(store: Store) -> None:
    owner = store.new_workspace()
    first = save(store, owner, name="First")
    page = click(open_page("mine", workspace=owner), f"scenarios.edit.s{first}")
    type_text(page, LETTER.replace("threat: 1.0", "threat: 0.5"))
    page.text_input(key=draft.NAME).set_value("Second")
    click(run(page), "scenarios.save")
    click(page, "scenarios.saved.mine")
    assert "Derived: First → Second" in texts(page)
    assert [s.parent for s in store.scenarios(owner)] == [first, None]
    click(page, f"scenarios.compare.s{first + 1}")
    assert page.session_state["compare.arms"] == [
        {"kind": "saved", "id": first}, {"kind": "saved", "id": first + 1},
    ]  # fmt: skip


def test_saving_works_although_the_origin_was_deleted_elsewhere(store: Store) -> None:
    owner = store.new_workspace()
    first = save(store, owner)
    page = click(open_page("mine", workspace=owner), f"scenarios.edit.s{first}")
    store.delete_scenario(owner, first)
    type_text(page, OWN)
    click(page, "scenarios.save")
    assert [s.parent for s in store.scenarios(owner)] == [None]


def test_names_notes_and_tags_show_as_text_whatever_they_are(store: Store) -> None:
    owner = store.new_workspace()
    for text in HOSTILE:
        save(store, owner, name=text, notes=text, tags=[text[:50]])
    page = open_page("mine", workspace=owner)
    page.session_state["scenarios.most"] = 100
    run(page)
    shown = {v.replace("\\", "").replace("\N{WORD JOINER}", "") for v in titles(page)}
    for text in HOSTILE:
        assert " ".join(text.split()).replace("\\", "") in shown
        assert text in [item.value for item in page.text]
    for value in titles(page):
        assert not UNESCAPED.search(value), value
    for item in page.markdown:
        if ":gray-badge[" in item.value:
            assert not UNESCAPED.search(item.value[len(":gray-badge[") : -1]), item.value


def test_a_hostile_scenario_is_shown_as_text_in_the_editor(store: Store) -> None:
    bad = '"<script>x</script> ![i](http://e.example/i.png)"'
    page = type_text(open_page("write"), LETTER + f"{bad}: 1\n")
    assert "\\<script\\>" in page.error[0].value
    assert "\\!\\[i\\]" in page.error[0].value


def test_labels_are_changed_and_stay_in_the_form_where_they_are_refused(store: Store) -> None:
    owner = store.new_workspace()
    number = save(store, owner, name="Old")
    page = open_page("mine", workspace=owner)
    key = f"scenarios.label.{number}"
    page.text_input(key=f"{key}.tags").set_value(", ".join(f"t{i}" for i in range(30)))
    page.text_input(key=f"{key}.name").set_value("New")
    click(page, f"{key}.keep")
    assert "at most 20 tags" in page.error[0].value
    assert page.text_input(key=f"{key}.name").value == "New"
    page.text_input(key=f"{key}.tags").set_value("a，b、 c,a")
    page.text_area(key=f"{key}.notes").set_value("line\nline")
    click(page, f"{key}.keep")
    kept = store.scenario(owner, number)
    assert (kept.name, kept.notes, kept.tags) == ("New", "line\nline", ("a", "b", "c"))
    assert "New" in titles(page)


def test_deleting_asks_first_and_leaves_what_was_made_from_it(store: Store) -> None:
    owner = store.new_workspace()
    first = save(store, owner, name="First")
    save(store, owner, OWN, name="Second", parent=first)
    page = open_page("mine", workspace=owner)
    page.session_state["case"] = f"s{first}"
    assert "Delete “First” for good?" in texts(page)
    click(page, f"scenarios.delete.{first}")
    assert titles(page) == ["Second"]
    assert page.session_state["case"] == "chain_letter"


def test_a_text_whose_scenario_is_deleted_can_be_saved_again(store: Store) -> None:
    owner = store.new_workspace()
    first = save(store, owner, name="First")
    second = save(store, owner, OWN, name="Second", parent=first)
    page = click(open_page("mine", workspace=owner), f"scenarios.edit.s{second}")
    assert page.button(key="scenarios.save").disabled  # it is saved as it stands
    page.get_by_key("scenarios.part").set_value("mine")
    click(run(page), f"scenarios.delete.{second}")
    page.get_by_key("scenarios.part").set_value("write")
    click(run(page), "scenarios.save")
    assert [(s.document, s.parent) for s in store.scenarios(owner)][0] == (OWN, first)


def test_an_empty_shelf_leads_to_a_beginning() -> None:
    page = open_page("mine")
    assert "You have not saved a scenario yet" in texts(page)
    page = click(page, "scenarios.turn_to_write")
    assert page.text_area(key=draft.TEXT).value == ""
    assert "The box is empty" in texts(page)


def test_only_those_that_can_be_run_are_offered_to_the_lab(store: Store) -> None:
    owner = store.new_workspace()
    good = save(store, owner, OWN, name="Good <b>")
    store.save_scenario(owner, "format: 9", name="Bad", identity="0")
    reads = LETTER + "network: {kind: imported, path: /etc/passwd}\n"
    store.save_scenario(owner, reads, name="Reads", identity="0")
    page = open_page("mine", workspace=owner)
    assert len(page.error) == 2
    found = {f"s{s.id}": mine.case_of(s) for s in store.scenarios(owner)}
    assert [key for key, case in found.items() if case is not None] == [f"s{good}"]
    case = found[f"s{good}"]
    assert case is not None
    assert (case.name, case.title.zh) == (f"s{good}", "Good <b>")
    assert case.identity == from_text(OWN).identity


def test_a_long_shelf_is_shown_part_by_part_and_searched(store: Store) -> None:
    owner = store.new_workspace()
    for number in range(12):
        save(store, owner, name=f"Story {number}", tags=["odd"] if number % 2 else [])
    page = open_page("mine", workspace=owner)
    assert len(titles(page)) == 10
    assert len(titles(click(page, "scenarios.more"))) == 12
    page.text_input(key="scenarios.own_words").set_value("odd")
    assert len(titles(run(page))) == 6


def test_a_database_that_cannot_be_used_is_told_and_nothing_typed_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"this is no database" * 100)
    monkeypatch.setenv("VIRALBOTS_DB", str(broken))
    page = type_text(open_page("write"), OWN)
    click(page, "scenarios.save")
    assert "broken" in page.error[0].value
    assert page.text_area(key=draft.TEXT).value == OWN
    assert len(titles(open_page())) == 3


@pytest.mark.parametrize(
    ("name", "file"),
    [("../../etc/passwd", "etc_passwd"), ("我的故事", "scenario_7"), ("A b!", "a_b")],
)
def test_the_name_of_a_download_leads_to_no_folder(name: str, file: str) -> None:
    assert file_name(SavedScenario(7, "", "", None, name, "", (), "")) == file


def test_every_difficulty_and_kind_of_source_has_its_words() -> None:
    for lang in ("en", "zh"):
        for number in (1, 2, 3):
            assert Texts(lang).get(f"gallery.difficulty.{number}")
