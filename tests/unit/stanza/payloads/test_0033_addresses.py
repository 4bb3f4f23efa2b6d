"""XEP-0033: extended stanza addressing."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import JID
from xmpp_core.stanza.payloads.addresses import AddressType, ExtendedAddress, ExtendedAddresses

NS = "http://jabber.org/protocol/address"


def address(kind: str, jid: str, delivered: bool = False) -> ExtendedAddress:
    return ExtendedAddress(AddressType(kind), JID(jid), delivered=delivered)


GIVEN = ExtendedAddresses(
    (
        address("to", "to@header1.org"),
        address("cc", "cc@header1.org"),
        address("bcc", "bcc@header1.org"),
        address("to", "to@header2.org"),
        address("bcc", "bcc@header2.org"),
        address("to", "to@noheader.org", delivered=True),
        ExtendedAddress(AddressType.REPLYTO, JID("a@header1.org/work")),
    )
)


@pytest.mark.feature("X-0033")
def test_the_elements() -> None:
    """Section 4, examples 3 and 5."""
    both_ways(
        f"""<addresses xmlns='{NS}'><address type='to' jid='hildjj@jabber.org/Work' desc='Joe Hildebrand'/>
        <address type='cc' jid='jer@jabber.org/Home' delivered='true'/><address type='noreply'/></addresses>""",
        ExtendedAddresses(
            (
                ExtendedAddress(AddressType.TO, JID("hildjj@jabber.org/Work"), desc="Joe Hildebrand"),
                ExtendedAddress(AddressType.CC, JID("jer@jabber.org/Home"), delivered=True),
                ExtendedAddress(AddressType.NOREPLY),
            )
        ),
    )
    both_ways(
        f"<address xmlns='{NS}' type='to' uri='sip:a@b.example'/>",
        ExtendedAddress(AddressType.TO, uri="sip:a@b.example"),
    )


@pytest.mark.feature("X-0033")
@pytest.mark.parametrize(
    ("attributes", "path"),
    [
        ("", "address/@type"),
        ("type='to'", "address"),
        ("type='to' jid='a@b' uri='sip:a@b'", "address/@uri"),
        ("type='to' node='a' uri='sip:a@b'", "address/@uri"),
    ],
)
def test_what_is_no_address(attributes: str, path: str) -> None:
    """Section 4."""
    refused(ExtendedAddress, f"<address xmlns='{NS}' {attributes}/>", path)


@pytest.mark.feature("X-0033")
def test_who_gets_it() -> None:
    """Section 6, rules 4 and 8."""
    assert [str(one.jid) for one in GIVEN.recipients] == [
        "to@header1.org",
        "cc@header1.org",
        "bcc@header1.org",
        "to@header2.org",
        "bcc@header2.org",
    ]
    assert GIVEN.deliverable
    assert not ExtendedAddresses((ExtendedAddress(AddressType.TO, desc="a"),)).deliverable
    assert ExtendedAddresses((ExtendedAddress(AddressType.NOREPLY),)).deliverable


@pytest.mark.feature("X-0033")
def test_what_each_gets_to_see() -> None:
    """Section 6, rules 6 to 8: all is marked as delivered, and what is secret is seen by its addressee alone."""
    seen = GIVEN.delivered_to(GIVEN.addresses[0])
    assert seen is not None
    assert all(one.delivered for one in seen.of(AddressType.TO, AddressType.CC))
    assert not seen.of(AddressType.BCC)
    assert seen.of(AddressType.REPLYTO) == GIVEN.of(AddressType.REPLYTO)
    secret = GIVEN.addresses[2]
    assert GIVEN.delivered_to(secret) == ExtendedAddresses((secret,))
    assert ExtendedAddresses((secret,)).delivered_to(address("to", "a@b.example")) is None


@pytest.mark.feature("X-0033")
def test_what_another_service_gets() -> None:
    """Section 6, rule 11: its own part to do, and of what is secret its own."""
    passed = GIVEN.passed_to("header2.org")
    assert [str(one.jid) for one in passed.recipients] == ["to@header2.org", "bcc@header2.org"]
    assert [str(one.jid) for one in passed.of(AddressType.BCC)] == ["bcc@header2.org"]


@pytest.mark.feature("X-0033")
def test_whom_to_answer() -> None:
    """Sections 4.6.4 to 4.6.6."""
    sender = JID("a@b.example/c")
    assert GIVEN.reply_to(sender) == (JID("a@header1.org/work"),)
    assert ExtendedAddresses((address("to", "x@y.example"),)).reply_to(sender) == (sender,)
    assert (
        ExtendedAddresses((ExtendedAddress(AddressType.NOREPLY), address("replyto", "x@y.example"))).reply_to(sender)
        == ()
    )
    several = ExtendedAddresses((address("replyto", "x@y.example"), address("replyroom", "r@m.example")))
    assert several.reply_to(sender) == (JID("x@y.example"), JID("r@m.example"))
