"""TLS through the standard library: `ssl.MemoryBIO` under `ssl.SSLObject`."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..stream.context import TlsInfo
from .tls_layer import Broken, MemoryLayer
from .tls_pem import LoadedCertificate, TlsSettingsError, Trust
from .tls_words import certificate_words, error_words

if TYPE_CHECKING:
    from .tls import ClientTls

__all__ = ["CIPHERS", "ServerContexts", "client_context", "client_layer", "server_contexts", "server_layer"]

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""RFC 9325 section 4.2: forward secrecy and authenticated encryption; neither CBC, RSA key transport nor DHE."""

_RECORD: Final = 16384


class _ServedObject(ssl.SSLObject):
    """Remembers the name the client asked for (RFC 6066 section 3)."""

    server_name: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ServerContexts:
    """Contexts of a server for one ALPN: the one to begin with, and our leaf in each that SNI may choose."""

    first: ssl.SSLContext
    leaves: Mapping[ssl.SSLContext, bytes]


def harden(context: ssl.SSLContext, maximum_version: ssl.TLSVersion | None) -> None:
    """Set what RFC 7590 and RFC 9325 ask for beyond the defaults."""
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 9325 section 3.1.1
    if maximum_version is not None:
        if maximum_version < ssl.TLSVersion.TLSv1_2 and maximum_version != ssl.TLSVersion.MAXIMUM_SUPPORTED:
            raise TlsSettingsError("TLS before 1.2 is not supported (RFC 9325 section 3.1.1)")
        context.maximum_version = maximum_version
    context.options |= ssl.OP_NO_COMPRESSION  # section 3.3
    context.options |= ssl.OP_NO_RENEGOTIATION  # section 3.5
    context.set_ciphers(CIPHERS)


def client_context(settings: ClientTls, trust: Trust | None, own: LoadedCertificate | None) -> ssl.SSLContext:
    """Build the context of a client. With the system's authorities this takes tens of milliseconds."""
    if trust is None:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    else:
        # The default context without the system's authorities: it loads them unless it is given others.
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, capath=trust.folder, cadata=trust.pem)
    harden(context, settings.maximum_version)
    # RFC 9525 section 6.3: names stand in subjectAltName alone.
    context.hostname_checks_common_name = False
    if settings.insecure_accept_any_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if own is not None:
        own.load_into(context)
    return context


def server_contexts(
    default: LoadedCertificate,
    others: Mapping[str, LoadedCertificate],
    client_trust: Trust | None,
    alpn: str | None,
    maximum_version: ssl.TLSVersion | None,
) -> ServerContexts:
    """Build the contexts of a server, one for each certificate."""

    def build(own: LoadedCertificate) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        harden(context, maximum_version)
        # Streams live long and resume above TLS (XEP-0198): without tickets there are no ticket keys to
        # change (RFC 9325 section 3.4), and no octets are sent for what is hardly used.
        context.options |= ssl.OP_NO_TICKET | ssl.OP_CIPHER_SERVER_PREFERENCE
        context.num_tickets = 0
        own.load_into(context)
        if client_trust is not None:
            client_trust.load_into(context)
            context.verify_mode = ssl.CERT_OPTIONAL
        if alpn is not None:
            context.set_alpn_protocols([alpn])
        return context

    first = build(default)
    chosen = {name: build(own) for name, own in others.items()}
    leaves = {first: default.leaf, **{chosen[name]: own.leaf for name, own in others.items()}}
    first.sslobject_class = _ServedObject
    first.sni_callback = _chooser(first, chosen)
    return ServerContexts(first, leaves)


def _chooser(
    first: ssl.SSLContext, chosen: Mapping[str, ssl.SSLContext]
) -> Callable[[ssl.SSLObject, str | None, ssl.SSLContext], None]:
    def choose(asking: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        if name is not None:
            asked = name.lower().rstrip(".")
            if isinstance(asking, _ServedObject):
                asking.server_name = asked
            # A name that is not served gets the first certificate: the stream header decides (RFC 6120 4.7.2).
            asking.context = chosen.get(asked) or chosen.get(f"*.{asked.partition('.')[2]}") or first

    return choose


def client_layer(context: ssl.SSLContext, host: str, pins: frozenset[bytes], own: bytes | None) -> MemoryLayer:
    """Make the layer of one connection; `host` is an A-label or an address."""
    return _SslLayer(context, host=host, pins=pins, leaves={context: own} if own else {})


def server_layer(contexts: ServerContexts) -> MemoryLayer:
    """Make the layer of one connection."""
    return _SslLayer(contexts.first, host=None, pins=frozenset(), leaves=contexts.leaves)


class _SslLayer(MemoryLayer):
    def __init__(
        self,
        context: ssl.SSLContext,
        *,
        host: str | None,
        pins: frozenset[bytes],
        leaves: Mapping[ssl.SSLContext, bytes],
    ) -> None:
        super().__init__(server_side=host is None, pins=pins)
        self._host = host
        self._leaves = leaves
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        try:
            self._object = context.wrap_bio(
                self._incoming, self._outgoing, server_side=host is None, server_hostname=host
            )
        except (ValueError, ssl.SSLError):
            raise TlsSettingsError(f"{host!r} is no name a certificate can be checked against") from None

    def _feed(self, data: bytes) -> None:
        self._incoming.write(data)

    def _handshake(self) -> bool:
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLCertVerificationError as error:
            chain = _chain(self._object, "get_unverified_chain")
            leaf = chain[0] if chain else None
            raise Broken(certificate_words(error.verify_code, error.verify_message, leaf, self._host)) from None
        except ssl.SSLError as error:
            raise Broken(error_words(error.reason)) from None
        return True

    def _info(self) -> TlsInfo:
        connected = self._object
        context = connected.context
        version = connected.version()
        legacy = version in ("TLSv1.2", "TLSv1.1", "TLSv1")
        unique = connected.get_channel_binding("tls-unique") if legacy else None
        cipher = connected.cipher()
        peer = _chain(connected, "get_unverified_chain")
        if not peer or self._server_side:
            # A server's OpenSSL leaves the leaf out of the chain it remembers.
            leaf = connected.getpeercert(binary_form=True)
            peer = (leaf, *(one for one in peer if one != leaf)) if leaf else ()
        if self._server_side:
            verified = bool(peer) and context.verify_mode is not ssl.CERT_NONE
            name = connected.server_name if isinstance(connected, _ServedObject) else None
        else:
            verified = context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
            name = self._host
        return TlsInfo(
            version=version,
            cipher=cipher[0] if cipher else None,
            alpn=connected.selected_alpn_protocol(),
            server_name=name,
            local_certificate=self._leaves.get(context),
            peer_certificates=peer,
            verified=verified,
            channel_bindings={"tls-unique": unique} if unique else {},
            # TLS 1.3 has what the extension gives (RFC 8446 appendix D).
            extended_master_secret=self._hello.extended_master_secret if legacy else True,
        )

    def _verified_chain(self) -> tuple[bytes, ...]:
        if self._object.context.verify_mode is ssl.CERT_NONE:
            return ()
        return _chain(self._object, "get_verified_chain")

    def _read(self) -> bytes | None:
        # An exception for each empty read would cost more than the reads.
        if not self._incoming.pending and not self._object.pending():
            return None
        try:
            return self._object.read(_RECORD)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLZeroReturnError:
            return b""
        except ssl.SSLError as error:
            raise Broken(error_words(error.reason)) from None

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[self._object.write(view) :]
        except ssl.SSLError as error:
            raise Broken(error_words(error.reason)) from None

    def _drain(self) -> bytes:
        return self._outgoing.read()

    def _end_output(self) -> None:
        try:
            self._object.unwrap()
        except ssl.SSLError:
            pass  # it is queued: what is missing is the peer's
        except ValueError:
            pass


def _chain(connected: ssl.SSLObject, method: str) -> tuple[bytes, ...]:
    """Give a chain as DER, leaf first; () where this Python does not tell.

    `SSLObject` has these methods from 3.13 on, the object it stands on has had them since 3.10.
    """
    found: Any = getattr(connected, method, None) or getattr(getattr(connected, "_sslobj", None), method, None)
    if found is None:
        return ()
    try:
        chain = found() or ()
    except (ssl.SSLError, ValueError):
        return ()
    # A DER-encoded certificate is bytes in the public method, an object below it; 1 stands for PEM there, 2 for DER.
    return tuple(one if isinstance(one, bytes) else bytes(one.public_bytes(2)) for one in chain)
