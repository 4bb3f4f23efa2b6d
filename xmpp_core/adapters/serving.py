"""A handler for each session that comes in: what `serve` gives."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from ..errors import ConnectionClosed
from ..stream.conditions import StreamError
from ..stream.events import SessionReady
from .accepting import Place, accepting
from .errors import SessionEnded
from .session import Session
from .shell import Listener, Shell, Wire

__all__ = ["Handler", "Serving", "listening"]

Handler = Callable[[Session], Awaitable[None]]
_LOG: Final = logging.getLogger("xmpp_core.adapters")


class Serving:
    """A listening server, as long as its block lasts."""

    def __init__(self, listener: Listener, sessions: set[Session]) -> None:
        self._listener = listener
        self._sessions = sessions

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Where it listens: host and port of each socket."""
        return self._listener.addresses

    @property
    def port(self) -> int:
        """The port of the first socket."""
        return self._listener.addresses[0][1]

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The sessions and the connections on their way to one."""
        return tuple(self._sessions)


@asynccontextmanager
async def listening(
    shell: Shell,
    session_of: Callable[[Wire], Session],
    handler: Handler,
    host: str,
    port: int,
    most: int,
    grace: float,
) -> AsyncIterator[Serving]:
    """Serve for the length of the block."""
    sessions: set[Session] = set()

    async def handle(session: Session) -> None:
        if not isinstance(await session.opened(), SessionReady):
            return
        try:
            await handler(session)
        except Exception as error:
            if session.terminal is None or not isinstance(error, SessionEnded | ConnectionClosed):
                _LOG.exception("the handler of a session failed")
            await session.close(StreamError("internal-server-error"))
        else:
            await session.close()

    async def attend(wire: Wire) -> None:
        session = session_of(wire)
        sessions.add(session)
        try:
            async with shell.tasks() as own:
                own.start(session.run)
                await handle(session)
                await session.gone()
            if session.crash is not None:
                _LOG.error("answering for a session failed", exc_info=session.crash)
        finally:
            sessions.discard(session)

    def shut() -> None:
        for session in tuple(sessions):
            session.shut(StreamError("system-shutdown"))

    async with accepting(shell, [Place(host, port, attend)], most=most, shut=shut, grace=grace) as (listener,):
        yield Serving(listener, sessions)
