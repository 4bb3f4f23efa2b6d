"""XEP-0157: contact addresses of a service."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways

from xmpp_core.stanza.payloads.contact_addresses import ContactAddresses, contact_addresses
from xmpp_core.stanza.payloads.disco import DiscoInfo, Identity
from xmpp_core.stanza.payloads.disco_extensions import SERVER_INFO, extended, extension


@pytest.mark.feature("X-0157")
def test_what_a_server_tells() -> None:
    """Section 2, example 2, shortened."""
    addresses = ContactAddresses(
        abuse=("mailto:abuse@shakespeare.lit", "xmpp:abuse@shakespeare.lit"),
        sales=("xmpp:bard@shakespeare.lit",),
        status=("https://status.shakespeare.lit",),
    )
    info = addresses.added_to(DiscoInfo(None, (Identity("server", "im"),), ("http://jabber.org/protocol/disco",)))
    both_ways(
        """<query xmlns='http://jabber.org/protocol/disco#info'>
          <identity category='server' type='im'/>
          <feature var='http://jabber.org/protocol/disco'/>
          <x xmlns='jabber:x:data' type='result'>
            <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/network/serverinfo</value></field>
            <field var='abuse-addresses'><value>mailto:abuse@shakespeare.lit</value>
              <value>xmpp:abuse@shakespeare.lit</value></field>
            <field var='sales-addresses'><value>xmpp:bard@shakespeare.lit</value></field>
            <field var='status-addresses'><value>https://status.shakespeare.lit</value></field>
          </x>
        </query>""",
        info,
    )
    assert contact_addresses(info) == addresses


@pytest.mark.feature("X-0157")
def test_other_fields_of_the_form_stay() -> None:
    info = extended(DiscoInfo(), SERVER_INFO, {"c2s_port": 5222, "abuse-addresses": ("xmpp:old@a.example",)})
    form = extension(ContactAddresses(admin=("xmpp:b@a.example",)).added_to(info), SERVER_INFO)
    assert form is not None
    assert {one.var: one.values for one in form.fields[1:]} == {
        "c2s_port": ("5222",),
        "admin-addresses": ("xmpp:b@a.example",),
    }


def test_a_server_may_tell_nothing() -> None:
    assert contact_addresses(DiscoInfo()) == ContactAddresses()
