"""POSH documents: the examples of RFC 7711 section 3, and what they must not be."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from issuing import NOW, issue

from xmpp_core import LocalProtocolError
from xmpp_core.identity import (
    Delegation,
    Fingerprints,
    PoshError,
    Role,
    check_posh,
    delegated,
    read_posh,
    well_known,
)

WEEK = 604_800
SHA_256 = "4/mggdlVx8A3pvHAWW5sD+qJyMtUHgiRuPjVC48N0XQ="
SHA_512 = "25N+1hB2Vo42l9lSGqw+n3BKFhDHsyork8ou+D9B43TXeJ1J81mdQEDqm39oR/EHkPBDDG1y5+AG94Kec0xVqA=="
EXAMPLE = {"fingerprints": [{"sha-256": SHA_256, "sha-512": SHA_512}], "expires": WEEK}
REFERENCE = {"url": "https://hosting.example.net/.well-known/posh/spice.json", "expires": 86_400}


def written(document: object) -> bytes:
    return json.dumps(document).encode()


def fingerprint(certificate: bytes, name: str = "sha256") -> str:
    return base64.b64encode(hashlib.new(name, certificate).digest()).decode()


def fingerprints(*descriptors: dict[str, str], expires: int = WEEK) -> Fingerprints:
    read = read_posh(written({"fingerprints": list(descriptors), "expires": expires}))
    assert isinstance(read, Fingerprints)
    return read


@pytest.mark.feature("TLS-07")
def test_the_examples_are_read() -> None:
    document = read_posh(written(EXAMPLE))
    assert isinstance(document, Fingerprints)
    assert document.expires == WEEK
    [descriptor] = document.descriptors
    assert descriptor == {"sha-256": base64.b64decode(SHA_256), "sha-512": base64.b64decode(SHA_512)}
    # More than one certificate while one takes the place of another: its section on roll-over.
    second = "otyLADSKjRDjVpj8X7/hmCAD5C7Qe+PedcmYV7cUncE="
    both = read_posh(written({"fingerprints": [{"sha-256": SHA_256}, {"sha-256": second}], "expires": 806_400}))
    assert isinstance(both, Fingerprints)
    assert [len(one["sha-256"]) for one in both.descriptors] == [32, 32]
    assert read_posh(written(REFERENCE)) == Delegation(str(REFERENCE["url"]), 86_400)


@pytest.mark.feature("TLS-07")
def test_documents_lie_at_well_known_places() -> None:
    """RFC 7712 section 5.2."""
    assert well_known("example.com", Role.C2S_SERVER) == "https://example.com/.well-known/posh/xmpp-client.json"
    for role in (Role.S2S_RECEIVING, Role.S2S_INITIATING):
        assert well_known("example.com", role) == "https://example.com/.well-known/posh/xmpp-server.json"
    assert well_known("MÜLLER.example", Role.C2S_SERVER).startswith("https://xn--mller-kva.example/")
    assert well_known("[2001:db8::1]", Role.C2S_SERVER).startswith("https://[2001:db8::1]/")
    for domain, role in (("example.com", Role.C2S_CLIENT), ("a/../b", Role.C2S_SERVER), ("", Role.C2S_SERVER)):
        with pytest.raises(LocalProtocolError):
            well_known(domain, role)


@pytest.mark.feature("TLS-07")
def test_a_fingerprint_stands_for_one_certificate_in_time() -> None:
    own, other = issue("dns:hosting.example.net"), issue("dns:hosting.example.net", number=1)
    right = {"sha-256": fingerprint(own), "sha-512": fingerprint(own, "sha512")}
    for descriptors, matches in (
        ([right], True),
        ([{"sha-256": fingerprint(own)}], True),
        ([{"sha-384": fingerprint(own, "sha384")}], True),
        ([{"sha-256": fingerprint(other)}, right], True),
        ([{"sha-256": fingerprint(other)}], False),
        # Of one descriptor all must agree: the weaker hash proves nothing against the stronger.
        ([{"sha-256": fingerprint(own), "sha-512": fingerprint(other, "sha512")}], False),
        # What is weak or unknown is not looked at, and nothing else is there.
        ([{"sha-1": fingerprint(own, "sha1")}], False),
        ([{"md5": fingerprint(own, "md5"), "x": "y"}], False),
        ([{"sha-1": "nonsense", "sha-256": fingerprint(own)}], True),
    ):
        verdict = check_posh(fingerprints(*descriptors), own, fetched=NOW, now=NOW + 10)
        assert verdict.matches == matches
        assert verdict.reason
    document = fingerprints(right, expires=100)
    for now, matches in ((NOW, True), (NOW + 99.9, True), (NOW + 100, False), (NOW + 1e9, False), (NOW - 1, False)):
        assert check_posh(document, own, fetched=NOW, now=now).matches == matches
    assert not check_posh(fingerprints(right, expires=0), own, fetched=NOW, now=NOW).matches


@pytest.mark.feature("TLS-07")
def test_one_document_may_point_to_another_and_no_further() -> None:
    pointer = read_posh(written(REFERENCE))
    assert isinstance(pointer, Delegation)
    long, short = fingerprints({"sha-256": SHA_256}), fingerprints({"sha-256": SHA_256}, expires=60)
    assert delegated(pointer, long) == Fingerprints(long.descriptors, 86_400)
    assert delegated(pointer, short) == short
    with pytest.raises(PoshError, match="again"):
        delegated(pointer, pointer)


@pytest.mark.feature("TLS-07")
@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff",
        b'"\xc3"',
        b"{}",
        written({"expires": 1}),
        written({"fingerprints": [], "expires": 1}),
        written({"fingerprints": {}, "expires": 1}),
        written({"fingerprints": [{}], "expires": 1}),
        written({"fingerprints": [{"sha-256": SHA_256}, {}], "expires": 1}),
        written({"fingerprints": ["x"], "expires": 1}),
        written({"fingerprints": [{"sha-256": 5}], "expires": 1}),
        written({"fingerprints": [{"sha-256": "AAAA"}], "expires": 1}),
        written({"fingerprints": [{"sha-256": SHA_512}], "expires": 1}),
        written({"fingerprints": [{"sha-256": SHA_256 + "\n"}], "expires": 1}),
        written({"fingerprints": [{"sha-256": SHA_256[:-1] + "é"}], "expires": 1}),
        written({"fingerprints": [{"sha-256": SHA_256}]}),
        written({"fingerprints": [{"sha-256": SHA_256}], "expires": -1}),
        written({"fingerprints": [{"sha-256": SHA_256}], "expires": "60"}),
        written({"fingerprints": [{"sha-256": SHA_256}], "expires": True}),
        written({"fingerprints": [{"sha-256": SHA_256}], "expires": 1.5}),
        b'{"fingerprints": [{"x": ""}], "expires": NaN}',
        b'{"fingerprints": [{"x": ""}], "expires": 1e9}',
        b'{"fingerprints": [{"x": ""}], "expires": 1, "expires": 2}',
        b'{"expires": ' + b"9" * 5000 + b', "fingerprints": [{"x": ""}]}',
        written({**EXAMPLE, **REFERENCE}),
        written({"url": "http://hosting.example.net/x", "expires": 1}),
        written({"url": "//hosting.example.net/x", "expires": 1}),
        written({"url": "https://user:pass@hosting.example.net/x", "expires": 1}),
        written({"url": "https:///x", "expires": 1}),
        written({"url": "https://hosting.example.net:port/x", "expires": 1}),
        written({"url": "https://[::1/x", "expires": 1}),
        written({"url": "https://hosting.example.net/x#y", "expires": 1}),
        written({"url": "https://hosting.example.net/\r\nx", "expires": 1}),
        written({"url": ["https://hosting.example.net/x"], "expires": 1}),
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b" " * 65_537,
    ],
)
def test_what_is_no_document_is_refused(octets: bytes) -> None:
    with pytest.raises(PoshError) as caught:
        read_posh(octets)
    assert "hosting" not in str(caught.value)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(SHA_256),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["sha-256", "url", "expires", "x"]), inner),
)


@pytest.mark.feature("TLS-07")
@given(st.dictionaries(st.sampled_from(["fingerprints", "url", "expires", "more"]), JSON) | JSON)
def test_nothing_else_is_raised(document: Any) -> None:
    try:
        read = read_posh(json.dumps(document).encode())
    except PoshError:
        return
    assert isinstance(read, Fingerprints | Delegation)
    assert read.expires >= 0
