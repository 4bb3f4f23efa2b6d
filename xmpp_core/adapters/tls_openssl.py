"""TLS through pyOpenSSL: the same as `tls_ssl`, and the channel binding `tls-exporter` (RFC 9266)."""

from __future__ import annotations

import contextlib
import ipaddress
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from OpenSSL import SSL, crypto

from ..stream.context import TlsInfo
from .tls_layer import CIPHERS, Broken, ClientPolicy, MemoryLayer, ServerPolicy, Untrusted, served_by
from .tls_names import is_for
from .tls_pem import LoadedCertificate, TlsSettingsError, Trust
from .tls_words import WRONG_HOST, certificate_words, error_words

__all__ = ["OpenSslClient", "OpenSslServer"]

_RECORD: Final = 16384
_DRAIN: Final = 65536
_LABEL: Final = b"EXPORTER-Channel-Binding"  # RFC 9266 section 2
_OCTETS: Final = 32
_VERSIONS: Final = {ssl.TLSVersion.TLSv1_2: SSL.TLS1_2_VERSION, ssl.TLSVersion.TLSv1_3: SSL.TLS1_3_VERSION}
# The numbers are OpenSSL's; older pyOpenSSL has no name for the second.
_OPTIONS: Final = int(ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION)


class OpenSslClient:
    """The context of a client."""

    def __init__(self, policy: ClientPolicy) -> None:
        self._own = policy.own
        self._insecure = policy.insecure
        self._context = context = _hardened(policy.maximum_version)
        if policy.trust is None:
            context.set_default_verify_paths()
        else:
            _trust(context, policy.trust)
        if not policy.insecure:
            context.set_verify(SSL.VERIFY_PEER, _verified)
        if policy.own is not None:
            _give(context, policy.own)

    def layer(self, host: str, pins: frozenset[bytes], alpn: str | None) -> MemoryLayer:
        """Make the layer of one connection."""
        layer = _OpenSslLayer(self._context, host=host, pins=pins, verifies=not self._insecure)
        layer.own = self._own.leaf if self._own else None
        if alpn is not None:
            layer.connection.set_alpn_protos([alpn.encode("ascii")])
        return layer


class OpenSslServer:
    """The contexts of a server, one for each certificate and ALPN, made when first needed."""

    def __init__(self, policy: ServerPolicy) -> None:
        self._policy = policy
        self._first: dict[str | None, SSL.Context] = {}
        self._ready(None)

    def layer(self, alpn: str | None) -> MemoryLayer:
        """Make the layer of one connection."""
        verifies = self._policy.client_trust is not None
        layer = _OpenSslLayer(self._ready(alpn), host=None, pins=frozenset(), verifies=verifies)
        layer.own = self._policy.own.leaf
        return layer

    def _ready(self, alpn: str | None) -> SSL.Context:
        first = self._first.get(alpn)
        if first is None:
            policy = self._policy
            by_name = {name: (self._build(own, alpn), own.leaf) for name, own in policy.others.items()}
            first = self._build(policy.own, alpn)
            first.set_tlsext_servername_callback(lambda connection: _choose(connection, by_name))
            self._first[alpn] = first
        return first

    def _build(self, own: LoadedCertificate, alpn: str | None) -> SSL.Context:
        context = _hardened(self._policy.maximum_version)
        context.set_options(SSL.OP_NO_TICKET | SSL.OP_CIPHER_SERVER_PREFERENCE)
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        _give(context, own)
        if self._policy.client_trust is not None:
            _trust(context, self._policy.client_trust)
            context.set_verify(SSL.VERIFY_PEER, _verified)
        if alpn is not None:
            spoken = alpn.encode("ascii")
            context.set_alpn_select_callback(
                lambda connection, offered: spoken if spoken in offered else SSL.NO_OVERLAPPING_PROTOCOLS
            )
        return context


class _OpenSslLayer(MemoryLayer):
    def __init__(self, context: SSL.Context, *, host: str | None, pins: frozenset[bytes], verifies: bool) -> None:
        super().__init__(server_side=host is None, pins=pins)
        self.host = host
        self.own: bytes | None = None
        """DER of the certificate we show."""
        self.refused: tuple[int, bytes | None] | None = None
        """The first error in the peer's chain, and the leaf when it was its own."""
        self.checked = False
        """Whether the leaf passed, its names included."""
        self._verifies = verifies
        self._hungry = False
        self.connection = connection = SSL.Connection(context, None)
        connection.set_app_data(self)
        if host is None:
            connection.set_accept_state()
            return
        connection.set_connect_state()
        try:
            ipaddress.ip_address(host)
        except ValueError:
            # RFC 6066 section 3: addresses do not go there.
            connection.set_tlsext_host_name(host.encode("ascii"))

    def _feed(self, data: bytes) -> None:
        self._hungry = False
        self.connection.bio_write(data)

    def _handshake(self) -> bool:
        try:
            self.connection.do_handshake()
        except SSL.WantReadError:
            return False
        except (SSL.Error, SSL.SysCallError) as error:
            if self.refused is not None:
                code, leaf = self.refused
                words = certificate_words(code, f"error {code} of OpenSSL's verification", leaf, self.host)
                raise Untrusted(words) from None
            raise Broken(error_words(_reason(error))) from None
        if self.host is not None and self._verifies and not self.checked:
            raise Untrusted("the peer's certificate was not checked")
        return True

    def _info(self) -> TlsInfo:
        connection = self.connection
        version = connection.get_protocol_version_name()
        legacy = version != "TLSv1.3"
        leaf = connection.get_peer_certificate()
        chain = [_der(one) for one in connection.get_peer_cert_chain() or ()]
        peer: tuple[bytes, ...] = ()
        if leaf is not None:
            first = _der(leaf)
            peer = (first, *(one for one in chain if one != first))
        bindings: dict[str, bytes] = {}
        unique_secrets = self._hello.extended_master_secret if legacy else True
        if legacy:
            # The first Finished of a full handshake is the client's (RFC 5929 section 3); nothing here resumes.
            finished = connection.get_peer_finished() if self._server_side else connection.get_finished()
            if finished:
                bindings["tls-unique"] = finished
        if unique_secrets:
            # RFC 9266 section 4.2: never without unique secrets. The context is empty, not absent: before
            # TLS 1.3 that makes a difference (RFC 5705 section 4).
            with contextlib.suppress(SSL.Error):
                bindings["tls-exporter"] = connection.export_keying_material(_LABEL, _OCTETS, b"")
        alpn = connection.get_alpn_proto_negotiated()
        name = connection.get_servername() if self._server_side else None
        return TlsInfo(
            version=version,
            cipher=connection.get_cipher_name(),
            alpn=alpn.decode("ascii") if alpn else None,
            server_name=self.host if name is None else _text(name),
            local_certificate=self.own,
            peer_certificates=peer,
            verified=self._verifies and self.checked and bool(peer),
            channel_bindings=bindings,
            extended_master_secret=unique_secrets,
        )

    def _verified_chain(self) -> tuple[bytes, ...]:
        if not self._verifies:
            return ()
        return tuple(_der(one) for one in self.connection.get_verified_chain() or ())

    def _read(self) -> bytes | None:
        if self._hungry:
            return None
        try:
            return self.connection.recv(_RECORD)
        except SSL.WantReadError:
            self._hungry = True
            return None
        except SSL.ZeroReturnError:
            return b""
        except (SSL.Error, SSL.SysCallError) as error:
            raise Broken(error_words(_reason(error))) from None

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[self.connection.send(view[:_DRAIN]) :]
        except (SSL.Error, SSL.SysCallError) as error:
            raise Broken(error_words(_reason(error))) from None

    def _drain(self) -> bytes:
        pieces = []
        try:
            while True:
                pieces.append(self.connection.bio_read(_DRAIN))
        except SSL.Error:  # nothing is left
            return b"".join(pieces)

    def _end_output(self) -> None:
        with contextlib.suppress(SSL.Error, SSL.SysCallError):
            self.connection.shutdown()


def _verified(connection: SSL.Connection, certificate: crypto.X509, code: int, depth: int, ok: int) -> bool:
    """Take OpenSSL's verdict on one certificate of the chain, and at the leaf look for the host's name."""
    layer = connection.get_app_data()
    assert isinstance(layer, _OpenSslLayer)
    leaf = _der(certificate) if depth == 0 else None
    if not ok:
        layer.refused = layer.refused or (code, leaf)
        return False
    if leaf is not None:
        if layer.host is not None and not is_for(leaf, layer.host):
            layer.refused = layer.refused or (WRONG_HOST, leaf)
            return False
        layer.checked = True
    return True


def _choose(connection: SSL.Connection, by_name: Mapping[str, tuple[SSL.Context, bytes]]) -> None:
    name = connection.get_servername()
    found = served_by(_text(name), by_name) if name is not None else None
    layer = connection.get_app_data()
    if found is not None and isinstance(layer, _OpenSslLayer):
        context, layer.own = found
        connection.set_context(context)


def _hardened(maximum_version: ssl.TLSVersion | None) -> SSL.Context:
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    if maximum_version is not None:
        context.set_max_proto_version(_VERSIONS[maximum_version])
    context.set_options(_OPTIONS)
    context.set_cipher_list(CIPHERS.encode("ascii"))
    return context


def _trust(context: SSL.Context, trust: Trust) -> None:
    try:
        if trust.pem is None:
            context.load_verify_locations(None, trust.folder)
            return
        with tempfile.TemporaryDirectory(prefix="xmpp_core-") as folder:
            path = Path(folder, "ca.pem")
            path.write_text(trust.pem, encoding="ascii")
            context.load_verify_locations(str(path))
    except SSL.Error:
        raise TlsSettingsError("the certificates of `ca` cannot be read; give PEM certificates") from None


def _give(context: SSL.Context, own: LoadedCertificate) -> None:
    try:
        context.use_certificate(own.chain[0])
        for one in own.chain[1:]:
            context.add_extra_chain_cert(one)
        context.use_privatekey(own.key)  # type: ignore[arg-type]
        context.check_privatekey()
    except (SSL.Error, TypeError):
        raise TlsSettingsError("the certificate or its key cannot be used; take a newer one") from None


def _der(certificate: crypto.X509) -> bytes:
    # Not by way of cryptography, which refuses to read some certificates that OpenSSL reads.
    return crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)


def _text(name: bytes) -> str:
    return name.decode("ascii", "replace").lower().rstrip(".")


def _reason(error: SSL.Error | SSL.SysCallError) -> str | None:
    if isinstance(error, SSL.SysCallError):
        return "unexpected eof while reading"
    found = error.args[0] if error.args else None
    return found[-1][2] if isinstance(found, list) and found else None
