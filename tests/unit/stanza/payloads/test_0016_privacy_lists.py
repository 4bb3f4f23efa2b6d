"""XEP-0016: privacy lists."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import JID
from xmpp_core.stanza.payloads.privacy_lists import (
    ActiveList,
    DefaultList,
    ItemType,
    PrivacyAction,
    PrivacyItem,
    PrivacyList,
    PrivacyLists,
    Traffic,
)

ALLOW, DENY = PrivacyAction.ALLOW, PrivacyAction.DENY
ROMEO, JULIET = JID("romeo@montague.net/orchard"), JID("juliet@capulet.com/chamber")


@pytest.mark.feature("ACL-02")
def test_lists_asked_and_told() -> None:
    """Sections 2.3 to 2.8."""
    both_ways("<query xmlns='jabber:iq:privacy'/>", PrivacyLists())
    both_ways(
        """<query xmlns='jabber:iq:privacy'><active name='private'/><default name='public'/><list name='public'/>
        <list name='private'/></query>""",
        PrivacyLists(ActiveList("private"), DefaultList("public"), (PrivacyList("public"), PrivacyList("private"))),
    )
    assert PrivacyLists(active=ActiveList()).is_order
    assert PrivacyLists(default=DefaultList("public")).is_order
    assert PrivacyLists(lists=(PrivacyList("public"),)).is_order
    assert not PrivacyLists().is_order
    assert not PrivacyLists(ActiveList(), DefaultList()).is_order
    both_ways(
        """<query xmlns='jabber:iq:privacy'><list name='public'>
        <item type='jid' value='tybalt@capulet.com' action='deny' order='3'/><item action='allow' order='68'>
        <message/><iq/><presence-in/><presence-out/></item></list></query>""",
        PrivacyLists(
            lists=(
                PrivacyList(
                    "public",
                    (
                        PrivacyItem(DENY, 3, ItemType.JID, "tybalt@capulet.com"),
                        PrivacyItem(ALLOW, 68, message=True, iq=True, presence_in=True, presence_out=True),
                    ),
                ),
            )
        ),
    )


@pytest.mark.feature("ACL-02")
@pytest.mark.parametrize(
    ("item", "path"),
    [
        ("<item action='deny'/>", "item/@order"),
        ("<item action='forget' order='1'/>", "item/@action"),
        ("<item action='deny' order='-1'/>", "item/@order"),
        ("<item action='deny' order='1' type='jid'/>", "item/@value"),
        ("<item action='deny' order='1' type='jid' value='@'/>", "item/@value"),
        ("<item action='deny' order='1' type='subscription' value='mutual'/>", "item/@value"),
        ("<item action='deny' order='1'/><item action='allow' order='1'/>", "item/@order"),
    ],
)
def test_what_is_no_list(item: str, path: str) -> None:
    """Section 2.1."""
    refused(PrivacyList, f"<list xmlns='jabber:iq:privacy' name='a'>{item}</list>", f"list/{path}")


@pytest.mark.feature("ACL-02")
def test_the_first_rule_decides() -> None:
    """Section 2.2, rules 5 to 7, whatever the order they stand in."""
    one = PrivacyList(
        "a",
        (
            PrivacyItem(DENY, 9),
            PrivacyItem(ALLOW, 1, ItemType.JID, "montague.net", message=True),
            PrivacyItem(DENY, 0, ItemType.JID, "romeo@montague.net/balcony"),
            PrivacyItem(ALLOW, 3, ItemType.GROUP, "Friends"),
            PrivacyItem(ALLOW, 4, ItemType.SUBSCRIPTION, "both"),
            PrivacyItem(DENY, 2, ItemType.JID, "juliet@capulet.com", presence_out=True),
        ),
    )
    assert one.decide(Traffic.MESSAGE, ROMEO) is ALLOW
    assert one.decide(Traffic.MESSAGE, JID("romeo@montague.net/balcony")) is DENY
    assert one.decide(Traffic.IQ, ROMEO) is DENY
    assert one.decide(Traffic.IQ, ROMEO, groups=("Friends",)) is ALLOW
    assert one.decide(Traffic.IQ, ROMEO, subscription="both") is ALLOW
    assert one.decide(Traffic.IQ, ROMEO, subscription="to") is DENY
    assert one.decide(Traffic.PRESENCE_OUT, JULIET, subscription="both") is DENY
    assert one.decide(Traffic.PRESENCE_IN, JULIET, subscription="both") is ALLOW
    assert one.decide(Traffic.OTHER, ROMEO) is DENY
    # What no rule meets is allowed.
    assert PrivacyList("a").decide(Traffic.MESSAGE, ROMEO) is ALLOW
    assert PrivacyList("a", (PrivacyItem(DENY, 1, message=True),)).decide(Traffic.OTHER, ROMEO) is ALLOW
