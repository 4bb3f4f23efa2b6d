"""XEP-0320: fingerprints of certificates in Jingle."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import PayloadError
from xmpp_core.stanza.payloads.jingle_dtls import DtlsSetup, Fingerprint
from xmpp_core.stanza.payloads.jingle_ice import IceTransport

NS = "urn:xmpp:jingle:apps:dtls:0"
PAIRS = "02:1A:CC:54:27:AB:EB:9C:53:3F:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1:7A:03:A2:7D:F9:B0:7F:46:19:B2"
OCTETS = bytes.fromhex(PAIRS.replace(":", ""))
TEXT = f"<fingerprint xmlns='{NS}' hash='sha-256' setup='actpass'>{PAIRS}</fingerprint>"


def test_a_fingerprint() -> None:
    """Section 1: the white space of the examples means nothing, and letters are written as SDP has them."""
    value = Fingerprint("sha-256", DtlsSetup.ACTPASS, OCTETS)
    both_ways(TEXT, value)
    both_ways(TEXT.replace(PAIRS, f"\n  {PAIRS.lower()}\n"), value, written=TEXT)
    both_ways(
        f"<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' pwd='a' ufrag='b'>{TEXT}</transport>",
        IceTransport(pwd="a", ufrag="b", fingerprints=(value,)),
    )


@pytest.mark.parametrize("setup", list(DtlsSetup))
def test_who_opens_the_connection(setup: DtlsSetup) -> None:
    """Section 1, and the schema."""
    both_ways(TEXT.replace("actpass", setup.value), Fingerprint("sha-256", setup, OCTETS))


@pytest.mark.parametrize("words", ["", "02:1", "021A", "02:", "02 1A", "0G", ":02"])
def test_what_is_no_fingerprint(words: str) -> None:
    refused(Fingerprint, TEXT.replace(PAIRS, words), "fingerprint/text()")


def test_what_must_be_there() -> None:
    refused(Fingerprint, TEXT.replace("hash='sha-256'", ""), "fingerprint/@hash")
    refused(Fingerprint, TEXT.replace("actpass", "either"), "fingerprint/@setup")
    with pytest.raises(PayloadError):
        Fingerprint("sha-256", DtlsSetup.ACTIVE, b"")
