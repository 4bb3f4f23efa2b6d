"""Who is connected: sessions by their id, by full address and by account. Shared by the rooms of the hub."""

from __future__ import annotations

from collections.abc import Iterable

from ..jid import JID
from ..stanza import Presence, Stanza
from ..stream.prepared import prepare
from .effects import Deliver, Effect, SessionId

__all__ = ["Session", "Sessions", "fan_out"]


class Session:
    """A bound resource. It is connected once opened, and available between initial and unavailable presence."""

    __slots__ = ("account", "directed", "id", "jid", "opened", "presence", "priority", "text")

    def __init__(self, id: SessionId, jid: JID) -> None:
        self.id = id
        self.jid = jid
        self.text = str(jid)
        self.account = jid.bare
        self.opened = False
        self.presence: Presence | None = None
        """The last presence it broadcast, None while it is not available."""
        self.priority = 0
        self.directed: dict[JID, None] = {}
        """Who got its presence without a subscription (RFC 6121 section 4.6.1), oldest first."""

    def shares_with(self, other: JID) -> bool:
        """Whether it sent directed presence to this full address, or to its account."""
        return other in self.directed or other.bare in self.directed


class Sessions:
    """The index. A session that was bound holds its address; only an opened one can be delivered to."""

    def __init__(self) -> None:
        self.by_id: dict[SessionId, Session] = {}
        self.connected: dict[str | None, Session] = {}
        """Opened sessions by the text of their full address."""
        self.by_account: dict[JID, dict[str, Session]] = {}
        """Bound sessions by account, then by resourcepart, oldest first."""

    def add(self, session: Session) -> None:
        """Take in a session that was bound."""
        self.by_id[session.id] = session
        self.by_account.setdefault(session.account, {})[session.jid.resource or ""] = session

    def open(self, session: Session) -> None:
        """Let a session be delivered to."""
        session.opened = True
        self.connected[session.text] = session

    def remove(self, session: Session) -> None:
        """Forget a session."""
        del self.by_id[session.id]
        self.connected.pop(session.text, None)
        siblings = self.by_account[session.account]
        del siblings[session.jid.resource or ""]
        if not siblings:
            del self.by_account[session.account]

    def available(self, account: JID) -> list[Session]:
        """Give the available resources of an account, oldest binding first."""
        return [one for one in self.by_account.get(account, {}).values() if one.presence is not None]

    def at(self, address: JID) -> list[Session]:
        """Give who gets presence sent to a local address: all available resources, or the connected one."""
        if address.resource is None:
            return self.available(address)
        found = self.connected.get(str(address))
        return [] if found is None else [found]


def fan_out(stanza: Stanza, recipients: Iterable[Session], to: JID | None = None) -> list[Effect]:
    """Deliver one stanza to several, encoded once; `to` is written where the stanza names nobody."""
    wanted = list(recipients)
    if not wanted:
        return []
    target = stanza.to
    if len(wanted) == 1 and target is not None:
        return [Deliver(wanted[0].id, stanza)]
    prepared = prepare(stanza).to(target or to)
    return [Deliver(one.id, prepared) for one in wanted]
