"""Presence between sessions: broadcast, directed presence, probes, ends (RFC 6121 section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element

import pytest
from hub_stage import Got, Stage, seen

from xmpp_core.jid import JID
from xmpp_core.server import Asked, Contacts, NoContacts
from xmpp_core.stanza import IQ, Presence, Stanza


def told(got: list[Got]) -> list[tuple[str, str, str, str | None]]:
    return [(one.session, one.from_, one.to, one.type) for one in got]


BALCONY, CHAMBER = "juliet@example.com/balcony", "juliet@example.com/chamber"
JULIET, ROMEO = "juliet@example.com", "romeo@example.com"


@pytest.mark.feature("PRS-01")
def test_initial_presence_goes_to_all_own_available_resources_and_theirs_to_the_new_one() -> None:
    # Section 4.2.2: the sender included, resources that are not available excluded.
    stage = Stage()
    stage.enter("silent", "juliet")
    stage.enter("chamber", "juliet", presence="<presence><show>dnd</show></presence>")
    got = stage.enter("balcony", "juliet", presence="<presence id='p1'><status>here</status></presence>")
    assert told(got) == [
        ("chamber", BALCONY, JULIET, None),
        ("balcony", BALCONY, JULIET, None),
        ("balcony", CHAMBER, JULIET, None),
    ]
    assert [one.text("status") for one in got] == ["here", "here", None]
    assert got[2].text("show") == "dnd"


@pytest.mark.feature("PRS-01")
def test_an_update_goes_to_all_own_available_resources() -> None:
    # Section 4.4.2, the full XML.
    stage = Stage()
    stage.enter("chamber", "juliet", presence="<presence/>")
    stage.enter("balcony", "juliet", presence="<presence/>")
    got = stage.send("balcony", "<presence><show>away</show><c xmlns='urn:caps' v='1'/></presence>")
    assert told(got) == [("chamber", BALCONY, JULIET, None), ("balcony", BALCONY, JULIET, None)]
    for one in got:
        assert one.element is not None
        assert one.text("show") == "away"
        assert one.element.find("{urn:caps}c") is not None


@pytest.mark.feature("PRS-01")
def test_unavailable_presence_goes_to_all_the_sender_included() -> None:
    # Section 4.5.2; afterwards the resource is connected, not available, and may become available anew.
    stage = Stage()
    stage.enter("chamber", "juliet", presence="<presence/>")
    stage.enter("balcony", "juliet", presence="<presence/>")
    got = stage.send("balcony", "<presence type='unavailable'><status>bye</status></presence>")
    assert told(got) == [("chamber", BALCONY, JULIET, "unavailable"), ("balcony", BALCONY, JULIET, "unavailable")]
    assert [one.text("status") for one in got] == ["bye", "bye"]
    assert stage.send("balcony", "<presence type='unavailable'/>") == []
    assert told(stage.send("chamber", "<presence/>")) == [("chamber", CHAMBER, JULIET, None)]
    assert stage.leave("balcony") == []
    assert [one.session for one in stage.enter("balcony", "juliet", presence="<presence/>")] == [
        "chamber",
        "balcony",
        "balcony",
    ]


def test_a_resource_becomes_available_again_after_it_was_unavailable() -> None:
    # Section 4.5.2, implementation note: as initial presence.
    stage = Stage()
    stage.enter("chamber", "juliet", presence="<presence/>")
    stage.enter("balcony", "juliet", presence="<presence/>")
    stage.send("balcony", "<presence type='unavailable'/>")
    assert told(stage.send("balcony", "<presence/>")) == [
        ("chamber", BALCONY, JULIET, None),
        ("balcony", BALCONY, JULIET, None),
        ("balcony", CHAMBER, JULIET, None),
    ]


def test_the_end_of_a_session_is_told_for_it() -> None:
    # Section 4.5.2: ungracefully gone.
    stage = Stage()
    stage.enter("chamber", "juliet", presence="<presence/>")
    stage.enter("balcony", "juliet", presence="<presence/>")
    assert told(stage.leave("balcony")) == [("chamber", BALCONY, JULIET, "unavailable")]
    assert stage.hub.available(JID(JULIET)) == (JID(CHAMBER),)


@pytest.mark.feature("PRS-02")
@pytest.mark.parametrize(
    ("written", "takes"), [("127", True), ("0", True), ("-1", False), ("-128", False), ("128", True), ("x", True)]
)
def test_the_priority_decides_whether_messages_come(written: str, takes: bool) -> None:
    # Section 4.7.2.3; what is no priority counts as none: 0.
    stage = Stage()
    stage.enter("juliet", "juliet")
    stage.enter("romeo", "romeo", presence=f"<presence><priority>{written}</priority></presence>")
    (got,) = stage.send("juliet", f"<message to='{ROMEO}'/>")
    assert got.session == ("romeo" if takes else "juliet")


def test_an_update_without_a_priority_has_priority_0() -> None:
    stage = Stage()
    stage.available("one", "romeo", 5)
    stage.available("two", "romeo", 1)
    stage.send("one", "<presence/>")
    assert [one.session for one in stage.send("two", f"<message to='{ROMEO}'/>")] == ["two"]


@pytest.mark.feature("PRS-03")
@pytest.mark.parametrize("available", [False, True])
@pytest.mark.parametrize("target", [ROMEO, f"{ROMEO}/romeo"])
@pytest.mark.parametrize("end", ["ended", "unavailable"])
def test_who_got_directed_presence_is_told_of_the_end(available: bool, target: str, end: str) -> None:
    # Section 4.6.3, cases 2 and 3.
    stage = Stage()
    stage.enter("balcony", "juliet", presence="<presence/>" if available else None)
    stage.enter("romeo", "romeo", presence="<presence/>")
    got = stage.send("balcony", f"<presence to='{target}'><show>chat</show></presence>")
    assert told(got) == [("romeo", BALCONY, target, None)]
    assert got[0].text("show") == "chat"
    # Not part of later broadcasts.
    update = [("balcony", BALCONY, JULIET, None)]
    if available:
        assert told(stage.send("balcony", "<presence><show>away</show></presence>")) == update
    last = stage.leave("balcony") if end == "ended" else stage.send("balcony", "<presence type='unavailable'/>")
    assert told(last)[-1] == ("romeo", BALCONY, target, "unavailable")
    assert len(last) == (2 if available and end == "unavailable" else 1)
    # Told once.
    assert stage.leave("balcony") == []


@pytest.mark.feature("PRS-03")
def test_who_was_told_already_is_not_told_again() -> None:
    # Sections 4.6.1 and 4.6.3: directed unavailable presence takes the entity off the list.
    stage = Stage()
    stage.enter("balcony", "juliet", presence="<presence/>")
    stage.enter("romeo", "romeo")
    stage.send("balcony", f"<presence to='{ROMEO}/romeo'/>")
    got = stage.send("balcony", f"<presence type='unavailable' to='{ROMEO}/romeo'><status>x</status></presence>")
    assert told(got) == [("romeo", BALCONY, f"{ROMEO}/romeo", "unavailable")]
    assert stage.leave("balcony") == []


@pytest.mark.feature("PRS-03")
def test_an_entity_that_becomes_unavailable_is_struck_off_the_lists() -> None:
    # Section 4.6.1, last sentence.
    stage = Stage()
    stage.enter("balcony", "juliet")
    stage.enter("romeo", "romeo")
    stage.send("romeo", f"<presence to='{BALCONY}'/>")
    stage.send("balcony", f"<presence to='{ROMEO}/romeo'/>")
    stage.send("romeo", f"<presence type='unavailable' to='{BALCONY}'/>")
    assert stage.leave("balcony") == []


@pytest.mark.feature("PRS-03")
@pytest.mark.parametrize("end", ["ended", "unavailable"])
def test_an_entity_whose_presence_ends_is_struck_off_the_lists(end: str) -> None:
    # Section 4.6.1, last sentence, by a broadcast or the end.
    stage = Stage()
    stage.enter("balcony", "juliet")
    stage.enter("romeo", "romeo", presence="<presence/>")
    stage.send("balcony", f"<presence to='{ROMEO}/romeo'/>")
    stage.send("romeo", f"<presence to='{BALCONY}'/>")
    if end == "ended":
        stage.leave("romeo")
        stage.enter("romeo", "romeo", presence="<presence/>")
    else:
        stage.send("romeo", "<presence type='unavailable'/>")
    assert stage.leave("balcony") == []


def test_one_who_was_sent_presence_in_two_ways_is_told_once() -> None:
    stage = Stage()
    stage.enter("balcony", "juliet")
    stage.enter("romeo", "romeo", presence="<presence/>")
    for target in (f"{ROMEO}/romeo", ROMEO):
        stage.send("balcony", f"<presence to='{target}'/>")
    assert told(stage.leave("balcony")) == [("romeo", BALCONY, f"{ROMEO}/romeo", "unavailable")]


def test_one_who_is_told_in_two_ways_is_told_once() -> None:
    stage = Stage()
    stage.enter("balcony", "juliet")
    stage.enter("chamber", "juliet", presence="<presence/>")
    stage.send("balcony", f"<presence to='{CHAMBER}'/>")
    stage.send("balcony", "<presence/>")
    assert told(stage.leave("balcony")) == [("chamber", BALCONY, JULIET, "unavailable")]


def test_directed_presence_to_nobody_is_not_kept_in_mind() -> None:
    stage = Stage()
    stage.enter("balcony", "juliet")
    assert stage.send("balcony", f"<presence to='{ROMEO}'/>") == []
    stage.enter("romeo", "romeo", presence="<presence/>")
    assert stage.leave("balcony") == []


def test_a_session_directs_presence_to_so_many_and_no_more() -> None:
    stage = Stage(directed_presences=2)
    stage.enter("balcony", "juliet")
    for number in range(3):
        stage.enter(f"r{number}", "romeo")
    assert [one.session for n in (0, 1, 0) for one in stage.send("balcony", f"<presence to='{ROMEO}/r{n}'/>")] == [
        "r0",
        "r1",
        "r0",
    ]
    (refused,) = stage.send("balcony", f"<presence to='{ROMEO}/r2'/>")
    assert (refused.session, refused.condition) == ("balcony", "resource-constraint")
    stage.send("balcony", f"<presence type='unavailable' to='{ROMEO}/r0'/>")
    assert [one.session for one in stage.send("balcony", f"<presence to='{ROMEO}/r2'/>")] == ["r2"]
    assert sorted(one.session for one in stage.leave("balcony")) == ["r1", "r2"]


def test_a_probe_of_the_own_account_gives_the_last_presence_of_each_resource() -> None:
    # Section 4.3.2, rule 4: the full XML, with the id of the presence (4.3.2.1).
    stage = Stage()
    stage.enter("balcony", "juliet", presence="<presence id='b1'/>")
    stage.enter("chamber", "juliet", presence="<presence id='c1'><show>away</show></presence>")
    stage.enter("silent", "juliet")
    got = stage.send("silent", f"<presence type='probe' id='probe' to='{JULIET}'/>")
    silent = "juliet@example.com/silent"
    assert told(got) == [("silent", BALCONY, silent, None), ("silent", CHAMBER, silent, None)]
    assert [(one.id, one.text("show")) for one in got] == [("b1", None), ("c1", "away")]


def test_a_probe_of_an_own_account_where_nobody_is_available() -> None:
    # Section 4.3.2, rule 3, and 4.3.2.1: the id is that of the probe.
    stage = Stage()
    stage.enter("silent", "juliet")
    (got,) = stage.send("silent", f"<presence type='probe' id='probe' to='{JULIET}'/>")
    assert (got.session, got.from_, got.type, got.id) == ("silent", JULIET, "unavailable", "probe")


@pytest.mark.feature("PRS-03")
def test_a_probe_of_a_full_address_is_answered_after_directed_presence() -> None:
    # Section 4.6.6: mere presence, for that resource alone.
    stage = Stage()
    stage.enter("romeo", "romeo", presence="<presence><show>away</show></presence>")
    stage.enter("balcony", "juliet", presence="<presence/>")
    probe = f"<presence type='probe' id='q' to='{ROMEO}/romeo'/>"
    assert stage.send("balcony", probe) == []
    stage.send("romeo", f"<presence to='{BALCONY}'><show>xa</show></presence>")
    (got,) = stage.send("balcony", probe)
    assert (got.session, got.from_, got.to, got.type) == ("balcony", f"{ROMEO}/romeo", BALCONY, None)
    assert got.element is not None
    assert len(got.element) == 0
    assert stage.send("balcony", f"<presence type='probe' id='q' to='{ROMEO}'/>") == []


class Friends(NoContacts):
    """Accounts whose subscriptions are fixed: (watcher, watched)."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs = [(JID(watcher), JID(account)) for watcher, account in pairs]

    def may_see(self, watcher: JID, account: JID) -> bool:
        return (watcher, account) in self.pairs

    def watchers(self, account: JID) -> Iterable[JID]:
        return [watcher for watcher, watched in self.pairs if watched == account]

    def watched(self, account: JID) -> Iterable[JID]:
        return [watched for watcher, watched in self.pairs if watcher == account]

    def subscription(self, stanza: Presence) -> Iterable[Stanza]:
        copy = stanza.copy()
        assert stanza.from_ is not None
        copy.element.set("from", str(stanza.from_.bare))
        return (copy,)

    def roster(self, iq: IQ, asked: Asked) -> Element | None:
        if asked.asker.bare != asked.target:
            return super().roster(iq, asked)
        result = Element("{jabber:iq:roster}query")
        for watched in self.watched(asked.target):
            result.append(Element("{jabber:iq:roster}item", {"jid": str(watched)}))
        return result


@pytest.fixture
def friendly() -> Stage:
    """Romeo is subscribed to juliet, who is not subscribed to him."""
    contacts: Contacts = Friends((ROMEO, JULIET))
    return Stage(contacts=contacts)


def test_subscribers_get_presence_and_its_end(friendly: Stage) -> None:
    friendly.enter("romeo", "romeo", presence="<presence/>")
    got = friendly.enter("balcony", "juliet", presence="<presence><show>chat</show></presence>")
    assert told(got) == [("balcony", BALCONY, JULIET, None), ("romeo", BALCONY, ROMEO, None)]
    # Directed presence changes nothing in that (section 4.6.3, rule 1).
    assert told(friendly.send("balcony", f"<presence to='{ROMEO}'/>")) == [("romeo", BALCONY, ROMEO, None)]
    assert told(friendly.leave("balcony")) == [("romeo", BALCONY, ROMEO, "unavailable")]


def test_a_subscriber_who_got_directed_presence_alone_is_told_of_the_end(friendly: Stage) -> None:
    # Section 4.6.3, rule 3: what is not available has nothing to broadcast.
    friendly.enter("romeo", "romeo", presence="<presence/>")
    friendly.enter("balcony", "juliet")
    friendly.send("balcony", f"<presence to='{ROMEO}'/>")
    assert told(friendly.leave("balcony")) == [("romeo", BALCONY, ROMEO, "unavailable")]


def test_a_new_resource_is_told_of_those_it_is_subscribed_to(friendly: Stage) -> None:
    friendly.enter("balcony", "juliet", presence="<presence><show>dnd</show></presence>")
    got = friendly.enter("romeo", "romeo", presence="<presence/>")
    assert told(got) == [("romeo", f"{ROMEO}/romeo", ROMEO, None), ("romeo", BALCONY, ROMEO, None)]
    assert got[1].text("show") == "dnd"


def test_a_subscriber_probes_asks_and_is_answered(friendly: Stage) -> None:
    friendly.enter("balcony", "juliet", presence="<presence><show>dnd</show></presence>")
    friendly.enter("romeo", "romeo")
    romeo = f"{ROMEO}/romeo"
    assert told(friendly.send("romeo", f"<presence type='probe' to='{JULIET}'/>")) == [("romeo", BALCONY, romeo, None)]
    (mere,) = friendly.send("romeo", f"<presence type='probe' to='{BALCONY}'/>")
    assert mere.text("show") is None
    assert friendly.send("balcony", f"<presence type='probe' to='{ROMEO}'/>") == []
    ping = "<iq type='get' id='1' to='{}'><ping xmlns='urn:xmpp:ping'/></iq>"
    assert friendly.send("romeo", ping.format(BALCONY))[0].session == "balcony"
    assert friendly.send("romeo", ping.format(JULIET))[0].type == "result"
    assert friendly.send("balcony", ping.format(romeo))[0].condition == "service-unavailable"


def test_subscription_stanzas_and_rosters_are_the_contacts_business(friendly: Stage) -> None:
    friendly.enter("balcony", "juliet", presence="<presence/>")
    friendly.enter("romeo", "romeo")
    got = friendly.send("romeo", f"<presence type='subscribe' to='{JULIET}'/>")
    assert told(got) == [("balcony", ROMEO, JULIET, "subscribe")]
    (roster,) = friendly.send("romeo", "<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>")
    assert roster.element is not None
    assert [item.get("jid") for item in roster.element.iter("{jabber:iq:roster}item")] == [JULIET]
    # RFC 6121 section 2.3.3: a roster is its owner's, whoever may see the presence.
    for kind in ("get", "set"):
        (refused,) = friendly.send(
            "romeo", f"<iq type='{kind}' id='2' to='{JULIET}'><query xmlns='jabber:iq:roster'/></iq>"
        )
        assert refused.condition == "forbidden"


def test_an_account_in_its_own_roster_is_told_of_itself_once() -> None:
    stage = Stage(contacts=Friends((JULIET, JULIET)))
    stage.enter("chamber", "juliet", presence="<presence/>")
    assert told(stage.enter("balcony", "juliet", presence="<presence/>")) == [
        ("chamber", BALCONY, JULIET, None),
        ("balcony", BALCONY, JULIET, None),
        ("balcony", CHAMBER, JULIET, None),
    ]
    assert told(stage.leave("balcony")) == [("chamber", BALCONY, JULIET, "unavailable")]


def test_a_broadcast_is_encoded_once_for_an_account() -> None:
    stage = Stage()
    for number in range(4):
        stage.enter(f"r{number}", "romeo", presence="<presence/>")
    jid = stage.hub.address_of("r0")
    effects = stage.hub.received("r0", Presence(from_=jid, show="away"), 0.0)
    assert len({id(effect[1]) for effect in effects}) == 1
    assert len(seen(effects)) == 4
