"""Derived properties of code points (RFC 8264 section 8), computed from the interpreter's Unicode data."""

from __future__ import annotations

import enum
import unicodedata
from functools import lru_cache
from typing import Final

from .errors import StringError

__all__ = ["UNICODE_VERSION", "Property", "excluded", "property_of"]

UNICODE_VERSION: Final = unicodedata.unidata_version
"""The version of Unicode that decides what is assigned (RFC 8264 section 10): the interpreter's."""


class Property(enum.Enum):
    """The derived property of a code point (RFC 8264 section 8)."""

    PVALID = "allowed everywhere"
    FREE_PVAL = "allowed in the FreeformClass"
    CONTEXTJ = "a join control, allowed in a context"
    CONTEXTO = "allowed in a context"
    DISALLOWED = "not allowed"
    UNASSIGNED = "not assigned"


# RFC 5892 section 2.6, taken over by RFC 8264 section 9.6.
_EXCEPTIONS: Final[dict[int, Property]] = {
    **dict.fromkeys((0x00DF, 0x03C2, 0x06FD, 0x06FE, 0x0F0B, 0x3007), Property.PVALID),
    **dict.fromkeys((0x00B7, 0x0375, 0x05F3, 0x05F4, 0x30FB), Property.CONTEXTO),
    **dict.fromkeys((*range(0x0660, 0x066A), *range(0x06F0, 0x06FA)), Property.CONTEXTO),
    **dict.fromkeys((0x0640, 0x07FA, 0x302E, 0x302F, *range(0x3031, 0x3036), 0x303B), Property.DISALLOWED),
}
_LETTER_DIGITS: Final = frozenset({"Ll", "Lu", "Lo", "Nd", "Lm", "Mn", "Mc"})
_FREEFORM: Final = frozenset(
    {"Lt", "Nl", "No", "Me"}  # OtherLetterDigits
    | {"Zs"}  # Spaces
    | {"Sm", "Sc", "Sk", "So"}  # Symbols
    | {"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"}  # Punctuation
)
_OLD_HANGUL: Final = (range(0x1100, 0x1200), range(0xA960, 0xA980), range(0xD7B0, 0xD800))
# Default_Ignorable_Code_Point and Noncharacter_Code_Point (RFC 8264 section 9.13): not in unicodedata.
_IGNORABLE: Final = (
    range(0x00AD, 0x00AE), range(0x034F, 0x0350), range(0x061C, 0x061D), range(0x115F, 0x1161),
    range(0x17B4, 0x17B6), range(0x180B, 0x1810), range(0x200B, 0x2010), range(0x202A, 0x202F),
    range(0x2060, 0x2070), range(0x3164, 0x3165), range(0xFE00, 0xFE10), range(0xFEFF, 0xFF00),
    range(0xFFA0, 0xFFA1), range(0xFFF0, 0xFFF9), range(0x1BCA0, 0x1BCA4), range(0x1D173, 0x1D17B),
    range(0xE0000, 0xE1000),
)  # fmt: skip


@lru_cache(maxsize=4096)
def property_of(character: str) -> Property:
    """Derive the property of one code point by the algorithm of RFC 8264 section 8, in its order."""
    code = ord(character)
    if code in _EXCEPTIONS:
        return _EXCEPTIONS[code]
    category = unicodedata.category(character)
    nonchar = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    if category == "Cn" and not nonchar:
        return Property.UNASSIGNED
    if 0x21 <= code <= 0x7E:
        return Property.PVALID
    if code in (0x200C, 0x200D):
        return Property.CONTEXTJ
    if any(code in jamo for jamo in _OLD_HANGUL):
        return Property.DISALLOWED
    if nonchar or any(code in ignorable for ignorable in _IGNORABLE):
        return Property.DISALLOWED
    if category == "Cc":
        return Property.DISALLOWED
    if unicodedata.normalize("NFKC", character) != character:
        return Property.FREE_PVAL
    if category in _LETTER_DIGITS:
        return Property.PVALID
    return Property.FREE_PVAL if category in _FREEFORM else Property.DISALLOWED


def excluded(position: int, character: str, *, freeform: bool) -> StringError:
    """Say why a class excludes a code point (RFC 8264 sections 4.2.3 and 4.3.3), as exactly as the text does."""
    if property_of(character) is Property.UNASSIGNED:
        rule = f"a code point that Unicode {UNICODE_VERSION} does not assign"
    else:
        rule = f"a code point that the {'FreeformClass' if freeform else 'IdentifierClass'} excludes"
    return StringError(rule, "RFC 8264 section 8", position, character)
