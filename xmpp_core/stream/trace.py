"""Records of what passed over a stream, with secrets cut out before anybody sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from ..namespaces import SASL
from ..xml.names import copy, pretty, split

__all__ = ["CUT", "TraceRecord", "without_secrets"]

CUT: Final = "[cut]"

# Every namespace whose text or attributes may prove an identity.
_SECRET_NAMESPACES: Final = frozenset({SASL, "urn:xmpp:sasl:2", "urn:xmpp:fast:0", "urn:xmpp:scram-upgrade:0"})
_SECRET_NAMES: Final = frozenset({"password", "digest", "token", "secret", "hash", "salt", "handshake"})
# Fields of data forms that hold what nobody else shall read (XEP-0004 section 3.3, XEP-0045, XEP-0077).
_FIELD: Final = "{jabber:x:data}field"
_SECRET_FIELD: Final = re.compile(r"passw|secret|token", re.IGNORECASE)
_PUBLIC_NAMES: Final = frozenset({"mechanisms", "mechanism", "text"})


@dataclass(frozen=True, slots=True)
class TraceRecord:
    """One thing that passed: `way` is "sent", "received", "event" or "state"."""

    way: str
    text: str


def without_secrets(element: Element) -> Element:
    """Give a copy in which text and tokens that authenticate somebody read `[cut]`."""
    clean = copy(element)
    for one in clean.iter():
        namespace, name = split(one.tag)
        if name in _SECRET_NAMES or (namespace in _SECRET_NAMESPACES and name not in _PUBLIC_NAMES):
            one.text = _cut(one.text)
            for child in one:
                child.tail = _cut(child.tail)
        elif one.tag == _FIELD and (one.get("type") == "text-private" or _SECRET_FIELD.search(one.get("var", ""))):
            for child in one:
                child.text = _cut(child.text)
        if "token" in one.attrib:
            one.set("token", CUT)
    return clean


def _cut(text: str | None) -> str | None:
    return CUT if text and not text.isspace() else text


def text_of(element: Element) -> str:
    """Give an element as readable text with secrets cut."""
    return pretty(without_secrets(element))
