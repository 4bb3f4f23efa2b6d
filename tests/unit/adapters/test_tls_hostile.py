"""Whatever a peer sends, no layer raises."""

from __future__ import annotations

import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID
from handshakes import Wire, authority, client, server
from hypothesis import given
from hypothesis import strategies as st
from OpenSSL import SSL

from xmpp_core import TlsFailed, TlsInfo
from xmpp_core.adapters.tls import TlsLayer, TlsSettingsError
from xmpp_core.adapters.tls_hello import ServerHello
from xmpp_core.adapters.tls_pem import public_key_of
from xmpp_core.server.authority import Issued, Period, _builder, _key_pem, _name, _pem

BOTH = pytest.mark.parametrize("exporter", [False, True], ids=["ssl", "pyOpenSSL"])
HANDSHAKE = b"\x16\x03\x03"


def odd(raw_names: bytes) -> Issued:
    """A certificate of the authority whose subjectAltName holds these octets."""
    key = ec.generate_private_key(ec.SECP256R1())
    signer = authority()
    certificate = (
        _builder(_name("odd"), signer._certificate.subject, key.public_key(), Period.days(1))
        .add_extension(x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, raw_names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer._key.public_key()), critical=False)
        .sign(signer._key, hashes.SHA256())
    )
    return Issued(_pem(certificate) + signer.certificate, _key_pem(key))


def use(layer: TlsLayer) -> None:
    """Everything that a pump does."""
    outcome = layer.advance()
    assert outcome is None or isinstance(outcome, TlsInfo | TlsFailed)
    layer.take()
    layer.read()
    assert layer.fault is None or layer.ended
    layer.take()


@pytest.mark.feature("ADP-04", "TLS-09")
@BOTH
@pytest.mark.parametrize(
    "raw",
    [
        b"\x30\x00",
        b"\x30\x06\xa3\x04\x30\x02\x05\x00",  # an x400Address
        b"\x30\x05\x82\x03\xff\xfe\x80",  # a dNSName that is not ASCII
        b"\x30\x0d\x82\x0bexample\x00com",
        b"\x30\x05\x87\x03\x7f\x00\x00",  # an address of three octets
    ],
)
def test_odd_names_in_a_certificate_are_nobodys(exporter: bool, raw: bytes) -> None:
    own = odd(raw)
    for host in ("example.com", "127.0.0.1"):
        wire = Wire.between(client(exporter), server(own=own), host=host)
        assert isinstance(wire.client, TlsFailed)
        assert "\0" not in wire.client.reason
        assert "\xff" not in wire.client.reason
    info, _ = Wire.between(client(exporter, ca=None, insecure_accept_any_certificate=True), server(own=own)).infos()
    assert info.peer_certificates


@pytest.mark.parametrize("raw", [b"\x04\x02no", b"garbage", b""])
def test_a_certificate_that_openssl_cannot_use_is_refused(raw: bytes) -> None:
    with pytest.raises(TlsSettingsError, match="take a newer one"):
        server(own=odd(raw)).build()


# CPython 3.11 to 3.13 tell `sys.unraisablehook` of a name that is not ASCII, and send an alert.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.feature("ADP-04")
@BOTH
@pytest.mark.parametrize("name", [b"\xff\xfe", b"a" * 255, b".", b"*.example.com", b"-", b"EXAMPLE.com."])
def test_odd_server_names_are_survived(exporter: bool, name: bytes) -> None:
    context = SSL.Context(SSL.TLS_METHOD)
    peer = SSL.Connection(context, None)
    peer.set_connect_state()
    peer.set_tlsext_host_name(name)
    with pytest.raises(SSL.WantReadError):
        peer.do_handshake()
    layer = server(exporter).layer(direct=False)
    layer.receive(peer.bio_read(65536))
    use(layer)


@pytest.mark.feature("ADP-04", "TLS-09")
@BOTH
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.binary(max_size=60).map(lambda one: HANDSHAKE + len(one).to_bytes(2, "big") + one),
            st.binary(max_size=9).map(lambda one: b"\x15\x03\x03\x00\x02" + one),
        ),
        max_size=6,
    )
)
def test_octets_at_random_during_the_handshake(exporter: bool, pieces: list[bytes]) -> None:
    for layer in (client(exporter, **KEPT).layer("example.com", direct=False), SERVERS[exporter].layer(direct=False)):
        use(layer)
        for piece in pieces:
            layer.receive(piece)
            use(layer)
        assert not isinstance(layer.advance(), TlsInfo)
        layer.close()
        layer.receive(b"")
        use(layer)
        assert layer.ended


@pytest.mark.feature("ADP-04")
@BOTH
@given(st.lists(st.binary(min_size=1, max_size=80), max_size=4), st.booleans(), st.booleans())
def test_octets_at_random_after_the_handshake(
    exporter: bool, pieces: list[bytes], closing: bool, records: bool
) -> None:
    wire = Wire.between(client(exporter, **KEPT), SERVERS[exporter])
    for layer in (wire.here, wire.there):
        if closing:
            layer.close()
        for piece in pieces:
            layer.receive(b"\x17\x03\x03" + len(piece).to_bytes(2, "big") + piece if records else piece)
            assert layer.read() == b""
            use(layer)
        layer.write(b"x")
        layer.close()
        layer.receive(b"")
        use(layer)
        assert layer.ended


@given(st.lists(st.binary(max_size=100), max_size=5))
def test_a_server_hello_at_random(pieces: list[bytes]) -> None:
    for start in (b"", HANDSHAKE, HANDSHAKE + b"\0\x50\x02\0\0\x4c\x03\x03"):
        reader = ServerHello()
        reader.take(start)
        for piece in pieces:
            reader.take(piece)
        assert reader.extended_master_secret in (None, True, False)


@given(st.binary(max_size=200))
def test_what_is_no_certificate_has_no_key(octets: bytes) -> None:
    assert public_key_of(octets) is None


KEPT: dict[str, object] = {"maximum_version": ssl.TLSVersion.TLSv1_3}
SERVERS = {exporter: server(exporter) for exporter in (False, True)}
