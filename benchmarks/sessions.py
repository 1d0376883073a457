"""Many people at once: sessions that each run cases with seeds of their own.

    python -m streamlit run app.py --server.headless=true --server.port=8600 &
    python benchmarks/sessions.py http://127.0.0.1:8600 --sessions 30 --runs 5 --pid $!

Every session opens the lab with a random seed nobody else has, waits until the page says that
the run is under way or in the queue (acknowledged) and until the result is there, and reads in
the line for citing whether it is its own; then it sets another seed and presses Run. At the end
some of the results are asked for again by somebody new: they must be the same.

``--browsers 6`` makes six of the sessions real browsers (each of their runs opens the page
anew); the others speak Streamlit's protocol themselves (`streamlit_client`), so that the
browsers, which run on the same machine, take less of it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import shutil
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, async_playwright
from streamlit_client import Tab

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
UNDER_WAY = re.compile("in the queue|runs finished|Building the network|Getting ready")
CITED = re.compile(r"To cite or repeat: .*?seed (\d+),.*")
ASKED_AGAIN = 5
PATIENCE = 240.0


@dataclass
class Seen:
    """What all sessions saw; seconds by kind of session."""

    acknowledged: dict[str, list[float]] = field(default_factory=dict)
    finished: dict[str, list[float]] = field(default_factory=dict)
    results: dict[int, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    looks: int = 0

    def note(self, kind: str, start: float, acknowledged: float, finished: float) -> None:
        """The moments of one run."""
        self.acknowledged.setdefault(kind, []).append(acknowledged - start)
        self.finished.setdefault(kind, []).append(finished - start)

    def fault(self, seed: int, error: Exception) -> None:
        """Something went wrong; the other sessions go on."""
        self.problems.append(f"seed {seed}: {type(error).__name__}: {str(error)[:200]}")


def query(seed: int, users: int) -> str:
    return f"case=chain_letter&users={users}&runs=5&seed={seed}&lang=en"


def cited(text: str) -> set[int]:
    return {int(seed) for seed in CITED.findall(text)}


def headline(text: str) -> str:
    """The outcome in words, which holds the numbers of the result."""
    return next((line for line in text.splitlines() if line.startswith("### ")), "")


async def tab_session(url: str, seeds: list[int], users: int, seen: Seen) -> None:
    """One person in one tab."""
    async with Tab(url) as tab:
        for number, seed in enumerate(seeds):
            start = time.monotonic()
            try:
                if number == 0:
                    await tab.visit("lab", query(seed, users))
                else:
                    tab.set_number("seed", seed)
                    await tab.press("run")
                await _run_of_tab(tab, seed, start, seen)
            except Exception as error:  # counted
                seen.fault(seed, error)
        seen.looks += tab.n_looks


async def _run_of_tab(tab: Tab, seed: int, start: float, seen: Seen) -> None:
    def is_known(text: str) -> bool:
        return bool(UNDER_WAY.search(text)) or seed in cited(text)

    acknowledged = await tab.until(is_known, PATIENCE)
    finished = await tab.until(lambda text: seed in cited(text), PATIENCE)
    seen.note("websocket", start, acknowledged, finished)
    await tab.until(lambda text: not UNDER_WAY.search(text), PATIENCE)
    if cited(tab.text()) != {seed}:
        seen.problems.append(f"seed {seed}: the page tells of another run: {cited(tab.text())}")
    if "EXCEPTION" in tab.text():
        seen.problems.append(f"seed {seed}: an exception on the page")
    seen.results[seed] = headline(tab.text())


async def browser_session(
    browser: Browser, url: str, seeds: list[int], users: int, seen: Seen
) -> None:
    """One person in a real browser, who opens the page anew for every run."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    for seed in seeds:
        start = time.monotonic()
        try:
            await page.goto(f"{url}/lab?{query(seed, users)}", wait_until="commit")
            known = page.get_by_text(re.compile(f"{UNDER_WAY.pattern}|To cite or repeat"))
            await known.first.wait_for(timeout=1000 * PATIENCE, state="attached")
            acknowledged = time.monotonic()
            cite = page.get_by_text("To cite or repeat")
            await cite.wait_for(timeout=1000 * PATIENCE, state="attached")
            seen.note("browser", start, acknowledged, time.monotonic())
            told = await cite.inner_text()
            if cited(told) != {seed}:
                seen.problems.append(f"seed {seed}: the page tells of another run: {told}")
            if await page.get_by_test_id("stException").count():
                seen.problems.append(f"seed {seed}: an exception on the page")
        except Exception as error:  # counted
            seen.fault(seed, error)
    await context.close()


async def ask_again(url: str, users: int, seen: Seen) -> None:
    """Some of the results, asked for by somebody new, are the same."""
    seeds = random.sample(sorted(seen.results), min(ASKED_AGAIN, len(seen.results)))
    for seed in seeds:
        async with Tab(url) as tab:
            await tab.visit("lab", query(seed, users))
            await tab.until(lambda text, seed=seed: seed in cited(text), PATIENCE)  # type: ignore[misc]
            if headline(tab.text()) != seen.results[seed]:
                seen.problems.append(f"seed {seed}: asked again, another result")


async def run(given: argparse.Namespace) -> Seen:
    seen, first = Seen(), random.SystemRandom().randrange(10**6, 10**12)
    lists = [[first + 1_000 * n + k for k in range(given.runs)] for n in range(given.sessions)]
    tabs = [tab_session(given.url, s, given.users, seen) for s in lists[given.browsers :]]
    if not given.browsers:
        await asyncio.gather(*tabs)
    else:
        names = filter(None, map(shutil.which, BROWSERS))
        path = os.environ.get("VIRALBOTS_CHROMIUM") or next(names)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            real = [
                browser_session(browser, given.url, s, given.users, seen)
                for s in lists[: given.browsers]
            ]
            await asyncio.gather(*tabs, *real)
            await browser.close()
    await ask_again(given.url, given.users, seen)
    return seen


def server_says(pid: int) -> str:
    """Memory and processor time of the server, where the system tells them."""
    status, stat = Path(f"/proc/{pid}/status"), Path(f"/proc/{pid}/stat")
    if not status.exists():
        return "server: unknown"
    found = dict(re.findall(r"(VmHWM|VmRSS|Threads):\s+(\d+)", status.read_text()))
    ticks = stat.read_text().rpartition(")")[2].split()
    seconds = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
    return (f"server: {int(found['VmRSS']) >> 10} MB now, {int(found['VmHWM']) >> 10} MB peak, "
            f"{found['Threads']} threads, {seconds:.1f} s of processor since start")  # fmt: skip


def show(seen: Seen) -> None:
    for name in ("acknowledged", "finished"):
        for kind, times in getattr(seen, name).items():
            if len(times) > 1:
                p95 = statistics.quantiles(times, n=20)[-1]
                middle, most = statistics.median(times), max(times)
                print(f"{name} ({kind}, {len(times)} runs): median {middle:.2f} s, "
                      f"p95 {p95:.2f} s, largest {most:.2f} s")  # fmt: skip
    print(
        f"{seen.looks} looks at jobs; {len(seen.problems)} problems", *seen.problems[:10], sep="\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--runs", type=int, default=5, help="runs of each session")
    parser.add_argument("--users", type=int, default=3_000, help="people in the network")
    parser.add_argument("--browsers", type=int, default=0, help="of the sessions, real browsers")
    parser.add_argument("--pid", type=int, default=0, help="process of the server")
    given = parser.parse_args()
    if given.pid:
        print("before:", server_says(given.pid))
    print(f"load {os.getloadavg()[0]:.1f} before", flush=True)
    start = time.monotonic()
    seen = asyncio.run(run(given))
    print(f"{given.sessions} sessions x {given.runs} runs in {time.monotonic() - start:.0f} s, "
          f"load {os.getloadavg()[0]:.1f} after")  # fmt: skip
    if given.pid:
        print("after:", server_says(given.pid))
    show(seen)
    return 1 if seen.problems else 0


if __name__ == "__main__":
    sys.exit(main())
