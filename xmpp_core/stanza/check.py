"""The checks before delivery (RFC 6120 section 8): what passes here never raises when it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableSequence
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element

from ..jid import KNOWN_GOOD, is_address
from ..namespaces import CLIENT, COMPONENT, SERVER
from .base import Stanza
from .iq import IQ
from .message import Message
from .presence import Presence

__all__ = ["VIEWS", "Refusal", "Way", "admit", "check", "refusal_answer", "ways_of"]

VIEWS: Final[dict[str, type[Stanza]]] = {
    f"{{{namespace}}}{name}": view
    for namespace in (CLIENT, SERVER, COMPONENT)
    for name, view in (("message", Message), ("presence", Presence), ("iq", IQ))
}


Way = tuple[type[Stanza], Callable[[Element, str | None], "Refusal | None"] | None]
"""How a stanza is seen, and the rules of its class for it and its type."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a stanza is not delivered: stanza error condition, rule in words of our own, section."""

    condition: str
    rule: str
    section: str
    answerable: bool = True
    """Whether the sender can be told: its own address is good."""


_BAD_TO: Final = Refusal("jid-malformed", "the 'to' of the stanza is no address", "RFC 6120 section 8.3.3.8")
_BAD_FROM: Final = Refusal(
    "jid-malformed", "the 'from' of the stanza is no address", "RFC 6120 section 8.3.3.8", answerable=False
)
_SECTION: Final = "RFC 6120 section 8.2.3"
_NO_ID: Final = Refusal("bad-request", "an IQ stanza without 'id'", _SECTION)
_BAD_IQ_TYPE: Final = Refusal("bad-request", "an IQ stanza of no known type", _SECTION)
_NOT_ONE_CHILD: Final = Refusal("bad-request", "an IQ request without exactly one child", _SECTION)
_BAD_RESULT: Final = Refusal("bad-request", "an IQ result with more than one child", _SECTION, answerable=False)
_NO_ERROR: Final = Refusal(
    "bad-request", "an error without an error element", "RFC 6120 section 8.3.2", answerable=False
)
_BAD_PRESENCE: Final = Refusal("bad-request", "presence of no known type", "RFC 6121 section 4.7.1")


def check(element: Element) -> Refusal | None:
    """Check a stanza, None when it is good. Whose addresses they are is judged elsewhere."""
    get = element.get
    address = get("from")
    if address is not None and address not in KNOWN_GOOD and not is_address(address):
        return _BAD_FROM
    address = get("to")
    if address is not None and address not in KNOWN_GOOD and not is_address(address):
        return _BAD_TO
    rules = _RULES.get(element.tag)
    return None if rules is None else rules(element, get("type"))


def admit(items: Iterable[Any], ways: Mapping[str, Way], found: MutableSequence[Any]) -> int:
    """Add views of the elements that pass `check` to `found`, up to the first item that does not or has no way.

    Gives how many were added. Items are what the parser delivers: whatever has a way by its `tag` is an element.
    The same checks in one loop: this is the way of nearly every stanza a client receives, and each
    call in it is paid for a hundred thousand times a second.
    """
    before = len(found)
    known, new, add = KNOWN_GOOD, _new, found.append
    tag = mine = rules = None
    view: type[Stanza] = Stanza
    for element in items:
        if element.tag is not tag:
            way = ways.get(element.tag)
            if way is None:
                break
            tag = element.tag
            view, rules = way
        address = element.get("from")
        if address not in known and address is not None and not is_address(address):
            break
        address = element.get("to")
        if address != mine:  # a client's stanzas are nearly all for the same two addresses
            if address not in known and address is not None and not is_address(address):
                break
            mine = address
        if rules is not None and rules(element, element.get("type")) is not None:
            break
        stanza: Stanza = new(view)
        stanza.element = element
        stanza._decoded = stanza._from = stanza._to = None
        add(stanza)
    return len(found) - before


_new: Final = object.__new__


def _check_iq(element: Element, kind: str | None) -> Refusal | None:
    if kind in ("get", "set"):
        if not element.get("id"):
            return _NO_ID
        return None if len(element) == 1 else _NOT_ONE_CHILD
    if kind == "result":
        if not element.get("id"):
            return Refusal("bad-request", "an IQ stanza without 'id'", _SECTION, answerable=False)
        return None if len(element) < 2 else _BAD_RESULT
    if kind == "error":
        if not element.get("id"):
            return Refusal("bad-request", "an IQ stanza without 'id'", _SECTION, answerable=False)
        return None if element.find(element.tag[:-2] + "error") is not None else _NO_ERROR
    return _BAD_IQ_TYPE


_PRESENCE_TYPES: Final = frozenset(
    {None, "error", "probe", "subscribe", "subscribed", "unavailable", "unsubscribe", "unsubscribed"}
)


def _check_presence(element: Element, kind: str | None) -> Refusal | None:
    return None if kind in _PRESENCE_TYPES else _BAD_PRESENCE


_RULES: Final[dict[str, Callable[[Element, str | None], Refusal | None]]] = {
    **{tag: _check_iq for tag, view in VIEWS.items() if view is IQ},
    **{tag: _check_presence for tag, view in VIEWS.items() if view is Presence},
}


def ways_of(namespace: str) -> dict[str, Way]:
    """Give the ways of the three stanzas of a content namespace, by Clark name."""
    return {tag: (view, _RULES.get(tag)) for tag, view in VIEWS.items() if tag.startswith(f"{{{namespace}}}")}


def refusal_answer(
    element: Element, refusal: Refusal, text: str | None = None, lang: str | None = None
) -> Element | None:
    """Give the stanza error for a refused stanza, None where there may be none (RFC 6120 section 8.3.1).

    `text` is for people, in the language `lang`. Identifier and addresses are returned as the section
    asks; a bad `to` comes back as it was.
    """
    if not refusal.answerable or element.get("type") == "error":
        return None
    stanza = VIEWS[element.tag].view(element)
    if isinstance(stanza, IQ) and stanza.is_response:
        return None
    return stanza.error_answer(refusal.condition, text=text, lang=lang).element
