"""What the parser delivers besides elements, and what it can be kept as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["Failure", "ParserState", "RootEnd", "RootStart"]


@dataclass(slots=True)
class RootStart:
    """The start tag of the root, after the strict check of what stands before and in it."""

    tag: str
    """Clark name."""
    attributes: dict[str, str]
    """Values by Clark name; namespace declarations are none of them."""
    namespaces: dict[str | None, str]
    """What the tag declares: namespace by prefix, None for the default one."""
    prefix: str | None
    """The prefix the tag itself used."""
    source: bytes
    """The octets up to the end of the tag, to replay when the parser wakes."""


@dataclass(slots=True)
class RootEnd:
    """The end tag of the root. Nothing follows."""

    tag: ClassVar[str] = ""
    """No element has this name: whoever asks by name need not ask for the kind first."""


@dataclass(slots=True)
class Failure:
    """The octets are no restricted XML, or above a limit. Nothing follows."""

    tag: ClassVar[str] = ""

    condition: str
    """The stream error condition (RFC 6120 section 4.9.3)."""
    reason: str
    """Words of our own, never octets of the peer."""
    section: str
    position: int
    """Octets from the first of this stream to the offending one."""


@dataclass(frozen=True, slots=True)
class ParserState:
    """Everything a parser holds, as plain octets and numbers."""

    source: bytes
    """The octets of the header, empty when it was not yet taken."""
    uninterpreted: bytes
    """The unfinished element and whatever follows."""
    position: int
    """Octets of this stream before `uninterpreted`."""
    heard: bool
    """Whether white space came after the last item."""
    restarted: bool
    """Whether white space before the header still belongs to the stream before."""
    root_ended: bool
    """Whether the end of the root is known and was not taken."""
    ended: bool
    """Whether the parser is finished."""
