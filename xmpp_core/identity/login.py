"""Whom a certificate logs in: the default answer for SASL EXTERNAL (XEP-0178, RFC 6120 section 13.7.2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ..jid import JID, JIDError
from .matching import Role
from .report import Report

__all__ = ["Authorized", "Decision", "Denied", "authorize"]


@dataclass(frozen=True, slots=True)
class Authorized:
    """The peer is this account or server: a bare address."""

    jid: JID


@dataclass(frozen=True, slots=True)
class Denied:
    """The peer may not log in with this certificate.

    `condition` is the SASL condition to fail with (RFC 6120 section 6.5); `reason` is for people here and holds
    nothing the peer wrote.
    """

    condition: str
    reason: str


Decision: TypeAlias = Authorized | Denied


def authorize(report: Report, authzid: str | None, domain: str, *, stream_from: JID | None = None) -> Decision:
    """Decide whom the certificate of the initiating entity logs in.

    `report` is of role `C2S_CLIENT` or `S2S_INITIATING`. `authzid` is None or empty where the client left it out.
    `domain` is the one that is served, or between servers the `from` of the stream header. `stream_from` is the
    `from` of a client's stream header, which chooses where the certificate names several accounts. Whether an
    account exists is for the host to say. Never raises for what a peer sent.
    """
    if report.role not in (Role.C2S_CLIENT, Role.S2S_INITIATING):
        return Denied("not-authorized", "the certificate was examined as one of a receiving entity")
    if not _same_domain(report, domain):
        return Denied("not-authorized", "the certificate was examined for another domain")
    if not report.sound:
        expired = report.trusted and [one.rule for one in report.faults] == ["expired"]
        return Denied("credentials-expired" if expired else "not-authorized", report.objection or "")
    asked = None
    if authzid:
        try:
            asked = JID(authzid)
        except JIDError:
            return Denied("invalid-authzid", "the authorization identity is no address")
        if asked.is_full:
            return Denied("invalid-authzid", "the authorization identity has a resourcepart")
    if report.role is Role.S2S_INITIATING:
        return _server(report, asked)
    return _client(report, asked, stream_from.bare if stream_from is not None else None)


def _server(report: Report, asked: JID | None) -> Decision:
    """XEP-0178 section 3, steps 10 and 11: the `from` counts, and must not be contradicted."""
    if not report.matches:
        return Denied("not-authorized", report.objection or "")
    server = JID(report.domain)
    if asked is not None and asked != server:
        return Denied("invalid-authzid", "the authorization identity is not the server of the stream header")
    return Authorized(server)


def _client(report: Report, asked: JID | None, announced: JID | None) -> Decision:
    """XEP-0178 section 2, steps 10 and 11."""
    accounts = report.accounts
    if not accounts:
        return Denied("not-authorized", "the certificate names no account of this domain")
    if asked is not None:
        if asked in accounts:
            return Authorized(asked)
        return Denied("invalid-authzid", "the certificate does not name the account asked for")
    if len(accounts) == 1:
        return Authorized(accounts[0])
    if announced in accounts and announced is not None:
        # RFC 6120 section 13.7.2.2.1, sub-case 2; without it XEP-0178 section 2, step 11, rule 2.
        return Authorized(announced)
    return Denied("invalid-authzid", "the certificate names several accounts, and none was asked for")


def _same_domain(report: Report, domain: str) -> bool:
    if domain == report.domain:
        return True
    try:
        return JID(domain).domain == report.domain
    except JIDError:
        return False
