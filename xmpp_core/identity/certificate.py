"""What stands in a certificate (RFC 5280 section 4.1), read strictly and without any library."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from typing import Final

from .der import (
    BIT_STRING,
    GENERALIZED_TIME,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    UTC_TIME,
    DerError,
    Reader,
    context,
)
from .names import Name, alternative_names, common_names

__all__ = ["LARGEST", "Certificate", "CertificateError", "PublicKey", "Signature", "read_certificate"]

LARGEST: Final = 256 * 1024
"""More octets than this are not read: no TLS library takes a certificate as large."""

_VERSION: Final = context(0, constructed=True)
_EXTENSIONS: Final = context(3, constructed=True)
_UNIQUE: Final = (context(1, constructed=False), context(2, constructed=False))
_TIME: Final = re.compile(
    rb"(?:[0-9]{2}|[0-9]{4})(?:0[1-9]|1[0-2])(?:[0-9]{2})(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]Z"
)

_SUBJECT_ALT_NAME: Final = "2.5.29.17"
_BASIC_CONSTRAINTS: Final = "2.5.29.19"
_KEY_USAGE: Final = "2.5.29.15"
_EXTENDED_KEY_USAGE: Final = "2.5.29.37"
_AUTHORITY_INFORMATION: Final = "1.3.6.1.5.5.7.1.1"
_TLS_FEATURE: Final = "1.3.6.1.5.5.7.1.24"
_OCSP: Final = "1.3.6.1.5.5.7.48.1"
# What chain building judges, and what says nothing that concerns us: known, so it may be critical.
_KNOWN: Final = frozenset(
    {
        _SUBJECT_ALT_NAME, _BASIC_CONSTRAINTS, _KEY_USAGE, _EXTENDED_KEY_USAGE, _AUTHORITY_INFORMATION, _TLS_FEATURE,
        "2.5.29.14", "2.5.29.30", "2.5.29.31", "2.5.29.32", "2.5.29.35", "2.5.29.36", "2.5.29.54",
    }
)  # fmt: skip

_RSA: Final = "1.2.840.113549.1.1.1"
_RSA_PSS: Final = "1.2.840.113549.1.1.10"
_EC: Final = "1.2.840.10045.2.1"
_CURVES: Final = {
    "1.2.840.10045.3.1.1": ("P-192", 192),
    "1.3.132.0.33": ("P-224", 224),
    "1.2.840.10045.3.1.7": ("P-256", 256),
    "1.3.132.0.34": ("P-384", 384),
    "1.3.132.0.35": ("P-521", 521),
    "1.3.132.0.10": ("secp256k1", 256),
    "1.3.132.0.8": ("secp160r1", 160),
    "1.3.36.3.3.2.8.1.1.7": ("brainpoolP256r1", 256),
    "1.3.36.3.3.2.8.1.1.11": ("brainpoolP384r1", 384),
    "1.3.36.3.3.2.8.1.1.13": ("brainpoolP512r1", 512),
}
_EDWARDS: Final = {"1.3.101.112": ("Ed25519", 256), "1.3.101.113": ("Ed448", 456)}
_DSA: Final = "1.2.840.10040.4.1"
_SIGNATURES: Final = {
    "1.2.840.113549.1.1.2": ("RSA", "md2"),
    "1.2.840.113549.1.1.4": ("RSA", "md5"),
    "1.2.840.113549.1.1.5": ("RSA", "sha1"),
    "1.2.840.113549.1.1.14": ("RSA", "sha224"),
    "1.2.840.113549.1.1.11": ("RSA", "sha256"),
    "1.2.840.113549.1.1.12": ("RSA", "sha384"),
    "1.2.840.113549.1.1.13": ("RSA", "sha512"),
    "2.16.840.1.101.3.4.3.13": ("RSA", "sha3-224"),
    "2.16.840.1.101.3.4.3.14": ("RSA", "sha3-256"),
    "2.16.840.1.101.3.4.3.15": ("RSA", "sha3-384"),
    "2.16.840.1.101.3.4.3.16": ("RSA", "sha3-512"),
    "1.2.840.10045.4.1": ("ECDSA", "sha1"),
    "1.2.840.10045.4.3.1": ("ECDSA", "sha224"),
    "1.2.840.10045.4.3.2": ("ECDSA", "sha256"),
    "1.2.840.10045.4.3.3": ("ECDSA", "sha384"),
    "1.2.840.10045.4.3.4": ("ECDSA", "sha512"),
    "1.2.840.10040.4.3": ("DSA", "sha1"),
    "2.16.840.1.101.3.4.3.1": ("DSA", "sha224"),
    "2.16.840.1.101.3.4.3.2": ("DSA", "sha256"),
    "1.3.101.112": ("Ed25519", "sha512"),
    "1.3.101.113": ("Ed448", "shake256"),
}
_HASHES: Final = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}


class CertificateError(ValueError):
    """Octets that are no certificate; the text says why and holds none of them."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: what kind, its size in bits (None: not known), and the DER of SubjectPublicKeyInfo."""

    kind: str
    bits: int | None
    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signature:
    """How a certificate is signed; `kind` and `hash` are None for an algorithm that is not known."""

    kind: str | None
    hash: str | None
    oid: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate, read. Times are seconds since 1970 in UTC, and both belong to the period of validity."""

    octets: bytes = field(repr=False)
    serial: int
    begin: int
    end: int
    subject: bytes = field(repr=False)
    """DER of the subject's name."""
    issuer: bytes = field(repr=False)
    """DER of the issuer's name."""
    key: PublicKey
    signature: Signature
    names: tuple[Name, ...] = ()
    """The entries of subjectAltName, in their order."""
    common_names: tuple[str, ...] = ()
    """Those of the subject; for people, never an identity (RFC 9525 section 2)."""
    authority: bool = False
    """Whether basicConstraints says that it may issue others."""
    key_usage: int | None = None
    """Bit n stands for value n of KeyUsage (RFC 5280 section 4.2.1.3); None: no such extension."""
    purposes: tuple[str, ...] | None = None
    """Object identifiers of extKeyUsage (section 4.2.1.12); None: no such extension."""
    unknown_critical: tuple[str, ...] = ()
    """Object identifiers of critical extensions that nobody here knows (section 4.2)."""
    responder: bool = False
    """Whether it names an OCSP responder (section 4.2.2.1)."""

    @property
    def self_issued(self) -> bool:
        """Whether subject and issuer are the same; the signature is not looked at."""
        return self.subject == self.issuer


def read_certificate(octets: bytes) -> Certificate:
    """Read one DER certificate; raises `CertificateError` and nothing else, in time that grows with its size alone."""
    if len(octets) > LARGEST:
        raise CertificateError(f"it has more than {LARGEST} octets")
    try:
        return _certificate(octets)
    except DerError as error:
        raise CertificateError(f"it holds {error}") from None


def _certificate(octets: bytes) -> Certificate:
    outer = Reader(octets)
    whole = outer.enter(SEQUENCE)
    outer.done()
    signed = whole.enter(SEQUENCE)
    outside = whole.whole(SEQUENCE)
    whole.contents(BIT_STRING)
    whole.done()

    explicit = signed.optional(_VERSION)
    version = 0
    if explicit is not None:
        version = explicit.integer()
        explicit.done()
    if version not in (0, 1, 2):
        raise CertificateError("it is of a version that does not exist (RFC 5280 section 4.1.2.1)")
    serial = signed.integer()
    inside = signed.whole(SEQUENCE)
    if inside != outside:
        raise CertificateError("it names two signature algorithms (RFC 5280 section 4.1.1.2)")
    issuer = signed.whole(SEQUENCE)
    validity = signed.enter(SEQUENCE)
    begin, end = _time(validity), _time(validity)
    validity.done()
    subject = signed.whole(SEQUENCE)
    key = _public_key(signed.whole(SEQUENCE))
    for tag in _UNIQUE:
        if signed.is_next(tag):
            signed.contents(tag)
    extensions = signed.optional(_EXTENSIONS)
    signed.done()
    if extensions is not None and version != 2:
        raise CertificateError("it has extensions, and is not of version 3 (RFC 5280 section 4.1.2.1)")
    found = _Extensions()
    if extensions is not None:
        found.take(extensions)
    return Certificate(
        octets=octets,
        serial=serial,
        begin=begin,
        end=end,
        subject=subject,
        issuer=issuer,
        key=key,
        signature=_signature(inside),
        names=found.names,
        common_names=common_names(subject),
        authority=found.authority,
        key_usage=found.key_usage,
        purposes=found.purposes,
        unknown_critical=tuple(found.unknown),
        responder=found.responder,
    )


class _Extensions:
    """Collects what the extensions say (RFC 5280 section 4.2)."""

    def __init__(self) -> None:
        self.names: tuple[Name, ...] = ()
        self.authority = False
        self.key_usage: int | None = None
        self.purposes: tuple[str, ...] | None = None
        self.unknown: list[str] = []
        self.responder = False

    def take(self, explicit: Reader) -> None:
        seen: set[str] = set()
        all_of_them = explicit.enter(SEQUENCE)
        explicit.done()
        while all_of_them.more:
            one = all_of_them.enter(SEQUENCE)
            oid = one.oid()
            critical = one.boolean(False)
            value = one.contents(OCTET_STRING)
            one.done()
            if oid in seen:
                raise CertificateError("it has an extension twice (RFC 5280 section 4.2)")
            seen.add(oid)
            if critical and oid not in _KNOWN:
                self.unknown.append(oid)
            self._judge(oid, value)

    def _judge(self, oid: str, value: bytes) -> None:
        if oid == _SUBJECT_ALT_NAME:
            self.names = tuple(alternative_names(value))
        elif oid == _BASIC_CONSTRAINTS:
            fields = _only(value, SEQUENCE)
            self.authority = fields.boolean(False)
            if fields.more:
                fields.integer()
            fields.done()
        elif oid == _KEY_USAGE:
            outer = Reader(value)
            bits, _ = outer.bits()
            outer.done()
            # Bit 0 is the highest of the first octet (X.680 section 22).
            self.key_usage = int(f"{int.from_bytes(bits[:2].ljust(2, bytes(1)), 'big'):016b}"[::-1], 2)
        elif oid == _EXTENDED_KEY_USAGE:
            listed = _only(value, SEQUENCE)
            purposes = []
            while listed.more:
                purposes.append(listed.oid())
            self.purposes = tuple(purposes)
        elif oid == _AUTHORITY_INFORMATION:
            listed = _only(value, SEQUENCE)
            while listed.more:
                access = listed.enter(SEQUENCE)
                self.responder |= access.oid() == _OCSP


def _only(value: bytes, tag: int) -> Reader:
    outer = Reader(value)
    inner = outer.enter(tag)
    outer.done()
    return inner


def _time(validity: Reader) -> int:
    """Read a time (RFC 5280 section 4.1.2.5) as seconds since 1970."""
    tag, octets = validity.any()
    size = {UTC_TIME: 13, GENERALIZED_TIME: 15}.get(tag)
    if size is None or len(octets) != size or _TIME.fullmatch(octets) is None:
        raise CertificateError("a time in it is malformed (RFC 5280 section 4.1.2.5)")
    text = octets.decode("ascii")
    if tag == UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    if not year or not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise CertificateError("a time in it is malformed (RFC 5280 section 4.1.2.5)")
    return calendar.timegm((year, month, day, int(text[8:10]), int(text[10:12]), int(text[12:14])))


def _public_key(octets: bytes) -> PublicKey:
    info = _only(octets, SEQUENCE)
    algorithm = info.enter(SEQUENCE)
    oid = algorithm.oid()
    key, unused = info.bits()
    info.done()
    if oid in (_RSA, _RSA_PSS):
        if unused:
            raise CertificateError("its public key is malformed")
        numbers = _only(key, SEQUENCE)
        modulus = numbers.integer()
        exponent = numbers.integer()
        numbers.done()
        if modulus <= 0 or exponent <= 0:
            raise CertificateError("its public key is malformed")
        return PublicKey("RSA", modulus.bit_length(), octets)
    if oid == _EC:
        if algorithm.is_next(OBJECT_IDENTIFIER):
            curve = algorithm.oid()
            kind, bits = _CURVES.get(curve, ("EC", None))
            return PublicKey(kind, bits, octets)
        return PublicKey("EC", None, octets)
    if oid in _EDWARDS:
        kind, bits = _EDWARDS[oid]
        return PublicKey(kind, bits, octets)
    return PublicKey("DSA" if oid == _DSA else oid, None, octets)


def _signature(octets: bytes) -> Signature:
    algorithm = _only(octets, SEQUENCE)
    oid = algorithm.oid()
    if oid == _RSA_PSS:
        return Signature("RSA", _pss_hash(algorithm), oid)
    kind, name = _SIGNATURES.get(oid, (None, None))
    return Signature(kind, name, oid)


def _pss_hash(algorithm: Reader) -> str | None:
    """Find the hash of RSASSA-PSS, which is SHA-1 unless another is named (RFC 4055 section 3.1)."""
    parameters = algorithm.optional(SEQUENCE)
    named = parameters.optional(context(0, constructed=True)) if parameters is not None else None
    if named is None:
        return "sha1"
    return _HASHES.get(named.enter(SEQUENCE).oid())
