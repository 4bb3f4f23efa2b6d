"""Limits that are counted on the tree: depth, nodes, children, attributes, names (RFC 6120 section 13.12).

Nothing here says what is wrong: it only finds out, at the price of a few calls per feed, whether
something may be. The judge then walks the octets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, compress
from operator import attrgetter
from typing import Final
from xml.etree.ElementTree import Element

from ..limits import XMLLimits
from .tokens import TAG

__all__ = ["Bounds", "Growth"]

_NODE: Final = 4
"""Octets of the smallest element, `<a/>`; an attribute has one more."""
_ATTRIBUTE: Final = 5
_WINDOW: Final = 32_768
_LEAST_WINDOW: Final = 1024
_RENEWAL: Final = 65_536
_LEAST_RENEWAL: Final = 8192

_BEGUN: Final = re.compile(rb"<[^ \t\r\n/>]++")
"""A start tag up to the end of its name."""
_GIVEN: Final = re.compile(rb"""[ \t\r\n]++([^ \t\r\n=]++)[ \t\r\n]*+=[ \t\r\n]*+("[^"]*+"|'[^']*+')""")
"""An attribute of a complete tag: its name, and its value with the quotes."""

_tag = attrgetter("tag")


class Bounds:
    """The limits, with what follows from them for octets."""

    __slots__ = (
        "attributes",
        "children",
        "depth",
        "few",
        "name_length",
        "namespace",
        "nodes",
        "renewal",
        "short",
        "stanza",
        "window",
    )

    def __init__(self, limits: XMLLimits) -> None:
        self.stanza = limits.stanza_bytes
        self.namespace = limits.namespace_bytes
        self.depth = limits.depth
        self.nodes = limits.nodes
        self.children = limits.children
        self.attributes = limits.attributes
        self.name_length = limits.name_length
        self.few = _NODE * min(limits.nodes, limits.children)
        """So many octets cannot hold too many nodes or children."""
        self.short = min(_ATTRIBUTE * (limits.attributes + 1), limits.name_length + 1, limits.namespace_bytes + 1)
        """A tag with fewer octets between its `<` and its `>` cannot hold too much."""
        self.window = min(_WINDOW, max(_LEAST_WINDOW, 2 * limits.nodes))
        """Octets fed at most before the limits are looked at again: what a tree may grow unseen.

        Three octets make an element of up to 300; the overshoot stays within what the nodes allowed may take."""
        self.renewal = min(_RENEWAL, max(_LEAST_RENEWAL, limits.stanza_bytes))
        """Octets after which expat is replaced, since it never forgets a name: eight times as much for names."""

    def within(self, elements: list[Element], octets: int) -> bool:
        """Whether no top-level element is too deep or holds too much; `octets` bounds what the largest takes."""
        level = elements
        for _ in range(self.depth):
            level = list(chain.from_iterable(_parents(level)))
            if not level:
                break
        if level:
            return False
        if octets > self.few:
            for element in elements:
                every = list(element.iter())
                if max(map(len, every)) > self.children or len(every) + _attributes(every) > self.nodes:
                    return False
        return True

    def long_run(self, piece: bytes | bytearray) -> bool:
        """Whether there is a stretch of `short` octets without a `<`: only then can a tag be too long."""
        rfind, reach, end = piece.rfind, self.short + 1, len(piece) - self.short
        at = 0
        while at < end:
            # As far as one can jump from one `<` to another.
            beyond = rfind(b"<", at + 1, at + reach)
            if beyond < 0:
                return True
            at = beyond
        return False

    def long_declaration(self, piece: bytes | bytearray) -> bool:
        """Whether a tag declares a namespace with too long a name. There is no CDATA section in the piece."""
        most = self.namespace
        for tag in TAG.finditer(piece):
            if tag.end() - tag.start() <= most:
                continue
            # Matched one behind the other, never searched for: a tag may be white space for the most part.
            begun = _BEGUN.match(tag[0])
            given = begun and _GIVEN.match(tag[0], begun.end())
            while given:
                name, value = given.groups()
                if len(value) - 2 > most and (name == b"xmlns" or name[:6] == b"xmlns:"):
                    return True
                given = _GIVEN.match(tag[0], given.end())
        return False

    def plain(self, elements: Iterable[Element]) -> bool:
        """Whether no element has too many attributes or too long a name."""
        every = list(elements)
        keys = list(map(Element.keys, every))
        if max(map(len, keys), default=0) > self.attributes:
            return False
        longest = self.name_length
        return all(
            len(name) <= longest or len(name.rpartition("}")[2]) <= longest
            for name in chain(map(_tag, every), chain.from_iterable(keys))
        )


class Growth:
    """Keeps count of an unfinished element, looking only at what is new."""

    __slots__ = ("_bounds", "_element", "_nodes", "_path", "fresh")

    def __init__(self, bounds: Bounds, element: Element) -> None:
        self._bounds = bounds
        self._element = element
        self._nodes = -1
        """Elements and attributes so far, -1 while there cannot be too many."""
        self._path: list[tuple[Element, int]] = []
        self.fresh: list[Element] = []
        """What the last look found new."""
        self._retrace()

    def _retrace(self) -> None:
        """Follow the last children downwards: only they can still grow."""
        path = self._path
        path.clear()
        element = self._element
        while True:
            count = len(element)
            path.append((element, count))
            if not count:
                return
            element = element[-1]

    def within(self, octets: int) -> bool:
        """Whether the element is neither too deep nor holds too much; `octets` is what it takes so far."""
        bounds, path = self._bounds, self._path
        fresh: list[Element] = []
        level: list[Element] = []
        depth = 1
        while level or depth <= len(path):
            if level:
                level = list(chain.from_iterable(_parents(level)))
            if depth <= len(path):
                element, seen = path[depth - 1]
                count = len(element)
                if count > bounds.children:
                    return False
                if count > seen:
                    level = element[seen:] + level
            depth += 1
            if level:
                if depth > bounds.depth:
                    return False
                fresh += level
        self.fresh = fresh
        # `octets` may shrink when the beginning of the element is found: who has begun to count goes on.
        if octets > bounds.few or self._nodes >= 0:
            if self._nodes < 0:
                every = list(self._element.iter())
                self._nodes = len(every) + _attributes(every)
            else:
                every = fresh
                self._nodes += len(fresh) + _attributes(fresh)
            if self._nodes > bounds.nodes or max(map(len, every), default=0) > bounds.children:
                return False
        self._retrace()
        return True


def _attributes(elements: list[Element]) -> int:
    return sum(map(len, map(Element.keys, elements)))


def _parents(level: list[Element]) -> Iterator[Element]:
    """Leave out what has no children, without a step in Python."""
    return compress(level, map(len, level))
