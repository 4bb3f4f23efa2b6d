"""XEP-0313: message archives."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree.ElementTree import fromstring

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import JID, Message, PayloadError
from xmpp_core.stanza.payload import decode, encode
from xmpp_core.stanza.payloads.archive import (
    Archived,
    ArchiveEdge,
    ArchiveEnd,
    ArchiveFilter,
    ArchiveInfo,
    ArchiveQuery,
    ArchiveResult,
    Edge,
)
from xmpp_core.stanza.payloads.delay import Delay
from xmpp_core.stanza.payloads.form_types import typed_form
from xmpp_core.stanza.payloads.forms import Form, FormField, FormType
from xmpp_core.stanza.payloads.paging import First, Paging

ME = JID("juliet@capulet.lit/chamber")
RESULT = """
<result xmlns='urn:xmpp:mam:2' queryid='f27' id='28482-98726-73623'>
  <forwarded xmlns='urn:xmpp:forward:0'>
    <message xmlns='jabber:client' from='witch@shakespeare.lit' to='macbeth@shakespeare.lit'>
      <body>Hail to thee</body>
    </message>
    <delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/>
  </forwarded>
</result>
"""
AT = datetime(2010, 7, 10, 23, 8, 25, tzinfo=UTC)
AUGUST = datetime(2010, 8, 7, tzinfo=UTC)


@pytest.mark.feature("X-0313")
def test_asked_sent_and_ended() -> None:
    """Section 4, examples 2 to 4."""
    both_ways("<query xmlns='urn:xmpp:mam:2' queryid='f27'/>", ArchiveQuery("f27"))
    message = Message.view(element(RESULT)[0][0])
    read = both_ways(RESULT, ArchiveResult("28482-98726-73623", Archived(message, Delay(AT)), "f27"))
    assert read.forwarded.message is not None
    assert read.forwarded.message.body == "Hail to thee"
    both_ways(
        """<fin xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'>
        <first index='0'>28482-98726-73623</first><last>09af3-cc343-b409f</last></set></fin>""",
        ArchiveEnd(paging=Paging(first=First("28482-98726-73623", 0), last="09af3-cc343-b409f")),
    )
    both_ways("<fin xmlns='urn:xmpp:mam:2' complete='true' stable='false'/>", ArchiveEnd(complete=True, stable=False))


@pytest.mark.feature("X-0313", "STZ-01")
@pytest.mark.parametrize(
    ("sender", "by", "counts"),
    [
        ("", None, True),
        ("from='juliet@capulet.lit'", None, True),
        ("from='romeo@montague.lit'", None, False),
        ("from='capulet.lit'", None, False),
        ("from='room@muc.capulet.lit'", None, False),
        ("from='room@muc.capulet.lit'", "room@muc.capulet.lit", True),
        ("from='room@muc.capulet.lit/nick'", "room@muc.capulet.lit", False),
        ("", "room@muc.capulet.lit", False),
    ],
)
def test_a_result_counts_from_the_archive_that_was_asked(sender: str, by: str | None, counts: bool) -> None:
    """Section 8.2."""
    message = Message.view(fromstring(f"<message xmlns='jabber:client' {sender}>{RESULT}</message>"))
    found = message.get(ArchiveResult, account=ME, by=None if by is None else JID(by))
    assert (found is not None) is counts


@pytest.mark.feature("X-0313")
def test_a_message_may_be_gone() -> None:
    """Section 3.2: what was taken out leaves its place."""
    both_ways(
        """<result xmlns='urn:xmpp:mam:2' id='a'><forwarded xmlns='urn:xmpp:forward:0'>
        <delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/></forwarded></result>""",
        ArchiveResult("a", Archived(delay=Delay(AT))),
    )
    refused(ArchiveResult, "<result xmlns='urn:xmpp:mam:2' id='a'/>", "result/forwarded")
    refused(
        ArchiveResult,
        "<result xmlns='urn:xmpp:mam:2'><forwarded xmlns='urn:xmpp:forward:0'/></result>",
        "result/@id",
    )


@pytest.mark.feature("X-0313")
def test_a_filter() -> None:
    """Section 4.1, examples 6 to 13."""
    asked = ArchiveFilter(with_=JID("juliet@capulet.lit"), start=AUGUST, include_groupchat=False)
    both_ways(
        """<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'>
          <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>
          <field var='with'><value>juliet@capulet.lit</value></field>
          <field var='start'><value>2010-08-07T00:00:00Z</value></field>
          <field var='include-groupchat'><value>false</value></field></x></query>""",
        ArchiveQuery(form=asked.form()),
    )
    assert ArchiveFilter.read(asked.form()) == asked
    most = ArchiveFilter(
        end=AUGUST, before_id="a", after_id="b", ids=("c", "d"), others={"{http://example.com/}free-text": ("x",)}
    )
    assert ArchiveFilter.read(most.form(), ("{http://example.com/}free-text",)) == most
    assert ArchiveFilter.read(None) == ArchiveFilter()
    assert ArchiveFilter.read(ArchiveFilter().form("urn:xmpp:mam:1")) == ArchiveFilter()
    # A field without a value asks nothing.
    assert ArchiveFilter.read(typed_form("urn:xmpp:mam:2", {"with": ()})) == ArchiveFilter()


@pytest.mark.feature("X-0313")
@pytest.mark.parametrize(
    ("form", "condition"),
    [
        (typed_form("urn:xmpp:mam:2", {"full-text": "a"}), "feature-not-implemented"),
        (typed_form("urn:xmpp:mam:2", {"start": "yesterday"}), "bad-request"),
        (typed_form("urn:xmpp:mam:2", {"with": "@"}), "bad-request"),
        (typed_form("urn:xmpp:other", {}), "bad-request"),
        (Form(FormType.SUBMIT, fields=(FormField("with", None, ("a.example",)),)), "bad-request"),
    ],
)
def test_a_filter_that_cannot_be_applied(form: Form, condition: str) -> None:
    """Section 4.1.5."""
    with pytest.raises(PayloadError) as caught:
        ArchiveFilter.read(form)
    assert caught.value.condition == condition


@pytest.mark.feature("X-0313", "X-0059")
def test_page_after_page() -> None:
    """Sections 4.3.1 to 4.3.4, examples 18 to 24."""
    first = both_ways(
        """<query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><max>10</max></set></query>""",
        ArchiveQuery(paging=Paging(10)),
    )
    page = ArchiveEnd(paging=Paging(first=First("a", 0), last="b", count=20))
    second = first.following(page)
    assert second == ArchiveQuery(paging=Paging(10, after="b"))
    assert second is not None
    assert second.following(page, max=5) == ArchiveQuery(paging=Paging(5, after="b"))
    assert second.following(ArchiveEnd(complete=True, paging=page.paging)) is None
    assert second.following(ArchiveEnd()) is None
    assert second.following(ArchiveEnd(paging=Paging(count=0))) is None
    last = both_ways(
        """<query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><max>10</max><before/></set>
        <flip-page/></query>""",
        ArchiveQuery(paging=Paging(10, before=""), flip_page=True),
    )
    assert last.following(page) == ArchiveQuery(paging=Paging(10, before="a"), flip_page=True)
    assert last.following(ArchiveEnd(paging=Paging(count=0))) is None
    assert ArchiveQuery("q").following(page) == ArchiveQuery("q", paging=Paging(after="b"))


@pytest.mark.feature("X-0313")
def test_what_an_archive_has() -> None:
    """Section 5, examples 25 and 26."""
    both_ways("<metadata xmlns='urn:xmpp:mam:2'/>", ArchiveInfo())
    start = ArchiveEdge(Edge.START, "YWxwaGEg", datetime(2008, 8, 22, 21, 9, 4, tzinfo=UTC))
    end = ArchiveEdge(Edge.END, "b21lZ2Eg", datetime(2020, 4, 20, 14, 34, 21, tzinfo=UTC))
    read = both_ways(
        """<metadata xmlns='urn:xmpp:mam:2'><start id='YWxwaGEg' timestamp='2008-08-22T21:09:04Z'/>
        <end id='b21lZ2Eg' timestamp='2020-04-20T14:34:21Z'/></metadata>""",
        ArchiveInfo((start, end)),
    )
    assert (read.start, read.end) == (start, end)
    assert (ArchiveInfo().start, ArchiveInfo().end) == (None, None)
    refused(
        ArchiveInfo,
        "<metadata xmlns='urn:xmpp:mam:2'><end id='a' timestamp='2020-04-20T14:34:21Z'/></metadata>",
        "metadata",
    )


@pytest.mark.feature("EXT-05")
def test_older_versions_are_read_and_written_back() -> None:
    old = "<query xmlns='urn:xmpp:mam:1' queryid='a'/>"
    assert decode(ArchiveQuery, element(old)) == ArchiveQuery("a")
    assert encode(decode(ArchiveQuery, element(old))).tag == "{urn:xmpp:mam:1}query"
