"""What a shell gives: a byte stream, a clock, a signal, tasks. All that differs between event loops.

Everything else in this room is written once against these protocols, and awaits nothing but them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

__all__ = ["Listener", "Shell", "Signal", "Tasks", "Wire"]

T = TypeVar("T")


class Wire(Protocol):
    """A byte stream in both directions: a TCP connection, a Unix socket, a pipe in memory.

    One task reads and one writes at a time. Nothing of it knows TLS.
    """

    async def read(self) -> bytes:
        """Wait for octets and give some; none at all means the end. A broken stream has ended."""
        ...

    async def write(self, octets: bytes) -> None:
        """Hand over all octets, waiting while the stream is full; raises `OSError` when it is broken."""
        ...

    async def finish(self) -> None:
        """Say that nothing more will be written; what comes can still be read. Raises `OSError`."""
        ...

    async def abort(self) -> None:
        """Close at once, both directions, waiting for nobody; may be called again."""
        ...

    @property
    def peer(self) -> str:
        """Who is at the other end, for people: an address with its port."""
        ...


class Signal(Protocol):
    """Wakes one waiting task. What is set while nobody waits is not lost; waiting takes it."""

    def set(self) -> None:
        """Wake the task that waits, or the next one that will."""
        ...

    async def wait(self, until: float | None = None) -> bool:
        """Wait until set, giving True, or until the clock shows `until`, giving False."""
        ...


class Tasks(Protocol):
    """Tasks that live no longer than the block that opened them."""

    def start(self, work: Callable[..., Awaitable[None]], *args: Any) -> None:
        """Run `work(*args)` beside the rest. `work` deals with its own exceptions."""
        ...


class Listener(Protocol):
    """A listening socket."""

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """The hosts and ports it listens on; a port 0 that was asked for is the one that was given."""
        ...

    def close(self) -> None:
        """Accept nothing more; may be called again."""
        ...


class Shell(Protocol):
    """One event loop's share."""

    def now(self) -> float:
        """Monotonic seconds of the loop's clock."""
        ...

    def signal(self) -> Signal:
        """Make a signal."""
        ...

    def tasks(self) -> AbstractAsyncContextManager[Tasks]:
        """Open a block of tasks; leaving it cancels those that still run, and waits for their end.

        An exception of the block leaves it as it is, never wrapped in a group.
        """
        ...

    async def connect(self, host: str, port: int) -> Wire:
        """Open a TCP connection to the first address of `host` that answers; raises `OSError`."""
        ...

    async def listen(self, tasks: Tasks, host: str, port: int, accepted: Callable[[Wire], Awaitable[None]]) -> Listener:
        """Listen, and run `accepted` in a task of its own for each connection; raises `OSError`."""
        ...

    async def within(self, seconds: float, work: Callable[[], Awaitable[T]], *, shielded: bool = False) -> T:
        """Await `work()`; raises `TimeoutError` when it takes longer, after cancelling it.

        With `shielded` a cancellation from outside that was delivered before does not stop it.
        """
        ...

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run `work` in a worker thread and give what it gives."""
        ...

    def portal(self) -> Callable[[Callable[[], object]], None]:
        """Give a function that any thread may call to have another function run soon in this loop."""
        ...
