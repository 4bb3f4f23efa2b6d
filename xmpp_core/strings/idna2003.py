"""Domainparts as RFC 6122 section 2.2 prepares them: IDNA 2003 (RFC 3490) over nameprep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from .errors import StringError
from .idna import DOTS, IP_LITERAL, by_label, encoded_length, short, strip_dot
from .mappings import each
from .profile import Profile, Rule, Step
from .stringprep import NAMEPREP, NAMEPREP_QUERY

__all__ = ["DOMAINPART_2003", "DOMAINPART_2003_QUERY", "domainpart_2003", "domainpart_2003_steps"]

_SECTION: Final = "RFC 6122 section 2.2"
_TO_ASCII: Final = "RFC 3490 section 4.1"
_TO_UNICODE: Final = "RFC 3490 section 4.2"


def domainpart_2003(text: str, *, allow_unassigned: bool) -> str:
    """Prepare a domainpart by IDNA 2003: nameprep, no ACE labels, no trailing dot; raises `StringError`."""
    if text[:1] == "[":
        return IP_LITERAL.enforce(text)
    return (DOMAINPART_2003_QUERY if allow_unassigned else DOMAINPART_2003).enforce(text)


def domainpart_2003_steps(text: str, *, allow_unassigned: bool) -> list[Step]:
    """Report how `domainpart_2003` prepares a domainpart, rule by rule."""
    if text[:1] == "[":
        return IP_LITERAL.steps(text)
    return (DOMAINPART_2003_QUERY if allow_unassigned else DOMAINPART_2003).steps(text)


def _separate(one: str) -> str:
    return "." if one in DOTS else one


def _nameprep(profile: Profile) -> tuple[Callable[[str], str], Callable[[str], Iterator[tuple[int, str]]]]:
    """Nameprep each label; ASCII alone is only lowered (RFC 3490 section 4.1, step 1)."""

    def prepare(label: str) -> str:
        return label.lower() if label.isascii() else profile.enforce(label)

    def pieces(text: str) -> Iterator[tuple[int, str]]:
        begin = 0
        for number, label in enumerate(text.split(".")):
            if number:
                yield begin - 1, "."
            if label.isascii():
                yield from ((begin + at, one.lower()) for at, one in enumerate(label))
            else:
                origins = profile.origins(label)
                yield from ((begin + at, one) for at, one in zip(origins, profile.enforce(label), strict=True))
            begin += len(label) + 1

    return by_label(prepare), pieces


def _to_ascii(label: str) -> str:
    """Check that ToASCII succeeds, with UseSTD3ASCIIRules: steps 3 to 8 of RFC 3490 section 4.1."""
    if not label:
        raise StringError("an empty label", _SECTION)
    for position, one in enumerate(label):
        if one.isascii() and not (one.isalnum() or one == "-"):
            raise StringError("a code point that domain names exclude", f"{_TO_ASCII}, step 3", position, one)
    for position in (0, len(label) - 1):
        if label[position] == "-":
            rule = "a label that begins or ends with a hyphen"
            raise StringError(rule, f"{_TO_ASCII}, step 3", position, "-")
    if not label.isascii() and label.startswith("xn--"):
        raise StringError("a label with the ACE prefix that is no ACE label", f"{_TO_ASCII}, step 5", 0)
    if encoded_length(label) > 63:
        raise StringError("a label of more than 63 octets", f"{_TO_ASCII}, step 8")
    return label


def _to_unicode(profile: Profile) -> Callable[[str], str]:
    """ToUnicode, which gives back what it cannot decode (RFC 3490 section 4.2)."""

    def decode(label: str) -> str:
        if not label.startswith("xn--") or not label.isascii():
            return label
        try:
            decoded = label[4:].encode("ascii").decode("punycode")
            again = profile.enforce(decoded)
            if again == decoded and f"xn--{decoded.encode('punycode').decode()}" == label:
                return _to_ascii(decoded)
        except (StringError, UnicodeError):
            pass
        return label

    return decode


def _profile(name: str, labels: Profile) -> Profile:
    prepare, pieces = _nameprep(labels)
    decode = _to_unicode(labels)
    return Profile(
        name,
        _SECTION,
        (
            Rule("trailing dot", _SECTION, strip_dot),
            Rule(
                "label separators", "RFC 3490 section 3.1", lambda text: "".join(map(_separate, text)), each(_separate)
            ),
            Rule("nameprep", "RFC 3491", prepare, pieces),
            Rule("length of the name", "RFC 1034 section 3.1", short(_SECTION)),
            Rule("ToASCII", _TO_ASCII, by_label(_to_ascii)),
            Rule("ToUnicode", _TO_UNICODE, by_label(decode)),
        ),
        passes=1,
    )


DOMAINPART_2003: Final = _profile("domainpart of IDNA 2003", NAMEPREP)
"""What is stored: Unicode 3.2 alone."""
DOMAINPART_2003_QUERY: Final = _profile("domainpart of IDNA 2003, query", NAMEPREP_QUERY)
"""What is asked for: later code points pass as they are."""
