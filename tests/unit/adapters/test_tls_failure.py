"""Handshakes that fail, connections that break, and the words for it; settings that cannot work."""

from __future__ import annotations

import base64
import datetime
import hashlib
import os
import ssl
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from handshakes import Wire, authority, client, issued, server

from xmpp_core import LocalProtocolError, TlsFailed, TlsInfo
from xmpp_core.adapters.tls import ClientTls, OwnCertificate, ServerTls, TlsSettingsError
from xmpp_core.adapters.tls_names import is_for
from xmpp_core.server.authority import Authority, Issued, Period
from xmpp_core.testing.chunking import Chunker, at_random, by_octet, whole

TLS_1_2 = ssl.TLSVersion.TLSv1_2
BOTH = pytest.mark.parametrize("exporter", [False, True], ids=["ssl", "pyOpenSSL"])
FOUR = pytest.mark.parametrize(
    ("ours", "theirs"), list(product((False, True), repeat=2)), ids=["ssl-ssl", "ssl-pyO", "pyO-ssl", "pyO-pyO"]
)
VERSIONS = pytest.mark.parametrize("version", [None, TLS_1_2], ids=["newest", "TLS 1.2"])

PAST = Period(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC))
FUTURE = Period(datetime.datetime(2120, 1, 1, tzinfo=datetime.UTC), datetime.datetime(2121, 1, 1, tzinfo=datetime.UTC))


def pin_of(pem: str) -> bytes:
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    return hashlib.sha256(
        key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    ).digest()


def made(subject: str, *names: x509.GeneralName) -> Issued:
    """A server's certificate with whatever names."""
    return authority()._issue(subject, list(names), [ExtendedKeyUsageOID.SERVER_AUTH], Period.days(1), False)


def bad() -> dict[str, tuple[Issued, str, str]]:
    """What the server shows, what the client says to its user, and how the server learns of it."""
    host = ("example.com",)
    return {
        "expired": (
            authority().issue(host, period=PAST),
            "the peer's certificate has expired (valid until 2021-01-01 00:00 UTC)",
            "alert: certificate expired",
        ),
        "not yet valid": (
            authority().issue(host, period=FUTURE),
            "the peer's certificate is not valid yet (valid from 2120-01-01 00:00 UTC)",
            "alert: bad certificate",
        ),
        "self-signed": (
            authority().issue(host, self_signed=True),
            "the peer's certificate is self-signed and not among the trusted ones; to trust it, name it in `ca`",
            "alert: unknown ca",
        ),
        "another authority": (
            Authority.create("the authority").issue(host),
            "authority that is not trusted; to trust it, name it in `ca`",
            "alert: unknown ca",
        ),
        "another host": (
            authority().issue(["other.example", "third.example"]),
            "the peer's certificate is not for example.com: it is for other.example, third.example",
            "alert: ",
        ),
        "the host as common name beside another name": (
            made("example.com", x509.DNSName("third.example")),
            "the peer's certificate is not for example.com: it is for third.example",
            "alert: ",
        ),
        "the host as common name without names of hosts": (
            made("example.com", x509.RFC822Name("juliet@example.com")),
            "the peer's certificate is not for example.com: it names no host",
            "alert: ",
        ),
        "for clients": (
            authority().issue_client("juliet@example.com"),
            "the peer's certificate is not made for this purpose",
            "alert: unsupported certificate",
        ),
        "a wildcard for too much": (
            authority().issue(["*.example.com", "*.com"]),
            "the peer's certificate is not for example.com: it is for *.example.com, *.com",
            "alert: ",
        ),
    }


@pytest.mark.feature("ADP-04", "TLS-09", "TLS-04")
@FOUR
@VERSIONS
@pytest.mark.parametrize("case", bad())
def test_a_bad_certificate_ends_the_handshake(
    ours: bool, theirs: bool, version: ssl.TLSVersion | None, case: str
) -> None:
    own, words, alert = bad()[case]
    for chunker in (whole, by_octet, at_random(7)):
        wire = Wire.between(client(ours, maximum_version=version), server(theirs, own=own), chunker=chunker)
        here, there = wire.reasons()
        assert here is not None
        assert words in here
        assert there is not None
        assert alert in there
        assert wire.here.ended
        assert wire.there.ended
        assert wire.here.read() == wire.there.read() == b""


@pytest.mark.feature("TLS-09")
@FOUR
def test_the_systems_authorities_do_not_know_ours(ours: bool, theirs: bool) -> None:
    assert "not trusted" in str(Wire.between(client(ours, ca=None), server(theirs)).reasons()[0])


@pytest.mark.feature("ADP-04")
@FOUR
@VERSIONS
def test_the_insecure_switch_verifies_nothing_and_says_so(
    ours: bool, theirs: bool, version: ssl.TLSVersion | None
) -> None:
    for own, _, _ in bad().values():
        here = client(ours, ca=None, insecure_accept_any_certificate=True, maximum_version=version)
        info, _ = Wire.between(here, server(theirs, own=own), host="elsewhere.example").infos()
        assert not info.verified
        assert info.peer_certificates


@pytest.mark.feature("ADP-04")
@BOTH
def test_what_is_trusted_can_be_a_file_a_folder_or_text(exporter: bool, tmp_path: Path) -> None:
    pem = "# Die Behörde\n" + authority().certificate
    (tmp_path / "one.pem").write_text(pem, encoding="latin-1")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "ours.crt").write_text(Authority.create().certificate + pem, encoding="latin-1")
    for ca in (pem, pem.encode(), tmp_path / "one.pem", str(tmp_path / "one.pem"), tmp_path / "folder"):
        assert Wire.between(client(exporter, ca=ca), server()).infos()[0].verified
    # A certificate that signed itself is its own authority.
    own = authority().issue(["example.com"], self_signed=True)
    assert Wire.between(client(exporter, ca=own.certificate), server(own=own)).infos()[0].verified


@pytest.mark.feature("ADP-04")
@FOUR
@VERSIONS
def test_a_pin_is_demanded_in_addition(ours: bool, theirs: bool, version: ssl.TLSVersion | None) -> None:
    own = issued()
    leaf, root = pin_of(own.certificate), pin_of(authority().certificate)
    other = bytes(32)
    good: tuple[tuple[str | bytes, ...], ...] = (
        (leaf,),
        (root,),
        (other, leaf.hex()),
        (leaf.hex(":").upper(),),
        ("sha256//" + base64.b64encode(leaf).decode(),),
    )
    for pins in good:
        assert Wire.between(client(ours, pins=pins, maximum_version=version), server(theirs)).infos()[0].verified
    wire = Wire.between(client(ours, pins=(other,), maximum_version=version), server(theirs))
    assert wire.reasons()[0] == "no key in the peer's certificate chain is among the pinned ones (`pins`)"
    assert wire.here.take() == b""
    if version is None:
        # What would have finished the handshake stayed here.
        assert wire.server is None
        wire.cut(wire.there)
        assert wire.reasons()[1] == "the connection was cut during the TLS handshake"
    # A good pin excuses nothing.
    assert Wire.between(client(ours, pins=(leaf,), ca=None), server(theirs)).reasons()[0] is not None


@pytest.mark.feature("ADP-04")
@FOUR
def test_a_pinned_certificate_that_is_only_sent_along_does_not_count(ours: bool, theirs: bool) -> None:
    """Anybody may send a copy of another's certificate behind their own."""
    mine, copied = authority().issue(["example.com"]), issued("copied.example")
    first = mine.certificate.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----\n")
    chain = Issued(mine.certificate[:first] + copied.certificate, mine.key)
    wire = Wire.between(client(ours, pins=(pin_of(copied.certificate),)), server(theirs, own=chain))
    assert "pinned" in str(wire.reasons()[0])
    info, _ = Wire.between(client(ours), server(theirs, own=chain)).infos()
    assert ssl.PEM_cert_to_DER_cert(copied.certificate[: copied.certificate.index("-----END") + 25]) in (
        info.peer_certificates
    )


@pytest.mark.feature("ADP-04", "SASL-12")
@FOUR
@VERSIONS
def test_a_bad_client_certificate_ends_it(ours: bool, theirs: bool, version: ssl.TLSVersion | None) -> None:
    there = server(theirs, client_ca=authority().certificate)
    for own, words in (
        (authority().issue_client("juliet@example.com", period=PAST), "has expired"),
        (authority().issue_client("juliet@example.com", self_signed=True), "name it in `client_ca`"),
        (Authority.create().issue_client("juliet@example.com"), "name it in `client_ca`"),
    ):
        here = client(ours, certificate=own.certificate, key=own.key, maximum_version=version)
        wire = Wire.between(here, there)
        assert words in str(wire.reasons()[1])
        if version is None:
            # A TLS 1.3 client is done before the server has seen its certificate (RFC 8446 section 4.4.2).
            assert isinstance(wire.client, TlsInfo)
            assert wire.here.ended
            assert "our certificate" in str(wire.here.fault)
        else:
            assert "our certificate" in str(wire.reasons()[0])


@pytest.mark.feature("TLS-09")
@BOTH
@pytest.mark.parametrize(
    "octets",
    [
        b"<?xml version='1.0'?><stream:stream>",
        b"<stream:error/>",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-x\r\n",
        b" ",
    ],
)
@pytest.mark.parametrize("chunker", [whole, by_octet])
def test_plain_text_in_place_of_tls_is_named(exporter: bool, octets: bytes, chunker: Chunker) -> None:
    for layer in (client(exporter).layer("example.com", direct=True), server(exporter).layer(direct=True)):
        layer.advance()
        layer.take()
        for piece in chunker(octets):
            layer.receive(piece)
        failed = layer.advance()
        assert isinstance(failed, TlsFailed)
        assert failed.reason.startswith("the peer spoke plain text where TLS was expected")
        assert layer.ended


@pytest.mark.feature("TLS-09")
@FOUR
@VERSIONS
def test_a_cut_at_any_place_of_the_handshake_is_told(
    ours: bool, theirs: bool, version: ssl.TLSVersion | None, full: bool
) -> None:
    here, there = client(ours, maximum_version=version), server(theirs)
    hello = here.layer("example.com", direct=False)
    assert hello.advance() is None
    for place in range(0, len(hello.take()), 1 if full else 97):
        ends = here.layer("example.com", direct=False), there.layer(direct=False)
        ends[0].advance()
        ends[1].receive(ends[0].take()[:place] or b"")
        ends[1].receive(b"")
        assert ends[1].advance() == TlsFailed("the connection was cut during the TLS handshake")
        ends[1].receive(b"late")
        assert ends[1].ended
    place = size = 0
    while place <= size:
        ends = here.layer("example.com", direct=False), there.layer(direct=False)
        ends[0].advance()
        ends[1].receive(ends[0].take())
        ends[1].advance()
        flight = ends[1].take()
        # How long it is differs a little: signatures do.
        size = len(flight) - 20
        if place:
            ends[0].receive(flight[:place])
        ends[0].receive(b"")
        assert ends[0].advance() == TlsFailed("the connection was cut during the TLS handshake")
        place += 1 if full else 97


@pytest.mark.feature("TLS-09")
@FOUR
@VERSIONS
def test_any_octet_changed_in_the_handshake_fails_it(
    ours: bool, theirs: bool, version: ssl.TLSVersion | None, full: bool
) -> None:
    """Nothing raises, and no handshake succeeds at both ends."""
    here, there = client(ours, maximum_version=version), server(theirs)
    ends = here.layer("example.com", direct=False), there.layer(direct=False)
    ends[0].advance()
    size = len(ends[0].take())
    for place in range(0, size, 1 if full else 41):
        wire = Wire(here.layer("example.com", direct=False), there.layer(direct=False))
        wire.here.advance()
        changed = bytearray(wire.here.take())
        changed[place] ^= 0x55
        wire.there.receive(bytes(changed))
        wire.pump()
        wire.cut(wire.here)
        wire.cut(wire.there)
        # The record version is for nobody to look at (RFC 8446 section 5.1).
        if place not in (1, 2):
            assert isinstance(wire.client, TlsFailed), place
            assert isinstance(wire.server, TlsFailed), place


@pytest.mark.feature("ADP-04")
@FOUR
@VERSIONS
def test_close_notify_goes_both_ways(ours: bool, theirs: bool, version: ssl.TLSVersion | None) -> None:
    for first in (0, 1):
        wire = Wire.between(client(ours, maximum_version=version), server(theirs))
        ends = (wire.here, wire.there)
        closing, other = ends[first], ends[1 - first]
        closing.write(b"</stream:stream>")
        closing.close()
        closing.close()
        closing.write(b"dropped")
        assert not closing.ended
        wire.pump()
        assert wire.heard[id(other)] == b"</stream:stream>"
        assert other.ended
        assert other.fault is None
        other.close()
        wire.pump()
        assert closing.ended
        assert closing.fault is None
        assert closing.take() == other.take() == b""


@pytest.mark.feature("ADP-04")
@FOUR
@VERSIONS
def test_what_came_before_and_after_our_close_notify_is_read(
    ours: bool, theirs: bool, version: ssl.TLSVersion | None
) -> None:
    wire = Wire.between(client(ours, maximum_version=version), server(theirs))
    wire.there.write(b"x" * 50000)
    wire.here.receive(wire.there.take())
    wire.here.close()
    assert not wire.here.ended
    assert wire.here.read() == b"x" * 50000
    wire.there.write(b"</stream:stream>")
    wire.there.close()
    wire.here.receive(wire.there.take())
    assert wire.here.read() == b"</stream:stream>"
    assert wire.here.ended


@pytest.mark.feature("ADP-04")
@FOUR
@VERSIONS
def test_a_truncated_stream_ends_without_the_half_record(
    ours: bool, theirs: bool, version: ssl.TLSVersion | None
) -> None:
    wire = Wire.between(client(ours, maximum_version=version), server(theirs))
    wire.here.write(b"whole")
    first = wire.here.take()
    wire.here.write(b"half")
    second = wire.here.take()
    wire.there.receive(first + second[:-1])
    assert wire.there.read() == b"whole"
    assert not wire.there.ended
    wire.cut(wire.there)
    assert wire.there.ended
    assert wire.there.fault is None


@pytest.mark.feature("ADP-04")
@FOUR
@VERSIONS
def test_a_broken_record_ends_the_layer_with_an_alert(ours: bool, theirs: bool, version: ssl.TLSVersion | None) -> None:
    wire = Wire.between(client(ours, maximum_version=version), server(theirs))
    wire.here.write(b"good")
    octets = wire.here.take()
    wire.here.write(b"bad")
    broken = bytearray(wire.here.take())
    broken[-1] ^= 1
    wire.there.receive(octets + broken)
    assert wire.there.read() == b"good"
    assert wire.there.ended
    assert wire.there.fault == "a record was changed on its way"
    wire.here.receive(wire.there.take())
    assert wire.here.read() == b""
    assert wire.here.ended
    assert wire.here.fault == "the peer broke TLS off (alert: bad record mac)"
    # What comes later does no harm.
    for layer in (wire.here, wire.there):
        layer.write(b"x")
        layer.receive(b"\x17\x03\x03\x00\x01x")
        layer.close()
        assert layer.read() == layer.take() == b""


@pytest.mark.feature("ADP-04")
@FOUR
def test_plain_text_inside_tls_records_is_a_fault(ours: bool, theirs: bool) -> None:
    wire = Wire.between(client(ours), server(theirs))
    wire.there.receive(b"<message/>")
    assert wire.there.read() == b""
    assert wire.there.ended
    assert wire.there.fault is not None
    assert "message" not in wire.there.fault


@BOTH
def test_writing_before_the_handshake_is_misuse(exporter: bool) -> None:
    layer = client(exporter).layer("example.com", direct=False)
    with pytest.raises(LocalProtocolError):
        layer.write(b"x")
    assert layer.read() == b""
    layer.close()
    assert layer.fault is None


@pytest.mark.feature("TLS-04")
@pytest.mark.parametrize(
    ("names", "host", "right"),
    [
        (("example.com",), "example.com", True),
        (("example.com",), "EXAMPLE.com", True),
        (("EXAMPLE.COM",), "example.com", True),
        (("example.com",), "www.example.com", False),
        (("*.example.com",), "im.example.com", True),
        (("*.example.com",), "example.com", False),
        (("*.example.com",), "a.im.example.com", False),
        (("*.com",), "example.com", False),
        (("*.*.example.com",), "a.b.example.com", False),
        (("f*.example.com",), "foo.example.com", False),
        (("*oo.example.com",), "foo.example.com", False),
        (("im.*.example.com",), "im.a.example.com", False),
        (("other.example", "im.example.com"), "im.example.com", True),
        (("bücher.example",), "xn--bcher-kva.example", True),
        (("bücher.example",), "bücher.example", True),
        (("*.bücher.example",), "im.bücher.example", True),
        (("192.0.2.1",), "192.0.2.1", True),
        (("192.0.2.1",), "192.0.2.2", False),
        (("[2001:db8::1]",), "[2001:db8:0::1]", True),
        (("[2001:db8::1]",), "[2001:db8::2]", False),
        (("192.0.2.1.example",), "192.0.2.1", False),
    ],
)
def test_both_libraries_judge_names_alike(names: tuple[str, ...], host: str, right: bool) -> None:
    odd = [name for name in names if "*" in name[1:] or (name[0] == "*" and name[1] != ".")]
    own = made("odd", *map(x509.DNSName, odd)) if odd else authority().issue(names, xmpp_names=False)
    for exporter in (False, True):
        wire = Wire.between(client(exporter), server(own=own), host=host)
        assert isinstance(wire.client, TlsInfo if right else TlsFailed), (exporter, wire.client)
        if not right:
            assert "is not for" in str(wire.reasons()[0])


@pytest.mark.feature("TLS-04")
def test_a_certificate_without_names_is_for_nobody() -> None:
    own = authority().issue_client("juliet@example.com")
    der = ssl.PEM_cert_to_DER_cert(own.certificate[: own.certificate.index("-----END") + 25])
    assert not is_for(der, "juliet@example.com")
    assert not is_for(der, "example.com")
    assert not is_for(b"nothing", "example.com")


@BOTH
def test_settings_that_cannot_work_say_what_to_do(exporter: bool, tmp_path: Path) -> None:
    own, other = issued(), issued("other.example")
    locked = (
        serialization.load_pem_private_key(own.key.encode(), None)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"sesame"),
        )
        .decode()
    )
    damaged = own.certificate[:40] + "!" + own.certificate[41:]
    (tmp_path / "empty").mkdir()
    cases: list[tuple[dict[str, object], str]] = [
        ({"certificate": tmp_path / "none.pem", "key": own.key}, "does not exist"),
        ({"certificate": tmp_path, "key": own.key}, "cannot be read"),
        ({"certificate": own.certificate}, "holds no PEM private key; give one as `key`"),
        ({"certificate": own.key, "key": own.key}, "holds no PEM certificate"),
        ({"certificate": damaged, "key": own.key}, "damaged certificate"),
        ({"certificate": own.certificate, "key": other.key}, "give the key the certificate was made for"),
        (
            {"certificate": authority().certificate + own.certificate, "key": own.key},
            "put the certificate of the key first",
        ),
        ({"certificate": own.certificate, "key": locked}, "is encrypted; give `key_password`"),
        ({"certificate": own.certificate, "key": locked, "key_password": "wrong"}, "does not open it"),
        ({"certificate": own.certificate, "key": own.key[:60] + "!" + own.key[61:]}, "damaged"),
    ]
    for settings, words in cases:
        with pytest.raises(TlsSettingsError, match=words) as caught:
            ServerTls(exporter=exporter, **settings).build()  # type: ignore[arg-type]
        assert "sesame" not in str(caught.value)
        assert "-----BEGIN P" not in str(caught.value)
        with pytest.raises(TlsSettingsError, match=words):
            ClientTls(exporter=exporter, **settings).build()  # type: ignore[arg-type]
    for ca, words in (
        (tmp_path / "none", "does not exist"),
        (tmp_path / "empty", "holds no certificates"),
        ("-----BEGIN CERTIFICATE-----", "holds no PEM certificate"),
        (damaged, "cannot be read"),
    ):
        with pytest.raises(TlsSettingsError, match=words):
            ClientTls(ca=ca, exporter=exporter).build()
    unlocked = ServerTls(certificate=own.certificate, key=locked, key_password="sesame", exporter=exporter)
    assert Wire.between(client(), unlocked).infos()[0].verified
    together = ServerTls(certificate=own.certificate + locked, key_password=b"sesame", exporter=exporter)
    assert Wire.between(client(), together).infos()[0].verified


def test_settings_that_contradict_each_other_are_refused() -> None:
    own = issued()
    context = ssl.create_default_context()
    refused: list[dict[str, Any]] = [
        {"key": own.key},
        {"context": context, "ca": own.certificate},
        {"context": context, "exporter": True},
        {"context": context, "insecure_accept_any_certificate": True},
        {"maximum_version": ssl.TLSVersion.TLSv1_1},
        {"pins": ("00",)},
        {"pins": ("not base64",)},
        {"pins": (b"short",)},
    ]
    for settings in refused:
        with pytest.raises(TlsSettingsError):
            ClientTls(**settings)
    with pytest.raises(TlsSettingsError):
        ServerTls(certificate=own.certificate, key=own.key, maximum_version=ssl.TLSVersion.TLSv1)
    with pytest.raises(TlsSettingsError, match="no domain name"):
        client().layer("not a domain", direct=False)
    with pytest.raises(TlsSettingsError, match="no domain name"):
        server(by_domain={"": OwnCertificate(certificate=own.certificate, key=own.key)}).build()


def test_secrets_are_not_shown() -> None:
    own = issued()
    for settings in (
        ServerTls(certificate="c.pem", key=own.key, key_password="sesame"),
        ClientTls(certificate="c.pem", key=own.key, key_password="sesame"),
        OwnCertificate(certificate="c.pem", key=own.key, key_password="sesame"),
        OwnCertificate(certificate=own.certificate, key=own.key).load(),
        own,
        authority(),
    ):
        assert "sesame" not in repr(settings)
        assert "PRIVATE" not in repr(settings)


def test_no_key_is_left_in_the_clear_on_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written: list[bytes] = []
    load = ssl.SSLContext.load_cert_chain

    def watched(self: ssl.SSLContext, path: Path, *, password: bytes) -> None:
        written.append(Path(path).read_bytes())
        assert os.stat(Path(path).parent).st_mode & 0o077 == 0
        load(self, path, password=password)

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watched)
    server().build()
    assert [b"ENCRYPTED PRIVATE KEY" in one and b"BEGIN PRIVATE" not in one for one in written] == [True]
    assert list(tmp_path.iterdir()) == []


def test_a_missing_pyopenssl_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "OpenSSL", None)
    monkeypatch.delitem(sys.modules, "xmpp_core.adapters.tls_openssl", raising=False)
    monkeypatch.delattr("xmpp_core.adapters.tls_openssl", raising=False)
    for settings in (client(exporter=True), server(exporter=True)):
        with pytest.raises(TlsSettingsError, match=r"pip install 'xmpp_core\[exporter\]'"):
            settings.build()
