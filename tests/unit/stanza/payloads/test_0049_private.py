"""XEP-0049: private XML storage."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import JID
from xmpp_core.stanza.payloads.bookmarks_storage import BookmarkStorage, StoredConference
from xmpp_core.stanza.payloads.private import PrivateStorage


@pytest.mark.feature("X-0049")
def test_anything_is_stored() -> None:
    """Section 2.3, examples 1 and 2."""
    prefs = "<exodus xmlns='exodus:prefs'><defaultnick>Hamlet</defaultnick></exodus>"
    for inside in (prefs, "<exodus xmlns='exodus:prefs'/>", prefs + prefs):
        elements = tuple(element(f"<a>{inside}</a>"))
        both_ways(f"<query xmlns='jabber:iq:private'>{inside}</query>", PrivateStorage(elements))


@pytest.mark.feature("X-0049", "X-0048")
def test_payloads_are_stored() -> None:
    room = BookmarkStorage((StoredConference(JID("theplay@conference.shakespeare.lit")),))
    text = """
    <query xmlns='jabber:iq:private'>
      <storage xmlns='storage:bookmarks'><conference jid='theplay@conference.shakespeare.lit'/></storage>
    </query>
    """
    kept = both_ways(text, PrivateStorage.of(room))
    assert kept.read(BookmarkStorage) == room
    assert kept.read(StoredConference) is None
    both_ways(
        "<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query>",
        PrivateStorage.asking(BookmarkStorage),
    )


@pytest.mark.feature("X-0049")
def test_what_may_not_be_stored() -> None:
    """Sections 2.1 and 2.3: something, in one namespace of its own."""
    refused(PrivateStorage, "<query xmlns='jabber:iq:private'/>", "query/*")
    refused(PrivateStorage, "<query xmlns='jabber:iq:private'><a/></query>", "query/*")
    refused(PrivateStorage, "<query xmlns='jabber:iq:private'><a xmlns=''/></query>", "query/*")
    refused(
        PrivateStorage,
        "<query xmlns='jabber:iq:private'><a xmlns='a:b'/><a xmlns='a:c'/></query>",
        "query/*",
        "not-acceptable",
    )
