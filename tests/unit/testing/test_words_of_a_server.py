"""Cutting what a server says into elements, and rewriting single ones."""

from __future__ import annotations

import base64
from xml.etree.ElementTree import Element

import pytest

from xmpp_core.testing.live.words import Words, octets_of, wrong_nonce, wrong_signature

SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
HEADER = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"


def challenge(text: str) -> Element:
    element = Element(f"{SASL}challenge")
    element.text = base64.b64encode(text.encode()).decode()
    return element


def said(octets: bytes) -> str:
    return base64.b64decode(octets.partition(b">")[2].partition(b"<")[0]).decode()


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_every_octet_comes_back_with_its_element(size: int) -> None:
    source = HEADER + b"<presence/> \n<message><body>a &lt; b</body></message></stream:stream>"
    words = Words()
    pieces = [one for place in range(0, len(source), size) for one in words.take(source[place : place + size])]
    assert b"".join(octets for _, octets in pieces) == source
    elements = [(item.tag, octets.strip()) for item, octets in pieces if isinstance(item, Element)]
    assert elements == [
        ("{jabber:client}presence", b"<presence/>"),
        ("{jabber:client}message", b"<message><body>a &lt; b</body></message>"),
    ]


def test_what_is_no_stream_passes_untouched() -> None:
    words = Words()
    assert list(words.take(b"no stream at all")) == [(None, b"no stream at all")]
    assert list(words.take(b"<more/>")) == [(None, b"<more/>")]


def test_a_nonce_is_replaced_and_nothing_else() -> None:
    assert said(wrong_nonce(challenge("r=abcdef,s=QSXCR+Q6sek8bf92,i=4096"))) == (
        "r=bm90IHlvdXJz,s=QSXCR+Q6sek8bf92,i=4096"
    )
    final = challenge("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")
    assert wrong_nonce(final) == octets_of(final)


def test_a_signature_is_replaced_by_one_of_its_length() -> None:
    final = challenge("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,x=1")
    twisted = said(wrong_signature(final))
    assert twisted.startswith("v=")
    assert twisted.endswith(",x=1")
    assert len(twisted) == len("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,x=1")
    assert twisted != "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,x=1"
    first = challenge("r=abcdef,s=QSXCR+Q6sek8bf92,i=4096")
    assert wrong_signature(first) == octets_of(first)
