"""SASL2, the stream feature (XEP-0388): authentication without a restart, with features inside it.

The two sides are in `sasl2_client` and `sasl2_server`; what they share with the profile of RFC 6120
section 6 is in `login` and `reception`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from xml.etree.ElementTree import Element

from ..stream.context import Milestone, StreamContext
from ..stream.events import Question
from ..stream.feature import Declined, Offer
from ..stream.header import HeaderFault
from ..stream.step import Continue, Step
from . import sasl2_elements as xml
from .sasl2_client import Authenticating, Sasl2Client
from .sasl2_server import Admission, Sasl2Server, Stage

__all__ = ["Sasl2"]


@dataclass(frozen=True, slots=True)
class Sasl2:
    """The feature. An initiating entity gives `client`, a receiving entity `server`. For TLS alone (section 3)."""

    client: Sasl2Client | None = None
    server: Sasl2Server | None = None

    name: ClassVar[str] = xml.AUTHENTICATION
    requires: ClassVar[Milestone] = Milestone.SECURE
    forbids: ClassVar[Milestone] = Milestone.AUTHENTICATED

    def advertise(self, state: object, context: StreamContext) -> tuple[Element, ...]:
        """Announce `<authentication/>` (section 2.1)."""
        assert self.server is not None
        return self.server.advertise(context)

    def objection(self, context: StreamContext) -> HeaderFault | None:
        """Refuse a client that says to be of another domain than it asks for (section 2.1)."""
        header = context.peer_header
        if header is None or header.from_ is None or header.to is None or header.from_.domain == header.to.domain:
            return None
        if not self.advertise(None, context):
            return None  # the rule is of what is announced; without it the older profile's hold
        return HeaderFault("invalid-from", "the 'from' of the header is of another domain", "XEP-0388 section 2.1")

    def offer(self, element: Element | None, context: StreamContext) -> Offer | Declined | None:
        """Take it where a mechanism is in common; otherwise the older profile may have one."""
        if element is None:
            return None
        assert self.client is not None
        if not self.client.has_name_in_common(element):
            return Declined("the peer offers no mechanism of SASL2 that we have")
        return Offer(mandatory=True)

    def begin(self, offer: Offer, features: Element | None, context: StreamContext) -> Step:
        """Send `<authenticate/>` (section 2.3)."""
        assert self.client is not None
        assert features is not None
        return self.client.begin(features, context)

    def early(self, context: StreamContext) -> Step | None:
        """Send it along with the stream header (XEP-0509), if that is switched on."""
        return None if self.client is None else self.client.early(context)

    def accepts(self, element: Element, context: StreamContext) -> bool:
        """Take the elements that the other side may send."""
        return element.tag in (xml.FROM_SERVER if context.initiating else xml.FROM_CLIENT)

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        """Take the peer's part of the authentication."""
        if context.initiating:
            assert self.client is not None
            return self.client.receive(state, element, context) if isinstance(state, Authenticating) else Continue(None)
        assert self.server is not None
        return self.server.receive(state or Admission(), element, context)

    def busy(self, state: Any) -> bool:
        """Between `<authenticate/>` and its end no other element may come (section 2.4), not even another profile's."""
        return isinstance(state, Admission) and state.stage is not Stage.IDLE

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        """Hand the host's answer to whoever asked."""
        if isinstance(state, Authenticating):
            assert self.client is not None
            return self.client.answered(state, question, value, context)
        assert self.server is not None
        return self.server.answered(state, question, value, context)

    def resumed(self, state: Any, context: StreamContext) -> Step:
        """Go on after a snapshot was restored."""
        if isinstance(state, Authenticating):
            assert self.client is not None
            return self.client.resumed(state, context)
        if isinstance(state, Admission):
            assert self.server is not None
            return self.server.resumed(state, context)
        return Continue(state)
