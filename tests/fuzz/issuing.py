"""Certificates of every kind, made for tests: also those no authority would issue."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from xmpp_core.server.authority import Authority, Issued

__all__ = [
    "BEGIN",
    "CLIENT_AUTH",
    "END",
    "NOW",
    "SERVER_AUTH",
    "Issuer",
    "der_of",
    "general_name",
    "issue",
    "issuer",
    "key_of",
    "tlv",
    "usage",
]

NOW = 1_767_225_600.0
"""2026-01-01; certificates are valid around it unless told otherwise."""
BEGIN = datetime.datetime(2025, 12, 1, tzinfo=datetime.UTC)
END = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)

SERVER_AUTH = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.1")
CLIENT_AUTH = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.2")
_XMPP_ADDR = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.5")
_SRV_NAME = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.7")
_STRINGS = {"utf8": (0x0C, "utf-8"), "ia5": (0x16, "latin-1"), "bmp": (0x1E, "utf-16-be"), "printable": (0x13, "utf-8")}


def tlv(tag: int, contents: bytes) -> bytes:
    """One DER value."""
    size = len(contents)
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 0x80 else bytes([0x80 | len(digits)]) + digits) + contents


def general_name(text: str) -> bytes:
    """DER of a GeneralName, written "dns:example.com", "srv:_xmpp-client.example.com", "xmpp:..." and so on.

    "xmpp-bmp:" and the like take another string type; "hex:" is the name itself.
    """
    kind, _, value = text.partition(":")
    if kind == "hex":
        return bytes.fromhex(value)
    if kind == "dns":
        return tlv(0x82, value.encode("utf-8"))
    if kind == "ip":
        return tlv(0x87, ipaddress.ip_address(value).packed)
    if kind == "uri":
        return tlv(0x86, value.encode())
    if kind == "email":
        return tlv(0x81, value.encode())
    kind, _, string = kind.partition("-")
    oid = {"xmpp": _XMPP_ADDR, "srv": _SRV_NAME, "upn": x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")}[kind]
    tag, encoding = _STRINGS[string or ("ia5" if kind == "srv" else "utf8")]
    identifier = x509.OtherName(oid, tlv(tag, value.encode(encoding)))
    # The library writes the identifier; what the value is it leaves to us.
    return _general_name(identifier)


def _general_name(name: x509.OtherName) -> bytes:
    value = x509.SubjectAlternativeName([name]).public_bytes()
    return value[2:] if value[1] < 0x80 else value[2 + (value[1] & 0x7F) :]


@cache
def key_of(kind: str, number: int = 0) -> Any:
    """A private key: "P-256", "P-192", "rsa1024", "rsa2048", "ed25519" or "dsa"; the same for the same number."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind == "dsa":
        return dsa.generate_private_key(2048)
    return ec.generate_private_key({"P-256": ec.SECP256R1(), "P-192": ec.SECP192R1(), "P-384": ec.SECP384R1()}[kind])


def usage(*names: str) -> x509.KeyUsage:
    """keyUsage with these bits."""
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{one: one in names for one in every})


def issue(
    *names: str,
    by: Issuer | None = None,
    subject: str | None = "example.com",
    key: str = "P-256",
    purposes: Sequence[x509.ObjectIdentifier] | None = (SERVER_AUTH, CLIENT_AUTH),
    key_usage: x509.KeyUsage | None = None,
    ca: bool = False,
    path_length: int | None = None,
    begin: datetime.datetime = BEGIN,
    end: datetime.datetime = END,
    more: Sequence[tuple[x509.ExtensionType, bool]] = (),
    alternative: bytes | None = None,
    number: int = 0,
) -> bytes:
    """Issue a certificate as DER; without an issuer it signs itself. `alternative`: subjectAltName as it stands."""
    own = key_of(key, number)
    signer = by.key if by is not None else own
    attributes = [] if subject is None else [x509.NameAttribute(NameOID.COMMON_NAME, subject)]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(attributes))
        .issuer_name(by.certificate.subject if by is not None else x509.Name(attributes))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if key_usage is not None:
        builder = builder.add_extension(key_usage, critical=True)
    if purposes is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    value = alternative if alternative is not None else tlv(0x30, b"".join(map(general_name, names)))
    if names or alternative is not None:
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), value)
        builder = builder.add_extension(extension, critical=subject is None)
    for one, critical in more:
        builder = builder.add_extension(one, critical=critical)
    algorithm = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(signer, algorithm).public_bytes(serialization.Encoding.DER)


@dataclass(frozen=True, eq=False)
class Issuer:
    """An authority."""

    octets: bytes
    key: Any

    @property
    def certificate(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.octets)


@cache
def issuer(name: str = "the authority", by: Issuer | None = None, **settings: Any) -> Issuer:
    """An authority of this name, certified by another or by itself."""
    whole = {
        "ca": True, "purposes": None, "key_usage": usage("key_cert_sign", "crl_sign", "digital_signature"), **settings,
    }  # fmt: skip
    number = hash((name, by))
    octets = issue(by=by, subject=name, number=number, **whole)
    return Issuer(octets, key_of(whole.get("key", "P-256"), number))


def der_of(pem: Issued | Authority | str) -> bytes:
    """DER of the first certificate of a PEM."""
    text = pem if isinstance(pem, str) else pem.certificate
    end = "-----END CERTIFICATE-----"
    return ssl.PEM_cert_to_DER_cert(text[: text.index(end) + len(end)])
