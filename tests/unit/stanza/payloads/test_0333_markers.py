"""XEP-0333: displayed markers."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import JID, Message
from xmpp_core.stanza.payloads.markers import Displayed, Markable, marker_for, marker_id
from xmpp_core.stanza.payloads.stanza_ids import StanzaId

ROOM = JID("coven@chat.shakespeare.lit")
ASKED = Message(from_="romeo@montegue.lit/orchard", id="the-msg-1", body="Hi. How are you?", payloads=[Markable()])
IN_ROOM = Message(
    from_="coven@chat.shakespeare.lit/firstwitch",
    id="message-1",
    type="groupchat",
    thread="Act IV, Scene I",
    body="Thrice the brinded cat hath mew'd.",
    payloads=[Markable(), StanzaId("39K7ZYIp", ROOM)],
)


@pytest.mark.feature("X-0333")
def test_section_4_the_elements() -> None:
    both_ways("<markable xmlns='urn:xmpp:chat-markers:0'/>", Markable())
    both_ways("<displayed xmlns='urn:xmpp:chat-markers:0' id='the-msg-1'/>", Displayed("the-msg-1"))
    refused(Displayed, "<displayed xmlns='urn:xmpp:chat-markers:0'/>", "displayed/@id")


@pytest.mark.feature("X-0333")
def test_section_4_2_the_answer() -> None:
    """Example 4."""
    answer = marker_for(ASKED, authorized=True)
    assert answer == Message(to="romeo@montegue.lit", type="normal", payloads=[Displayed("the-msg-1")])
    assert answer is not None
    loop = Message(from_="juliet@capulet.lit", id="2", payloads=[Displayed("the-msg-1"), Markable()])
    assert marker_for(loop, authorized=True) is None, "a marker is never answered"


@pytest.mark.feature("X-0333")
def test_section_4_3_in_a_room() -> None:
    """Examples 5 and 6; without being asked too."""
    answer = marker_for(IN_ROOM, authorized=True, announced=True)
    assert answer is not None
    assert (answer.to, answer.type, answer.thread) == (ROOM, "groupchat", "Act IV, Scene I")
    assert answer.get(Displayed) == Displayed("39K7ZYIp")
    assert marker_for(IN_ROOM.without(Markable), authorized=True, announced=True) == answer
    # Without stanza ids of the room, those that are there are forged.
    assert marker_id(IN_ROOM, announced=False) == "message-1"
    assert marker_id(IN_ROOM.without(StanzaId), announced=True) is None
    assert marker_for(IN_ROOM.without(StanzaId), authorized=True, announced=True) is None


@pytest.mark.feature("X-0333")
def test_sections_5_and_7_who_is_not_answered() -> None:
    assert marker_for(ASKED, authorized=False) is None
    assert marker_for(ASKED.without(Markable), authorized=True) is None
    assert marker_for(Message(from_="a@b", body="x", payloads=[Markable()]), authorized=True) is None
    assert marker_for(Message(from_="a@b", id="1", type="error", payloads=[Markable()]), authorized=True) is None


def test_private_messages_of_a_room_go_back_to_the_occupant() -> None:
    private = Message(
        from_=f"{ROOM}/nick",
        id="1",
        type="chat",
        body="x",
        payloads=[Markable(), Element("{http://jabber.org/protocol/muc#user}x")],
    )
    answer = marker_for(private, authorized=True)
    assert answer is not None
    assert answer.to == private.from_
