"""What every TLS layer does alike, whichever library stands under it."""

from __future__ import annotations

import abc
import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from ..errors import LocalProtocolError
from ..stream.context import TlsFailed, TlsInfo
from .tls_hello import ServerHello
from .tls_pem import LoadedCertificate, Trust, public_key_of
from .tls_words import CUT, PLAIN_TEXT

__all__ = [
    "CIPHERS",
    "Broken",
    "ClientBackend",
    "ClientPolicy",
    "MemoryLayer",
    "ServerBackend",
    "ServerPolicy",
    "served_by",
]

T = TypeVar("T")

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""RFC 9325 section 4.2: forward secrecy and authenticated encryption; neither CBC, RSA key transport nor DHE."""

_RECORD_TYPES: Final = frozenset({20, 21, 22, 23})


@dataclass(frozen=True, slots=True)
class ClientPolicy:
    """What a library needs to know to make a client's contexts, read from the settings."""

    trust: Trust | None
    own: LoadedCertificate | None
    maximum_version: ssl.TLSVersion | None
    insecure: bool


@dataclass(frozen=True, slots=True)
class ServerPolicy:
    """What a library needs to know to make a server's contexts, read from the settings."""

    own: LoadedCertificate
    others: Mapping[str, LoadedCertificate]
    client_trust: Trust | None
    maximum_version: ssl.TLSVersion | None


class ClientBackend(Protocol):
    """A library that stands under the layers of a client."""

    def layer(self, host: str, pins: frozenset[bytes], alpn: str | None) -> MemoryLayer:
        """Make the layer of one connection; `host` is in A-labels, or an address without brackets."""


class ServerBackend(Protocol):
    """A library that stands under the layers of a server."""

    def layer(self, alpn: str | None) -> MemoryLayer:
        """Make the layer of one connection."""


def served_by(name: str, by_name: Mapping[str, T]) -> T | None:
    """Find what belongs to a name that SNI gave: under the name itself, else under its wildcard."""
    return by_name.get(name) or by_name.get(f"*.{name.partition('.')[2]}")


class Broken(Exception):
    """The library below refused what came. The text is for people."""


class Untrusted(Broken):
    """The peer's certificate does not hold."""


class MemoryLayer(abc.ABC):
    """TLS over octets in memory. A backend supplies the methods at the end.

    Nothing but misuse raises: `write` before the handshake succeeded is a `LocalProtocolError`.
    """

    def __init__(self, *, server_side: bool, pins: frozenset[bytes]) -> None:
        self._server_side = server_side
        self._pins = pins
        self._outcome: TlsInfo | TlsFailed | None = None
        self._hello = ServerHello()
        self._started = False
        self._cut = False
        self._ended = False
        self._closed = False
        self._fault: str | None = None
        self._held = b""

    @property
    def ended(self) -> bool:
        """Whether `read` gave the last octets: close_notify, the transport's end, or a broken record."""
        return self._ended and not self._held

    @property
    def fault(self) -> str | None:
        """Words for people when a broken record or an alert ended the layer."""
        return self._fault

    def receive(self, data: bytes) -> None:
        """Take ciphertext from the network; b"" says that the transport ended."""
        if self._ended or self._cut:
            return
        if not data:
            self._cut = True
            return
        if not self._started:
            self._started = True
            if data[0] not in _RECORD_TYPES:
                self._fail(PLAIN_TEXT)
                return
        if not self._server_side:
            self._hello.take(data)
        self._feed(data)

    def advance(self) -> TlsInfo | TlsFailed | None:
        """Go on with the handshake; None: more octets are needed."""
        if self._outcome is not None:
            return self._outcome
        try:
            done = self._handshake()
        except Broken as broken:
            return self._fail(str(broken), untrusted=isinstance(broken, Untrusted))
        if not done:
            return self._fail(CUT) if self._cut else None
        info = self._info()
        if self._pins and not self._pinned(info):
            # The library believes that all is well. What it would send finishes the handshake and may
            # hold our certificate, which is for the pinned peer alone: the connection is cut instead.
            self._drain()
            reason = "no key in the peer's certificate chain is among the pinned ones (`pins`)"
            return self._fail(reason, untrusted=True)
        self._outcome = info
        return info

    def read(self) -> bytes:
        """Give all plaintext that is there."""
        if not isinstance(self._outcome, TlsInfo):
            return b""
        pieces = [self._held] if self._held else []
        self._held = b""
        while not self._ended:
            try:
                piece = self._read()
            except Broken as broken:
                self._fault = str(broken)
                self._ended = True
                break
            if piece is None:
                self._ended = self._cut
                break
            if not piece:
                self._ended = True
                break
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def write(self, data: bytes) -> None:
        """Encrypt octets; after `close` or a fault they are dropped, as nothing can leave any more."""
        if not isinstance(self._outcome, TlsInfo):
            raise LocalProtocolError("nothing can be written before the TLS handshake succeeded")
        if data and not self._closed and self._fault is None:
            try:
                self._write(data)
            except Broken as broken:
                self._fault = str(broken)
                self._ended = True

    def take(self) -> bytes:
        """Give the ciphertext that waits to leave: handshake, records, alerts."""
        octets = self._drain()
        if self._server_side and octets:
            self._hello.take(octets)
        return octets

    def close(self) -> None:
        """Queue close_notify. What the peer still sends can be read until its own."""
        if self._closed:
            return
        if isinstance(self._outcome, TlsInfo) and self._fault is None:
            # Libraries throw away what was received and not read when they are shut down.
            self._held = self.read()
            self._closed = True
            if self._fault is None:
                self._end_output()
        self._closed = True

    def _fail(self, reason: str, *, untrusted: bool = False) -> TlsFailed:
        self._ended = True
        failed = TlsFailed(reason, untrusted)
        self._outcome = failed
        return failed

    def _pinned(self, info: TlsInfo) -> bool:
        # Only certificates that belong to the verified chain count: anybody may send a copy of another's.
        chain = self._verified_chain() or info.peer_certificates[:1]
        keys = (public_key_of(one) for one in chain)
        return any(key is not None and hashlib.sha256(key).digest() in self._pins for key in keys)

    @abc.abstractmethod
    def _feed(self, data: bytes) -> None:
        """Hand ciphertext to the library."""

    @abc.abstractmethod
    def _handshake(self) -> bool:
        """Go on; False: more is needed. Raises `Broken`."""

    @abc.abstractmethod
    def _info(self) -> TlsInfo:
        """Describe the finished handshake."""

    @abc.abstractmethod
    def _verified_chain(self) -> tuple[bytes, ...]:
        """Give the chain from the leaf to a trusted authority, () when there was no check or none is told."""

    @abc.abstractmethod
    def _read(self) -> bytes | None:
        """Give plaintext, None when more octets are needed, b"" after close_notify. Raises `Broken`."""

    @abc.abstractmethod
    def _write(self, data: bytes) -> None:
        """Encrypt all of it. Raises `Broken`."""

    @abc.abstractmethod
    def _drain(self) -> bytes:
        """Give all ciphertext that waits to leave."""

    @abc.abstractmethod
    def _end_output(self) -> None:
        """Queue close_notify; never raises."""
