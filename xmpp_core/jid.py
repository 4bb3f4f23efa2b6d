"""XMPP addresses (RFC 7622): immutable, prepared, compared by their prepared parts."""

from __future__ import annotations

import re
import unicodedata
from functools import total_ordering
from typing import Final, NoReturn

from .errors import XMPPError
from .strings.errors import StringError
from .strings.idna import domainpart
from .strings.precis import opaque_string, username_case_mapped

__all__ = ["JID", "KNOWN_GOOD", "JIDError", "is_address"]

_LONGEST: Final = 1023
_PLAIN_LOCAL: Final = re.compile(r"[a-z0-9!#$%()*+,\-.;=?\[\\\]^_`{|}~]{1,1023}")
_PLAIN_DOMAIN: Final = re.compile(
    r"(?=.{1,1023}\Z)(?!.*xn--)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_PLAIN_RESOURCE: Final = re.compile(r"[!-~][ -~]{0,1022}")
_FORBIDDEN: Final = frozenset("\"&'/:<>@")
_MOST_KNOWN: Final = 8192

KNOWN_GOOD: dict[str, JID] = {}
"""Strings known to be addresses. Bounded; membership is the quickest check there is."""
_OLDER: dict[str, JID] = {}


class JIDError(XMPPError, ValueError):
    """A string is no address.

    `part` is "localpart", "domainpart" or "resourcepart", `rule` what is broken, `section` where that is
    written, `position` the index in the part and `code_point` the character at fault, if there is one.
    """

    def __init__(
        self, part: str, rule: str, section: str, position: int | None = None, code_point: str | None = None
    ) -> None:
        where = ""
        if code_point is not None:
            where = f": U+{ord(code_point):04X} {unicodedata.name(code_point, 'without a name')}"
            where += f" at index {position}" if position is not None else ""
        super().__init__(f"the {part} holds {rule}{where} ({section})")
        self.part = part
        self.rule = rule
        self.section = section
        self.position = position
        self.code_point = code_point


@total_ordering
class JID:
    """An address `localpart@domainpart/resourcepart`, prepared by RFC 7622 when made.

    `JID(text)` parses; `JID.of(...)` builds from parts. Both raise `JIDError`.
    """

    __slots__ = ("_domain", "_hash", "_local", "_resource", "_text")

    _local: str | None
    _domain: str
    _resource: str | None
    _text: str
    _hash: int

    def __new__(cls, text: str) -> JID:  # noqa: PYI034, D102  # a cache gives what it has; the class has the text
        known = KNOWN_GOOD.get(text)
        if known is not None:
            return known
        known = _OLDER.get(text)
        if known is None:
            known = _parse(text)
        return _remember(text, known)

    @classmethod
    def of(cls, local: str | None, domain: str, resource: str | None = None) -> JID:
        """Build an address from parts; None stands for an absent part, "" for an error."""
        return _make(
            None if local is None else _prepare_local(local),
            _prepare_domain(domain),
            None if resource is None else _prepare_resource(resource),
        )

    @property
    def local(self) -> str | None:
        """The localpart, None if there is none."""
        return self._local

    @property
    def domain(self) -> str:
        """The domainpart."""
        return self._domain

    @property
    def resource(self) -> str | None:
        """The resourcepart, None if there is none."""
        return self._resource

    @property
    def bare(self) -> JID:
        """The address without its resourcepart."""
        return self if self._resource is None else _make(self._local, self._domain, None)

    @property
    def is_bare(self) -> bool:
        """Whether there is no resourcepart."""
        return self._resource is None

    @property
    def is_full(self) -> bool:
        """Whether there is a resourcepart."""
        return self._resource is not None

    def with_resource(self, resource: str) -> JID:
        """Give the address with this resourcepart; raises `JIDError`."""
        return _make(self._local, self._domain, _prepare_resource(resource))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("an address cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("an address cannot be changed")

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"JID({self._text!r})"

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return self._text == other._text if isinstance(other, JID) else NotImplemented

    def __lt__(self, other: object) -> bool:
        return self._key() < other._key() if isinstance(other, JID) else NotImplemented

    def _key(self) -> tuple[str, str, str]:
        return self._domain, self._local or "", self._resource or ""

    def __reduce__(self) -> tuple[type[JID], tuple[str]]:
        return JID, (self._text,)

    def __copy__(self) -> JID:
        return self

    def __deepcopy__(self, memo: object) -> JID:
        return self


def is_address(text: str) -> bool:
    """Whether `text` is an address; never raises."""
    if text in KNOWN_GOOD:
        return True
    try:
        JID(text)
    except JIDError:
        return False
    return True


def _remember(text: str, jid: JID) -> JID:
    """Two generations: a flood of new addresses pushes out the older one, not what is in use."""
    global _OLDER
    if len(text) <= 3 * _LONGEST + 2:
        if len(KNOWN_GOOD) >= _MOST_KNOWN:
            _OLDER = dict(KNOWN_GOOD)
            KNOWN_GOOD.clear()
        KNOWN_GOOD[text] = jid
    return jid


def _make(local: str | None, domain: str, resource: str | None) -> JID:
    jid = object.__new__(JID)
    put = object.__setattr__
    put(jid, "_local", local)
    put(jid, "_domain", domain)
    put(jid, "_resource", resource)
    text = domain if local is None else f"{local}@{domain}"
    if resource is not None:
        text = f"{text}/{resource}"
    put(jid, "_text", text)
    put(jid, "_hash", hash(text))
    return jid


def _parse(text: str) -> JID:
    """Split as RFC 7622 section 3.2 says, before anything is mapped: first '/', then first '@'."""
    if not isinstance(text, str):
        raise TypeError("an address is made from a str")
    left, slash, resource = text.partition("/")
    local, at, domain = left.partition("@")
    if not at:
        local, domain = "", left
    return _make(
        _prepare_local(local) if at else None,
        _prepare_domain(domain),
        _prepare_resource(resource) if slash else None,
    )


def _prepare_local(text: str) -> str:
    if _PLAIN_LOCAL.fullmatch(text):
        return text
    if not text:
        raise JIDError("localpart", "nothing", "RFC 7622 section 3.3.1")
    try:
        prepared = username_case_mapped(text)
    except StringError as error:
        raise JIDError("localpart", error.rule, error.section, error.position, error.code_point) from None
    for position, one in enumerate(prepared):
        if one in _FORBIDDEN:
            raise JIDError("localpart", "an excluded character", "RFC 7622 section 3.3.1", position, one)
    return _measured("localpart", prepared, "RFC 7622 section 3.3.1")


def _prepare_domain(text: str) -> str:
    if _PLAIN_DOMAIN.fullmatch(text):
        return text
    try:
        prepared = domainpart(text)
    except StringError as error:
        raise JIDError("domainpart", error.rule, error.section, error.position, error.code_point) from None
    return _measured("domainpart", prepared, "RFC 7622 section 3.2")


def _prepare_resource(text: str) -> str:
    if _PLAIN_RESOURCE.fullmatch(text):
        return text
    if not text:
        raise JIDError("resourcepart", "nothing", "RFC 7622 section 3.4.1")
    try:
        prepared = opaque_string(text)
    except StringError as error:
        raise JIDError("resourcepart", error.rule, error.section, error.position, error.code_point) from None
    if prepared[0] == " ":
        raise JIDError("resourcepart", "a leading space", "RFC 7622 section 3.5, example 18", 0, " ")
    return _measured("resourcepart", prepared, "RFC 7622 section 3.4.1")


def _measured(part: str, prepared: str, section: str) -> str:
    try:
        octets = len(prepared.encode())
    except UnicodeEncodeError:
        raise JIDError(part, "a surrogate", section) from None
    if octets > _LONGEST:
        raise JIDError(part, f"more than {_LONGEST} octets", section)
    return prepared
