"""The hub of a server: who is connected, and where each stanza goes. Commands in, effects out.

It never sees a connection: sessions are names the caller gave. RFC 6120 sections 7, 8.1 and 10 and RFC 6121
sections 4 and 8 decide; rosters, subscriptions, offline messages and other domains have their places
(`contacts.py`, `delivery.py`, `Hub._elsewhere`) and are not here yet.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..entropy import Entropy, system, token
from ..errors import LocalProtocolError
from ..features.bind import BindRefused, Bound
from ..jid import JID
from ..namespaces import DISCO_ITEMS, ROSTER
from ..stanza import IQ, Message, Presence, Stanza
from ..stream.conditions import StreamError
from .answers import Answer, Answers, Asked, Identity, Software, standard
from .contacts import Contacts, NoContacts
from .delivery import Addressed, Rule, Standing, message_rule
from .effects import Close, Deliver, Effect, SessionId
from .presence import PresenceRules, shares_presence
from .sessions import Session, Sessions, fan_out

__all__ = ["BindDecision", "Conflict", "Hub", "HubConfig"]

_ROSTER = f"{{{ROSTER}}}query"
_ITEMS = f"{{{DISCO_ITEMS}}}query"
_SUBSCRIPTION = frozenset({"subscribe", "subscribed", "unsubscribe", "unsubscribed"})
_DRAWS = 4


class Conflict(enum.Enum):
    """What is done when a resource is asked for that is in use (RFC 6120 section 7.7.2.2)."""

    RENAME = "the new session gets another resourcepart, made by the server"
    REFUSE = "the new session is refused with conflict and may ask for another"
    REPLACE = "the older session is ended with the stream error conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubConfig:
    """What a hub is told once. Raises `LocalProtocolError` for domains that are none."""

    domains: Iterable[JID | str]
    """The domains served here."""
    conflict: Conflict = Conflict.RENAME
    """RFC 6120 encourages renaming and discourages replacing."""
    sessions_per_account: int = 20
    """More are refused with `resource-constraint` (RFC 6120 section 7.6.2.1)."""
    directed_presences: int = 500
    """How many entities a session may have told of itself without a subscription, at one time."""
    requests_between_strangers: bool = False
    """Deliver requests to a resource that does not share its presence with the one who asks.

    RFC 6121 section 8.5.3.1 advises against it: whether there is an answer tells who is online.
    """
    software: Software | None = None
    """What the server tells of itself (XEP-0092); None: it does not answer that, nor lists it."""
    name: str | None = None
    """The name of the service for people, in service discovery."""
    contacts: Contacts = field(default_factory=NoContacts)
    """Rosters and subscriptions."""
    domain_answers: Mapping[tuple[str, str], Answer] = field(default_factory=dict)
    """More requests the domains answer: (type, Clark name of the payload) to function. Discovery lists them."""
    account_answers: Mapping[tuple[str, str], Answer] = field(default_factory=dict)
    """More requests answered on behalf of accounts; only their own sessions and who may see them can ask."""
    entropy: Entropy = system

    def __post_init__(self) -> None:
        served = frozenset(one if isinstance(one, JID) else JID(one) for one in self.domains)
        if not served or any(one.local is not None or one.resource is not None for one in served):
            raise LocalProtocolError("domains are one or more domainparts")
        if self.sessions_per_account < 1 or self.directed_presences < 0:
            raise LocalProtocolError("an account needs room for at least one session")
        object.__setattr__(self, "domains", served)


@dataclass(frozen=True, slots=True)
class BindDecision:
    """What became of a request to bind: the answer to `BindRequested`, and what else is to be done."""

    answer: Bound | BindRefused
    effects: tuple[Effect, ...] = ()

    @property
    def jid(self) -> JID | None:
        """The full address that was bound, None when binding was refused."""
        return self.answer.jid if isinstance(self.answer, Bound) else None


class Hub:
    """Routes between sessions. Every call returns effects, to be carried out in their order.

    A session lives from `bind` to `ended`, to `close`, or to the `Close` effect of a replacing session. For one that is
    not known, any more or yet, `opened`, `received` and `ended` do nothing: what was under way when
    it ended is no misuse. No effect is ever for such a session, `Close` of the one just ended excepted.

    A hub belongs to one thread. It does not know which accounts exist: as long as nothing is kept for
    those who are away, an account without sessions and none at all are treated alike, and nobody can
    find out which it is.
    """

    def __init__(self, config: HubConfig) -> None:
        self.config = config
        self._domains = frozenset(one.domain for one in config.domains if isinstance(one, JID))
        self._sessions = sessions = Sessions()
        self._connected = sessions.connected
        self._contacts = config.contacts
        self._presence = PresenceRules(sessions, config.contacts, config.directed_presences)
        shared = standard(config.software)
        self._domain_answers = Answers(
            Identity("server", "im", config.name), _joined(shared, config.domain_answers), lambda domain: ()
        )
        roster: dict[tuple[str, str], Answer] = {
            ("get", _ROSTER): config.contacts.roster,
            ("set", _ROSTER): config.contacts.roster,
        }
        self._account_answers = Answers(
            Identity("account", "registered"), _joined(shared, roster, config.account_answers), self.available
        )

    # Who is there.

    def __len__(self) -> int:
        """Count the sessions that are bound."""
        return len(self._sessions.by_id)

    def __contains__(self, session: object) -> bool:
        return session in self._sessions.by_id

    def address_of(self, session: SessionId) -> JID | None:
        """Give the full address a session is bound to, None if it is not known."""
        found = self._sessions.by_id.get(session)
        return None if found is None else found.jid

    def available(self, account: JID) -> tuple[JID, ...]:
        """Give the full addresses of the available resources of an account (a bare address)."""
        return tuple(one.jid for one in self._sessions.available(account))

    # The life of a session.

    def bind(self, session: SessionId, account: JID, resource: str | None) -> BindDecision:
        """Decide on a resource for a session that authenticated (RFC 6120 section 7).

        `resource` None: the server makes one, out of 128 bits of entropy. A session that was refused may ask
        again. Raises `LocalProtocolError` for an account that is none of a domain served here and for a
        session that is bound already, `JIDError` for a text that is no resourcepart.
        """
        if account.local is None or account.resource is not None or account.domain not in self._domains:
            raise LocalProtocolError("resources are bound for accounts: bare addresses of a domain served here")
        if session in self._sessions.by_id:
            raise LocalProtocolError("this session is bound (RFC 6120 section 7.1)")
        siblings = self._sessions.by_account.get(account, {})
        jid = None if resource is None else account.with_resource(resource)
        older = None if jid is None else siblings.get(jid.resource or "")
        effects: list[Effect] = []
        if older is not None and self.config.conflict is Conflict.REFUSE:
            return BindDecision(BindRefused("conflict"))
        if older is not None and self.config.conflict is Conflict.REPLACE:
            effects += self._end(older, StreamError("conflict"))
        elif len(siblings) >= self.config.sessions_per_account:
            return BindDecision(BindRefused("resource-constraint"))
        elif jid is None or older is not None:
            jid = self._draw(account, siblings)
        if jid is None:
            return BindDecision(BindRefused("conflict"))
        self._sessions.add(Session(session, jid))
        return BindDecision(Bound(jid), tuple(effects))

    def _draw(self, account: JID, taken: Mapping[str, Session]) -> JID | None:
        for _ in range(_DRAWS):
            resource = token(self.config.entropy)
            if resource not in taken:
                return account.with_resource(resource)
        return None

    def opened(self, session: SessionId) -> tuple[Effect, ...]:
        """Take note that stanzas may flow on a bound session (`SessionReady`): it can be delivered to."""
        found = self._sessions.by_id.get(session)
        if found is not None:
            self._sessions.open(found)
        return ()

    def ended(self, session: SessionId) -> tuple[Effect, ...]:
        """Forget a session that ended for whatever reason; who knew of it is told (RFC 6121 section 4.5.2)."""
        found = self._sessions.by_id.get(session)
        return () if found is None else tuple(self._end(found, None))

    def close(self, error: StreamError, account: JID | None = None) -> tuple[Effect, ...]:
        """End the sessions of an account (it was removed, it is to log in anew), or all (`system-shutdown`).

        When all end, nobody is left to be told who became unavailable.
        """
        if account is None:
            everyone = list(self._sessions.by_id.values())
            for one in everyone:
                self._sessions.remove(one)
            return tuple(Close(one.id, error) for one in everyone)
        closing = list(self._sessions.by_account.get(account, {}).values())
        for one in closing:
            self._sessions.remove(one)
        told = [effect for one in closing for effect in self._presence.gone(one)]
        return (*(Close(one.id, error) for one in closing), *told)

    def _end(self, session: Session, error: StreamError | None) -> list[Effect]:
        self._sessions.remove(session)
        goodbye: list[Effect] = [] if error is None else [Close(session.id, error)]
        return goodbye + self._presence.gone(session)

    # Stanzas.

    def received(self, session: SessionId, stanza: Stanza, now: float) -> Sequence[Effect]:
        """Route a stanza that an opened session sent, stamped by the engine with the full address of the session.

        `now` is calendar time, in seconds since 1970 (UTC). The stanza is kept or delivered as it is and never
        changed. Raises `LocalProtocolError` when `from` is not the address of the session, or when
        the session was not opened.
        """
        sender = self._sessions.by_id.get(session)
        if sender is None:
            return ()
        element = stanza.element
        if element.get("from") != sender.text or not sender.opened:
            raise LocalProtocolError("a stanza comes from an opened session and bears its full address")
        target = element.get("to")
        if isinstance(stanza, Message):
            # The way of nearly every message: a connected resource, addressed as we write it (8.5.3.1).
            found = self._connected.get(target)
            return (Deliver(found.id, stanza),) if found is not None else self._message(sender, stanza)
        if isinstance(stanza, IQ):
            return self._iq(sender, stanza, now)
        assert isinstance(stanza, Presence)
        return self._presence_of(sender, stanza)

    def _message(self, sender: Session, message: Message) -> list[Effect]:
        # RFC 6120 section 10.3.1: without 'to' it is for the sender's own account.
        to = message.to or sender.account
        if to.domain not in self._domains:
            return self._elsewhere(sender, message)
        if to.local is None:
            return _bounce(sender, message, "service-unavailable")  # RFC 6120 section 10.5.1
        found = self._connected.get(str(to))
        available = self._sessions.available(to.bare)
        candidates = [one for one in available if one.priority >= 0]
        standing = Standing.PRESENT if candidates else Standing.NEGATIVE if available else Standing.ABSENT
        addressed = Addressed.BARE if to.resource is None else Addressed.NO_MATCH if found is None else Addressed.MATCH
        match message_rule(message.type, addressed, standing):
            case Rule.DELIVER:
                return [] if found is None else [Deliver(found.id, message)]
            case Rule.MOST_AVAILABLE:
                highest = max(one.priority for one in candidates)
                return fan_out(message, (one for one in candidates if one.priority == highest), to)
            case Rule.ALL:
                return fan_out(message, candidates, to)
            case Rule.BOUNCE:
                return _bounce(sender, message, "service-unavailable")
            case Rule.IGNORE:
                return []

    def _iq(self, sender: Session, iq: IQ, now: float) -> list[Effect]:
        to = iq.to or sender.account
        if to.domain not in self._domains:
            return self._elsewhere(sender, iq)
        if to.local is not None and to.resource is not None:
            return self._iq_to_resource(sender, iq, to)
        if not iq.is_request:
            return []  # the server asked nothing (RFC 6120 section 10.3.3, case 3)
        if to.local is None and to.resource is not None:
            return _bounce(sender, iq, "service-unavailable")  # RFC 6120 section 10.5.2
        asked = Asked(sender.jid, to, now)
        if to.local is None:
            return [Deliver(sender.id, self._domain_answers.reply(iq, asked))]
        if to == sender.account or self._contacts.may_see(watcher=sender.account, account=to):
            return [Deliver(sender.id, self._account_answers.reply(iq, asked))]
        payload = iq.payload
        if iq.type == "get" and payload is not None and payload.tag == _ITEMS and not payload.get("node"):
            # XEP-0030 section 8, rule 2: an empty result, whether the account exists or not.
            return [Deliver(sender.id, iq.reply(payload.makeelement(_ITEMS, {})))]
        return _bounce(sender, iq, "service-unavailable")

    def _iq_to_resource(self, sender: Session, iq: IQ, to: JID) -> list[Effect]:
        """RFC 6121 sections 8.5.3.1 and 8.5.3.2.3."""
        found = self._connected.get(str(to))
        if found is not None and (
            not iq.is_request
            or self.config.requests_between_strangers
            or shares_presence(self._contacts, found, sender.jid)
        ):
            return [Deliver(found.id, iq)]
        return _bounce(sender, iq, "service-unavailable")

    def _presence_of(self, sender: Session, presence: Presence) -> list[Effect]:
        to = presence.to
        if to is None:
            return self._presence.broadcast(sender, presence)
        kind = presence.element.get("type")
        if to.domain not in self._domains:
            # RFC 6121 section 4.3: a probe alone is no cause for an error.
            return [] if kind == "probe" else self._elsewhere(sender, presence)
        if kind in _SUBSCRIPTION:
            return [
                effect
                for one in self._contacts.subscription(presence)
                if one.to is not None
                for effect in fan_out(one, self._sessions.at(one.to))
            ]
        if to.local is None:
            return []  # nothing is to be done with it (RFC 6120 section 10.5.1)
        if kind == "probe":
            return self._presence.probe(sender, presence, to)
        if kind == "error":
            # To the resource that was addressed (RFC 6120 section 10.5.4), to no other.
            return fan_out(presence, self._sessions.at(to)) if to.resource is not None else []
        return self._presence.direct(sender, presence, to)

    def _elsewhere(self, sender: Session, stanza: Stanza) -> list[Effect]:
        """There are no streams to other domains (RFC 6120 section 10.4.3)."""
        return _bounce(sender, stanza, "remote-server-not-found")


def _bounce(sender: Session, stanza: Stanza, condition: str) -> list[Effect]:
    """Tell the sender, unless it sent an error or a result (RFC 6120 section 8.3.1)."""
    if stanza.is_error or (isinstance(stanza, IQ) and not stanza.is_request):
        return []
    return [Deliver(sender.id, stanza.error_answer(condition))]


def _joined(*tables: Mapping[tuple[str, str], Answer]) -> dict[tuple[str, str], Answer]:
    joined: dict[tuple[str, str], Answer] = {}
    for table in tables:
        if joined.keys() & table.keys():
            raise LocalProtocolError("there is an answer to this payload already")
        joined.update(table)
    return joined
