"""PRECIS profiles (RFC 8264): user names and passwords (RFC 8265), nicknames (RFC 8266).

Derived properties are computed from the interpreter's Unicode data (`UNICODE_VERSION`); joining types and
scripts come from the `idna` package.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from .bidi import check_direction
from .context import check_class
from .errors import StringError
from .inert import Group, Inert
from .mappings import each, lower, narrowed, normal_form, only_ascii_spaces, segments, width
from .profile import Profile, Rule
from .properties import UNICODE_VERSION, Property, property_of

__all__ = [
    "NICKNAME",
    "NICKNAME_COMPARISON",
    "OPAQUE_STRING",
    "UNICODE_VERSION",
    "USERNAME_CASE_MAPPED",
    "USERNAME_CASE_PRESERVED",
    "Property",
    "check_class",
    "nickname",
    "opaque_string",
    "property_of",
    "same_nickname",
    "username_case_mapped",
    "username_case_preserved",
]


def _identifier(text: str) -> str:
    check_class(text, freeform=False)
    return text


def _freeform(text: str) -> str:
    check_class(text, freeform=True)
    return text


def _direction(text: str) -> str:
    check_direction(text)
    return text


def _not_empty(rule: str, section: str) -> Rule:
    def check(text: str) -> str:
        if not text:
            raise StringError(rule, section)
        return text

    return Rule("length", section, check)


def _single_spaces(text: str) -> str:
    return " ".join(one for one in text.split(" ") if one)


def _single_space_pieces(text: str) -> Iterator[tuple[int, str]]:
    begin, end = len(text) - len(text.lstrip(" ")), len(text.rstrip(" "))
    for position in range(begin, end):
        if text[position] != " " or text[position - 1] != " ":
            yield position, text[position]


IS_NORMAL: Final = partial(unicodedata.is_normalized, "NFC")
_IS_COMPATIBLE: Final = partial(unicodedata.is_normalized, "NFKC")


def _preserved(one: str) -> bool:
    """Left alone by UsernameCasePreserved, but for the direction."""
    return property_of(one) is Property.PVALID and narrowed(one) == one


def inert_mapped(one: str) -> bool:
    return _preserved(one) and one.lower() == one


def inert_opaque(one: str) -> bool:
    return property_of(one) in (Property.PVALID, Property.FREE_PVAL) and only_ascii_spaces(one) == one


def _nick(one: str) -> bool:
    return inert_opaque(one) and one != " "


def _compared(one: str) -> bool:
    return _nick(one) and one.lower() == one


def both_directions(test: Callable[[str], bool]) -> tuple[Group, Group]:
    """Make two groups of what passes a test: one that the Bidi Rule does not look at, one that satisfies it.

    What begins and ends with a right-to-left letter, with no Arabic digit in it, satisfies all conditions.
    """

    def left(one: str) -> bool:
        return test(one) and unicodedata.bidirectional(one) not in ("R", "AL", "AN")

    def right(one: str) -> bool:
        return test(one) and unicodedata.bidirectional(one) not in ("L", "AN")

    def letter(one: str) -> bool:
        return unicodedata.bidirectional(one) in ("R", "AL")

    return Group(left), Group(right, letter)


def _username(section: str, *, fold: bool) -> tuple[Rule, ...]:
    """RFC 8265 section 3.3 or 3.4: preparation is section .2, enforcement section .3."""
    preparation, enforcement = f"{section}.2", f"{section}.3"
    case = (Rule("case mapping", enforcement, lower, each(str.lower)),)
    return (
        Rule("width mapping", preparation, width, each(narrowed)),
        Rule("IdentifierClass", preparation, _identifier),
        *(case if fold else ()),
        Rule("normalization NFC", enforcement, normal_form("NFC"), segments("NFC")),
        Rule("directionality", enforcement, _direction),
        _not_empty("an empty user name", enforcement),
    )


USERNAME_CASE_MAPPED: Final = Profile(
    "UsernameCaseMapped",
    "RFC 8265 section 3.3",
    _username("RFC 8265 section 3.3", fold=True),
    prepared_after=2,
    inert=Inert(IS_NORMAL, *both_directions(inert_mapped)),
)
"""User names whose case does not count, and localparts."""

USERNAME_CASE_PRESERVED: Final = Profile(
    "UsernameCasePreserved",
    "RFC 8265 section 3.4",
    _username("RFC 8265 section 3.4", fold=False),
    prepared_after=2,
    inert=Inert(IS_NORMAL, *both_directions(_preserved)),
)
"""User names whose case counts."""

OPAQUE_STRING: Final = Profile(
    "OpaqueString",
    "RFC 8265 section 4.2",
    (
        Rule("FreeformClass", "RFC 8265 section 4.2.1", _freeform),
        Rule("spaces", "RFC 8265 section 4.2.2", only_ascii_spaces, each(only_ascii_spaces)),
        Rule("normalization NFC", "RFC 8265 section 4.2.2", normal_form("NFC"), segments("NFC")),
        _not_empty("an empty string", "RFC 8265 section 4.2.2"),
    ),
    prepared_after=1,
    inert=Inert(IS_NORMAL, Group(inert_opaque)),
)
"""Passwords, and resourceparts."""


def _nickname(section: str, *, fold: bool) -> tuple[Rule, ...]:
    rules = "RFC 8266 section 2.1"
    case = (Rule("case mapping", rules, lower, each(str.lower)),)
    return (
        Rule("FreeformClass", "RFC 8266 section 2.2", _freeform),
        Rule("spaces", rules, only_ascii_spaces, each(only_ascii_spaces)),
        Rule("single spaces inside", rules, _single_spaces, _single_space_pieces),
        *(case if fold else ()),
        Rule("normalization NFKC", rules, normal_form("NFKC"), segments("NFKC")),
        _not_empty("an empty nickname", section),
    )


NICKNAME: Final = Profile(
    "Nickname",
    "RFC 8266 section 2.3",
    _nickname("RFC 8266 section 2.3", fold=False),
    prepared_after=1,
    inert=Inert(_IS_COMPATIBLE, Group(_nick)),
)
"""Nicknames as they are stored and shown."""

NICKNAME_COMPARISON: Final = Profile(
    "Nickname, for comparison",
    "RFC 8266 section 2.4",
    _nickname("RFC 8266 section 2.4", fold=True),
    prepared_after=1,
    inert=Inert(_IS_COMPATIBLE, Group(_compared)),
)
"""What nicknames are compared by: never shown."""


def username_case_mapped(text: str) -> str:
    """Enforce UsernameCaseMapped (RFC 8265 section 3.3); raises `StringError`."""
    return USERNAME_CASE_MAPPED.enforce(text)


def username_case_preserved(text: str) -> str:
    """Enforce UsernameCasePreserved (RFC 8265 section 3.4); raises `StringError`."""
    return USERNAME_CASE_PRESERVED.enforce(text)


def opaque_string(text: str) -> str:
    """Enforce OpaqueString, for passwords and resourceparts (RFC 8265 section 4.2); raises `StringError`."""
    return OPAQUE_STRING.enforce(text)


def nickname(text: str) -> str:
    """Enforce Nickname (RFC 8266 section 2.3); raises `StringError`. What is given keeps its case."""
    return NICKNAME.enforce(text)


def same_nickname(one: str, other: str) -> bool:
    """Whether two nicknames are the same to RFC 8266 section 2.4; raises `StringError` for what is none."""
    return NICKNAME_COMPARISON.compare(one, other)
