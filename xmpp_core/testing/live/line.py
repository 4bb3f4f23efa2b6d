"""One connection of the server, with its faults: octets below TLS, elements above it.

The server is the real one and knows nothing of this: it has a wire and a TLS layer like any other.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import ContextVar
from typing import Final
from xml.etree.ElementTree import Element

from ...adapters.asyncio import wire_of
from ...adapters.tls import ServerTls, TlsLayer
from ...jid import JID
from ...namespaces import BIND, SASL, STREAM, TLS
from ...stanza import VIEWS, Stanza
from ...stream.context import TlsFailed, TlsInfo
from ...stream.framing import TCP
from ...xml.parser import Item
from ..faults import (
    BadCertificate,
    Delay,
    Drop,
    DropAfter,
    Fault,
    Garbage,
    HalfClose,
    Moment,
    OnStanza,
    RefuseTls,
    SeeOtherHost,
    SendStreamError,
    Silence,
    SplitWrites,
    StopReading,
    Way,
    WrongNonce,
    WrongSignature,
)
from .words import Words, farewell, octets_of, wrong_nonce, wrong_signature

__all__ = ["LINE", "Line", "Scripted"]

Scripted = Drop | HalfClose | Silence | Garbage | SendStreamError | SeeOtherHost
"""Faults that come at a moment."""

_Then = Callable[[], None]

LINE: Final[ContextVar[Line]] = ContextVar("line")
"""The connection whose task runs: the hub and TLS are asked without one."""

_FEATURES: Final = f"{{{STREAM}}}features"
_PROCEED: Final = f"{{{TLS}}}proceed"
_CHALLENGE: Final = f"{{{SASL}}}challenge"
_SUCCESS: Final = f"{{{SASL}}}success"
_BOUND: Final = f"{{{BIND}}}bind"
"""Says that the session is ready, and is none of its stanzas."""
_REFUSAL: Final = octets_of(Element(f"{{{TLS}}}failure")) + TCP.close()
_DRAIN: Final = 2.0
"""Seconds that a client has to close after a stream error of ours."""


class Line:
    """A wire for the server. Everything here belongs to the server's event loop."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        sent: Callable[[JID, Stanza], None],
    ) -> None:
        self._wire = wire_of(reader, writer)
        self._writer = writer
        self._sent = sent
        self.peer = self._wire.peer
        self.jid: JID | None = None
        """The full address of the session, once it is ready."""
        self.flawed_tls: ServerTls | None = None
        """What is shown instead of the good certificate."""
        self.flaw: BadCertificate | None = None
        self._layer: _Layer | None = None
        self._released = asyncio.Event()
        self._cut = self._over = self._silent = self._waiting = False
        self._busy = False
        """Whether a write is under way: what is said besides has to wait for its end."""
        self._besides: list[bytes] = []
        # What is to go wrong.
        self._budgets: dict[Way, DropAfter] = {}
        self._passed = dict.fromkeys(Way, 0)
        self._piece = 0
        self._deaf_after: int | None = None
        self._delays: list[Delay] = []
        self._scripted: list[tuple[Scripted, int]] = []
        self._twists: set[type] = set()
        # What was said.
        self._words = Words()
        self._first = self._first_over_tls = True
        self._authenticated = False
        self._stanzas = 0
        self._hold = 0.0
        self._then: _Then | None = None

    # What is to go wrong.

    def misbehave(self, faults: Iterable[Fault]) -> None:
        """Add faults; octets and stanzas count from now. A stream error needs a stream: it waits for its header."""
        for fault in faults:
            match fault:
                case DropAfter(way=way):
                    self._budgets[way] = fault
                    self._passed[way] = 0
                case SplitWrites(octets):
                    self._piece = octets
                case StopReading(octets):
                    self._deaf_after = self._passed[Way.TO_SERVER] + octets
                case Delay():
                    self._delays.append(fault)
                case BadCertificate():
                    self.flaw = fault
                case RefuseTls() | WrongNonce() | WrongSignature():
                    self._twists.add(type(fault))
                case Drop() | HalfClose() | Silence() | Garbage() if fault.at is Moment.AT_ONCE:
                    self.act(fault)
                case _:
                    self._scripted.append((fault, self._stanzas))

    def stanza(self) -> Scripted | None:
        """Count a stanza from the client, and give the fault that takes its place."""
        self._stanzas += 1
        for fault, before in self._scripted:
            if isinstance(fault.at, OnStanza) and before + fault.at.number == self._stanzas:
                return fault
        return None

    def act(self, fault: Scripted) -> None:
        """Do it now."""
        words, then = self._done(fault)
        if not words:
            then()
            return
        # Not into the middle of what is being written.
        self._besides.append(words)
        if not self._busy:
            self._say_besides()

    @property
    def stuck(self) -> bool:
        """Whether a fault keeps the server from ending this connection in good order."""
        return self._silent or self._waiting

    def cut(self, *, reset: bool = False) -> None:
        """Cut the transport, in order or by a reset; may be called again."""
        if self._cut:
            return
        self._cut = self._over = True
        self._released.set()
        if reset:
            sock = self._writer.get_extra_info("socket")
            # No lingering at all: the system resets the connection when the socket closes.
            linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._writer.transport.abort()
        else:
            self._writer.close()

    # The wire, below TLS.

    async def read(self) -> bytes:
        """Wait for octets that the server is to see."""
        way = Way.TO_SERVER
        while True:
            if self._spent(way):
                self.cut(reset=self._budgets[way].reset)
            if self._deaf_after is not None and self._passed[way] >= self._deaf_after:
                await self._release(None)
            if self._cut:
                return b""
            octets = self._within_budget(way, await self._wire.read())
            if not octets or not (self._silent or self._over):
                return octets

    async def write(self, octets: bytes) -> None:
        """Write what the faults leave of it."""
        if self._cut:
            raise ConnectionResetError("the connection was cut")
        if self._over or self._silent:
            return
        if self._layer is None or not self._layer.begun:
            octets = self.said(octets)
        hold, self._hold = self._hold, 0.0
        then, self._then = self._then, None
        self._busy = True
        try:
            if hold:
                await self._release(hold)
            await self._transmit(octets)
        finally:
            self._busy = False
        if then is not None:
            then()
        self._say_besides()

    async def finish(self) -> None:
        """Say that nothing more will be written."""
        if not self._cut:
            await self._wire.finish()

    async def abort(self) -> None:
        """Close at once."""
        self._cut = self._over = True
        self._released.set()
        await self._wire.abort()

    async def _release(self, seconds: float | None) -> None:
        """Wait until the connection is cut, or that long."""
        self._waiting = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._released.wait()
        self._waiting = False

    async def _transmit(self, octets: bytes) -> None:
        octets = self._within_budget(Way.TO_CLIENT, octets)
        size = self._piece or len(octets)
        for place in range(0, len(octets), size or 1):
            if self._over or self._silent:
                return
            await self._wire.write(octets[place : place + size])
        if self._spent(Way.TO_CLIENT) and not self._cut:
            # Everything that was to arrive has left this process before the end comes.
            self._writer.transport.set_write_buffer_limits(0)
            await self._writer.drain()
            self.cut(reset=self._budgets[Way.TO_CLIENT].reset)

    def _spent(self, way: Way) -> bool:
        budget = self._budgets.get(way)
        return budget is not None and self._passed[way] >= budget.octets

    def _within_budget(self, way: Way, octets: bytes) -> bytes:
        budget = self._budgets.get(way)
        if budget is not None:
            octets = octets[: max(0, budget.octets - self._passed[way])]
        self._passed[way] += len(octets)
        return octets

    # The words, above TLS.

    def layered(self, layer: TlsLayer) -> TlsLayer:
        """Give a TLS layer of the server's that hears what it is to encrypt."""
        self._layer = _Layer(self, layer)
        return self._layer

    def said(self, octets: bytes) -> bytes:
        """Give what is said in place of `octets`."""
        spoken = bytearray()
        for item, source in self._words.take(octets):
            spoken += self._item(item, source)
            if self._then is not None:
                break
        return bytes(spoken)

    def _item(self, item: Item | None, source: bytes) -> bytes:
        for delay in self._delays:
            if delay.of is None or (isinstance(item, Element) and delay.of in (item.tag, item.tag.rpartition("}")[2])):
                self._hold = max(self._hold, delay.seconds)
        if not isinstance(item, Element):
            return source
        tag = item.tag
        if tag == _FEATURES:
            fault = self._due()
            if fault is not None:
                source, self._then = self._done(fault)
        elif tag == _PROCEED:
            if RefuseTls in self._twists:
                self._then = self._end
                return _REFUSAL
            self._words.restart()
        elif tag == _CHALLENGE and WrongNonce in self._twists:
            return wrong_nonce(item)
        elif tag in (_CHALLENGE, _SUCCESS) and WrongSignature in self._twists:
            source = wrong_signature(item)
        if tag == _SUCCESS:
            self._authenticated = True
            self._words.restart()
        elif self.jid is not None and tag in VIEWS and item.find(_BOUND) is None:
            self._sent(self.jid, VIEWS[tag].view(item))
        return source

    def _due(self) -> Scripted | None:
        """Give the fault for the features that are about to be said."""
        moments = {Moment.AUTHENTICATED} if self._authenticated else set()
        if self._first:
            moments |= {Moment.STREAM, Moment.AT_ONCE}
        self._first = False
        if self._layer is not None and self._layer.begun:
            if self._first_over_tls:
                moments.add(Moment.SECURED)
            self._first_over_tls = False
        return next((fault for fault, _ in self._scripted if fault.at in moments), None)

    def _done(self, fault: Scripted) -> tuple[bytes, _Then]:
        """Give what is said, and what is done once it has left."""
        match fault:
            case SendStreamError() | SeeOtherHost():
                return farewell(fault.error()), self._end
            case Garbage(octets, below_tls=False):
                return octets, self._nothing
            case Garbage(octets):
                return b"", lambda: self._writer.write(octets)
            case Silence():
                return b"", self._fall_silent
            case HalfClose():
                return b"", self._half_close
            case Drop(reset=reset):
                return b"", lambda: self.cut(reset=reset)

    def _nothing(self) -> None: ...

    def _fall_silent(self) -> None:
        self._silent = True

    def _half_close(self) -> None:
        self._over = True
        if not self._cut and self._writer.can_write_eof():
            self._writer.write_eof()

    def _end(self) -> None:
        """After the last words: the client is to read them, and to close."""
        if self._cut:
            return
        if self._layer is not None and self._layer.begun:
            self._layer.close()
            self._writer.write(self._layer.take())
        self._half_close()
        asyncio.get_running_loop().call_later(_DRAIN, self.cut)

    def _say_besides(self) -> None:
        while self._besides and not self._cut:
            words = self._besides.pop(0)
            if self._layer is not None and self._layer.begun:
                words = self._layer.encrypted(words)
            self._writer.write(words)

    def unsaid(self) -> None:
        """There was nothing to encrypt, so nothing will be written: do what was to follow."""
        then, self._then = self._then, None
        if then is not None:
            then()


class _Layer:
    """A TLS layer that lets its line have the say in what is encrypted."""

    def __init__(self, line: Line, layer: TlsLayer) -> None:
        self._line = line
        self._layer = layer
        self.begun = False
        """Whether the client's TLS has begun: what the server wrote before was not for TLS."""

    def receive(self, data: bytes) -> None:
        self.begun = True
        self._layer.receive(data)

    def advance(self) -> TlsInfo | TlsFailed | None:
        return self._layer.advance()

    def read(self) -> bytes:
        return self._layer.read()

    @property
    def ended(self) -> bool:
        return self._layer.ended

    @property
    def fault(self) -> str | None:
        return self._layer.fault

    def write(self, data: bytes) -> None:
        words = self._line.said(data)
        if words:
            self._layer.write(words)
        else:
            self._line.unsaid()

    def take(self) -> bytes:
        return self._layer.take()

    def close(self) -> None:
        self._layer.close()

    def encrypted(self, words: bytes) -> bytes:
        self._layer.write(words)
        return self._layer.take()
