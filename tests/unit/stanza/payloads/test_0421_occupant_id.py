"""XEP-0421: occupant ids."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import JID, PayloadError
from xmpp_core.stanza.payloads.occupant_id import OccupantId, occupant_id

SECRET = bytes(range(32))
HAG = JID("hag66@shakespeare.lit/pda")
COVEN = JID("coven@chat.shakespeare.lit")


@pytest.mark.feature("X-0421")
def test_an_id() -> None:
    """Section 3.1, example 4, and section 8."""
    both_ways(
        "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='dd72603deec90a38ba552f7c68cbcc61bca202cd'/>",
        OccupantId("dd72603deec90a38ba552f7c68cbcc61bca202cd"),
    )
    for id in ("", "x" * 129):
        refused(OccupantId, f"<occupant-id xmlns='urn:xmpp:occupant-id:0' id='{id}'/>", "occupant-id/@id")
        with pytest.raises(PayloadError):
            OccupantId(id)


@pytest.mark.feature("X-0421")
def test_ids_as_example_7_makes_them() -> None:
    """Section 4.1; expected values by `openssl dgst -sha1 -mac HMAC -macopt hexkey:0001...1f`."""
    assert occupant_id(SECRET, HAG, digest="sha1") == "486a2671a91462770241c89564c4ed3d87f515f7"
    assert occupant_id(SECRET, HAG, COVEN, digest="sha1") == "483cbc6f320489a31df9f9191c109ba87678d39c"


@pytest.mark.feature("X-0421")
def test_they_are_stable_unique_and_of_one_room() -> None:
    """Section 4.1."""
    one = occupant_id(SECRET, HAG, COVEN)
    assert one == occupant_id(SECRET, HAG.bare, COVEN.with_resource("thirdwitch"))
    others = {
        occupant_id(SECRET, JID("hecate@shakespeare.lit"), COVEN),
        occupant_id(SECRET, HAG, JID("heath@chat.shakespeare.lit")),
        occupant_id(SECRET[::-1], HAG, COVEN),
        occupant_id(SECRET, HAG),
    }
    assert len(others) == 4
    assert one not in others
    assert "hag66" not in one
    OccupantId(one)


def test_a_secret_is_no_word() -> None:
    with pytest.raises(ValueError, match="too short"):
        occupant_id(b"secret", HAG)
