"""A page in a real browser, and what it must never do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip
PATIENCE = 180_000  # milliseconds: the first visit may have to wait for the compiler
AT_REST = "[data-testid=stApp][data-test-script-state=notRunning]"
SEARCHES = ("/_stcore/health", "/_stcore/host-config")
"""Below the first page streamlit tries two addresses until it knows where it lives."""


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield found
        found.close()


@pytest.fixture
def visit(browser: Browser, app_url: str) -> Iterator[Callable[..., Page]]:
    """Open the app; afterwards nothing may have gone wrong in the browser or left the machine."""
    faults: list[str] = []
    contexts = []

    def note_request(request: Request) -> None:
        if not request.url.startswith((app_url, app_url.replace("http", "ws"), "data:", "blob:")):
            faults.append(f"request to {request.url}")

    def note_message(message: ConsoleMessage) -> None:
        is_search = message.location.get("url", "").endswith(SEARCHES)
        if message.type == "error" and not is_search:
            faults.append(f"console: {message.text}")

    def note_response(response: Response) -> None:
        if response.status >= 400 and not response.url.endswith(SEARCHES):
            faults.append(f"answer {response.status} to {response.url}")

    def open_app(
        address: str = "/?lang=en", *, width: int = 1280, theme: str = "light",
        same: Page | None = None,
    ) -> Page:  # fmt: skip
        """A page of a browser that was never here, or of the same browser as another page."""
        if same is None:
            context: BrowserContext = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=theme,
                accept_downloads=True,
            )  # fmt: skip
            contexts.append(context)
        else:
            context = same.context
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", note_request)
        page.on("response", note_response)
        page.on("console", note_message)
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"),
                                          dialog.dismiss()))  # fmt: skip
        page.goto(app_url + address)
        page.wait_for_selector(AT_REST)
        return page

    yield open_app
    for context in contexts:
        context.close()
    assert faults == []
