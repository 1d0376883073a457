"""Every page can be used without eyes or hands at their best: what axe finds, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import (
    SMALL,
    Visit,
    at_rest,
    has_comparison,
    has_result,
    open_all,
    turn_to,
)
from viralbots.scenario.template import template

pytestmark = pytest.mark.browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
GRAVE = ("serious", "critical")
STREAMLITS_OWN: dict[tuple[str, str], str] = {}
"""Rule of axe and a part of the selector → why we cannot mend it."""

FIND = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations']})
  return found.violations.flatMap(v => v.nodes.map(node => ({
    rule: v.id, impact: v.impact, at: node.target.flat().join(' '), html: node.html,
    why: node.failureSummary}))) }"""


class Finder:
    """Asks axe at each stop and keeps what it found."""

    def __init__(self, page: Page):
        self.page = page
        self.faults: dict[tuple[str, str], str] = {}

    def look(self, where: str) -> None:
        at_rest(self.page)
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        nodes: list[dict[str, Any]] = self.page.evaluate(FIND)
        for node in nodes:
            if node["impact"] in GRAVE and not _is_streamlits(node):
                told = f"{node['rule']}, {where}, {node['at']}: {node['html'][:200]} {node['why']}"
                self.faults.setdefault((node["rule"], node["at"]), told)


def _is_streamlits(node: dict[str, Any]) -> bool:
    return any(node["rule"] == rule and part in node["at"] for rule, part in STREAMLITS_OWN)


def press(page: Page, key: str) -> None:
    """Press the button in the place with this key."""
    page.locator(f".st-key-{key} button").first.click()
    at_rest(page)


def away(page: Page) -> None:
    """Close what is open above the page."""
    page.keyboard.press("Escape")
    page.wait_for_timeout(150)


def scenarios(page: Page, finder: Finder) -> None:
    finder.look("scenarios")
    press(page, "scenarios-details-chain_letter")
    expect(page.get_by_role("dialog")).to_be_visible()
    finder.look("scenarios, details")
    away(page)
    _part(page, 2)
    finder.look("scenarios, write, empty")
    box = page.locator(".st-key-scenarios-text textarea")
    box.fill("format: 1\nname: <b>Wrong\nmessages: 7\n")
    box.press("Control+Enter")
    expect(page.get_by_test_id("stAlert").first).to_be_visible()
    finder.look("scenarios, write, wrong")
    box.fill(template("own_story", "en"))
    box.press("Control+Enter")
    expect(page.locator(".st-key-scenarios-save button")).to_be_enabled()
    finder.look("scenarios, write, right")
    press(page, "scenarios-save")
    finder.look("scenarios, saved")
    _part(page, 1)
    expect(page.locator("[class*=st-key-own_]")).to_be_visible()
    finder.look("scenarios, mine")
    for place in (0, 1):
        page.locator("[class*=st-key-own_] [data-testid=stPopover] button").nth(place).click()
        expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
        finder.look(f"scenarios, popover {place}")
        away(page)


def _part(page: Page, place: int) -> None:
    page.locator(".st-key-scenarios-part button").nth(place).click()
    at_rest(page)


def lab(page: Page, finder: Finder) -> None:
    has_result(page)
    finder.look("lab")
    press(page, "saving-panel")
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    finder.look("lab, save")
    page.get_by_test_id("stPopoverBody").get_by_test_id("stFormSubmitButton").locator(
        "button"
    ).click()
    expect(page.get_by_test_id("stPopoverBody").get_by_test_id("stAlert")).to_be_visible()
    finder.look("lab, saved")
    away(page)
    open_all(page)
    finder.look("lab, all open")


def watch(page: Page, finder: Finder) -> None:
    expect(page.locator(".watch[data-step]")).to_be_visible()
    finder.look("watch")


def people(page: Page, finder: Finder) -> None:
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    finder.look("people")
    page.locator("[class*=st-key-people-question] button").first.click()
    at_rest(page)
    open_all(page)
    finder.look("people, somebody chosen")


def compare(page: Page, finder: Finder) -> None:
    has_comparison(page)
    open_all(page)
    finder.look("compare")
    for key in ("compare-card-0", "compare-add", "compare-size"):
        press(page, key)
        expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
        finder.look(f"compare, {key}")
        away(page)


def start(page: Page, finder: Finder) -> None:
    expect(page.locator(".watch[data-step]")).to_be_visible()
    finder.look("start")


WALK = {"lab": lab, "start": start, "scenarios": scenarios, "watch": watch, "people": people,
        "compare": compare}  # fmt: skip


@pytest.mark.parametrize(
    ("theme", "lang"),
    [
        ("dark", "zh"),
        pytest.param("light", "en", marks=pytest.mark.slow),
        pytest.param("dark", "en", marks=pytest.mark.slow),
        pytest.param("light", "zh", marks=pytest.mark.slow),
    ],
)
def test_axe_finds_nothing_serious_on_any_page(visit: Visit, theme: str, lang: str) -> None:
    page = visit(f"/lab?lang={lang}&{SMALL}", theme=theme)
    finder = Finder(page)
    for name, walk in WALK.items():
        if name != "lab":
            turn_to(page, "" if name == "start" else name)
        walk(page, finder)
    assert not finder.faults, "\n\n".join(finder.faults.values())
