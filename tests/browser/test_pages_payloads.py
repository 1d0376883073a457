"""Whatever people write stays text: no script runs, and nothing leaves the machine."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.browser.pages import LONG, SMALL, Visit, at_rest, has_comparison, has_result, turn_to
from viralbots.scenario.template import template

pytestmark = pytest.mark.browser

PWN = "window.__pwned=1"
TURNED, JOINED = "h \u202egnorw\u202c i", "k\u200bl\u2060m"
"""What cannot be seen; a scenario may not have it."""
PAYLOADS = [
    f"<script>{PWN}</script>",
    f'<img src=x onerror="{PWN}">',
    f"<svg onload={PWN}>",
    f"[a](javascript:{PWN})",
    "![b](http://evil.example/b.png)",
    "[c](http://evil.example/c)",
    '<iframe src="http://evil.example"></iframe>',
    "$\\frac{d}{2}$ and $$e$$",
    ":material/face: :sunny:",
    ":red[f] :blue-badge[g]",
    "&lt;b&gt;&#x3c;i&#x3e;",
    TURNED,
    "j" * 50,
    JOINED,
    "datum.x + toString(event)",
    "!!python/object:os.system",
    "=cmd|' /C calc'!A0",
    "{{7*7}} ${7*7} {0.__class__}",
    "`n` **o** _p_ ~~q~~",
    "# r\n- s\n\n> t | u",
]
VISIBLE = [text for text in PAYLOADS if text not in (TURNED, JOINED)]
ALL = " ; ".join(VISIBLE)
FOREIGN = """() => {
  const outside = [...document.querySelectorAll("a, img, iframe, script, object, embed, form")]
    .map(e => e.href || e.src || e.data || e.action || "").filter(a => typeof a === "string" && a
      && !(a.startsWith("data:image/") || new URL(a, location).origin === location.origin))
  const main = document.querySelector("[data-testid=stMain]")
  const made = main.querySelectorAll(
    ".katex, iframe, [onerror], [onload], [aria-label='face icon']")
  return [window.__pwned ?? "", ...outside, ...[...made].map(e => e.outerHTML.slice(0, 200))]
    .filter(Boolean) }"""


def harmless(page: Page, *, shows: list[str] | None = None) -> Page:
    """Nothing of the payloads works, and those that should be seen are seen as they are."""
    at_rest(page)
    page.wait_for_timeout(100)  # an error handler fires a moment later
    assert page.evaluate(FOREIGN) == []
    seen = _told(page.locator("body").inner_text())
    lost = [text for text in shows or [] if _told(text) not in seen]
    assert lost == []
    return page


def _told(text: str) -> str:
    """As it is seen: blanks are one, and joiners have no width."""
    return re.sub(r"\s+", " ", text.replace("\u2060", "")).strip()


def hostile_scenario() -> str:
    data = yaml.safe_load(template("own_story", "en"))
    data["title"] = {"en": ALL[:150], "zh": ALL[150:300]}
    data["story"] = {"en": ALL, "zh": ALL}
    data["look_at"] = {"en": ALL, "zh": ALL}
    data["sources"] = [f"fact: {text}" for text in VISIBLE]
    data["questions"] = [{"en": text, "zh": text} for text in VISIBLE[:5]]
    data["tags"] = VISIBLE
    data["network"] = {"n_users": 1000}
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def hostile_network() -> bytes:
    names = [text.replace("\n", " ").replace('"', "'") for text in PAYLOADS]
    people = [*names, *(f"n{i}" for i in range(20))]
    rows = [(a, people[(k * step + 1) % 40]) for k, a in enumerate(people) for step in (1, 3, 7)]
    lines = [f'"{a}","{b}"' for a, b in rows if a != b]
    return "\n".join(["source,target", *lines, ""]).encode()


def test_payloads_in_a_scenario_and_its_labels_stay_text(visit: Visit) -> None:
    page = visit("/scenarios?lang=en")
    page.get_by_text("Write or import", exact=True).click()
    box = page.locator(".st-key-scenarios-text textarea")
    box.fill(f"format: 1\nname: x\n{yaml.safe_dump({'wrong ' + ALL: ALL})}tags: !!python/name:a\n")
    box.press("Control+Enter")
    harmless(page)
    box.fill(hostile_scenario().replace("tags:\n", f"tags:\n- '{TURNED}'\n"))
    box.press("Control+Enter")
    expect(page.get_by_test_id("stAlert")).to_contain_text("U+202E")
    box.fill(hostile_scenario())
    box.press("Control+Enter")
    expect(page.get_by_text("Valid. It can be run")).to_be_visible()
    page.get_by_label("Name under which to save it").fill(ALL[:190])
    page.get_by_label("Name under which to save it").press("Enter")
    harmless(page)
    page.locator(".st-key-scenarios-save button").click()
    expect(page.get_by_text("Saved as")).to_be_visible()
    harmless(page, shows=[ALL[:190]])
    page.get_by_text("Show my scenarios").click()
    page.get_by_role("button", name="Name, notes, tags").click()
    form = page.get_by_test_id("stPopoverBody")
    form.get_by_label("Notes").fill("\n".join(PAYLOADS))
    tags = [text.replace(",", "")[:45] for text in PAYLOADS]
    form.get_by_label("Tags").fill(", ".join(tags))
    form.get_by_test_id("stFormSubmitButton").locator("button").click()
    expect(page.locator("[class*=st-key-own_]").get_by_text("{{7*7}}").first).to_be_visible()
    page.keyboard.press("Escape")
    harmless(page, shows=[ALL[:190], *PAYLOADS, *tags])
    page.get_by_role("button", name="Open in the Lab").click()
    page.get_by_role("button", name="Run", exact=True).click()
    has_result(page)
    harmless(page, shows=[ALL, ALL[:190]])
    for name in ("watch", "people", "compare", ""):
        harmless(turn_to(page, name))
    turn_to(page, "compare")
    has_comparison(page)
    page.locator(".st-key-compare-card-1 button").first.click()
    page.get_by_test_id("stPopoverBody").get_by_label("Which case?").click()
    page.get_by_role("option", name="My scenario:").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Run the comparison").click()
    expect(page.locator(".st-key-outcome")).not_to_contain_text("You have changed")
    harmless(has_comparison(page), shows=[ALL[:190]])


def test_payloads_in_labels_of_a_run_stay_text(visit: Visit) -> None:
    page = has_result(visit(f"/lab?lang=en&{SMALL}&seed=21"))
    page.locator(".st-key-saving-panel button").first.click()
    panel = page.get_by_test_id("stPopoverBody")
    panel.get_by_label("Name").fill(ALL[:190])
    panel.get_by_label("Note").fill("\n".join(PAYLOADS))
    tag = panel.get_by_role("combobox", name="Tags")
    for text in PAYLOADS[:3]:
        tag.fill(text)
        tag.press("Enter")
    panel.get_by_label("Note").click()  # closes the list of tags, which lies over the button
    panel.get_by_role("button", name="Save").last.click()
    expect(panel.get_by_text("Saved as")).to_be_visible()
    harmless(page, shows=[ALL[:190]])
    page.keyboard.press("Escape")
    page.get_by_text("My saved runs", exact=True).click()
    expect(page.locator("[class*=st-key-saved_]").first).to_be_visible()
    harmless(page, shows=[ALL[:190], *PAYLOADS])


@pytest.mark.slow
def test_payloads_in_a_network_stay_text(visit: Visit, tmp_path: Path) -> None:
    page = has_result(visit(f"/lab?lang=en&{SMALL}&seed=22"))
    name = f"{PAYLOADS[1]} {PAYLOADS[4]} {PAYLOADS[9]}.csv".replace("/", "_")
    page.get_by_text("Use your own network").click()
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": hostile_network()}
    )
    expect(page.get_by_text("40 people,")).to_be_visible()
    harmless(page)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".st-key-outcome")).to_contain_text("of 40", timeout=LONG)
    harmless(page)
    harmless(turn_to(page, "watch"))
    expect(page.locator(".watch[data-step]")).to_be_visible()
    turn_to(page, "people")
    search = page.get_by_label("Find somebody")
    for text in ("<script", "![b]", "$\\frac", ":material/face:", "# r"):
        search.fill(text)
        search.press("Enter")
        expect(page.get_by_text("1 of 40", exact=False)).to_be_visible()
        at_rest(page)
        page.get_by_test_id("stDataFrame").first.click(position={"x": 20, "y": 52})
        expect(page.locator(".st-key-people-who")).to_contain_text(
            re.compile("\u2060?".join(map(re.escape, text)))
        )
        harmless(page, shows=[text])


@pytest.mark.slow
def test_payloads_in_the_address_do_nothing(visit: Visit) -> None:
    everything = quote(ALL)
    keys = ("lang", "case", "users", "runs", "seed", "guess", "set", "job", "arms", "later",
            "luck", "run", "person")  # fmt: skip
    address = "&".join(f"{key}={everything}" for key in keys)
    page = visit(f"/compare?{address}")
    harmless(page)
    for name in ("", "lab", "watch", "people"):
        page.goto(page.url.split("?")[0].rsplit("/", 1)[0] + f"/{name}?{address}")
        harmless(page)
