"""The names a certificate presents: entries of subjectAltName (RFC 5280 section 4.2.1.6), and common names."""

from __future__ import annotations

import enum
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..jid import JID, JIDError
from .der import OBJECT_IDENTIFIER, SEQUENCE, SET, DerError, Reader, context, oid_text

__all__ = ["MOST_NAMES", "SRV_NAME", "XMPP_ADDR", "Name", "NameKind", "alternative_names", "common_names"]

XMPP_ADDR: Final = "1.3.6.1.5.5.7.8.5"
"""id-on-xmppAddr (RFC 6120 section 13.7.1.4)."""
SRV_NAME: Final = "1.3.6.1.5.5.7.8.7"
"""id-on-dnsSRV (RFC 4985 section 2)."""

MOST_NAMES: Final = 4096
"""A certificate with more names is not read: each becomes many times as large as it was."""

_COMMON_NAME: Final = "2.5.4.3"
_UTF8_STRING: Final = 0x0C
_IA5_STRING: Final = 0x16
_ENCODINGS: Final = {
    _UTF8_STRING: "utf-8",
    0x12: "ascii",
    0x13: "ascii",
    0x14: "latin-1",
    _IA5_STRING: "ascii",
    0x1A: "ascii",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
_STRINGS: Final = {
    _UTF8_STRING: "UTF8String",
    0x12: "NumericString",
    0x13: "PrintableString",
    0x14: "TeletexString",
    _IA5_STRING: "IA5String",
    0x1A: "VisibleString",
    0x1C: "UniversalString",
    0x1E: "BMPString",
}
_OTHER_NAME: Final = context(0, constructed=True)
_VALUE: Final = context(0, constructed=True)
# Labels as RFC 5280 section 4.2.1.6 has them by RFC 1034 section 3.5; "_" because hosts have it all the same.
_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_SERVICE: Final = re.compile(r"_[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_LONGEST_HOST: Final = 253
# RFC 7622 section 3.1: three parts of at most 1023 octets, and what separates them.
_LONGEST_ADDRESS: Final = 3071
_LONGEST_SHOWN: Final = 1024


class NameKind(enum.Enum):
    """What kind of name a certificate presents; the value is the specifications' word for it."""

    XMPP_ADDR = "xmppAddr"
    SRV_NAME = "SRVName"
    DNS_NAME = "dNSName"
    IP_ADDRESS = "iPAddress"
    URI = "uniformResourceIdentifier"
    EMAIL = "rfc822Name"
    DIRECTORY_NAME = "directoryName"
    OTHER_NAME = "otherName"
    OTHER = "another kind"
    COMMON_NAME = "CN"


_TAGS: Final = {
    context(1, constructed=False): NameKind.EMAIL,
    context(2, constructed=False): NameKind.DNS_NAME,
    context(4, constructed=True): NameKind.DIRECTORY_NAME,
    context(6, constructed=False): NameKind.URI,
    context(7, constructed=False): NameKind.IP_ADDRESS,
}


@dataclass(frozen=True, slots=True)
class Name:
    """One presented name, and what is wrong with it.

    `text` is for people and may hold anything the issuer wrote. With `fault` None the rest is usable: `jid`
    of an xmppAddr; `host`, lower case, of a dNSName, an SRVName and an iPAddress (as Python writes it);
    `service`, such as "_xmpp-client", of an SRVName; `wildcard`: the left-most label stands for any one.
    """

    kind: NameKind
    text: str
    fault: str | None = None
    section: str = ""
    jid: JID | None = None
    host: str = ""
    service: str = ""
    wildcard: bool = False


def alternative_names(value: bytes) -> Iterator[Name]:
    """Give the entries of a subjectAltName, one after the other; raises `DerError` where there are none to tell apart.

    What is wrong inside one entry is that entry's `fault`, and the next follows.
    """
    outer = Reader(value)
    entries = outer.enter(SEQUENCE)
    outer.done()
    left = MOST_NAMES
    while entries.more:
        if not left:
            raise DerError(f"more than {MOST_NAMES} names")
        left -= 1
        tag, octets = entries.any()
        if tag == _OTHER_NAME:
            yield _other_name(octets)
            continue
        kind = _TAGS.get(tag, NameKind.OTHER)
        if kind is NameKind.DNS_NAME:
            yield _dns_name(octets)
        elif kind is NameKind.IP_ADDRESS:
            yield _address(octets)
        elif kind in (NameKind.URI, NameKind.EMAIL):
            yield Name(kind, _shown(octets))
        else:
            yield Name(kind, f"{len(octets)} octets")


def common_names(subject: bytes) -> tuple[str, ...]:
    """Give the common names of a subject, for people; raises `DerError`."""
    outer = Reader(subject)
    sets = outer.enter(SEQUENCE)
    outer.done()
    found: list[str] = []
    while sets.more:
        attributes = sets.enter(SET)
        while attributes.more:
            if len(found) == MOST_NAMES:
                raise DerError(f"more than {MOST_NAMES} names")
            attribute = attributes.enter(SEQUENCE)
            kind = attribute.oid()
            tag, octets = attribute.any()
            attribute.done()
            if kind == _COMMON_NAME:
                found.append(octets[:_LONGEST_SHOWN].decode(_ENCODINGS.get(tag, "latin-1"), "replace"))
    return tuple(found)


def _other_name(octets: bytes) -> Name:
    """Read AnotherName (RFC 5280 section 4.2.1.6): an identifier and, tagged explicitly, a value of its type."""
    kind = NameKind.OTHER_NAME
    text = ""
    try:
        reader = Reader(octets)
        identifier = oid_text(reader.contents(OBJECT_IDENTIFIER))
        text = identifier
        kind = {XMPP_ADDR: NameKind.XMPP_ADDR, SRV_NAME: NameKind.SRV_NAME}.get(identifier, kind)
        explicit = reader.enter(_VALUE)
        reader.done()
        tag, value = explicit.any()
        explicit.done()
    except DerError as error:
        return Name(kind, text, f"it holds {error}", "RFC 5280 section 4.2.1.6")
    if kind is NameKind.OTHER_NAME:
        return Name(kind, identifier)
    text = value[:_LONGEST_SHOWN].decode(_ENCODINGS.get(tag, "latin-1"), "replace")
    wanted = _UTF8_STRING if kind is NameKind.XMPP_ADDR else _IA5_STRING
    section = "RFC 6120 section 13.7.1.4" if kind is NameKind.XMPP_ADDR else "RFC 4985 section 2"
    if tag != wanted:
        found = _STRINGS.get(tag, f"value with identifier {tag:#04x}")
        return Name(kind, text, f"it is a {found}, not a {_STRINGS[wanted]}", section)
    if kind is NameKind.XMPP_ADDR:
        return _xmpp_addr(value, text)
    return _srv_name(value, text)


def _xmpp_addr(value: bytes, text: str) -> Name:
    section = "RFC 6120 section 13.7.1.4"
    if len(value) > _LONGEST_ADDRESS:
        return Name(NameKind.XMPP_ADDR, text, "it is longer than any address", "RFC 7622 section 3.1")
    try:
        jid = JID(value.decode("utf-8"))
    except UnicodeDecodeError:
        return Name(NameKind.XMPP_ADDR, text, "it is not UTF-8", section)
    except JIDError as error:
        return Name(NameKind.XMPP_ADDR, text, f"it is no address: {error.rule}", error.section)
    if jid.resource is not None:
        return Name(NameKind.XMPP_ADDR, text, "it has a resourcepart, and accounts have none", section)
    return Name(NameKind.XMPP_ADDR, text, section=section, jid=jid)


def _srv_name(value: bytes, text: str) -> Name:
    section = "RFC 4985 section 2"
    if not value.isascii():
        return Name(NameKind.SRV_NAME, text, "it is not ASCII", section)
    service, dot, host = value.decode("ascii").partition(".")
    if not dot or _SERVICE.fullmatch(service) is None:
        return Name(NameKind.SRV_NAME, text, 'it does not begin with "_", a service and a dot', section)
    wildcard, host, fault, where = _host(host)
    return Name(NameKind.SRV_NAME, text, fault, where or section, host=host, service=service.lower(), wildcard=wildcard)


def _dns_name(octets: bytes) -> Name:
    if not octets.isascii():
        text = octets[:_LONGEST_SHOWN].decode("utf-8", "replace")
        return Name(NameKind.DNS_NAME, text, "it is not ASCII: names are written as A-labels", "RFC 5280 section 7.2")
    wildcard, host, fault, where = _host(octets[: _LONGEST_HOST + 3].decode("ascii"))
    return Name(NameKind.DNS_NAME, _shown(octets), fault, where or "RFC 9525 section 6.3", host=host, wildcard=wildcard)


def _host(text: str) -> tuple[bool, str, str | None, str]:
    """Judge a domain name that may begin with a wildcard: wildcard, lower case, fault, section."""
    bare = text.removeprefix("*.")
    wildcard = bare != text
    if "*" in bare:
        return wildcard, "", "a wildcard is the whole left-most label and nothing else", "RFC 9525 section 6.3"
    if len(bare) > _LONGEST_HOST or _HOST.fullmatch(bare) is None:
        return wildcard, "", "it is no domain name", "RFC 5280 section 4.2.1.6"
    if wildcard and "." not in bare:
        # Public suffixes are nobody's to speak for; those of one label can be told without a list.
        return wildcard, "", "a wildcard for a whole top-level domain", "RFC 9525 section 7.1"
    return wildcard, bare.lower(), None, ""


def _address(octets: bytes) -> Name:
    section = "RFC 9525 section 6.4"
    if len(octets) not in (4, 16):
        return Name(NameKind.IP_ADDRESS, octets[:32].hex(), "it has neither 4 nor 16 octets", section)
    text = str(ipaddress.ip_address(octets))
    return Name(NameKind.IP_ADDRESS, text, section=section, host=text)


def _shown(octets: bytes) -> str:
    return octets[:_LONGEST_SHOWN].decode("utf-8", "replace")
