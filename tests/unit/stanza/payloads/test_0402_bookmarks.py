"""XEP-0402 and XEP-0048: bookmarks of rooms, as items and in one element."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import JID
from xmpp_core.stanza.payload import decode, encode
from xmpp_core.stanza.payloads.bookmarks import (
    Bookmark,
    Extensions,
    publish_bookmark,
    retract_bookmark,
    separate,
    stored,
)
from xmpp_core.stanza.payloads.bookmarks_storage import BookmarkStorage, StoredConference, StoredURL

PLAY, ORCHARD = JID("theplay@conference.shakespeare.lit"), JID("orchard@conference.shakespeare.lit")
STATE = "<state xmlns='http://myclient.example/bookmark/state' minimized='true'/>"
OPTIONS = """
<publish-options>
  <x xmlns='jabber:x:data' type='submit'>
    <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>
    <field var='pubsub#persist_items'><value>true</value></field>
    <field var='pubsub#max_items'><value>max</value></field>
    <field var='pubsub#send_last_published_item'><value>never</value></field>
    <field var='pubsub#access_model'><value>whitelist</value></field>
  </x>
</publish-options>
"""


@pytest.mark.feature("X-0402")
def test_a_bookmark() -> None:
    """Section 3.2, example 5."""
    start = "<conference xmlns='urn:xmpp:bookmarks:1' name='The Orchard' autojoin="
    kept = Bookmark("The Orchard", True, "JC", extensions=Extensions((element(STATE),)))
    both_ways(f"{start}'true'><nick>JC</nick><extensions>{STATE}</extensions></conference>", kept)
    both_ways(
        f"{start}'1'><nick>JC</nick><extensions>{STATE}</extensions></conference>",
        kept,
        written=f"{start}'true'><nick>JC</nick><extensions>{STATE}</extensions></conference>",
    )
    both_ways("<conference xmlns='urn:xmpp:bookmarks:1'/>", Bookmark())
    refused(Bookmark, f"{start}'maybe'/>", "conference/@autojoin")


@pytest.mark.feature("X-0402")
def test_what_other_clients_keep_is_kept() -> None:
    """Section 3.4: what is not understood stays."""
    text = f"""
    <conference xmlns='urn:xmpp:bookmarks:1'>
      <extensions>{STATE}<other xmlns='urn:example:other'>x</other></extensions><more xmlns='urn:example:more'/>
    </conference>
    """
    read = decode(Bookmark, element(text))
    assert encode(read)[1].tag == "{urn:example:more}more"
    assert read.extensions is not None
    assert len(read.extensions.elements) == 2


@pytest.mark.feature("X-0402")
def test_requests() -> None:
    """Examples 6 and 10."""
    both_ways(
        f"""
        <pubsub xmlns='http://jabber.org/protocol/pubsub'>
          <publish node='urn:xmpp:bookmarks:1'>
            <item id='theplay@conference.shakespeare.lit'>
              <conference xmlns='urn:xmpp:bookmarks:1' name='The Play&apos;s the Thing' autojoin='true'>
                <nick>JC</nick>
              </conference>
            </item>
          </publish>
          {OPTIONS}
        </pubsub>
        """,
        publish_bookmark(PLAY, Bookmark("The Play's the Thing", True, "JC")),
    )
    both_ways(
        """
        <pubsub xmlns='http://jabber.org/protocol/pubsub'>
          <retract node='urn:xmpp:bookmarks:1' notify='true'><item id='theplay@conference.shakespeare.lit'/></retract>
        </pubsub>
        """,
        retract_bookmark(PLAY.with_resource("JC")),
    )


@pytest.mark.feature("X-0048")
def test_all_of_them_in_one_element() -> None:
    """XEP-0048 section 2, examples 1 and 2."""
    storage = both_ways(
        """
        <storage xmlns='storage:bookmarks'>
          <conference name='Council of Oberon' autojoin='true' jid='council@conference.underhill.org'>
            <nick>Puck</nick>
          </conference>
          <url name='Complete Works of Shakespeare' url='http://the-tech.mit.edu/Shakespeare/'/>
          <conference jid='theplay@conference.shakespeare.lit'><password>Gl0b3</password></conference>
        </storage>
        """,
        BookmarkStorage(
            (
                StoredConference(JID("council@conference.underhill.org"), "Council of Oberon", True, "Puck"),
                StoredURL("http://the-tech.mit.edu/Shakespeare/", "Complete Works of Shakespeare"),
                StoredConference(PLAY, password="Gl0b3"),
            )
        ),
    )
    assert [one.autojoin for one in storage.conferences] == [True, False]
    start = "<storage xmlns='storage:bookmarks'>"
    both_ways(f"{start}</storage>", BookmarkStorage())
    refused(BookmarkStorage, f"{start}<conference/></storage>", "storage/conference/@jid")
    refused(BookmarkStorage, f"{start}<url/></storage>", "storage/url/@url")


@pytest.mark.feature("X-0402", "X-0048")
def test_one_form_becomes_the_other_and_nothing_is_lost() -> None:
    """Sections 5.3.1 and 5.3.2."""
    bookmarks = [
        (PLAY, Bookmark("The Play's the Thing", True, "JC", "Gl0b3", Extensions((element(STATE),)))),
        (ORCHARD, Bookmark()),
    ]
    older = stored(bookmarks)
    assert [one.jid for one in older.conferences] == [PLAY, ORCHARD]
    assert older.conferences[0].nick == "JC"
    assert separate(older) == bookmarks
    assert bookmarks[0][1].extensions == Extensions((element(STATE),))
    twice = BookmarkStorage(
        (StoredConference(PLAY, "first"), StoredURL("urn:x:y"), StoredConference(PLAY.with_resource("x"), "second"))
    )
    assert separate(twice) == [(PLAY, Bookmark("first"))]
