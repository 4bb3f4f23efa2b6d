"""Running a test in asyncio or trio; in memory with time that only passes when nothing else can happen."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Final

import trio
import trio.testing

__all__ = ["LIBRARIES", "Stops", "cancelled", "run"]

LIBRARIES: Final = ("asyncio", "trio")
_SAFETY: Final = 120.0
"""Seconds after which a test that hangs is ended: no test waits for them."""
_SAFETY_VIRTUAL: Final = 1e6

Hook = Callable[[], None]


class _Jumping(selectors.SelectSelector):
    """Instead of waiting, time moves on."""

    def __init__(self, turned: Hook | None) -> None:
        super().__init__()
        self.now = 1000.0
        self._turned = turned

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self._turned is not None:
            self._turned()
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("every task waits, and no time is set")
        if not ready and timeout is not None and timeout > 0:
            self.now += timeout
        return ready


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, turned: Hook | None) -> None:
        self._jumping = _Jumping(turned)
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


class _Steps(trio.abc.Instrument):
    def __init__(self, turned: Hook) -> None:
        self._turned = turned

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        self._turned()


def run(library: str, work: Callable[[], Awaitable[None]], *, virtual: bool, turned: Hook | None = None) -> None:
    """Run `work` in a fresh loop. `virtual`: time jumps; only for what happens in memory, without threads.

    `turned` is called at each turn of the loop (asyncio) or after each step of a task (trio); virtual time only.
    """
    (_run_asyncio if library == "asyncio" else _run_trio)(work, virtual, turned)


def _run_asyncio(work: Callable[[], Awaitable[None]], virtual: bool, turned: Hook | None) -> None:
    unheard: list[dict[str, Any]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: unheard.append(context))
        async with asyncio.timeout(_SAFETY_VIRTUAL if virtual else _SAFETY):
            await work()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks left over: {left}"

    with asyncio.Runner(loop_factory=(lambda: _VirtualLoop(turned)) if virtual else None) as runner:
        runner.run(main())
    assert not unheard, unheard


def _run_trio(work: Callable[[], Awaitable[None]], virtual: bool, turned: Hook | None) -> None:
    async def main() -> None:
        with trio.fail_after(_SAFETY_VIRTUAL if virtual else _SAFETY):
            await work()

    clock = trio.testing.MockClock(autojump_threshold=0) if virtual else None
    trio.run(main, clock=clock, instruments=[_Steps(turned)] if turned is not None else [])


class Stops:
    """Counts the points at which work is suspended, and has it cancelled exactly at one of them."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.count = 0
        self.cancel: Callable[[], object] = lambda: None

    @property
    def reached(self) -> bool:
        return self.at is not None and self.count > self.at

    def stop(self) -> None:
        """Here work is suspended."""
        if self.count == self.at:
            self.cancel()
        self.count += 1


class _Watched:
    def __init__(self, work: Coroutine[Any, Any, None], stops: Stops) -> None:
        self._work = work
        self._stops = stops

    def __await__(self) -> Generator[Any, Any, None]:
        value: Any = None
        error: BaseException | None = None
        while True:
            try:
                wanted = self._work.send(value) if error is None else self._work.throw(error)
            except StopIteration:
                return
            self._stops.stop()
            value = error = None
            try:
                value = yield wanted
            except BaseException as thrown:
                error = thrown


async def cancelled(
    library: str, work: Callable[[], Coroutine[Any, Any, None]], stops: Stops, *, own_steps: bool = True
) -> bool:
    """Run `work` to its end, or until it is cancelled by `stops`; tell whether it was.

    `own_steps`: `stops` counts the suspensions of `work` itself; otherwise somebody else calls `stops.stop`.
    """

    async def victim() -> None:
        await (_Watched(work(), stops) if own_steps else work())

    if library == "trio":
        with trio.CancelScope() as scope:
            stops.cancel = scope.cancel
            await victim()
        return scope.cancelled_caught
    task = asyncio.get_running_loop().create_task(victim())
    stops.cancel = task.cancel
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
    return task.cancelled()
