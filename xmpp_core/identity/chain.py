"""Building a path to a trust anchor and validating it (RFC 5280 section 6), by a policy that is spelt out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ..errors import XMPPError
from .certificate import CertificateError, read_certificate
from .matching import Role
from .policy import fits_purpose, too_weak

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.x509 import verification

__all__ = ["MOST_CERTIFICATES", "ChainUnavailable", "NoPath", "Path", "verify_chain"]

MOST_CERTIFICATES: Final = 16
"""How many certificates of a peer are looked at."""
_NEEDED: Final = "45"


class ChainUnavailable(XMPPError):
    """The installed `cryptography` cannot judge paths by a policy of ours; the text names the version that can."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path that is valid: DER of the end entity first, the trust anchor last.

    `end` is when the first of its certificates expires, in seconds since 1970 in UTC: a stream that lives so long is
    closed then with `reset` (RFC 6120 section 13.7.2.3).
    """

    certificates: tuple[bytes, ...] = field(repr=False)
    end: int


@dataclass(frozen=True, slots=True)
class NoPath:
    """There is no valid path. `detail` is what the library said and may hold names out of the certificates."""

    reason: str
    detail: str = ""


def verify_chain(
    certificates: Sequence[bytes], *, anchors: Sequence[bytes], role: Role, now: float, depth: int = 8
) -> Path | NoPath:
    """Find a path from the first certificate, over any of the others, to one of the anchors; all of them DER.

    Names are not looked at: that is what `examine` does, whose `trusted` this decides. `now` counts seconds since
    1970 in UTC, `depth` the issuers between end entity and anchor. Revocation is not checked. Keys and signatures
    are those of the Web PKI: RSA from 2048 bits on and the NIST curves, with SHA-2. Raises `ChainUnavailable`
    where cryptography is older than 45, and nothing for what a peer sent.
    """
    builder = _policy(role)
    if not certificates:
        return NoPath("there is no certificate")
    if not anchors:
        return NoPath("no authority is trusted")
    if len(certificates) > MOST_CERTIFICATES:
        return NoPath(f"there are more than {MOST_CERTIFICATES} certificates")
    try:
        # What this reader refuses the library may take: nothing is trusted that cannot be reported.
        first, *_ = [read_certificate(one) for one in certificates]
    except CertificateError as error:
        return NoPath(f"a certificate cannot be read: {error}")
    from cryptography import x509
    from cryptography.x509.verification import Store, VerificationError

    try:
        leaf, *others = (x509.load_der_x509_certificate(one) for one in certificates)
        store = Store([x509.load_der_x509_certificate(one) for one in anchors])
        moment = leaf.not_valid_before_utc
        # The class is not imported: nothing here may ask what time it is.
        builder = builder.time(moment.fromtimestamp(now, moment.tzinfo)).store(store).max_chain_depth(depth)
        found = builder.build_client_verifier().verify(leaf, others).chain
    except VerificationError as error:
        return NoPath(_words(first.begin, first.end, now), str(error))
    except Exception as error:  # whatever a library makes of hostile octets, there is no path
        return NoPath("a certificate or a trust anchor cannot be used", type(error).__name__)
    from cryptography.hazmat.primitives.serialization import Encoding

    path = tuple(one.public_bytes(Encoding.DER) for one in found)
    # The library asks issuers alone for the length of their keys. An anchor is trusted as it is.
    if any(too_weak(read_certificate(one)) for one in path[:-1]):
        return NoPath("a key or a signature in the path is too weak")
    return Path(path, min(int(one.not_valid_after_utc.timestamp()) for one in found))


def _words(begin: int, end: int, now: float) -> str:
    if now > end:
        return "the certificate has expired"
    if now < begin:
        return "the certificate is not valid yet"
    return "no valid path leads from the certificate to a trusted authority"


def _policy(role: Role) -> verification.PolicyBuilder:
    """Say what extensions a path of this role may have.

    What the library has for the Web PKI, with three differences: extKeyUsage follows `fits_purpose`, so that a
    server's certificate without clientAuth may initiate streams; subjectAltName may be missing or critical, as
    accounts may be found by other means; authorityKeyIdentifier may be missing, as in-house authorities leave it
    out. A verifier of servers would insist on a dNSName, so the one of clients serves both.
    """
    try:
        from cryptography import x509
        from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder
    except ImportError:
        raise ChainUnavailable(
            f"paths are verified by cryptography {_NEEDED} or newer: pip install 'cryptography>={_NEEDED}'"
        ) from None

    def purpose(_: object, __: object, usage: x509.ExtendedKeyUsage | None) -> None:
        if not fits_purpose(None if usage is None else [one.dotted_string for one in usage], role):
            raise ValueError("a certificate of the path is not made for this purpose")

    issuers = (
        ExtensionPolicy.webpki_defaults_ca()
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, purpose)
        .may_be_present(x509.AuthorityKeyIdentifier, Criticality.NON_CRITICAL, None)
    )
    end_entity = (
        ExtensionPolicy.webpki_defaults_ee()
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, purpose)
        .may_be_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)
        .may_be_present(x509.AuthorityKeyIdentifier, Criticality.NON_CRITICAL, None)
    )
    try:
        # No policy is asked for, so a list of them may be there, critical too (RFC 5280 section 4.2.1.4).
        issuers = issuers.may_be_present(x509.CertificatePolicies, Criticality.AGNOSTIC, None)
        end_entity = end_entity.may_be_present(x509.CertificatePolicies, Criticality.AGNOSTIC, None)
    except ValueError:
        pass  # earlier versions cannot be told: a critical one has no path there
    return PolicyBuilder().extension_policies(ca_policy=issuers, ee_policy=end_entity)
