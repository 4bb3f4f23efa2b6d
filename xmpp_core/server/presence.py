"""What becomes of presence: broadcast, directed presence, probes, the end of a session (RFC 6121 section 4)."""

from __future__ import annotations

from collections.abc import Iterator

from ..jid import JID
from ..stanza import Presence
from ..stream.prepared import prepare
from .contacts import Contacts
from .effects import Deliver, Effect
from .sessions import Session, Sessions, fan_out

__all__ = ["PresenceRules", "shares_presence"]


def shares_presence(contacts: Contacts, of: Session, with_: JID) -> bool:
    """Whether `with_` (a full address) may know that the session `of` is there (RFC 6121 section 8.5.3.1)."""
    return of.account == with_.bare or of.shares_with(with_) or contacts.may_see(watcher=with_.bare, account=of.account)


class PresenceRules:
    """Keeps who is available and who was told, and gives what is to be delivered."""

    def __init__(self, sessions: Sessions, contacts: Contacts, most_directed: int) -> None:
        self._sessions = sessions
        self._contacts = contacts
        self._most_directed = most_directed

    def broadcast(self, sender: Session, stanza: Presence) -> list[Effect]:
        """Presence without `to`: initial, updated or unavailable (sections 4.2.2, 4.4.2, 4.5.2)."""
        kind = stanza.element.get("type")
        if kind == "unavailable":
            effects = self._farewell(sender, stanza, available=sender.presence is not None)
            sender.presence = None
            sender.priority = 0
            return effects
        if kind is not None:
            # A probe, an error or a subscription stanza for nobody: section 4.7.1 gives it no meaning.
            return []
        initial = sender.presence is None
        sender.presence = stanza
        sender.priority = stanza.priority
        effects = self._spread(sender, stanza, set())
        if initial:
            effects += self._present(sender)
        return effects

    def gone(self, session: Session) -> list[Effect]:
        """Say what the session can say no more: it is unavailable (section 4.5.2). It is out of the index."""
        available = session.presence is not None
        if not available and not session.directed:
            return []
        return self._farewell(session, Presence(from_=session.jid, type="unavailable"), available=available)

    def direct(self, sender: Session, stanza: Presence, to: JID) -> list[Effect]:
        """Presence of no type, or unavailable, to somebody served here (section 4.6.3).

        Who got it without being subscribed is kept in mind, to be told of the end.
        """
        recipients = self._sessions.at(to)
        if stanza.element.get("type") == "unavailable":
            sender.directed.pop(to, None)
            for one in recipients:
                one.directed.pop(sender.jid, None)
        elif recipients and to not in sender.directed and not self._is_told(sender, to.bare):
            if len(sender.directed) >= self._most_directed:
                return [Deliver(sender.id, stanza.error_answer("resource-constraint"))]
            sender.directed[to] = None
        return fan_out(stanza, recipients)

    def _is_told(self, sender: Session, account: JID) -> bool:
        """Whether the account gets what `sender` broadcasts, the end of it included (rule 1 of section 4.6.3)."""
        return sender.presence is not None and (
            account == sender.account or self._contacts.may_see(watcher=account, account=sender.account)
        )

    def probe(self, sender: Session, stanza: Presence, to: JID) -> list[Effect]:
        """Answer a probe (sections 4.3.2 and 4.6.6).

        Whoever may not see the account learns nothing: the "unsubscribed" of rule 1 is for the server of
        the one who probes, which is this one, and changes nothing where no subscription exists
        (Appendix A.2.4).
        """
        account = to.bare
        prober = sender.jid
        allowed = sender.account == account or self._contacts.may_see(watcher=sender.account, account=account)
        if to.resource is not None:
            found = self._sessions.connected.get(str(to))
            if found is not None and (found.shares_with(prober) or (found.presence is not None and allowed)):
                # That it is there, and no more.
                return [Deliver(sender.id, Presence(from_=found.jid, to=prober))]
        elif allowed:
            present = self._sessions.available(account)
            if present:
                return [Deliver(sender.id, prepare(_last(one)).to(prober)) for one in present]
        if not allowed:
            return []
        return [Deliver(sender.id, Presence(from_=to, to=prober, type="unavailable", id=stanza.id))]

    def _present(self, newcomer: Session) -> Iterator[Effect]:
        """Tell a newly available resource who is there: its siblings, and those it is subscribed to (section 4.3.1)."""
        siblings = [one for one in self._sessions.available(newcomer.account) if one is not newcomer]
        for one in siblings:
            yield Deliver(newcomer.id, prepare(_last(one)).to(newcomer.account))
        for contact in self._contacts.watched(newcomer.account):
            if contact == newcomer.account:
                continue
            for one in self._sessions.available(contact):
                yield Deliver(newcomer.id, prepare(_last(one)).to(newcomer.account))

    def _spread(self, sender: Session, stanza: Presence, reached: set[str]) -> list[Effect]:
        """Send presence to the account's own available resources and to its subscribers' (section 4.2.2)."""
        prepared = prepare(stanza)
        effects: list[Effect] = []
        for watcher in (sender.account, *self._contacts.watchers(sender.account)):
            new = [one for one in self._sessions.available(watcher) if one.text not in reached]
            if new:
                addressed = prepared.to(watcher)
                reached.update(one.text for one in new)
                effects += [Deliver(one.id, addressed) for one in new]
        return effects

    def _farewell(self, sender: Session, stanza: Presence, *, available: bool) -> list[Effect]:
        """Send unavailable presence to all who were told of presence, once each, and forget whom we told."""
        reached: set[str] = set()
        effects = self._spread(sender, stanza, reached) if available else []
        if sender.directed:
            prepared = prepare(stanza)
            for address in sender.directed:
                for one in self._sessions.at(address):
                    # Section 4.6.1: who becomes unavailable to somebody is struck off that one's list as well.
                    one.directed.pop(sender.jid, None)
                    if one.text not in reached:
                        reached.add(one.text)
                        effects.append(Deliver(one.id, prepared.to(address)))
            sender.directed = {}
        return effects


def _last(session: Session) -> Presence:
    assert session.presence is not None
    return session.presence
