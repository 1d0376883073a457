"""The main path in a real browser: choose, guess, run, read, cancel, bring a network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

CHART = "[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas"
LONG = 180_000
NETWORK = "".join(f"p{i} p{(i * i + 1) % 40}\np{i} p{(i + 1) % 40}\n" for i in range(40))
Visit = Callable[..., Page]


def outcome(page: Page) -> Locator:
    return page.locator(".st-key-outcome")


def choose(page: Page, title: str) -> None:
    page.get_by_label("Which story?").click()
    page.get_by_role("option", name=title).click()


def run(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()


def set_size(page: Page, key: str, steps: int) -> None:
    """Move a slider with the keyboard."""
    page.get_by_text("People, runs and random seed").click()
    thumb = page.locator(f".st-key-{key}").get_by_role("slider")
    thumb.focus()
    for _ in range(abs(steps)):
        thumb.press("ArrowRight" if steps > 0 else "ArrowLeft")


def test_the_first_screen_shows_a_result(visit: Visit) -> None:
    page = visit("/lab?lang=en&case=fake_ad_backlash")
    expect(page.get_by_role("heading", name="Lab", exact=True)).to_be_visible()
    expect(page.locator(CHART).first).to_be_visible(timeout=LONG)
    expect(outcome(page)).to_contain_text(re.compile(r"It (took off|fizzled|did not spread)"))


def test_choose_the_chain_letter_guess_and_run(visit: Visit) -> None:
    page = visit("/lab?lang=en")
    choose(page, "Ten copies, or else")
    expect(outcome(page)).to_contain_text("What do you think will happen?")
    page.get_by_role("spinbutton", name="How many of").fill("500")
    page.get_by_role("spinbutton", name="How many of").press("Enter")
    run(page)
    expect(page.locator(CHART).first).to_be_visible(timeout=LONG)
    expect(outcome(page)).to_contain_text(re.compile("It (took off|fizzled)"))
    expect(outcome(page)).to_contain_text(re.compile("You guessed|Your guess"))
    expect(page.locator(CHART).first).to_contain_text("Your guess")
    assert "case=chain_letter" in page.url
    assert "guess=500" in page.url


def test_a_reload_finds_the_result_again(visit: Visit) -> None:
    page = visit("/lab?lang=en&case=chain_letter_clean&seed=5")
    expect(page.locator(CHART).first).to_be_visible(timeout=LONG)
    before = outcome(page).inner_text()
    page.reload()
    expect(page.locator(CHART).first).to_be_visible(timeout=LONG)
    assert outcome(page).inner_text() == before


def test_changing_one_thing_shows_both_lines(visit: Visit) -> None:
    page = visit("/lab?lang=en&case=chain_letter")
    expect(page.locator(CHART).first).to_be_visible(timeout=LONG)
    thumb = page.get_by_role("slider", name="Threat")
    thumb.focus()
    for _ in range(10):
        thumb.press("ArrowLeft")
    expect(outcome(page)).to_contain_text("You have changed the settings")
    run(page)
    expect(page.locator(CHART).first).to_contain_text("Before", timeout=LONG)


def test_a_long_run_shows_progress_and_can_be_cancelled(visit: Visit) -> None:
    page = visit("/lab?lang=en&case=chain_letter")
    expect(page.locator(CHART).first).to_be_visible(timeout=LONG)
    set_size(page, "users", 2)
    set_size_runs = page.locator(".st-key-runs").get_by_role("slider")
    set_size_runs.focus()
    for _ in range(3):
        set_size_runs.press("ArrowRight")
    expect(page.get_by_text("200 runs with 100\u202f000 people each")).to_be_visible()
    run(page)
    expect(page.locator("[data-testid=stProgress]")).to_be_visible(timeout=LONG)
    finished = page.get_by_text(re.compile("[1-9][0-9]* of 200 runs finished"))
    expect(finished).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled.")).to_be_visible()
    expect(outcome(page)).to_contain_text(re.compile("tells of [0-9]+ of 200 runs only"))
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()
    expect(page.locator(CHART).first).to_be_visible()


def test_a_network_file_is_used(visit: Visit, tmp_path: Path) -> None:
    page = visit("/lab?lang=en&case=chain_letter")
    expect(page.locator(CHART).first).to_be_visible(timeout=LONG)
    file = tmp_path / "my network.txt"
    file.write_text(NETWORK)
    page.get_by_text("Use your own network").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("my network.txt: 40 people")).to_be_visible()
    run(page)
    expect(outcome(page)).to_contain_text("of 40", timeout=LONG)


def test_markup_in_the_name_and_content_of_a_file_stays_text(visit: Visit) -> None:
    page = visit("/lab?lang=en&case=chain_letter")
    expect(page.locator(CHART).first).to_be_visible(timeout=LONG)
    name = "<img src=x onerror=alert(1)> :red[x].csv"
    content = "source,target\na,b\n<script>alert(1)</script>\n"
    page.get_by_text("Use your own network").click()
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
    )
    expect(page.get_by_text("Line 3")).to_be_visible()
    expect(page.get_by_text(f"{name} cannot be used:")).to_be_visible()
    assert page.locator("[data-testid=stMain] img").count() == 0


def test_the_summary_can_be_downloaded_and_says_how_to_repeat_it(visit: Visit) -> None:
    page = visit("/lab?lang=en&case=chain_letter_clean")
    expect(page.locator(CHART).first).to_be_visible(timeout=LONG)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Summary as JSON").click()
    data = json.loads(Path(waiting.value.path()).read_text("utf-8"))
    assert {"version", "engine", "identity", "seed", "runs", "scenario", "metrics"} <= set(data)
    assert data["scenario"]["name"] == "chain_letter_clean"


def test_the_language_switches_in_place(visit: Visit) -> None:
    page = visit("/lab?lang=en&case=chain_letter_clean")
    expect(page.locator(CHART).first).to_be_visible(timeout=LONG)
    page.get_by_text("中文", exact=True).click()
    expect(page.get_by_role("button", name="运行", exact=True)).to_be_visible()
    expect(page.locator(CHART).first).to_contain_text("原消息")
    expect(page).to_have_url(re.compile("lang=zh"))
    for _ in range(2):  # a box of choices must not mistake the labels of the other language
        page.get_by_text("English", exact=True).click()
        expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
        expect(page.get_by_text("What it brought", exact=True)).to_be_visible()
        page.get_by_text("中文", exact=True).click()
        expect(page.get_by_role("button", name="运行", exact=True)).to_be_visible()
        expect(page.get_by_text("带来了什么", exact=True)).to_be_visible()


def test_run_and_the_outcome_are_on_the_first_screen(visit: Visit) -> None:
    page = visit("/lab?lang=en&case=chain_letter")
    expect(page.locator(CHART).first).to_be_visible(timeout=LONG)
    for place in (outcome(page), page.get_by_role("button", name="Run", exact=True)):
        box = place.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 900


def test_on_a_phone_the_outcome_comes_before_the_controls(visit: Visit) -> None:
    page = visit("/lab?lang=en&case=chain_letter", width=390)
    expect(page.locator(CHART).first).to_be_visible(timeout=LONG)
    names = ("case_place", "story_place", "outcome_place", "settings_place", "result_place")
    boxes = [page.locator(f".st-key-{name}").bounding_box() for name in names]
    tops = [box["y"] for box in boxes if box is not None]
    assert len(tops) == len(names)
    assert tops == sorted(tops)


@pytest.mark.parametrize(
    ("width", "theme"),
    [
        (390, "dark"),
        (1280, "light"),
        pytest.param(390, "light", marks=pytest.mark.slow),
        pytest.param(1280, "dark", marks=pytest.mark.slow),
    ],
)
def test_nothing_is_wider_than_the_screen_and_small_print_is_readable(
    visit: Visit, width: int, theme: str
) -> None:
    page = visit("/lab?lang=en&case=chain_letter_clean", width=width, theme=theme)
    expect(page.locator(CHART).first).to_be_visible(timeout=LONG)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    poor = page.evaluate(FAINT_TEXTS)
    assert poor == []


FAINT_TEXTS = """() => {
  const light = c => { const f = c.map(v => { v /= 255;
      return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 });
    return .2126 * f[0] + .7152 * f[1] + .0722 * f[2] };
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = s => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = s;
    canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data;
    return [d[0], d[1], d[2], d[3] / 255] };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3]));
  const ground = e => { if (!e) return [255, 255, 255];
    const c = rgba(getComputedStyle(e).backgroundColor);
    return c[3] === 1 ? c.slice(0, 3) : over(c, ground(e.parentElement)) };
  const faded = e => { let o = 1; for (; e; e = e.parentElement)
      o *= parseFloat(getComputedStyle(e).opacity); return o };
  const poor = [];
  for (const e of document.querySelectorAll('[data-testid=stMain] p, [data-testid=stMain] li, '
      + '[data-testid=stMain] h1, [data-testid=stMain] h3, [data-testid=stMain] h4, '
      + '[data-testid=stMain] .stMarkdownBadge, [data-testid=stMetricValue]')) {
    if (!e.innerText || !e.offsetParent || e.closest('button:disabled')) continue;
    // The value of a slider lies inside its thumb, but is shown above it.
    const shown = e.closest('[data-testid=stSliderThumbValue]')
      && e.closest('[data-testid=stSlider]');
    const b = ground(shown || e), c = rgba(getComputedStyle(e).color);
    c[3] *= faded(e);
    if (c[3] < .05) continue;
    const [x, y] = [light(over(c, b)), light(b)].sort((p, q) => q - p);
    const ratio = (x + .05) / (y + .05);
    if (ratio < 4.5) poor.push(ratio.toFixed(2) + ' ' + e.innerText.slice(0, 60));
  }
  return poor }"""
