"""A browser tab without a browser: speaks Streamlit's own protocol over its websocket.

It does what the page in the browser does as far as the server can tell: asks for a page, keeps
the elements that come back, looks again where a panel asks for that, presses buttons. So the
server's own time can be measured for many people at once, without paying for their browsers.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

LARGEST = 64 << 20  # bytes of one message


class Tab:
    """One open page.

    Attributes
    ----------
    elements : dict
        What is on the page: the text of each element and the element, by its place.
    n_received : int
        Bytes that came.
    n_looks : int
        Times that a panel looked again by itself.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = f"ws://{parts.netloc}/_stcore/stream"
        self._origin: Any = f"http://{parts.netloc}"
        self._url = url
        self.elements: dict[tuple[int, ...], tuple[str, Any, str]] = {}
        self.n_received = self.n_looks = 0
        self._changed = asyncio.Condition()
        self._looks: dict[str, asyncio.Task[None]] = {}
        self._widgets: dict[str, WidgetState] = {}
        self._page, self._query, self._page_hash, self._run = "", "", "", ""
        self._socket: ClientConnection
        self._reader: asyncio.Task[None]

    async def __aenter__(self) -> Tab:
        self._socket = await connect(
            self._address, subprotocols=["streamlit"], origin=self._origin,  # type: ignore[list-item]
            max_size=LARGEST, open_timeout=60, ping_interval=None,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in (*self._looks.values(), self._reader):
            task.cancel()
        await self._socket.close()

    async def visit(self, page: str, query: str) -> None:
        """Open a page at an address."""
        self._page, self._query, self._page_hash = page, query, ""
        self.elements.clear()
        await self._ask()

    def set_number(self, key: str, value: float) -> None:
        """What typing a number does, without looking again."""
        found = self._widget(key)
        self._widgets[found] = WidgetState(id=found, double_value=value)

    async def press(self, key: str) -> None:
        """Press a button."""
        await self._ask(pressed=self._widget(key))

    def text(self) -> str:
        """Everything that can be read on the page."""
        return "\n".join(text for text, _, _ in self.elements.values() if text)

    async def until(self, is_so: Callable[[str], bool], seconds: float) -> float:
        """Wait until the text of the page is as wanted; the moment at which it was."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: is_so(self.text()) or self._reader.done())
        if self._reader.done():
            self._reader.result()
            raise ConnectionError("the server closed the connection")
        return time.monotonic()

    def _widget(self, key: str) -> str:
        for _, element, _ in self.elements.values():
            found = str(getattr(element, "id", ""))
            if re.search(rf"-{re.escape(key)}$", found):
                return found
        raise LookupError(f"no widget {key!r} on the page")

    async def _ask(self, fragment: str = "", *, pressed: str = "") -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name, state.fragment_id = self._query, self._page, fragment
        state.page_script_hash, state.is_auto_rerun = self._page_hash, bool(fragment)
        state.context_info.url = f"{self._url}/{self._page}?{self._query}"
        state.context_info.locale, state.context_info.timezone = "en-GB", "UTC"
        state.widget_states.widgets.extend(self._widgets.values())
        if pressed:
            state.widget_states.widgets.append(WidgetState(id=pressed, trigger_value=True))
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        async for raw in self._socket:
            self.n_received += len(raw)
            message = ForwardMsg()
            message.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
            async with self._changed:
                self._take(message)
                self._changed.notify_all()

    def _take(self, message: ForwardMsg) -> None:
        kind, run = message.WhichOneof("type"), message.metadata.run
        if kind == "new_session":
            self._run = run.script_run_id
            if not run.fragment_ids:
                self._stop_looking()
        elif kind == "delta":
            self._take_delta(message)
        elif kind == "script_finished" and not run.fragment_ids:
            done = ForwardMsg.FINISHED_SUCCESSFULLY
            if message.script_finished == done:  # what this run did not draw is gone
                self.elements = {at: e for at, e in self.elements.items() if e[2] == self._run}
        elif kind == "auto_rerun":
            asked = message.auto_rerun
            self._stop_looking(asked.fragment_id)
            task = asyncio.create_task(self._look(asked.fragment_id, asked.interval))
            self._looks[asked.fragment_id] = task
        elif kind == "stop_auto_rerun":
            for name in message.stop_auto_rerun.fragment_ids:
                self._stop_looking(name)
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string

    def _take_delta(self, message: ForwardMsg) -> None:
        at = tuple(message.metadata.delta_path)
        if message.delta.WhichOneof("type") != "new_element":
            return
        kind = message.delta.new_element.WhichOneof("type")
        element = getattr(message.delta.new_element, kind) if kind else None
        said = (getattr(element, name, "") for name in ("body", "text", "label"))
        text = " ".join(part for part in said if isinstance(part, str) and part)
        self.elements[at] = (
            text if kind != "exception" else f"EXCEPTION {element}",
            element,
            self._run,
        )

    def _stop_looking(self, name: str | None = None) -> None:
        for one in list(self._looks) if name is None else [name]:
            task = self._looks.pop(one, None)
            if task is not None:
                task.cancel()

    async def _look(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            self.n_looks += 1
            await self._ask(fragment)
