"""What a stream feature is: a stateless value with pure functions (RFC 6120 section 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable
from xml.etree.ElementTree import Element

from .context import Milestone, StreamContext
from .events import Question
from .header import HeaderFault
from .step import Step

__all__ = ["Declined", "EarlyFeature", "ExclusiveFeature", "Offer", "StreamFeature", "WaryFeature"]


@dataclass(frozen=True, slots=True)
class Offer:
    """What an initiating entity makes of an offered feature: it can be begun now."""

    mandatory: bool
    """Whether stanzas may not flow before it is negotiated (RFC 6120 section 4.3.2)."""
    detail: object = None
    """Whatever `begin` needs of the announcement."""


@dataclass(frozen=True, slots=True)
class Declined:
    """Why an offered feature is not begun, in words for the local user. None would say: not now, no matter."""

    reason: str


class StreamFeature(Protocol):
    """A stream feature, both sides of it.

    An implementation is a frozen value: what changes during a stream travels through `state`. The
    negotiator calls a function only while `requires` is reached and nothing of `forbids` is.
    """

    @property
    def name(self) -> str:
        """Clark name of its element in `<stream:features/>`."""
        ...

    @property
    def requires(self) -> Milestone:
        """Milestones that must have been reached."""
        ...

    @property
    def forbids(self) -> Milestone:
        """Milestones after which the feature makes no sense."""
        ...

    def advertise(self, state: object, context: StreamContext) -> tuple[Element, ...]:
        """Receiving: the elements for `<stream:features/>`, none when it cannot be offered now."""
        ...

    def offer(self, element: Element | None, context: StreamContext) -> Offer | Declined | None:
        """Initiating: judge the peer's announcement; None as `element` when the peer made none."""
        ...

    def begin(self, offer: Offer, features: Element | None, context: StreamContext) -> Step:
        """Initiating: start; `features` is the whole announcement."""
        ...

    def accepts(self, element: Element, context: StreamContext) -> bool:
        """Whether a received element belongs to this feature."""
        ...

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        """Take an accepted element; `state` is what the last step kept, None at first."""
        ...

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        """Take the host's answer to the question of the last step."""
        ...

    def resumed(self, state: Any, context: StreamContext) -> Step:
        """Go on after a snapshot was restored: `Continue(state)`, or ask again what was being asked."""
        ...


@runtime_checkable
class EarlyFeature(StreamFeature, Protocol):
    """A feature that may begin with the stream header, from what an earlier stream announced (XEP-0509).

    It is the active one from then on. The announcement, when it comes, is handed to its `receive` as an
    element, and nothing else begins before it is `Done` or `Refused`.
    """

    def early(self, context: StreamContext) -> Step | None:
        """Initiating: what to send along with the header; None: wait for the announcement."""
        ...


@runtime_checkable
class ExclusiveFeature(StreamFeature, Protocol):
    """A feature whose exchange nothing may interrupt: no other feature is given an element meanwhile."""

    def busy(self, state: Any) -> bool:
        """Receiving: whether such an exchange is going on."""
        ...


@runtime_checkable
class WaryFeature(StreamFeature, Protocol):
    """A feature that asks more of the header of a stream it is offered on than RFC 6120 section 4.7 does."""

    def objection(self, context: StreamContext) -> HeaderFault | None:
        """Receiving: why the stream ends with an error instead of an announcement; None: it does not."""
        ...
