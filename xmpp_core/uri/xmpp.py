"""`xmpp:` URIs and IRIs (RFC 5122)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from ..jid import JID, JIDError
from .actions import Action, action_of
from .errors import URIError
from .percent import SUBDELIMS, UNRESERVED, decoded, encoded, measured, normal, places
from .query import Query

__all__ = ["XmppURI"]

_SECTION: Final = "RFC 5122 section 2.2"
_NODEALLOW: Final = "!$()*+,;="
_RESALLOW: Final = "!$&'()*+,:;="
_SCHEME: Final = re.compile("[A-Za-z][A-Za-z0-9+.-]*")


def _rule(allowed: str) -> re.Pattern[str]:
    return re.compile(rf"(?:[{UNRESERVED}{allowed}\x80-\U0010ffff]++|%[0-9A-Fa-f]{{2}})*+")


def _bare(allowed: str) -> re.Pattern[str]:
    return re.compile(f"[{UNRESERVED}{allowed}]+")


_RULES: Final = {
    "localpart": _rule(_NODEALLOW),
    "domainpart": _rule(SUBDELIMS),
    "resourcepart": _rule(_RESALLOW),
}
# RFC 6874 section 2: a zone is behind "%25", and stays as it is written.
_LITERAL: Final = re.compile(rf"\[[0-9A-Fa-f:.]*+(?:%25(?:[{UNRESERVED}]|%[0-9A-Fa-f]{{2}})++)?\]")
_FRAGMENT: Final = _rule(SUBDELIMS + ":@/?")
_ASCII: Final = re.compile(r"[\x00-\x7f]+")
_BARE_LOCAL: Final = _bare(_NODEALLOW)
_BARE_DOMAIN: Final = _bare("")
_BARE_RESOURCE: Final = _bare(_RESALLOW)
_ADDRESS: Final = {"localpart": 0, "domainpart": 1, "resourcepart": 2}


@dataclass(frozen=True, slots=True)
class XmppURI:
    """Whom an `xmpp:` URI or IRI names, and what it suggests to do there (RFC 5122).

    `jid` is the address of the path, None if there is only an authority; `query` what to do; `fragment` is
    still percent-encoded, because only who knows its syntax can decode it (section 2.6); `authority` is
    whom to authenticate as, to be ignored where an account is configured (section 2.8.1).

    Equal URIs are those whose parts are equal: `XmppURI.parse(str(uri)) == uri`, and likewise for `uri.iri`.
    Building one raises `URIError` for a fragment or an authority that cannot be.
    """

    jid: JID | None
    query: Query | None = None
    fragment: str | None = None
    authority: JID | None = None

    def __post_init__(self) -> None:
        if self.authority is not None and (self.authority.local is None or self.authority.resource is not None):
            raise URIError("authority", "something else than localpart@domainpart", _SECTION)
        if self.authority is None and self.jid is None:
            raise URIError("domainpart", "nothing, and there is no authority either", _SECTION)
        if self.fragment is not None:
            measured(self.fragment, _FRAGMENT, "fragment", "RFC 3986 section 3.5")
            object.__setattr__(self, "fragment", normal(self.fragment))

    @classmethod
    def parse(cls, text: str, *, strict: bool = False) -> Self:
        """Read a URI or an IRI; raises `URIError`, and nothing else for any `str`.

        The address is read by the syntax of section 2.2 to the letter: who may be meant is no matter of
        tolerance. `strict` asks the same of the query; see `Query.parse`.
        """
        scheme, colon, rest = text.partition(":")
        if not colon or _SCHEME.fullmatch(scheme) is None:
            raise URIError("scheme", "no scheme", "RFC 3986 section 3.1", 0 if text else None)
        if scheme.lower() != "xmpp":
            raise URIError("scheme", 'another scheme than "xmpp"', "RFC 5122 section 3.1", 0)
        rest, sharp, fragment = rest.partition("#")
        path, question, asked = rest.partition("?")
        at = len(scheme) + 1
        asked_at = at + len(path) + 1
        authority = jid = None
        if path.startswith("//"):
            user, slash, path = path[2:].partition("/")
            authority = _authority(user, at + 2)
            at += 2 + len(user) + len(slash)
        if path or authority is None:
            jid = _address(path, at)
        if sharp:
            measured(fragment, _FRAGMENT, "fragment", "RFC 3986 section 3.5", len(text) - len(fragment))
        return cls(
            jid,
            Query.parse(asked, strict=strict, start=asked_at) if question else None,
            fragment if sharp else None,
            authority,
        )

    @property
    def uri(self) -> str:
        """The URI: ASCII alone, all else percent-encoded in UTF-8 (section 3.3)."""
        return self._written(iri=False)

    @property
    def iri(self) -> str:
        """The IRI: characters beyond ASCII stand for themselves (section 2.2)."""
        return self._written(iri=True)

    @property
    def action(self) -> Action | None:
        """What the query asks for, if its type is registered, else None: such a query is ignored (section 2.5).

        Raises `URIError` if a registered key holds what it cannot mean, or is there twice.
        """
        return None if self.query is None else action_of(self.query)

    def __str__(self) -> str:
        return self._written(iri=False)

    def _written(self, *, iri: bool) -> str:
        parts = ["xmpp:"]
        if self.authority is not None:
            parts += ("//", _address_written(self.authority, iri=iri), "" if self.jid is None else "/")
        if self.jid is not None:
            parts.append(_address_written(self.jid, iri=iri))
        if self.query is not None:
            parts += ("?", self.query.written(iri=iri))
        if self.fragment is not None:
            # The percent signs in it belong to it; only what is beyond ASCII is to be encoded.
            parts += ("#", self.fragment if iri else encoded(self.fragment, _ASCII, iri=False))
        return "".join(parts)


def _address_written(jid: JID, *, iri: bool) -> str:
    local = "" if jid.local is None else encoded(jid.local, _BARE_LOCAL, iri=iri) + "@"
    domain = jid.domain if jid.domain[0] == "[" else encoded(jid.domain, _BARE_DOMAIN, iri=iri)
    resource = "" if jid.resource is None else "/" + encoded(jid.resource, _BARE_RESOURCE, iri=iri)
    return local + domain + resource


def _authority(text: str, start: int) -> JID:
    if "@" not in text:
        raise URIError("authority", 'no "@": it names an account', "RFC 5122 section 2.3", start)
    return _address(text, start)


def _address(text: str, start: int) -> JID:
    """The address in `text`, which begins at `start`: split first, decoded afterwards."""
    left, slash, resource = text.partition("/")
    local, at, domain = left.partition("@")
    if not at:
        local, domain = "", left
    written = (local, domain, resource)
    starts = (start, start + len(left) - len(domain), start + len(left) + 1)
    plain: list[str] = []
    for (part, index), one in zip(_ADDRESS.items(), written, strict=True):
        if part == "domainpart" and one[:1] == "[":
            _check_literal(one, starts[index])
            plain.append(one)
            continue
        if part == "domainpart" and ":" in one:
            colon = starts[index] + one.index(":")
            raise URIError(part, "a port, which no XMPP URI has", "RFC 5122 section 5.2", colon, ":")
        measured(one, _RULES[part], part, _SECTION, starts[index])
        plain.append(decoded(one, part, starts[index]))
    try:
        return JID.of(plain[0] if at else None, plain[1], plain[2] if slash else None)
    except JIDError as error:
        at_fault = _ADDRESS.get(error.part or "", 1)
        place = _place(error.position, plain[at_fault], written[at_fault])
        position = None if place is None else starts[at_fault] + place
        raise URIError(error.part or "domainpart", error.rule, error.section, position, error.code_point) from error


def _check_literal(text: str, start: int) -> None:
    if _LITERAL.fullmatch(text) is None:
        raise URIError("domainpart", "no IP address in brackets", "RFC 3986 section 3.2.2", start, "[")


def _place(position: int | None, plain: str, written: str) -> int | None:
    """Where a character of the decoded part is in the part as written; an empty part is where it should be."""
    if not plain:
        return 0
    return None if position is None else places(written)[position]
