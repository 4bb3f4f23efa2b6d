"""Between a transport and a `Connection`: octets both ways, through TLS once it is asked for.

Synchronous: it is told what the network gave and what time it is, and gives what is to be written.
The shells only read, write and wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..features.starttls import TlsUpgrade
from ..stanza import Stanza
from ..stream.connection import Connection
from ..stream.context import TlsFailed, TlsInfo
from ..stream.events import Cause, Event, Retry, StreamFailed
from .tls import TlsLayer

__all__ = ["MakeLayer", "Pump"]

MakeLayer = Callable[[str | None], TlsLayer]
"""Makes the TLS of one connection, given the name that the certificate must be for (None when receiving)."""


class Pump:
    """One connection on one transport.

    With `direct` TLS comes first (XEP-0368) and `server_hostname` is the domain asked for; without
    it TLS begins when the engine asks. `layer` None: there is no TLS to be had here, and a question
    for it is answered so.
    """

    def __init__(
        self,
        connection: Connection,
        layer: MakeLayer | None,
        *,
        direct: bool = False,
        server_hostname: str | None = None,
        handshake_seconds: float = 60.0,
    ) -> None:
        self.connection = connection
        self._make_layer = layer
        self._direct = direct
        self._hostname = server_hostname
        self._handshake_seconds = handshake_seconds
        self._layer: TlsLayer | None = None
        self._shaking = False
        self._upgrade: TlsUpgrade | None = None
        self._deadline: float | None = None
        """When a direct handshake must be over: the engine's own timers do not run yet."""
        self._own: StreamFailed | None = None
        """The terminal event of a direct handshake that failed: the engine was never started."""
        self._over = False
        self._told_end = False
        self._out = bytearray()

    @property
    def closed(self) -> bool:
        """Whether the terminal event was given: only what `output` still holds is left to do."""
        return (self._over and self._own is None) or self.connection.closed

    @property
    def wants_data(self) -> bool:
        """Whether to read from the transport now."""
        if self._shaking:
            return not self.closed
        return self.connection.wants_data

    @property
    def next_deadline(self) -> float | None:
        """When `deadline` wants to be called, None when nothing is waited for."""
        return self._deadline if self._deadline is not None else self.connection.next_deadline()

    def start(self, now: float) -> None:
        """Begin: the engine, or the TLS that comes before it."""
        if not self._direct:
            self.connection.start(now)
            return
        self._deadline = now + self._handshake_seconds
        self._begin_tls(now, self._hostname)

    def feed(self, octets: bytes, now: float) -> None:
        """Take what the transport gave; none at all is its end. Events follow in `events`."""
        if self._over or self._told_end or self.connection.closed:
            return
        layer = self._layer
        if layer is None:
            if octets:
                self.connection.receive_data(octets, now)
            else:
                self._end_of_data(now)
            return
        layer.receive(octets)
        if self._shaking:
            self._shake(now)
        if not self._shaking and not self._over:
            self._read_through(layer, now)

    def _read_through(self, layer: TlsLayer, now: float) -> None:
        plain = layer.read()
        if plain:
            self.connection.receive_data(plain, now)
        if layer.ended:
            self._end_of_data(now)

    def _end_of_data(self, now: float) -> None:
        self._told_end = True
        self.connection.receive_eof(now)

    def events(self, now: float) -> Iterator[Event | Stanza]:
        """Give what happened; TLS is dealt with here and never given. May be left half way."""
        if self._own is not None:
            failure, self._own = self._own, None
            yield failure
        for event in self.connection.events():
            if isinstance(event, TlsUpgrade):
                # What the engine says before TLS leaves in the clear; from here on all is TLS's.
                self._out += self.connection.data_to_send(now)
                self._upgrade = event
                self._begin_tls(now, event.server_hostname)
            elif isinstance(event, StreamFailed):
                yield self._with_reason(event)
            else:
                yield event

    def _with_reason(self, failure: StreamFailed) -> StreamFailed:
        """Say what TLS says of an end that the engine can only take note of."""
        fault = None if self._layer is None else self._layer.fault
        if failure.cause is not Cause.END_OF_DATA or fault is None:
            return failure
        return replace(failure, detail=f"{failure.detail}: {fault}")

    def output(self, now: float) -> bytes:
        """Give what is to be written now, in order; timers of the engine start here."""
        connection = self.connection
        if not self._direct or not self._shaking:
            octets = connection.data_to_send(now)
            if octets:
                if self._layer is None:
                    self._out += octets
                else:
                    self._layer.write(octets)
        layer = self._layer
        if layer is not None:
            if self.closed:
                layer.close()
            self._out += layer.take()
        given = bytes(self._out)
        self._out.clear()
        return given

    def deadline(self, now: float) -> None:
        """Act on the deadline that `next_deadline` gave; none may have been reached."""
        if self._deadline is None:
            self.connection.handle_deadline(now)
        elif now >= self._deadline:
            seconds = f"{self._handshake_seconds:g}"
            self._fail_direct(f"TLS was not established within {seconds} s", Cause.DEADLINE, Retry.LATER)

    def _begin_tls(self, now: float, hostname: str | None) -> None:
        self._shaking = True
        if self._make_layer is None:
            self._outcome(TlsFailed("there is no certificate to offer: TLS was not set up here"), now)
            return
        self._layer = self._make_layer(hostname)
        self._shake(now)

    def _shake(self, now: float) -> None:
        assert self._layer is not None
        outcome = self._layer.advance()
        if outcome is not None:
            self._outcome(outcome, now)

    def _outcome(self, outcome: TlsInfo | TlsFailed, now: float) -> None:
        self._shaking = False
        question, self._upgrade = self._upgrade, None
        if question is not None:
            # False when the engine gave up meanwhile: then the connection has ended, and TLS with it.
            self.connection.answer(question, outcome)
        elif isinstance(outcome, TlsFailed):
            self._fail_direct(outcome.reason, Cause.TLS_FAILED, Retry.NEVER if outcome.untrusted else Retry.LATER)
        else:
            self._deadline = None
            self.connection.start(now, tls=outcome)

    def _fail_direct(self, reason: str, cause: Cause, retry: Retry) -> None:
        self._deadline = None
        self._shaking = False
        self._over = True
        self._own = StreamFailed(cause, reason, retry=retry)
