"""Whom a client or server certificate logs in, by the rules alone (XEP-0178, RFC 6120 section 13.7.2)."""

from __future__ import annotations

from ..sasl.conditions import SaslCondition
from ..sasl.logins import Authorized, Denied
from ..stream.context import Kind
from .logins import CertificateLogin

__all__ = ["by_certificate"]


def by_certificate(question: CertificateLogin) -> Authorized | Denied:
    """Answer `CertificateLogin` by what stands in the certificate; what TLS verified is not verified again.

    Whether there is such an account is not known here: a host that cares answers itself.
    """
    # Reading certificates is for the few logins that have one.
    from .. import identity

    if question.kind is Kind.C2S:
        role, domain, stream_from = identity.Role.C2S_CLIENT, question.domain, question.claimed
    elif question.claimed is None:
        return Denied(SaslCondition.NOT_AUTHORIZED, "the peer does not say which domain it is")
    else:
        role, domain, stream_from = identity.Role.S2S_INITIATING, question.claimed, None
    report = identity.examine(question.certificates, role=role, domain=domain.domain, now=None, trusted=True)
    found = identity.authorize(report, question.authzid, domain.domain, stream_from=stream_from)
    if isinstance(found, identity.Denied):
        return Denied(SaslCondition.named(found.condition), found.reason)
    return Authorized(found.jid)
