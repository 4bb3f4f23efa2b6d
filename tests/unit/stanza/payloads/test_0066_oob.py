"""XEP-0066: out of band data."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core.stanza.payloads.oob import OobLink, OobRequest

LICENSE = "http://www.jabber.org/images/psa-license.jpg"


@pytest.mark.feature("X-0066")
def test_a_file_to_be_fetched() -> None:
    """Section 2, example 1, and section 6, example 10."""
    both_ways(
        f"<query xmlns='jabber:iq:oob'><url>{LICENSE}</url><desc>A license to Jabber!</desc></query>",
        OobRequest(LICENSE, "A license to Jabber!"),
    )
    both_ways(
        "<query xmlns='jabber:iq:oob' sid='a0'><url>http://www.shakespeare.lit/files/letter.txt</url></query>",
        OobRequest("http://www.shakespeare.lit/files/letter.txt", sid="a0"),
    )


@pytest.mark.feature("X-0066")
def test_a_link_in_a_message() -> None:
    """Section 3, example 5; section 5: any scheme will do."""
    both_ways(f"<x xmlns='jabber:x:oob'><url>{LICENSE}</url></x>", OobLink(LICENSE))
    both_ways(
        "<x xmlns='jabber:x:oob'><url>sip:juliet@capulet.lit</url><desc>Call me</desc></x>",
        OobLink("sip:juliet@capulet.lit", "Call me"),
    )


def test_a_url_is_there_and_is_one() -> None:
    refused(OobLink, "<x xmlns='jabber:x:oob'/>", "x/url")
    refused(OobLink, "<x xmlns='jabber:x:oob'><url>license.jpg</url></x>", "x/url")
    refused(OobRequest, "<query xmlns='jabber:iq:oob'><desc>no url</desc></query>", "query/url")
