"""Who a certificate says its holder is, decided on octets alone (RFC 6120 section 13.7, RFC 9525)."""

from __future__ import annotations

from .certificate import Certificate, CertificateError, PublicKey, Signature, read_certificate
from .login import Authorized, Decision, Denied, authorize
from .matching import Presented, Reference, Role, Verdict, match, reference
from .names import Name, NameKind
from .policy import Finding, Severity
from .report import Report, examine

__all__ = [
    "Authorized",
    "Certificate",
    "CertificateError",
    "Decision",
    "Denied",
    "Finding",
    "Name",
    "NameKind",
    "Presented",
    "PublicKey",
    "Reference",
    "Report",
    "Role",
    "Severity",
    "Signature",
    "Verdict",
    "authorize",
    "examine",
    "match",
    "read_certificate",
    "reference",
]
