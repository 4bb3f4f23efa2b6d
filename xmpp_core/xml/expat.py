"""The C parser behind the seam: expat over a C tree builder, with what XML allows and we do not shut off."""

from __future__ import annotations

from collections import deque
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from ..errors import UnsafeExpat

__all__ = ["Expat", "ParseError", "Refused"]


class Refused(Exception):
    """A comment or a processing instruction was met. Never leaves the parser."""


def _refuse(*_: object) -> Element:
    raise Refused


_probed = False


def _probe() -> None:
    """Try what a safe expat must refuse: versions cannot tell, since distributions patch them."""
    global _probed
    for octets in (b"<a>\xc0\x80</a>", b"<a>\xed\xa0\x80</a>", b"<a xmlns='b}c'/>", b"<a xmlns:b='c}d' b:e=''/>"):
        parser = XMLParser()
        try:
            parser.feed(octets)
            parser.close()
        except ParseError:
            continue
        raise UnsafeExpat("this expat accepts octets that are no UTF-8, or a separator inside a name")
    _probed = True


class Expat:
    """One C parser of one stream. `last` is the element that ended last, `root` the stream's."""

    __slots__ = ("_ended", "_parser", "fed", "root")

    def __init__(self, start: bytes) -> None:
        if not _probed:
            _probe()
        builder = TreeBuilder(comment_factory=_refuse, pi_factory=_refuse, insert_comments=True, insert_pis=True)
        self._parser = XMLParser(target=builder, encoding="utf-8")
        self._ended: deque[tuple[str, Element]] = deque(maxlen=1)
        first: deque[tuple[str, Element]] = deque(maxlen=1)
        parser: Any = self._parser
        parser._setevents(first, ("start",))  # the call that XMLPullParser itself makes
        self._parser.feed(start)
        self.root: Element = first[0][1]
        parser._setevents(self._ended, ("end",))
        if start.endswith(b"/>"):
            self._ended.append(("end", self.root))
        self.fed = len(start)

    @property
    def last(self) -> Element | None:
        """The element whose end tag was fed last."""
        return self._ended[0][1] if self._ended else None

    def feed(self, octets: bytes | bytearray) -> None:
        """Feed complete tokens. Raises `ParseError` or `Refused`."""
        self.fed += len(octets)
        self._parser.feed(octets)

    def deliver(self, count: int) -> list[Element]:
        """Take the first `count` children of the root out of the tree."""
        root = self.root
        children = root[:count]
        del root[:count]
        if not len(root):
            # The deque would keep the last stanza of an idle connection alive.
            self._ended.clear()
        return children
