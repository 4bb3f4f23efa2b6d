"""What may stand before and in the root's start tag: a strict check of our own (RFC 6120 section 11)."""

from __future__ import annotations

import re
from typing import Final

from .tokens import TAG
from .verdict import Verdict, judge, resolved

__all__ = ["Prolog", "declared", "read_prolog"]

_SPACE: Final = b" \t\r\n"
_DECLARATION: Final = re.compile(
    rb"""<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?P<v>"[^"<]*"|'[^'<]*')"""
    rb"""(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?P<e>"[A-Za-z][A-Za-z0-9._-]*"|'[A-Za-z][A-Za-z0-9._-]*'))?"""
    rb"""(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?P<s>"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>"""
)
_XMLNS: Final = re.compile(rb"""[ \t\r\n]xmlns(?::([^ \t\r\n=]+))?[ \t\r\n]*=[ \t\r\n]*("[^"]*"|'[^']*')""")


class Prolog:
    """Where the start tag begins and ends in the octets."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


def read_prolog(octets: bytearray, most: int) -> Prolog | Verdict | None:
    """Find the root's start tag; a verdict when there can be none; None when octets are missing."""
    verdict_or_start = _before_tag(octets)
    if verdict_or_start is None or isinstance(verdict_or_start, Verdict):
        if verdict_or_start is None and len(octets) > most:
            return _too_long(most)
        return verdict_or_start
    start = verdict_or_start
    found = TAG.match(octets, start)
    if found is None:
        inside = _stray_less_than(octets, start)
        if inside is not None and inside < most:
            verdict = judge(bytes(octets[start : inside + 1]), {}, header=True)
            return _moved(verdict, start) or Verdict(
                "not-well-formed", "a less-than sign inside a tag", "RFC 6120 section 11.3", inside
            )
        return _too_long(most) if len(octets) > most else None
    if found.end() > most:
        return _too_long(most)
    verdict = judge(bytes(octets[start : found.end()]), {}, header=True)
    return _moved(verdict, start) or Prolog(start, found.end())


def declared(tag: bytes) -> dict[str | None, str]:
    """Give the namespaces that a (checked) start tag declares."""
    return {
        found[1].decode() if found[1] else None: resolved(found[2][1:-1].decode()) for found in _XMLNS.finditer(tag)
    }


def _moved(verdict: Verdict | None, by: int) -> Verdict | None:
    if verdict is None:
        return None
    return Verdict(verdict.condition, verdict.reason, verdict.section, verdict.offset + by)


def _too_long(most: int) -> Verdict:
    return Verdict("policy-violation", "a stream header above its limit", "RFC 6120 section 13.12", most)


def _stray_less_than(octets: bytearray, start: int) -> int | None:
    if octets.find(b"<", start + 1) < 0:
        return None
    quote = 0
    for place in range(start + 1, len(octets)):
        octet = octets[place]
        if octet == 0x3C:
            return place
        if quote:
            quote = 0 if octet == quote else quote
        elif octet in (0x22, 0x27):
            quote = octet
    return None


def _before_tag(octets: bytearray) -> int | Verdict | None:
    head = bytes(octets[:4])
    if head[:2] in (b"\xfe\xff", b"\xff\xfe") or (len(head) > 1 and 0 in head):
        return Verdict("unsupported-encoding", "an encoding other than UTF-8", "RFC 6120 section 11.6", 0)
    if head[:3] == b"\xef\xbb\xbf":
        return Verdict("not-well-formed", "a character before the root element", "RFC 6120 section 11.6", 0)
    if b"\xef\xbb\xbf".startswith(head) or head in (b"\xfe", b"\xff"):
        return None
    at = len(octets) - len(octets.lstrip(_SPACE))
    rest = bytes(octets[at : at + 6])
    if rest[:5] == b"<?xml" and (len(rest) < 6 or rest[5:6] in _SPACE):
        end = octets.find(b"?>", at)
        if end < 0:
            return None
        fault = _judge_declaration(bytes(octets[at : end + 2]), at)
        if fault is not None:
            return fault
        at = end + 2
        at += len(octets) - at - len(octets[at:].lstrip(_SPACE))
        rest = bytes(octets[at : at + 2])
    if not rest:
        return None
    if rest[:1] != b"<":
        fault = judge(bytes(octets[at : at + 4]), {})
        if fault is not None and fault.condition == "unsupported-encoding":
            return _moved(fault, at)
        return Verdict("not-well-formed", "text before the root element", "RFC 6120 section 11.3", at)
    if b"<?xml".startswith(rest) and len(rest) < 5:
        return None if len(octets) - at < 6 else at
    if rest[1:2] in (b"!", b"?"):
        return Verdict("restricted-xml", "a declaration, comment or instruction", "RFC 6120 section 11.1", at)
    return at


def _judge_declaration(declaration: bytes, at: int) -> Verdict | None:
    found = _DECLARATION.fullmatch(declaration)
    if found is None:
        return Verdict("not-well-formed", "an XML declaration that is badly written", "RFC 6120 section 11.5", at)
    if found["v"][1:-1] != b"1.0":
        return Verdict("bad-format", "a version of XML other than 1.0", "RFC 6120 section 11.8", at)
    if found["e"] is not None and found["e"][1:-1].lower() != b"utf-8":
        return Verdict("unsupported-encoding", "an encoding other than UTF-8", "RFC 6120 section 11.6", at)
    if found["s"] is not None and found["s"][1:-1] == b"no":
        return Verdict("restricted-xml", "a standalone declaration set to 'no'", "RFC 6120 section 11.5", at)
    return None
