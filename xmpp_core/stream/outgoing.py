"""The octets that wait to leave, and what has been said on our stream so far."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

from .context import Kind
from .framing import Framing
from .header import Header
from .proofs import proves
from .trace import TraceRecord, text_of

__all__ = ["Outgoing"]


class Outgoing:
    """Our half of the conversation: header, elements, closing tag, in that order and no other."""

    __slots__ = ("_framing", "_kind", "_proofs", "_trace", "closed", "header", "octets")

    def __init__(self, framing: Framing, kind: Kind, trace: Callable[[TraceRecord], None] | None) -> None:
        self._framing = framing
        self._kind = kind
        self._trace = trace
        self.octets = bytearray()
        """What waits to leave; only read outside."""
        self._proofs: list[tuple[int, int]] = []
        """Where in `octets` is what proves an identity."""
        self.header: Header | None = None
        """The header sent on the present stream."""
        self.closed = False
        """Whether the closing tag was queued."""

    def open(self, header: Header) -> None:
        """Queue a stream header."""
        octets = self._framing.open(header, self._kind)
        self.octets += octets
        self.header = header
        if self._trace is not None:
            self._trace(TraceRecord("sent", octets.decode()))

    def encode(self, element: Element) -> bytes:
        """Write an element without queueing it; raises `WriteError`."""
        return self._framing.element(element, self._kind)

    def element(self, element: Element) -> None:
        """Queue an element."""
        start = len(self.octets)
        self.octets += self._framing.element(element, self._kind)
        if proves(element):
            self._proofs.append((start, len(self.octets)))
        if self._trace is not None:
            self._trace(TraceRecord("sent", text_of(element)))

    def encoded(self, octets: bytes, element: Element | None) -> None:
        """Queue an element that was written before."""
        self.octets += octets
        if self._trace is not None:
            self._trace(TraceRecord("sent", text_of(element) if element is not None else octets.decode()))

    def keepalive(self) -> None:
        """Queue what keeps an idle transport open."""
        self.octets += self._framing.keepalive()

    def close(self) -> None:
        """Queue the closing tag, once, if a header was sent."""
        if self.header is not None and not self.closed:
            self.octets += self._framing.close()
            if self._trace is not None:
                self._trace(TraceRecord("sent", "</stream:stream>"))
        self.closed = True

    def take(self) -> bytes:
        """Give what waits and forget it."""
        octets = bytes(self.octets)
        self.drop()
        return octets

    def drop(self) -> None:
        """Forget what waits: nothing may leave."""
        self.octets.clear()
        self._proofs.clear()

    def restart(self) -> None:
        """Begin a new stream: its header is still to be sent."""
        self.header = None

    @property
    def proves(self) -> bool:
        """Whether something that waits proves an identity."""
        return bool(self._proofs)

    def snapshot(self) -> bytes:
        """Give what waits without taking it, as far as it may be written down.

        What follows a proof means nothing without it and is left out as well, but for a goodbye.
        """
        octets = bytes(self.octets)
        if self._proofs and not self.closed:
            return octets[: self._proofs[0][0]]
        for start, end in reversed(self._proofs):
            octets = octets[:start] + octets[end:]
        return octets

    def restore(self, octets: bytes, header: Header | None, closed: bool) -> None:
        """Go on where a snapshot was made."""
        self.octets += octets
        self.header = header
        self.closed = closed
