"""A stanza encoded once, with the place of `to` open, for sending it to many."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from xml.etree.ElementTree import Element

from ..errors import LocalProtocolError
from ..jid import JID
from ..namespaces import CLIENT, COMPONENT, SERVER
from ..stanza import Stanza, check
from ..xml.writer import escape_attribute, write

__all__ = ["Prepared", "in_namespace", "prepare"]

_CONTENT: Final = frozenset({CLIENT, SERVER, COMPONENT})


@dataclass(frozen=True, slots=True)
class Prepared:
    """Made by `prepare`; `to(jid)` gives one that can be sent, at the price of joining octets."""

    namespace: str
    head: bytes
    """Octets up to where `to` goes."""
    tail: bytes
    element: Element
    """The stanza without `to`, not to be changed."""
    target: bytes | None = None
    jid: JID | None = None

    def to(self, jid: JID | None) -> Prepared:
        """Give the stanza addressed to `jid`, or to nobody in particular."""
        target = b"" if jid is None else f" to='{escape_attribute(str(jid))}'".encode()
        return replace(self, target=target, jid=jid)

    def addressed(self) -> Element:
        """Give the element with its `to`; a copy that shares its children."""
        element = Element(self.element.tag, self.element.attrib)
        if self.jid is not None:
            element.set("to", str(self.jid))
        element.text = self.element.text
        element.extend(self.element)
        return element

    def octets_for(self, namespace: str) -> bytes:
        """Give the octets for a stream with this content namespace.

        Raises `LocalProtocolError` while the address is open, and for another namespace than
        the one it was prepared for.
        """
        if self.target is None:
            raise LocalProtocolError("a prepared stanza was sent without an address: call to() first")
        if namespace != self.namespace:
            raise LocalProtocolError("the stanza was prepared for another content namespace")
        return self.head + self.target + self.tail


def prepare(stanza: Stanza, namespace: str = CLIENT) -> Prepared:
    """Encode `stanza` once for streams with this content namespace; its own `to` is left out.

    Raises `LocalProtocolError` when the stanza breaks a rule of RFC 6120 section 8, `WriteError`
    when it is no XML.
    """
    refusal = check(stanza.element)
    if refusal is not None:
        raise LocalProtocolError(f"{refusal.rule} ({refusal.section})")
    element = in_namespace(stanza.element, namespace)
    bare = Element(element.tag, {name: value for name, value in element.attrib.items() if name != "to"})
    bare.text = element.text
    bare.extend(element)
    octets = write(bare, namespace)
    place = 1 + len(bare.tag.rpartition("}")[2].encode())
    return Prepared(namespace, octets[:place], octets[place:], bare)


def in_namespace(element: Element, namespace: str) -> Element:
    """Give the stanza with its content namespace replaced (RFC 6120 section 4.8.3); a copy if need be.

    Children in the old content namespace belong to the stanza and move along; others stay.
    """
    old, _, name = element.tag[1:].rpartition("}")
    if old == namespace or old not in _CONTENT:
        return element
    copy = Element(f"{{{namespace}}}{name}", dict(element.attrib))
    copy.text, copy.tail = element.text, element.tail
    copy.extend(in_namespace(child, namespace) if child.tag.startswith(f"{{{old}}}") else child for child in element)
    return copy
