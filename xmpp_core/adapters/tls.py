"""TLS over octets in memory: settings of both sides, and the layer the pump drives.

The policy is RFC 7590 with RFC 9325: TLS 1.2 and 1.3, forward secrecy, authenticated encryption, no
compression, no renegotiation, names checked against subjectAltName. Direct TLS (XEP-0368) and STARTTLS
share all of it; only ALPN tells them apart.
"""

from __future__ import annotations

import base64
import binascii
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Final, Protocol

from ..discovery import a_labels
from ..stream.context import Kind, TlsFailed, TlsInfo
from ..strings.errors import StringError
from .tls_layer import ClientBackend, ClientPolicy, ServerBackend, ServerPolicy
from .tls_pem import OwnCertificate, Pem, TlsSettingsError, trust_of
from .tls_ssl import GivenContext, SslClient, SslServer

__all__ = ["ClientTls", "OwnCertificate", "Pem", "ServerTls", "TlsLayer", "TlsSettingsError", "ascii_host"]

_ALPN: Final = {Kind.C2S: "xmpp-client", Kind.S2S: "xmpp-server"}
"""XEP-0368 section 7; components have none."""


class TlsLayer(Protocol):
    """TLS over octets in memory, one connection: no socket, nothing awaited.

    After each `receive`, call `advance` until it gives an outcome and from then on `read`; after each of
    these and after `write` and `close`, send what `take` gives. A failed handshake may still have an alert
    to send.
    """

    def receive(self, data: bytes) -> None:
        """Take ciphertext from the network; b"" says that the transport ended. Never raises."""

    def advance(self) -> TlsInfo | TlsFailed | None:
        """Go on with the handshake; None: more octets are needed. Never raises."""

    def read(self) -> bytes:
        """Give all plaintext that is there, b"" if none. Never raises; a broken record ends the layer."""

    @property
    def ended(self) -> bool:
        """Whether nothing more can be read: close_notify, the transport's end, or a broken record."""

    @property
    def fault(self) -> str | None:
        """Words for people when a broken record ended it; never octets of the peer."""

    def write(self, data: bytes) -> None:
        """Encrypt plaintext; only after the handshake succeeded."""

    def take(self) -> bytes:
        """Give the ciphertext that waits to leave, b"" if none."""

    def close(self) -> None:
        """Queue close_notify; never raises."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ClientTls:
    """TLS of the initiating side.

    Files are read and contexts built at the first `layer`, once; `build` does it ahead of time.
    Raises `TlsSettingsError` when made or first used.
    """

    ca: Pem | None = None
    """Authorities trusted in place of the system's: a file, a folder, or PEM text."""
    pins: tuple[str | bytes, ...] = ()
    """SHA-256 of SubjectPublicKeyInfo, as 32 octets, hexadecimal or base64.

    When there are any, one of them must match a certificate of the verified chain, in addition to all
    other checks.
    """
    certificate: Pem | None = None
    """Our certificate, for SASL EXTERNAL (XEP-0178), followed by intermediate ones."""
    key: Pem | None = field(default=None, repr=False)
    """Its private key; None: it stands with the certificate."""
    key_password: str | bytes | None = field(default=None, repr=False)
    maximum_version: ssl.TLSVersion | None = None
    """The highest version to speak; None: the highest there is. `tls-unique` needs TLS 1.2."""
    context: ssl.SSLContext | None = None
    """A context of your own instead of `ca`, `certificate` and the policy here.

    It is used as it is, ALPN included. Unless it demands a certificate and checks the host name, the
    certificate counts as not verified.
    """
    exporter: bool = False
    """Use pyOpenSSL, for the channel binding `tls-exporter` (RFC 9266); needs the extra `exporter`."""
    insecure_accept_any_certificate: bool = False
    """Accept whoever answers. For tests on one machine alone; `TlsInfo.verified` stays False."""
    _backend: ClientBackend | None = field(default=None, init=False, repr=False)
    _pinned: frozenset[bytes] = field(default=frozenset(), init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pinned", frozenset(_pin(one) for one in self.pins))
        _check_version(self.maximum_version)
        if self.certificate is None and (self.key is not None or self.key_password is not None):
            raise TlsSettingsError("a key was given without a certificate; give `certificate` too")
        if self.context is not None:
            others = (self.ca, self.certificate, self.maximum_version)
            if any(one is not None for one in others) or self.exporter or self.insecure_accept_any_certificate:
                raise TlsSettingsError("with `context` the other settings are made in it; leave all but `pins` out")

    def build(self) -> None:
        """Read the files and build the context for STARTTLS now."""
        self._ready()

    def layer(self, server_hostname: str, *, direct: bool, kind: Kind = Kind.C2S) -> TlsLayer:
        """Make the layer of one connection.

        `server_hostname` is the domain that was asked for, never the name DNS led to (RFC 6120 section
        13.7.2.1), with U-labels or A-labels, or an IP address. `direct`: TLS from the first octet
        (XEP-0368), with ALPN.
        """
        alpn = _ALPN.get(kind) if direct else None
        return self._ready().layer(ascii_host(server_hostname), self._pinned, alpn)

    def _ready(self) -> ClientBackend:
        if self._backend is None:
            object.__setattr__(self, "_backend", self._load())
        assert self._backend is not None
        return self._backend

    def _load(self) -> ClientBackend:
        if self.context is not None:
            return GivenContext(self.context)
        own = None
        if self.certificate is not None:
            own = OwnCertificate(certificate=self.certificate, key=self.key, key_password=self.key_password).load()
        policy = ClientPolicy(
            trust=trust_of(self.ca) if self.ca is not None else None,
            own=own,
            maximum_version=self.maximum_version,
            insecure=self.insecure_accept_any_certificate,
        )
        return _openssl().OpenSslClient(policy) if self.exporter else SslClient(policy)


@dataclass(frozen=True, kw_only=True, eq=False)
class ServerTls:
    """TLS of the receiving side. Raises `TlsSettingsError` when made or first used."""

    certificate: Pem
    """PEM of the certificate, followed by those of the intermediate authorities."""
    key: Pem | None = field(default=None, repr=False)
    """Its private key; None: it stands with the certificate."""
    key_password: str | bytes | None = field(default=None, repr=False)
    by_domain: Mapping[str, OwnCertificate] = field(default_factory=dict)
    """Certificates of other domains, chosen by SNI; `*.example.com` stands for one label more."""
    client_ca: Pem | None = None
    """Authorities of client certificates. When given, clients are asked for one and need not have one;
    one that is shown and does not verify ends the handshake.
    """
    maximum_version: ssl.TLSVersion | None = None
    """The highest version to speak; None: the highest there is. `tls-unique` needs TLS 1.2."""
    exporter: bool = False
    """Use pyOpenSSL, for the channel binding `tls-exporter` (RFC 9266); needs the extra `exporter`."""
    _backend: ServerBackend | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        _check_version(self.maximum_version)

    def build(self) -> None:
        """Read the files and build the contexts for STARTTLS now."""
        if self._backend is None:
            self.reload()

    def reload(self) -> None:
        """Read the files anew: later connections get what they hold now, earlier ones go on.

        Raises `TlsSettingsError` and keeps what was there when they cannot be used.
        """
        own = OwnCertificate(certificate=self.certificate, key=self.key, key_password=self.key_password)
        policy = ServerPolicy(
            own=own.load(),
            others={_served(name): other.load() for name, other in self.by_domain.items()},
            client_trust=trust_of(self.client_ca) if self.client_ca is not None else None,
            maximum_version=self.maximum_version,
        )
        backend = _openssl().OpenSslServer(policy) if self.exporter else SslServer(policy)
        object.__setattr__(self, "_backend", backend)

    def layer(self, *, direct: bool, kind: Kind = Kind.C2S) -> TlsLayer:
        """Make the layer of one connection. `direct`: TLS from the first octet (XEP-0368), with ALPN."""
        self.build()
        assert self._backend is not None
        return self._backend.layer(_ALPN.get(kind) if direct else None)


def ascii_host(host: str) -> str:
    """Give a domain as A-labels, as certificates and SNI hold it (RFC 5890); addresses without brackets.

    Raises `TlsSettingsError` for what is neither.
    """
    try:
        return a_labels(host)
    except StringError:
        raise TlsSettingsError("the host is no domain name; give the domain of the address to connect to") from None


def _openssl() -> ModuleType:
    try:
        from . import tls_openssl
    except ImportError:
        raise TlsSettingsError(
            "`exporter` needs pyOpenSSL, which is not installed: pip install 'xmpp_core[exporter]'"
        ) from None
    return tls_openssl


def _check_version(maximum: ssl.TLSVersion | None) -> None:
    if maximum is not None and maximum not in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        raise TlsSettingsError("`maximum_version` is TLSv1_2 or TLSv1_3; earlier ones are not safe (RFC 9325 3.1.1)")


def _served(name: str) -> str:
    return f"*.{ascii_host(name[2:])}" if name.startswith("*.") else ascii_host(name)


def _pin(text: str | bytes) -> bytes:
    if isinstance(text, bytes):
        octets = text
    else:
        bare = text.removeprefix("sha256").lstrip(":/")
        try:
            plain = bare.replace(":", "")
            octets = bytes.fromhex(plain) if len(plain) == 64 else base64.b64decode(bare, validate=True)
        except (ValueError, binascii.Error):
            octets = b""
    if len(octets) != 32:
        raise TlsSettingsError("a pin is the SHA-256 of a SubjectPublicKeyInfo: 32 octets, hexadecimal or base64")
    return octets
