"""XEP-0131: stanza headers."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core.stanza.payloads.headers import Header, Headers, features


@pytest.mark.feature("X-0131")
def test_headers_of_a_message() -> None:
    """Section 4, example 5."""
    read = both_ways(
        """<headers xmlns='http://jabber.org/protocol/shim'>
        <header name='In-Reply-To'>123456789@capulet.com</header>
        <header name='Keywords'>shakespeare,&lt;xmpp/&gt;</header></headers>""",
        Headers((Header("In-Reply-To", "123456789@capulet.com"), Header("Keywords", "shakespeare,<xmpp/>"))),
    )
    assert read.value("keywords") == "shakespeare,<xmpp/>"
    assert read.value("Created") is None
    assert Headers((Header("A", "1"), Header("a", "2"))).values("A") == ("1", "2")
    refused(Headers, "<headers xmlns='http://jabber.org/protocol/shim'><header/></headers>", "headers/header/@name")


@pytest.mark.feature("X-0131")
def test_which_headers_are_known() -> None:
    """Section 3.2, example 4."""
    both_ways(
        """<query xmlns='http://jabber.org/protocol/disco#info' node='http://jabber.org/protocol/shim'>
        <feature var='http://jabber.org/protocol/shim#Classification'/>
        <feature var='http://jabber.org/protocol/shim#Store'/></query>""",
        features(("Classification", "Store")),
    )
