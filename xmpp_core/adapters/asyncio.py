"""XMPP over asyncio: `connect`, `serve`, `accept`, `Session`. `xmpp_core.adapters.trio` has the same names."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import zip_longest
from typing import Any, Final, TypeVar

from ..discovery import CONNECTION_ATTEMPT_DELAY
from .opening import Adapter
from .shell import Shell, Tasks, Wire
from .surface import *  # noqa: F403  # the names that both shells share
from .surface import NAMES

__all__ = [*NAMES, "accept", "connect", "serve", "shell", "wire_of"]

T = TypeVar("T")
_READ: Final = 65_536


class _Wire:
    """A byte stream of asyncio."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        name = writer.get_extra_info("peername")
        self.peer = f"{name[0]}:{name[1]}" if isinstance(name, tuple) else str(name or "")
        sock = writer.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            with suppress(OSError):  # it may have been reset
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def read(self) -> bytes:
        try:
            return await self._reader.read(_READ)
        except OSError:
            return b""

    async def write(self, octets: bytes) -> None:
        self._writer.write(octets)
        await self._writer.drain()
        if self._writer.transport.is_closing():
            raise ConnectionResetError("the connection was lost")

    async def finish(self) -> None:
        if self._writer.can_write_eof():
            self._writer.write_eof()

    async def abort(self) -> None:
        self._writer.transport.abort()


class _Signal:
    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    async def wait(self, until: float | None = None) -> bool:
        if not self._event.is_set():
            try:
                async with asyncio.timeout_at(until):
                    await self._event.wait()
            except TimeoutError:
                return False
        self._event.clear()
        return True


class _Tasks:
    def __init__(self) -> None:
        self.running: set[asyncio.Task[None]] = set()

    def start(self, work: Callable[..., Awaitable[None]], *args: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(_as_coroutine(work(*args)))
        self.running.add(task)
        task.add_done_callback(self.running.discard)


async def _as_coroutine(work: Awaitable[None]) -> None:
    await work


def _alternating(found: list[Any]) -> list[Any]:
    """Put the addresses of both families in turn, beginning with the system's choice (RFC 8305 section 4)."""
    first = [one for one in found if one[0] == found[0][0]]
    second = [one for one in found if one[0] != found[0][0]]
    return [one for both in zip_longest(first, second) for one in both if one is not None]


class _Listener:
    def __init__(self, server: asyncio.Server) -> None:
        self._server = server
        self.addresses = tuple(sock.getsockname()[:2] for sock in server.sockets)

    def close(self) -> None:
        self._server.close()


class AsyncioShell:
    """asyncio's share."""

    def now(self) -> float:
        """Give the loop's time."""
        return asyncio.get_running_loop().time()

    def signal(self) -> _Signal:
        """Make a signal."""
        return _Signal()

    @asynccontextmanager
    async def tasks(self) -> AsyncIterator[Tasks]:
        """Open a block of tasks."""
        block, loop = _Tasks(), asyncio.get_running_loop()
        try:
            yield block
        finally:
            # A cancellation while we wait is kept for later: no task may outlive the block.
            interrupted: asyncio.CancelledError | None = None
            while block.running:
                for task in block.running:
                    # Behind its first step: a task that never began would not clean up.
                    loop.call_soon(task.cancel)
                try:
                    await asyncio.wait(block.running)
                except asyncio.CancelledError as error:
                    interrupted = error
            if interrupted is not None:
                raise interrupted

    async def connect(self, host: str, port: int) -> Wire:
        """Open a TCP connection; several addresses are tried as RFC 8305 says.

        asyncio's own way of doing so loses a socket when it is cancelled at the wrong moment.
        """
        loop, turn = asyncio.get_running_loop(), self.signal()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        won: list[socket.socket] = []
        failures: list[OSError] = []

        async def attempt(family: int, address: Any) -> None:
            try:
                with socket.socket(family, socket.SOCK_STREAM) as sock:
                    sock.setblocking(False)
                    await loop.sock_connect(sock, address)
                    if not won:
                        won.append(sock.dup())
            except OSError as error:
                failures.append(error)
            turn.set()

        try:
            async with self.tasks() as tasks:
                for family, _, _, _, address in _alternating(found):
                    if not won:
                        tasks.start(attempt, family, address)
                        await turn.wait(loop.time() + CONNECTION_ATTEMPT_DELAY)
                while not won and len(failures) < len(found):
                    await turn.wait()
            if not won:
                raise failures[0] if len(failures) == 1 else OSError("no address answered") from failures[0]
            return _Wire(*await asyncio.open_connection(sock=won[0]))
        except BaseException:
            for sock in won:
                sock.close()
            raise

    async def listen(
        self, tasks: Tasks, host: str, port: int, accepted: Callable[[Wire], Awaitable[None]]
    ) -> _Listener:
        """Listen on a TCP port."""

        def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.start(accepted, _Wire(reader, writer))

        return _Listener(await asyncio.start_server(take, host or None, port, backlog=1024))

    async def within(self, seconds: float, work: Callable[[], Awaitable[T]], *, shielded: bool = False) -> T:
        """Await with a limit. A cancellation that was delivered before does not come again by itself."""
        async with asyncio.timeout(seconds):
            return await work()

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run in a worker thread."""
        return await asyncio.to_thread(work)

    def portal(self) -> Callable[[Callable[[], object]], None]:
        """Give the way in for other threads."""
        loop = asyncio.get_running_loop()
        return lambda work: (loop.call_soon_threadsafe(work), None)[1]


shell: Final[Shell] = AsyncioShell()
_adapter = Adapter(shell)
connect = _adapter.connect
accept = _adapter.accept
serve = _adapter.serve


def wire_of(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Wire:
    """Make a wire of asyncio's streams (a Unix socket, a pipe) for `connect(wire=...)`."""
    return _Wire(reader, writer)
