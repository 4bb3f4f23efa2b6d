"""What may stand before and in the root's start tag: a strict check of our own (RFC 6120 section 11)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .tokens import Malformed, MarkupScanner
from .verdict import StartTag, Verdict, judge_header, stray, too_long

__all__ = ["Prolog", "PrologReader"]

_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_BEGIN: Final = b"<?xml"
_DECLARATION: Final = re.compile(
    rb"""<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?P<v>"[^"<]*"|'[^'<]*')"""
    rb"""(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?P<e>"[A-Za-z][A-Za-z0-9._-]*"|'[A-Za-z][A-Za-z0-9._-]*'))?"""
    rb"""(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?P<s>"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>"""
)


@dataclass(slots=True)
class Prolog:
    """The root's start tag, and where it ends in the octets."""

    tag: StartTag
    end: int


class PrologReader:
    """Reads a growing buffer up to the end of the root's start tag, looking at each octet once."""

    __slots__ = ("_at", "_looked", "_scanner", "_stage")

    def __init__(self) -> None:
        self._at = 0
        self._stage = 0
        """0: the XML declaration may come. 1: it has begun. 2: the tag may come. 3: it has begun."""
        self._looked = 0
        self._scanner = MarkupScanner()

    @property
    def scanned(self) -> int:
        """Octets looked at in all."""
        return self._looked + self._scanner.scanned

    def read(self, octets: bytearray, most: int) -> Prolog | Verdict | None:
        """Give the start tag, a verdict when there can be none, or None when octets are missing.

        `octets` is the same buffer at every call, grown at its end. The tag must end within `most`.
        """
        found = self._read(octets, min(len(octets), most))
        if found is None and len(octets) > most:
            return too_long("a stream header above its limit", most)
        if isinstance(found, Prolog) and found.end > most:
            return too_long("a stream header above its limit", most)
        if isinstance(found, Verdict) and found.offset >= most:
            return too_long("a stream header above its limit", most)
        return found

    def _read(self, octets: bytearray, size: int) -> Prolog | Verdict | None:
        if self._stage == 0:
            head = bytes(octets[:6])
            if not head or (head[0] == 0x3C and len(head) < 6 and _BEGIN.startswith(head)):
                return None
            declared = head[:5] == _BEGIN and (len(head) < 6 or head[5] in b" \t\r\n?")
            if declared and len(head) < 6:
                return None
            self._stage = 1 if declared else 2
        if self._stage == 1:
            begin = max(self._at - 1, len(_BEGIN))
            end = octets.find(b"?>", begin, size)
            self._looked += max((size if end < 0 else end + 2) - begin, 0)
            self._at = size
            if end < 0:
                return None
            fault = _judge_declaration(bytes(octets[: end + 2]))
            if fault is not None:
                return fault
            self._at = end + 2
            self._stage = 2
        if self._stage == 2:
            space = _SPACE.match(octets, self._at, size)
            if space is not None:
                self._looked += space.end() - self._at
                self._at = space.end()
            if self._at >= size:
                return None
            if octets[self._at] != 0x3C:
                return stray(octets[self._at], self._at, header=True)
            self._scanner.reset(self._at)
            self._stage = 3
        return self._read_tag(octets, size)

    def _read_tag(self, octets: bytearray, size: int) -> Prolog | Verdict | None:
        start = self._at
        second = bytes(octets[start + 1 : min(start + 2, size)])
        if second == b"\x00":
            return stray(0, start + 1, header=True)
        if second in (b"!", b"?"):
            return Verdict("restricted-xml", "a declaration, comment or instruction", "RFC 6120 section 11.1", start)
        try:
            end = self._scanner.end(octets)
        except Malformed as malformed:
            if malformed.at >= size:
                return None
            end = malformed.at + 1
        if not 0 < end <= size:
            return None
        found = judge_header(bytes(octets[start:end]))
        if isinstance(found, Verdict):
            return Verdict(found.condition, found.reason, found.section, found.offset + start)
        if found is None:
            return Verdict("not-well-formed", "a less-than sign inside a tag", "RFC 6120 section 11.3", end - 1)
        return Prolog(found, end)


def _judge_declaration(declaration: bytes) -> Verdict | None:
    found = _DECLARATION.fullmatch(declaration)
    if found is None:
        return Verdict("not-well-formed", "an XML declaration that is badly written", "RFC 6120 section 11.5", 0)
    if found["v"][1:-1] != b"1.0":
        # No condition is named for it. 'unsupported-version' is the version of XMPP (section 4.9.3.25).
        return Verdict("bad-format", "a version of XML other than 1.0", "RFC 6120 section 11.8", 0)
    if found["e"] is not None and found["e"][1:-1].lower() != b"utf-8":
        return Verdict("unsupported-encoding", "an encoding other than UTF-8", "RFC 6120 section 11.6", 0)
    if found["s"] is not None and found["s"][1:-1] == b"no":
        return Verdict("restricted-xml", "a standalone declaration set to 'no'", "RFC 6120 section 11.5", 0)
    return None
