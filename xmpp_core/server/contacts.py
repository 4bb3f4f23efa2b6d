"""The place of rosters and subscriptions (RFC 6121 sections 2 and 3): what the hub asks, and the answer without any.

A layer that keeps rosters implements `Contacts`; the hub then broadcasts to subscribers, answers
probes and requests of those who may see an account, and hands subscription stanzas over.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from xml.etree.ElementTree import Element

from ..jid import JID
from ..stanza import IQ, IqRefused, Presence, Stanza
from .answers import Asked

__all__ = ["Contacts", "NoContacts"]


class Contacts(Protocol):
    """Whom accounts know. Accounts are bare addresses of domains served here; contacts may be anywhere."""

    def may_see(self, watcher: JID, account: JID) -> bool:
        """Whether `watcher` (bare) is subscribed to the presence of `account`: "from" or "both" in its roster."""

    def watchers(self, account: JID) -> Iterable[JID]:
        """Give the bare addresses that are subscribed to the presence of `account`."""

    def watched(self, account: JID) -> Iterable[JID]:
        """Give the bare addresses to whose presence `account` is subscribed: "to" or "both"."""

    def subscription(self, stanza: Presence) -> Iterable[Stanza]:
        """Act on `subscribe`, `subscribed`, `unsubscribe` or `unsubscribed` from a session to an address served here.

        `from` is still the session's full address. Gives stanzas for local addresses, each delivered to
        the connected resource or to the available resources it is addressed to.
        """

    def roster(self, iq: IQ, asked: Asked) -> Element | None:
        """Answer a roster get or set (RFC 6121 sections 2.1.3 and 2.1.5), or raise `IqRefused`."""


class NoContacts:
    """No account has a contact, and none can be added."""

    def may_see(self, watcher: JID, account: JID) -> bool:
        """Nobody is subscribed to anybody."""
        return False

    def watchers(self, account: JID) -> Iterable[JID]:
        """Nobody."""
        return ()

    def watched(self, account: JID) -> Iterable[JID]:
        """Nobody."""
        return ()

    def subscription(self, stanza: Presence) -> Iterable[Stanza]:
        """Refuse a request: it can be neither delivered nor kept (RFC 6121 sections 3.1.2 and 3.1.3, rule 4).

        The other three change nothing and reach nobody where no subscription exists (Appendix A, state
        "None"). Whether the account addressed exists makes no difference.
        """
        return (stanza.error_answer("feature-not-implemented"),) if stanza.type == "subscribe" else ()

    def roster(self, iq: IQ, asked: Asked) -> Element | None:
        """Give an empty roster (section 2.1.4), refuse changes (section 2.3.3: nobody may make any)."""
        if asked.asker.bare != asked.target:
            raise IqRefused("forbidden")
        if iq.type == "set":
            raise IqRefused("not-allowed")
        payload = iq.payload
        if payload is None or len(payload):
            raise IqRefused("bad-request")
        return Element(payload.tag)
