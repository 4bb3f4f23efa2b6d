"""Certificates and keys out of PEM: files, folders or text, with words for what is wrong with them."""

from __future__ import annotations

import os
import re
import secrets
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from ..errors import XMPPError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

__all__ = ["LoadedCertificate", "OwnCertificate", "Pem", "TlsSettingsError", "Trust", "public_key_of", "trust_of"]

Pem: TypeAlias = str | bytes | os.PathLike[str]
"""A path, or the PEM itself (then it holds `-----BEGIN`)."""

_CERTIFICATE: Final = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_KEY: Final = re.compile(rb"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.+?-----END \1PRIVATE KEY-----", re.DOTALL)
_HASHED: Final = re.compile(r"[0-9a-f]{8}\.[0-9]+")
_SUFFIXES: Final = frozenset({".pem", ".crt", ".cer"})


class TlsSettingsError(XMPPError, ValueError):
    """Settings of TLS cannot work: a file is missing, a key does not fit. The text says what to do."""


@dataclass(frozen=True, slots=True)
class LoadedCertificate:
    """A certificate of ours with its key, read and checked against each other."""

    chain: tuple[x509.Certificate, ...]
    """The leaf first."""
    key: PrivateKeyTypes = field(repr=False)
    leaf: bytes = field(repr=False)
    """DER of the leaf."""

    def load_into(self, context: ssl.SSLContext) -> None:
        """Give certificate and key to a context, which reads files alone.

        The key is on the disk only encrypted, in a folder that nobody else may enter.
        """
        from cryptography.hazmat.primitives import serialization

        password = secrets.token_bytes(32).hex().encode("ascii")
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(password),
        )
        chain = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in self.chain)
        with tempfile.TemporaryDirectory(prefix="xmpp_core-") as folder:
            path = Path(folder, "chain.pem")
            path.write_bytes(chain + key)
            try:
                context.load_cert_chain(path, password=password)
            except ssl.SSLError as error:
                words = (error.reason or "no reason given").replace("_", " ").lower()
                raise TlsSettingsError(f"the certificate cannot be used: {words}; take a newer one") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCertificate:
    """A certificate of ours and its key, as settings name them."""

    certificate: Pem
    """PEM of the certificate, followed by those of the intermediate authorities."""
    key: Pem | None = field(default=None, repr=False)
    """PEM of the private key; None: it stands with the certificate."""
    key_password: str | bytes | None = field(default=None, repr=False)
    """Opens an encrypted key."""

    def load(self) -> LoadedCertificate:
        """Read both; raises `TlsSettingsError`."""
        from cryptography.hazmat.primitives import serialization

        octets, name = _read(self.certificate, "certificate")
        chain = _certificates(octets, name)
        if not chain:
            raise TlsSettingsError(f"{name} holds no PEM certificate; it must begin with -----BEGIN CERTIFICATE-----")
        if self.key is None:
            key = _private_key(octets, name, self.key_password)
        else:
            key = _private_key(*_read(self.key, "key"), self.key_password)
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        fits = [_public(one) == public for one in chain]
        if not fits[0]:
            advice = (
                "put the certificate of the key first" if any(fits) else "give the key the certificate was made for"
            )
            raise TlsSettingsError(f"the key does not fit the first certificate of {name}; {advice}")
        loaded: list[x509.Certificate] = chain
        return LoadedCertificate(tuple(loaded), key, loaded[0].public_bytes(serialization.Encoding.DER))


@dataclass(frozen=True, slots=True)
class Trust:
    """Certificate authorities that are trusted: their PEM, or a folder as OpenSSL hashes it."""

    pem: str | None
    folder: str | None

    def load_into(self, context: ssl.SSLContext) -> None:
        """Let a context trust them; raises `TlsSettingsError`."""
        try:
            context.load_verify_locations(capath=self.folder, cadata=self.pem)
        except (ssl.SSLError, OSError, ValueError):
            raise TlsSettingsError("the certificates of `ca` cannot be read; give PEM certificates") from None


def trust_of(source: Pem) -> Trust:
    """Read trusted authorities from a file, a folder or text; raises `TlsSettingsError`."""
    if not _is_text(source) and os.path.isdir(_path(source)):
        folder = _path(source)
        names = sorted(os.listdir(folder))
        if any(_HASHED.fullmatch(name) for name in names):
            return Trust(None, folder)
        blocks = []
        for name in names:
            if Path(name).suffix in _SUFFIXES:
                blocks += _CERTIFICATE.findall(_read(Path(folder, name), "ca")[0])
        if not blocks:
            raise TlsSettingsError(f"the folder {folder!r} of `ca` holds no certificates in files *.pem or *.crt")
    else:
        octets, name = _read(source, "ca")
        blocks = _CERTIFICATE.findall(octets)
        if not blocks:
            raise TlsSettingsError(f"{name} holds no PEM certificate; it must begin with -----BEGIN CERTIFICATE-----")
    # Only the blocks: bundles carry comments in any encoding.
    return Trust(b"\n".join(blocks).decode("ascii", "replace") + "\n", None)


def public_key_of(certificate: bytes) -> bytes | None:
    """Give the DER of SubjectPublicKeyInfo of a DER certificate; None when it cannot be read."""
    from cryptography import x509

    try:
        return _public(x509.load_der_x509_certificate(certificate))
    except ValueError:
        return None


def _public(certificate: x509.Certificate) -> bytes | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _is_text(source: Pem) -> bool:
    if isinstance(source, bytes):
        return True
    return isinstance(source, str) and "-----BEGIN" in source


def _path(source: Pem) -> str:
    assert not isinstance(source, bytes)
    return os.fspath(source)


def _read(source: Pem, what: str) -> tuple[bytes, str]:
    """Give the octets and a name for messages, which never holds the octets."""
    if isinstance(source, bytes):
        return source, f"the text of `{what}`"
    if _is_text(source):
        assert isinstance(source, str)
        return source.encode("utf-8", "replace"), f"the text of `{what}`"
    path = _path(source)
    try:
        return Path(path).read_bytes(), f"the file {path!r} of `{what}`"
    except FileNotFoundError:
        raise TlsSettingsError(f"the file {path!r} of `{what}` does not exist; give a path or PEM text") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise TlsSettingsError(f"the file {path!r} of `{what}` cannot be read: {reason}") from None


def _certificates(octets: bytes, name: str) -> list[x509.Certificate]:
    from cryptography import x509

    try:
        return [x509.load_pem_x509_certificate(block) for block in _CERTIFICATE.findall(octets)]
    except ValueError:
        raise TlsSettingsError(f"{name} holds a damaged certificate; write it anew") from None


def _private_key(octets: bytes, name: str, password: str | bytes | None) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    block = _KEY.search(octets)
    if block is None:
        raise TlsSettingsError(f"{name} holds no PEM private key; give one as `key`")
    secret = password.encode("utf-8") if isinstance(password, str) else password
    encrypted = block[1] == b"ENCRYPTED " or b"Proc-Type: 4,ENCRYPTED" in block[0]
    if encrypted and secret is None:
        raise TlsSettingsError(f"the key in {name} is encrypted; give `key_password`")
    try:
        return serialization.load_pem_private_key(block[0], secret if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        advice = "`key_password` does not open it" if encrypted else "it is damaged or of an unknown kind"
        raise TlsSettingsError(f"the key in {name} cannot be read: {advice}") from None
