"""The comparison as a script: what it shows, what a link carries, what it refuses."""

from __future__ import annotations

import base64
import json
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from viralbots.scenario import load
from viralbots.scenario.dump import dump
from viralbots.store import Store
from viralbots.ui import arms, compare_memory, share
from viralbots.ui.arms import Arm
from viralbots.ui.share import LinkRefused, Shared, decode, encode

FILES = Path(__file__).parent / "files"
DIRTY: Arm = {"kind": "case", "name": "chain_letter"}
CLEAN: Arm = {"kind": "case", "name": "chain_letter_clean"}
TAMED: Arm = {**DIRTY, "set": {"messages.letter.threat": 0.0}}
SCRIPT = "from viralbots.ui.router import run\nrun('compare')"


@pytest.fixture(autouse=True)
def small_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three small cases and few people, so that every run takes a moment."""
    monkeypatch.setenv("VIRALBOTS_SCENARIOS", str(FILES))
    monkeypatch.setattr(compare_memory, "DEFAULTS", {"users": 1000, "runs": 10, "seed": 1})
    yield
    st.cache_resource.clear()


def open_page(given: list[Arm] | None = None, **address: str) -> AppTest:
    page = AppTest.from_string(SCRIPT, default_timeout=120)
    for name, value in address.items():
        page.query_params[name] = value
    if given is not None:
        page.session_state["compare.arms"] = given
    return settled(page.run())


def settled(page: AppTest) -> AppTest:
    """Look again until no job is waited for."""
    end = time.monotonic() + 180
    while page.session_state["compare.active"] is not None and time.monotonic() < end:
        time.sleep(0.05)
        page.run()
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    return "\n".join(item.value for item in (*page.markdown, *page.caption, *page.error))


def charts(page: AppTest) -> int:
    return len(page.get("vega_lite_chart"))


# -- the page ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ("B reached", "Is the difference real", "What was set differently")),
     ("zh", ("B方案中听说的人", "差别是真的吗", "哪些设置不同"))],
)  # fmt: skip
def test_a_case_and_its_clean_twin_are_compared_at_once(lang: str, words: tuple[str, ...]) -> None:
    page = open_page(lang=lang)
    for word in words:
        assert word in texts(page)
    assert charts(page) == 5
    assert not page.error
    assert [job.state for job in page.session_state["compare.shown"].jobs] == ["done", "done"]
    shown = texts(page)
    assert "compare." not in shown.replace("compare\\.", "")
    assert "{" not in shown


def test_what_another_page_leaves_is_run_by_itself_and_can_be_changed() -> None:
    page = open_page([DIRTY, TAMED], lang="en")
    assert "Threat: 100 % → 0 %" in texts(page)
    key = f"set:compare.{page.session_state['compare.round']}.1:message.threat"
    assert page.slider(key=key).value == 0.0
    page.slider(key=key).set_value(0.5).run()
    assert page.session_state["compare.arms"][1]["set"] == {"message.threat": 0.5}
    assert "You have changed what is compared" in texts(page)
    page.button(key="compare.run").click().run()
    settled(page)
    assert "You have changed what is compared" not in texts(page)
    scenario = page.session_state["compare.shown"].jobs[1].request.scenario
    assert scenario.messages["letter"].threat == 0.5


def test_a_with_one_thing_changed_is_added_and_an_arm_removed() -> None:
    page = open_page(lang="en")
    name = page.selectbox(key=next(b.key for b in page.selectbox if "add_path" in b.key))
    name.set_value("message.threat").run()
    slider = next(s for s in page.slider if s.key.startswith("set:compare.add"))
    slider.set_value(0.25).run()
    page.button(key="compare.add_changed").click().run()
    assert page.session_state["compare.arms"] == [
        DIRTY, CLEAN, {**DIRTY, "set": {"message.threat": 0.25}},
    ]  # fmt: skip
    page.button(key="compare.remove.1").click().run()
    page.button(key="compare.make_a.1").click().run()
    first, second = page.session_state["compare.arms"]
    assert first["set"] == {"message.threat": 0.25} and second == DIRTY
    assert page.button(key="compare.remove.0").disabled


def test_a_case_without_a_twin_is_compared_with_itself_and_that_is_said() -> None:
    page = AppTest.from_string(SCRIPT, default_timeout=120)
    page.query_params["case"], page.query_params["lang"] = "fake_ad", "en"
    settled(page.run())
    first, second = page.session_state["compare.arms"]
    assert first == {"kind": "case", "name": "fake_ad"}
    assert "kind: leak" not in second["text"]
    assert "has no clean twin" in texts(page)
    assert "Without: Exposure" in texts(page)
    assert "Same luck for all" in texts(page)
    page.button(key="compare.offer.1").click().run()
    settled(page)
    assert page.session_state["compare.arms"][1] == {
        **first,
        "set": {"interventions.0.start": 360},
    }
    assert "Exposure begins after: 48 h → 6 h" in texts(page)


def test_the_comparison_follows_the_case_until_something_else_is_chosen() -> None:
    page = open_page(lang="en")
    assert page.session_state["compare.arms"] == [DIRTY, CLEAN]
    assert "On average A reached about" in texts(page)
    page.session_state["case"] = "fake_ad"
    settled(page.run())
    assert page.session_state["compare.arms"][0] == {"kind": "case", "name": "fake_ad"}
    page.session_state["compare.arms"] = [DIRTY, TAMED]
    settled(page.run())
    assert "You come from" not in texts(page)  # she has just chosen these
    page.session_state["case"] = "chain_letter_clean"
    settled(page.run())
    assert page.session_state["compare.arms"] == [DIRTY, TAMED]
    assert "You come from “A greeting”." in texts(page)
    page.button(key="compare.take_case").click().run()
    settled(page)
    assert page.session_state["compare.arms"] == [CLEAN, DIRTY]


def test_common_luck_is_claimed_only_where_there_is_some() -> None:
    page = open_page([DIRTY, {"kind": "case", "name": "fake_ad"}], lang="en")
    assert "Same luck for all" not in texts(page)  # their messages have different names
    assert "share next to none" in texts(page)


def test_a_saved_arm_has_the_name_under_which_it_was_saved() -> None:
    page = open_page(lang="en")
    store = Store()
    owner = store.new_workspace()
    number = store.save_scenario(owner, dump(load(FILES / "chain_letter.yaml")), name="My *own*",
                                 identity="x")  # fmt: skip
    page.session_state["workspace"] = owner
    page.session_state["compare.arms"] = [{"kind": "saved", "id": number}, CLEAN]
    settled(page.run())
    assert "**A · My \\*own\\***" in texts(page)
    store.close()


@pytest.mark.slow
def test_more_than_four_arms_have_a_chart_each() -> None:
    some = [{**DIRTY, "set": {"messages.letter.threat": k / 10}} for k in range(5)]
    page = open_page([*some, CLEAN], lang="en")
    assert charts(page) == 6 + 4
    assert not [b for b in page.button if b.key == "compare.add_changed"]


def test_an_arm_that_is_gone_is_said_in_its_place_and_can_be_replaced() -> None:
    page = open_page([DIRTY, {"kind": "saved", "id": 77}], lang="en")
    assert "no longer there" in texts(page)
    assert page.button(key="compare.run").disabled
    box = next(b for b in page.selectbox if b.key.endswith(".1") and "what" in b.key)
    box.set_value("case:chain_letter_clean").run()
    page.button(key="compare.run").click().run()
    assert charts(settled(page)) == 5


@pytest.mark.slow
def test_saved_scenarios_are_compared_and_the_runs_saved() -> None:
    page = open_page([DIRTY, CLEAN], lang="en")
    page.text_input(key="compare.save_name").set_value("Letters")
    page.button(key="compare.save_button").click().run()
    assert not page.exception and page.success
    from viralbots.ui.backend import shelf

    store, owner = shelf().store, page.session_state["workspace"]
    assert store is not None
    names = [saved.name for saved in store.results(owner)]
    titles = [load(FILES / f"{arm['name']}.yaml").title.en for arm in (CLEAN, DIRTY)]
    assert names == [f"Letters · B · {titles[0]}", f"Letters · A · {titles[1]}"]
    (first, _second) = store.results(owner)
    number = store.save_scenario(owner, dump(load(FILES / "fake_ad.yaml")), name="Mine",
                                 identity="x")  # fmt: skip
    page.session_state["compare.arms"] = [
        {"kind": "result", "id": first.id}, {"kind": "saved", "id": number},
    ]  # fmt: skip
    settled(page.run())
    assert [job.state for job in page.session_state["compare.shown"].jobs] == ["done", "done"]
    shared = decode(page.query_params["arms"])
    assert [arm["kind"] for arm in shared.arms] == ["document", "document"]


@pytest.mark.slow
def test_the_second_time_the_results_come_from_what_is_kept() -> None:
    first = open_page([DIRTY, TAMED], lang="en").session_state["compare.shown"]
    st.cache_resource.clear()  # another server with the same database
    again = open_page([DIRTY, TAMED], lang="en").session_state["compare.shown"]
    assert [job.result.n_known for job in again.jobs] == [10, 10]
    assert [a.result.digest for a in first.jobs] == [b.result.digest for b in again.jobs]


# -- links ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_link_opened_elsewhere_shows_the_same_comparison() -> None:
    page = open_page([DIRTY, TAMED], lang="en")
    page.number_input(key="compare.seed").set_value(7).run()
    settled(page.button(key="compare.run").click().run())
    link = page.query_params["arms"]
    assert decode(link) == Shared((DIRTY, TAMED), 7, 10, 1000)
    assert f"?lang=en&arms={link}" in page.code[0].value
    other = open_page(lang="zh", arms=link)
    ours, theirs = (p.session_state["compare.shown"] for p in (page, other))
    assert [a.result.digest for a in ours.jobs] == [b.result.digest for b in theirs.jobs]


def packed(data: object) -> str:
    raw = zlib.compress(json.dumps(data).encode())
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


GOOD = {"v": 1, "a": [["c", "chain_letter", {}], ["c", "chain_letter_clean", {}]], "s": 1,
        "n": 10, "u": 1000}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "broken"), ("x", "broken"), ("%00", "broken"), ("A" * 6001, "long"),
        (packed(GOOD)[:-6], "broken"), (packed(GOOD) + "AAAA", "broken"),
        (packed({"v": 1, "a": "x" * 200_000}), "long"), (packed([1]), "broken"),
        (packed({**GOOD, "v": 2}), "broken"), (packed({**GOOD, "a": GOOD["a"][:1]}), "arms"),
        (packed({**GOOD, "a": [["c", "../../x", {}]] * 2}), "arms"),
        (packed({**GOOD, "a": [["s", 12, {}]] * 2}), "arms"),
        (packed({**GOOD, "a": [["c", "chain_letter", {"x": [1]}]] * 2}), "values"),
        (packed({**GOOD, "a": [["c", "x", {str(k): 1 for k in range(21)}]] * 2}), "arms"),
        (packed({**GOOD, "s": -1}), "values"), (packed({**GOOD, "s": True}), "values"),
        (packed({**GOOD, "n": 10**9}), "values"), (packed({**GOOD, "u": 1e3}), "values"),
        (packed({**GOOD, "u": None}), "values"),
    ],
)  # fmt: skip
def test_a_hostile_link_is_refused(text: str, reason: str) -> None:
    with pytest.raises(LinkRefused) as refused:
        decode(text)
    assert refused.value.reason == reason


def test_a_bomb_in_a_link_is_refused() -> None:
    raw = zlib.compress(b" " * 4_000_000, 9)
    with pytest.raises(LinkRefused, match="unpacked"):
        decode(base64.urlsafe_b64encode(raw).decode().rstrip("="))


@pytest.mark.slow
def test_the_page_says_that_a_link_was_refused_and_shows_the_usual_comparison() -> None:
    page = open_page(lang="en", arms="x" * 300)
    assert "damaged" in texts(page)
    assert charts(page) == 5


@pytest.mark.parametrize(
    "arm",
    [
        {"kind": "case", "name": "chain_letter", "set": {"network.kind": "imported",
                                                         "network.path": "secret.csv"}},
        {"kind": "document", "text": dump(load(FILES / "chain_letter.yaml")).replace(
            "messages:", "network:\n  kind: imported\n  path: secret.csv\nmessages:")},
        {"kind": "document", "text": "a: &a [*a]"},
        {"kind": "case", "name": "nothing_of_the_kind"},
        {"kind": "case", "name": "chain_letter", "set": {"network.n_users": 10**9}},
    ],
)  # fmt: skip
def test_a_link_cannot_make_the_server_read_files_or_run_nonsense(arm: Arm) -> None:
    link = encode(Shared((DIRTY, arm), 1, 10, 1000))
    assert link is not None
    page = open_page(lang="en", arms=link)
    assert page.session_state["compare.shown"] is None
    assert page.button(key="compare.run").disabled
    assert page.error


def test_what_is_shared_comes_back_the_same() -> None:
    document = {"kind": "document", "text": dump(load(FILES / "fake_ad.yaml"))}
    shared = Shared((TAMED, document, CLEAN), 2**53 - 1, 30, 12_345)
    link = encode(shared)
    assert link is not None and len(link) <= share.MOST_TEXT
    assert decode(link) == shared


def test_scenarios_too_large_for_a_link_have_none() -> None:
    text = "".join(f"{k * 7919 % 100_003:x}" for k in range(9_000))  # does not pack well
    assert encode(Shared((DIRTY, {"kind": "document", "text": text}), 1, 10, 1000)) is None


# -- arms ----------------------------------------------------------------------------------


def test_all_arms_get_as_many_people_as_the_largest_wave_needs() -> None:
    few = [load(FILES / f"{name}.yaml") for name in ("chain_letter", "fake_ad")]
    most = max(wave.count for scenario in few for wave in scenario.seeding)
    assert {s.network.n_users for s in arms.sized(few, 10)} == {max(10, most)}


@pytest.mark.parametrize(
    "value",
    [None, "case", {"kind": "case"}, {"kind": "saved", "id": "1"}, {"kind": "saved", "id": True},
     {"kind": "document", "text": 1}, {"kind": "case", "name": "x", "set": [1]}, {"kind": []}],
)  # fmt: skip
def test_only_arms_are_taken_for_arms(value: object) -> None:
    assert not arms.is_arm(value)
    assert arms.is_arm(DIRTY) and arms.is_arm(TAMED)
