"""XEP-0300: hashes. Which to use: XEP-0414."""

from __future__ import annotations

import hashlib
from base64 import b64decode

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import PayloadError
from xmpp_core.stanza.payloads.hashes import (
    NAMESPACE,
    RECOMMENDED,
    Hash,
    HashUsed,
    digests,
    features,
    matches,
    strongest,
    supported,
)

SHA_256 = "2XarmwTlNxDAMkvymloX3S5+VbylNrJt/l5QyPa+YoU="


@pytest.mark.feature("X-0300")
def test_section_3_the_elements() -> None:
    both_ways(f"<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>{SHA_256}</hash>", Hash("sha-256", b64decode(SHA_256)))
    both_ways("<hash-used xmlns='urn:xmpp:hashes:2' algo='sha-256'/>", HashUsed("sha-256"))


@pytest.mark.feature("X-0300")
def test_section_3_what_is_no_base64_or_no_name_is_refused() -> None:
    for text in (SHA_256[:20] + "\n" + SHA_256[20:], SHA_256[:-1], SHA_256[:-2] + "V="):
        refused(Hash, f"<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>{text}</hash>", "hash/text()")
    refused(Hash, "<hash xmlns='urn:xmpp:hashes:2'/>", "hash/@algo")
    with pytest.raises(PayloadError):
        HashUsed("sha 256")


@pytest.mark.feature("X-0300")
@pytest.mark.parametrize(
    ("algo", "expected"),
    [
        # FIPS 180-4, FIPS 202 and RFC 7693 appendix A: the digests of "abc".
        ("sha-1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("sha-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("sha3-256", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
        (
            "blake2b-512",
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
        ),
    ],
)
def test_functions(algo: str, expected: str) -> None:
    assert digests(b"abc", [algo]) == (Hash(algo, bytes.fromhex(expected)),)
    assert digests([b"a", b"", b"bc"], [algo]) == digests(b"abc", [algo])


@pytest.mark.feature("X-0300")
def test_names_of_one_function_mean_the_same() -> None:
    for one, other in (("blake2b-256", "id-blake2b256"), ("blake2b-512", "id-blake2b512")):
        assert digests(b"x", [one])[0].value == digests(b"x", [other])[0].value
    assert digests(b"x", ["id-blake2b160"])[0].value == hashlib.blake2b(b"x", digest_size=20).digest()
    with pytest.raises(ValueError, match="unknown hash function"):
        digests(b"x", ["md5"])


@pytest.mark.feature("X-0300")
def test_section_9_3_what_is_announced_is_what_there_is() -> None:
    first, *others = features()
    assert first == NAMESPACE
    names = [one.removeprefix("urn:xmpp:hash-function-text-names:") for one in others]
    assert all(map(supported, names))
    assert {*RECOMMENDED, "sha-512", "sha3-512", "id-blake2b256"} <= set(names)
    assert not {"md5", "sha-1"} & set(names)
    for name in names:
        assert digests(b"", [name])[0].value


@pytest.mark.feature("X-0300")
def test_the_most_trusted_of_several_is_taken() -> None:
    """XEP-0414 section 3."""
    several = digests(b"x", ["sha-1", "sha-256", "sha3-512"])
    assert strongest(several) == several[2]
    assert strongest([Hash("md5", b"x"), Hash("whirlpool", b"y")]) is None
    assert strongest([]) is None


@pytest.mark.feature("X-0300")
def test_data_is_held_to_all_known_hashes() -> None:
    good = digests(b"x")
    assert matches(good, b"x") is True
    assert matches((*good, Hash("whirlpool", b"y")), b"x") is True
    assert matches((*good, Hash("sha-512", b"y")), b"x") is False
    assert matches(good, b"y") is False
    assert matches((*good, Hash("sha-256", b"short")), b"x") is False, "each is held to, also two of one function"
    assert matches([Hash("whirlpool", b"y")], b"x") is None
    assert matches([], b"x") is None
