"""Payloads that only count from one sender: which, whose, and where that is written.

A carbon copy says "this was said to you", a roster push "this is your contact": from anyone else it is a forgery.
Reading one of these therefore asks for the account (`stanza.get(T, account=me)`), and gives None for a forged one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..jid import JID

__all__ = ["TRUSTED", "Trust"]


@dataclass(frozen=True, slots=True)
class Trust:
    """One row: from whom alone a payload counts."""

    sender: str
    """In words: the own account, or the archive or node that was asked."""
    section: str
    others: bool
    """Whether it may be another's than the own account's, if the reader says whose (`by`)."""

    def admits(self, sender: JID | None, account: JID, by: JID | None) -> bool:
        """Whether it counts: from the own account by its bare address or unnamed, or exactly from `by`."""
        own = account.bare
        if by is None or by == own:
            return sender is None or sender == own
        return self.others and sender == by


_OWN: Final = "the own account"
_CARBONS: Final = Trust(_OWN, "XEP-0280 section 11", others=False)
_ROSTER: Final = Trust(_OWN, "RFC 6121 section 2.1.6", others=False)
_ARCHIVE: Final = Trust("the archive that was asked: the own account, or a room", "XEP-0313 section 8.2", others=True)
_NODE: Final = Trust("the service or account whose node it is", "XEP-0163 section 4.3.1", others=True)
_FORWARDED: Final = Trust("the own account, or whom the reader takes it from", "XEP-0297 section 7", others=True)
_BLOCKING: Final = Trust(_OWN, "XEP-0191 sections 3.3 and 3.4", others=False)

TRUSTED: Final[dict[str, Trust]] = {
    "{urn:xmpp:carbons:2}received": _CARBONS,
    "{urn:xmpp:carbons:2}sent": _CARBONS,
    "{jabber:iq:roster}query": _ROSTER,
    "{urn:xmpp:mam:2}result": _ARCHIVE,
    "{urn:xmpp:mam:1}result": _ARCHIVE,
    "{urn:xmpp:mam:0}result": _ARCHIVE,
    "{http://jabber.org/protocol/pubsub#event}event": _NODE,
    "{urn:xmpp:forward:0}forwarded": _FORWARDED,
    "{urn:xmpp:blocking}block": _BLOCKING,
    "{urn:xmpp:blocking}unblock": _BLOCKING,
}
