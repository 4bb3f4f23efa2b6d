"""A session for an application: send, request, iterate, close. The same class over every event loop."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar, overload
from xml.etree.ElementTree import Element

from ..entropy import token
from ..errors import LocalProtocolError, PayloadError
from ..features.logins import Authenticated
from ..jid import JID
from ..stanza import IQ, IqRouter, IqTracker, Stanza
from ..stanza.shape import shape_of
from ..stream.conditions import StreamError
from ..stream.connection import Connection
from ..stream.context import Side
from ..stream.events import (
    Closed,
    Event,
    PeerSilent,
    Question,
    SessionReady,
    StreamClosing,
    StreamFailed,
)
from ..stream.prepared import Prepared
from ..stream.setup import Ack, StreamSetup
from .driver import Answers, Driver
from .errors import InboxOverflow, RequestRefused, RequestTimedOut, SessionEnded
from .inbox import Inbox, InboxLimits, Ticket
from .pump import Pump
from .shell import Shell, Signal, Wire

__all__ = ["Session", "SessionOptions"]

A = TypeVar("A")
T = TypeVar("T")
_LOG: Final = logging.getLogger("xmpp_core.adapters")
_PING: Final = "{urn:xmpp:ping}ping"
_UNSENT: Final = 65_536
"""Octets that wait to leave above which `send` waits too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """How a session treats its application."""

    ack: Ack = Ack.ON_NEXT_EVENT
    """When a stanza counts as handled: when the next event is taken, or at `Session.handled`."""
    router: IqRouter | None = None
    """Answers requests (RFC 6120 section 8.4) without the application; None: they come as events."""
    inbox: InboxLimits = field(default_factory=InboxLimits)
    answers: Answers = field(default_factory=dict)
    """Functions, plain or `async`, that answer questions by their class; others come as events."""
    lenient_own_server: bool = False
    """Take answers of the own server that name the full address or the domain as sender (see `IqTracker`)."""


class _Waiting:
    """A request that waits."""

    __slots__ = ("answer", "signal", "ticket")

    def __init__(self, signal: Signal) -> None:
        self.signal = signal
        self.answer: IQ | None = None
        self.ticket: Ticket | None = None


class Session:
    """One session over one connection. `connect` and `serve` make it; it is not made by hand.

    Iterate over it for what comes: stanzas, questions nobody else answers, and, last, the terminal
    event. One task iterates; any number of tasks of the same loop send and request. Every method that
    waits may be cancelled: what was queued to be sent leaves, nothing else has changed.
    """

    def __init__(self, shell: Shell, wire: Wire, pump: Pump, setup: StreamSetup, options: SessionOptions) -> None:
        self._shell = shell
        self._initiating = setup.side is Side.INITIATING
        self._entropy = setup.entropy
        self._options = options
        self._inbox = Inbox(options.inbox)
        self._driver = Driver(shell, wire, pump, self._take, room=self._room, answers=options.answers)
        self._arrived = shell.signal()
        self._steps = shell.signal()
        self._portal = shell.portal()
        self._tracker: IqTracker[_Waiting] | None = None
        self._prefix = ""
        self._number = 0
        self._in_hand: Ticket | None = None
        self._iterated = self._told_end = self._closing = self._probing = self._overflowed = self._gone = False
        self._charged = 0
        self.ready: SessionReady | None = None
        """The event that opened the session."""
        self.authenticated: Authenticated | None = None
        """How the authentication went, with the keys worth keeping."""
        self.negotiation: list[Event] = []
        """What happened before the session was ready, a token that was issued for the next login included."""

    def __repr__(self) -> str:
        return f"<Session of {self.jid} {self.connection.state.value}>"

    # To read.

    @property
    def connection(self) -> Connection:
        """The engine, to look at. What is done with it directly needs `flush` afterwards."""
        return self._driver.connection

    @property
    def jid(self) -> JID | None:
        """The full address of the client, on both sides; None before the session is ready."""
        return None if self.ready is None else self.ready.jid

    @property
    def terminal(self) -> StreamFailed | Closed | None:
        """How the session ended, None while it lives."""
        return self._driver.terminal

    @property
    def waiting(self) -> int:
        """How many events came and were not taken yet."""
        return len(self._inbox)

    @property
    def peer(self) -> str:
        """The address and port at the other end of the transport, for people."""
        return self._driver.wire.peer

    # To do.

    async def send(self, stanza: Stanza | Prepared) -> None:
        """Send a stanza, waiting only while much is unsent.

        Raises what `Connection.send` raises, and `SessionEnded` when the session ends while this waits.
        """
        self.connection.send(stanza)
        self._driver.process()
        if self.connection.unsent_bytes > _UNSENT:
            await self._driver.drained(_UNSENT)
            if self.terminal is not None:
                raise SessionEnded(self.terminal)

    @overload
    async def request(
        self, request: object, *, to: JID | str | None = None, type: str = "get", timeout: float = 30.0
    ) -> IQ: ...

    @overload
    async def request(
        self,
        request: object,
        *,
        answer: Callable[..., T],
        to: JID | str | None = None,
        type: str = "get",
        timeout: float = 30.0,
    ) -> T: ...

    async def request(
        self,
        request: object,
        *,
        answer: Callable[..., T] | None = None,
        to: JID | str | None = None,
        type: str = "get",
        timeout: float = 30.0,
    ) -> IQ | T:
        """Send a request and give its result; `request` is an IQ, or the payload of one: a value or an element.

        With `answer`, a payload class, the result's payload is read and given as one; otherwise the IQ is.
        Without `to` a client asks its own server, and a server the client. The answer does not queue
        behind what the application has not taken. Raises `RequestRefused` for a stanza error,
        `RequestTimedOut` after `timeout` seconds, `SessionEnded` (`InboxOverflow`) when the session ends
        first, `PayloadError` for a result that is no `answer`, and what `Connection.send` raises.
        """
        result = await self._requested(request, to, type, timeout)
        if answer is None:
            return result
        payload = result.payload
        if payload is None:
            raise PayloadError("iq", "the result is empty")
        found: T = shape_of(answer).decode(payload)
        return found

    async def _requested(self, request: object, to: JID | str | None, type: str, timeout: float) -> IQ:
        tracker = self._tracker
        if tracker is None:
            raise LocalProtocolError("the session is not ready")
        if self.terminal is not None:
            raise SessionEnded(self.terminal)
        iq = request if isinstance(request, IQ) else self._asking(request, to, type)
        deadline = self._shell.now() + timeout
        waiting = _Waiting(self._shell.signal())
        identifier = tracker.sent(iq, deadline, waiting).id
        try:
            self.connection.send(iq)
            self._driver.process()
            while waiting.answer is None and self.terminal is None:
                if not await waiting.signal.wait(deadline):
                    break
        except BaseException:
            if waiting.ticket is not None:
                self._count(waiting.ticket)  # it came, and nobody will see it
            raise
        finally:
            tracker.withdraw(identifier)
        answer = waiting.answer
        if answer is None:
            if self.terminal is None:
                raise RequestTimedOut(timeout)
            if self._overflowed:
                raise InboxOverflow(
                    self.terminal, "more events came before the answer than an application that takes none may let wait"
                )
            raise SessionEnded(self.terminal)
        if waiting.ticket is not None and self._options.ack is Ack.ON_NEXT_EVENT:
            self._count(waiting.ticket)
        error = answer.error
        if answer.type == "error":
            assert error is not None
            raise RequestRefused(answer, error)
        return answer

    async def close(self, error: StreamError | None = None) -> None:
        """Close the stream and wait for the peer to do the same, as long as `Timeouts.close` allows.

        With `error` the stream ends at once. What came before the peer's closing tag can still be
        taken afterwards. Does nothing when the session has ended.
        """
        self._closing = True
        self._driver.close(error)
        self._driver.may_read()
        await self._driver.ended()

    def answer(self, question: Question[A], value: A) -> bool:
        """Answer a question that came as an event; False when it was withdrawn. See `Connection.answer`."""
        given = self.connection.answer(question, value)
        self._driver.process()
        return given

    def answer_soon(self, question: Question[A], value: A) -> None:
        """As `answer`, from any thread; a question that does not wait any more is no matter.

        Raises `LocalProtocolError` for a value that is no answer to it.
        """
        fault = question.fault_of(value) if isinstance(value, question.answers) else "this is no answer to it"
        if fault is not None:
            raise LocalProtocolError(f"{type(question).__name__}: {fault}")
        self._portal(lambda: self.connection.waiting_for is question and self.answer(question, value))

    def perform(self, command: object) -> None:
        """Carry out a command of an installed extension. See `Connection.perform`."""
        self.connection.perform(command)
        self._driver.process()

    def handled(self, n: int = 1) -> None:
        """Count the `n` stanzas that came first as handled (`Ack.EXPLICIT`), answers to requests included.

        Raises `LocalProtocolError` with another `ack`, and for more than were taken.
        """
        if self._options.ack is not Ack.EXPLICIT:
            raise LocalProtocolError("stanzas count as handled when the next event is taken")
        self._tell_handled(self._inbox.first_handled(n))

    def flush(self) -> None:
        """Have written what was done with `connection` directly."""
        self._driver.process()

    def __aiter__(self) -> AsyncIterator[Event | Stanza]:
        return self

    async def __anext__(self) -> Event | Stanza:
        if self._iterated:
            raise LocalProtocolError("another task takes the events of this session already")
        ticket, self._in_hand = self._in_hand, None
        if ticket is not None and self._options.ack is Ack.ON_NEXT_EVENT:
            self._count(ticket)
        self._iterated = True
        try:
            while not len(self._inbox):
                if self._told_end:
                    raise StopAsyncIteration
                await self._arrived.wait()
        finally:
            self._iterated = False
        event, self._in_hand = self._inbox.take()
        self._driver.may_read()
        if isinstance(event, StreamFailed | Closed):
            self._told_end = True
        return event

    # For the rest of this room.

    async def run(self) -> None:
        """Carry the session to its end."""
        try:
            await self._driver.run()
        finally:
            self._gone = True
            self._steps.set()

    async def gone(self) -> None:
        """Wait until the transport is cut, too."""
        while not self._gone:
            await self._steps.wait()

    def shut(self, error: StreamError) -> None:
        """End the session with an error, waiting for nothing."""
        self._closing = True
        self._driver.close(error)

    @property
    def crash(self) -> Exception | None:
        """What code of the host raised where nothing may be raised: an answer, a router."""
        return self._driver.crash

    async def opened(self) -> SessionReady | StreamFailed | Closed:
        """Wait until the session is ready, or has ended before."""
        while self.ready is None:
            if self.terminal is not None:
                return self.terminal
            await self._steps.wait()
        return self.ready

    # Inside.

    def _fresh_id(self) -> str:
        self._number += 1
        return f"{self._prefix}-{self._number}"

    def _count(self, ticket: Ticket) -> None:
        self._tell_handled(self._inbox.handled(ticket))

    def _tell_handled(self, count: int) -> None:
        if count and self.terminal is None:
            self.connection.handled(count)
            self._driver.process()

    def _room(self) -> bool:
        self._charge()
        waiting = self._tracker is not None and len(self._tracker) > 0
        if self._inbox.has_room(reading_on=waiting or self._probing or self._closing):
            return True
        if waiting and not self._closing:
            self._overflowed = self._closing = True
            self._driver.close(StreamError("resource-constraint"))
        return False

    def _charge(self) -> None:
        self._inbox.charge(self._driver.octets_read - self._charged)
        self._charged = self._driver.octets_read

    def _take(self, event: Event | Stanza) -> None:
        self._charge()
        ticket = self._inbox.arrived(event)
        if isinstance(event, Stanza):
            self._probing = False
            if isinstance(event, IQ) and self._dealt_with(event, ticket):
                self._inbox.passed()
                return
        elif isinstance(event, PeerSilent):
            self._probe()
            return
        elif self.ready is None and self._before_ready(event):
            return
        if isinstance(event, StreamFailed | Closed) and self._tracker is not None:
            self._wake_requests()
        self._inbox.put(event, ticket)
        self._arrived.set()
        self._steps.set()

    def _before_ready(self, event: Event) -> bool:
        if isinstance(event, SessionReady):
            self.ready = event
            own = event.jid if self._initiating else self.connection.local_jid
            assert own is not None
            self._tracker = IqTracker(own, lenient_own_server=self._options.lenient_own_server)
            self._prefix = token(self._entropy, 6)
            self._steps.set()
            return True
        if isinstance(event, Authenticated):
            self.authenticated = event
        if isinstance(event, Question | StreamClosing | Closed | StreamFailed):
            return False
        self.negotiation.append(event)
        return True

    def _dealt_with(self, iq: IQ, ticket: Ticket | None) -> bool:
        """Whether a request waited for this, or the router answers it."""
        if iq.is_response:
            pending = self._tracker.received(iq) if self._tracker is not None else None
            if pending is not None:
                pending.context.answer, pending.context.ticket = iq, ticket
                self._inbox.hand_out(ticket)
                pending.context.signal.set()
                return True
            # Late, or forged: an id of ours that no request waits for is nobody's business.
            late = bool(self._prefix) and (iq.id or "").startswith(f"{self._prefix}-")
            if late and ticket is not None:
                self._count(ticket)
            return late
        router = self._options.router
        if router is None:
            return False
        if self.connection.can_send:
            try:
                self.connection.send(router.reply(iq))
            except Exception:
                _LOG.exception("an answer to a request failed")
                self.connection.send(iq.error_answer("internal-server-error"))
        if ticket is not None:
            self._count(ticket)
        return True

    def _asking(self, payload: object, to: JID | str | None, type: str) -> IQ:
        from_ = None
        if not self._initiating:
            to, from_ = to or self.jid, self.connection.local_jid
        return IQ(type=type, to=to, from_=from_, id=self._fresh_id(), payload=payload)

    def _probe(self) -> None:
        """Nothing came for a while: a ping (XEP-0199 section 4.2) makes a living peer speak."""
        self._probing = True
        if self.connection.can_send:
            self.connection.send(self._asking(Element(_PING), None, "get"))

    def _wake_requests(self) -> None:
        assert self._tracker is not None
        for pending in self._tracker.pending():
            pending.context.signal.set()
