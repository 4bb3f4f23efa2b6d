"""Certificates put together octet by octet: what RFC 5280 section 4.1 allows, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest
from issuing import NOW, general_name, issue, issuer, tlv

from xmpp_core.identity import Certificate, CertificateError, Role, Severity, examine, read_certificate

ECDSA_SHA256 = tlv(0x30, bytes.fromhex("06082a8648ce3d040302"))
ECDSA_SHA384 = tlv(0x30, bytes.fromhex("06082a8648ce3d040303"))
P_256 = tlv(0x30, bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107") + tlv(0x03, b"\x00\x04" + bytes(64)))
SUBJECT_ALT_NAME = bytes.fromhex("0603551d11")
BASIC_CONSTRAINTS = bytes.fromhex("0603551d13")
KEY_USAGE = bytes.fromhex("0603551d0f")


def named(text: bytes, tag: int = 0x0C) -> bytes:
    return tlv(0x30, tlv(0x31, tlv(0x30, bytes.fromhex("0603550403") + tlv(tag, text))))


def rsa(modulus: bytes, exponent: bytes = b"\x01\x00\x01", unused: int = 0, oid: str = "2a864886f70d010101") -> bytes:
    numbers = tlv(0x30, tlv(0x02, modulus) + tlv(0x02, exponent))
    algorithm = tlv(0x30, tlv(0x06, bytes.fromhex(oid)) + b"\x05\x00")
    return tlv(0x30, algorithm + tlv(0x03, bytes([unused]) + numbers))


def extension(oid: bytes, value: bytes, critical: bytes = b"") -> bytes:
    return tlv(0x30, oid + critical + tlv(0x04, value))


NAMES = extension(SUBJECT_ALT_NAME, tlv(0x30, general_name("dns:example.com")))


def assembled(**parts: Any) -> bytes:
    """A certificate of parts, each given as the octets that stand there."""
    whole = {
        "version": tlv(0xA0, b"\x02\x01\x02"),
        "serial": b"\x02\x01\x05",
        "inside": ECDSA_SHA256,
        "issuer": named(b"the authority"),
        "begin": tlv(0x17, b"251201000000Z"),
        "end": tlv(0x17, b"260301000000Z"),
        "subject": named(b"example.com"),
        "key": P_256,
        "unique": b"",
        "extensions": tlv(0xA3, tlv(0x30, NAMES)),
        "outside": None,
        "signature": tlv(0x03, b"\x00" + bytes(70)),
        "after": b"",
        **parts,
    }
    validity = tlv(0x30, whole["begin"] + whole["end"])
    signed = tlv(
        0x30,
        b"".join(
            (
                whole["version"],
                whole["serial"],
                whole["inside"],
                whole["issuer"],
                validity,
                whole["subject"],
                whole["key"],
                whole["unique"],
                whole["extensions"],
            )
        ),
    )
    outside = whole["inside"] if whole["outside"] is None else whole["outside"]
    return tlv(0x30, signed + outside + whole["signature"] + whole["after"])


def extended(*extensions: bytes) -> bytes:
    return assembled(extensions=tlv(0xA3, tlv(0x30, b"".join(extensions))))


def read(**parts: Any) -> Certificate:
    return read_certificate(assembled(**parts))


@pytest.mark.feature("TLS-04")
def test_what_is_put_together_is_read() -> None:
    found = read()
    assert found.names[0].host == "example.com"
    assert found.common_names == ("example.com",)
    assert (found.key.kind, found.key.bits, found.signature.hash, found.serial) == ("P-256", 256, "sha256", 5)
    assert (found.begin, found.end) == (1_764_547_200, 1_772_323_200)
    assert found.purposes is None
    assert found.key_usage is None
    assert not found.authority


@pytest.mark.feature("TLS-04")
@pytest.mark.parametrize(
    "parts",
    [
        {"version": tlv(0xA0, b"\x02\x01\x03")},
        {"version": tlv(0xA0, b"\x02\x01\xff")},
        {"version": tlv(0xA0, b"\x02\x01\x02\x00")},
        {"version": b""},  # version 1 has no extensions
        {"version": tlv(0xA0, b"\x02\x01\x01")},  # nor has version 2
        {"serial": b"\x02\x00"},
        {"serial": b"\x04\x01\x05"},
        {"outside": ECDSA_SHA384},
        {"after": b"\x05\x00"},
        {"signature": b""},
        {"begin": tlv(0x17, b"251301000000Z")},
        {"begin": tlv(0x17, b"250231000000Z")},
        {"begin": tlv(0x17, b"251200000000Z")},
        {"begin": tlv(0x17, b"251201240000Z")},
        {"begin": tlv(0x17, b"2512010000Z")},
        {"begin": tlv(0x17, b"251201000000+0000")},
        {"begin": tlv(0x17, b"20251201000000Z")},
        {"begin": tlv(0x18, b"251201000000Z")},
        {"begin": tlv(0x18, b"00001201000000Z")},
        {"begin": tlv(0x18, b"20251201000000.5Z")},
        {"begin": tlv(0x0C, b"251201000000Z")},
        {"end": tlv(0x17, b"260301000000Z") + b"\x05\x00"},
        {"subject": b"\x05\x00"},
        {"subject": tlv(0x30, tlv(0x31, tlv(0x30, b"\x06\x00\x0c\x00")))},
        {"key": b"\x30\x00"},
        {"key": rsa(b"\xff" * 256)},  # negative
        {"key": rsa(b"\x00\xff" * 128)[:-1]},
        {"key": rsa(b"\x7f" * 256, b"\x00")},
        {"key": rsa(b"\x7f" * 256, unused=1)},
        {"extensions": b"\xa3\x00"},
        {"extensions": tlv(0xA3, tlv(0x30, NAMES + NAMES))},
        {"extensions": tlv(0xA3, tlv(0x30, extension(KEY_USAGE, b"\x03\x02\x08\x80")))},
        {"extensions": tlv(0xA3, tlv(0x30, extension(BASIC_CONSTRAINTS, b"\x30\x03\x01\x01\x01")))},
        {"extensions": tlv(0xA3, tlv(0x30, extension(SUBJECT_ALT_NAME, b"\x30\x00", b"\x01\x01\x05")))},
    ],
)
def test_what_the_standard_does_not_allow_is_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(CertificateError) as caught:
        read(**parts)
    assert "example" not in str(caught.value)


@pytest.mark.feature("TLS-04")
def test_what_the_standard_allows_is_read() -> None:
    assert read(version=b"", extensions=b"").names == ()
    unique = b"\x81\x02\x00\x01\x82\x02\x00\x01"
    assert read(version=tlv(0xA0, b"\x02\x01\x01"), unique=unique, extensions=b"").key.bits == 256
    # RFC 5280 section 4.1.2.5.1: two digits mean 1950 to 2049.
    assert read(begin=tlv(0x17, b"500101000000Z")).begin == -631_152_000
    assert read(end=tlv(0x17, b"491231235959Z")).end == 2_524_607_999
    # Section 4.1.2.5: the end that is none.
    assert read(end=tlv(0x18, b"99991231235959Z")).end == 253_402_300_799
    assert read(begin=tlv(0x17, b"240229000000Z")).begin == 1_709_164_800
    assert read(key=rsa(b"\x00" + b"\xff" * 256)).key.bits == 2048
    assert read(key=rsa(b"\x00" + b"\xff" * 256, oid="2a864886f70d01010a")).key.kind == "RSA"
    found = read_certificate(extended(NAMES, extension(BASIC_CONSTRAINTS, b"\x30\x06\x01\x01\xff\x02\x01\x00")))
    assert found.authority
    assert not read_certificate(extended(extension(BASIC_CONSTRAINTS, b"\x30\x00"))).authority
    assert read_certificate(extended(extension(KEY_USAGE, b"\x03\x03\x07\x00\x80"))).key_usage == 1 << 8
    assert read(subject=named("Ä".encode("utf-16-be"), 0x1E)).common_names == ("Ä",)
    assert read(subject=named(b"\xff", 0x0C)).common_names == ("\ufffd",)
    assert read(subject=named(b"x", 0x7E)).common_names == ("x",)
    assert read(subject=b"\x30\x00").common_names == ()


@pytest.mark.feature("TLS-05")
@pytest.mark.parametrize(
    ("parts", "rule"),
    [
        ({"serial": b"\x02\x01\x00"}, "serial"),
        ({"serial": b"\x02\x01\xff"}, "serial"),
        ({"serial": tlv(0x02, b"\x7f" * 21)}, "serial"),
        ({"inside": tlv(0x30, bytes.fromhex("06032a0304"))}, "signature-kind"),
        ({"inside": tlv(0x30, tlv(0x06, bytes.fromhex("2a864886f70d01010a")) + b"\x30\x00")}, "signature-hash"),
        ({"inside": tlv(0x30, tlv(0x06, bytes.fromhex("2a864886f70d01010a")))}, "signature-hash"),
        ({"key": tlv(0x30, tlv(0x30, bytes.fromhex("06032a0304")) + tlv(0x03, b"\x00x"))}, "key-kind"),
        (
            {"key": tlv(0x30, tlv(0x30, bytes.fromhex("06072a8648ce3d0201") + b"\x30\x00") + tlv(0x03, b"\x00x"))},
            "key-kind",
        ),
        (
            {"key": tlv(0x30, tlv(0x30, bytes.fromhex("06072a8648ce3d020106032a0304")) + tlv(0x03, b"\x00x"))},
            "key-kind",
        ),
        ({"extensions": b""}, "no-names"),
    ],
)
def test_what_is_odd_is_found(parts: dict[str, Any], rule: str) -> None:
    report = examine(assembled(**parts), role=Role.C2S_SERVER, domain="example.com", now=NOW, trusted=True)
    assert report.unreadable is None
    # RSASSA-PSS without parameters means SHA-1 (RFC 4055 section 3.1).
    expected = Severity.FAULT if rule == "signature-hash" else Severity.WARNING
    assert [one.severity for one in report.findings if one.rule == rule] == [expected]


def test_accounts_are_those_of_clients() -> None:
    octets = issue("xmpp:juliet@example.com", by=issuer())
    for role in Role:
        report = examine(octets, role=role, domain="example.com", now=NOW, trusted=True)
        assert [str(one) for one in report.accounts] == (["juliet@example.com"] if role is Role.C2S_CLIENT else [])
