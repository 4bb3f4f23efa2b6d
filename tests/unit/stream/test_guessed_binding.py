"""A channel binding that nobody announced is a guess, and a failed guess says nothing of the password."""

from __future__ import annotations

import base64
import re

import pytest

import xmpp_core as xmpp
from xmpp_core.testing.entropy import CountedEntropy

HEADER = (
    b"<stream:stream from='example.com' id='s1' version='1.0' xmlns='jabber:client' "
    b"xmlns:stream='http://etherx.jabber.org/streams'>"
)
NOT_AUTHORIZED = b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>"
TYPES = b"<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-unique'/></sasl-channel-binding>"


def login(types: bytes, *answers: bytes) -> tuple[list[tuple[str, str]], xmpp.Connection]:
    """What the client tries, as mechanism and GS2 header, until it has seen these answers."""
    client = xmpp.Connection(
        xmpp.ClientConfig(jid="juliet@example.com", password="pencil", entropy=CountedEntropy("c"))
    )
    tls = xmpp.TlsInfo(version="TLSv1.2", verified=True, channel_bindings={"tls-unique": b"ours"})
    client.start(0.0, tls=tls)
    mechanisms = b"".join(b"<mechanism>%s</mechanism>" % name for name in (b"SCRAM-SHA-1-PLUS", b"SCRAM-SHA-1"))
    features = (
        b"<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
        + mechanisms
        + b"</mechanisms>"
        + types
        + b"</stream:features>"
    )
    tried = []
    for octets in (HEADER + features, *answers):
        client.receive_data(octets, 0.0)
        list(client.events())
        for name, data in re.findall(rb"<auth [^>]*mechanism='([^']+)'[^>]*>([^<]*)<", client.data_to_send(0.0)):
            tried.append((name.decode(), base64.b64decode(data).decode().partition("n=")[0]))
    return tried, client


@pytest.mark.feature("SASL-07", "SASL-04")
def test_after_a_failed_guess_plain_scram_is_tried_once() -> None:
    tried, client = login(b"", NOT_AUTHORIZED)
    assert tried == [("SCRAM-SHA-1-PLUS", "p=tls-unique,,"), ("SCRAM-SHA-1", "n,,")]
    assert not client.closed
    tried, client = login(b"", NOT_AUTHORIZED, NOT_AUTHORIZED)
    assert len(tried) == 2
    assert client.closed


@pytest.mark.feature("SASL-07", "SASL-04")
def test_what_was_announced_is_no_guess_and_the_password_is_tried_once() -> None:
    tried, client = login(TYPES, NOT_AUTHORIZED)
    assert tried == [("SCRAM-SHA-1-PLUS", "p=tls-unique,,")]
    assert client.closed
