"""XMPP over trio: `connect`, `serve`, `accept`, `Session`. `xmpp_core.adapters.asyncio` has the same names."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import trio

from .opening import Adapter
from .shell import Shell, Tasks, Wire
from .surface import *  # noqa: F403  # the names that both shells share
from .surface import NAMES

__all__ = [*NAMES, "accept", "connect", "serve", "shell", "wire_of"]

T = TypeVar("T")
_READ: Final = 65_536


class _Wire:
    """A byte stream of trio."""

    def __init__(self, stream: trio.abc.HalfCloseableStream) -> None:
        self._stream = stream
        self.peer = ""
        if isinstance(stream, trio.SocketStream):
            try:
                name = stream.socket.getpeername()
            except OSError:
                name = None
            self.peer = f"{name[0]}:{name[1]}" if isinstance(name, tuple) else str(name or "")

    async def read(self) -> bytes:
        try:
            return bytes(await self._stream.receive_some(_READ))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return b""

    async def write(self, octets: bytes) -> None:
        try:
            await self._stream.send_all(octets)
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise ConnectionResetError("the connection was lost") from error

    async def finish(self) -> None:
        try:
            await self._stream.send_eof()
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise ConnectionResetError("the connection was lost") from error

    async def abort(self) -> None:
        if isinstance(self._stream, trio.SocketStream):
            self._stream.socket.close()
        else:
            await trio.aclose_forcefully(self._stream)


class _Signal:
    def __init__(self) -> None:
        self._set = False
        self._event: trio.Event | None = None

    def set(self) -> None:
        self._set = True
        if self._event is not None:
            self._event.set()

    async def wait(self, until: float | None = None) -> bool:
        if not self._set:
            self._event = trio.Event()
            try:
                with trio.CancelScope(deadline=math.inf if until is None else until):
                    await self._event.wait()
            finally:
                self._event = None
        given, self._set = self._set, False
        return given


class _Tasks:
    def __init__(self, nursery: trio.Nursery) -> None:
        self.nursery = nursery

    def start(self, work: Callable[..., Awaitable[None]], *args: Any) -> None:
        self.nursery.start_soon(work, *args)


class _Listener:
    def __init__(self, listeners: list[trio.SocketListener]) -> None:
        self._listeners = listeners
        self.addresses = tuple(one.socket.getsockname()[:2] for one in listeners)

    def close(self) -> None:
        for one in self._listeners:
            one.socket.close()


class TrioShell:
    """trio's share."""

    def now(self) -> float:
        """Give the loop's time."""
        return trio.current_time()

    def signal(self) -> _Signal:
        """Make a signal."""
        return _Signal()

    @asynccontextmanager
    async def tasks(self) -> AsyncIterator[Tasks]:
        """Open a block of tasks."""
        failure: BaseException | None = None
        async with trio.open_nursery() as nursery:
            try:
                yield _Tasks(nursery)
            except trio.Cancelled:
                raise
            except BaseException as error:
                # Kept out of the nursery, which would put it into a group.
                failure = error
            nursery.cancel_scope.cancel()
        if failure is not None:
            raise failure

    async def connect(self, host: str, port: int) -> Wire:
        """Open a TCP connection; several addresses are tried as RFC 8305 says."""
        try:
            return _Wire(await trio.open_tcp_stream(host, port))
        except OSError as error:
            attempts = error.__cause__
            if isinstance(attempts, BaseExceptionGroup) and isinstance(attempts.exceptions[0], OSError):
                # What happened at the first address says more than that all attempts failed.
                raise attempts.exceptions[0] from None
            raise

    async def listen(
        self, tasks: Tasks, host: str, port: int, accepted: Callable[[Wire], Awaitable[None]]
    ) -> _Listener:
        """Listen on a TCP port."""
        listeners = await trio.open_tcp_listeners(port, host=host or None, backlog=1024)

        async def take(stream: trio.SocketStream) -> None:
            await accepted(_Wire(stream))

        async def accept() -> None:
            assert isinstance(tasks, _Tasks)
            try:
                await trio.serve_listeners(take, listeners, handler_nursery=tasks.nursery)
            except* trio.ClosedResourceError:
                pass

        tasks.start(accept)
        return _Listener(listeners)

    async def within(self, seconds: float, work: Callable[[], Awaitable[T]], *, shielded: bool = False) -> T:
        """Await with a limit."""
        with trio.move_on_after(seconds) as scope:
            scope.shield = shielded
            return await work()
        raise TimeoutError

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run in a worker thread. It computes and does nothing else: who is cancelled leaves it to itself."""
        return await trio.to_thread.run_sync(work, abandon_on_cancel=True)

    def portal(self) -> Callable[[Callable[[], object]], None]:
        """Give the way in for other threads."""
        token = trio.lowlevel.current_trio_token()
        return token.run_sync_soon


shell: Final[Shell] = TrioShell()
_adapter = Adapter(shell)
connect = _adapter.connect
accept = _adapter.accept
serve = _adapter.serve


def wire_of(stream: trio.abc.HalfCloseableStream) -> Wire:
    """Make a wire of any stream of trio (a Unix socket, a pipe) for `connect(wire=...)`."""
    return _Wire(stream)
