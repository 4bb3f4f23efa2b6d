"""Drives a `Pump` over a `Wire`: reads, writes and waits, each in a task of its own.

One writer, so octets leave in order; one place where events are taken; nothing here knows what
they mean.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from ..stanza import Stanza
from ..stream.conditions import StreamError
from ..stream.events import Cause, Closed, Event, Question, Retry, StreamFailed
from ..stream.state import StreamState
from .pump import Pump
from .shell import Shell, Signal, Wire

__all__ = ["Answers", "Driver", "Sink"]

Sink = Callable[[Event | Stanza], None]
"""Takes each event as it comes; raises nothing."""

Answers = dict[type, Callable[[Any], Any]]
"""Classes of questions and the functions that answer them, plain or `async`."""

_LINGER: Final = 2.0
"""Seconds for the last octets to leave and for the peer to end its side, before the transport is cut."""

_LAST_WORDS: Final = 1.0
"""Seconds that a cancelled host spends on the closing tag."""


class Driver:
    """Runs one connection to its end.

    `sink` takes the events. `room` says whether more may be read as far as the application goes.
    `answers` answers questions; those without an answer go to the sink.
    """

    def __init__(
        self,
        shell: Shell,
        wire: Wire,
        pump: Pump,
        sink: Sink,
        *,
        room: Callable[[], bool] = lambda: True,
        answers: Answers | None = None,
        linger: float = _LINGER,
    ) -> None:
        self.shell = shell
        self.wire = wire
        self.pump = pump
        self.connection = pump.connection
        self.terminal: StreamFailed | Closed | None = None
        self.octets_read = 0
        """Octets taken from the transport so far."""
        self.crash: Exception | None = None
        """What a piece of code of the host raised where nothing may be raised."""
        self._sink = sink
        self._room = room
        self._answers = answers or {}
        self._linger = linger
        self._readable: Signal = shell.signal()
        self._writable: Signal = shell.signal()
        self._timing: Signal = shell.signal()
        self._asked: Signal = shell.signal()
        self._ended: Signal = shell.signal()
        self._flushed: Signal = shell.signal()
        self._read_all: Signal = shell.signal()
        self._pending: tuple[Question[Any], Awaitable[Any]] | None = None
        self._sleeping_until: float | None = None
        self._processing = False
        self._writing = False
        """Whether a write has begun and not ended: what would follow half of it is no stream."""
        self._broken = False
        self._held = b""
        """What leaves first: taken out of the engine before the writer asked for it."""
        self._waiters: list[Signal] = []

    # For the task that owns the connection.

    async def run(self) -> None:
        """Carry the connection to its end and cut the transport. Ends early only by cancellation."""
        try:
            self._begin()
            async with self.shell.tasks() as tasks:
                for loop in (self._read, self._write, self._watch, self._answer):
                    tasks.start(self._guarded, loop)
                await self._ended.wait()
                await self._goodbye()
        except BaseException:
            await self._last_words()
            raise
        finally:
            self._abandon()
            await self.wire.abort()

    def _begin(self) -> None:
        try:
            self.pump.start(self.shell.now())
        except Exception as error:  # the settings of direct TLS cannot be used
            self._crashed(error)
        self.process()

    async def _goodbye(self) -> None:
        """Let the last octets leave and the peer end its side, for a while."""
        with suppress(TimeoutError, OSError):
            await self.shell.within(self._linger, self._linger_on)

    async def _linger_on(self) -> None:
        await self._flushed.wait()
        if not self._broken:
            await self.wire.finish()
            # Octets left unread when a socket closes make some systems throw away what was just written.
            await self._read_all.wait()

    async def _last_words(self) -> None:
        """The host was cancelled: say the closing tag if that takes no time, and nothing after half a write."""
        if self._broken or self._writing or self.terminal is not None:
            return
        with suppress(TimeoutError, OSError):
            if self.connection.state is not StreamState.UNSTARTED:
                self.connection.close()
            octets = self._output()
            if octets:
                await self.shell.within(_LAST_WORDS, lambda: self.wire.write(octets), shielded=True)

    def _abandon(self) -> None:
        """After a cancellation: end the engine, and tell whoever waits that nothing comes any more."""
        if self._pending is not None:
            answer = self._pending[1]
            if isinstance(answer, Coroutine):
                answer.close()
        if self.terminal is None:
            self._take(StreamFailed(Cause.LOCAL, "the host abandoned the connection", retry=Retry.LATER))
            with suppress(Exception):
                self.pump.feed(b"", self.shell.now())
                for _ in self.pump.events(self.shell.now()):
                    pass

    # For the host, in the same loop.

    def process(self) -> None:
        """Take the events there are and set going what they cause. Call it after anything done with the engine.

        What is done with the engine while events are taken belongs to the same round.
        """
        self._round()
        self._writable.set()
        self._readable.set()

    def _round(self) -> None:
        if self._processing:
            return
        self._processing = True
        answers = self._answers
        fault: Exception | None = None
        try:
            for event in self.pump.events(self.shell.now()):
                if type(event) in answers and isinstance(event, Question):
                    value = answers[type(event)](event)
                    if isinstance(value, Awaitable):
                        self._pending = event, value
                        self._asked.set()
                    else:
                        self.connection.answer(event, value)
                else:
                    self._take(event)
        except Exception as error:  # whoever sends or closes is not to blame for a function that answers
            fault = error
        finally:
            self._processing = False
        if fault is not None:
            self._crashed(fault)

    def wake(self) -> None:
        """Have what was sent written, when nothing else was done with the engine."""
        self._writable.set()

    def close(self, error: StreamError | None = None) -> None:
        """Close the stream, with an error or without. Nothing is waited for."""
        if self.terminal is not None:
            return
        if self.connection.state is StreamState.UNSTARTED:
            self._take(StreamFailed(Cause.LOCAL, "closed before the stream was opened", retry=Retry.LATER))
            return
        self.connection.close(error)
        # Time runs from now on, even for a peer that takes nothing any more.
        self._held = self._output()
        self._arm()
        self.process()

    def may_read(self) -> None:
        """There may be room again."""
        self._readable.set()

    async def drained(self, most: int) -> None:
        """Wait until at most `most` octets wait to leave, or the connection has ended."""
        await self._until(lambda: self.connection.unsent_bytes <= most)

    async def ended(self) -> None:
        """Wait until the connection has ended."""
        await self._until(lambda: False)

    async def _until(self, reached: Callable[[], bool]) -> None:
        signal = self.shell.signal()
        self._waiters.append(signal)
        try:
            while self.terminal is None and not reached():
                await signal.wait()
        finally:
            self._waiters.remove(signal)

    # Inside.

    def _take(self, event: Event | Stanza) -> None:
        if isinstance(event, StreamFailed | Closed):
            if self.terminal is not None:
                return
            self.terminal = event
            self._ended.set()
            self._wake_waiters()
        self._sink(event)

    def _wake_waiters(self) -> None:
        for signal in self._waiters:
            signal.set()

    async def _guarded(self, loop: Callable[[], Awaitable[None]]) -> None:
        try:
            await loop()
        except Exception as error:
            self._crashed(error)
            self._read_all.set()  # nobody reads any more, or it does not matter

    def _crashed(self, error: Exception) -> None:
        """Code of the host raised: the peer is told, and the host hears of it at the end."""
        if self.crash is None:
            self.crash = error
        with suppress(Exception):
            self.close(StreamError("internal-server-error"))
        if self.terminal is None:
            self._take(StreamFailed(Cause.LOCAL, "code of the host raised an exception", retry=Retry.LATER))

    def _output(self) -> bytes:
        held, self._held = self._held, b""
        return held + self.pump.output(self.shell.now())

    async def _read(self) -> None:
        pump, wire, shell = self.pump, self.wire, self.shell
        while True:
            if self.terminal is None and not (pump.wants_data and self._room()):
                await self._readable.wait()
                continue
            octets = await wire.read()
            if self.terminal is None:
                self.octets_read += len(octets)
                pump.feed(octets, shell.now())
                self.process()
            if not octets:
                break
        self._read_all.set()

    async def _write(self) -> None:
        pump, wire, shell = self.pump, self.wire, self.shell
        while True:
            octets = self._output()
            self._arm()
            # Whoever waits to send may go on: what was in the way has been taken.
            self._wake_waiters()
            if octets:
                self._writing = True
                try:
                    await wire.write(octets)
                except OSError:
                    self._broken = True
                    pump.feed(b"", shell.now())
                    await self._without_a_taker()
                    break
                self._writing = False
                # The engine goes on by itself when what held it up has left.
                self._round()
                self._readable.set()
            elif self.terminal is not None:
                break
            else:
                await self._writable.wait()
        self._flushed.set()

    async def _without_a_taker(self) -> None:
        """Nothing written arrives any more: take what the engine says, so that it goes on to its end."""
        while True:
            self._output()
            self._wake_waiters()
            self._round()
            if self.terminal is not None:
                return
            await self._writable.wait()

    async def _watch(self) -> None:
        """Call the engine when its time has come."""
        pump, shell = self.pump, self.shell
        while self.terminal is None:
            self._sleeping_until = pump.next_deadline
            if await self._timing.wait(self._sleeping_until):
                continue
            pump.deadline(shell.now())
            self.process()

    def _arm(self) -> None:
        due = self.pump.next_deadline
        if due is not None and (self._sleeping_until is None or due < self._sleeping_until):
            self._timing.set()

    async def _answer(self) -> None:
        """Await the answers that are not there at once: one at a time, as a question pauses its stream."""
        while True:
            await self._asked.wait()
            pending, self._pending = self._pending, None
            if pending is not None:
                question, answer = pending
                self.connection.answer(question, await answer)
                self.process()
