"""What the browser tests of the pages have in common: ways through the app, and waiting."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

Visit = Callable[..., Page]
LONG = 90_000
SMALL = "case=chain_letter&users=1000&runs=5"
"""The end of an address that asks for little work."""


def outcome(page: Page) -> Locator:
    """The box with the result in words."""
    return page.locator(".st-key-outcome")


def has_result(page: Page) -> Page:
    """The page of the lab, when its result is there."""
    at_rest(page)
    expect(outcome(page)).to_contain_text(
        re.compile("It (took off|fizzled|did not spread)|火起来|没火|没有传开|传开"), timeout=LONG
    )
    return at_rest(page)


def has_comparison(page: Page) -> Page:
    """The page of comparisons, when its charts are drawn."""
    at_rest(page)
    for name in ("curves", "differences"):
        chart = page.locator(f"[class*=st-key-compare-chart-{name}] svg.marks").first
        expect(chart).to_be_visible(timeout=LONG)
    return at_rest(page)


def at_rest(page: Page) -> Page:
    """When the script of the page has run to its end, and nothing is waited for, for a moment."""
    page.wait_for_function(STILL, timeout=LONG)
    return page


STILL = """() => {
  const busy = "[data-testid=stApp]:not([data-test-script-state=notRunning]), "
    + "[data-testid=stProgress], [data-testid=stSkeleton], [data-testid=stSpinner]"
  const now = performance.now()
  const fault = document.querySelector("[data-testid=stException]")
  if (fault) throw new Error(fault.innerText)
  if (!document.querySelector("[data-testid=stApp]") || document.querySelector(busy)) {
    window.stillSince = undefined
    return false
  }
  window.stillSince ??= now
  const isStill = now - window.stillSince > 150
  if (isStill) window.stillSince = undefined
  return isStill }"""


def turn_to(page: Page, name: str) -> Page:
    """Go to another page as a visitor would; `name` is that of its address."""
    link = f"[data-testid=stTopNavLink][href$='/{name}']"
    page.locator(link).first.click()
    page.wait_for_selector(f"{link}[aria-current=page]")
    return at_rest(page)


def open_all(page: Page) -> Page:
    """Open everything that is folded."""
    folded = page.locator("[data-testid=stMain] details:not([open]) > summary")
    while folded.count():
        folded.first.click()
        page.wait_for_timeout(20)
    return at_rest(page)
