"""Whatever sessions do, in any order: what the hub never does (RFC 6120 sections 8.2.3, 8.3.1 and 10)."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from xmpp_core.jid import JID
from xmpp_core.namespaces import CLIENT, STANZA_ERRORS
from xmpp_core.server import Close, Conflict, Deliver, Effect, Hub, HubConfig
from xmpp_core.stanza import IQ, VIEWS, Message, Presence, Stanza
from xmpp_core.stream.conditions import StreamError
from xmpp_core.testing.entropy import CountedEntropy
from xmpp_core.xml.names import copy, equal

ACCOUNTS = tuple(JID(f"{name}@example.com") for name in ("juliet", "romeo", "nurse"))
RESOURCES = ("a", "b", "c")
TARGETS = (
    None,
    *(str(one) for one in ACCOUNTS),
    *(f"{one}/{resource}" for one in ACCOUNTS for resource in RESOURCES),
    "nobody@example.com",
    "example.com",
    "example.com/x",
    "romeo@example.net",
)
KINDS = {
    "message": (None, "normal", "chat", "groupchat", "headline", "error", "odd"),
    "presence": (
        None, "unavailable", "probe", "subscribe", "subscribed", "unsubscribe", "unsubscribed", "error",
    ),
    "iq": ("get", "set", "result", "error"),
}  # fmt: skip
PAYLOADS = ("{urn:xmpp:ping}ping", "{jabber:iq:roster}query", "{http://jabber.org/protocol/disco#items}query", "{u}x")
STANZAS = st.one_of(
    *(st.tuples(st.just(name), st.sampled_from(kinds), st.sampled_from(TARGETS)) for name, kinds in KINDS.items())
)


def made(name: str, kind: str | None, target: str | None, number: int, payload: str, priority: int) -> Stanza:
    element = Element(f"{{{CLIENT}}}{name}", {"id": f"s{number}"})
    if kind is not None:
        element.set("type", kind)
    if target is not None:
        element.set("to", target)
    if name == "iq" and kind in ("get", "set"):
        SubElement(element, payload)
    if name == "presence" and kind is None:
        SubElement(element, f"{{{CLIENT}}}priority").text = str(priority)
    if kind == "error":
        SubElement(SubElement(element, f"{{{CLIENT}}}error"), f"{{{STANZA_ERRORS}}}gone")
    return VIEWS[element.tag].view(element)


class Town(RuleBasedStateMachine):
    """Sessions come, talk and go. The machine keeps its own list of who is open."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.bound: dict[int, JID] = {}
        self.open: dict[int, JID] = {}
        self.over: set[int] = set()
        self.start(Conflict.REPLACE)

    def start(self, conflict: Conflict) -> None:
        self.hub = Hub(
            HubConfig(
                domains={"example.com"},
                conflict=conflict,
                sessions_per_account=3,
                directed_presences=3,
                entropy=CountedEntropy(),
            )
        )

    @precondition(lambda self: self.number == 0)
    @rule(conflict=st.sampled_from(Conflict))
    def choose_a_policy(self, conflict: Conflict) -> None:
        self.start(conflict)

    def forget(self, session: int) -> None:
        self.bound.pop(session, None)
        self.open.pop(session, None)
        self.over.add(session)

    def carry_out(self, effects: Sequence[Effect]) -> list[Deliver]:
        delivered = []
        for effect in effects:
            if isinstance(effect, Close):
                # A session is closed once, and it was there.
                assert isinstance(effect.session, int)
                assert effect.session in self.bound
                self.forget(effect.session)
            else:
                assert effect.session in self.open, "an effect for a session that is not open"
                delivered.append(effect)
        return delivered

    @rule(account=st.sampled_from(ACCOUNTS), resource=st.sampled_from((None, *RESOURCES)))
    def bind(self, account: JID, resource: str | None) -> None:
        self.number += 1
        decision = self.hub.bind(self.number, account, resource)
        self.carry_out(decision.effects)
        if decision.jid is None:
            assert decision.effects == ()
            self.over.add(self.number)
        else:
            assert decision.jid not in self.bound.values()
            self.bound[self.number] = decision.jid

    @precondition(lambda self: self.bound)
    @rule(data=st.data())
    def open_one(self, data: st.DataObject) -> None:
        session = data.draw(st.sampled_from(sorted(self.bound)))
        assert self.hub.opened(session) == ()
        self.open[session] = self.bound[session]

    @precondition(lambda self: self.bound)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        session = data.draw(st.sampled_from(sorted(self.bound)))
        self.forget(session)
        for one in self.carry_out(self.hub.ended(session)):
            assert one.stanza.element.get("type") == "unavailable"

    @precondition(lambda self: self.bound)
    @rule(data=st.data())
    def end_an_account(self, data: st.DataObject) -> None:
        account = data.draw(st.sampled_from(ACCOUNTS))
        self.carry_out(self.hub.close(StreamError("not-authorized"), account))
        assert account not in {one.bare for one in self.bound.values()}

    @precondition(lambda self: self.over)
    @rule(data=st.data(), drawn=STANZAS)
    def hear_of_one_that_is_over(self, data: st.DataObject, drawn: tuple[str, str | None, str | None]) -> None:
        session = data.draw(st.sampled_from(sorted(self.over)))
        stanza = made(*drawn, 0, PAYLOADS[0], 0)
        stanza.element.set("from", "juliet@example.com/a")
        assert not self.hub.received(session, stanza, 0.0)
        assert not self.hub.opened(session)
        assert not self.hub.ended(session)

    @precondition(lambda self: self.open)
    @rule(
        data=st.data(),
        drawn=STANZAS,
        payload=st.sampled_from(PAYLOADS),
        priority=st.integers(min_value=-2, max_value=2),
    )
    def send(self, data: st.DataObject, drawn: tuple[str, str | None, str | None], payload: str, priority: int) -> None:
        session = data.draw(st.sampled_from(sorted(self.open)))
        self.number += 1
        stanza = made(*drawn, self.number, payload, priority)
        stanza.element.set("from", str(self.open[session]))
        before = copy(stanza.element)
        delivered = self.carry_out(self.hub.received(session, stanza, 0.0))
        assert equal(before, stanza.element), "a received stanza was changed"
        answers = [one for one in delivered if one.stanza is not stanza and self._answers(one, stanza)]
        errors = [one for one in answers if one.stanza.element.get("type") == "error"]
        assert len(errors) <= 1
        if errors:
            assert len(delivered) == 1, "delivered and refused as well"
            assert errors[0].session == session
            assert stanza.type != "error"
        if isinstance(stanza, IQ):
            if stanza.is_request:
                # Exactly one outcome: delivered once as it is, or answered once.
                assert len(delivered) == 1
                assert delivered[0].stanza is stanza or (delivered[0].session == session and len(answers) == 1)
            else:
                assert all(one.stanza is stanza for one in delivered)
        if isinstance(stanza, Message) and not errors:
            assert all(one.stanza.element[:] == stanza.element[:] for one in delivered)
        # Nobody gets one stanza twice; initial presence apart nobody gets two of any kind for one.
        pairs = [(one.session, id(one.stanza)) for one in delivered]
        assert len(set(pairs)) == len(pairs)
        if isinstance(stanza, Presence) and stanza.type == "unavailable":
            assert len({one.session for one in delivered}) == len(delivered)

    @staticmethod
    def _answers(effect: Deliver, stanza: Stanza) -> bool:
        element = effect.stanza.element
        return element.get("id") == stanza.id and element.get("type") in ("error", "result")

    @invariant()
    def the_hub_knows_who_is_there(self) -> None:
        assert len(self.hub) == len(self.bound)
        assert all(self.hub.address_of(session) == jid for session, jid in self.bound.items())
        for account in ACCOUNTS:
            available = set(self.hub.available(account))
            assert available <= set(self.open.values())
            assert len([one for one in self.bound.values() if one.bare == account]) <= 3


TestTown = Town.TestCase
