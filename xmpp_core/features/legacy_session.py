"""The session request of RFC 3921 section 3, which RFC 6121 Appendix E.1 made a formality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final
from xml.etree.ElementTree import Element, SubElement

from ..entropy import token
from ..namespaces import CLIENT, SESSION
from ..stanza import StanzaError
from ..stream.context import Milestone, StreamContext
from ..stream.events import Cause, Question, Retry
from ..stream.feature import Declined, Offer
from ..stream.step import Continue, Done, Refused, Step

__all__ = ["LegacySession"]

_SESSION: Final = f"{{{SESSION}}}session"
_OPTIONAL: Final = f"{{{SESSION}}}optional"
_IQ: Final = f"{{{CLIENT}}}iq"


@dataclass(frozen=True, slots=True)
class LegacySession:
    """A client asks for it only where it is offered without `<optional/>`; a server always grants it."""

    name: ClassVar[str] = _SESSION
    requires: ClassVar[Milestone] = Milestone.AUTHENTICATED
    forbids: ClassVar[Milestone] = Milestone.NONE

    def advertise(self, state: object, context: StreamContext) -> tuple[Element, ...]:
        """Announce it as optional, for the sake of clients that insist."""
        element = Element(_SESSION)
        SubElement(element, _OPTIONAL)
        return (element,)

    def offer(self, element: Element | None, context: StreamContext) -> Offer | Declined | None:
        """Take it once bound, and only where it is not optional."""
        if element is None or element.find(_OPTIONAL) is not None or Milestone.BOUND not in context.milestones:
            return None
        return Offer(mandatory=True)

    def begin(self, offer: Offer, features: Element | None, context: StreamContext) -> Step:
        """Ask for the session (RFC 3921 section 3)."""
        identifier = token(context.entropy, 6)
        iq = Element(_IQ, {"type": "set", "id": identifier})
        SubElement(iq, _SESSION)
        return Continue(identifier, send=(iq,))

    def accepts(self, element: Element, context: StreamContext) -> bool:
        """Take the request, or an answer while ours is open."""
        if element.tag != _IQ:
            return False
        if context.initiating:
            return element.get("type") in ("result", "error")
        return (
            Milestone.BOUND in context.milestones
            and element.get("type") == "set"
            and element.find(_SESSION) is not None
        )

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        """Grant the request, or take the grant."""
        if not context.initiating:
            result = Element(_IQ, {"type": "result"})
            if element.get("id"):
                result.set("id", element.get("id", ""))
            return Done(send=(result,))
        if element.get("id") != state:
            return Continue(state)
        if element.get("type") == "error":
            error = StanzaError.read(element)
            condition = error.condition if error is not None else "undefined-condition"
            return Refused(
                condition,
                f"the server granted no session: {condition}",
                Cause.BIND_FAILED,
                local=False,
                retry=Retry.LATER,
            )
        return Done()

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        """Nothing is ever asked."""
        return Continue(state)

    def resumed(self, state: Any, context: StreamContext) -> Step:
        """Go on waiting."""
        return Continue(state)
