"""XEP-0224: attention."""

from __future__ import annotations

from datetime import datetime

import pytest
from payload_shapes import both_ways

from xmpp_core import Message
from xmpp_core.stanza.payloads.attention import Attention, asks_for_attention
from xmpp_core.stanza.payloads.delay import Delay


@pytest.mark.feature("X-0224")
def test_section_3_asked_for() -> None:
    """Example 2."""
    both_ways("<attention xmlns='urn:xmpp:attention:0'/>", Attention())
    asked = Message(type="headline", body="Why don't you answer, Herbie?", payloads=[Attention()])
    assert asks_for_attention(asked)
    assert not asks_for_attention(asked.without(Attention))


@pytest.mark.feature("X-0224")
def test_section_4_not_after_a_delay() -> None:
    stamp = Delay(datetime.fromisoformat("2008-11-13T12:00:00Z"))
    assert not asks_for_attention(Message(type="headline", payloads=[Attention(), stamp]))
    assert not asks_for_attention(Message(type="error", payloads=[Attention()]))
