"""Who a certificate says its holder is, decided on octets alone (RFC 6120 section 13.7, RFC 9525)."""

from __future__ import annotations

from .certificate import Certificate, CertificateError, PublicKey, Signature, read_certificate
from .chain import ChainUnavailable, NoPath, Path, verify_chain
from .dane import DaneOutcome, DaneVerdict, Dnssec, TlsaRecord, check_dane, tlsa_name
from .login import Authorized, Decision, Denied, authorize
from .matching import Presented, Reference, Role, Verdict, match, reference
from .names import Name, NameKind
from .policy import Finding, Severity
from .posh import Delegation, Fingerprints, PoshError, PoshVerdict, check_posh, delegated, read_posh, well_known
from .report import Report, examine

__all__ = [
    "Authorized",
    "Certificate",
    "CertificateError",
    "ChainUnavailable",
    "DaneOutcome",
    "DaneVerdict",
    "Decision",
    "Delegation",
    "Denied",
    "Dnssec",
    "Finding",
    "Fingerprints",
    "Name",
    "NameKind",
    "NoPath",
    "Path",
    "PoshError",
    "PoshVerdict",
    "Presented",
    "PublicKey",
    "Reference",
    "Report",
    "Role",
    "Severity",
    "Signature",
    "TlsaRecord",
    "Verdict",
    "authorize",
    "check_dane",
    "check_posh",
    "delegated",
    "examine",
    "match",
    "read_certificate",
    "read_posh",
    "reference",
    "tlsa_name",
    "verify_chain",
    "well_known",
]
