"""Counting characters in message bodies (XEP-0426): by code points, as Python does.

An index into a `str` is the number a specification means, and `body[begin:end]` what it refers to. Other
programs count UTF-16 units or octets; these functions translate, for those who talk to such programs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .errors import StringError

__all__ = ["from_utf8_offset", "from_utf16_offset", "subsequence", "to_utf8_offset", "to_utf16_offset"]

_SECTION: Final = "XEP-0426 section 2"


def subsequence(body: str, begin: int, end: int) -> str:
    """Give the characters from `begin` up to, not including, `end` (XEP-0426 section 3).

    Unlike a slice it refuses what is outside the body: such numbers come from a peer. Raises `StringError`.
    """
    if not 0 <= begin <= end <= len(body):
        raise StringError("a region that is not within the body", "XEP-0426 section 3")
    return body[begin:end]


def to_utf16_offset(body: str, offset: int) -> int:
    """Give how many UTF-16 units stand before the character at `offset`; raises `StringError` outside the body."""
    before = _before(body, offset)
    return len(before) + sum(one > "\uffff" for one in before)


def from_utf16_offset(body: str, units: int) -> int:
    """Give the offset in characters of an offset in UTF-16 units.

    Raises `StringError` outside the body and within a surrogate pair.
    """
    return _from(body, units, lambda one: 2 if one > "\uffff" else 1)


def to_utf8_offset(body: str, offset: int) -> int:
    """Give how many octets of UTF-8 stand before the character at `offset`; raises `StringError` outside the body."""
    return sum(map(_octets, _before(body, offset)))


def from_utf8_offset(body: str, octets: int) -> int:
    """Give the offset in characters of an offset in octets of UTF-8.

    Raises `StringError` outside the body and within a character.
    """
    return _from(body, octets, _octets)


def _octets(one: str) -> int:
    return 1 if one < "\x80" else 2 if one < "\u0800" else 3 if one < "\U00010000" else 4


def _before(body: str, offset: int) -> str:
    if not 0 <= offset <= len(body):
        raise StringError("an offset outside the body", _SECTION)
    return body[:offset]


def _from(body: str, wanted: int, size: Callable[[str], int]) -> int:
    passed = offset = 0
    while passed < wanted and offset < len(body):
        passed += size(body[offset])
        offset += 1
    if wanted < 0 or passed < wanted:
        raise StringError("an offset outside the body", _SECTION)
    if passed > wanted:
        raise StringError("an offset within a character", _SECTION)
    return offset
