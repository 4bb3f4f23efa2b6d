"""One direction of a connection, item by item and from one stream to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from ...limits import CLIENT_LIMITS
from ...namespaces import SASL, TLS
from ...stream.context import Kind, Side
from ...stream.header import HeaderFault, judge_header
from ...xml.parser import Failure, Item, RootEnd, RootStart, XMLStreamParser

__all__ = ["Direction", "Encrypted", "Said", "header_fault"]

# After these a new stream follows in the same direction (RFC 6120 sections 5.4.3.3 and 6.4.6).
_RESTARTS: Final = frozenset({f"{{{TLS}}}proceed", f"{{{TLS}}}starttls", f"{{{SASL}}}success"})
# After these one follows if the other direction brought success.
_MAY_RESTART: Final = frozenset({f"{{{SASL}}}auth", f"{{{SASL}}}response"})
_HEADERS: Final = (b"<?xml", b"<stream:stream")
# A TLS record that holds a handshake, of any version so far (RFC 8446 section 5.1).
_TLS_RECORD: Final = b"\x16\x03"
_SPACE: Final = b" \t\r\n"
# Given to the parser at once: what is unread is copied at each restart.
_PORTION: Final = 16384


@dataclass(frozen=True, slots=True)
class Encrypted:
    """From here on the octets are TLS."""

    octets: int


Said: TypeAlias = Item | Encrypted


class Direction:
    """Reads what one side said. Nothing follows an end, a failure or TLS records."""

    def __init__(self) -> None:
        self._parser = XMLStreamParser(CLIENT_LIMITS.xml(authenticated=True))
        self._given: list[bytes] = []
        """What was received and the parser does not have yet, last first."""
        self._base = 0
        """Octets before the first of this stream."""
        self._undecided = False
        """Whether the next octets tell if a new stream begins."""
        self._fresh = True
        """Whether TLS records may come in place of a stream."""
        self._parsed = 0
        self.octets = 0
        """Octets received in all."""
        self.copied = 0
        """Octets copied to look ahead: what tests of linear work count."""
        self.ended = False

    @property
    def unread(self) -> int:
        """Octets that belong to no item."""
        return self._parser.unread + sum(map(len, self._given))

    def receive(self, octets: bytes) -> None:
        """Take what came next."""
        self.octets += len(octets)
        if not self.ended:
            view = memoryview(octets)
            portions = [bytes(view[start : start + _PORTION]) for start in range(0, len(octets), _PORTION)]
            self._given[:0] = reversed(portions)

    def restart(self) -> None:
        """The other side's answer says that a new stream comes next in this direction."""
        if self._undecided:
            self._begin()

    def items(self) -> Iterator[tuple[Said, int]]:
        """Give what is complete, each with octets before its stream: a `Failure` counts from there."""
        while not self.ended:
            item = self._next()
            if item is None:
                if not self._given:
                    return
                portion = self._given.pop()
                self._parsed += len(portion)
                self._parser.receive(portion)
                continue
            base = self._base
            if isinstance(item, Failure | RootEnd | Encrypted):
                self.ended = True
                self._given.clear()
            elif item.tag in _RESTARTS:
                self._begin()
                self._fresh = item.tag.startswith(f"{{{TLS}}}")
            elif item.tag in _MAY_RESTART:
                self._undecided = True
            yield item, base

    def _next(self) -> Said | None:
        if self._undecided or self._fresh:
            left = self._left()
            rest = left.lstrip(_SPACE)
            if self._fresh and left.startswith(_TLS_RECORD):
                return Encrypted(self.unread)
            header_begins = self._undecided and any(one.startswith(rest) for one in _HEADERS)
            record_begins = self._fresh and _TLS_RECORD.startswith(left)
            if self._undecided and rest.startswith(_HEADERS):
                self._begin()
            elif header_begins or record_begins:
                return None
            self._undecided = self._fresh = False
        return self._parser.next()

    def _begin(self) -> None:
        self._undecided = False
        self._parser.restart()
        left = self._left()
        # White space before a header belongs to the stream before (RFC 6120 section 11.7).
        self._base = self._parsed - len(left.lstrip(_SPACE))

    def _left(self) -> bytes:
        left = self._parser.snapshot().uninterpreted
        self.copied += len(left)
        return left


def header_fault(root: RootStart) -> HeaderFault | None:
    """Say what is wrong with a header that will do for no kind of stream; None when it will do for one."""
    faults = [judge_header(root, Side.RECEIVING, kind) for kind in Kind]
    bad = [fault for fault in faults if isinstance(fault, HeaderFault)]
    return bad[0] if len(bad) == len(faults) else None
