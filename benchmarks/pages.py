"""How long a visitor waits, in a real browser, on a server that is warm.

    python -m streamlit run app.py --server.headless=true --server.port=8600 &
    python benchmarks/pages.py http://127.0.0.1:8600 --rounds 3

Measured: from the click on Run to the first result on the page (10 000 people, a random seed
that nobody had), to the result of all runs; from every page to every other with a result there,
until its head and its content are drawn and its script rests; frames a second while a run is
played.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import statistics
import time
from collections.abc import Callable

from playwright.sync_api import Page, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ("--no-sandbox", "--disable-background-networking")
AT_REST = "[data-testid=stApp][data-test-script-state=notRunning]"
CITE = "To cite or repeat"
CONTENT = {
    "start": "canvas", "scenarios": "[class*=st-key-gallery]",
    "lab": "[data-testid=stVegaLiteChart]", "watch": "canvas",
    "people": "[data-testid=stMain] [data-testid=stTextInput]",
    "compare": "[class*=st-key-compare]",
}  # fmt: skip
"""What is on a page when it is drawn."""
FRAMES = """async (seconds) => {
  let n = 0, go = true
  const count = () => { n += 1; if (go) requestAnimationFrame(count) }
  requestAnimationFrame(count)
  await new Promise((done) => setTimeout(done, 1000 * seconds))
  go = false
  return n / seconds
}"""


def median(times: list[float]) -> str:
    return f"median {statistics.median(times):.2f} s, largest {max(times):.2f} s"


def settle(page: Page) -> None:
    page.wait_for_selector(AT_REST)


def run_times(page: Page, case: str, rounds: int) -> None:
    """From the click on Run to the first and to the last result."""
    first, whole = [], []
    url = page.url.split("/lab")[0]
    for _ in range(rounds):
        seed = random.SystemRandom().randrange(10**6, 10**12)
        page.goto(f"{url}/lab?case={case}&users=10000&runs=20&seed={seed}&lang=en")
        page.get_by_text(f"seed {seed}, 20 runs").wait_for(state="attached")
        settle(page)
        page.get_by_text("People, runs", exact=False).first.click()
        field = page.locator(".st-key-seed input")
        field.fill(str(seed + 1))
        field.press("Tab")
        page.get_by_text("You have changed the settings").wait_for()
        settle(page)
        start = time.monotonic()
        page.locator(".st-key-run button").click()
        page.get_by_text(f"seed {seed + 1}, ").wait_for(state="attached")
        first.append(time.monotonic() - start)
        page.get_by_text(f"seed {seed + 1}, 20 runs").wait_for(state="attached")
        whole.append(time.monotonic() - start)
    print(f"Run, {case}, 10 000 people x 20: first result {median(first)};"
          f" all runs {median(whole)}")  # fmt: skip


def switch(page: Page, name: str, head: str) -> float:
    """Seconds from the click on a page's name until it is there."""
    start = time.monotonic()
    page.locator(f"[data-testid=stTopNavLink][href$='/{name}'], a[href$='/{name}']").first.click()
    page.get_by_role("heading", level=1, name=head, exact=True).wait_for()
    page.locator(CONTENT[name]).first.wait_for()
    settle(page)
    return time.monotonic() - start


def switches(page: Page, rounds: int) -> None:
    """From every page to every other."""
    links = page.locator("[data-testid=stTopNavLink]")
    found = [links.nth(n).get_attribute("href") for n in range(links.count())]
    names = [re.sub(r".*/", "", address or "") for address in found]
    heads = {}
    for name in filter(None, names):  # the first time for each: what is computed once is computed
        page.locator(f"[data-testid=stTopNavLink][href$='/{name}']").first.click()
        page.locator(CONTENT[name]).first.wait_for()
        settle(page)
        page.wait_for_timeout(1500)
        settle(page)
        heads[name] = page.get_by_role("heading", level=1).first.inner_text()
    times: dict[str, list[float]] = {name: [] for name in heads}
    for _ in range(rounds):
        for source in heads:
            for target in heads:
                if source != target:
                    switch(page, source, heads[source])
                    page.wait_for_timeout(100)
                    times[target].append(switch(page, target, heads[target]))
    for name, seconds in times.items():
        print(f"to {name}: {median(seconds)}")


def frames(page: Page) -> None:
    """Frames a second while a run plays, at 3 000 and 10 000 people."""
    page.locator("[data-testid=stTopNavLink][href$='/watch']").first.click()
    for keys, n in ((0, "3 000"), (1, "10 000")):
        for _ in range(keys):
            page.get_by_role("slider").first.press("ArrowRight")
            page.wait_for_timeout(500)
        page.locator("canvas").first.wait_for()
        settle(page)
        page.wait_for_timeout(3000)
        print(f"{n} people shown: {page.evaluate(FRAMES, 4):.0f} frames/s")


def measured(name: str, what: Callable[[], None]) -> None:
    print(f"-- {name}, load {os.getloadavg()[0]:.1f}", flush=True)
    what()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--case", nargs="*", default=["fake_ad_backlash", "chain_letter"])
    given = parser.parse_args()
    path = os.environ.get("VIRALBOTS_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        page.goto(f"{given.url}/lab?lang=en")
        page.get_by_text(CITE).wait_for(state="attached")
        for case in given.case:
            measured("run", lambda case=case: run_times(page, case, given.rounds))  # type: ignore[misc]
        measured("switches", lambda: switches(page, max(1, given.rounds // 3)))
        measured("frames", lambda: frames(page))
        browser.close()


if __name__ == "__main__":
    main()
