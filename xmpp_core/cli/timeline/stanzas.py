"""Stanzas and features in words."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from ...namespaces import BIND, CLIENT, COMPONENT, SASL, SERVER, STANZA_ERRORS
from ...stanza.conditions import CONDITIONS
from ...stream.conditions import CONDITIONS as STREAM_CONDITIONS
from ...stream.conditions import StreamError
from ...xml.names import split
from ..meanings import PAYLOADS, Meaning, payload_of

__all__ = [
    "bound",
    "counted_as",
    "features",
    "is_stanza",
    "mechanisms",
    "payloads",
    "stanza",
    "stanza_error",
    "stream_error",
]

_NAMESPACES: Final = frozenset({CLIENT, SERVER, COMPONENT})
_KINDS: Final = frozenset({"message", "presence", "iq"})
_PRESENCE: Final = {
    "": Meaning("is available", "RFC 6121 section 4"),
    "unavailable": Meaning("is unavailable", "RFC 6121 section 4.5"),
    "subscribe": Meaning("asks to subscribe to the presence", "RFC 6121 section 3.1"),
    "subscribed": Meaning("allows the subscription", "RFC 6121 section 3.1"),
    "unsubscribe": Meaning("ends its subscription", "RFC 6121 section 3.3"),
    "unsubscribed": Meaning("denies or cancels the subscription", "RFC 6121 section 3.2"),
    "probe": Meaning("asks for the presence", "RFC 6121 section 4.3"),
    "error": Meaning("presence could not be delivered", "RFC 6120 section 8.3"),
}
_MESSAGE: Final = frozenset({"chat", "groupchat", "headline", "normal", "error"})


def is_stanza(tag: str) -> bool:
    """Whether a Clark name is that of a stanza (RFC 6120 section 8)."""
    namespace, name = split(tag)
    return namespace in _NAMESPACES and name in _KINDS


def payloads(element: Element) -> list[Meaning]:
    """Give what known extensions a stanza or a list of features holds, each once."""
    own = split(element.tag)[0]
    found: dict[Meaning, None] = {}
    for child in element:
        if split(child.tag)[0] not in (own, STANZA_ERRORS):
            meaning = payload_of(child.tag)
            found[meaning or Meaning(child.tag, "")] = None
    return list(found)


def stanza(element: Element) -> Meaning:
    """Say what a stanza is about."""
    kind = split(element.tag)[1]
    type, known = element.get("type", ""), payloads(element)
    about = [_named(one) for one in known]
    if kind == "iq":
        subject, sections = ", ".join(one.words for one in known), [one.section for one in known if one.section]
        words = f"iq {type}: {subject}" if subject else f"iq {type}"
        return Meaning(words, ", ".join(sections) or "RFC 6120 section 8.2.3")
    sections = [one.section for one in known if one.section.startswith("RFC")]
    if kind == "presence":
        meaning = _PRESENCE.get(type, Meaning(f"presence of unknown type {type}", "RFC 6121 section 4.7.1"))
        words, sections = meaning.words, [meaning.section, *sections]
    else:
        words = f"{type if type in _MESSAGE else 'normal'} message"
        sections = ["RFC 6121 section 5.2.2", *sections]
        if any(split(child.tag)[1] == "body" for child in element):
            about.insert(0, "text")
    to = element.get("to")
    words += f" to {to}" if to else ""
    words += f" with {', '.join(about)}" if about else ""
    return Meaning(words, ", ".join(sections))


def counted_as(meaning: Meaning) -> str:
    """Give the name of a payload with the section that defines it."""
    return f"{meaning.words} ({meaning.section})" if meaning.section else meaning.words


def _named(meaning: Meaning) -> str:
    return f"{meaning.words} ({meaning.section})" if meaning.section.startswith("XEP") else meaning.words


def stanza_error(element: Element) -> Meaning | None:
    """Give the condition of a stanza of type error and its section (RFC 6120 section 8.3.3)."""
    if element.get("type") != "error":
        return None
    for child in element:
        for one in child:
            namespace, name = split(one.tag)
            if namespace == STANZA_ERRORS and name in CONDITIONS:
                return Meaning(name, CONDITIONS[name].section)
    return Meaning("no condition", "RFC 6120 section 8.3.2")


def stream_error(element: Element) -> Meaning:
    """Give the condition of a stream error, with the text of the peer, and its section."""
    error = StreamError.read(element)
    words = f"<{error.condition}/>" + (f": {error.text}" if error.text else "")
    if error.other_host is not None:
        words += f" ({error.other_host})"
    return Meaning(words, STREAM_CONDITIONS[error.condition].section)


def mechanisms(element: Element) -> list[str]:
    """Give the SASL mechanisms that stream features offer."""
    return [one.text or "" for one in element.iter() if split(one.tag)[1] == "mechanism"]


def features(element: Element) -> str:
    """Name what stream features offer (RFC 6120 section 4.3.2)."""
    parts = []
    for child in element:
        meaning = payload_of(child.tag) or Meaning(child.tag, "")
        words = _named(meaning)
        offered = mechanisms(child)
        if offered:
            words += f" by {' '.join(offered)}"
        if any(split(one.tag)[1] == "required" for one in child):
            words += " (required)"
        parts.append(words)
    return "; ".join(parts) or "nothing more"


def bound(element: Element) -> str | None:
    """Give the address that an iq result binds (RFC 6120 section 7.6.1)."""
    return element.findtext(f"{{{BIND}}}bind/{{{BIND}}}jid") if element.get("type") == "result" else None


assert {BIND, SASL} <= PAYLOADS.keys()
