"""The seam between the parser and everything above it: how a delivered stanza is read.

Today a record is the C `Element` itself. A lazy or compiled parser may deliver something else as
long as these functions and the `Record` protocol hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, cast
from xml.etree.ElementTree import Element

from .names import split
from .writer import write

__all__ = ["Record", "child_in", "element_of", "kind_of", "size_of"]


class Record(Protocol):
    """What the stanza layer may use of a delivered stanza without making a tree of it."""

    tag: str

    def get(self, key: str, /) -> str | None:
        """Give an attribute of the stanza."""
        ...

    def findtext(self, path: str, /) -> str | None:
        """Give the text of the first child with this Clark name."""
        ...


def kind_of(record: Record) -> str:
    """Give the local name: `message`, `presence`, `iq` or another."""
    return split(record.tag)[1]


def child_in(record: Record, namespace: str) -> Element | None:
    """Give the first child in a namespace."""
    start = f"{{{namespace}}}"
    return next((child for child in _children(record) if child.tag.startswith(start)), None)


def element_of(record: Record) -> Element:
    """Give the whole as an element."""
    return cast("Element", record)


def size_of(record: Record) -> int:
    """Give how many octets the stanza takes when written by us."""
    return len(write(element_of(record)))


def _children(record: Record) -> Iterator[Element]:
    return iter(element_of(record))
