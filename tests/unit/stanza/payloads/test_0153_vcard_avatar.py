"""XEP-0153: avatars in vCards."""

from __future__ import annotations

import hashlib

import pytest
from payload_shapes import both_ways, refused

from xmpp_core.stanza.payloads.vcard_avatar import AvatarUpdate, Response, judge_own_resource, photo_hash
from xmpp_core.stanza.payloads.vcard_temp import Photo, VCard

HASH = bytes.fromhex("01b87fcd030b72895ff8e88db57ec525450f000d")


@pytest.mark.feature("X-0153")
def test_what_presence_says() -> None:
    """Sections 3.1 and 4.1: examples 3, 6 and 7; digits may be of either case."""
    start = "<x xmlns='vcard-temp:x:update'>"
    lower = f"{start}<photo>01b87fcd030b72895ff8e88db57ec525450f000d</photo></x>"
    both_ways(lower, AvatarUpdate(HASH))
    both_ways(lower.replace(HASH.hex(), HASH.hex().upper()), AvatarUpdate(HASH), written=lower)
    both_ways(f"{start}</x>", AvatarUpdate())
    both_ways(f"{start}<photo/></x>", AvatarUpdate(b""))
    refused(AvatarUpdate, f"{start}<photo>not hexadecimal</photo></x>", "x/photo")


@pytest.mark.feature("X-0153")
def test_the_hash_is_of_the_octets() -> None:
    """Sections 3.1 and 4.4."""
    assert photo_hash(VCard(photos=(Photo("image/png", b"abc"),))) == hashlib.sha1(b"abc").digest()
    assert (
        photo_hash(VCard(photos=(Photo(extval="https://example.org/a"), Photo(binval=b"abc"))))
        .hex()
        .startswith("a9993e36")
    )
    for card in (VCard(), VCard(photos=(Photo(binval=b""),)), VCard(photos=(Photo(extval="https://example.org/a"),))):
        assert photo_hash(card) == b""


@pytest.mark.feature("X-0153")
@pytest.mark.parametrize(
    ("update", "own", "response"),
    [
        (None, HASH, Response.STOP),
        (AvatarUpdate(), HASH, Response.IGNORE),
        (AvatarUpdate(b""), HASH, Response.RETRIEVE),
        (AvatarUpdate(HASH), HASH, Response.IGNORE),
        (AvatarUpdate(HASH), HASH[::-1], Response.RESET),
        (AvatarUpdate(HASH), b"", Response.RESET),
        (AvatarUpdate(HASH), None, Response.RESET),
    ],
)
def test_other_resources_of_the_account(update: AvatarUpdate | None, own: bytes | None, response: Response) -> None:
    """Section 4.3."""
    assert judge_own_resource(update, own) is response
