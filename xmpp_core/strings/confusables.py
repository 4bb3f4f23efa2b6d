"""Strings that look alike (RFC 7622 section 7.3, XEP-0165): an optional check, for people's eyes only.

The skeleton of UTS 39 section 4, by the whole table of Unicode, and a wider one for addresses. Never decides whether
addresses are equal: see docs/explanation/addresses.md for what is found and what is not.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from .mappings import normal_form
from .scripts import spans

__all__ = ["confusable", "likeness", "skeleton"]

_LONG: Final = 255
_ordered: Final = normal_form("NFC")
_SMALL_CAPITALS: Final = dict(
    zip(
        "\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d0f\u1d18\ua7af\u0280"
        "\ua731\u1d1b\u1d1c\u1d20\u1d21\u028f\u1d22",
        "abcdefghijklmnopqrstuvwyz",
        strict=True,
    )
)
# Preparation gives Cherokee small letters for capitals (RFC 8265 section 3.3.1); the table knows the capitals.
_CHEROKEE: Final = {chr(small): chr(small - 0xAB70 + 0x13A0) for small in range(0xAB70, 0xABC0)} | {
    chr(small): chr(small - 8) for small in range(0x13F8, 0x13FE)
}
# What looks alike beside Unicode's table: as a capital drawn small, as two letters, and in the example of XEP-0165
# section 1.
_BESIDES: Final = {"\u0138": "k", "\u028d": "m", "\u0185": "b", "\u03c7": "x", "w": "vv", "\u13b5": "p", "\uab85": "p"}
_WIDER: Final = str.maketrans(_CHEROKEE | _SMALL_CAPITALS | _BESIDES)


def skeleton(text: str) -> str:
    """Reduce a string to what it looks like (UTS 39 section 4): strings with one skeleton look alike.

    Never show or store it: it is no text, and another version of Unicode has another one. Capitals stay capitals, and
    the order of the letters is the logical one (this is no bidiSkeleton).
    """
    if not text.isascii():
        text = _invisible().sub("", _decomposed(text))
    return _decomposed(text.translate(_prototypes()))


def likeness(text: str) -> str:
    """Reduce a string to what it looks like as a name in an address, whatever the size of its letters.

    The skeleton, with capitals and small capitals made small letters, as those of an address are, and a few more
    letters that Unicode's table keeps apart, until nothing changes. What has one skeleton has one likeness.
    """
    drawn = skeleton(text)
    while True:
        # Per code point: no likeness takes more than a few rounds, whatever the text.
        smaller = skeleton(skeleton(drawn.translate(_WIDER)).lower())
        if smaller == drawn:
            return drawn
        drawn = smaller


def confusable(one: str, other: str) -> bool:
    """Whether two different strings are confusable (UTS 39 section 4)."""
    return one != other and skeleton(one) == skeleton(other)


def _decomposed(text: str) -> str:
    if len(text) > _LONG:
        if unicodedata.is_normalized("NFD", text):
            return text
        # The standard library sorts marks one by one: a long run of them is sorted before.
        text = _ordered(text)
    return unicodedata.normalize("NFD", text)


@lru_cache(maxsize=1)
def _prototypes() -> dict[int, str]:
    # Few programs ask what looks alike, and none should pay for the table before.
    from .confusables_table import CONFUSABLES

    found: dict[int, str] = {}
    said, prototype = "", ""
    for codes, first, last in spans(CONFUSABLES):
        if codes != said:
            said, prototype = codes, "".join(chr(int(code, 16)) for code in codes.split("+"))
        found.update(dict.fromkeys(range(first, last + 1), prototype))
    return found


@lru_cache(maxsize=1)
def _invisible() -> re.Pattern[str]:
    from .confusables_table import INVISIBLE

    return re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for _, first, last in spans(INVISIBLE)) + "]+")
