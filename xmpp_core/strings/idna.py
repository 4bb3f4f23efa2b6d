"""Domainparts (RFC 7622 section 3.2): IDNA 2008 labels, and literals of IP addresses."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

from .bidi import check_direction
from .context import check_contexts
from .errors import StringError
from .mappings import each, narrowed, normal_form, segments, width
from .profile import Profile, Rule, Step

__all__ = ["DOMAINPART", "IP_LITERAL", "LONGEST_NAME", "domainpart", "domainpart_steps", "idna_version", "literal"]

LONGEST_NAME: Final = 253
"""What RFC 1034 section 3.1 leaves of 255 octets for the text of a name, its labels as A-labels."""

_ASCII: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
# RFC 5895 section 2, step 4; the fullwidth and halfwidth forms are mapped by its step 2.
DOTS: Final = (".", "\u3002", "\uff0e", "\uff61")
_SECTION: Final = "RFC 7622 section 3.2"
_PREPARATION: Final = "RFC 7622 section 3.2.1"
_MAPPING: Final = "RFC 5895 section 2"
# RFC 6874 section 2.
_ZONE: Final = re.compile(r"%25((?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+)\Z")


def idna_version() -> str:
    """Tell which version of Unicode the tables of the `idna` package are of."""
    from idna import idnadata

    return str(idnadata.__version__)


def domainpart(text: str) -> str:
    """Prepare a domainpart: lower case, U-labels, no trailing dot; raises `StringError`."""
    if text.isascii():
        name = text.lower()
        if len(name) <= LONGEST_NAME and "xn--" not in name and _ASCII.fullmatch(name) is not None:
            return name
        if text[:1] == "[":
            return IP_LITERAL.enforce(text)
    return DOMAINPART.enforce(text)


def domainpart_steps(text: str) -> list[Step]:
    """Report how a domainpart is prepared, rule by rule."""
    return (IP_LITERAL if text[:1] == "[" else DOMAINPART).steps(text)


def literal(text: str) -> str:
    """Normalise an IPv6 address in brackets, as RFC 5952 writes it, a zone behind %25 (RFC 6874) as it is."""
    text = text.removesuffix(".")
    zone = _ZONE.search(text[:-1])
    try:
        if not text.endswith("]") or (zone is None and "%" in text):
            raise ValueError
        address = ipaddress.IPv6Address(text[1:-1] if zone is None else text[1 : zone.start()])
        # Written alike by every Python: only from 3.13 on does str() follow RFC 5952 section 5 here.
        inner = str(address) if address.ipv4_mapped is None else f"::ffff:{address.ipv4_mapped}"
        return f"[{inner}]" if zone is None else f"[{inner}{zone[0]}]"
    except ValueError:
        raise StringError("no IPv6 address in brackets", _PREPARATION) from None


def strip_dot(text: str) -> str:
    """Strip one label separator from the end: before anything else, says RFC 7622 section 3.2."""
    return text[:-1] if text.endswith(DOTS) else text


def _lower(one: str) -> str:
    # Code point by code point, as RFC 5895 and UTS 46 do: a final sigma depends on no neighbour. Cherokee folds
    # to its capitals, and those are what IDNA allows (RFC 5892 section 2.2).
    return one if one.casefold() == one else one.lower()


def _separate(one: str) -> str:
    return "." if one in DOTS else one


def by_label(check: Callable[[str], str]) -> Callable[[str], str]:
    """Make a rule for one label a rule for all, with the place of an error in the whole name."""

    def apply(text: str) -> str:
        made = []
        begin = 0
        for label in text.split("."):
            try:
                made.append(check(label))
            except StringError as error:
                if error.position is None:
                    raise
                raise error.at(begin + error.position) from None
            begin += len(label) + 1
        return ".".join(made)

    return apply


def _pieces_by_label(check: Callable[[str], str]) -> Callable[[str], Iterator[tuple[int, str]]]:
    def pieces(text: str) -> Iterator[tuple[int, str]]:
        begin = 0
        for number, label in enumerate(text.split(".")):
            if number:
                yield begin - 1, "."
            made = check(label)
            if made == label:
                yield from enumerate(label, begin)
            else:
                yield begin, made
            begin += len(label) + 1

    return pieces


def _unicode(label: str) -> str:
    """Turn an A-label into its U-label (RFC 5891 section 5.3); any other label stays."""
    if not label.startswith("xn--"):
        return label
    from idna import IDNAError, ulabel

    try:
        decoded = label[4:].encode("ascii").decode("punycode")
        if decoded.isascii() or f"xn--{decoded.encode('punycode').decode()}" != label:
            raise UnicodeError
        _check(decoded)
        return ulabel(label)
    except StringError as error:  # what it stands for is at fault; the place is that of the A-label
        raise error.at(0) from None
    except (IDNAError, UnicodeError):
        raise StringError("an A-label that stands for no U-label", "RFC 5890 section 2.3.2.1", 0) from None


def _check(label: str) -> str:
    """Check a label: RFC 5891 section 4.2, with the tables of the `idna` package."""
    if not label:
        raise StringError("an empty label", _SECTION)
    for position in (0, len(label) - 1):
        if label[position] == "-":
            raise StringError("a label that begins or ends with a hyphen", "RFC 5891 section 4.2.3.1", position, "-")
    if label.isascii():
        for position, one in enumerate(label):
            if not (one.isalnum() or one in "-_") or one.isupper():
                raise StringError("a code point that domain names exclude", _SECTION, position, one)
        if len(label) > 63:
            raise StringError("a label of more than 63 octets", "RFC 1034 section 3.1")
        return label
    _check_international(label)
    return label


def _check_international(label: str) -> None:
    from idna import IDNAError, InvalidCodepoint, check_label

    if not unicodedata.is_normalized("NFC", label):
        raise StringError("a label that is not in normal form C", "RFC 5891 section 5.3")
    if label[2:4] == "--":
        raise StringError("a label with hyphens as third and fourth", "RFC 5891 section 4.2.3.1", 2, "-")
    if unicodedata.category(label[0])[0] == "M":
        raise StringError("a label that begins with a combining mark", "RFC 5891 section 4.2.3.2", 0, label[0])
    if encoded_length(label) > 63:
        raise StringError("a label of more than 63 octets as an A-label", "RFC 5891 section 4.2.4")
    for position, one in enumerate(label):
        if valid_alone(one) is False:
            raise StringError("a code point that IDNA 2008 excludes", "RFC 5892 section 2", position, one)
    check_contexts(label)
    check_direction(label)
    try:
        check_label(label)
    except InvalidCodepoint:
        raise StringError("a code point that IDNA 2008 excludes", "RFC 5892 section 2") from None
    except (IDNAError, UnicodeError):
        raise StringError("a label that IDNA 2008 excludes", "RFC 5891 section 4.2") from None


def valid_alone(character: str) -> bool | None:
    """Whether a code point is valid in a label (RFC 5892 section 2); None for one that needs a context."""
    from idna import idnadata
    from idna.intranges import intranges_contain

    code = ord(character)
    if intranges_contain(code, idnadata.codepoint_classes["PVALID"]):
        return True
    for name in ("CONTEXTJ", "CONTEXTO"):
        if intranges_contain(code, idnadata.codepoint_classes[name]):
            return None
    return False


def encoded_length(label: str) -> int:
    """How many octets a label takes in the domain name system, as an A-label if need be."""
    if label.isascii():
        return len(label)
    try:
        return 4 + len(label.encode("punycode"))
    except UnicodeError:  # a surrogate, which a later rule refuses
        return len(label)


def short(section: str) -> Callable[[str], str]:
    """Make the rule that a name is there and fits the domain name system; `section` says that it must be there."""

    def check(text: str) -> str:
        if not text:
            raise StringError("nothing", section)
        if len(text) > LONGEST_NAME or sum(map(encoded_length, text.split("."))) + text.count(".") > LONGEST_NAME:
            raise StringError("a name of more than 253 octets", "RFC 1034 section 3.1")
        return text

    return check


IP_LITERAL: Final = Profile("IP literal", _SECTION, (Rule("IPv6 address", _PREPARATION, literal),), passes=1)
"""An IPv6 address in brackets."""

DOMAINPART: Final = Profile(
    "domainpart",
    _SECTION,
    (
        Rule("trailing dot", _SECTION, strip_dot),
        Rule("lower case", _MAPPING, lambda text: "".join(map(_lower, text)), each(_lower)),
        Rule("width mapping", _MAPPING, width, each(narrowed)),
        Rule("normalization NFC", _MAPPING, normal_form("NFC"), segments("NFC")),
        Rule("label separators", _MAPPING, lambda text: "".join(map(_separate, text)), each(_separate)),
        Rule("length of the name", "RFC 1034 section 3.1", short(_SECTION)),
        Rule("A-labels to U-labels", _PREPARATION, by_label(_unicode), _pieces_by_label(_unicode)),
        Rule("labels", "RFC 5891 section 4.2", by_label(_check)),
    ),
    passes=1,
)
"""A domain name, or an IPv4 address, which is written as one."""
