"""XEP-0359: unique and stable ids."""

from __future__ import annotations

from xml.etree.ElementTree import SubElement

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import JID, Message
from xmpp_core.stanza.payloads.stanza_ids import (
    NAMESPACE,
    OriginId,
    ReferencedStanza,
    StanzaId,
    assigned,
    reference_id,
    stanza_id,
)

ROOM = JID("room@muc.example.com")
ID = "de305d54-75b4-431b-adb2-eb6b9e546013"
MESSAGE = Message(
    from_="room@muc.example.com/nick",
    id="own",
    type="groupchat",
    body="Typical body text",
    payloads=[StanzaId("5f3dbc5e", ROOM), OriginId(ID)],
)


@pytest.mark.feature("X-0359")
def test_sections_2_and_4_the_elements() -> None:
    both_ways(f"<stanza-id xmlns='urn:xmpp:sid:0' id='{ID}' by='room@muc.example.com'/>", StanzaId(ID, ROOM))
    both_ways(f"<origin-id xmlns='urn:xmpp:sid:0' id='{ID}'/>", OriginId(ID))
    both_ways(
        "<referenced-stanza xmlns='urn:xmpp:sid:0' id='xep359-stanza-id' by='muc.example.org'/>",
        ReferencedStanza("xep359-stanza-id", JID("muc.example.org")),
    )
    both_ways("<referenced-stanza xmlns='urn:xmpp:sid:0' id='x'/>", ReferencedStanza("x"))


@pytest.mark.feature("X-0359")
def test_section_3_rules_5_and_6() -> None:
    refused(StanzaId, "<stanza-id xmlns='urn:xmpp:sid:0' by='a.example'/>", "stanza-id/@id")
    refused(StanzaId, "<stanza-id xmlns='urn:xmpp:sid:0' id='1'/>", "stanza-id/@by")
    refused(OriginId, "<origin-id xmlns='urn:xmpp:sid:0'/>", "origin-id/@id")
    refused(ReferencedStanza, "<referenced-stanza xmlns='urn:xmpp:sid:0' by='a.example'/>", "referenced-stanza/@id")


@pytest.mark.feature("X-0359")
def test_sections_5_and_6_an_id_counts_from_who_gives_it_and_says_that_it_does() -> None:
    assert stanza_id(MESSAGE, ROOM, announced=True) == "5f3dbc5e"
    assert stanza_id(MESSAGE, ROOM, announced=False) is None
    assert stanza_id(MESSAGE, JID("juliet@capulet.lit"), announced=True) is None
    twice = MESSAGE.with_payload(StanzaId("forged", ROOM))
    assert stanza_id(twice, ROOM, announced=True) is None, "one at most (section 3, rule 4)"


@pytest.mark.feature("X-0359")
def test_what_strangers_put_there_changes_nothing() -> None:
    message = MESSAGE.copy()
    for by in ("@", "", "room@muc.example.com/nick", "ROOM@muc.example.org"):
        SubElement(message.element, f"{{{NAMESPACE}}}stanza-id", {"id": "forged", "by": by})
    SubElement(message.element, f"{{{NAMESPACE}}}stanza-id", {"id": "forged"})
    assert stanza_id(message, ROOM, announced=True) == "5f3dbc5e"


@pytest.mark.feature("X-0359")
def test_section_3_rules_2_and_3_what_a_room_passes_on() -> None:
    """Whatever claims to be of it is taken away, in any spelling (rule 7); all else stays."""
    message = MESSAGE.with_payload(StanzaId("archive", JID("juliet@capulet.lit")))
    SubElement(message.element, f"{{{NAMESPACE}}}stanza-id", {"id": "forged", "by": "Room@MUC.example.com"})
    passed = assigned(message, ROOM, "new")
    assert stanza_id(passed, ROOM, announced=True) == "new"
    assert stanza_id(passed, JID("juliet@capulet.lit"), announced=True) == "archive"
    assert passed.get(OriginId) == OriginId(ID)
    without = assigned(message, ROOM, None)
    assert stanza_id(without, ROOM, announced=True) is None
    assert [one.id for one in without.get_all(StanzaId)] == ["archive"]
    assert stanza_id(message, ROOM, announced=True) is None, "the one given is unchanged"


@pytest.mark.feature("X-0359", "X-0444", "X-0461")
def test_by_which_id_others_speak_of_a_message() -> None:
    """XEP-0444 section 4.2 and XEP-0461 section 4.1."""
    assert reference_id(MESSAGE, announced=True) == "5f3dbc5e"
    assert reference_id(MESSAGE) is None
    direct = Message(from_="a@b", id="own", type="chat", payloads=[StanzaId("archive", JID("me@b"))])
    assert reference_id(direct) == "own"
    assert reference_id(direct.with_payload(OriginId("origin"))) == "origin"
    assert reference_id(Message(body="x")) is None
    assert reference_id(Message(type="groupchat", id="own")) is None
