"""XEP-0172: nicknames."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways

from xmpp_core import Presence
from xmpp_core.stanza.payloads.nickname import Nickname


@pytest.mark.feature("X-0172")
def test_sections_3_and_4_1() -> None:
    """Examples 1 and 3."""
    nick = both_ways("<nick xmlns='http://jabber.org/protocol/nick'>Ishmael</nick>", Nickname("Ishmael"))
    asked = Presence(from_="narrator@moby-dick.lit", to="starbuck@moby-dick.lit", type="subscribe", payloads=[nick])
    assert asked.get(Nickname) == Nickname("Ishmael")
    both_ways("<nick xmlns='http://jabber.org/protocol/nick'/>", Nickname())
