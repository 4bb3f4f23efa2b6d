"""Extended stanza addressing: a stanza for several, and whom to answer.

XEP-0033, version 1.2.1, Draft; sections 4 and 6.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import Final

from ...errors import PayloadError
from ...jid import JID
from ..payload import Spec, attribute, children, enum, payload

__all__ = ["NAMESPACE", "SPEC", "AddressType", "ExtendedAddress", "ExtendedAddresses"]

SPEC: Final = Spec(33, "1.2.1", "Draft", "Extended Stanza Addressing")
NAMESPACE: Final = "http://jabber.org/protocol/address"


class AddressType(Enum):
    """What an address is for (section 4.6)."""

    BCC = "bcc"
    CC = "cc"
    NOREPLY = "noreply"
    """No address: nobody is to answer."""
    OFROM = "ofrom"
    """Who sent it, as a room says."""
    REPLYROOM = "replyroom"
    REPLYTO = "replyto"
    TO = "to"


_RECIPIENTS: Final = frozenset({AddressType.TO, AddressType.CC, AddressType.BCC})


@payload(NAMESPACE, "address")
class ExtendedAddress:
    """One address (section 4)."""

    type: AddressType = attribute(codec=enum(AddressType))
    jid: JID | None = attribute(default=None)
    desc: str | None = attribute(default=None, kw_only=True)
    """For people."""
    node: str | None = attribute(default=None, kw_only=True)
    uri: str | None = attribute(default=None, kw_only=True)
    """An address outside XMPP."""
    delivered: bool = attribute(default=False, kw_only=True)
    """Somebody delivered to it already: nobody does again (section 4.5)."""

    def validate(self) -> None:
        """Hold to what section 4 says of them together."""
        if self.uri is not None and (self.jid is not None or self.node is not None):
            raise PayloadError("@uri", "no jid or node beside a uri (XEP-0033 section 4.2)")
        if self.type is not AddressType.NOREPLY and (self.jid, self.uri, self.node, self.desc) == (None,) * 4:
            raise PayloadError(".", "a jid, uri, node or desc (XEP-0033 section 4)")


@payload(NAMESPACE, "addresses")
class ExtendedAddresses:
    """The addresses of a message or presence (section 4)."""

    addresses: tuple[ExtendedAddress, ...] = children(ExtendedAddress)

    def of(self, *types: AddressType) -> tuple[ExtendedAddress, ...]:
        """Give those of these types."""
        return tuple(one for one in self.addresses if one.type in types)

    @property
    def recipients(self) -> tuple[ExtendedAddress, ...]:
        """Whom a service of multicast delivers to: who has not got it yet (section 6, rules 4 and 8)."""
        return tuple(one for one in self.addresses if one.type in _RECIPIENTS and not one.delivered)

    @property
    def deliverable(self) -> bool:
        """Whether each address has a jid or uri, as a service of multicast asks, but that of who wants no answer."""
        return all(one.jid or one.uri for one in self.addresses if one.type is not AddressType.NOREPLY)

    def delivered_to(self, recipient: ExtendedAddress) -> ExtendedAddresses | None:
        """Give what this recipient gets to see; None: no addresses at all (section 6, rules 6 to 8).

        All are marked as delivered. Who is told in secret sees only that, and nobody else sees it.
        """
        if recipient.type is AddressType.BCC:
            return ExtendedAddresses((recipient,))
        shown = [_marked(one) for one in self.addresses if one.type is not AddressType.BCC]
        return ExtendedAddresses(tuple(shown)) if shown else None

    def passed_to(self, domain: str) -> ExtendedAddresses:
        """Give what the multicast service of another server gets: its own part still to do (section 6, rule 11)."""
        found = []
        for one in self.addresses:
            theirs = one.jid is not None and one.jid.domain == domain
            if theirs and not one.delivered:
                found.append(one)
            elif one.type is not AddressType.BCC:
                found.append(_marked(one))
        return ExtendedAddresses(tuple(found))

    def reply_to(self, sender: JID) -> tuple[JID, ...]:
        """Whom to answer: who is named, else the sender; nobody if no answer is wanted (sections 4.6.4 to 4.6.6)."""
        if self.of(AddressType.NOREPLY):
            return ()
        named = self.of(AddressType.REPLYTO, AddressType.REPLYROOM)
        return tuple(one.jid for one in named if one.jid is not None) if named else (sender,)


def _marked(one: ExtendedAddress) -> ExtendedAddress:
    return replace(one, delivered=True) if one.type in _RECIPIENTS else one
