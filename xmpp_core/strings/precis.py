"""PRECIS (RFC 8264) and its profiles for user names and passwords (RFC 8265).

Derived properties are computed from the interpreter's Unicode data (`unicodedata.unidata_version`).
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from .errors import StringError

__all__ = ["Property", "check_class", "opaque_string", "property_of", "username_case_mapped", "username_case_preserved"]


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
_OTHER_LETTER_DIGITS: Final = frozenset({"Lt", "Nl", "No", "Me"})
_SYMBOLS: Final = frozenset({"Sm", "Sc", "Sk", "So"})
_PUNCTUATION: Final = frozenset({"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"})
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
    """Derive the property of one code point by the algorithm of RFC 8264 section 8."""
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
    if category in _OTHER_LETTER_DIGITS or category == "Zs" or category in _SYMBOLS or category in _PUNCTUATION:
        return Property.FREE_PVAL
    return Property.DISALLOWED


def check_class(text: str, *, freeform: bool) -> None:
    """Check every code point against the FreeformClass or the IdentifierClass (RFC 8264 section 4).

    Raises `StringError`.
    """
    for position, character in enumerate(text):
        derived = property_of(character)
        if derived is Property.PVALID or (freeform and derived is Property.FREE_PVAL):
            continue
        if derived in (Property.CONTEXTJ, Property.CONTEXTO):
            if _in_context(text, position):
                continue
            raise StringError("a code point outside the context it needs", "RFC 5892 appendix A", position, character)
        kind = "FreeformClass" if freeform else "IdentifierClass"
        raise StringError(f"a code point that the {kind} excludes", "RFC 8264 section 8", position, character)


def username_case_mapped(text: str) -> str:
    """Enforce UsernameCaseMapped (RFC 8265 section 3.3); raises `StringError`."""
    return _stable(text, lambda one: _username(one, fold=True))


def username_case_preserved(text: str) -> str:
    """Enforce UsernameCasePreserved (RFC 8265 section 3.4); raises `StringError`."""
    return _stable(text, lambda one: _username(one, fold=False))


def opaque_string(text: str) -> str:
    """Enforce OpaqueString, for passwords and resourceparts (RFC 8265 section 4.2); raises `StringError`."""
    return _stable(text, _opaque)


def _username(text: str, *, fold: bool) -> str:
    text = "".join(
        unicodedata.normalize("NFKC", one) if unicodedata.east_asian_width(one) in "FH" else one for one in text
    )
    check_class(text, freeform=False)
    if fold:
        text = text.lower()
    text = unicodedata.normalize("NFC", text)
    _check_direction(text)
    if not text:
        raise StringError("an empty user name", "RFC 8265 section 3.3.1")
    return text


def _opaque(text: str) -> str:
    text = "".join(" " if one != " " and unicodedata.category(one) == "Zs" else one for one in text)
    text = unicodedata.normalize("NFC", text)
    check_class(text, freeform=True)
    if not text:
        raise StringError("an empty string", "RFC 8265 section 4.2.1")
    return text


def _stable(text: str, rules: Callable[[str], str]) -> str:
    """Apply the rules until nothing changes, three more times at most (RFC 8264 section 7)."""
    output = rules(text)
    for _ in range(3):
        again = rules(output)
        if again == output:
            return output
        output = again
    raise StringError("a string that does not come to rest", "RFC 8264 section 7")


def _in_context(text: str, position: int) -> bool:
    """The contextual rules of RFC 5892 appendix A."""
    code = ord(text[position])
    if code in (0x200C, 0x200D):
        before = text[position - 1] if position else ""
        if before and unicodedata.combining(before) == 9:
            return True
        return code == 0x200C and _joins(text, position)
    if code == 0x00B7:
        return text[position - 1 : position] == "l" and text[position + 1 : position + 2] == "l"
    if code == 0x0375:
        return _script(text[position + 1 : position + 2]) == "GREEK"
    if code in (0x05F3, 0x05F4):
        return position > 0 and _script(text[position - 1]) == "HEBREW"
    if code == 0x30FB:
        return any(_script(one) in ("HIRAGANA", "KATAKANA", "HAN") for one in text)
    if 0x0660 <= code <= 0x0669:
        return not any(0x06F0 <= ord(one) <= 0x06F9 for one in text)
    return not any(0x0660 <= ord(one) <= 0x0669 for one in text)


def _script(character: str) -> str:
    if not character or ord(character) == 0x30FB:
        return ""
    from idna import idnadata
    from idna.intranges import intranges_contain

    for script, name in (
        ("Greek", "GREEK"), ("Hebrew", "HEBREW"), ("Hiragana", "HIRAGANA"), ("Katakana", "KATAKANA"), ("Han", "HAN"),
    ):  # fmt: skip
        if intranges_contain(ord(character), idnadata.scripts[script]):
            return name
    return ""


def _joins(text: str, position: int) -> bool:
    """Appendix A.1: a joining letter on either side, transparent ones between (from the `idna` package)."""
    from idna.core import valid_contextj

    return bool(valid_contextj(text, position))


def _check_direction(text: str) -> None:
    """The bidi rule of RFC 5893 section 2, if any code point is written from right to left."""
    classes = [unicodedata.bidirectional(one) for one in text]
    if not any(one in ("R", "AL", "AN") for one in classes):
        return
    section = "RFC 5893 section 2"
    first = classes[0]
    if first not in ("L", "R", "AL"):
        raise StringError("a right-to-left string that begins neither way", section, 0, text[0])
    allowed = (
        {"R", "AL", "AN", "EN", "ES", "CS", "ET", "ON", "BN", "NSM"}
        if first != "L"
        else {"L", "EN", "ES", "CS", "ET", "ON", "BN", "NSM"}
    )
    for position, one in enumerate(classes):
        if one not in allowed:
            raise StringError("a code point of the other direction", section, position, text[position])
    end = len(classes) - 1
    while end and classes[end] == "NSM":
        end -= 1
    if classes[end] not in (("R", "AL", "EN", "AN") if first != "L" else ("L", "EN")):
        raise StringError("a string that ends in the wrong direction", section, end, text[end])
    if first != "L" and "EN" in classes and "AN" in classes:
        raise StringError("digits of two kinds in a right-to-left string", section)
