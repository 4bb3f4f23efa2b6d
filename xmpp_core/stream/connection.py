"""The engine's face: octets, times and answers in, events and octets out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeVar

from ..errors import ConnectionClosed, LocalProtocolError
from ..jid import JID
from ..stanza import Stanza, check
from .announced import PeerLimits, StanzaTooLarge
from .conditions import StreamError
from .context import Kind, Milestone, Side, TlsInfo
from .engine import Engine
from .events import Cause, Closed, Event, HostSelected, PeerSilent, Question, Retry
from .prepared import Prepared, in_namespace
from .session import ResumableSession
from .setup import Ack, Config
from .snapshot import freeze, thaw
from .state import StreamState, Turn
from .timers import Timer
from .trace import TraceRecord

__all__ = ["Connection"]

A = TypeVar("A")
_OPEN: Final = StreamState.OPEN
_PEER_CLOSED: Final = StreamState.PEER_CLOSED


class Connection(Engine):
    """One XMPP stream pair over one transport, either end of it, as a value machine.

    After any call, pump: take events until `next_event` gives None, write `data_to_send(now)`, and
    call `handle_deadline(now)` when `next_deadline()` is reached. A peer can make events and end the
    connection; it can never make a call raise. A caller that breaks the rules gets
    `LocalProtocolError` and nothing has changed. Times are monotonic seconds of one clock. One
    thread at a time.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(config.setup())

    # State to read.

    @property
    def state(self) -> StreamState:
        """Where the stream is."""
        return self._state

    @property
    def milestones(self) -> Milestone:
        """What has been reached."""
        return self._milestones

    @property
    def waiting_for(self) -> Question[object] | None:
        """The question that waits for its answer."""
        return self._waiting

    @property
    def local_jid(self) -> JID | None:
        """Our own address as far as it is known: full once bound, or the host we serve on this stream."""
        if self._setup.side is Side.RECEIVING:
            return self._domain
        return self._local or self._setup.account

    @property
    def peer_jid(self) -> JID | None:
        """The peer: when receiving who authenticated, when initiating the host asked for."""
        return self._peer if self._setup.side is Side.RECEIVING else self._domain

    @property
    def tls(self) -> TlsInfo | None:
        """What the host said of TLS, None without TLS."""
        return self._tls

    @property
    def peer_limits(self) -> PeerLimits:
        """What the receiving entity announced to accept on this stream (XEP-0478)."""
        return self._peer_limits

    @property
    def closed(self) -> bool:
        """Whether the terminal event was made and asked for: nothing follows."""
        return self._state is StreamState.ENDED and not self._ready

    @property
    def wants_data(self) -> bool:
        """Whether more octets should be read from the transport now.

        False before the start, after the end, while a question waits, and while unread input or
        unsent output is above its mark: the transport's own flow control then slows the peer.
        """
        return (
            self._state not in (StreamState.UNSTARTED, StreamState.ENDED)
            and self._waiting is None
            and not self._end_of_data
            and len(self._out.octets) <= self._most_unsent
            and self._parser.unread <= max(self._setup.limits.unread, self._parser.limits.stanza_bytes)
        )

    @property
    def can_send(self) -> bool:
        """Whether `send` takes a stanza now."""
        return self._state is StreamState.OPEN or (self._state is StreamState.PEER_CLOSED and self._was_open)

    @property
    def unsent_bytes(self) -> int:
        """Octets that wait in `data_to_send`."""
        return len(self._out.octets)

    # What the transport brings.

    def start(self, now: float, tls: TlsInfo | None = None, resume: ResumableSession | None = None) -> None:
        """Begin. An initiating entity queues its header; `tls` is given when TLS is in place already.

        Direct TLS is XEP-0368: without a certificate that the host verified it ends here, as it does after
        STARTTLS (RFC 6120 section 13.7.2). Raises `LocalProtocolError` when called twice.
        """
        if self._state is not StreamState.UNSTARTED:
            raise LocalProtocolError("the connection was started before")
        self._now = now
        if tls is not None:
            self._tls = tls
            self._milestones |= Milestone.SECURE
        self._resume = resume
        self._timers.set(Timer.NEGOTIATION, now + self._setup.timeouts.negotiation)
        self._turn(Turn.START)
        if self._setup.side is not Side.INITIATING:
            return
        if tls is not None and not (tls.verified or self._setup.insecure_unverified_certificate):
            self._fail(Cause.TLS_FAILED, "the certificate was not verified", silent=True, retry=Retry.NEVER)
        else:
            self._open_stream()

    def receive_data(self, data: bytes, now: float) -> None:
        """Take octets from the transport; none at all means its end, as with `receive_eof`.

        Octets are only kept here; `next_event` interprets them. After the end they are dropped. What
        is given although `wants_data` is False is kept up to `Limits.unread`; more ends the stream
        with `resource-constraint`. Raises `LocalProtocolError` before `start` and after `receive_eof`.
        """
        if not data:
            self.receive_eof(now)
            return
        if self._end_of_data or not self._running:
            self._check_transport()
        self._now = self._heard = now
        self._asked_for_life = False
        if not self._running or self._state is _PEER_CLOSED:
            return
        # Where the parser has looked at everything it keeps half an element at most, and its own limit holds.
        unlooked = self._unlooked or self._waiting is not None or len(self._out.octets) > self._most_unsent
        if unlooked and self._keeps_too_much(len(data)):
            self._fail(
                Cause.RESOURCES,
                "more data was given than may be kept while the stream waits",
                condition="resource-constraint",
                section="RFC 6120 section 4.9.3.17",
                silent=self._exclusive,
            )
            return
        self._unlooked = True
        self._parser.receive(data)

    def _keeps_too_much(self, more: int) -> bool:
        """Whether `more` octets are too many beside those that wait to be looked at."""
        unread, most = self._parser.unread, self._setup.limits.unread
        return unread + more > most and (
            self._waiting is not None
            or len(self._out.octets) > self._most_unsent
            or unread > max(most, self._parser.limits.stanza_bytes)
        )

    def receive_eof(self, now: float) -> None:
        """Take note that the transport ended. What came before it is interpreted first."""
        self._check_transport()
        self._now = now
        self._end_of_data = True

    def _check_transport(self) -> None:
        if self._state is StreamState.UNSTARTED:
            raise LocalProtocolError("the connection was not started")
        if self._end_of_data:
            raise LocalProtocolError("the transport ended before")

    # What happened.

    def next_event(self) -> Event | Stanza | None:
        """Give the next thing that happened, None when there is nothing (more data may change that).

        A received stanza is itself the event. While a question waits nothing later is interpreted.
        """
        ready = self._ready
        if self._delivered != self._handled and self._setup.ack is Ack.ON_NEXT_EVENT:
            self._count_handled(self._delivered - self._handled)
        if not ready and not self._advance():
            return None
        event = ready.popleft()
        if self._numbering and isinstance(event, Stanza):
            self._delivered += 1
        if self._setup.trace is not None:
            self._setup.trace(TraceRecord("event", type(event).__name__))
        return event

    def events(self) -> Iterator[Event | Stanza]:
        """Iterate over what `next_event` gives until it gives None. May be left half way."""
        ready, traced = self._ready, self._setup.trace is not None
        take = ready.popleft
        while True:
            if traced or self._numbering:
                event = self.next_event()
                if event is None:
                    return
                yield event
            else:
                # Whether stanzas are numbered can only change with what `_advance` does, or between stanzas.
                while ready:
                    yield take()
                if self._state is _OPEN and not (self._unlooked or self._batch or self._end_of_data):
                    return  # nearly every call ends here: all that came was looked at
                if not self._advance():
                    return

    # What the host decides and does.

    def answer(self, question: Question[A], value: A) -> bool:
        """Answer a question; the stream goes on with the next call of `next_event`.

        Gives False when the question was withdrawn meanwhile (a deadline, the end of the transport,
        an error): a race, not misuse. Raises `LocalProtocolError` for a question that does not wait
        here and for a value that is no answer to it.
        """
        if question is self._withdrawn:
            return False
        if question is not self._waiting:
            raise LocalProtocolError("this question does not wait for an answer")
        if not isinstance(value, question.answers):
            raise LocalProtocolError(f"{type(question).__name__} is not answered with {type(value).__name__}")
        fault = question.fault_of(value)
        if fault is not None:
            raise LocalProtocolError(fault)
        if question in self._ready:
            raise LocalProtocolError("the question was not yet asked")
        exclusive, self._exclusive = self._exclusive, False
        self._waiting = None
        self._timers.set(Timer.QUESTION, None)
        if exclusive and self._parser.has_unread:
            self._fail(
                Cause.PLAINTEXT_AFTER_STARTTLS,
                "octets came between the end of the STARTTLS negotiation and TLS",
                section="RFC 6120 section 5.3.3",
                silent=True,
                retry=Retry.NEVER,
            )
            return True
        if isinstance(question, HostSelected):
            self._host_selected(value)  # type: ignore[arg-type]  # checked above against question.answers
            return True
        feature = self._active
        assert feature is not None
        step = feature.answered(self._states.get(feature.name), question, value, self._context())
        self._apply(feature, step)
        return True

    def send(self, stanza: Stanza | Prepared) -> None:
        """Queue a stanza. It is written at once, so later changes to it have no effect.

        Raises `ConnectionClosed` after the end, `LocalProtocolError` while stanzas may not flow or
        when the stanza breaks a rule of RFC 6120 section 8, `StanzaTooLarge` when the peer announced
        to take no such size, `WriteError` when it is no XML.
        """
        if self._state in (StreamState.ENDED, StreamState.CLOSING):
            raise ConnectionClosed("the connection has ended")
        if not self.can_send:
            raise LocalProtocolError("stanzas may not flow before negotiation is complete (RFC 6120 section 4.3.5)")
        if isinstance(stanza, Prepared):
            octets, element = stanza.octets_for(self._setup.kind.value), stanza.element
            if self._counting or self._setup.trace is not None:
                element = stanza.addressed()
        else:
            element = stanza.element
            refusal = check(element)
            if refusal is not None:
                raise LocalProtocolError(f"{refusal.rule} ({refusal.section})")
            self._check_sender(stanza)
            octets = self._out.encode(in_namespace(element, self._setup.kind.value))
        most = self._peer_limits.max_bytes
        if most is not None and len(octets) > most:
            raise StanzaTooLarge(len(octets), most)
        self._out.encoded(octets, element)
        if self._counting:
            context = self._context()
            for installed in list(self._installed):
                self._apply_installed(installed, installed.extension.stanza_sent(installed.state, element, context))

    def _check_sender(self, stanza: Stanza) -> None:
        """A client may write only its own address as `from` (RFC 6120 section 8.1.2.1)."""
        if self._setup.kind is Kind.C2S and self._setup.side is Side.INITIATING and self._local is not None:
            sender, own = stanza.from_, self._local
            if sender is not None and sender not in (own, own.bare):
                raise LocalProtocolError("the 'from' of a stanza is not our own address (RFC 6120 section 8.1.2.1)")

    def perform(self, command: object) -> None:
        """Carry out a command of an installed extension.

        Raises `LocalProtocolError` when no extension knows it, `ConnectionClosed` after the end.
        """
        if self._state is StreamState.ENDED:
            raise ConnectionClosed("the connection has ended")
        context = self._context()
        for installed in self._installed:
            step = installed.extension.command(installed.state, command, context)
            if step is not None:
                self._apply_installed(installed, step)
                return
        raise LocalProtocolError("no installed extension knows this command")

    def handled(self, n: int = 1) -> None:
        """Count `n` more delivered stanzas as handled, in the order of delivery (`Ack.EXPLICIT`).

        Call it for every stanza, whether or not an extension counts: one that was installed meanwhile
        hears only of those delivered since. After the end it still counts for `detach`. Raises
        `LocalProtocolError` with another `Config.ack` or for more stanzas than were delivered.
        """
        if self._setup.ack is not Ack.EXPLICIT:
            raise LocalProtocolError("stanzas count as handled when the next event is asked for")
        if n < 1:
            raise LocalProtocolError("at least one stanza is handled at a time")
        if n > self._delivered - self._handled:
            raise LocalProtocolError("more stanzas were called handled than were delivered")
        self._count_handled(n)

    def close(self, error: StreamError | None = None) -> None:
        """Close our stream; with `error` tell the peer why and end at once (RFC 6120 sections 4.4, 4.9).

        Without an error what the peer still sends is delivered until its closing tag, or until
        `Timeouts.close` has passed. Does nothing when we closed before. Raises `LocalProtocolError`
        before `start`.
        """
        if self._state is StreamState.UNSTARTED:
            raise LocalProtocolError("the connection was not started")
        if self._state is StreamState.ENDED or (self._state is StreamState.CLOSING and error is None):
            return
        if error is not None:
            self._withhold_stanzas()
            self._fail(Cause.LOCAL, "ended by the host", error=error, silent=self._exclusive)
            return
        if self._state is StreamState.PEER_CLOSED:
            self._say_goodbye()
            if self._state is StreamState.PEER_CLOSED:
                self._end(Closed(self._other_side, local=False))
            return
        if self._exclusive:
            self._fail(Cause.LOCAL, "closed while TLS was to be established", silent=True)
            return
        self._withdraw()
        if self._out.header is None:
            # Nothing was said yet on this stream: there is nothing to close (section 4.4).
            self._withhold_stanzas()
            self._end(Closed(self._setup.side, clean=False))
            return
        # From here on only the peer's closing tag is waited for, and no longer than `Timeouts.close`.
        for timer in (Timer.NEGOTIATION, Timer.KEEPALIVE, Timer.PROBE, Timer.SILENCE):
            self._timers.set(timer, None)
        self._say_goodbye()
        if self._running:
            self._turn(Turn.CLOSE)

    def detach(self) -> ResumableSession | None:
        """Take out the session that a later connection can resume; None when no extension can.

        The connection ends without an octet; the session owns what was not acknowledged. Stanzas not
        yet asked for are not delivered: they do not count as handled, so the peer sends them again.
        """
        context = self._context()
        for installed in list(self._installed):
            session = installed.extension.detach(installed.state, context)
            if session is not None:
                self._withhold_stanzas()
                self._installed.remove(installed)
                self._note_installed()
                if self._state is not StreamState.ENDED:
                    self._fail(Cause.LOCAL, "detached by the host", silent=True, retry=Retry.NOW)
                return session
        return None

    def _withhold_stanzas(self) -> None:
        """Take back the stanzas nobody asked for yet: how many there are depends on how the network cut them."""
        kept = [event for event in self._ready if not isinstance(event, Stanza)]
        self._ready.clear()
        self._ready.extend(kept)

    # Time.

    def data_to_send(self, now: float) -> bytes:
        """Give the octets to write, none when there are none. Timers of what they cause start here."""
        self._now = now
        timeouts = self._setup.timeouts
        if self._waiting is not None and not self._timers.armed(Timer.QUESTION):
            self._timers.set(Timer.QUESTION, now + timeouts.question)
        if self._state is StreamState.CLOSING and not self._timers.armed(Timer.CLOSE):
            self._timers.set(Timer.CLOSE, now + timeouts.close)
        if not len(self._out.octets):
            return b""
        self._spoken = now
        octets = self._out.take()
        if self._installed:
            context = self._context()
            for installed in list(self._installed):
                self._apply_installed(installed, installed.extension.octets_leave(installed.state, context))
        return octets + self._out.take()

    def next_deadline(self) -> float | None:
        """Give when `handle_deadline` wants to be called, None when nothing is waited for."""
        return self._timers.earliest

    def handle_deadline(self, now: float) -> None:
        """Act on the deadlines reached at `now`; none may have been."""
        self._now = now
        for timer in self._timers.due(now):
            if self._state is StreamState.ENDED:
                return
            self._reached(timer, now)

    def _reached(self, timer: Timer, now: float) -> None:
        timeouts = self._setup.timeouts
        if timer is Timer.QUESTION and self._waiting is not None:
            name = type(self._waiting).__name__
            self._fail(
                Cause.DEADLINE,
                f"{name} was not answered within {timeouts.question:g} s",
                condition=None if self._setup.side is Side.INITIATING else "internal-server-error",
                silent=self._exclusive,
                retry=Retry.LATER,
            )
        elif timer is Timer.NEGOTIATION:
            self._fail(
                Cause.DEADLINE,
                f"the stream was not negotiated within {timeouts.negotiation:g} s",
                condition="connection-timeout",
                section="RFC 6120 section 4.9.3.4",
                silent=self._exclusive,
                retry=Retry.LATER,
            )
        elif timer is Timer.CLOSE:
            self._end(Closed(self._setup.side, clean=False))
        elif timer is Timer.EXTENSION:
            context = self._context()
            for installed in list(self._installed):
                due = installed.extension.deadline(installed.state)
                if due is not None and due <= now:
                    self._apply_installed(installed, installed.extension.deadline_reached(installed.state, context))
            self._arm_extensions(after=now)
        elif timer is Timer.KEEPALIVE and timeouts.keepalive is not None:
            if self._state is not StreamState.OPEN:
                return  # after a closing tag of ours or the peer's nothing is kept alive
            if now - self._heard >= timeouts.keepalive:
                self._parser.hibernate()
            if now - self._spoken >= timeouts.keepalive:
                self._out.keepalive()
                self._spoken = now
            self._timers.set(timer, self._spoken + timeouts.keepalive)
        elif timeouts.silence is not None:
            self._listen(timer, timeouts.silence, timeouts.probe, now)

    def _listen(self, timer: Timer, silence: float, probe: float, now: float) -> None:
        wait = silence if timer is Timer.SILENCE else max(silence - probe, 0.0)
        if now - self._heard < wait or (timer is Timer.PROBE and self._asked_for_life):
            asked = timer is Timer.PROBE and self._asked_for_life
            self._timers.set(timer, now + wait if asked else self._heard + wait)
        elif timer is Timer.PROBE:
            self._asked_for_life = True
            self._parser.hibernate()
            self._timers.set(timer, now + wait)
            self._ready.append(PeerSilent(now - self._heard))
        else:
            self._fail(
                Cause.DEADLINE,
                f"nothing came from the peer for {silence:g} s",
                condition="connection-timeout",
                section="RFC 6120 section 4.9.3.4",
            )

    # Keeping a connection for later.

    def snapshot(self) -> bytes:
        """Give the whole connection as octets, in any state; nothing that proves an identity is in them.

        A question that waits is asked again by the restored connection. Half-received stanzas and unsent
        octets are included, but not proofs and tokens. An authentication cut between the peer's proof,
        received in part or whole, and the verdict fails with `temporary-auth-failure`, after which the
        peer may try again. A token received and not yet taken is None in its event. When what
        authenticates had not left yet, the restored connection ends with `StreamFailed` and
        `Retry.NOW`: take `data_to_send` first to avoid it.
        """
        return freeze(self)

    @classmethod
    def restore(cls, config: Config, data: bytes) -> Connection:
        """Make a connection that goes on where `snapshot` was taken.

        Raises `LocalProtocolError` for data that is no snapshot of such a configuration.
        """
        connection = cls(config)
        thaw(connection, data)
        return connection
