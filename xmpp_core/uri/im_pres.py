"""`im:` and `pres:` URIs: the common profiles of RFC 3860 and RFC 3859, resolved by RFC 3861."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from ..jid import JID, JIDError
from .errors import URIError
from .percent import decoded, encoded, measured

__all__ = ["CommonProfileURI"]

_SYNTAX: Final = {"im": "RFC 3860 appendix A.2", "pres": "RFC 3859 appendix A.2"}
# `uric` of RFC 2396, less what ends the part; RFC 2846 and appendix B.2 of RFC 3860 put "/" and "=" into a local-part.
_LOCAL: Final = re.compile(r"(?:[A-Za-z0-9\-_.!~*'();/:&=+$,]++|%[0-9A-Fa-f]{2})*+")
_HOST: Final = re.compile(r"(?:[A-Za-z0-9\-_.]++|%[0-9A-Fa-f]{2})*+")
_HEADER: Final = re.compile(r"(?:[A-Za-z0-9\-_.!~*'();/?:@=+$,]++|%[0-9A-Fa-f]{2})*+")
# RFC 3922 section 3.2, step 4, but for "?", which would begin the headers, and "-", which RFC 3986 section 2.3 leaves.
_BARE_LOCAL: Final = re.compile(r"[A-Za-z0-9!$*._~+=\-]+")
_BARE: Final = re.compile(r"[A-Za-z0-9\-._~]+")
# RFC 3922 sections 3.2 and 3.3: characters that no localpart holds.
_TO_JID: Final = str.maketrans({"&": "#26;", "'": "#27;", "/": "#2f;"})
_FROM_JID: Final = re.compile("#(26|27|2f);")
_PROTOCOL: Final = re.compile("[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class CommonProfileURI:
    """An `im:` URI, which names an instant inbox, or a `pres:` URI, which names a presentity.

    `scheme` is "im" or "pres"; `jid` the same address for XMPP, by RFC 3922 section 3.3, None if the URI has
    headers alone; `headers` name and value, decoded, in their order. Building one raises `URIError` if
    the address has a resourcepart, or no localpart.
    """

    scheme: str
    jid: JID | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.scheme not in _SYNTAX:
            raise URIError("scheme", 'neither "im" nor "pres"', "RFC 3861 section 3")
        if self.jid is not None:
            if self.jid.resource is not None:
                raise URIError("resourcepart", "something, where none is", "RFC 3922 section 3.2")
            if self.jid.local is None:
                raise URIError("localpart", "nothing", _SYNTAX[self.scheme])
        for pair in self.headers:
            for text in pair:
                encoded(text, _BARE, iri=False, part="headers")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one; raises `URIError`, and nothing else for any `str`."""
        scheme, colon, rest = text.partition(":")
        scheme = scheme.lower()
        if not colon or scheme not in _SYNTAX:
            raise URIError("scheme", 'neither "im" nor "pres"', "RFC 3861 section 3", 0 if text else None)
        section = _SYNTAX[scheme]
        start = len(scheme) + 1
        to, question, written = rest.partition("?")
        jid = _address(to, start, section) if to else None
        headers = []
        at = start + len(to) + 1
        for one in written.split("&") if question else ():
            name, equals, value = one.partition("=")
            if not equals:
                raise URIError("headers", 'a name without "="', section, at)
            pair = []
            for each, begin in ((name, at), (value, at + len(name) + 1)):
                measured(each, _HEADER, "headers", section, begin)
                pair.append(decoded(each, "headers", begin))
            headers.append((pair[0], pair[1]))
            at += len(one) + 1
        return cls(scheme, jid, tuple(headers))

    def srv_names(self, protocols: Iterable[str] = ("xmpp",)) -> tuple[str, ...]:
        """Give the DNS names whose SRV records say who serves this, one a protocol, in order (RFC 3861 section 3).

        Protocols are labels without the underscore; the default is the one RFC 3921 section 15 registered.
        A URI without an address, and one whose domain is an IP address, has no such names. Raises
        `ValueError` for a protocol that cannot be a label. No lookup is made here.
        """
        if self.jid is None or self.jid.domain[0] == "[" or _is_ipv4(self.jid.domain):
            return ()
        domain = ".".join(_a_label(label) for label in self.jid.domain.split("."))
        names = []
        for protocol in protocols:
            if _PROTOCOL.fullmatch(protocol) is None:
                raise ValueError("a protocol is one label of a domain name, without its underscore")
            names.append(f"_{self.scheme}._{protocol}.{domain}.")
        return tuple(names)

    def __str__(self) -> str:
        parts = [self.scheme, ":"]
        if self.jid is not None and self.jid.local is not None:
            local = _FROM_JID.sub(lambda found: chr(int(found[1], 16)), self.jid.local)
            parts += (encoded(local, _BARE_LOCAL, iri=False), "@", encoded(self.jid.domain, _BARE, iri=False))
        mark = "?"
        for name, value in self.headers:
            parts += (mark, encoded(name, _BARE, iri=False), "=", encoded(value, _BARE, iri=False))
            mark = "&"
        return "".join(parts)


def _address(text: str, start: int, section: str) -> JID:
    """RFC 3922 section 3.3; the localpart is prepared as RFC 7622 asks, not by nodeprep."""
    local, at, domain = text.partition("@")
    if not at:
        raise URIError("localpart", 'no "@" after it', section, start)
    domain_start = start + len(local) + 1
    measured(local, _LOCAL, "localpart", section, start)
    measured(domain, _HOST, "domainpart", section, domain_start)
    plain = decoded(local, "localpart", start)
    host = decoded(domain, "domainpart", domain_start)
    if host[:1] == "[":
        raise URIError("domainpart", "an IP address, where a domain name must be", "RFC 3861 section 3", domain_start)
    try:
        return JID.of(plain.translate(_TO_JID), host)
    except JIDError as error:
        where = start if error.part == "localpart" else domain_start
        raise URIError(error.part or "domainpart", error.rule, error.section, where, None) from error


def _is_ipv4(domain: str) -> bool:
    parts = domain.split(".")
    return len(parts) == 4 and all(
        one.isascii() and one.isdecimal() and len(one) <= 3 and int(one) < 256 for one in parts
    )


def _a_label(label: str) -> str:
    if label.isascii():
        return label
    import idna

    return idna.alabel(label).decode("ascii")
