"""XEP-0199: ping."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways

from xmpp_core import IQ, IqRouter
from xmpp_core.stanza.payloads.ping import Ping


@pytest.mark.feature("SM-05")
def test_section_4_a_ping_and_its_answers() -> None:
    """Examples 1 to 3."""
    both_ways("<ping xmlns='urn:xmpp:ping'/>", Ping())
    asked = IQ(type="get", id="s2c1", from_="capulet.lit", to="juliet@capulet.lit/balcony", payload=Ping())
    answer = IqRouter({("get", Ping): lambda _: None}).reply(asked)
    assert (answer.type, answer.id, len(answer.element)) == ("result", "s2c1", 0)
    unknown = IqRouter({}).reply(asked)
    assert unknown.error is not None
    assert unknown.error.condition == "service-unavailable"
