"""What else speaks against a certificate: dates, purposes, keys, signatures, extensions."""

from __future__ import annotations

import calendar
from typing import Any

import pytest
from cryptography import x509
from issuing import BEGIN, CLIENT_AUTH, END, NOW, SERVER_AUTH, general_name, issue, issuer, tlv, usage

from xmpp_core.identity import Report, Role, Severity, examine, read_certificate

SERVERS = (Role.C2S_SERVER, Role.S2S_RECEIVING)
INITIATING = (Role.C2S_CLIENT, Role.S2S_INITIATING)
EMAIL = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.4")
ANY = x509.ObjectIdentifier("2.5.29.37.0")
XMPP = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.5")
SHA256_RSA = bytes.fromhex("2a864886f70d01010b")


def report_of(octets: bytes, role: Role = Role.C2S_SERVER, now: float | None = NOW) -> Report:
    return examine(octets, role=role, domain="example.com", now=now, trusted=True)


def rules(report: Report, severity: Severity) -> set[str]:
    return {one.rule for one in report.findings if one.severity is severity}


def good(**settings: Any) -> bytes:
    return issue("dns:example.com", "xmpp:juliet@example.com", by=issuer(), **settings)


@pytest.mark.feature("TLS-04", "TLS-05")
@pytest.mark.parametrize("role", Role)
def test_an_ordinary_certificate_has_no_fault(role: Role) -> None:
    report = report_of(good(), role)
    assert report.acceptable
    assert report.faults == ()
    assert rules(report, Severity.WARNING) == set()
    assert rules(report, Severity.NOTE) == {"no-responder"}


@pytest.mark.feature("TLS-04")
def test_the_first_and_the_last_second_belong_to_the_period() -> None:
    """RFC 5280 section 4.1.2.5."""
    octets = good()
    begin, end = BEGIN.timestamp(), END.timestamp()
    for now, expected in (
        (begin - 1, {"not-yet-valid"}), (begin, set()), (end, set()), (end + 1, {"expired"}), (0.0, {"not-yet-valid"}),
        (float("inf"), {"expired"}), (float("-inf"), {"not-yet-valid"}),
    ):  # fmt: skip
        report = report_of(octets, now=now)
        assert {one.rule for one in report.faults} == expected
        assert report.acceptable == (not expected)
    # Who does not know the time leaves the dates to who verified the path.
    assert report_of(octets, now=None).acceptable


@pytest.mark.feature("TLS-04")
@pytest.mark.parametrize(
    ("purposes", "fits"),
    [
        (None, {*SERVERS, *INITIATING}),
        ([SERVER_AUTH, CLIENT_AUTH], {*SERVERS, *INITIATING}),
        # No public authority issues clientAuth any more, and servers initiate all the same.
        ([SERVER_AUTH], {*SERVERS, Role.S2S_INITIATING}),
        ([CLIENT_AUTH], {*INITIATING}),
        ([ANY], {*SERVERS, *INITIATING}),
        # RFC 6120 section 13.7.1.4.
        ([XMPP], {*SERVERS, *INITIATING}),
        ([EMAIL], set()),
        ([EMAIL, CLIENT_AUTH], {*INITIATING}),
    ],
)
def test_the_purpose_is_judged_by_role(purposes: list[x509.ObjectIdentifier] | None, fits: set[Role]) -> None:
    octets = good(purposes=purposes)
    for role in Role:
        report = report_of(octets, role)
        assert ("purpose" in rules(report, Severity.FAULT)) == (role not in fits)
        assert report.acceptable == (role in fits)


@pytest.mark.feature("TLS-05")
@pytest.mark.parametrize(
    ("settings", "severity", "rule"),
    [
        ({"key": "rsa1024"}, Severity.FAULT, "key-size"),
        ({"key": "P-192"}, Severity.FAULT, "key-size"),
        ({"key": "dsa"}, Severity.WARNING, "key-kind"),
        ({"key_usage": usage("key_encipherment")}, Severity.FAULT, "key-usage"),
        ({"ca": True}, Severity.FAULT, "authority"),
        ({"subject": None}, Severity.WARNING, "no-subject"),
        (
            {"more": [(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)]},
            Severity.FAULT,
            "unknown-critical",
        ),
        # RFC 6962 section 3.1: what carries this was never a certificate.
        ({"more": [(x509.PrecertPoison(), True)]}, Severity.FAULT, "unknown-critical"),
    ],
)
def test_what_is_not_as_it_must_be_is_found(settings: dict[str, Any], severity: Severity, rule: str) -> None:
    report = report_of(good(**settings))
    assert rule in rules(report, severity)
    assert report.acceptable == (severity is not Severity.FAULT)


@pytest.mark.feature("TLS-05")
@pytest.mark.parametrize(
    "settings",
    [
        {"key": "rsa2048"},
        {"key": "P-384"},
        {"key": "ed25519"},
        {"key_usage": usage("digital_signature")},
        {"key_usage": usage("digital_signature", "key_encipherment")},
        {"more": [(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), False)]},
        {"more": [(x509.TLSFeature([x509.TLSFeatureType.status_request]), True)]},
        {"more": [(x509.CertificatePolicies([x509.PolicyInformation(XMPP, None)]), True)]},
    ],
)
def test_what_is_as_it_may_be_is_let_through(settings: dict[str, Any]) -> None:
    report = report_of(good(**settings))
    assert report.acceptable
    assert rules(report, Severity.WARNING) == set()


@pytest.mark.feature("TLS-05")
@pytest.mark.parametrize(
    ("last", "severity"),
    [(4, Severity.FAULT), (5, Severity.FAULT), (14, Severity.WARNING), (11, None), (12, None), (13, None)],
)
def test_the_hash_of_the_signature_is_judged(last: int, severity: Severity | None) -> None:
    """RFC 9325 section 4.5: neither MD5 nor SHA-1. The signature itself is not this report's matter."""
    by = issuer("the RSA authority", key="rsa2048")
    octets = issue("dns:example.com", by=by).replace(SHA256_RSA, SHA256_RSA[:-1] + bytes([last]))
    report = report_of(octets)
    found = {one.severity for one in report.findings if one.rule == "signature-hash"}
    assert found == ({severity} if severity else set())
    # An issuer may be one that is not needed: it is a warning there.
    report = examine([good(), octets], role=Role.C2S_SERVER, domain="example.com", now=NOW, trusted=True)
    assert report.acceptable
    assert ("signature-hash" in rules(report, Severity.WARNING)) == (severity is not None)


def test_who_signs_himself_is_noted_and_his_hash_is_not() -> None:
    octets = issue("dns:example.com", key="rsa2048").replace(SHA256_RSA, SHA256_RSA[:-1] + b"\x05")
    report = report_of(octets)
    assert "self-issued" in rules(report, Severity.NOTE)
    assert report.faults == ()


def test_a_chain_is_read_to_its_first_damage() -> None:
    chain = [good(), issuer().octets, b"\x30", good(key="rsa1024")]
    report = examine(chain, role=Role.C2S_SERVER, domain="example.com", now=NOW, trusted=True)
    assert [one.text[:27] for one in report.findings if one.rule == "unreadable"] == ["certificate 3 of the chain "]
    assert "key-size" not in rules(report, Severity.WARNING)
    assert report.acceptable


@pytest.mark.feature("TLS-04")
def test_without_trust_nothing_is_acceptable() -> None:
    report = examine(good(), role=Role.C2S_SERVER, domain="example.com", now=NOW)
    assert report.matches
    assert not report.acceptable
    assert report.objection == "no trusted authority vouches for the certificate"


@pytest.mark.feature("TLS-05")
@pytest.mark.parametrize("kind", ["P-256", "P-384", "rsa2048", "ed25519", "dsa"])
def test_what_is_read_is_what_another_library_reads(kind: str) -> None:
    octets = good(key=kind, key_usage=usage("digital_signature", "decipher_only", "key_agreement"))
    ours, theirs = read_certificate(octets), x509.load_der_x509_certificate(octets)
    assert ours.begin == calendar.timegm(theirs.not_valid_before_utc.timetuple())
    assert ours.end == calendar.timegm(theirs.not_valid_after_utc.timetuple())
    assert ours.subject == theirs.subject.public_bytes()
    assert ours.issuer == theirs.issuer.public_bytes()
    key = theirs.public_key()
    if ours.key.bits is not None and kind != "ed25519":
        assert ours.key.bits == key.key_size  # type: ignore[union-attr]
    assert theirs.signature_hash_algorithm is not None
    assert ours.signature.hash == theirs.signature_hash_algorithm.name
    assert ours.signature.oid == theirs.signature_algorithm_oid.dotted_string
    # RFC 5280 section 4.2.1.3: digitalSignature is value 0, keyAgreement 4, decipherOnly 8.
    assert ours.key_usage == 1 | 1 << 4 | 1 << 8
    assert ours.purposes == (SERVER_AUTH.dotted_string, CLIENT_AUTH.dotted_string)
    assert not ours.self_issued


def test_a_signature_of_pss_names_its_hash_in_its_parameters() -> None:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding
    from issuing import key_of

    for chosen, name in ((hashes.SHA256(), "sha256"), (hashes.SHA512(), "sha512")):
        key = key_of("rsa2048", 0)
        pss = padding.PSS(padding.MGF1(chosen), padding.PSS.DIGEST_LENGTH)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(issuer().certificate.subject)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(BEGIN)
            .not_valid_after(END)
            .sign(key, chosen, rsa_padding=pss)
        )
        read = read_certificate(certificate.public_bytes(serialization.Encoding.DER))
        assert (read.signature.kind, read.signature.hash) == ("RSA", name)
        assert rules(report_of(read.octets), Severity.WARNING) == {"no-subject", "no-names"}


def test_an_ocsp_responder_is_seen() -> None:
    where = x509.UniformResourceIdentifier("http://ocsp.example")
    responder = x509.AccessDescription(x509.ObjectIdentifier("1.3.6.1.5.5.7.48.1"), where)
    octets = good(more=[(x509.AuthorityInformationAccess([responder]), False)])
    assert read_certificate(octets).responder
    assert rules(report_of(octets), Severity.NOTE) == set()


def test_an_alternative_name_that_is_no_list_is_no_certificate() -> None:
    for value in (b"", b"\x30\x80", tlv(0x31, general_name("dns:example.com")), tlv(0x30, b"\x82\x05abc")):
        report = report_of(issue(by=issuer(), alternative=value))
        assert report.unreadable is not None
        assert report.names == ()
        assert not report.acceptable
