"""STARTTLS, both sides (RFC 6120 section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final
from xml.etree.ElementTree import Element, SubElement

from ..namespaces import TLS
from ..stream.context import Milestone, Side, StreamContext, TlsFailed, TlsInfo
from ..stream.events import Cause, Question, Retry
from ..stream.feature import Declined, Offer
from ..stream.step import Ask, Continue, Done, Refused, Restart, Step

__all__ = ["StartTls", "TlsUpgrade"]

_STARTTLS: Final = f"{{{TLS}}}starttls"
_REQUIRED: Final = f"{{{TLS}}}required"
_PROCEED: Final = f"{{{TLS}}}proceed"
_FAILURE: Final = f"{{{TLS}}}failure"


@dataclass(frozen=True, slots=True, eq=False)
class TlsUpgrade(Question[TlsInfo | TlsFailed]):
    """Start TLS now: write what `data_to_send` gives, do the handshake, answer with its outcome.

    Until the answer octets of the network belong to TLS, never to `receive_data`. When initiating,
    `server_hostname` is the domain that was asked for, whatever the peer calls itself: the
    certificate must be checked against it (RFC 6120 section 13.7.2). `alpn` is for direct TLS
    only (XEP-0368) and is empty here.
    """

    side: Side
    server_hostname: str | None
    alpn: tuple[str, ...] = ()
    answers: ClassVar[tuple[type, ...]] = (TlsInfo, TlsFailed)


def _possible(context: StreamContext) -> bool:
    return not context.milestones & (Milestone.SECURE | Milestone.AUTHENTICATED)


@dataclass(frozen=True, slots=True)
class StartTls:
    """The feature. `required`: as receiving entity insist on it (section 5.3.1).

    As initiating entity it is always taken when offered. `insecure_unverified_certificate` takes a
    TLS whose certificate the host did not verify: for tests alone.
    """

    required: bool = True
    insecure_unverified_certificate: bool = False

    name: ClassVar[str] = _STARTTLS
    requires: ClassVar[Milestone] = Milestone.NONE
    forbids: ClassVar[Milestone] = Milestone.NONE

    def advertise(self, state: object, context: StreamContext) -> tuple[Element, ...]:
        """Announce `<starttls/>` (section 5.4.1), once: neither over TLS nor after authentication (5.3.4)."""
        if not _possible(context):
            return ()
        element = Element(_STARTTLS)
        if self.required:
            SubElement(element, _REQUIRED)
        return (element,)

    def offer(self, element: Element | None, context: StreamContext) -> Offer | Declined | None:
        """Take the announcement."""
        if not _possible(context):
            return None
        if element is None:
            return Declined("the peer offers no STARTTLS") if self.required else None
        return Offer(mandatory=element.find(_REQUIRED) is not None or self.required)

    def begin(self, offer: Offer, features: Element | None, context: StreamContext) -> Step:
        """Send `<starttls/>` (section 5.4.2.1)."""
        return Continue(send=(Element(_STARTTLS),))

    def accepts(self, element: Element, context: StreamContext) -> bool:
        """Take the elements that the other side may send."""
        return element.tag in ((_PROCEED, _FAILURE) if context.initiating else (_STARTTLS,))

    def receive(self, state: object, element: Element, context: StreamContext) -> Step:
        """Ask the host for TLS, after `<proceed/>` either way (section 5.4.2.3)."""
        if element.tag == _FAILURE:
            return Refused(
                "failure",
                "the peer refused STARTTLS",
                Cause.TLS_FAILED,
                local=False,
                retry=Retry.LATER,
            )
        if not _possible(context):
            # Section 5.4.2.2, second cause: it was not offered.
            return Refused(
                "failure",
                "STARTTLS was asked for where it is not offered",
                Cause.VIOLATION,
                send=(Element(_FAILURE),),
                retry=Retry.NEVER,
            )
        send = () if context.initiating else (Element(_PROCEED),)
        return Ask(self._question(context), state="upgrading", send=send, exclusive=True)

    def _question(self, context: StreamContext) -> TlsUpgrade:
        # Never the peer's `from`, never the name that DNS led to (section 13.7.2.1).
        hostname = context.domain.domain if context.domain is not None else None
        return TlsUpgrade(context.side, hostname)

    def answered(
        self, state: object, question: Question[object], value: TlsInfo | TlsFailed, context: StreamContext
    ) -> Step:
        """Restart the stream over TLS, or end without an octet (sections 5.4.3.2 and 5.4.3.3)."""
        if isinstance(value, TlsFailed):
            retry = Retry.NEVER if value.untrusted else Retry.LATER
            return Refused("tls-failed", value.reason, Cause.TLS_FAILED, silent=True, retry=retry)
        if context.initiating and not value.verified and not self.insecure_unverified_certificate:
            return Refused(
                "tls-failed",
                "the certificate was not verified",
                Cause.TLS_FAILED,
                silent=True,
                retry=Retry.NEVER,
            )
        return Done(grants=Milestone.SECURE, restart=Restart.TLS, tls=value)

    def resumed(self, state: object, context: StreamContext) -> Step:
        """Ask again for TLS if it was being asked for."""
        if state == "upgrading":
            return Ask(self._question(context), state=state, exclusive=True)
        return Continue(state)
