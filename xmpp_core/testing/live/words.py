"""What the server says, cut where its elements end, so that single ones can be replaced."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from ...limits import CLIENT_LIMITS
from ...stream.conditions import StreamError
from ...stream.context import Kind
from ...stream.framing import TCP
from ...xml.parser import Failure, Item, XMLStreamParser

__all__ = ["Words", "farewell", "octets_of", "wrong_nonce", "wrong_signature"]

_NONCE: Final = "r=bm90IHlvdXJz"


class Words:
    """Cuts one direction of a connection into items of the parser, each with its octets."""

    def __init__(self) -> None:
        self._parser = XMLStreamParser(CLIENT_LIMITS.xml(authenticated=True))
        self._kept = bytearray()
        self._lost = False

    def take(self, octets: bytes) -> Iterator[tuple[Item | None, bytes]]:
        """Give the items that are complete; None is for white space between them.

        Call `restart` when an item was the last of its stream, before the next is asked for.
        """
        self._kept += octets
        if not self._lost:
            self._parser.receive(octets)
            while (item := self._parser.next()) is not None:
                self._lost = isinstance(item, Failure)
                if self._lost:
                    break
                yield item, self._cut(self._parser.unread)
        rest = self._cut(0 if self._lost else self._parser.unread)
        if rest:
            yield None, rest

    def restart(self) -> None:
        """Begin a new stream (RFC 6120 section 4.3.3)."""
        self._parser.restart()

    def _cut(self, kept: int) -> bytes:
        place = len(self._kept) - kept
        octets = bytes(self._kept[:place])
        del self._kept[:place]
        return octets


def octets_of(element: Element) -> bytes:
    """Write an element as the server would."""
    return TCP.element(element, Kind.C2S)


def farewell(error: StreamError) -> bytes:
    """Write the end of a stream with an error."""
    return octets_of(error.element()) + TCP.close()


def wrong_nonce(challenge: Element) -> bytes:
    """Rewrite a server's first SCRAM message so that its nonce is none of the client's; others stay."""
    text = base64.b64decode(challenge.text or "").decode()
    if not text.startswith("r="):
        return octets_of(challenge)
    return _with_text(challenge, ",".join((_NONCE, *text.split(",")[1:])))


def wrong_signature(element: Element) -> bytes:
    """Rewrite a server's final SCRAM message so that its signature is another of the same length; others stay."""
    text = base64.b64decode(element.text or "").decode()
    if not text.startswith("v="):
        return octets_of(element)
    signature, *rest = text.split(",")
    twisted = bytes(octet ^ 0xFF for octet in base64.b64decode(signature[2:]))
    return _with_text(element, ",".join((f"v={base64.b64encode(twisted).decode()}", *rest)))


def _with_text(element: Element, text: str) -> bytes:
    other = Element(element.tag, element.attrib)
    other.text = base64.b64encode(text.encode()).decode()
    return octets_of(other)
