"""Info/Query (RFC 6120 section 8.2.3)."""

from __future__ import annotations

from typing import ClassVar
from xml.etree.ElementTree import Element

from ..errors import LocalProtocolError
from ..jid import JID
from ..namespaces import CLIENT
from .base import Stanza
from .shape import element_of

__all__ = ["IQ"]


class IQ(Stanza):
    """A request, or the one answer to it. `IQ(type="get", id=..., payload=...)` builds one.

    Raises `JIDError` for a bad address and `LocalProtocolError` for an unknown type.
    """

    __slots__ = ()
    _name: ClassVar[str] = "iq"
    _tag: ClassVar[str] = f"{{{CLIENT}}}iq"
    _types: ClassVar[frozenset[str]] = frozenset({"error", "get", "result", "set"})

    def __init__(
        self,
        *,
        type: str,
        id: str,
        to: JID | str | None = None,
        from_: JID | str | None = None,
        lang: str | None = None,
        payload: Element | object | None = None,
    ) -> None:
        self._build(to, from_, id, type, lang)
        if payload is not None:
            self.element.append(element_of(payload))

    @property
    def payload(self) -> Element | None:
        """What is asked or answered: the one child that is no error, None if there is none."""
        error = self.element.tag[:-2] + "error"
        return next((child for child in self.element if child.tag != error), None)

    @property
    def is_request(self) -> bool:
        """Whether it must be answered."""
        return self.element.get("type") in ("get", "set")

    @property
    def is_response(self) -> bool:
        """Whether it answers a request."""
        return self.element.get("type") in ("result", "error")

    def reply(self, payload: Element | object | None = None) -> IQ:
        """Give the result of this request; raises `LocalProtocolError` when it is none."""
        if not self.is_request:
            raise LocalProtocolError("only a get or a set is answered (RFC 6120 section 8.2.3)")
        answer = self._answer("result")
        if payload is not None:
            answer.append(element_of(payload))
        return IQ.view(answer)
