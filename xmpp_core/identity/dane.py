"""DANE: judging a certificate by TLSA records (RFC 6698, RFC 7671) of a server that SRV named (RFC 7673).

Who looks the records up validates them by DNSSEC, or asks one who does over a channel he trusts, and says how it went.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from .certificate import CertificateError, read_certificate
from .chain import Path, verify_chain
from .matching import Role, reference
from .names import NameKind
from .report import examine

__all__ = ["DaneOutcome", "DaneVerdict", "Dnssec", "TlsaRecord", "check_dane", "tlsa_name"]

_PKIX_TA, _PKIX_EE, _DANE_TA, _DANE_EE = range(4)
_CERTIFICATE, _PUBLIC_KEY = range(2)
_FULL: Final = 0
# Matching types and their digests (RFC 6698 section 2.1.3), the stronger one last (RFC 7671 section 9).
_DIGESTS: Final = {1: ("sha256", 32), 2: ("sha512", 64)}
_MOST_RECORDS: Final = 64


class Dnssec(enum.Enum):
    """What DNSSEC says of an answer (RFC 4035 section 4.3)."""

    SECURE = "secure"
    INSECURE = "insecure"
    BOGUS = "bogus"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class TlsaRecord:
    """A TLSA record (RFC 6698 section 2.1)."""

    usage: int
    selector: int
    matching: int
    data: bytes = field(repr=False)

    @classmethod
    def from_text(cls, text: str) -> TlsaRecord:
        """Read the presentation format of section 2.2; raises `ValueError`."""
        fields = text.replace("(", " ").replace(")", " ").split()
        if len(fields) < 4 or not all(one.isascii() and one.isdigit() and int(one) < 256 for one in fields[:3]):
            raise ValueError("a TLSA record is three numbers and hexadecimal digits")
        return cls(int(fields[0]), int(fields[1]), int(fields[2]), bytes.fromhex("".join(fields[3:])))

    @classmethod
    def from_octets(cls, octets: bytes) -> TlsaRecord:
        """Read RDATA (section 2.1); raises `ValueError`."""
        if len(octets) < 4:
            raise ValueError("a TLSA record has three octets and data")
        return cls(octets[0], octets[1], octets[2], octets[3:])

    @property
    def usable(self) -> bool:
        """Whether its numbers are known here and its data can be what they say (section 4.1)."""
        if self.usage > _DANE_EE or self.selector > _PUBLIC_KEY:
            return False
        if self.matching != _FULL:
            return self.matching in _DIGESTS and len(self.data) == _DIGESTS[self.matching][1]
        if self.selector == _PUBLIC_KEY:
            return bool(self.data)
        try:
            read_certificate(self.data)
        except CertificateError:
            return False
        return True

    def matches(self, certificate: bytes) -> bool:
        """Whether a DER certificate is the one it speaks of (sections 2.1.2 to 2.1.4); not whether that helps."""
        selected = certificate
        if self.selector == _PUBLIC_KEY:
            try:
                selected = read_certificate(certificate).key.octets
            except CertificateError:
                return False
        if self.matching == _FULL:
            return selected == self.data
        name, _ = _DIGESTS[self.matching]
        return hashlib.new(name, selected).digest() == self.data


class DaneOutcome(enum.Enum):
    """What DANE decides."""

    AUTHENTICATED = "the server is authenticated"
    NOT_APPLICABLE = "DANE says nothing: go on with the path and the names of `references`"
    REFUSED = "the connection must be ended, or not be made"


@dataclass(frozen=True, slots=True)
class DaneVerdict:
    """The decision, why, and by which record.

    `references` are the domains one of which the certificate must be for where DANE does not apply: the domain of
    the service, and the host SRV led to if that answer was secure (RFC 7673 section 4.1).
    """

    outcome: DaneOutcome
    reason: str
    section: str
    record: TlsaRecord | None = None
    references: tuple[str, ...] = ()


def tlsa_name(target: str, port: int) -> str:
    """Give the name to ask for TLSA records: the host and port of the SRV record (RFC 7673 section 3.3).

    Raises `LocalProtocolError` for what is no domain.
    """
    return f"_{port}._tcp.{reference(target, Role.S2S_RECEIVING).host}"


def check_dane(
    records: Iterable[TlsaRecord],
    *,
    dnssec: Dnssec,
    srv: Dnssec,
    chain: Sequence[bytes],
    role: Role,
    domain: str,
    target: str,
    now: float,
    path: Path | None = None,
) -> DaneVerdict:
    """Judge the chain TLS showed, DER with the end entity first, by the TLSA records of the host.

    `dnssec` is the state of their answer and `srv` that of the SRV records that led from `domain` to `target`;
    without secure SRV records nothing here applies. `path` is a path to the anchors trusted otherwise, None if there
    is none. `now` counts seconds since 1970 in UTC. Raises `LocalProtocolError` for what is no domain, and
    `ChainUnavailable` where usage DANE-TA needs a newer cryptography.
    """
    if srv in (Dnssec.BOGUS, Dnssec.INDETERMINATE):
        return _refused("the SRV records are not what the domain published", "RFC 7673 section 3.1")
    if srv is Dnssec.INSECURE:
        # The host is as good as anybody's: RFC 7673 section 4.1 forbids its name.
        return _not_applicable("the SRV records are not secured", "RFC 7673 section 3.1", (domain,))
    if dnssec in (Dnssec.BOGUS, Dnssec.INDETERMINATE):
        return _refused("the TLSA records are not what the host published", "RFC 7673 section 3.4")
    both = tuple(dict.fromkeys((domain, target)))
    if dnssec is Dnssec.INSECURE:
        return _not_applicable("the TLSA records are not secured", "RFC 7673 section 3.4", both)
    usable = [one for one in dict.fromkeys(records) if one.usable]
    if not usable:
        return _not_applicable("no TLSA record can be used", "RFC 7673 section 4.1", both)
    if not chain:
        return _refused("the server showed no certificate", "RFC 6698 section 4.1")
    asked = _Asked(tuple(chain), role, domain, target, now, path)
    for record in _strongest(usable)[:_MOST_RECORDS]:
        if asked.satisfies(record):
            section = "RFC 7671 section 5.1" if record.usage == _DANE_EE else "RFC 6698 section 2.1.1"
            return DaneVerdict(DaneOutcome.AUTHENTICATED, _WORDS[record.usage], section, record)
    return _refused("the certificate satisfies no TLSA record", "RFC 6698 section 4.1")


_WORDS: Final = {
    _PKIX_TA: "an authority of the path is the one the host allows, and the certificate is for the server",
    _PKIX_EE: "the certificate is the one the host allows, and a trusted authority vouches for it",
    _DANE_TA: "an authority the host names vouches for the certificate, which is for the server",
    _DANE_EE: "the certificate is the one the host names; its names and dates do not count",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    chain: tuple[bytes, ...]
    role: Role
    domain: str
    target: str
    now: float
    path: Path | None

    def satisfies(self, record: TlsaRecord) -> bool:
        if record.usage == _DANE_EE:
            return record.matches(self.chain[0])
        if record.usage == _DANE_TA:
            return self._by_anchor(record)
        if self.path is None or self.path.certificates[0] != self.chain[0]:
            return False
        if record.usage == _PKIX_EE:
            found = record.matches(self.chain[0])
        else:
            found = any(record.matches(one) for one in self.path.certificates[1:])
        return found and self._is_named()

    def _by_anchor(self, record: TlsaRecord) -> bool:
        """RFC 7671 section 5.2: the authority is in the chain, or whole in the record."""
        anchors = [one for one in self.chain[1:] if record.matches(one)]
        if (record.selector, record.matching) == (_CERTIFICATE, _FULL):
            anchors.append(record.data)
        if not anchors or not self._is_named():
            return False
        return isinstance(verify_chain(self.chain, anchors=anchors, role=self.role, now=self.now), Path)

    def _is_named(self) -> bool:
        """RFC 7673 section 4: the domain of the service by any of its names, or the host by dNSName."""
        report = examine(self.chain, role=self.role, domain=self.domain, now=self.now, trusted=True)
        if not report.sound:
            return False
        if report.matches:
            return True
        named = examine(self.chain, role=self.role, domain=self.target, now=self.now, trusted=True).matches
        return any(one.name.kind is NameKind.DNS_NAME for one in named)


def _strongest(records: Sequence[TlsaRecord]) -> list[TlsaRecord]:
    """Leave out digests for which there is a stronger one of the same usage and selector (RFC 7671 section 9)."""
    best: dict[tuple[int, int], int] = {}
    for one in records:
        if one.matching != _FULL:
            key = (one.usage, one.selector)
            best[key] = max(best.get(key, 0), one.matching)
    kept = [one for one in records if one.matching in (_FULL, best.get((one.usage, one.selector)))]
    # What asks for the least first: the answer is the same, and nothing is built that need not be.
    return sorted(kept, key=lambda one: -one.usage)


def _refused(reason: str, section: str) -> DaneVerdict:
    return DaneVerdict(DaneOutcome.REFUSED, reason, section)


def _not_applicable(reason: str, section: str, references: tuple[str, ...]) -> DaneVerdict:
    return DaneVerdict(DaneOutcome.NOT_APPLICABLE, reason, section, references=references)
