"""Tell the initiating entity which limits its stream has (XEP-0478)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final
from xml.etree.ElementTree import Element, SubElement

from ..namespaces import STREAM_LIMITS
from ..stream.context import Milestone, StreamContext
from ..stream.events import Question
from ..stream.feature import Declined, Offer
from ..stream.step import Continue, Step

__all__ = ["StreamLimits"]

_LIMITS: Final = f"{{{STREAM_LIMITS}}}limits"


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """An announcement only: there is nothing to negotiate. Initiating, `Connection.peer_limits` reads it.

    `idle_seconds` is the silence after which we give a peer up, None when we never do.
    """

    idle_seconds: int | None = None

    name: ClassVar[str] = _LIMITS
    requires: ClassVar[Milestone] = Milestone.NONE
    forbids: ClassVar[Milestone] = Milestone.NONE

    def advertise(self, state: object, context: StreamContext) -> tuple[Element, ...]:
        """Announce what holds until the next announcement: before and after authentication it differs (section 4)."""
        element = Element(_LIMITS)
        limits = context.limits.xml(authenticated=Milestone.AUTHENTICATED in context.milestones)
        SubElement(element, f"{{{STREAM_LIMITS}}}max-bytes").text = str(limits.stanza_bytes)
        if self.idle_seconds is not None:
            SubElement(element, f"{{{STREAM_LIMITS}}}idle-seconds").text = str(self.idle_seconds)
        return (element,)

    def offer(self, element: Element | None, context: StreamContext) -> Offer | Declined | None:
        """There is nothing to begin."""
        return None

    def begin(self, offer: Offer, features: Element | None, context: StreamContext) -> Step:
        """There is nothing to begin."""
        return Continue()

    def accepts(self, element: Element, context: StreamContext) -> bool:
        """No element belongs to it."""
        return False

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        """No element belongs to it."""
        return Continue(state)

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        """Nothing is ever asked."""
        return Continue(state)

    def resumed(self, state: Any, context: StreamContext) -> Step:
        """There is nothing to go on with."""
        return Continue(state)
