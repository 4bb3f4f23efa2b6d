"""The three parts of an address, as RFC 7622 prepares them and as RFC 6122 did."""

from __future__ import annotations

import enum
from functools import lru_cache
from typing import Final

from ..strings.errors import StringError
from ..strings.idna import DOMAINPART, IP_LITERAL, domainpart
from ..strings.inert import Group, Inert
from ..strings.precis import IS_NORMAL, OPAQUE_STRING, USERNAME_CASE_MAPPED, both_directions, inert_mapped, inert_opaque
from ..strings.profile import Profile, Rule, Step
from .errors import JIDError

__all__ = [
    "LOCALPART",
    "LONGEST_PART",
    "PARTS",
    "RESOURCEPART",
    "RFC6122",
    "RFC6122_QUERY",
    "RFC7622",
    "Rules",
    "checked",
    "domain_kept",
    "part_steps",
    "prepared",
    "profile_of",
]


class Rules(enum.Enum):
    """Which document decides what an address is and when two are the same."""

    RFC7622 = "RFC 7622"
    """PRECIS and IDNA 2008: what a new address follows."""
    RFC6122 = "RFC 6122"
    """Nodeprep, nameprep and resourceprep with Unicode 3.2, for what is stored."""
    RFC6122_QUERY = "RFC 6122, query"
    """The same for what is only looked up: code points that Unicode 3.2 does not assign pass."""


RFC7622: Final = Rules.RFC7622
RFC6122: Final = Rules.RFC6122
RFC6122_QUERY: Final = Rules.RFC6122_QUERY

LONGEST_PART: Final = 1023
"""Octets in UTF-8 (RFC 7622 section 3.1), after preparation."""
PARTS: Final = ("localpart", "domainpart", "resourcepart")
_FORBIDDEN: Final = frozenset("\"&'/:<>@")
_LONGEST_DOMAIN_KEPT: Final = 256


def _length(section: str) -> Rule:
    """Not empty, and no more than 1023 octets."""

    def check(text: str) -> str:
        if not text:
            raise StringError("nothing", section)
        if len(text) > LONGEST_PART or len(text.encode("utf-8", "surrogatepass")) > LONGEST_PART:
            raise StringError(f"more than {LONGEST_PART} octets", section)
        return text

    return Rule("length of the part", section, check)


def _excluded(text: str) -> str:
    for position, one in enumerate(text):
        if one in _FORBIDDEN:
            raise StringError("a character that localparts exclude", "RFC 7622 section 3.3.1", position, one)
    return text


def _no_leading_space(text: str) -> str:
    if text[:1] == " ":
        raise StringError("a leading space", "RFC 7622 section 3.5, example 18", 0, " ")
    return text


def _local_inert(one: str) -> bool:
    return one not in _FORBIDDEN and inert_mapped(one)


def _not_space(one: str) -> bool:
    return one != " "


# A text of so few code points has no more than 1023 octets.
_FEW: Final = LONGEST_PART // 4

LOCALPART: Final = Profile(
    "localpart",
    "RFC 7622 section 3.3",
    (
        *USERNAME_CASE_MAPPED.rules,
        Rule("further excluded characters", "RFC 7622 section 3.3.1", _excluded),
        _length("RFC 7622 section 3.3"),
    ),
    inert=Inert(IS_NORMAL, *both_directions(_local_inert), longest=_FEW),
)
"""UsernameCaseMapped without eight more characters."""

RESOURCEPART: Final = Profile(
    "resourcepart",
    "RFC 7622 section 3.4",
    (
        *OPAQUE_STRING.rules,
        Rule("leading space", "RFC 7622 section 3.5, example 18", _no_leading_space),
        _length("RFC 7622 section 3.4"),
    ),
    # A space at the end is left to the long way too: rare, and so one set serves both ends.
    inert=Inert(IS_NORMAL, Group(inert_opaque, _not_space), longest=_FEW),
)
"""OpaqueString without a space at its beginning."""


def profile_of(part: str, rules: Rules, text: str = "") -> Profile:
    """Give the profile that prepares a part; which one a domainpart needs depends on how it begins."""
    if part == "domainpart" and text[:1] == "[":
        return IP_LITERAL
    if rules is RFC7622:
        return {"localpart": LOCALPART, "domainpart": DOMAINPART, "resourcepart": RESOURCEPART}[part]
    return _old_profile(part, rules)


@lru_cache(maxsize=8)
def _old_profile(part: str, rules: Rules) -> Profile:
    from ..strings import idna2003, stringprep

    query = rules is RFC6122_QUERY
    if part == "domainpart":
        return idna2003.DOMAINPART_2003_QUERY if query else idna2003.DOMAINPART_2003
    if part == "localpart":
        profile = stringprep.NODEPREP_QUERY if query else stringprep.NODEPREP
        section = "RFC 6122 section 2.3"
    else:
        profile = stringprep.RESOURCEPREP_QUERY if query else stringprep.RESOURCEPREP
        section = "RFC 6122 section 2.4"
    return Profile(part, section, (*profile.rules, _length(section)), passes=1)


@lru_cache(maxsize=1024)
def domain_kept(text: str) -> str:
    """Prepare a domainpart by RFC 7622. Addresses are many, domains few: the last 1024 are kept."""
    return domainpart(text)


def prepared(part: str, text: str, rules: Rules) -> str:
    """Prepare a part of an address; raises `StringError`."""
    if part == "domainpart" and rules is RFC7622:
        return domain_kept(text) if len(text) <= _LONGEST_DOMAIN_KEPT else domainpart(text)
    return profile_of(part, rules, text).enforce(text)


def checked(part: str, text: str, rules: Rules, offset: int = 0) -> str:
    """Prepare a part of an address; raises `JIDError`, its position moved by `offset`."""
    try:
        return prepared(part, text, rules)
    except StringError as error:
        raise JIDError.of(part, error, offset) from None


def part_steps(part: str, text: str, rules: Rules = RFC7622) -> list[Step]:
    """Report how a part is prepared, rule by rule; a last step may have an `error`, with its place in `text`.

    `part` is "localpart", "domainpart" or "resourcepart".
    """
    return profile_of(part, rules, text).steps(text)
