"""XEP-0490: the clients of one user tell each other what he has seen."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import JID, LocalProtocolError, Message
from xmpp_core.stanza.payload import decode, encode
from xmpp_core.stanza.payloads.displayed_sync import (
    NAMESPACE,
    DisplayedUpTo,
    assisted,
    displayed_up_to,
    publish_displayed,
)
from xmpp_core.stanza.payloads.markers import Displayed, Markable
from xmpp_core.stanza.payloads.pubsub import Publish, Pubsub
from xmpp_core.stanza.payloads.stanza_ids import StanzaId

ME, ROMEO = JID("juliet@capulet.lit/balcony"), JID("romeo@montegue.lit")
SEEN = DisplayedUpTo(StanzaId("0423e3a9", ME.bare))
MESSAGE = Message(
    from_="romeo@montegue.lit/orchard",
    to="juliet@capulet.lit",
    id="the-msg-1",
    body="Hi. How are you?",
    payloads=[Markable(), StanzaId("0423e3a9", ME.bare)],
)


@pytest.mark.feature("X-0490")
def test_section_4_1_the_element() -> None:
    both_ways(
        """
        <displayed xmlns='urn:xmpp:mds:displayed:0'>
          <stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.lit' id='0423e3a9'/>
        </displayed>
        """,
        SEEN,
    )
    refused(DisplayedUpTo, "<displayed xmlns='urn:xmpp:mds:displayed:0'/>", "displayed/stanza-id")
    twice = "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.lit' id='1'/>" * 2
    refused(DisplayedUpTo, f"<displayed xmlns='urn:xmpp:mds:displayed:0'>{twice}</displayed>", "displayed/stanza-id")


@pytest.mark.feature("X-0490", "X-0223")
def test_section_4_2_published() -> None:
    """Example 1."""
    both_ways(
        """
        <pubsub xmlns='http://jabber.org/protocol/pubsub'>
          <publish node='urn:xmpp:mds:displayed:0'>
            <item id='romeo@montegue.lit'>
              <displayed xmlns='urn:xmpp:mds:displayed:0'>
                <stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.lit' id='0423e3a9'/>
              </displayed>
            </item>
          </publish>
          <publish-options>
            <x xmlns='jabber:x:data' type='submit'>
              <field var='FORM_TYPE' type='hidden'>
                <value>http://jabber.org/protocol/pubsub#publish-options</value>
              </field>
              <field var='pubsub#persist_items'><value>true</value></field>
              <field var='pubsub#max_items'><value>max</value></field>
              <field var='pubsub#send_last_published_item'><value>never</value></field>
              <field var='pubsub#access_model'><value>whitelist</value></field>
            </x>
          </publish-options>
        </pubsub>
        """,
        publish_displayed(ROMEO, SEEN),
    )
    again = decode(Pubsub, encode(publish_displayed(ROMEO, SEEN)))
    assert isinstance(again.action, Publish)
    (item,) = again.action.items
    assert item.read(DisplayedUpTo) == SEEN


@pytest.mark.feature("X-0490")
def test_section_4_2_which_id_says_so() -> None:
    assert displayed_up_to(MESSAGE, ME, announced=True) == SEEN
    assert displayed_up_to(MESSAGE, ME, announced=False) is None
    assert displayed_up_to(MESSAGE.without(StanzaId), ME, announced=True) is None
    room = JID("example@conference.shakespeare.lit")
    said = Message(
        from_=f"{room}/nick",
        type="groupchat",
        body="x",
        payloads=[StanzaId("mine", ME.bare), StanzaId("ca21deaf", room)],
    )
    assert displayed_up_to(said, ME, announced=True) == DisplayedUpTo(StanzaId("ca21deaf", room))


@pytest.mark.feature("X-0490", "X-0333")
def test_section_4_5_3_with_a_marker() -> None:
    """Example 8, and what section 5.1 forbids."""
    marker = Message(to=ROMEO, payloads=[Displayed("the-msg-1")])
    told = assisted(marker, SEEN)
    assert (told.get(Displayed), told.get(DisplayedUpTo)) == (Displayed("the-msg-1"), SEEN)
    assert told.child(NAMESPACE) is not None
    assert marker.get(DisplayedUpTo) is None
    for wrong in (
        Message(to=ROMEO),
        Message(payloads=[Displayed("the-msg-1")]),
        Message(to="romeo@montegue.lit/orchard", payloads=[Displayed("the-msg-1")]),
    ):
        with pytest.raises(LocalProtocolError):
            assisted(wrong, SEEN)
