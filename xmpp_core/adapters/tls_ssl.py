"""TLS through the standard library: `ssl.MemoryBIO` under `ssl.SSLObject`."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..stream.context import TlsInfo
from .tls_layer import CIPHERS, Broken, ClientPolicy, MemoryLayer, ServerPolicy, Untrusted, served_by
from .tls_pem import LoadedCertificate, TlsSettingsError
from .tls_words import certificate_words, error_words

__all__ = ["GivenContext", "SslClient", "SslServer"]

_RECORD: Final = 16384


class _ServedObject(ssl.SSLObject):
    """Remembers the name the client asked for (RFC 6066 section 3)."""

    server_name: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Served:
    """Contexts for one ALPN: the one to begin with, and our leaf in each that SNI may choose."""

    first: ssl.SSLContext
    leaves: Mapping[ssl.SSLContext, bytes]


def _harden(context: ssl.SSLContext, maximum_version: ssl.TLSVersion | None) -> None:
    """Set what RFC 7590 and RFC 9325 ask for beyond the defaults."""
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 9325 section 3.1.1
    if maximum_version is not None:
        context.maximum_version = maximum_version
    context.options |= ssl.OP_NO_COMPRESSION  # section 3.3
    context.options |= ssl.OP_NO_RENEGOTIATION  # section 3.5
    context.set_ciphers(CIPHERS)


class SslClient:
    """The contexts of a client, one for each ALPN, made when first needed."""

    def __init__(self, policy: ClientPolicy) -> None:
        self._policy = policy
        self._contexts: dict[str | None, ssl.SSLContext] = {}
        self._context(None)

    def layer(self, host: str, pins: frozenset[bytes], alpn: str | None) -> MemoryLayer:
        """Make the layer of one connection."""
        context = self._context(alpn)
        own = self._policy.own
        return _SslLayer(context, host=host, pins=pins, leaves={context: own.leaf} if own else {})

    def _context(self, alpn: str | None) -> ssl.SSLContext:
        context = self._contexts.get(alpn)
        if context is None:
            context = self._contexts[alpn] = self._build()
            if alpn is not None:
                context.set_alpn_protocols([alpn])
        return context

    def _build(self) -> ssl.SSLContext:
        policy = self._policy
        folder, pem = (policy.trust.folder, policy.trust.pem) if policy.trust is not None else (None, None)
        try:
            # The system's authorities are loaded only when no others are named; that takes tens of milliseconds.
            context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, capath=folder, cadata=pem)
        except (ssl.SSLError, OSError, ValueError):
            raise TlsSettingsError("the certificates of `ca` cannot be read; give PEM certificates") from None
        _harden(context, policy.maximum_version)
        # RFC 9525 section 6.3: names stand in subjectAltName alone.
        context.hostname_checks_common_name = False
        if policy.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if policy.own is not None:
            policy.own.load_into(context)
        return context


class GivenContext:
    """A client's context that its user made."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context

    def layer(self, host: str, pins: frozenset[bytes], alpn: str | None) -> MemoryLayer:
        """Make the layer of one connection; ALPN is the context's own."""
        return _SslLayer(self._context, host=host, pins=pins, leaves={})


class SslServer:
    """The contexts of a server, one for each certificate and ALPN, made when first needed."""

    def __init__(self, policy: ServerPolicy) -> None:
        self._policy = policy
        self._served: dict[str | None, _Served] = {}
        self._contexts(None)

    def layer(self, alpn: str | None) -> MemoryLayer:
        """Make the layer of one connection."""
        served = self._contexts(alpn)
        return _SslLayer(served.first, host=None, pins=frozenset(), leaves=served.leaves)

    def _contexts(self, alpn: str | None) -> _Served:
        served = self._served.get(alpn)
        if served is None:
            policy = self._policy
            first = self._build(policy.own, alpn)
            by_name = {name: (self._build(own, alpn), own.leaf) for name, own in policy.others.items()}
            leaves = {first: policy.own.leaf, **dict(by_name.values())}
            first.sslobject_class = _ServedObject
            first.sni_callback = _chooser(first, {name: context for name, (context, _) in by_name.items()})
            served = self._served[alpn] = _Served(first, leaves)
        return served

    def _build(self, own: LoadedCertificate, alpn: str | None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        _harden(context, self._policy.maximum_version)
        # Streams live long and resume above TLS (XEP-0198): without tickets there are no ticket keys to
        # change (RFC 9325 section 3.4), and no octets are sent for what is hardly used.
        context.options |= ssl.OP_NO_TICKET | ssl.OP_CIPHER_SERVER_PREFERENCE
        context.num_tickets = 0
        own.load_into(context)
        trust = self._policy.client_trust
        if trust is not None:
            trust.load_into(context)
            context.verify_mode = ssl.CERT_OPTIONAL
        if alpn is not None:
            context.set_alpn_protocols([alpn])
        return context


def _chooser(
    first: ssl.SSLContext, by_name: Mapping[str, ssl.SSLContext]
) -> Callable[[ssl.SSLObject, str | None, ssl.SSLContext], None]:
    def choose(asking: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        if name is not None:
            asked = name.lower().rstrip(".")
            if isinstance(asking, _ServedObject):
                asking.server_name = asked
            # A name that is not served gets the first certificate: the stream header decides (RFC 6120 4.7.2).
            asking.context = served_by(asked, by_name) or first

    return choose


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
            raise Untrusted(certificate_words(error.verify_code, error.verify_message, leaf, self._host)) from None
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
        leaf = connected.getpeercert(binary_form=True)
        # Without a leaf a server's chain may not be asked for: CPython trips over it.
        peer = (_chain(connected, "get_unverified_chain") or (leaf,)) if leaf else ()
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
        # It is queued: what SSLWantReadError misses is the peer's.
        with contextlib.suppress(ssl.SSLError, ValueError):
            self._object.unwrap()


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
