"""Many people at once: browser sessions that each run cases with seeds of their own.

    python -m streamlit run app.py --server.headless=true --server.port=8600 &
    python benchmarks/sessions.py http://127.0.0.1:8600 --sessions 30 --runs 5

Every session opens the lab with a random seed nobody else has, waits until the page says that
the run is under way or in the queue (acknowledged) and until the result is there, and reads in
the line for citing whether it is its own. The browsers run on the same machine and take their
share of it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import time
from dataclasses import dataclass, field

from playwright.async_api import Browser, async_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass
class Seen:
    """What all sessions saw."""

    acknowledged: list[float] = field(default_factory=list)
    finished: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


async def session(browser: Browser, url: str, number: int, runs: int, seen: Seen) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    for run in range(runs):
        seed = 100_000 + 1_000 * number + run
        start = time.monotonic()
        try:
            await page.goto(f"{url}/lab?case=chain_letter&users=3000&runs=5&seed={seed}&lang=en",
                            wait_until="commit")  # fmt: skip
            words = page.get_by_text("place").or_(page.get_by_text("runs finished"))
            words = words.or_(page.get_by_text("Getting ready")).or_(page.get_by_text("To cite"))
            words = words.or_(page.get_by_text("Building the network"))
            await words.first.wait_for(timeout=120_000, state="attached")
            seen.acknowledged.append(time.monotonic() - start)
            cite = page.get_by_text("To cite or repeat")
            await cite.wait_for(timeout=240_000)
            seen.finished.append(time.monotonic() - start)
            told = await cite.inner_text()
            if f"seed {seed}," not in told:
                seen.problems.append(f"seed {seed}: the page tells of another run: {told}")
            if await page.get_by_test_id("stException").count():
                seen.problems.append(f"seed {seed}: an exception on the page")
        except Exception as error:  # counted; the other sessions go on
            seen.problems.append(f"seed {seed}: {type(error).__name__}: {str(error)[:200]}")
    await context.close()


async def run(url: str, sessions: int, runs: int) -> Seen:
    path = os.environ.get("VIRALBOTS_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)))
    seen = Seen()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        await asyncio.gather(*(session(browser, url, n, runs, seen) for n in range(sessions)))
        await browser.close()
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    start = time.monotonic()
    seen = asyncio.run(run(given.url, given.sessions, given.runs))
    print(f"{given.sessions} sessions x {given.runs} runs in {time.monotonic() - start:.0f} s")
    for name, times in (("acknowledged", seen.acknowledged), ("finished", seen.finished)):
        if len(times) > 1:
            p95 = statistics.quantiles(times, n=20)[-1]
            print(f"{name}: median {statistics.median(times):.2f} s, p95 {p95:.2f} s")
    print(f"{len(seen.problems)} problems", *seen.problems[:10], sep="\n")


if __name__ == "__main__":
    main()
