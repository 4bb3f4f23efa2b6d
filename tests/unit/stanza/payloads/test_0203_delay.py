"""XEP-0203: delayed delivery."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree.ElementTree import fromstring

import pytest
from payload_shapes import both_ways

from xmpp_core import JID, Message, PayloadError
from xmpp_core.stanza.payloads.delay import Delay


@pytest.mark.feature("X-0203")
def test_an_offline_message() -> None:
    """Section 3, example 1."""
    both_ways(
        """<delay xmlns='urn:xmpp:delay' from='capulet.com' stamp='2002-09-10T23:08:25Z'>Offline Storage</delay>""",
        Delay(datetime(2002, 9, 10, 23, 8, 25, tzinfo=UTC), JID("capulet.com"), "Offline Storage"),
    )


def test_a_stamp_must_be_there_and_be_one() -> None:
    """Section 2: the stamp is required and as XEP-0082 has it."""
    for attributes in ("", "stamp='yesterday'", "stamp='20020910T23:08:25'", "stamp='2002-09-10T23:08:25'"):
        message = Message.view(
            fromstring(f"<message xmlns='jabber:client'><delay xmlns='urn:xmpp:delay' {attributes}/></message>")
        )
        with pytest.raises(PayloadError) as caught:
            message.get(Delay)
        assert caught.value.path == "delay/@stamp"
        assert caught.value.condition == "bad-request"
