"""Stringprep (RFC 3454) with Unicode 3.2: nodeprep, resourceprep, nameprep and SASLprep.

A profile has two modes (RFC 3454 section 7): what is stored may hold no code point that Unicode 3.2 does not
assign, a query may. Of each profile there is one for either.
"""

from __future__ import annotations

import stringprep as tables
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Final
from unicodedata import ucd_3_2_0 as unicode_3_2

from .errors import StringError
from .inert import Group, Inert
from .mappings import each, segments
from .profile import Profile, Rule

__all__ = [
    "NAMEPREP",
    "NAMEPREP_QUERY",
    "NODEPREP",
    "NODEPREP_QUERY",
    "RESOURCEPREP",
    "RESOURCEPREP_QUERY",
    "SASLPREP",
    "SASLPREP_QUERY",
    "nameprep",
    "nodeprep",
    "resourceprep",
    "saslprep",
]

_Test = Callable[[str], bool]
# RFC 3454 appendix C, by the names of its tables.
_C: Final[dict[str, tuple[_Test, str]]] = {
    "C.1.1": (tables.in_table_c11, "a space"),
    "C.1.2": (tables.in_table_c12, "a space other than U+0020"),
    "C.2.1": (tables.in_table_c21, "a control character"),
    "C.2.2": (tables.in_table_c22, "a control character"),
    "C.3": (tables.in_table_c3, "a code point for private use"),
    "C.4": (tables.in_table_c4, "a code point that is no character"),
    "C.5": (tables.in_table_c5, "a surrogate"),
    "C.6": (tables.in_table_c6, "a code point unfit for plain text"),
    "C.7": (tables.in_table_c7, "a code point unfit for canonical representation"),
    "C.8": (tables.in_table_c8, "a code point that changes display"),
    "C.9": (tables.in_table_c9, "a tagging character"),
}
_MOST: Final = ("C.1.2", "C.2.2", "C.3", "C.4", "C.5", "C.6", "C.7", "C.8", "C.9")
_NODE: Final = frozenset("\"&'/:<>@")


def _nothing(one: str) -> str:
    return "" if tables.in_table_b1(one) else one


@lru_cache(maxsize=4096)
def _folded(one: str) -> str:
    """Map by tables B.1 and B.2.

    The standard library computes B.2 with the interpreter's lower case: letters whose small form came after
    Unicode 3.2, and letters that did, are not in the table and stay.
    """
    if tables.in_table_b1(one):
        return ""
    folded = tables.map_table_b2(one)
    return one if any(map(tables.in_table_a1, one + folded)) else folded


def _spaces(one: str) -> str:
    """U+200B is in both tables; what RFC 4013 section 2.1 names last is done first, as everywhere."""
    return "" if tables.in_table_b1(one) else " " if tables.in_table_c12(one) else one


def _normalize(text: str) -> str:
    return unicode_3_2.normalize("NFKC", text)


_IS_NORMAL: Final = partial(unicode_3_2.is_normalized, "NFKC")


def _prohibition(names: Sequence[str], further: frozenset[str], section: str) -> Rule:
    rows = [_C[name] for name in names]

    @lru_cache(maxsize=4096)
    def found(one: str) -> str | None:
        return next((rule for prohibited, rule in rows if prohibited(one)), None)

    def check(text: str) -> str:
        for position, one in enumerate(text):
            if one in further:
                raise StringError("an excluded character", section, position, one)
            rule = found(one)
            if rule is not None:
                raise StringError(rule, section, position, one)
        return text

    return Rule("prohibited output", section, check)


def _direction(text: str) -> str:
    """RFC 3454 section 6."""
    right = [tables.in_table_d1(one) for one in text]
    if not any(right):
        return text
    for position, one in enumerate(text):
        if tables.in_table_d2(one):
            raise StringError("both directions in one string", "RFC 3454 section 6", position, one)
    rule = "a right-to-left string with another first or last character"
    for position in (0, len(text) - 1):
        if not right[position]:
            raise StringError(rule, "RFC 3454 section 6", position, text[position])
    return text


def _all_assigned(section: str) -> Rule:
    def check(text: str) -> str:
        for position, one in enumerate(text):
            if tables.in_table_a1(one):
                raise StringError("a code point that Unicode 3.2 does not assign", section, position, one)
        return text

    return Rule("unassigned code points", section, check)


def _pair(
    name: str,
    document: str,
    parts: tuple[str, str, str, str, str],
    mapping: Callable[[str], str],
    names: Sequence[str],
    further: frozenset[str] = frozenset(),
) -> tuple[Profile, Profile]:
    """Make a profile for what is stored and one for queries; `parts` are its sections, in the order of use."""
    mapped, normal, prohibited, both, assigned = (f"{document} {part}" for part in parts)
    pieces = each(mapping)

    def apply(text: str) -> str:
        return "".join(map(mapping, text))

    prohibition = _prohibition(names, further, prohibited)
    rules = (
        Rule("mapping", mapped, apply, pieces),
        Rule("normalization NFKC", normal, _normalize, segments("NFKC", unicode_3_2)),
        prohibition,
        Rule("directionality", both, _direction),
    )

    def fine(one: str) -> bool:
        if mapping(one) != one:
            return False
        try:
            prohibition.apply(one)
        except StringError:
            return False
        return True

    def made(name: str, *, stored: bool) -> Profile:
        def left(one: str) -> bool:
            return fine(one) and not tables.in_table_d1(one) and not (stored and tables.in_table_a1(one))

        def right(one: str) -> bool:
            return fine(one) and not tables.in_table_d2(one) and not (stored and tables.in_table_a1(one))

        unassigned = (_all_assigned(assigned),) if stored else ()
        inert = Inert(_IS_NORMAL, Group(left), Group(right, tables.in_table_d1))
        return Profile(name, document, (*rules, *unassigned), passes=1, inert=inert)

    return made(name, stored=True), made(f"{name}, query", stored=False)


NODEPREP, NODEPREP_QUERY = _pair(
    "Nodeprep",
    "RFC 6122 appendix",
    ("A.3", "A.4", "A.5", "A.6", "A.2"),
    _folded,
    ("C.1.1", "C.2.1", *_MOST),
    _NODE,
)
"""Localparts before RFC 7622."""

RESOURCEPREP, RESOURCEPREP_QUERY = _pair(
    "Resourceprep",
    "RFC 6122 appendix",
    ("B.3", "B.4", "B.5", "B.6", "B.2"),
    _nothing,
    ("C.2.1", *_MOST),
)
"""Resourceparts before RFC 7622."""

NAMEPREP, NAMEPREP_QUERY = _pair(
    "Nameprep",
    "RFC 3491 section",
    ("3", "4", "5", "6", "7"),
    _folded,
    _MOST,
)
"""Labels of domain names in IDNA 2003."""

SASLPREP, SASLPREP_QUERY = _pair(
    "SASLprep",
    "RFC 4013 section",
    ("2.1", "2.2", "2.3", "2.4", "2.5"),
    _spaces,
    ("C.2.1", *_MOST),
)
"""User names and passwords before RFC 7613 and RFC 8265."""


def nodeprep(text: str, *, allow_unassigned: bool) -> str:
    """Prepare a localpart (RFC 6122 appendix A); raises `StringError`. The result may be empty."""
    return (NODEPREP_QUERY if allow_unassigned else NODEPREP).enforce(text)


def resourceprep(text: str, *, allow_unassigned: bool) -> str:
    """Prepare a resourcepart (RFC 6122 appendix B); raises `StringError`. The result may be empty."""
    return (RESOURCEPREP_QUERY if allow_unassigned else RESOURCEPREP).enforce(text)


def nameprep(text: str, *, allow_unassigned: bool) -> str:
    """Prepare one label of a domain name (RFC 3491); raises `StringError`. The result may be empty."""
    return (NAMEPREP_QUERY if allow_unassigned else NAMEPREP).enforce(text)


def saslprep(text: str, *, allow_unassigned: bool) -> str:
    """Prepare a user name or password (RFC 4013 section 2).

    `allow_unassigned` is True for queries and False for what is stored (RFC 3454 section 7).
    Raises `StringError`; the result may be empty.
    """
    if text.isascii() and text.isprintable():
        return text
    return (SASLPREP_QUERY if allow_unassigned else SASLPREP).enforce(text)
