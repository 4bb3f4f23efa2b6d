"""The report of a certificate: every name in it, whether it matched and why, and all else that speaks against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..jid import JID
from .certificate import Certificate, CertificateError, read_certificate
from .matching import Presented, Role, match, reference
from .names import Name, NameKind
from .policy import Finding, Severity, judge, judge_issuers

__all__ = ["Report", "examine"]


@dataclass(frozen=True, slots=True)
class Report:
    """What `examine` found. A value: it holds what was asked and all that was seen."""

    role: Role
    domain: str
    """What was looked for, prepared as in addresses."""
    trusted: bool
    """Whether somebody verified the path to a trust anchor: `TlsInfo.verified`, or `verify_chain`."""
    names: tuple[Presented, ...] = ()
    """Every name presented: subjectAltName in its order, then the common names."""
    findings: tuple[Finding, ...] = ()
    unreadable: str | None = None
    """Why the certificate could not be read at all; then there are neither names nor findings of its contents."""
    certificate: Certificate | None = field(default=None, repr=False)

    @property
    def matches(self) -> tuple[Presented, ...]:
        """The names that stand for what was asked; any one will do (RFC 9525 section 6.6)."""
        return tuple(one for one in self.names if one.matches)

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings with which the certificate must not be used."""
        return tuple(one for one in self.findings if one.severity is Severity.FAULT)

    @property
    def sound(self) -> bool:
        """Whether it can be used but for its names: readable, trusted, no fault."""
        return self.unreadable is None and self.trusted and not self.faults

    @property
    def acceptable(self) -> bool:
        """Whether it proves what was asked: sound, and one name matches."""
        return self.sound and bool(self.matches)

    @property
    def accounts(self) -> tuple[JID, ...]:
        """The accounts of the domain it names, each once; for a client's certificate."""
        if self.role is not Role.C2S_CLIENT:
            return ()
        return tuple(dict.fromkeys(one.name.jid for one in self.matches if one.name.jid is not None))

    @property
    def objection(self) -> str | None:
        """What speaks against it first, in words of our own alone; None if it is acceptable."""
        if self.unreadable is not None:
            return f"the certificate cannot be read: {self.unreadable}"
        if not self.trusted:
            return "no trusted authority vouches for the certificate"
        if self.faults:
            return f"the certificate: {self.faults[0].text}"
        if not self.matches:
            return "no name in the certificate stands for what was asked"
        return None


def examine(
    certificates: bytes | Sequence[bytes], *, role: Role, domain: str, now: float | None, trusted: bool = False
) -> Report:
    """Examine a DER certificate, or a chain with the end entity first, for a domain and a role.

    `domain` is what the address or the stream header says, never the name DNS led to (RFC 6120 section
    13.7.2.1); for a client's certificate the domain that is served. `now` counts seconds since 1970 in UTC; None
    leaves the dates to who verified the path. `trusted` is what that verification said; it is not made here.
    Whatever the octets are, a report comes back, in time that grows with their number alone. Raises
    `LocalProtocolError` for what is no domain.
    """
    wanted = reference(domain, role)
    chain = (certificates,) if isinstance(certificates, bytes) else tuple(certificates)
    if not chain:
        return Report(role, wanted.domain, False, unreadable="there is none")
    try:
        leaf = read_certificate(chain[0])
    except CertificateError as error:
        return Report(role, wanted.domain, False, unreadable=str(error))
    issuers = []
    findings = list(judge(leaf, role, now))
    for number, octets in enumerate(chain[1:], 2):
        try:
            issuers.append(read_certificate(octets))
        except CertificateError as error:
            text = f"certificate {number} of the chain cannot be read: {error}"
            findings.append(Finding(Severity.WARNING, "unreadable", text, "RFC 5280 section 4.1"))
            break
    findings += judge_issuers(issuers)
    common = (Name(NameKind.COMMON_NAME, text) for text in leaf.common_names)
    names = tuple(match(name, wanted) for name in (*leaf.names, *common))
    return Report(role, wanted.domain, trusted, names, tuple(findings), certificate=leaf)
