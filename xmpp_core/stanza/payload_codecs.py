"""Values in attributes and texts: how they are read, checked and written. Strict both ways."""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Generic, TypeVar

from ..jid import JID
from ..strings.languages import well_formed

__all__ = [
    "ADDRESS",
    "BASE64",
    "BASE64_LINES",
    "BOOL",
    "BOOL_DIGIT",
    "BYTE",
    "DECIMAL",
    "HEX",
    "INTEGER",
    "LANGUAGE",
    "SOME_TEXT",
    "TEXT",
    "UNSIGNED_BYTE",
    "UNSIGNED_INT",
    "UNSIGNED_LONG",
    "UNSIGNED_SHORT",
    "URI",
    "WHITE",
    "Codec",
    "enum",
    "integer",
    "pattern",
]

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

WHITE: Final = " \t\r\n"
"""What XML Schema takes away around values that are no strings (its part 2, section 4.3.6)."""
_LONGEST_NUMBER: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class Codec(Generic[T]):
    """How a value of one kind is written as text.

    `read` raises `ValueError` for a text that is none; `accepts` says whether a value may be written,
    and `write` is only called with such. `rule` is what is told of a text or value at fault; it holds
    nothing of the text.
    """

    rule: str
    read: Callable[[str], T]
    write: Callable[[T], str]
    accepts: Callable[[object], bool]
    kind: str
    """Which of the codecs of this package it is made by; what tests generate values by."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The bounds, members or pattern it was made with."""


def _same(text: str) -> str:
    return text


def _is_text(value: object) -> bool:
    return isinstance(value, str)


TEXT: Final[Codec[str]] = Codec("text", _same, _same, _is_text, "text")
"""Text as it is."""


def _some_text(text: str) -> str:
    if not text:
        raise ValueError
    return text


SOME_TEXT: Final[Codec[str]] = Codec(
    "a text that is not empty", _some_text, _same, lambda value: isinstance(value, str) and value != "", "some-text"
)
"""Text of one character at least."""

ADDRESS: Final[Codec[JID]] = Codec(
    "an address (RFC 7622 section 3)", JID, JID.__str__, lambda value: isinstance(value, JID), "address"
)
"""An address, prepared."""

_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}


def _boolean(text: str) -> bool:
    found = _BOOLEANS.get(text)
    if found is None:
        found = _BOOLEANS.get(text.strip(WHITE))
        if found is None:
            raise ValueError
    return found


def _is_bool(value: object) -> bool:
    return value is True or value is False


_BOOL_RULE: Final = "true, 1, false or 0 (XML Schema part 2 section 3.2.2)"
BOOL: Final[Codec[bool]] = Codec(_BOOL_RULE, _boolean, lambda value: "true" if value else "false", _is_bool, "bool")
"""`true` or `1`, `false` or `0`; written as words."""
BOOL_DIGIT: Final[Codec[bool]] = Codec(_BOOL_RULE, _boolean, lambda value: "1" if value else "0", _is_bool, "bool")
"""The same, written as digits."""

_INTEGER: Final = re.compile(r"[+-]?[0-9]+")


def integer(least: int, most: int) -> Codec[int]:
    """Make the codec of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        if not (text.isdecimal() and text.isascii()):
            text = text.strip(WHITE)
            if not _INTEGER.fullmatch(text):
                raise ValueError
        if len(text) > _LONGEST_NUMBER:
            raise ValueError
        number = int(text)
        if not least <= number <= most:
            raise ValueError
        return number

    def accepts(value: object) -> bool:
        return type(value) is int and least <= value <= most

    facts = {"least": least, "most": most}
    return Codec(f"a whole number from {least} to {most}", read, str, accepts, "integer", facts)


INTEGER: Final = integer(-(2**63), 2**63 - 1)
"""What fits 64 bits with a sign."""
BYTE: Final = integer(-128, 127)
UNSIGNED_BYTE: Final = integer(0, 2**8 - 1)
UNSIGNED_SHORT: Final = integer(0, 2**16 - 1)
UNSIGNED_INT: Final = integer(0, 2**32 - 1)
UNSIGNED_LONG: Final = integer(0, 2**64 - 1)

_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def _decimal(text: str) -> Decimal:
    text = text.strip(WHITE)
    if len(text) > _LONGEST_NUMBER or not _DECIMAL.fullmatch(text):
        raise ValueError
    return Decimal(text)


def _is_decimal(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and len(f"{value:f}") <= _LONGEST_NUMBER


DECIMAL: Final[Codec[Decimal]] = Codec(
    "a decimal number (XML Schema part 2 section 3.2.3)", _decimal, lambda value: f"{value:f}", _is_decimal, "decimal"
)
"""A number with a point, never an exponent."""


def enum(members: type[E], *, unknown: E | None = None) -> Codec[E]:
    """Make the codec of an enumeration whose values are texts.

    `unknown` is what any other text is read as, where a specification says that unknown ones are
    treated like one of the known; without it they are errors.
    """
    table: dict[str, E] = {one.value: one for one in members}
    if not all(isinstance(text, str) for text in table):
        raise TypeError("the values of the enumeration are texts")

    def read(text: str) -> E:
        found = table.get(text, unknown)
        if found is None:
            raise ValueError
        return found

    def write(value: E) -> str:
        return str(value.value)

    rule = f"one of the {len(table)} values of {members.__name__}"
    return Codec(rule, read, write, lambda value: isinstance(value, members), "enum", {"members": members})


def pattern(expression: str, rule: str) -> Codec[str]:
    """Make the codec of texts that a regular expression matches as a whole; it must not backtrack without bound."""
    compiled = re.compile(expression)

    def read(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError
        return text

    def accepts(value: object) -> bool:
        return isinstance(value, str) and compiled.fullmatch(value) is not None

    return Codec(rule, read, _same, accepts, "pattern", {"pattern": compiled})


def _is_bytes(value: object) -> bool:
    return isinstance(value, bytes)


def _base64(text: str) -> bytes:
    try:
        octets = a2b_base64(text, strict_mode=True)
    except Error:
        raise ValueError from None
    # What the spare bits of the last character hold has to be nothing (RFC 4648 section 3.5).
    if len(text) % 4 or (text and text[-4:] != b2a_base64(octets[-(len(octets) % 3 or 3) :], newline=False).decode()):
        raise ValueError
    return octets


def _to_base64(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode()


def _base64_lines(text: str) -> bytes:
    return _base64(re.sub(r"[ \t\r\n]+", "", text))


BASE64: Final[Codec[bytes]] = Codec(
    "base64 with padding and nothing else (RFC 4648 section 4)", _base64, _to_base64, _is_bytes, "bytes"
)
"""Octets as base64, strictly."""
BASE64_LINES: Final[Codec[bytes]] = Codec(
    "base64 (RFC 4648 section 4), white space between allowed", _base64_lines, _to_base64, _is_bytes, "bytes"
)
"""The same as XML Schema has it: white space may stand anywhere. Written without."""

_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})*")


def _from_hex(text: str) -> bytes:
    text = text.strip(WHITE)
    if not _HEX.fullmatch(text):
        raise ValueError
    return bytes.fromhex(text)


HEX: Final[Codec[bytes]] = Codec(
    "pairs of hexadecimal digits (XML Schema part 2 section 3.2.15)", _from_hex, bytes.hex, _is_bytes, "bytes"
)
"""Octets as hexadecimal digits, written in lower case."""

# RFC 3986 section 3 with the characters that RFC 3987 section 2.2 adds; "%" only before two digits.
_URI: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]*:"
    r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U000efffd]"
    r"|%[0-9A-Fa-f]{2})*"
)


def _uri(text: str) -> str:
    text = text.strip(WHITE)
    if not _URI.fullmatch(text):
        raise ValueError
    return text


URI: Final[Codec[str]] = Codec(
    "a URI or IRI with its scheme (RFC 3986 section 3, RFC 3987 section 2.2)",
    _uri,
    _same,
    lambda value: isinstance(value, str) and _URI.fullmatch(value) is not None,
    "uri",
)
"""A URI with a scheme, or an IRI; as text."""


def _language(text: str) -> str:
    if not well_formed(text):
        raise ValueError
    return text


LANGUAGE: Final[Codec[str]] = Codec(
    "a language tag (RFC 5646 section 2.1)",
    _language,
    _same,
    lambda value: isinstance(value, str) and well_formed(value),
    "language",
)
"""A well-formed language tag."""
