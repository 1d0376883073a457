"""The lab as a script, on a small library, for the tests of its parts."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from viralbots.ui import state

SCRIPT = "from viralbots.ui.router import run\nrun('lab')"
FILES = Path(__file__).parent / "files"


def shrink(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three small cases, and few people, so that every run takes a moment."""
    monkeypatch.setenv("VIRALBOTS_SCENARIOS", str(FILES))
    monkeypatch.setattr(state, "DEFAULTS", {"users": 1000, "runs": 5, "seed": 1})


def open_page(**address: str | list[str]) -> AppTest:
    page = AppTest.from_string(SCRIPT, default_timeout=120)
    address = {"case": "chain_letter", **address}  # a link that asks for a case runs it
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    return settled(page)


def settled(page: AppTest) -> AppTest:
    """Look again until no job is waited for."""
    end = time.monotonic() + 180
    while waits(page) and time.monotonic() < end:
        time.sleep(0.05)
        page.run()
    assert not page.exception
    return page


def waits(page: AppTest) -> bool:
    return "active" in page.session_state and page.session_state["active"] is not None


def texts(page: AppTest) -> str:
    return "\n".join(item.value for item in (*page.markdown, *page.caption))
