"""What a certificate must be besides having the right name: RFC 5280, RFC 6120 section 13.7.1, RFC 7590, RFC 9325."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from .certificate import Certificate
from .matching import Role
from .names import XMPP_ADDR

__all__ = [
    "ANY_PURPOSE",
    "CLIENT_AUTH",
    "SERVER_AUTH",
    "Finding",
    "Severity",
    "fits_purpose",
    "judge",
    "judge_issuers",
    "too_weak",
]

SERVER_AUTH: Final = "1.3.6.1.5.5.7.3.1"
"""id-kp-serverAuth (RFC 5280 section 4.2.1.12)."""
CLIENT_AUTH: Final = "1.3.6.1.5.5.7.3.2"
"""id-kp-clientAuth."""
ANY_PURPOSE: Final = "2.5.29.37.0"
"""anyExtendedKeyUsage."""

_DIGITAL_SIGNATURE: Final = 1
_BROKEN: Final = frozenset({"md2", "md5", "sha1"})
_SHORT: Final = frozenset({"sha224", "sha3-224"})
_LONGEST_SERIAL: Final = 159
_LEAST_RSA: Final = 2048
_LEAST_CURVE: Final = 224
_EMPTY_NAME: Final = b"\x30\x00"
_PURPOSES: Final = {
    Role.C2S_SERVER: SERVER_AUTH,
    Role.S2S_RECEIVING: SERVER_AUTH,
    Role.S2S_INITIATING: CLIENT_AUTH,
    Role.C2S_CLIENT: CLIENT_AUTH,
}
_NAMES: Final = {SERVER_AUTH: "serverAuth", CLIENT_AUTH: "clientAuth"}
_VALIDITY: Final = "RFC 5280 section 4.1.2.5"
_KEYS: Final = "RFC 9325 section 4.5"
_END_ENTITY: Final = "RFC 6120 section 13.7.1.1"
_PURPOSE: Final = "RFC 5280 section 4.2.1.12"


class Severity(enum.Enum):
    """What follows from a finding."""

    FAULT = "fault"
    """The certificate must not be used."""
    WARNING = "warning"
    """A recommendation is not followed, or a demand that practice has given up."""
    NOTE = "note"
    """Worth knowing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a certificate: a short name to match on, a sentence, and the section behind it.

    `detail` is what the certificate holds there, such as an object identifier.
    """

    severity: Severity
    rule: str
    text: str
    section: str
    detail: str = ""


def judge(certificate: Certificate, role: Role, now: float | None) -> Iterator[Finding]:
    """Judge an end-entity certificate at a time, in seconds since 1970; None: its dates are not judged."""
    if now is not None and now < certificate.begin:
        yield Finding(Severity.FAULT, "not-yet-valid", "it is not valid yet", _VALIDITY)
    if now is not None and now > certificate.end:
        yield Finding(Severity.FAULT, "expired", "it has expired", _VALIDITY)
    if certificate.authority:
        text = "it is that of an authority (cA), and may not stand for a server or a client"
        yield Finding(Severity.FAULT, "authority", text, _END_ENTITY)
    for oid in certificate.unknown_critical:
        text = "it has a critical extension that is not known here"
        yield Finding(Severity.FAULT, "unknown-critical", text, "RFC 5280 section 4.2", oid)
    if certificate.key_usage is not None and not certificate.key_usage & _DIGITAL_SIGNATURE:
        # What RFC 9325 section 4.2 leaves of the cipher suites has the certificate's key sign, never encrypt.
        text = "its key may not sign (keyUsage without digitalSignature), and that is all TLS has it do"
        yield Finding(Severity.FAULT, "key-usage", text, "RFC 5280 section 4.2.1.3")
    if certificate.serial <= 0 or certificate.serial.bit_length() > _LONGEST_SERIAL:
        # To be handled gracefully, that section says: old authorities have such ones.
        text = "its serial number is not positive, or longer than 20 octets"
        yield Finding(Severity.WARNING, "serial", text, "RFC 5280 section 4.1.2.2")
    yield from _judge_purpose(certificate, role)
    yield from _judge_strength(certificate, Severity.FAULT, "")
    if certificate.subject == _EMPTY_NAME:
        # Public authorities leave it empty now, as RFC 5280 section 4.1.2.6 allows where subjectAltName says all.
        yield Finding(Severity.WARNING, "no-subject", "its subject is empty", _END_ENTITY)
    if not certificate.names:
        text = "it has no subjectAltName, so it names nobody"
        yield Finding(Severity.WARNING, "no-names", text, "RFC 9525 section 4.1")
    if certificate.self_issued:
        text = "it is its own issuer: only who knows it already can trust it"
        yield Finding(Severity.NOTE, "self-issued", text, "RFC 6120 section 13.7.2.2.3")
    elif not certificate.responder:
        yield Finding(Severity.NOTE, "no-responder", "it names no OCSP responder", _END_ENTITY)


def judge_issuers(chain: Sequence[Certificate]) -> Iterator[Finding]:
    """Judge what was sent after the end entity. None of it need be part of the path, so nothing is a fault."""
    for number, one in enumerate(chain, 2):
        yield from _judge_strength(one, Severity.WARNING, f"certificate {number} of the chain: ")


def too_weak(certificate: Certificate) -> bool:
    """Whether key or signature of any certificate of a path are such that RFC 9325 section 4.5 forbids them."""
    return any(one.severity is Severity.FAULT for one in _judge_strength(certificate, Severity.FAULT, ""))


def fits_purpose(purposes: Sequence[str] | None, role: Role) -> bool:
    """Whether extKeyUsage (None: there is none) allows the role.

    id-on-xmppAddr there means XMPP, in either direction (RFC 6120 section 13.7.1.4). Public authorities
    issue serverAuth alone, and servers have no other certificate to show each other: it will do for one
    that initiates a stream, where nothing but its name is taken from it.
    """
    if purposes is None:
        return True
    accepted = {_PURPOSES[role], ANY_PURPOSE, XMPP_ADDR}
    if role is Role.S2S_INITIATING:
        accepted.add(SERVER_AUTH)
    return not accepted.isdisjoint(purposes)


def _judge_purpose(certificate: Certificate, role: Role) -> Iterator[Finding]:
    purposes = certificate.purposes
    wanted = _PURPOSES[role]
    name = _NAMES[wanted]
    if purposes is None:
        yield Finding(Severity.NOTE, "purpose", "it is for any purpose: there is no extKeyUsage", _PURPOSE)
    elif not fits_purpose(purposes, role):
        yield Finding(Severity.FAULT, "purpose", f"it is not made for this purpose: extKeyUsage lacks {name}", _PURPOSE)
    elif wanted not in purposes:
        text = f"extKeyUsage lacks {name}; what it has is taken for it"
        yield Finding(Severity.NOTE, "purpose", text, _PURPOSE)


def _judge_strength(certificate: Certificate, worst: Severity, whose: str) -> Iterator[Finding]:
    key = certificate.key
    least = {"RSA": _LEAST_RSA, "DSA": None}.get(key.kind, _LEAST_CURVE)
    if least is None or key.bits is None:
        text = f"{whose}its key is of a kind that is not recommended or not known"
        yield Finding(Severity.WARNING, "key-kind", text, _KEYS, key.kind)
    elif key.bits < least:
        text = f"{whose}its {key.kind} key has {key.bits} bits, and {least} are the least"
        yield Finding(worst, "key-size", text, _KEYS)
    if certificate.self_issued:
        # Nobody relies on the signature of one that vouches for itself.
        return
    hash_name = certificate.signature.hash
    if hash_name is None:
        text = f"{whose}its signature is of a kind that is not known here"
        yield Finding(Severity.WARNING, "signature-kind", text, _KEYS, certificate.signature.oid)
    elif hash_name in _BROKEN:
        yield Finding(worst, "signature-hash", f"{whose}it is signed with {hash_name}, which is broken", _KEYS)
    elif hash_name in _SHORT:
        text = f"{whose}it is signed with {hash_name}, and sha256 is recommended"
        yield Finding(Severity.WARNING, "signature-hash", text, _KEYS)
