"""XEP-0280 and XEP-0297: copies of messages, and stanzas inside stanzas."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, fromstring

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import JID, LocalProtocolError, Message
from xmpp_core.stanza.payloads.carbons import (
    Carbon,
    CarbonsSwitch,
    Direction,
    Private,
    Switch,
    carbon_copy,
    eligible,
)
from xmpp_core.stanza.payloads.chat_states import ChatState, Involvement
from xmpp_core.stanza.payloads.delay import Delay
from xmpp_core.stanza.payloads.forward import Forwarded
from xmpp_core.stanza.payloads.hints import Hint, Wish
from xmpp_core.stanza.payloads.markers import Displayed
from xmpp_core.stanza.payloads.receipts import Receipt

ME = JID("romeo@montague.example/home")
COPY = """
<received xmlns='urn:xmpp:carbons:2'>
  <forwarded xmlns='urn:xmpp:forward:0'>
    <message xmlns='jabber:client' from='juliet@capulet.example/balcony' to='romeo@montague.example/garden' type='chat'>
      <body>What man art thou that, thus bescreen'd in night, so stumblest on my counsel?</body>
    </message>
  </forwarded>
</received>
"""


def carried(sender: str) -> Message:
    return Message.view(fromstring(f"<message xmlns='jabber:client' {sender}>{COPY}</message>"))


@pytest.mark.feature("X-0280", "X-0297")
def test_a_copy_of_a_message() -> None:
    """Section 7, shortened."""
    inner = Message.view(element(COPY)[0][0])
    both_ways(COPY, Carbon(Direction.RECEIVED, Forwarded(inner)))
    read = carried("from='romeo@montague.example'").get(Carbon, account=ME)
    assert read is not None
    assert isinstance(read.forwarded.stanza, Message)
    assert read.forwarded.stanza.from_ == JID("juliet@capulet.example/balcony")


@pytest.mark.feature("X-0280", "STZ-01")
@pytest.mark.parametrize(
    ("sender", "counts"),
    [
        ("from='romeo@montague.example'", True),
        ("", True),  # no 'from': the own account (RFC 6120 section 8.1.2.1)
        ("from='romeo@montague.example/garden'", False),
        ("from='montague.example'", False),
        ("from='tybalt@capulet.example/home'", False),
    ],
)
def test_a_copy_counts_from_the_own_account_alone(sender: str, counts: bool) -> None:
    """Section 11; section 7, example 11 is the attack."""
    message = carried(sender)
    assert (message.get(Carbon, account=ME) is not None) is counts
    assert len(message.get_all(Carbon, account=ME)) == counts
    # No one else's word counts in its place.
    assert message.get(Carbon, account=ME, by=JID("tybalt@capulet.example/home")) is None


def test_the_account_must_be_named() -> None:
    with pytest.raises(LocalProtocolError):
        carried("from='romeo@montague.example'").get(Carbon)


def test_turned_on_and_off() -> None:
    """Sections 4, 5 and 9."""
    both_ways("<enable xmlns='urn:xmpp:carbons:2'/>", CarbonsSwitch(Switch.ENABLE))
    both_ways("<disable xmlns='urn:xmpp:carbons:2'/>", CarbonsSwitch(Switch.DISABLE))
    both_ways("<private xmlns='urn:xmpp:carbons:2'/>", Private())


@pytest.mark.feature("X-0297")
def test_a_forwarded_stanza_with_its_delay() -> None:
    """XEP-0297 section 3, example 2, shortened."""
    text = """
    <forwarded xmlns='urn:xmpp:forward:0'>
      <message xmlns='jabber:client' from='romeo@montague.example/orchard' to='juliet@capulet.example/balcony'/>
      <delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/>
    </forwarded>
    """
    element = fromstring(text)
    delay = Message.view(element).get(Delay)
    assert delay is not None
    both_ways(text, Forwarded(Message.view(element[0]), delay))


def test_nothing_or_what_is_no_stanza_is_not_forwarded() -> None:
    refused(Forwarded, "<forwarded xmlns='urn:xmpp:forward:0'/>", "forwarded/*")
    refused(
        Forwarded,
        "<forwarded xmlns='urn:xmpp:forward:0'><iq xmlns='jabber:client' type='get'/></forwarded>",
        "forwarded/iq",
    )


def room_element(*names: str) -> Element:
    made = Element("{http://jabber.org/protocol/muc#user}x")
    for name in names:
        SubElement(made, f"{{http://jabber.org/protocol/muc#user}}{name}")
    return made


OCCUPANT = "coven@chat.example/witch"
INVITATION = Element("{jabber:x:conference}x", {"jid": "coven@chat.example"})


@pytest.mark.feature("X-0280")
@pytest.mark.parametrize(
    ("message", "sent", "received"),
    [
        (Message(type="chat", body="x"), True, True),
        (Message(type="chat"), True, True),
        (Message(body="x"), True, True),
        (Message(subject="x"), False, False),
        (Message(type="headline", body="x"), False, False),
        (Message(payloads=[Receipt("1")]), True, True),
        (Message(payloads=[ChatState(Involvement.GONE)]), True, True),
        (Message(payloads=[Displayed("1")]), True, True),
        (Message(payloads=[Element("{urn:example}x")]), False, False),
        (Message(type="chat", body="x", payloads=[Private()]), False, False),
        (Message(type="chat", body="x", payloads=[Hint(Wish.NO_COPY)]), False, False),
        (Message(type="error", body="x"), False, False),
        # What concerns rooms.
        (Message(type="groupchat", body="x"), False, False),
        (Message(payloads=[INVITATION]), True, True),
        (Message(from_="coven@chat.example", payloads=[room_element("invite")]), True, True),
        (Message(from_=OCCUPANT, to=OCCUPANT, type="chat", body="x", payloads=[room_element()]), True, False),
        (Message(from_="coven@chat.example", to="coven@chat.example", payloads=[room_element("status")]), False, False),
    ],
    ids=str,
)
def test_section_6_1_which_messages_are_copied(message: Message, sent: bool, received: bool) -> None:
    assert eligible(message, Direction.SENT) is sent
    assert eligible(message, Direction.RECEIVED) is received


@pytest.mark.feature("X-0280")
def test_section_6_1_what_the_server_knows_besides() -> None:
    private = Message(from_=OCCUPANT, to=OCCUPANT, type="chat", body="x")
    assert eligible(private, Direction.RECEIVED), "nothing says that it is of a room"
    assert not eligible(private, Direction.RECEIVED, of_room=True)
    assert eligible(private, Direction.SENT, of_room=True)
    error = Message(type="error", body="x")
    assert eligible(error, Direction.RECEIVED, answers=True)
    assert not eligible(error.with_payload(Private()), Direction.RECEIVED, answers=True)


@pytest.mark.feature("X-0280")
@pytest.mark.parametrize("direction", Direction)
def test_sections_7_and_8_the_copy(direction: Direction) -> None:
    said = Message(from_="juliet@capulet.example/balcony", to="romeo@montague.example/garden", type="chat", body="x")
    copy = carbon_copy(said, direction, ME)
    assert (copy.from_, copy.to, copy.type) == (ME.bare, ME, "chat")
    assert copy.get(Carbon, account=ME) == Carbon(direction, Forwarded(said))
