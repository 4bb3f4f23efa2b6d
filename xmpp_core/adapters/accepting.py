"""Listening, counting who is connected, and ending in good order: what `serve` and a server share."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from .shell import Listener, Shell, Wire

__all__ = ["Place", "accepting"]

_LOG: Final = logging.getLogger("xmpp_core.adapters")


@dataclass(frozen=True, slots=True)
class Place:
    """A host and port to listen on, and what is done with a connection made there, to its end."""

    host: str
    port: int
    attend: Callable[[Wire], Awaitable[None]]


@asynccontextmanager
async def accepting(
    shell: Shell, places: Sequence[Place], *, most: int, shut: Callable[[], None], grace: float
) -> AsyncIterator[tuple[Listener, ...]]:
    """Listen for the length of the block; at most `most` connections at once, more are cut off.

    At the end of the block nothing more is accepted, `shut` tells those that are there, and `grace`
    seconds are given to them. An exception out of `attend` is logged and ends that connection alone.
    Raises `OSError` when a place cannot be listened on.
    """
    count = 0
    emptied = shell.signal()

    def bounded(attend: Callable[[Wire], Awaitable[None]]) -> Callable[[Wire], Awaitable[None]]:
        async def attended(wire: Wire) -> None:
            nonlocal count
            if count >= most:
                _LOG.warning("a connection was cut off: %d are open", most)
                await wire.abort()
                return
            count += 1
            try:
                await attend(wire)
            except Exception:
                _LOG.exception("attending to a connection failed")
                await wire.abort()
            finally:
                count -= 1
                emptied.set()

        return attended

    async def ended() -> None:
        shut()
        while count:
            await emptied.wait()

    async with shell.tasks() as tasks:
        listeners: list[Listener] = []
        try:
            for place in places:
                listeners.append(await shell.listen(tasks, place.host, place.port, bounded(place.attend)))
            yield tuple(listeners)
        finally:
            for listener in listeners:
                listener.close()
            try:
                await shell.within(grace, ended)
            except TimeoutError:
                _LOG.warning("%d connections did not end in time", count)
