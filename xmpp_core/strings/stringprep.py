"""Stringprep (RFC 3454) with Unicode 3.2, and the SASLprep profile (RFC 4013)."""

from __future__ import annotations

import stringprep as tables
from unicodedata import ucd_3_2_0 as unicode_3_2

from .errors import StringError

__all__ = ["saslprep"]

_PROHIBITED = (
    (tables.in_table_c12, "a space other than U+0020"),
    (tables.in_table_c21_c22, "a control character"),
    (tables.in_table_c3, "a code point for private use"),
    (tables.in_table_c4, "a code point that is no character"),
    (tables.in_table_c5, "a surrogate"),
    (tables.in_table_c6, "a code point unfit for plain text"),
    (tables.in_table_c7, "a code point unfit for canonical representation"),
    (tables.in_table_c8, "a code point that changes display"),
    (tables.in_table_c9, "a tagging character"),
)


def saslprep(text: str, *, allow_unassigned: bool) -> str:
    """Prepare a user name or password (RFC 4013 section 2).

    `allow_unassigned` is True for queries and False for what is stored (RFC 3454 section 7).
    Raises `StringError`; the result may be empty.
    """
    if text.isascii() and text.isprintable():
        return text
    mapped = "".join(" " if tables.in_table_c12(one) else one for one in text if not tables.in_table_b1(one))
    prepared = unicode_3_2.normalize("NFKC", mapped)
    for position, one in enumerate(prepared):
        for prohibited, rule in _PROHIBITED:
            if prohibited(one):
                raise StringError(rule, "RFC 4013 section 2.3", position, one)
        if not allow_unassigned and tables.in_table_a1(one):
            raise StringError("a code point that Unicode 3.2 does not assign", "RFC 4013 section 2.5", position, one)
    _check_direction(prepared)
    return prepared


def _check_direction(text: str) -> None:
    """RFC 3454 section 6."""
    if not any(tables.in_table_d1(one) for one in text):
        return
    for position, one in enumerate(text):
        if tables.in_table_d2(one):
            raise StringError("both directions in one string", "RFC 3454 section 6", position, one)
    if not (tables.in_table_d1(text[0]) and tables.in_table_d1(text[-1])):
        raise StringError("a right-to-left string with another first or last character", "RFC 3454 section 6")
