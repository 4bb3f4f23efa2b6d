"""Who answers which request: an explicit table (RFC 6120 sections 8.2.3 and 8.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar
from xml.etree.ElementTree import Element

from ..errors import LocalProtocolError, PayloadError, XMPPError
from .conditions import StanzaError
from .iq import IQ
from .shape import shape_of

__all__ = ["IqRefused", "IqRouter"]

K = TypeVar("K", bound=str | type[object])
Answerer = Callable[..., Element | object | None]
"""Takes the request, and after it whatever `IqRouter.reply` was given besides; gives an element or a payload."""


class IqRefused(XMPPError):
    """Raised by an answerer: the request is refused with this stanza error."""

    def __init__(self, error: StanzaError | str) -> None:
        self.error = StanzaError(error) if isinstance(error, str) else error
        super().__init__(self.error.condition)


class IqRouter:
    """Sends each request to the function that answers it, and makes the answer.

    The table maps (type, Clark name of the payload, or payload class) to a function that takes the request and
    gives the payload of the result, an element or an instance of a payload class, or None for an empty one, or
    raises `IqRefused`. A `PayloadError`, as `iq.get(T)` raises it, is answered with its condition.
    """

    def __init__(self, table: Mapping[tuple[str, K], Answerer] | None = None) -> None:
        self._table: dict[tuple[str, str], Answerer] = {}
        for (kind, payload), answerer in (table or {}).items():
            self.add(kind, payload, answerer)

    def add(self, kind: str, payload: str | type[object], answerer: Answerer) -> None:
        """Add a row, for a payload class one for each of its names.

        Raises `LocalProtocolError` for a duplicate and for a type that is no request.
        """
        if kind not in ("get", "set"):
            raise LocalProtocolError("only a get or a set is answered")
        tags = (payload,) if isinstance(payload, str) else shape_of(payload).tags
        if any((kind, tag) in self._table for tag in tags):
            raise LocalProtocolError("there is an answer to this payload already")
        self._table.update({(kind, tag): answerer for tag in tags})

    def reply(self, iq: IQ, *context: object) -> IQ:
        """Give the one answer to a request: `service-unavailable` if nobody knows it (section 8.4).

        `context` is handed on to the function that answers: who asks, what time it is.
        A type that is none of the four gets `bad-request` (section 8.2.3). Raises `LocalProtocolError` when `iq`
        is an answer itself.
        """
        if not iq.is_request:
            if not iq.is_response:
                return iq.error_answer("bad-request")
            raise LocalProtocolError("only a get or a set is answered (RFC 6120 section 8.2.3)")
        payload = iq.payload
        answerer = None if payload is None else self._table.get((iq.type or "", payload.tag))
        if answerer is None:
            return iq.error_answer("service-unavailable")
        try:
            return iq.reply(answerer(iq, *context))
        except IqRefused as refused:
            return iq.error_answer(refused.error)
        except PayloadError as error:
            return iq.error_answer(error.condition)
