"""XEP-0461: replies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payload_shapes import both_ways, refused

from xmpp_core import JID, Message
from xmpp_core.stanza.payloads.fallback import Fallback, Part, Region, without_fallback
from xmpp_core.stanza.payloads.replies import NAMESPACE, Reply, quoted, reply
from xmpp_core.stanza.payloads.stanza_ids import StanzaId
from xmpp_core.stanza.payloads.styling import styled

CAKE = Message(from_="anna@example.com/tablet", id="message-id1", type="chat", body="We should bake a cake")


@pytest.mark.feature("X-0461")
def test_section_3_the_element() -> None:
    """Example 3."""
    both_ways(
        "<reply to='anna@example.com/tablet' id='message-id1' xmlns='urn:xmpp:reply:0'/>",
        Reply("message-id1", JID("anna@example.com/tablet")),
    )
    both_ways("<reply id='message-id1' xmlns='urn:xmpp:reply:0'/>", Reply("message-id1"))
    refused(Reply, "<reply to='anna@example.com/tablet' xmlns='urn:xmpp:reply:0'/>", "reply/@id")


@pytest.mark.feature("X-0461")
def test_section_3_1_with_a_fallback() -> None:
    """Example 4: the quotation has 38 characters."""
    answer = reply(CAKE, "Great idea!", id="message-id3", author="Anna")
    assert answer.body == "> Anna wrote:\n> We should bake a cake\nGreat idea!"
    assert answer.get(Fallback) == Fallback(NAMESPACE, (Region(Part.BODY, 0, 38),))
    assert answer.get(Reply) == Reply("message-id1", JID("anna@example.com/tablet"))
    assert without_fallback(answer, {NAMESPACE}).body == "Great idea!"
    plain = reply(CAKE, "Great idea!")
    assert (plain.body, plain.get(Fallback)) == ("Great idea!", None)


@pytest.mark.feature("X-0461")
def test_section_4_1_in_a_room() -> None:
    room = JID("room@muc.example")
    said = Message(
        from_="room@muc.example/anna", id="own", type="groupchat", body="x", payloads=[StanzaId("theirs", room)]
    )
    answer = reply(said, "y", announced=True)
    assert (answer.to, answer.type) == (room, "groupchat")
    assert answer.get(Reply) == Reply("theirs", JID("room@muc.example/anna"))
    for message in (said.without(StanzaId), Message(from_="a@b", body="x"), Message(id="1", body="x")):
        with pytest.raises(ValueError, match="cannot be answered"):
            reply(message, "y", announced=True)
    with pytest.raises(ValueError, match="cannot be answered"):
        reply(said, "y")


@pytest.mark.feature("X-0461", "X-0428")
@given(st.text(max_size=30), st.text(max_size=30), st.none() | st.text(max_size=5))
def test_a_quotation_comes_off_again(text: str, original: str, author: str | None) -> None:
    body, fallback = quoted(text, original, author)
    assert without_fallback(Message(body=body, payloads=[fallback]), {NAMESPACE}).body == (text or None)


def test_a_quotation_is_a_quotation() -> None:
    body, _ = quoted("c", "a\n> b\n", "Anna\nof Verona")
    assert [(one.depth, body[one.start : one.end]) for one in styled(body)] == [
        (1, "Anna"),
        (1, "of Verona wrote:"),
        (1, "a"),
        (2, "b"),
        (1, ""),
        (0, "c"),
    ]
