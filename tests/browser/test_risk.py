"""The risk page in a real browser: both answers, the charts, and the way to one of the people."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

LONG = 180_000
Visit = Callable[..., Page]


def test_the_risk_page_answers_and_leads_to_one_of_those_who_were_hurt(visit: Visit) -> None:
    page = visit("/risk?lang=en&case=chain_letter")
    answers = page.locator(".st-key-outcome")
    expect(answers).to_contain_text("Hit hardest", timeout=LONG)
    expect(answers).to_contain_text(re.compile("Best measure|No measure is known"), timeout=LONG)
    expect(answers).to_contain_text("without the threat", timeout=LONG)
    for heading in ("Who was hurt", "When it went wrong", "For whom it made the difference"):
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    charts = page.locator("[data-testid=stVegaLiteChart] :is(svg, canvas)")
    for place in range(4):  # groups, the run, its complaints, the measures
        expect(charts.nth(place)).to_be_visible()
    see = page.get_by_text("See some of them")
    doors = page.locator("[data-testid=stVerticalBlock], [data-testid=stHorizontalBlock]")
    doors.filter(has=see).last.get_by_role("button").first.click()
    expect(page.get_by_role("heading", name="People", exact=True)).to_be_visible(timeout=LONG)
    expect(page.get_by_text(re.compile(r"of 10.000 people"))).to_be_visible(timeout=LONG)
