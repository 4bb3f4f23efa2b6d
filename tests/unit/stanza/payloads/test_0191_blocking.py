"""XEP-0191: the blocking command; XEP-0377: reports within it."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import IQ, JID
from xmpp_core.stanza.payloads.blocking import (
    Block,
    Blocked,
    BlockItem,
    BlockList,
    Unblock,
    blocking,
    covers,
)
from xmpp_core.stanza.payloads.reporting import ABUSE, SPAM, Report

ME = JID("juliet@capulet.com/chamber")
ROMEO = JID("romeo@montague.net")
STANZA_ID = "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.net' id='28482-98726-73623'/>"


@pytest.mark.feature("ACL-01")
def test_asked_ordered_and_undone() -> None:
    """Sections 3.2 to 3.5, examples 3 to 13."""
    both_ways("<blocklist xmlns='urn:xmpp:blocking'/>", BlockList())
    read = both_ways(
        """<blocklist xmlns='urn:xmpp:blocking'><item jid='romeo@montague.net'/><item jid='iago@shakespeare.lit'/>
        </blocklist>""",
        BlockList((BlockItem(ROMEO), BlockItem(JID("iago@shakespeare.lit")))),
    )
    assert read.jids == (ROMEO, JID("iago@shakespeare.lit"))
    block = "<block xmlns='urn:xmpp:blocking'><item jid='romeo@montague.net'/></block>"
    assert both_ways(block, Block((BlockItem(ROMEO),))).jids == (ROMEO,)
    assert both_ways(
        block.replace("block>", "unblock>").replace("<block", "<unblock"), Unblock((BlockItem(ROMEO),))
    ).jids
    both_ways("<unblock xmlns='urn:xmpp:blocking'/>", Unblock())
    both_ways("<blocked xmlns='urn:xmpp:blocking:errors'/>", Blocked())


@pytest.mark.feature("ACL-01")
def test_nothing_cannot_be_blocked() -> None:
    """Section 3.3: bad-request."""
    refused(Block, "<block xmlns='urn:xmpp:blocking'/>", "block/item")
    refused(Block, "<block xmlns='urn:xmpp:blocking'><item/></block>", "block/item/@jid")


@pytest.mark.feature("ACL-01", "STZ-01")
@pytest.mark.parametrize(
    ("sender", "counts"),
    [
        ("", True),
        ("from='juliet@capulet.com'", True),
        ("from='romeo@montague.net'", False),
        ("from='capulet.com'", False),
    ],
)
def test_word_of_it_counts_from_the_own_account(sender: str, counts: bool) -> None:
    push = f"""<iq xmlns='jabber:client' type='set' id='push1' {sender}>
      <block xmlns='urn:xmpp:blocking'><item jid='nurse@capulet.com'/></block></iq>"""
    assert (IQ.view(fromstring(push)).get(Block, account=ME) is not None) is counts


@pytest.mark.feature("ACL-01")
@pytest.mark.parametrize(
    ("listed", "jid", "match"),
    [
        # Section 6, in its order.
        ("user@domain/resource", "user@domain/resource", True),
        ("user@domain/resource", "user@domain/other", False),
        ("user@domain/resource", "user@domain", False),
        ("user@domain", "user@domain/resource", True),
        ("user@domain", "user@domain", True),
        ("user@domain", "other@domain", False),
        ("domain/resource", "domain/resource", True),
        ("domain/resource", "user@domain/resource", False),
        ("domain/resource", "domain", False),
        ("domain", "domain", True),
        ("domain", "user@domain", True),
        ("domain", "domain/resource", True),
        ("domain", "user@sub.domain", False),
    ],
)
def test_what_an_entry_means(listed: str, jid: str, match: bool) -> None:
    assert covers(JID(listed), JID(jid)) is match
    assert blocking({JID(listed)}, JID(jid)) == (JID(listed) if match else None)


@pytest.mark.feature("ACL-01")
def test_the_most_particular_entry_is_told() -> None:
    several = {JID("domain"), JID("user@domain"), JID("user@domain/resource")}
    assert blocking(several, JID("user@domain/resource")) == JID("user@domain/resource")
    assert blocking(several, JID("user@domain/x")) == JID("user@domain")
    assert blocking(several, JID("domain/x")) == JID("domain")
    assert blocking(set(), JID("domain/x")) is None


@pytest.mark.feature("X-0377")
def test_a_report() -> None:
    """XEP-0377 sections 4 to 6, examples 2 to 6."""
    both_ways(
        """<block xmlns='urn:xmpp:blocking'><item jid='romeo@example.net'>
        <report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:abuse'/></item></block>""",
        Block((BlockItem(JID("romeo@example.net"), Report(ABUSE)),)),
    )
    both_ways(
        f"""<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'>{STANZA_ID}
          <text xml:lang='en'>Never came trouble to my house like this.</text><report-origin/><third-party/>
          </report>""",
        Report(
            SPAM,
            {"en": "Never came trouble to my house like this."},
            report_origin=True,
            third_party=True,
            messages=(element(STANZA_ID),),
        ),
        written=f"""<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'>
          <text xml:lang='en'>Never came trouble to my house like this.</text><report-origin/><third-party/>
          {STANZA_ID}</report>""",
    )
    refused(Report, "<report xmlns='urn:xmpp:reporting:1'/>", "report/@reason")
