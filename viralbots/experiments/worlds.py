"""The worlds used last, so that changing a message does not build the network again."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from concurrent.futures import Future

from viralbots.world.spec import WorldSpec
from viralbots.world.world import World

WORLDS_KEPT = 3
LARGEST_KEPT = 100_000  # users; larger worlds are let go with the last run that uses them


class Worlds:
    """Builds worlds on demand, each once however many threads ask, and keeps a few.

    Parameters
    ----------
    kept : int
        How many are remembered.
    largest : int
        Users above which a world is not remembered.
    source : Worlds, optional
        Where to ask for a world that is not remembered here; it is built otherwise.
    """

    def __init__(
        self, kept: int = WORLDS_KEPT, largest: int = LARGEST_KEPT, source: Worlds | None = None
    ) -> None:
        self.kept, self.largest, self.source = kept, largest, source
        self._worlds: OrderedDict[str, Future[World]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, spec: WorldSpec) -> World:
        """The world that a scenario's network describes.

        Raises
        ------
        NetworkError
            The file of an imported network cannot be read or used.
        """
        key = json.dumps(spec.dynamic(), sort_keys=True)
        with self._lock:
            future = self._worlds.get(key)
            is_mine = future is None
            if future is None:
                future = self._worlds[key] = Future()
            self._worlds.move_to_end(key)
        if is_mine:
            self._build(key, spec, future)
        return future.result()

    def _build(self, key: str, spec: WorldSpec, future: Future[World]) -> None:
        from viralbots.world.assemble import build  # loads the compiler

        try:
            future.set_result(self.source.of(spec) if self.source else build(spec))
        except BaseException as error:
            self._forget(key)  # whoever asks next tries again
            future.set_exception(error)
            return
        with self._lock:
            if future.result().n_users > self.largest:
                self._worlds.pop(key, None)
            while len(self._worlds) > self.kept:
                self._worlds.popitem(last=False)

    def _forget(self, key: str) -> None:
        with self._lock:
            self._worlds.pop(key, None)
