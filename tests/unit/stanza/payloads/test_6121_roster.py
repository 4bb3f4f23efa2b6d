"""RFC 6121: the roster."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import IQ, JID, LocalProtocolError, PayloadError
from xmpp_core.stanza.payload import decode
from xmpp_core.stanza.payloads.roster import Ask, Roster, RosterItem, Subscription

ME = JID("juliet@example.com/balcony")
NURSE = JID("nurse@example.com")


def test_questions_and_rosters() -> None:
    """Sections 2.1.3, 2.1.4 and 2.6.2."""
    both_ways("<query xmlns='jabber:iq:roster'/>", Roster())
    both_ways("<query xmlns='jabber:iq:roster' ver=''/>", Roster(ver=""))
    both_ways(
        """
        <query xmlns='jabber:iq:roster' ver='ver7'>
          <item jid='nurse@example.com'/>
          <item jid='romeo@example.net' name='Romeo' subscription='both'>
            <group>Friends</group><group>Family</group>
          </item>
          <item jid='mercutio@example.com' ask='subscribe' approved='true'/>
        </query>
        """,
        Roster(
            (
                RosterItem(NURSE),
                RosterItem(JID("romeo@example.net"), "Romeo", Subscription.BOTH, ("Friends", "Family")),
                RosterItem(JID("mercutio@example.com"), ask=Ask.SUBSCRIBE, approved=True),
            ),
            "ver7",
        ),
    )


def test_values_that_are_not_defined_are_ignored() -> None:
    """Section 2.1.2.5: `none` is the default."""
    start = "<item xmlns='jabber:iq:roster' jid='nurse@example.com'"
    assert decode(RosterItem, element(f"{start} subscription='friend'/>")).subscription is Subscription.NONE
    both_ways(f"{start} subscription='none'/>", RosterItem(NURSE), written=f"{start}/>")
    assert decode(RosterItem, element(f"{start} approved='1'/>")).approved
    assert decode(RosterItem, element(f"{start} ask='unsubscribe'/>")).ask is Ask.UNSUBSCRIBE  # RFC 3921
    refused(RosterItem, f"{start} approved='perhaps'/>", "item/@approved")


def test_an_item_has_an_address() -> None:
    """Section 2.1.2.3."""
    for attributes in ("", "jid='@'"):
        refused(Roster, f"<query xmlns='jabber:iq:roster'><item {attributes}/></query>", "query/item/@jid")


@pytest.mark.parametrize(
    ("sender", "counts"),
    [
        ("", True),
        ("from='juliet@example.com'", True),
        ("from='juliet@example.com/balcony'", False),
        ("from='example.com'", False),
        ("from='romeo@example.net'", False),
    ],
)
def test_a_push_counts_from_the_own_account_alone(sender: str, counts: bool) -> None:
    """Section 2.1.6."""
    push = IQ.view(
        element(
            f"<iq xmlns='jabber:client' id='a78b4q6ha463' type='set' {sender}>"
            "<query xmlns='jabber:iq:roster'><item jid='nurse@example.com'/></query></iq>"
        )
    )
    read = push.get(Roster, account=ME)
    assert (read is not None) is counts
    if read is not None:
        assert read.change == RosterItem(NURSE)
    with pytest.raises(LocalProtocolError):
        push.get(Roster)


@pytest.mark.parametrize(
    ("items", "path", "condition"),
    [
        ((), "query/item", "bad-request"),
        ((RosterItem(NURSE), RosterItem(JID("mother@example.com"))), "query/item", "bad-request"),
        ((RosterItem(NURSE, groups=("Servants", "Servants")),), "query/item/group", "bad-request"),
        ((RosterItem(NURSE, groups=("",)),), "query/item/group", "not-acceptable"),
    ],
)
def test_sets_that_a_server_refuses(items: tuple[RosterItem, ...], path: str, condition: str) -> None:
    """Section 2.3.3."""
    with pytest.raises(PayloadError) as caught:
        Roster(items).checked_set()
    assert (caught.value.path, caught.value.condition) == (path, condition)


def test_what_a_client_may_not_say_in_a_set_is_ignored() -> None:
    """Sections 2.1.2.1, 2.1.2.2 and 2.1.5."""
    said = RosterItem(NURSE, "Nurse", Subscription.BOTH, ("Servants",), Ask.SUBSCRIBE, True)
    assert Roster((said,)).checked_set() == RosterItem(NURSE, "Nurse", groups=("Servants",))
    removed = RosterItem(NURSE, subscription=Subscription.REMOVE)
    assert Roster((removed,)).checked_set() == removed
