"""Expat behind one small face: octets in, a growing tree out.

Two builders that give the same trees: the C parser over the C tree builder, and `pyexpat` for
interpreters whose C parser lacks what `XMLPullParser` itself uses. Both take complete tokens only.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable
from typing import Any, Final, NoReturn, Protocol
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.parsers import expat

from ..errors import UnsafeExpat

__all__ = ["FORGERIES", "REFUSALS", "CTree", "ExpatTree", "Tree", "fitting_tree", "probed"]


class _Restricted(Exception):
    """A comment or processing instruction (RFC 6120 section 11.1)."""


REFUSALS: Final = (ParseError, expat.ExpatError, _Restricted, ValueError)
"""What `feed` raises for octets that are refused."""


class Tree(Protocol):
    """A root that grows while octets are fed."""

    feed: Callable[[bytes | bytearray], object]
    """Take complete tokens; raises one of `REFUSALS`."""
    root: Element
    """The root; whoever reads it takes its finished children away."""
    ended: deque[tuple[str, Element]]
    """The element that ended last, as a pair whose second it is; empty before the first."""


def _refuse(*_: object) -> NoReturn:
    raise _Restricted


class CTree:
    """The C parser over the C tree builder: no Python runs for an element."""

    __slots__ = ("ended", "feed", "root")

    def __init__(self, header: bytes) -> None:
        target = TreeBuilder(comment_factory=_refuse, pi_factory=_refuse, insert_comments=True, insert_pis=True)
        parser: Any = XMLParser(target=target, encoding="utf-8")
        self.feed: Callable[[bytes | bytearray], object] = parser.feed
        events: deque[tuple[str, Element]] = deque()
        parser._setevents(events, ("start", "end"))
        parser.feed(header)
        self.root = events[0][1]
        self.ended: deque[tuple[str, Element]] = deque((one for one in events if one[0] == "end"), maxlen=1)
        parser._setevents(self.ended, ("end",))


class ExpatTree:
    """`pyexpat` with handlers in Python."""

    __slots__ = ("_last", "_names", "_open", "_text", "ended", "feed", "root")

    def __init__(self, header: bytes) -> None:
        parser = expat.ParserCreate("utf-8", "}")
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.CommentHandler = _refuse
        parser.ProcessingInstructionHandler = _refuse
        parser.StartDoctypeDeclHandler = _refuse
        self._names: dict[str, str] = {}
        self._open: list[Element] = []
        self._last: Element | None = None
        self._text: list[str] = []
        self.ended: deque[tuple[str, Element]] = deque(maxlen=1)
        self.feed: Callable[[bytes | bytearray], object] = functools.partial(_parse, parser)
        parser.Parse(header, False)
        self.root = self._open[0] if self._open else self.ended[0][1]

    def _name(self, name: str) -> str:
        found = self._names.get(name)
        if found is None:
            found = self._names[name] = "{" + name if "}" in name else name
        return found

    def _start(self, name: str, attributes: list[str]) -> None:
        self._flush()
        given = {self._name(attributes[at]): attributes[at + 1] for at in range(0, len(attributes), 2)}
        element = Element(self._name(name), given)
        if self._open:
            self._open[-1].append(element)
        self._open.append(element)
        self._last = None

    def _end(self, _name: str) -> None:
        self._flush()
        self._last = self._open.pop()
        self.ended.append(("end", self._last))

    def _data(self, text: str) -> None:
        self._text.append(text)

    def _flush(self) -> None:
        if not self._text:
            return
        text = "".join(self._text)
        self._text.clear()
        if self._last is not None:
            self._last.tail = (self._last.tail or "") + text
        elif self._open:
            self._open[-1].text = (self._open[-1].text or "") + text


def _parse(parser: expat.XMLParserType, octets: bytes | bytearray) -> None:
    parser.Parse(octets, False)


FORGERIES: Final = (
    # Two octets that a parser without a check of UTF-8 takes for one character, markup swallowed.
    b"<a><b>\xc3<c/></b></a>",
    b"<a>\xed\xa0\x80</a>",
    b"<a>\xc0\xbc</a>",
    b"<a b='\xe4'/>",
    # The mark that separates namespace and name, inside a namespace: names could be forged.
    b"<a xmlns='one}two'/>",
    b"<a xmlns:p='one}two' p:b=''/>",
)
"""Each must be refused: octets by which one reader could be made to see other stanzas than the next."""


@functools.cache
def fitting_tree() -> Callable[[bytes], Tree]:
    """Choose the builder for this interpreter; raises `UnsafeExpat` if its expat can be deceived.

    Found out by what expat does, never by its version: patched builds keep their numbers.
    """
    candidates: list[Callable[[bytes], Tree]] = [ExpatTree]
    if callable(getattr(XMLParser, "_setevents", None)):
        candidates.insert(0, CTree)
    return probed(candidates[0])


def probed(builder: Callable[[bytes], Tree]) -> Callable[[bytes], Tree]:
    """Give the builder back if it refuses every one of `FORGERIES`; raises `UnsafeExpat` otherwise."""
    for forgery in FORGERIES:
        try:
            builder(forgery)
        except REFUSALS:
            continue
        raise UnsafeExpat("the expat of this interpreter accepts octets that XML forbids")
    return builder
