"""Watching one run, and asking somebody in it why, on the pages themselves."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import SMALL, Visit, at_rest
from tests.browser.test_network_view import HASH, paused, person, press, view

pytestmark = pytest.mark.browser

NUMBER = r"(−?\d+\.\d+)"


def value(text: str) -> float:
    return float(text.replace("−", "-"))


def chosen(page: Page) -> Page:
    """With somebody clicked on who decided something: people near the middle mostly did."""
    press(paused(page), "End")
    x, y = person(page)
    page.mouse.click(x, y)
    expect(page.locator(".st-key-watch-why button")).to_be_visible()
    return at_rest(page)


def test_the_film_plays(visit: Visit) -> None:
    page = visit(f"/watch?lang=en&{SMALL}")
    expect(view(page)).to_have_attribute("data-playing", "true")
    first = page.locator("canvas.dots").evaluate(HASH)
    clock = page.locator(".clock").inner_text()
    expect(page.locator(".clock")).not_to_have_text(clock)
    page.wait_for_timeout(500)
    assert page.locator("canvas.dots").evaluate(HASH) != first


def test_a_second_click_marks_somebody_else(visit: Visit) -> None:
    page = chosen(visit(f"/watch?lang=en&{SMALL}"))
    first = page.locator(".st-key-watch_next").inner_text()
    told = page.locator(".chosen p").inner_text()
    box = page.locator("canvas.live").bounding_box()
    assert box is not None
    for across in (0.35, 0.65, 0.4, 0.6, 0.3, 0.7):  # until somebody else is hit
        page.mouse.click(box["x"] + across * box["width"], box["y"] + 0.5 * box["height"])
        at_rest(page)
        if page.locator(".chosen p").inner_text() != told:
            break
    expect(page.locator(".chosen p")).not_to_have_text(told)
    expect(page.locator(".st-key-watch_next")).not_to_have_text(first)
    number = re.search(r"[Uu]ser (\d+)", page.locator(".chosen").inner_text())
    assert number is not None
    page.locator(".st-key-watch-why button").click()
    expect(page.get_by_text(re.compile(rf"Number {number[1]}, community"))).to_be_visible()


def test_a_click_on_somebody_leads_to_an_account_that_adds_up(visit: Visit) -> None:
    page = chosen(visit(f"/watch?lang=en&{SMALL}"))
    number = re.search(r"[Uu]ser (\d+)", page.locator(".chosen").inner_text())
    assert number is not None
    page.locator(".st-key-watch-why button").click()
    expect(page.get_by_role("heading", name="People", exact=True)).to_be_visible()
    at_rest(page)
    expect(page.get_by_text(re.compile(rf"Number {number[1]}, community"))).to_be_visible()
    page.get_by_text("The same in words and numbers").click()
    told = page.locator("details[open] [data-testid=stMarkdown] li").all_inner_texts()
    start = re.search(rf"starts at {NUMBER}", told[0])
    total = re.search(rf"sum is {NUMBER}", told[-2])
    assert start and total
    steps = [re.search(rf"(adds|takes away) {NUMBER} \(", line) for line in told[1:-2]]
    assert all(steps)
    found = value(start[1]) + sum(
        value(step[2]) * (1 if step[1] == "adds" else -1) for step in steps if step
    )
    assert found == pytest.approx(value(total[1]), abs=0.006 * (len(steps) + 2))
    drawn = page.locator(".st-key-people-why svg.marks, .stVegaLiteChart svg.marks").first
    expect(drawn).to_contain_text(total[1].replace("-", "−"))
