"""What is done on a page lasts: saved, shared, found again, and never lost by a mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import (
    LONG,
    SMALL,
    Visit,
    at_rest,
    has_comparison,
    has_result,
    open_all,
    outcome,
    turn_to,
)
from viralbots.ui.share import Shared, encode

pytestmark = pytest.mark.browser

PAIR = ({"kind": "case", "name": "chain_letter"}, {"kind": "case", "name": "chain_letter_clean"})
BROKEN = "format: 1\nname: broken\nmessages:\n  letter: {ease: 7}\n# do not lose me: ü 中\n"


def box(page: Page) -> Locator:
    """Where a scenario is written."""
    return page.locator(".st-key-scenarios-text textarea")


def write(page: Page, words: str) -> None:
    box(page).fill(words)
    box(page).press("Control+Enter")
    at_rest(page)


def numbers(page: Page) -> list[str]:
    """Every sentence and figure of a comparison, with all that is folded, and of its charts."""
    open_all(has_comparison(page))
    told = page.locator(
        ".st-key-outcome [data-testid=stMarkdown], [data-testid=stMain] [data-testid=stTable],"
        "[class*=st-key-compare-chart] svg.marks text, [data-testid=stMetricValue]"
    ).all_text_contents()
    return [text for text in told if text.strip()]


# -- kept ----------------------------------------------------------------------------------


def test_a_run_is_saved_under_a_name_and_found_again_after_a_reload(visit: Visit) -> None:
    page = has_result(visit(f"/lab?lang=en&{SMALL}&seed=3"))
    before = outcome(page).inner_text()
    page.locator(".st-key-saving-panel button").first.click()
    panel = page.get_by_test_id("stPopoverBody")
    panel.get_by_label("Name").fill("Letter of Monday")
    panel.get_by_label("Note").fill("as it came")
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_text("Saved as “Letter of Monday”.")).to_be_visible()
    page.keyboard.press("Escape")
    for _ in range(2):
        page.get_by_text("My saved runs", exact=True).click()
        row = page.locator("[class*=st-key-saved_]").filter(has_text="Letter of Monday")
        expect(row).to_contain_text("as it came")
        page.goto(page.url.split("?")[0] + f"?lang=en&{SMALL}&seed=4")
        has_result(page)
        assert outcome(page).inner_text() != before
    page.get_by_text("My saved runs", exact=True).click()
    row.get_by_role("button", name="Open").click()
    expect(outcome(page)).to_have_text(re.compile(re.escape(before.splitlines()[0])))
    assert has_result(page) and outcome(page).inner_text() == before


def test_a_broken_scenario_keeps_its_text_and_names_its_faults(
    visit: Visit, tmp_path: Path
) -> None:
    page = visit("/scenarios?lang=en")
    page.get_by_text("Write or import", exact=True).click()
    write(page, BROKEN)
    expect(page.get_by_test_id("stAlert")).to_contain_text("letter.ease")
    expect(page.get_by_test_id("stAlert")).to_contain_text("title")
    expect(box(page)).to_have_value(BROKEN)
    expect(page.locator(".st-key-scenarios-save button")).to_be_disabled()
    turn_to(page, "watch")
    turn_to(page, "scenarios")
    expect(box(page)).to_have_value(BROKEN)
    file = tmp_path / "torn.yaml"
    file.write_text("format: 1\nname: [\n", "utf-8")
    page.get_by_text("Where to begin").click()
    page.locator(".st-key-scenarios-file input[type=file]").set_input_files(file)
    expect(box(page)).to_have_value("format: 1\nname: [\n")
    expect(page.get_by_test_id("stAlert")).to_contain_text(re.compile("[Ll]ine [23]"))
    page.get_by_text("Where to begin").click()
    file.write_bytes(b"format: \xff\xfe\n")
    page.locator(".st-key-scenarios-file input[type=file]").set_input_files(file)
    expect(page.get_by_text("torn.yaml").last).to_be_visible()
    expect(box(page)).to_have_value("format: 1\nname: [\n")
    page.locator(".st-key-scenarios-take_back button").click()  # nothing was thrown away
    expect(box(page)).to_have_value(BROKEN)


# -- compared and shared -------------------------------------------------------------------


def test_a_tactic_is_compared_with_its_clean_twin(visit: Visit) -> None:
    page = at_rest(visit("/scenarios?lang=en"))
    page.locator(".st-key-scenarios-compare-chain_letter button").click()
    has_comparison(page)
    expect(outcome(page)).to_contain_text(re.compile(r"B reached [\d\s]+ fewer users than A"))
    expect(page.locator(".st-key-compare_arm_A")).to_contain_text("Ten copies, or else")
    expect(page.locator(".st-key-compare_arm_B")).to_contain_text("A greeting without a threat")
    curves = page.locator("[class*=st-key-compare-chart-curves] svg.marks")
    expect(curves.get_by_text(re.compile("^A ")).first).to_be_visible()
    expect(curves.get_by_text(re.compile("^B ")).first).to_be_visible()
    away = page.locator("[class*=st-key-compare-chart-differences] svg.marks")
    expect(away.first).to_contain_text(re.compile(r"B\s+−\d"))
    table = page.get_by_test_id("stTable").filter(has_text="threat")
    expect(table.first).to_be_visible()


def test_a_shared_link_shows_a_stranger_the_same_comparison(visit: Visit) -> None:
    page = visit("/scenarios?lang=en")
    page.get_by_text("Write or import", exact=True).click()
    page.locator(".st-key-scenarios-template button").click()
    expect(box(page)).to_have_value(re.compile("letter"))
    page.get_by_label("Name under which to save it").fill("Only mine")
    page.get_by_label("Name under which to save it").press("Enter")
    page.locator(".st-key-scenarios-save button").click()
    expect(page.get_by_text("Saved as “Only mine”.")).to_be_visible()
    text = encode(Shared(PAIR, seed=11, runs=10, users=1000))
    page = visit(f"/compare?lang=en&arms={text}", same=page)
    has_comparison(page)
    page.locator(".st-key-compare-card-1 button").first.click()
    page.get_by_test_id("stPopoverBody").get_by_label("Which case?").click()
    page.get_by_role("option", name="My scenario: Only mine").click()
    expect(page.locator(".st-key-compare_arm_B")).to_contain_text("Only mine")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Run the comparison").click()
    expect(outcome(page)).not_to_contain_text("You have changed")
    seen = numbers(page)
    link = page.locator(".st-key-compare_link").inner_text().strip()
    stranger = visit("/" + link.partition("://")[2].partition("/")[2] + "&lang=en")
    assert numbers(stranger) == seen
    assert len(seen) > 30
    turn_to(stranger, "scenarios")
    stranger.get_by_text("My scenarios", exact=True).click()
    expect(stranger.get_by_text("You have not saved a scenario yet.")).to_be_visible()


# -- jobs ----------------------------------------------------------------------------------


def done_runs(page: Page) -> int:
    bar = page.get_by_text(re.compile("[0-9]+ of 200 runs finished"))
    expect(bar).to_be_visible(timeout=LONG)
    found = re.match(r"\d+", bar.inner_text())
    return int(found[0]) if found else -1


def test_a_job_is_found_again_after_a_reload_and_from_another_page(visit: Visit) -> None:
    page = visit("/lab?lang=en&case=chain_letter&users=100000&runs=200&seed=8")
    before = done_runs(page)
    assert "job=" in page.url
    page.reload()
    assert done_runs(page) >= before  # the same job, not a new one
    page.locator("[data-testid=stTopNavLink][href$='/scenarios']").click()
    expect(page.get_by_role("heading", name="Scenarios", exact=True)).to_be_visible()
    page.locator("[data-testid=stTopNavLink][href$='/lab']").click()
    before = done_runs(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled.")).to_be_visible()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()
