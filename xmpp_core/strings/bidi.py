"""The Bidi Rule of RFC 5893 section 2."""

from __future__ import annotations

import unicodedata
from typing import Final

from .errors import StringError

__all__ = ["check_direction"]

_SECTION: Final = "RFC 5893 section 2"
_NEUTRAL: Final = frozenset({"EN", "ES", "CS", "ET", "ON", "BN", "NSM"})
_RIGHT: Final = frozenset({"R", "AL", "AN"})


def check_direction(text: str) -> None:
    """Check the six conditions, if any code point is written from right to left; raises `StringError`."""
    classes = [unicodedata.bidirectional(one) for one in text]
    if _RIGHT.isdisjoint(classes):
        return
    first = classes[0]
    if first not in ("L", "R", "AL"):
        raise StringError("a right-to-left string that begins neither way", f"{_SECTION}, condition 1", 0, text[0])
    left_to_right = first == "L"
    allowed = _NEUTRAL | {"L"} if left_to_right else _NEUTRAL | _RIGHT
    for position, one in enumerate(classes):
        if one not in allowed:
            section = f"{_SECTION}, condition {5 if left_to_right else 2}"
            raise StringError("a code point of the other direction", section, position, text[position])
    # Condition 6 needs no check of its own: what begins from left to right has failed condition 5.
    end = len(classes) - 1
    while end and classes[end] == "NSM":
        end -= 1
    if classes[end] not in ("R", "AL", "EN", "AN"):
        section = f"{_SECTION}, condition 3"
        raise StringError("a string that ends in the wrong direction", section, end, text[end])
    if "EN" in classes and "AN" in classes:
        later = max(classes.index("EN"), classes.index("AN"))
        section = f"{_SECTION}, condition 4"
        raise StringError("digits of two kinds in a right-to-left string", section, later, text[later])
