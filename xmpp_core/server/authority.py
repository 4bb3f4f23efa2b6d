"""A certificate authority to throw away: for servers without a certificate, for demonstrations and for tests.

Nobody else trusts it. What clients need is `Authority.certificate`, as their `ca`.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ..adapters.tls import ascii_host
from ..jid import JID

__all__ = ["Authority", "Issued", "Period"]

_XMPP_ADDR: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.5")  # id-on-xmppAddr, RFC 6120 section 13.7.1.4
_SRV_NAME: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.7")  # id-on-dnsSRV, RFC 4985
_BACKDATED: Final = datetime.timedelta(hours=1)
_UTF8_STRING: Final = 0x0C
_IA5_STRING: Final = 0x16


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when a certificate is valid, in UTC."""

    begin: datetime.datetime
    end: datetime.datetime

    @classmethod
    def days(cls, days: float, now: datetime.datetime | None = None) -> Period:
        """Begin an hour before `now`, for clocks that are behind; None: the system's clock."""
        moment = now or datetime.datetime.now(datetime.UTC)
        return cls(moment - _BACKDATED, moment + datetime.timedelta(days=days))


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key as PEM."""

    certificate: str
    """The certificate, followed by that of its authority unless it signed itself."""
    key: str = field(repr=False)
    """PKCS#8, not encrypted."""

    def write(self, certificate: str | os.PathLike[str], key: str | os.PathLike[str]) -> None:
        """Write both; the key so that only its owner reads it (mode 0600)."""
        Path(certificate).write_text(self.certificate, encoding="ascii")
        _write_secret(key, self.key)


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority with an EC P-256 key."""

    certificate: str
    """PEM of its certificate: the `ca` of those who shall trust it."""
    _certificate: x509.Certificate = field(repr=False)
    _key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def create(
        cls, name: str = "xmpp_core throw-away authority", *, days: float = 365, now: datetime.datetime | None = None
    ) -> Authority:
        """Make a new one, valid for `days` from `now` (None: the system's clock)."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name)
        period = Period.days(days, now)
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        certificate = (
            _builder(subject, subject, key.public_key(), period)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(identifier, critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(_pem(certificate), certificate, key)

    def write(self, certificate: str | os.PathLike[str], key: str | os.PathLike[str]) -> None:
        """Write certificate and key; the key so that only its owner reads it (mode 0600)."""
        Issued(self.certificate, _key_pem(self._key)).write(certificate, key)

    @classmethod
    def read(cls, certificate: str | os.PathLike[str], key: str | os.PathLike[str]) -> Authority:
        """Read one that was written; raises `OSError` and `ValueError`."""
        text = Path(certificate).read_text(encoding="ascii")
        loaded = serialization.load_pem_private_key(Path(key).read_bytes(), None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise ValueError("the key is not one of this authority")
        return cls(text, x509.load_pem_x509_certificate(text.encode("ascii")), loaded)

    def issue(
        self,
        domains: Iterable[str],
        *,
        xmpp_names: bool = True,
        days: float = 90,
        now: datetime.datetime | None = None,
        period: Period | None = None,
        self_signed: bool = False,
    ) -> Issued:
        """Issue the certificate of a server for one or more domains or IP addresses.

        Each domain is a dNSName, as A-labels; `xmpp_names` adds SRVNames for `_xmpp-client` and
        `_xmpp-server` and an xmppAddr (RFC 6120 section 13.7.1.2). It also serves as client between
        servers. `period` may lie in the past and `self_signed` leaves the authority out: for tests.
        Raises `TlsSettingsError` for what is no domain.
        """
        names: list[x509.GeneralName] = []
        listed = list(domains)
        if not listed:
            raise ValueError("a certificate needs at least one domain")
        for domain in listed:
            bare = domain.removeprefix("*.")
            host = ascii_host(bare)
            try:
                names.append(x509.IPAddress(ipaddress.ip_address(host)))
                continue
            except ValueError:
                pass
            names.append(x509.DNSName(domain[: len(domain) - len(bare)] + host))
            if xmpp_names and bare == domain:
                names += [
                    _other_name(_SRV_NAME, _IA5_STRING, f"{service}.{host}")
                    for service in ("_xmpp-client", "_xmpp-server")
                ]
                names.append(_other_name(_XMPP_ADDR, _UTF8_STRING, str(JID(bare))))
        both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        return self._issue(listed[0], names, both, period or Period.days(days, now), self_signed)

    def issue_client(
        self,
        jid: JID | str,
        *,
        days: float = 90,
        now: datetime.datetime | None = None,
        period: Period | None = None,
        self_signed: bool = False,
    ) -> Issued:
        """Issue the certificate of a client: its bare address as xmppAddr (RFC 6120 section 13.7.1.3)."""
        address = str((jid if isinstance(jid, JID) else JID(jid)).bare)
        names: list[x509.GeneralName] = [_other_name(_XMPP_ADDR, _UTF8_STRING, address)]
        client = [ExtendedKeyUsageOID.CLIENT_AUTH]
        return self._issue(address, names, client, period or Period.days(days, now), self_signed)

    def _issue(
        self,
        subject: str,
        names: list[x509.GeneralName],
        purposes: list[x509.ObjectIdentifier],
        period: Period,
        self_signed: bool,
    ) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        signer = key if self_signed else self._key
        issuer = _name(subject) if self_signed else self._certificate.subject
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        certificate = (
            _builder(_name(subject), issuer, key.public_key(), period)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .sign(signer, hashes.SHA256())
        )
        chain = _pem(certificate) + ("" if self_signed else self.certificate)
        return Issued(chain, _key_pem(key))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, period: Period
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(period.begin)
        .not_valid_after(period.end)
    )


def _name(text: str) -> x509.Name:
    # RFC 5280 appendix A.1: a common name has at most 64 characters. Nothing is checked against it.
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _other_name(identifier: x509.ObjectIdentifier, tag: int, text: str) -> x509.OtherName:
    octets = text.encode("utf-8")
    size = len(octets)
    if size < 0x80:
        length = bytes([size])
    else:
        digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(digits)]) + digits
    return x509.OtherName(identifier, bytes([tag]) + length + octets)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def _write_secret(path: str | os.PathLike[str], text: str) -> None:
    # A file that is there keeps its mode when it is opened: it is taken away first.
    Path(path).unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
