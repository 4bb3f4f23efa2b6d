"""What the three stanzas have in common: a view over one element (RFC 6120 section 8.1)."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any, ClassVar, Self, TypeVar
from xml.etree.ElementTree import Element

from ..errors import LocalProtocolError
from ..jid import JID
from ..namespaces import XML_LANG
from ..strings.languages import best
from ..xml.names import copy, equal, language_of, split
from .conditions import StanzaError
from .shape import PAYLOAD, Shape, element_of, shape_of

__all__ = ["Stanza"]

P = TypeVar("P")

_new = object.__new__


class Stanza:
    """A view over an element in a content namespace. What is received and what is sent are the same.

    A received stanza is the event itself; its element is never changed, by us or by you: `copy()`
    gives one that may be. Reading `to`, `from_`, `id` and `type` of a delivered stanza never raises.
    Two stanzas are equal when their elements say the same.
    """

    __slots__ = ("_decoded", "_from", "_to", "element")
    _name: ClassVar[str] = ""
    _tag: ClassVar[str] = ""
    """The Clark name of those that are built."""
    _types: ClassVar[frozenset[str]] = frozenset()

    element: Element
    _decoded: dict[builtins.type[Any], Any] | None
    _from: JID | None
    _to: JID | None

    @classmethod
    def view(cls, element: Element) -> Self:
        """Look at a checked element as a stanza. Nothing is read yet."""
        stanza = _new(cls)
        stanza.element = element
        stanza._decoded = stanza._from = stanza._to = None
        return stanza

    def _build(
        self,
        to: JID | str | None,
        from_: JID | str | None,
        id: str | None,
        type: str | None,
        lang: str | None,
    ) -> None:
        element = self.element = Element(self._tag)
        self._decoded = self._from = self._to = None
        if to is not None:
            element.set("to", str(to if isinstance(to, JID) else JID(to)))
        if from_ is not None:
            element.set("from", str(from_ if isinstance(from_, JID) else JID(from_)))
        if id is not None:
            element.set("id", id)
        if type is not None:
            if type not in self._types:
                raise LocalProtocolError(f"{self._name} has no such type")
            element.set("type", type)
        if lang is not None:
            element.set(XML_LANG, lang)

    @property
    def namespace(self) -> str:
        """The content namespace."""
        return split(self.element.tag)[0] or ""

    @property
    def to(self) -> JID | None:
        """Whom it is for; None: the account itself, or the server (RFC 6120 section 8.1.1)."""
        jid = self._to
        if jid is None:
            text = self.element.get("to")
            if text is not None:
                jid = self._to = JID(text)
        return jid

    @property
    def from_(self) -> JID | None:
        """Whom it is from; None on a client's stream: the own account (RFC 6120 section 8.1.2)."""
        jid = self._from
        if jid is None:
            text = self.element.get("from")
            if text is not None:
                jid = self._from = JID(text)
        return jid

    @property
    def id(self) -> str | None:
        """What an answer will repeat (RFC 6120 section 8.1.3)."""
        return self.element.get("id")

    @property
    def type(self) -> str | None:
        """The kind of stanza within its class (RFC 6120 section 8.1.4)."""
        return self.element.get("type")

    @property
    def lang(self) -> str | None:
        """The stanza's own `xml:lang`; None: that of the stream (RFC 6120 section 8.1.5)."""
        return self.element.get(XML_LANG)

    def lang_of(self, child: Element, stream_lang: str | None = None) -> str | None:
        """Give the language of a child: its own, else the stanza's, else the stream's (RFC 6120 section 8.1.5).

        None if none is named, or if `xml:lang=""` takes back what was inherited (XML 1.0 section 2.12).
        """
        return language_of(child, language_of(self.element, stream_lang)) or None

    @property
    def is_error(self) -> bool:
        """Whether it reports an error."""
        return self.element.get("type") == "error"

    @property
    def error(self) -> StanzaError | None:
        """The error it reports, None if it is none."""
        return StanzaError.read(self.element) if self.is_error else None

    @property
    def payloads(self) -> list[Element]:
        """The children in namespaces of their own: extensions (RFC 6120 section 8.4)."""
        start = self.element.tag.rpartition("}")[0] + "}"
        return [child for child in self.element if not child.tag.startswith(start)]

    def child(self, name: str) -> Element | None:
        """Give the first child with this Clark name, or, if it is a namespace, in it."""
        found = self.element.find(name) if name.startswith("{") else None
        if found is not None or name.startswith("{"):
            return found
        start = f"{{{name}}}"
        return next((child for child in self.element if child.tag.startswith(start)), None)

    def copy(self) -> Self:
        """Give a stanza whose element may be changed before it is sent."""
        return type(self).view(copy(self.element))

    def get(self, kind: builtins.type[P], *, account: JID | None = None, by: JID | None = None) -> P | None:
        """Give the first payload of this class, None if there is none; read once, then remembered.

        Raises `PayloadError` for one that breaks its rules. Payloads that count from one sender only
        (`trusted.TRUSTED`: carbons, archive results, roster pushes, events ...) need `account`, the own
        account; one that came from elsewhere gives None. `by` is who is asked or subscribed to, where that
        is not the own account: a room's archive, a contact's node. Raises `LocalProtocolError` without
        `account` for such, and `TypeError` for what is no payload class.
        """
        shape: Shape = getattr(kind, PAYLOAD, None) or shape_of(kind)
        if shape.trust is not None and not self._admitted(shape, account, by):
            return None
        decoded = self._decoded
        if decoded is None:
            decoded = self._decoded = {}
        elif kind in decoded:
            known: P | None = decoded[kind]
            return known
        element = shape.find(self.element)
        value: P | None = None if element is None else shape.decode(element)
        decoded[kind] = value
        return value

    def get_all(self, kind: builtins.type[P], *, account: JID | None = None, by: JID | None = None) -> list[P]:
        """Give all the payloads of this class, in their order; see `get`."""
        shape = shape_of(kind)
        if shape.trust is not None and not self._admitted(shape, account, by):
            return []
        return [shape.decode(element) for element in shape.find_all(self.element)]

    def _admitted(self, shape: Shape, account: JID | None, by: JID | None) -> bool:
        if account is None:
            raise LocalProtocolError(f"{shape.cls.__name__} counts from one sender only: say whose account this is")
        return bool(shape.trust.admits(self.from_, account, by))

    def with_payload(self, *payloads: Element | object) -> Self:
        """Give a copy with more children: payloads, or elements."""
        twin = self.copy()
        twin.element.extend([element_of(one) for one in payloads])
        return twin

    def without(self, kind: builtins.type[object]) -> Self:
        """Give a copy without any payload of this class."""
        twin = self.copy()
        for element in list(shape_of(kind).find_all(twin.element)):
            twin.element.remove(element)
        return twin

    def error_answer(
        self,
        condition: str | StanzaError,
        *,
        type: str | None = None,
        text: str | None = None,
        lang: str | None = None,
        by: JID | str | None = None,
        application: Element | object | None = None,
        include_payload: bool = False,
    ) -> Self:
        """Give the stanza error that answers this stanza (RFC 6120 section 8.3.1).

        Raises `LocalProtocolError` where none may be given (an error, an IQ result) and `ValueError`
        for an unknown condition or type.
        """
        if self.is_error or (self._name == "iq" and self.type == "result"):
            raise LocalProtocolError("an error or a result is never answered (RFC 6120 section 8.3.1)")
        if isinstance(condition, str):
            texts = {} if text is None else {lang: text}
            condition = StanzaError(
                condition, type or "", texts, None if by is None else str(by), application=application
            )
        answer = self._answer("error")
        if include_payload:
            answer.extend(copy(child) for child in self.element)
        answer.append(condition.element(self.namespace))
        return self.view(answer)

    def _text_for(self, name: str, ranges: Sequence[str], stream_lang: str | None) -> str | None:
        """The text of the children `name` that suits best; else that without a language of its own, else the first."""
        inherited = language_of(self.element, stream_lang)
        texts: dict[str | None, str] = {}
        unmarked = first = None
        for child in self.element.iterfind(f"{self.element.tag.rpartition('}')[0]}}}{name}"):
            text = child.text or ""
            texts.setdefault(language_of(child, inherited) or None, text)
            first = text if first is None else first
            if unmarked is None and XML_LANG not in child.attrib:
                unmarked = text
        if first is None:
            return None
        return best(ranges, texts, first if unmarked is None else unmarked)

    def _answer(self, type: str | None) -> Element:
        element = self.element
        answer = Element(element.tag)
        for name, other in (("to", "from"), ("from", "to")):
            address = element.get(other)
            if address is not None:
                answer.set(name, address)
        identifier = element.get("id")
        if identifier is not None:
            answer.set("id", identifier)
        if type is not None:
            answer.set("type", type)
        return answer

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Stanza):
            return NotImplemented
        return self.element is other.element or equal(self.element, other.element)

    __hash__ = None  # type: ignore[assignment]  # an element may be changed, so a view has no hash

    def __repr__(self) -> str:
        parts = [
            f"{name}={value!r}"
            for name in ("type", "id", "from", "to")
            if (value := self.element.get(name)) is not None
        ]
        return f"<{type(self).__name__} {' '.join(parts)}>".replace(" >", ">")
