"""Octets that are no certificate, or nearly one: reported, never raised, read in time that grows with them alone."""

from __future__ import annotations

import random
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from issuing import NOW, general_name, issue, issuer, tlv

from xmpp_core.identity import (
    CertificateError,
    Denied,
    NameKind,
    Report,
    Role,
    Verdict,
    authorize,
    examine,
    read_certificate,
)
from xmpp_core.identity.certificate import LARGEST
from xmpp_core.identity.der import DerError, Reader, oid_text
from xmpp_core.identity.names import MOST_NAMES, common_names

EVERY = (
    "dns:example.com", "dns:*.example.com", "srv:_xmpp-client.example.com", "xmpp:example.com",
    "xmpp:juliet@example.com", "ip:192.0.2.1", "ip:2001:db8::1", "uri:xmpp:example.com", "email:a@example.com",
    "upn:juliet", "xmpp-bmp:example.com", "hex:a4023000", "hex:8803550403",
)  # fmt: skip
MUTATIONS = 10_000


def reports(octets: bytes) -> list[Report]:
    found = [examine(octets, role=role, domain="example.com", now=NOW, trusted=True) for role in Role]
    for report in found:
        assert (report.objection is None) == report.acceptable
        assert isinstance(repr(report), str)
        for one in report.names:
            assert one.reason
            assert one.section
            assert one.name.text.isprintable() or one.name.text
        decision = authorize(report, None, "example.com")
        assert not isinstance(decision, Denied) or decision.reason
    return found


def mutated(octets: bytes, chance: random.Random) -> bytes:
    data = bytearray(octets)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        if not data:
            break
        at = chance.randrange(len(data))
        match chance.choice((0, 0, 0, 0, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7)):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                data[at] = chance.choice((0, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            case 2:
                del data[at]
            case 3:
                data.insert(at, chance.randrange(256))
            case 4:
                del data[at : at + chance.randrange(1, 40)]
            case 5:
                data[at:at] = data[chance.randrange(len(data)) :][: chance.randrange(1, 40)]
            case 6:
                data = data[: at + 1]
            case 7:
                data += bytes(chance.randrange(1, 20))
    return bytes(data) or b"\x00"


def theirs(octets: bytes) -> dict[NameKind, list[str]] | None:
    """What another library reads; None if it refuses."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            certificate = x509.load_der_x509_certificate(octets)
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            return {
                NameKind.DNS_NAME: list(names.get_values_for_type(x509.DNSName)),
                NameKind.IP_ADDRESS: [str(one) for one in names.get_values_for_type(x509.IPAddress)],
            }
    except Exception:  # whatever it raises, it refuses
        return None


@pytest.mark.feature("TLS-04")
@pytest.mark.heavy
def test_mutated_certificates_are_reported(full: bool) -> None:
    """Whatever is accepted here another library reads alike."""
    chance = random.Random(6120)
    seeds = [issue(*EVERY, by=issuer()), issue("dns:example.com", "ip:192.0.2.1", by=issuer(), key="rsa2048")]
    counted: Counter[str] = Counter()
    for number in range(MUTATIONS * (10 if full else 1)):
        octets = mutated(seeds[number % 2], chance)
        found = reports(octets)[0]
        counted["unreadable" if found.unreadable is not None else "acceptable" if found.acceptable else "refused"] += 1
        other = theirs(octets)
        if found.unreadable is None and other is not None:
            counted["compared"] += 1
            for kind in (NameKind.DNS_NAME, NameKind.IP_ADDRESS):
                ours = [one for one in found.names if one.name.kind is kind]
                assert len(ours) == len(other[kind])
                for one, text in zip(ours, other[kind], strict=True):
                    assert one.name.text == text or one.verdict is Verdict.MALFORMED
    # The mutations reach every end, and enough is compared.
    assert all(counted[one] > MUTATIONS // 200 for one in ("unreadable", "refused", "acceptable", "compared")), counted


@pytest.mark.feature("TLS-04")
def test_every_cut_is_reported() -> None:
    octets = issue(*EVERY, by=issuer())
    for size in range(len(octets)):
        assert all(report.unreadable is not None for report in reports(octets[:size]))
        assert examine(octets[size:], role=Role.C2S_SERVER, domain="example.com", now=NOW).unreadable or not size


@pytest.mark.feature("TLS-04")
@given(st.binary(max_size=300))
def test_any_octets_are_reported(octets: bytes) -> None:
    assert all(report.unreadable is not None for report in reports(octets))


@pytest.mark.feature("TLS-04")
@given(st.binary(max_size=200))
def test_any_octets_in_place_of_the_names_are_reported(octets: bytes) -> None:
    reports(issue(by=issuer(), alternative=octets))
    reports(issue(by=issuer(), alternative=tlv(0x30, octets)))


NAMES = st.tuples(st.sampled_from([0x81, 0x82, 0x86, 0x87, 0x88, 0xA0, 0xA3, 0xA4, 0xA5, 0x04]), st.binary(max_size=80))
OIDS = st.sampled_from([general_name(f"{kind}:x")[2:12] for kind in ("xmpp", "srv")])
OTHER = st.tuples(OIDS, st.integers(0, 255), st.binary(max_size=80)).map(
    lambda parts: tlv(0xA0, parts[0] + tlv(0xA0, tlv(parts[1], parts[2])))
)


@pytest.mark.feature("TLS-04")
@given(st.lists(NAMES.map(lambda pair: tlv(*pair)) | OTHER, max_size=8))
def test_a_bad_name_does_not_hide_the_next(names: list[bytes]) -> None:
    last = general_name("dns:example.com")
    report = reports(issue(by=issuer(), alternative=tlv(0x30, b"".join(names) + last)))[0]
    assert report.unreadable is None
    assert len(report.names) == len(names) + 2  # the last, and the common name
    assert report.names[len(names)].matches


@pytest.mark.feature("TLS-04")
@pytest.mark.parametrize(
    "name",
    [
        "dns:", "dns:\x00", "dns:example.com\x00.evil.example", "dns:evil.example\x00example.com", "srv:", "srv:.",
        "srv:_xmpp-client.example.com\x00", "srv:_xmpp-client.\x00example.com", "xmpp:", "xmpp:\x00",
        "xmpp:example.com\x00", "xmpp:\x00@example.com", "xmpp:@", "xmpp:/", "xmpp:example.com/", "xmpp-bmp:",
        "dns:" + "a" * 300, "dns:" + "a." * 3000 + "com", "srv:_xmpp-client." + "a" * 70 + ".com",
        "xmpp:" + "a" * 5000 + "@example.com", "xmpp:\u2028@example.com", "hex:8200", "hex:8700", "hex:a000",
    ],
)  # fmt: skip
def test_a_hostile_name_is_malformed(name: str) -> None:
    for report in reports(issue(name, by=issuer()))[:1]:
        assert report.names[0].verdict is Verdict.MALFORMED
        assert not report.acceptable
        assert len(report.names[0].name.text) <= 1024


@pytest.mark.feature("TLS-04")
def test_what_is_too_large_is_not_read() -> None:
    with pytest.raises(CertificateError, match="octets"):
        read_certificate(bytes(LARGEST + 1))
    assert reports(tlv(0x30, bytes(LARGEST)))[0].unreadable == f"it has more than {LARGEST} octets"


@pytest.mark.feature("TLS-04")
def test_too_many_names_are_not_read() -> None:
    last = general_name("dns:example.com")
    for count, acceptable in ((MOST_NAMES - 1, True), (MOST_NAMES, False)):
        octets = issue(by=issuer(), alternative=tlv(0x30, b"\x88\x00" * count + last))
        report = examine(octets, role=Role.C2S_SERVER, domain="example.com", now=NOW, trusted=True)
        assert report.acceptable == acceptable
        assert (report.unreadable is None) == acceptable
    attribute = tlv(0x30, bytes.fromhex("0603550403") + b"\x0c\x01x")
    assert len(common_names(tlv(0x30, tlv(0x31, attribute * MOST_NAMES)))) == MOST_NAMES
    with pytest.raises(DerError):
        common_names(tlv(0x30, tlv(0x31, attribute * (MOST_NAMES + 1))))


def calls_of(work: Callable[[], Any]) -> int:
    """How many functions are called: a measure that no clock disturbs."""
    count = 0

    def counting(_: Any, event: str, __: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.feature("TLS-04")
@pytest.mark.heavy
@pytest.mark.parametrize(
    "name", ["dns:a{}.example", "xmpp:u{}@example.com", "srv:_a.h{}.example", "xmpp:{}", "dns:{}.", "hex:a000"]
)
def test_the_work_grows_with_the_names_alone(name: str) -> None:
    def work(count: int) -> int:
        octets = issue(*(name.format(number) for number in range(count)), by=issuer())
        return calls_of(lambda: examine(octets, role=Role.C2S_SERVER, domain="example.com", now=NOW))

    work(10)
    small, large = work(500), work(2000)
    assert small < large < 4.4 * small


@pytest.mark.feature("TLS-04")
@pytest.mark.parametrize(
    "octets",
    [
        b"", b"\x02", b"\x02\x80", b"\x02\x81\x01\x00", b"\x02\x82\x00\x01\x00", b"\x02\x85\x00\x00\x00\x00\x01\x00",
        b"\x02\x02\x00", b"\x02\x00", b"\x02\x02\x00\x01", b"\x02\x02\xff\x80", b"\x1f\x81\x00\x00", b"\x01\x01\x00",
    ],
)  # fmt: skip
def test_what_is_no_der_is_refused(octets: bytes) -> None:
    """X.690 sections 8.1.3, 8.3.2 and 10.1: one length, one form."""
    with pytest.raises(DerError):
        Reader(octets).integer()


@pytest.mark.parametrize("octets", [b"", b"\x80", b"\x2a\x80", b"\x2a\x80\x01", b"\x2a" + b"\xff" * 200 + b"\x01"])
def test_what_is_no_identifier_is_refused(octets: bytes) -> None:
    with pytest.raises(DerError):
        oid_text(octets)


def test_values_are_read_as_written() -> None:
    assert oid_text(bytes.fromhex("2b06010505070805")) == "1.3.6.1.5.5.7.8.5"
    assert oid_text(bytes.fromhex("883703")) == "2.999.3"
    assert Reader(b"\x02\x01\xff").integer() == -1
    assert Reader(b"\x02\x02\x00\x80").integer() == 128
    assert Reader(b"\x01\x01\xff").boolean(False)
    assert Reader(b"").boolean(True)
    assert Reader(b"\x03\x02\x07\x80").bits() == (b"\x80", 7)
    for octets in (b"\x03\x00", b"\x03\x01\x01", b"\x03\x02\x08\x00", b"\x03\x02\x01\x01"):
        with pytest.raises(DerError):
            Reader(octets).bits()
    with pytest.raises(DerError):
        Reader(b"\x01\x01\x01").boolean(False)
    reader = Reader(b"\x02\x01\x05\x00")
    assert reader.integer() == 5
    with pytest.raises(DerError):
        reader.done()
