"""XEP-0030: service discovery."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import JID
from xmpp_core.stanza.payloads.disco import DISCO_INFO, DiscoInfo, DiscoItem, DiscoItems, Identity


@pytest.mark.feature("X-0030")
def test_what_a_chat_service_says_it_is() -> None:
    """Section 3.1, shortened."""
    info = DiscoInfo(
        identities=(
            Identity("conference", "text", "Play-Specific Chatrooms"),
            Identity("directory", "chatroom", "Play-Specific Chatrooms"),
        ),
        features=(DISCO_INFO, "http://jabber.org/protocol/muc", "jabber:iq:register"),
    )
    both_ways(
        """
        <query xmlns='http://jabber.org/protocol/disco#info'>
          <identity category='conference' type='text' name='Play-Specific Chatrooms'/>
          <identity category='directory' type='chatroom' name='Play-Specific Chatrooms'/>
          <feature var='http://jabber.org/protocol/disco#info'/>
          <feature var='http://jabber.org/protocol/muc'/>
          <feature var='jabber:iq:register'/>
        </query>
        """,
        info,
    )
    assert info.has("jabber:iq:register", DISCO_INFO)
    assert not info.has("jabber:iq:register", "jabber:iq:search")
    assert info.is_a("conference")
    assert info.is_a("directory", "chatroom")
    assert not info.is_a("directory", "text")


@pytest.mark.feature("X-0030")
def test_a_question_about_a_node() -> None:
    """Section 3.2."""
    both_ways(
        "<query xmlns='http://jabber.org/protocol/disco#info' node='http://jabber.org/protocol/commands'/>",
        DiscoInfo("http://jabber.org/protocol/commands"),
    )


@pytest.mark.feature("X-0030")
def test_items_of_a_catalogue() -> None:
    """Section 4.2: items that share an address are told apart by their nodes."""
    both_ways(
        """
        <query xmlns='http://jabber.org/protocol/disco#items'>
          <item jid='people.shakespeare.lit' name='Directory of Characters'/>
          <item jid='catalog.shakespeare.lit' node='books' name='Books by and about Shakespeare'/>
        </query>
        """,
        DiscoItems(
            items=(
                DiscoItem(JID("people.shakespeare.lit"), None, "Directory of Characters"),
                DiscoItem(JID("catalog.shakespeare.lit"), "books", "Books by and about Shakespeare"),
            )
        ),
    )


@pytest.mark.parametrize(
    ("inside", "path"),
    [
        ("<identity type='pc'/>", "query/identity/@category"),
        ("<identity category='' type='pc'/>", "query/identity/@category"),
        ("<identity category='client' type='pc' xml:lang='not a tag'/>", "query/identity/@xml:lang"),
        ("<feature/>", "query/feature/@var"),
    ],
)
def test_what_is_wrong_is_named(inside: str, path: str) -> None:
    refused(DiscoInfo, f"<query xmlns='http://jabber.org/protocol/disco#info'>{inside}</query>", path)


def test_an_item_has_an_address() -> None:
    for item in ("<item/>", "<item jid='@'/>"):
        refused(DiscoItems, f"<query xmlns='http://jabber.org/protocol/disco#items'>{item}</query>", "query/item/@jid")
