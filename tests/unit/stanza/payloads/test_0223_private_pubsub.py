"""XEP-0223: private data by publish-subscribe."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways

from xmpp_core import JID
from xmpp_core.stanza.payloads.bookmarks_storage import StoredConference
from xmpp_core.stanza.payloads.private_pubsub import store
from xmpp_core.stanza.payloads.pubsub import NodeItem


@pytest.mark.feature("X-0223")
def test_bookmarks_are_stored() -> None:
    """Section 1.2, example 1."""
    conference = StoredConference(
        JID("theplay@conference.shakespeare.lit"), "The Play's the Thing", True, "JC", "Gl0b3"
    )
    both_ways(
        """
        <pubsub xmlns='http://jabber.org/protocol/pubsub'>
          <publish node='storage:bookmarks'>
            <item>
              <conference xmlns='storage:bookmarks' autojoin='true'
                          jid='theplay@conference.shakespeare.lit' name='The Play&apos;s the Thing'>
                <nick>JC</nick>
                <password>Gl0b3</password>
              </conference>
            </item>
          </publish>
          <publish-options>
            <x xmlns='jabber:x:data' type='submit'>
              <field var='FORM_TYPE' type='hidden'>
                <value>http://jabber.org/protocol/pubsub#publish-options</value>
              </field>
              <field var='pubsub#persist_items'><value>true</value></field>
              <field var='pubsub#access_model'><value>whitelist</value></field>
            </x>
          </publish-options>
        </pubsub>
        """,
        store("storage:bookmarks", NodeItem.of(conference)),
    )
