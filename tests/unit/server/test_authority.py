"""Certificates to throw away."""

from __future__ import annotations

import datetime
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from handshakes import Wire, client, server

from xmpp_core import JID, JIDError
from xmpp_core.adapters.tls import ClientTls, TlsSettingsError
from xmpp_core.server.authority import Authority, Issued, Period

NOW = datetime.datetime(2026, 5, 4, 12, tzinfo=datetime.UTC)


def read(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def names(certificate: x509.Certificate) -> x509.SubjectAlternativeName:
    return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def test_an_authority_signs_and_nothing_else() -> None:
    one = read(Authority.create("ours", days=10, now=NOW).certificate)
    assert one.not_valid_before_utc == NOW - datetime.timedelta(hours=1)
    assert one.not_valid_after_utc == NOW + datetime.timedelta(days=10)
    assert one.extensions.get_extension_for_class(x509.BasicConstraints).value == x509.BasicConstraints(True, 0)
    usage = one.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.key_cert_sign
    assert not usage.digital_signature
    one.verify_directly_issued_by(one)


@pytest.mark.feature("TLS-04")
def test_a_server_has_its_names_in_every_form() -> None:
    """RFC 6120 section 13.7.1.2: DNS-IDs and SRV-IDs in A-labels, xmppAddr as the address is."""
    authority = Authority.create()
    own = authority.issue(["bücher.example", "*.rooms.example", "192.0.2.1", "[2001:db8::1]"], days=5, now=NOW)
    one = read(own.certificate)
    one.verify_directly_issued_by(read(authority.certificate))
    assert one.not_valid_after_utc == NOW + datetime.timedelta(days=5)
    found = names(one)
    assert found.get_values_for_type(x509.DNSName) == ["xn--bcher-kva.example", "*.rooms.example"]
    assert [str(address) for address in found.get_values_for_type(x509.IPAddress)] == ["192.0.2.1", "2001:db8::1"]
    others = {(name.type_id.dotted_string, name.value) for name in found.get_values_for_type(x509.OtherName)}
    assert others == {
        ("1.3.6.1.5.5.7.8.7", b"\x16\x22_xmpp-client.xn--bcher-kva.example"),
        ("1.3.6.1.5.5.7.8.7", b"\x16\x22_xmpp-server.xn--bcher-kva.example"),
        ("1.3.6.1.5.5.7.8.5", b"\x0c\x0f" + "bücher.example".encode()),
    }
    purposes = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(purposes) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
    key = serialization.load_pem_private_key(own.key.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp256r1"
    plain = names(read(authority.issue(["example.com"], xmpp_names=False).certificate))
    assert list(plain) == [x509.DNSName("example.com")]


def test_a_long_name_is_written_in_the_long_form() -> None:
    domain = ".".join(["a" * 60] * 3)
    others = names(read(Authority.create().issue([domain]).certificate)).get_values_for_type(x509.OtherName)
    assert b"\x0c\x81\xb6" + domain.encode() in {one.value for one in others}


@pytest.mark.feature("SASL-12")
def test_a_client_has_its_bare_address() -> None:
    authority = Authority.create()
    for jid in ("Juliet@example.com/balcony", JID("juliet@example.com")):
        one = read(authority.issue_client(jid).certificate)
        assert [
            (name.type_id.dotted_string, name.value) for name in names(one) if isinstance(name, x509.OtherName)
        ] == [("1.3.6.1.5.5.7.8.5", b"\x0c\x12juliet@example.com")]
        purposes = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_bad_ones_for_tests() -> None:
    authority = Authority.create()
    alone = authority.issue(["example.com"], self_signed=True)
    read(alone.certificate).verify_directly_issued_by(read(alone.certificate))
    assert alone.certificate.count("-----BEGIN") == 1
    period = Period(NOW, NOW + datetime.timedelta(seconds=1))
    past = read(authority.issue(["example.com"], period=period).certificate)
    assert (past.not_valid_before_utc, past.not_valid_after_utc) == (period.begin, period.end)


def test_two_are_never_the_same() -> None:
    authority = Authority.create()
    serials = {read(authority.issue(["example.com"]).certificate).serial_number for _ in range(3)}
    keys = {authority.issue(["example.com"]).key for _ in range(3)}
    assert len(serials) == len(keys) == 3


def test_what_is_no_domain_gets_no_certificate() -> None:
    authority = Authority.create()
    with pytest.raises(TlsSettingsError):
        authority.issue(["not a domain"])
    with pytest.raises(ValueError, match="at least one"):
        authority.issue([])
    with pytest.raises(JIDError):
        authority.issue_client("@example.com")


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    authority = Authority.create()
    paths = tmp_path / "certificate.pem", tmp_path / "key.pem"
    paths[1].write_text("an older key, for all to read")
    paths[1].chmod(0o644)
    for one in (authority, authority.issue(["example.com"])):
        one.write(*paths)
        assert stat.S_IMODE(paths[1].stat().st_mode) == 0o600
        assert "PRIVATE KEY" in paths[1].read_text()
        assert "PRIVATE KEY" not in paths[0].read_text()


@pytest.mark.feature("ADP-04")
def test_an_authority_can_be_kept(tmp_path: Path) -> None:
    paths = tmp_path / "ca.pem", tmp_path / "ca.key"
    first = Authority.create()
    first.write(*paths)
    again = Authority.read(*paths)
    assert again.certificate == first.certificate
    own = again.issue(["example.com"])
    assert Wire.between(client(ca=paths[0]), server(own=own)).infos()[0].verified
    with pytest.raises(OSError, match="No such file"):
        Authority.read(tmp_path / "none", paths[1])
    with pytest.raises(ValueError):
        Authority.read(paths[0], paths[0])


@pytest.mark.feature("TLS-05")
def test_the_strictest_checks_pass() -> None:
    """Python 3.13 checks by RFC 5280 to the letter (VERIFY_X509_STRICT) by default."""
    import ssl

    authority = Authority.create()
    context = ssl.create_default_context(cadata=authority.certificate)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    own: Issued = authority.issue(["example.com"])
    assert Wire.between(ClientTls(context=context), server(own=own)).infos()[0].verified
