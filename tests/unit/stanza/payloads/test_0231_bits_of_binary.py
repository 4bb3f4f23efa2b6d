"""XEP-0231: bits of binary."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core.stanza.payload import decode
from xmpp_core.stanza.payloads.bits_of_binary import BitOfBinary, cid_of, hash_of

CID = "sha1+8f35fef110ffc5df08d579a50083ff9308fb6242@bob.xmpp.org"
ENCODED = """
  iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAABGdBTUEAALGP
  C/xhBQAAAAlwSFlzAAALEwAACxMBAJqcGAAAAAd0SU1FB9YGARc5KB0XV+IA
  AAAddEVYdENvbW1lbnQAQ3JlYXRlZCB3aXRoIFRoZSBHSU1Q72QlbgAAAF1J
  REFUGNO9zL0NglAAxPEfdLTs4BZM4DIO4C7OwQg2JoQ9LE1exdlYvBBeZ7jq
  ch9//q1uH4TLzw4d6+ErXMMcXuHWxId3KOETnnXXV6MJpcq2MLaI97CER3N0
  vr4MkhoXe0rZigAAAABJRU5ErkJggg==
"""


@pytest.mark.feature("X-0231")
def test_asked_and_sent() -> None:
    """Sections 2.3 and 2.5, examples 2 to 4."""
    both_ways(f"<data xmlns='urn:xmpp:bob' cid='{CID}'/>", BitOfBinary(CID))
    whole = decode(
        BitOfBinary,
        element(f"<data xmlns='urn:xmpp:bob' cid='{CID}' max-age='86400' type='image/png'>{ENCODED}</data>"),
    )
    assert whole.data.startswith(b"\x89PNG")
    assert (whole.max_age, whole.type) == (86400, "image/png")
    refused(BitOfBinary, "<data xmlns='urn:xmpp:bob'/>", "data/@cid")
    refused(BitOfBinary, "<data xmlns='urn:xmpp:bob' cid='a' max-age='-1'/>", "data/@max-age")


@pytest.mark.feature("X-0231")
def test_what_an_id_says_of_the_data() -> None:
    """Sections 2.4 to 2.6."""
    made = BitOfBinary.of(b"abc", "text/plain", 0)
    assert made.cid == "sha1+a9993e364706816aba3e25717850c26c9cd0d89d@bob.xmpp.org"
    assert made.genuine is True
    assert BitOfBinary(made.cid, data=b"abd").genuine is False
    assert BitOfBinary.of(b"abc", "text/plain", algo="sha-256").genuine is True
    assert cid_of(b"abc", "sha-256").startswith("sha-256+ba7816bf")
    for cid in ("a@b.example", "sha1+xyz@bob.xmpp.org", "sha1+abc@bob.xmpp.org", "md5+ab@bob.xmpp.org", CID + "\n"):
        assert hash_of(cid) is None
        assert BitOfBinary(cid, data=b"abc").genuine is None
    found = hash_of(CID)
    assert found is not None
    assert found.algo == "sha-1"
    with pytest.raises(ValueError, match="hash function"):
        cid_of(b"", "md5")
