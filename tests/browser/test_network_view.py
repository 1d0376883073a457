"""The network view in a real browser: it plays, steps, zooms, and tells who was clicked on."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parent.parent.parent
Visit = Callable[..., Page]
LONG = 120_000

HASH = """canvas => { const data = canvas.getContext('2d')
  .getImageData(0, 0, canvas.width, canvas.height).data;
  let hash = 0; for (let i = 0; i < data.length; i += 4) {
    hash = (hash * 31 + data[i] + 7 * data[i + 1] + 13 * data[i + 2] + 17 * data[i + 3]) | 0 }
  return hash }"""
PIXELS = """canvas => { const data = canvas.getContext('2d')
  .getImageData(0, 0, canvas.width, canvas.height).data;
  let n = 0; for (let i = 3; i < data.length; i += 4) if (data[i] > 0) n += 1; return n }"""


@pytest.fixture(scope="module")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the page of `watch_demo`, in place of the app."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "server.headless": "true",
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.fileWatcherType": "none",
    }
    command = [sys.executable, "-m", "streamlit", "run", "tests/browser/watch_demo.py"]
    command += [f"--{name}={value}" for name, value in options.items()]
    log = tmp_path_factory.mktemp("demo") / "server.log"
    with log.open("wb") as out, subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out) as app:
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health", app, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            app.terminate()


def wait_for(url: str, app: subprocess.Popen[bytes], log: Path) -> None:
    # Straight to the server: a proxy of the environment is not meant for this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(300):
        if app.poll() is not None:
            break
        try:
            with opener.open(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the page did not start:\n{log.read_text(errors='replace')[-2000:]}")


# -- looking -------------------------------------------------------------------------------


def view(page: Page) -> Locator:
    found = page.locator(".watch[data-step]")
    expect(found).to_be_visible(timeout=LONG)
    return found


def step(page: Page) -> int:
    return int(view(page).get_attribute("data-step") or -1)


def paused(page: Page) -> Page:
    """With the clock stopped at the beginning."""
    view(page)
    page.locator("canvas.live").focus()
    page.keyboard.press("Home")
    expect(view(page)).to_have_attribute("data-playing", "false")
    assert step(page) == 0
    return page


def press(page: Page, key: str, times: int = 1) -> None:
    for _ in range(times):
        page.keyboard.press(key)


def person(page: Page) -> tuple[float, float]:
    """A point at which somebody lies, with the pointer on it."""
    box = page.locator("canvas.live").bounding_box()
    assert box is not None
    for part in range(40):
        x, y = box["x"] + box["width"] * (0.3 + 0.01 * part), box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        if page.locator("canvas.live.over").count():
            return x, y
    raise AssertionError("nobody lies in the middle of the picture")


# -- time ----------------------------------------------------------------------------------


def test_it_plays_by_itself_and_the_picture_changes(visit: Visit) -> None:
    page = visit()
    expect(view(page)).to_have_attribute("data-playing", "true")
    layers = ("dots", "live", "curve")
    frames = []
    for wait in (0, 1500):
        page.wait_for_timeout(wait)
        frames.append({name: page.locator(f"canvas.{name}").evaluate(HASH) for name in layers})
    assert all(frames[0][name] != frames[1][name] for name in frames[0])
    page.get_by_role("button", name="Pause").click()
    expect(view(page)).to_have_attribute("data-playing", "false")
    here = step(page)
    page.wait_for_timeout(400)
    assert step(page) == here
    page.get_by_role("button", name="Play").click()
    expect(view(page)).to_have_attribute("data-playing", "true")


def test_keys_move_the_clock_step_by_step(visit: Visit) -> None:
    page = paused(visit())
    expect(page.locator(".clock")).to_have_text("Day 108:00")
    press(page, "ArrowRight", 3)
    assert step(page) == 3
    expect(page.locator(".clock")).to_have_text("Day 111:00")
    press(page, "ArrowLeft")
    assert step(page) == 2
    press(page, "End")
    expect(view(page)).to_have_attribute("data-ended", "true")
    expect(page.locator(".clock")).to_have_text("Day 3108:00")
    expect(page.get_by_role("button", name="Play again")).to_be_visible()
    press(page, "Home")
    assert step(page) == 0
    press(page, " ")
    expect(view(page)).to_have_attribute("data-playing", "true")


@pytest.mark.slow
def test_stepping_back_shows_what_was_there_before(visit: Visit) -> None:
    page = paused(visit())
    dots, ground = page.locator("canvas.dots"), page.locator("canvas.ground")
    press(page, "End")
    press(page, "Home")
    press(page, "ArrowRight", 6)
    press(page, "ArrowRight")
    press(page, "ArrowLeft")
    drawn_anew = dots.evaluate(HASH), ground.evaluate(HASH)
    press(page, "End")
    assert (dots.evaluate(HASH), ground.evaluate(HASH)) != drawn_anew
    press(page, "Home")
    press(page, "ArrowRight", 7)
    press(page, "ArrowLeft")
    assert (dots.evaluate(HASH), ground.evaluate(HASH)) == drawn_anew


@pytest.mark.slow
def test_the_curve_and_the_slider_jump(visit: Visit) -> None:
    page = paused(visit())
    box = page.locator("canvas.curve").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    middle = step(page)
    assert middle > 5
    slider = page.get_by_role("slider", name="Moment shown")
    assert float(slider.input_value()) == pytest.approx(500, abs=15)
    slider.fill("250")
    assert 0 < step(page) < middle
    slider.press("ArrowRight")
    assert re.fullmatch(r"Day \d+ \d\d:\d\d", slider.get_attribute("aria-valuetext") or "")


@pytest.mark.slow
def test_a_step_is_told_to_whoever_cannot_see_it(visit: Visit) -> None:
    page = paused(visit())
    spoken = page.locator(".spoken")
    expect(spoken).to_have_attribute("aria-live", "polite")
    press(page, "ArrowRight", 4)
    expect(spoken).to_have_text(
        re.compile(r"Day 1, 12:00: \d+ have heard of it, \d+ passed it on")
    )
    picture = page.get_by_role("img", name=re.compile("Network of 300 of 300 people"))
    expect(picture).to_be_visible()


# -- people --------------------------------------------------------------------------------


def test_pointing_tells_who_it_is_and_a_click_tells_python(visit: Visit) -> None:
    page = paused(visit())
    press(page, "End")
    x, y = person(page)
    tip = page.locator(".tip")
    expect(tip).to_contain_text(re.compile(r"User \d+"))
    number = re.search(r"User (\d+)", tip.inner_text())
    assert number is not None
    page.mouse.click(x, y)
    expect(page.get_by_text(f"clicked: {number[1]}", exact=True)).to_be_visible()
    chosen = page.locator(".chosen")
    expect(chosen).to_contain_text(f"(user {number[1]})")
    # The page has run again: nothing has begun anew.
    expect(view(page)).to_have_attribute("data-ended", "true")
    page.get_by_role("button", name="Choose nobody").click()
    expect(chosen).to_be_hidden()


@pytest.mark.slow
def test_the_way_back_of_a_chosen_user_is_marked(visit: Visit) -> None:
    page = paused(visit("/?lang=en&chosen=137"))
    expect(page.locator(".chosen")).to_contain_text("(user 137)")
    expect(page.locator(".chosen")).to_contain_text("→")
    marked = page.locator("canvas.live").evaluate(PIXELS)
    press(page, "Escape")
    expect(page.locator(".chosen")).to_be_hidden()
    assert page.locator("canvas.live").evaluate(PIXELS) < marked


# -- the picture ---------------------------------------------------------------------------


@pytest.mark.slow
def test_buttons_keys_and_wheel_zoom(visit: Visit) -> None:
    page = paused(visit())
    dots = page.locator("canvas.dots")
    whole = dots.evaluate(HASH)
    page.get_by_role("button", name="Zoom in").click()
    near = dots.evaluate(HASH)
    assert near != whole
    page.get_by_role("button", name="Show everything").click()
    assert dots.evaluate(HASH) == whole
    page.locator("canvas.live").focus()
    press(page, "+")
    assert dots.evaluate(HASH) == near
    press(page, "0")
    box = page.locator("canvas.live").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(200)
    nearer = dots.evaluate(HASH)
    assert nearer != whole
    page.mouse.down()
    page.mouse.move(box["x"] + 130, box["y"] + 60, steps=4)
    page.mouse.up()
    assert dots.evaluate(HASH) != nearer
    expect(page.locator(".chosen")).to_be_hidden()  # moving is not choosing


@pytest.mark.slow
def test_the_wheel_scrolls_the_page_unless_the_picture_is_in_use(visit: Visit) -> None:
    page = paused(visit())
    page.get_by_role("button", name="Play").focus()
    before = page.locator("canvas.dots").evaluate(HASH)
    box = page.locator("canvas.live").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(200)
    assert page.locator("canvas.dots").evaluate(HASH) == before


@pytest.mark.slow
def test_language_and_theme_change_without_beginning_anew(visit: Visit) -> None:
    page = paused(visit())
    press(page, "ArrowRight", 5)
    light = page.locator("canvas.dots").evaluate(HASH)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(1500)
    assert page.locator("canvas.dots").evaluate(HASH) != light
    assert step(page) == 5
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("button", name="播放")).to_be_visible()
    expect(page.locator(".clock")).to_have_text("第1天13:00")
    assert step(page) == 5
    expect(view(page)).to_have_attribute("data-playing", "false")
    page.locator("canvas.live").focus()
    press(page, " ")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert step(page) >= 5


@pytest.mark.slow
def test_another_film_begins_at_its_beginning(visit: Visit) -> None:
    page = paused(visit("/?lang=en&chosen=137"))
    page.get_by_role("button", name="Zoom in").click()
    press(page, "End")
    page.get_by_role("button", name="Another film").click()
    expect(page.locator(".counts")).to_contain_text("counter-message")
    expect(view(page)).to_have_attribute("data-ended", "false")
    expect(view(page)).to_have_attribute("data-playing", "true")
    expect(page.locator(".clock")).to_contain_text("Day 1")
    expect(page.locator(".chosen")).to_contain_text("(user 137)")


# -- less motion, small screens ------------------------------------------------------------


def test_with_reduced_motion_nothing_moves_by_itself(visit: Visit) -> None:
    page = paused(visit())
    press(page, "ArrowRight", 3)
    moving = page.locator("canvas.live").evaluate(PIXELS)
    dots = page.locator("canvas.dots").evaluate(HASH)
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    expect(view(page)).to_have_attribute("data-playing", "false")
    page.wait_for_timeout(800)
    assert step(page) == 0
    page.locator("canvas.live").focus()
    press(page, "ArrowRight", 3)
    assert page.locator("canvas.dots").evaluate(HASH) == dots
    assert page.locator("canvas.live").evaluate(PIXELS) < moving  # no pulses on their way
    press(page, " ")  # whoever asks for it may still see it play
    expect(view(page)).to_have_attribute("data-playing", "true")


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_on_a_phone_everything_fits_and_can_be_touched(visit: Visit, lang: str) -> None:
    page = visit(f"/?lang={lang}&case=fake_ad_backlash", width=390)
    view(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for button in page.locator(".watch button:visible, .watch select, .moment").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44 and box["width"] >= 44
        assert 0 <= box["x"] and box["x"] + box["width"] <= 390
    stage, zoom = page.locator(".stage").bounding_box(), page.locator(".zoom").bounding_box()
    assert stage is not None and zoom is not None
    assert zoom["y"] + zoom["height"] <= stage["y"]  # the picture is not covered
    for line in page.locator(".counts li, .legend li").all():
        box = line.bounding_box()
        assert box is not None and box["x"] + box["width"] <= 390
