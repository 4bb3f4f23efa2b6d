"""XMPP addresses: immutable, prepared when made, compared by what they were prepared to."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, total_ordering
from typing import TYPE_CHECKING, Final, final
from unicodedata import is_normalized

from ..strings.errors import StringError
from ..strings.letters import IN_LOCALPARTS, IN_RESOURCEPARTS, RIGHT_TO_LEFT
from .errors import JIDError
from .rules import LOCALPART, RESOURCEPART, RFC7622, Rules, checked, domain_kept

__all__ = ["JID", "KNOWN_GOOD", "LONGEST_KNOWN", "MOST_KNOWN", "MOST_NEW", "is_address"]

MOST_KNOWN: Final = 8192
"""How many texts `KNOWN_GOOD` holds at most, and as many wait behind it."""
LONGEST_KNOWN: Final = 256
"""Longer texts are never remembered."""
MOST_NEW: Final = 4096
"""How many of them may be new, seen once."""
# An address of the commonest kind, which neither set of rules changes or refuses: up to four labels of letters
# and digits can be no A-label, and no name that is too long.
_LABEL: Final = r"[a-z0-9]{1,62}+"
_PLAIN: Final = re.compile(
    r"[a-z0-9!#$%()*+,\-.;=?\[\\\]^_`{|}~]{1,1023}+@"
    rf"{_LABEL}\.{_LABEL}(?:\.{_LABEL}|)(?:\.{_LABEL}|)"
    r"(?:/[!-~][ -~]{0,1022}+|)"
)
_SELDOM: Final = 15


def _looking_up() -> Callable[[str], JID]:
    """Give what is called for a text that is not known: it costs a few calls, so each one counts."""
    left = 0
    plain = _PLAIN.fullmatch
    create = object.__new__

    def missing(text: str) -> JID:
        nonlocal left
        if plain(text):
            jid = create(JID)
            jid._text = text
            # To make a plain one anew costs little more than to keep it: one in sixteen is kept.
            if left:
                left -= 1
            else:
                left = _SELDOM
                KNOWN_GOOD.keep(text, jid)
            return jid
        return KNOWN_GOOD.parsed(text)

    return missing


@lru_cache(maxsize=1)
def _international() -> Callable[[str], re.Match[str] | None]:
    """Match the same with letters of many scripts; its domainpart is looked up, and it must be in normal form.

    Compiled when the first address needs it: that takes as long as all else the import does.
    """
    local = rf"(?:(?:[{IN_LOCALPARTS}]{{1,255}}+|[{RIGHT_TO_LEFT}]{{1,255}}+)@|)"
    return re.compile(rf"{local}([^@/]{{1,256}}+)(?:/(?! )[{IN_RESOURCEPARTS}]{{1,255}}+|)").fullmatch


class Known(dict[str, "JID"]):
    """Texts and their addresses; a text that is not there is parsed.

    Entries of three kinds: new ones are thrown out together when there are `MOST_NEW` of them, and wait; one
    that is asked for while it waits comes back to stay. So a flood of distinct addresses pushes out nothing but
    itself. When there are `MOST_KNOWN` in all, all go and wait.
    """

    __slots__ = ("_new", "_waiting")

    _new: list[str]
    _waiting: dict[str, JID]

    def __init__(self) -> None:
        super().__init__()
        self.forget()

    __missing__: Final = staticmethod(_looking_up())

    def parsed(self, text: str) -> JID:
        """Parse a text, or find it among those that wait; raises `JIDError`."""
        jid = self._waiting.get(text)
        if jid is None:
            if not isinstance(text, str):
                raise TypeError("an address is made from a str")
            found = _international()(text)
            if found is not None and is_normalized("NFC", text) and _is_domain(found[1]):
                jid = object.__new__(JID)
                jid._text = text
            else:
                jid = _parse(text, RFC7622)
        self.keep(text, jid)
        return jid

    def keep(self, text: str, jid: JID) -> None:
        """Remember a text, if it is not too long, and a bare `str`: others may keep whole documents alive."""
        if len(text) > LONGEST_KNOWN or type(text) is not str or text in self:
            return
        if text not in self._waiting:
            self._new.append(text)
            if len(self._new) > MOST_NEW:
                new, self._new = self._new, [text]
                new.pop()
                self._waiting = {one: self.pop(one) for one in new if one in self}
        if len(self) >= MOST_KNOWN:
            self._waiting = dict(self)
            self.clear()
            self._new = []
        self[text] = jid

    def forget(self) -> None:
        """Begin anew."""
        self.clear()
        self._new = []
        self._waiting = {}

    def count(self) -> int:
        """How many addresses are held in all: never more than twice `MOST_KNOWN`."""
        return len(self) + len(self._waiting)


KNOWN_GOOD: Final = Known()
"""Strings known to be addresses by RFC 7622. Bounded; membership is the quickest check there is."""


class _Interned(type):
    """Makes `JID(text)` one look-up in a dict: no function in Python is called for a text that is known."""

    if not TYPE_CHECKING:
        __call__ = KNOWN_GOOD.__getitem__


@final
@total_ordering
class JID(metaclass=_Interned):
    """An address `localpart@domainpart/resourcepart`, prepared when made.

    `JID(text)` parses by RFC 7622, `JID.parse(text, rules=...)` by other rules, `JID.of(...)` builds from
    parts. All raise `JIDError`. What is public of it is read-only. Two addresses are equal when they were
    prepared to the same text; they are ordered by domain, then localpart, then resource.
    """

    __slots__ = ("_parts", "_rules", "_text")

    _text: str
    _parts: tuple[str | None, str, str | None]
    _rules: Rules

    def __init__(self, text: str, /) -> None:
        # For signatures and type checkers: making one goes through the metaclass, and never comes here.
        raise NotImplementedError

    @classmethod
    def parse(cls, text: str, *, rules: Rules = RFC7622) -> JID:
        """Parse by the rules given; raises `JIDError`."""
        if rules is RFC7622:
            return KNOWN_GOOD[text]
        if not isinstance(text, str):
            raise TypeError("an address is made from a str")
        return _parse(text, rules)

    @classmethod
    def of(cls, local: str | None, domain: str, resource: str | None = None, *, rules: Rules = RFC7622) -> JID:
        """Build an address from parts; None stands for an absent part, "" for an error."""
        return _make(
            None if local is None else checked("localpart", local, rules),
            checked("domainpart", domain, rules),
            None if resource is None else checked("resourcepart", resource, rules),
            rules,
        )

    @property
    def local(self) -> str | None:
        """The localpart, None if there is none."""
        try:
            return self._parts[0]
        except AttributeError:
            return _split(self)[0]

    @property
    def domain(self) -> str:
        """The domainpart."""
        try:
            return self._parts[1]
        except AttributeError:
            return _split(self)[1]

    @property
    def resource(self) -> str | None:
        """The resourcepart, None if there is none."""
        try:
            return self._parts[2]
        except AttributeError:
            return _split(self)[2]

    @property
    def rules(self) -> Rules:
        """The rules it was prepared by."""
        try:
            return self._rules
        except AttributeError:
            return RFC7622

    @property
    def bare(self) -> JID:
        """The address without its resourcepart."""
        if "/" not in self._text:
            return self
        return _make(self.local, self.domain, None, self.rules)

    @property
    def is_bare(self) -> bool:
        """Whether there is no resourcepart."""
        return "/" not in self._text

    @property
    def is_full(self) -> bool:
        """Whether there is a resourcepart."""
        return "/" in self._text

    def with_resource(self, resource: str) -> JID:
        """Give the address with this resourcepart, prepared by the rules of the address; raises `JIDError`."""
        rules = self.rules
        return _make(self.local, self.domain, checked("resourcepart", resource, rules), rules)

    def __str__(self) -> str:
        return self._text

    def __format__(self, spec: str) -> str:
        return format(self._text, spec)

    def __repr__(self) -> str:
        return f"JID({self._text!r})"

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return self._text == other._text if isinstance(other, JID) else NotImplemented

    def __lt__(self, other: object) -> bool:
        return self._key() < other._key() if isinstance(other, JID) else NotImplemented

    def _key(self) -> tuple[str, str, str]:
        return self.domain, self.local or "", self.resource or ""

    def __reduce__(self) -> tuple[object, tuple[str, Rules]]:
        return _load, (self._text, self.rules)

    def __copy__(self) -> JID:
        return self

    def __deepcopy__(self, memo: object) -> JID:
        return self


def _is_domain(text: str) -> bool:
    """Whether a text is a domainpart, and prepared."""
    try:
        return domain_kept(text) == text
    except StringError:
        return False


def is_address(text: str) -> bool:
    """Whether `text` is an address by RFC 7622; never raises. One that is will be read, so it is remembered."""
    if text in KNOWN_GOOD:
        return True
    try:
        KNOWN_GOOD.keep(text, KNOWN_GOOD[text])
    except JIDError:
        return False
    return True


def _load(text: str, rules: Rules) -> JID:
    return JID.parse(text, rules=rules)


def _split(jid: JID) -> tuple[str | None, str, str | None]:
    """Take a prepared text apart: neither "/" nor "@" can stand where it does not separate."""
    left, slash, resource = jid._text.partition("/")
    local, at, domain = left.rpartition("@")
    parts = local if at else None, domain, resource if slash else None
    jid._parts = parts
    return parts


def _make(local: str | None, domain: str, resource: str | None, rules: Rules) -> JID:
    jid = object.__new__(JID)
    text = domain if local is None else f"{local}@{domain}"
    if resource is not None:
        text = f"{text}/{resource}"
    jid._text = text
    jid._parts = (local, domain, resource)
    if rules is not RFC7622:
        jid._rules = rules
    return jid


_enforce_local: Final = LOCALPART.enforce
_enforce_resource: Final = RESOURCEPART.enforce


def _parse(text: str, rules: Rules) -> JID:
    """Split as RFC 7622 section 3.2 says, before anything is mapped: first '/', then first '@'."""
    left, slash, resource = text.partition("/")
    local, at, domain = left.partition("@")
    if not at:
        local, domain = "", left
    if rules is RFC7622 and len(left) <= LONGEST_KNOWN:
        try:
            return _make(
                _enforce_local(local) if at else None,
                domain_kept(domain),
                _enforce_resource(resource) if slash else None,
                rules,
            )
        except StringError:
            pass  # and once more, part by part
    place = len(local) + len(at)
    return _make(
        checked("localpart", local, rules) if at else None,
        checked("domainpart", domain, rules, place),
        checked("resourcepart", resource, rules, len(left) + 1) if slash else None,
        rules,
    )
