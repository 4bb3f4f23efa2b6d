"""How a stream lies on its transport: octets of one long document here, other framings beside it."""

from __future__ import annotations

from typing import Final, Protocol
from xml.etree.ElementTree import Element

from ..limits import XMLLimits
from ..namespaces import STREAM
from ..xml.parser import XMLStreamParser
from ..xml.writer import write
from .context import Kind
from .header import Header, header_octets

__all__ = ["TCP", "Framing"]


class Framing(Protocol):
    """What turns headers, elements and the end of a stream into octets, and octets into items."""

    def parser(self, limits: XMLLimits) -> XMLStreamParser:
        """Give a fresh reader for one connection."""
        ...

    def open(self, header: Header, kind: Kind) -> bytes:
        """Write a stream header."""
        ...

    def element(self, element: Element, kind: Kind) -> bytes:
        """Write one child of the stream; raises `WriteError` for a tree that is no XML."""
        ...

    def close(self) -> bytes:
        """Write the end of a stream."""
        ...

    def keepalive(self) -> bytes:
        """Write what keeps an idle transport open and means nothing."""
        ...


_PREFIXES: Final = {STREAM: "stream"}


class TcpFraming:
    """The framing of RFC 6120: one XML document in each direction."""

    __slots__ = ()

    def parser(self, limits: XMLLimits) -> XMLStreamParser:
        """Give a fresh parser."""
        return XMLStreamParser(limits)

    def open(self, header: Header, kind: Kind) -> bytes:
        """Write the XML declaration and the opening stream tag (RFC 6120 section 4.2)."""
        return header_octets(header, kind)

    def element(self, element: Element, kind: Kind) -> bytes:
        """Write an element with the content namespace as default, never prefixed (RFC 6120 section 4.8.5)."""
        return write(element, kind.value, prefixes=_PREFIXES)

    def close(self) -> bytes:
        """Write the closing stream tag (RFC 6120 section 4.4)."""
        return b"</stream:stream>"

    def keepalive(self) -> bytes:
        """Write one space (RFC 6120 section 4.6.1)."""
        return b" "


TCP: Final[Framing] = TcpFraming()
