"""Handshakes that succeed, between both libraries, and what is told about them."""

from __future__ import annotations

import base64
import re
import ssl
from itertools import product
from typing import Any

import pytest
from cryptography import x509
from handshakes import Wire, authority, client, issued, server
from stages import CLIENT_ANSWERS, SERVER_ANSWERS, client_config, pair, server_config

import xmpp_core as xmpp
from xmpp_core.adapters.tls import OwnCertificate, ServerTls
from xmpp_core.adapters.tls_ssl import _SslLayer
from xmpp_core.sasl.end_point import server_end_point
from xmpp_core.stream.context import Kind
from xmpp_core.testing.chunking import at_random, by_octet

TLS_1_2 = ssl.TLSVersion.TLSv1_2
BOTH = pytest.mark.parametrize("exporter", [False, True], ids=["ssl", "pyOpenSSL"])
FOUR = pytest.mark.parametrize(
    ("ours", "theirs"), list(product((False, True), repeat=2)), ids=["ssl-ssl", "ssl-pyO", "pyO-ssl", "pyO-pyO"]
)
VERSIONS = pytest.mark.parametrize("version", [None, TLS_1_2], ids=["newest", "TLS 1.2"])


def der(pem: str) -> bytes:
    return ssl.PEM_cert_to_DER_cert(pem[: pem.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")])


@pytest.mark.feature("ADP-04", "TLS-05")
@FOUR
@VERSIONS
def test_both_ends_tell_the_same(ours: bool, theirs: bool, version: ssl.TLSVersion | None) -> None:
    wire = Wire.between(client(ours, maximum_version=version), server(theirs))
    here, there = wire.infos()
    assert here.version == there.version == ("TLSv1.2" if version else "TLSv1.3")
    assert here.cipher is not None
    assert here.cipher == there.cipher
    # RFC 9325 section 4.2: authenticated encryption, and forward secrecy before TLS 1.3 made it the rule.
    assert re.fullmatch(r"ECDHE-.*GCM.*" if version else r"TLS_(AES|CHACHA).*", here.cipher)
    assert here.alpn is there.alpn is None
    assert here.server_name == there.server_name == "example.com"
    assert here.verified
    assert not there.verified
    assert there.peer_certificates == ()
    assert here.local_certificate is None
    assert there.local_certificate == here.peer_certificates[0] == der(issued().certificate)
    assert here.peer_certificates[1] == der(authority().certificate)
    assert here.extended_master_secret is True
    assert there.extended_master_secret is True


@pytest.mark.feature("TLS-06")
@FOUR
@VERSIONS
def test_the_channel_bindings_are_equal_at_both_ends(ours: bool, theirs: bool, version: ssl.TLSVersion | None) -> None:
    here, there = Wire.between(client(ours, maximum_version=version), server(theirs)).infos()
    assert ("tls-unique" in here.channel_bindings) == ("tls-unique" in there.channel_bindings) == bool(version)
    assert ("tls-exporter" in here.channel_bindings) == ours
    assert ("tls-exporter" in there.channel_bindings) == theirs
    for name in set(here.channel_bindings) & set(there.channel_bindings):
        assert here.channel_bindings[name] == there.channel_bindings[name]
    for name, data in (*here.channel_bindings.items(), *there.channel_bindings.items()):
        # RFC 9266 section 2: 32 octets; RFC 5246 section 7.4.9: 12 octets of verify_data.
        assert len(data) == (32 if name == "tls-exporter" else 12)
    assert there.local_certificate is not None
    assert server_end_point(here.peer_certificates[0]) == server_end_point(there.local_certificate)


@pytest.mark.feature("TLS-06")
@BOTH
def test_no_two_handshakes_have_the_same_bindings(exporter: bool) -> None:
    seen = set()
    for version in (None, None, TLS_1_2, TLS_1_2):
        here, _ = Wire.between(client(exporter, maximum_version=version), server(exporter)).infos()
        seen |= set(here.channel_bindings.values())
    assert len(seen) == (6 if exporter else 2)


@pytest.mark.feature("ADP-04")
@FOUR
@VERSIONS
def test_any_chunking_ends_alike(ours: bool, theirs: bool, version: ssl.TLSVersion | None, full: bool) -> None:
    here, there = client(ours, maximum_version=version), server(theirs)
    for chunker in (by_octet, *(at_random(seed) for seed in range(50 if full else 8))):
        wire = Wire.between(here, there, direct=True, chunker=chunker)
        infos = wire.infos()
        assert infos[0].alpn == "xmpp-client"
        assert infos[0].extended_master_secret is True
        wire.here.write(b"<a>" * 50)
        wire.there.write(b"</a>" * 50)
        wire.pump()
        assert wire.heard[id(wire.there)] == b"<a>" * 50
        assert wire.heard[id(wire.here)] == b"</a>" * 50
        wire.here.close()
        wire.pump()
        assert wire.there.ended
        assert wire.there.fault is None


@pytest.mark.feature("ADP-04")
@FOUR
def test_much_data_goes_through_unchanged(ours: bool, theirs: bool) -> None:
    wire = Wire.between(client(ours), server(theirs))
    data = bytes(range(256)) * 20480  # 5 MiB
    wire.here.write(data)
    wire.there.write(data[::-1])
    wire.pump()
    assert wire.heard[id(wire.there)] == data
    assert wire.heard[id(wire.here)] == data[::-1]


@pytest.mark.feature("TLS-03", "X-0368")
@FOUR
@pytest.mark.parametrize(
    ("kind", "protocol"), [(Kind.C2S, "xmpp-client"), (Kind.S2S, "xmpp-server"), (Kind.COMPONENT, None)]
)
def test_direct_tls_names_its_protocol(ours: bool, theirs: bool, kind: Kind, protocol: str | None) -> None:
    """XEP-0368 section 3, rules 7 to 9; nothing of the kind with STARTTLS."""
    here, there = client(ours), server(theirs)
    infos = Wire.between(here, there, direct=True, kind=kind).infos()
    assert infos[0].alpn == infos[1].alpn == protocol
    infos = Wire.between(here, there, direct=False, kind=kind).infos()
    assert infos[0].alpn is infos[1].alpn is None


@pytest.mark.feature("TLS-03")
@FOUR
def test_a_client_without_alpn_is_welcome(ours: bool, theirs: bool) -> None:
    wire = Wire(client(ours).layer("example.com", direct=False), server(theirs).layer(direct=True))
    wire.pump()
    assert wire.infos()[1].alpn is None


@pytest.mark.feature("ADP-04")
@FOUR
@VERSIONS
def test_the_server_name_chooses_the_certificate(ours: bool, theirs: bool, version: ssl.TLSVersion | None) -> None:
    other, wild = issued("müller.example"), issued("*.rooms.example")
    there = server(
        theirs,
        by_domain={
            "müller.example": OwnCertificate(certificate=other.certificate, key=other.key),
            "*.rooms.example": OwnCertificate(certificate=wild.certificate, key=wild.key),
        },
    )
    here = client(ours, maximum_version=version)
    for host, name, own in (
        ("example.com", "example.com", issued()),
        ("MÜLLER.example", "xn--mller-kva.example", other),
        ("xn--mller-kva.example", "xn--mller-kva.example", other),
        ("garden.rooms.example", "garden.rooms.example", wild),
    ):
        for direct in (False, True):
            infos = Wire.between(here, there, host=host, direct=direct).infos()
            assert infos[0].server_name == infos[1].server_name == name
            assert infos[1].local_certificate == infos[0].peer_certificates[0] == der(own.certificate)
            assert infos[1].alpn == ("xmpp-client" if direct else None)
    # A name that is not served gets the first certificate, which the client then refuses.
    assert "not for elsewhere.example" in str(Wire.between(here, there, host="elsewhere.example").reasons()[0])


@pytest.mark.feature("TLS-04")
@FOUR
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_an_address_is_checked_as_one(ours: bool, theirs: bool, host: str) -> None:
    there = server(theirs, own=issued("127.0.0.1", "[::1]"))
    here, their = Wire.between(client(ours), there, host=host).infos()
    assert here.verified
    assert their.server_name is None  # RFC 6066 section 3
    assert "it is for example.com" in str(Wire.between(client(ours), server(theirs), host=host).reasons()[0])


@pytest.mark.feature("ADP-04", "SASL-12")
@FOUR
@VERSIONS
def test_a_client_shows_its_certificate(ours: bool, theirs: bool, version: ssl.TLSVersion | None) -> None:
    own = authority().issue_client("juliet@example.com")
    there = server(theirs, client_ca=authority().certificate)
    shown = client(ours, certificate=own.certificate, key=own.key, maximum_version=version)
    here, their = Wire.between(shown, there).infos()
    assert here.local_certificate == their.peer_certificates[0] == der(own.certificate)
    assert their.verified
    # It need not have one, and then nothing is verified.
    _, their = Wire.between(client(ours, maximum_version=version), there).infos()
    assert their.peer_certificates == ()
    assert not their.verified


@pytest.mark.feature("ADP-04")
@BOTH
def test_reloading_leaves_connections_alone(exporter: bool, tmp_path: Any) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    first, second = issued("example.com"), authority().issue(["example.com"])
    first.write(certificate, key)
    there = ServerTls(certificate=certificate, key=key, exporter=exporter)
    early = Wire.between(client(), there)
    second.write(certificate, key)
    assert Wire.between(client(), there).infos()[1].local_certificate == der(first.certificate)
    there.reload()
    assert Wire.between(client(), there).infos()[1].local_certificate == der(second.certificate)
    assert Wire.between(client(), there, direct=True).infos()[1].local_certificate == der(second.certificate)
    early.here.write(b"still here")
    early.pump()
    assert early.heard[id(early.there)] == b"still here"
    # What cannot be used leaves the server as it was.
    key.unlink()
    with pytest.raises(xmpp.XMPPError, match="does not exist"):
        there.reload()
    assert Wire.between(client(), there).infos()[1].local_certificate == der(second.certificate)


@pytest.mark.feature("TLS-05")
@BOTH
def test_nothing_older_than_tls_1_2(exporter: bool) -> None:
    """RFC 9325 section 3.1.1; compression is section 3.3, renegotiation section 3.5."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    wire = Wire(client(context=context).layer("example.com", direct=False), server(exporter).layer(direct=False))
    wire.pump()
    assert wire.reasons() == (
        "the peer supports no TLS version that is allowed here (alert: protocol version)",
        "no TLS version that both sides can use",
    )


@pytest.mark.feature("TLS-05")
@BOTH
@pytest.mark.parametrize("cipher", ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "DHE-RSA-AES128-GCM-SHA256"])
def test_no_cipher_without_forward_secrecy_or_with_cbc(exporter: bool, cipher: str) -> None:
    """RFC 9325 sections 4.1 and 4.2: neither RSA key transport, CBC nor DHE."""
    context = ssl.create_default_context(cadata=authority().certificate)
    context.maximum_version = TLS_1_2
    context.set_ciphers(cipher)
    wire = Wire(client(context=context).layer("example.com", direct=False), server(exporter).layer(direct=False))
    wire.pump()
    assert wire.reasons()[1] == "no cipher that both sides can use"
    assert "no cipher, curve or certificate that both sides can use" in str(wire.reasons()[0])


@pytest.mark.feature("ADP-04")
def test_a_context_of_ones_own_says_what_is_verified() -> None:
    strict = ssl.create_default_context(cadata=authority().certificate)
    here, _ = Wire.between(client(context=strict), server()).infos()
    assert here.verified
    lax = ssl.create_default_context(cadata=authority().certificate)
    lax.check_hostname = False
    here, _ = Wire.between(client(context=lax), server(), host="elsewhere.example").infos()
    assert not here.verified


@pytest.mark.feature("TLS-05")
def test_contexts_are_made_once() -> None:
    here, there = client(), server()
    ways = (False, True, False, True)
    for layers in ([here.layer("example.com", direct=way) for way in ways], [there.layer(direct=way) for way in ways]):
        assert len({id(one._object.context) for one in layers if isinstance(one, _SslLayer)}) == 2


@pytest.mark.feature("TLS-06", "SASL-07", "SASL-10")
@FOUR
@VERSIONS
def test_scram_binds_to_the_real_channel(ours: bool, theirs: bool, version: ssl.TLSVersion | None) -> None:
    here, there = Wire.between(client(ours, maximum_version=version), server(theirs)).infos()
    both = pair(
        client_config(mechanisms=("SCRAM-SHA-256-PLUS",)),
        server_config(),
        client_answers={**CLIENT_ANSWERS, xmpp.TlsUpgrade: lambda _: here},
        server_answers={**SERVER_ANSWERS, xmpp.TlsUpgrade: lambda _: there},
    )
    both.pump()
    assert both.initiating.of(xmpp.SessionReady)
    assert both.receiving.of(xmpp.SessionReady)
    found = re.search(rb"<auth [^>]*>([^<]+)</auth>", bytes(both.initiating.sent))
    assert found is not None
    expected = "tls-exporter" if ours and theirs else "tls-unique" if version else "tls-server-end-point"
    assert base64.b64decode(found[1]).startswith(f"p={expected},".encode())


@pytest.mark.feature("TLS-06", "SASL-07")
@pytest.mark.parametrize("type", ["tls-unique", "tls-exporter", "tls-server-end-point"])
def test_another_channel_does_not_bind(type: str) -> None:
    """Two handshakes, as a man in the middle has them, with the same offers."""
    version = TLS_1_2 if type == "tls-unique" else None
    exporter = type == "tls-exporter"
    here, _ = Wire.between(client(exporter, maximum_version=version), server(exporter)).infos()
    other = issued("example.com", "elsewhere.example")
    _, there = Wire.between(client(exporter, maximum_version=version), server(exporter, own=other)).infos()
    both = pair(
        client_config(mechanisms=("SCRAM-SHA-256-PLUS",)),
        server_config(),
        client_answers={**CLIENT_ANSWERS, xmpp.TlsUpgrade: lambda _: here},
        server_answers={**SERVER_ANSWERS, xmpp.TlsUpgrade: lambda _: there},
    )
    both.pump()
    assert not both.initiating.of(xmpp.SessionReady)
    assert not both.receiving.of(xmpp.SessionReady)
    failed = both.receiving.of(xmpp.NegotiationFailed)
    assert [one.condition for one in failed][:1] == ["not-authorized"]


def test_the_certificates_are_readable() -> None:
    here, _ = Wire.between(client(), server()).infos()
    assert (
        x509.load_der_x509_certificate(here.peer_certificates[0]).issuer
        == x509.load_der_x509_certificate(here.peer_certificates[1]).subject
    )
