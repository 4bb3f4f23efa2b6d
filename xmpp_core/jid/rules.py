"""The three parts of an address, as RFC 7622 prepares them and as RFC 6122 did."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from ..strings.errors import StringError
from ..strings.idna import domainpart, domainpart_steps
from ..strings.mappings import width
from ..strings.precis import OPAQUE_STRING, USERNAME_CASE_MAPPED
from ..strings.profile import Step
from .errors import JIDError

__all__ = [
    "LONGEST_PART",
    "PARTS",
    "RFC6122",
    "RFC6122_QUERY",
    "RFC7622",
    "Rules",
    "checked",
    "domain_of",
    "local_of",
    "part_steps",
    "resource_of",
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
# Neither set of rules changes or refuses such a part.
_PLAIN_LOCAL: Final = re.compile(r"[a-z0-9!#$%()*+,\-.;=?\[\\\]^_`{|}~]{1,1023}")
_PLAIN_RESOURCE: Final = re.compile(r"[!-~][ -~]{0,1022}")
_FORBIDDEN: Final = frozenset("\"&'/:<>@")
_EMPTY: Final = "nothing"
_FEW: Final = LONGEST_PART // 4
_LONGEST_KEPT: Final = 256


def local_of(text: str, rules: Rules) -> str:
    """Prepare a localpart (RFC 7622 section 3.3, RFC 6122 section 2.3); raises `StringError`."""
    if _PLAIN_LOCAL.fullmatch(text):
        return text
    if rules is not RFC7622:
        return _old("nodeprep", text, rules, "RFC 6122 section 2.3")
    if not text:
        raise StringError(_EMPTY, "RFC 7622 section 3.3")
    prepared = USERNAME_CASE_MAPPED.enforce(text)
    if not _FORBIDDEN.isdisjoint(prepared):
        raise _forbidden(text, prepared)
    return _measured(prepared, "RFC 7622 section 3.3")


def _forbidden(text: str, prepared: str) -> StringError:
    """Find the place: only a wide form of one of the eight maps to it, one for one."""
    character = next(one for one in prepared if one in _FORBIDDEN)
    position = next((at for at, one in enumerate(text) if width(one) == character), None)
    return StringError("a character that localparts exclude", "RFC 7622 section 3.3.1", position, character)


def domain_of(text: str, rules: Rules) -> str:
    """Prepare a domainpart (RFC 7622 section 3.2, RFC 6122 section 2.2); raises `StringError`."""
    if len(text) <= _LONGEST_KEPT:
        return _domain_kept(text, rules)
    return _domain(text, rules)


def _domain(text: str, rules: Rules) -> str:
    if rules is RFC7622:
        return _measured(domainpart(text), "RFC 7622 section 3.2")
    from ..strings.idna2003 import domainpart_2003

    prepared = domainpart_2003(text, allow_unassigned=rules is RFC6122_QUERY)
    return _measured(prepared, "RFC 6122 section 2.2")


_domain_kept: Final = lru_cache(maxsize=1024)(_domain)
"""Addresses are many, domains few: their verdicts are kept, the 1024 last used."""


def resource_of(text: str, rules: Rules) -> str:
    """Prepare a resourcepart (RFC 7622 section 3.4, RFC 6122 section 2.4); raises `StringError`."""
    if _PLAIN_RESOURCE.fullmatch(text):
        return text
    if rules is not RFC7622:
        return _old("resourceprep", text, rules, "RFC 6122 section 2.4")
    if not text:
        raise StringError(_EMPTY, "RFC 7622 section 3.4")
    prepared = OPAQUE_STRING.enforce(text)
    if prepared[0] == " ":
        raise StringError("a leading space", "RFC 7622 section 3.5, example 18", 0, " ")
    return _measured(prepared, "RFC 7622 section 3.4")


def _old(profile: str, text: str, rules: Rules, section: str) -> str:
    from ..strings import stringprep

    prepare: Callable[..., str] = getattr(stringprep, profile)
    prepared = prepare(text, allow_unassigned=rules is RFC6122_QUERY)
    if not prepared:
        raise StringError(_EMPTY, section)
    return _measured(prepared, section)


def _measured(prepared: str, section: str) -> str:
    if len(prepared) <= _FEW:
        return prepared
    if len(prepared) > LONGEST_PART or len(prepared.encode("utf-8", "surrogatepass")) > LONGEST_PART:
        raise StringError(f"more than {LONGEST_PART} octets", section)
    return prepared


def part_steps(part: str, text: str, rules: Rules = RFC7622) -> list[Step]:
    """Report how a part is prepared, rule by rule, ending with its length; a last step may have an `error`.

    `part` is one of `PARTS`. Positions are those in `text`.
    """
    prepare = {"localpart": local_of, "domainpart": domain_of, "resourcepart": resource_of}[part]
    steps = _profile_steps(part, text, rules)
    before = text
    if steps:
        if steps[-1].after is None:
            return steps
        before = steps[-1].after
    number = 2 + ("domainpart", "localpart", "resourcepart").index(part)
    section = f"RFC 7622 section 3.{number}" if rules is RFC7622 else f"RFC 6122 section 2.{number}"
    try:
        after = prepare(text, rules)
    except StringError as error:
        steps.append(Step("further rules of addresses", section, before, None, error))
    else:
        steps.append(Step("further rules of addresses", section, before, after))
    return steps


def _profile_steps(part: str, text: str, rules: Rules) -> list[Step]:
    query = rules is RFC6122_QUERY
    if rules is RFC7622:
        if part == "domainpart":
            return domainpart_steps(text)
        return (USERNAME_CASE_MAPPED if part == "localpart" else OPAQUE_STRING).steps(text)
    from ..strings import idna2003, stringprep

    if part == "domainpart":
        return idna2003.domainpart_2003_steps(text, allow_unassigned=query)
    if part == "localpart":
        return (stringprep.NODEPREP_QUERY if query else stringprep.NODEPREP).steps(text)
    return (stringprep.RESOURCEPREP_QUERY if query else stringprep.RESOURCEPREP).steps(text)


def checked(part: str, text: str, rules: Rules, offset: int = 0) -> str:
    """Prepare a part of an address; raises `JIDError`."""
    prepare = {"localpart": local_of, "domainpart": domain_of, "resourcepart": resource_of}[part]
    try:
        return prepare(text, rules)
    except StringError as error:
        raise JIDError.of(part, error, offset) from None
