"""EXTERNAL: who the client is was proved outside SASL, by its certificate (RFC 4422 appendix A, XEP-0178)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..errors import LocalProtocolError
from .conditions import SaslCondition
from .credentials import Certificate
from .logins import Authorized, CertificateRequest, Denied
from .mechanism import (
    Authenticated,
    ClientOutcome,
    Failed,
    Need,
    Refusal,
    RefusalReason,
    Respond,
    SaslContext,
    ServerOutcome,
    Strength,
    aborted,
)
from .one_message import MessageSent, OneMessage

__all__ = ["Asked", "Asking", "ExternalClient", "ExternalServer"]

_MOST_AUTHZID: Final = 3071
"""Octets of the longest bare address: two parts of 1023 octets and "@", with room to spare for other forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalClient(OneMessage):
    """EXTERNAL, the initiating side; TLS proves the server. Without `authzid` the certificate says who we are.

    Raises `LocalProtocolError` for an authorization identity that is empty, too long, or has a NUL.
    """

    credentials: Certificate
    authzid: str | None = None

    def __post_init__(self) -> None:
        if self.authzid is None:
            return
        try:
            octets = len(self.authzid.encode())
        except UnicodeEncodeError:
            raise LocalProtocolError("the authorization identity is no Unicode text") from None
        if not 0 < octets <= _MOST_AUTHZID or "\0" in self.authzid:
            raise LocalProtocolError("an authorization identity is not empty and has no NUL (RFC 4422 section 3.4.1)")

    @property
    def name(self) -> str:
        """`EXTERNAL`."""
        return "EXTERNAL"

    @property
    def strength(self) -> int:
        """Above every password: the private key never leaves the client."""
        return Strength.CERTIFICATE

    @property
    def binds(self) -> bool:
        """Never: it is the channel that proves the client, so there is nothing to bind."""
        return False

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Refuse without TLS. Whether our certificate is good enough only the server can tell."""
        return None if context.secure else Refusal(RefusalReason.NOT_SECURE, "EXTERNAL needs TLS")

    def start(self, context: SaslContext) -> ClientOutcome:
        """Send the authorization identity, or no octets (RFC 6120 section 6.3.8)."""
        refusal = self.refusal(context)
        if refusal is not None:
            return aborted(refusal.text)
        return Respond((self.authzid or "").encode(), MessageSent(self.name))


@dataclass(frozen=True, slots=True)
class Asked:
    """Server: an empty challenge has asked for the message the client did not send at once."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Server: whose certificate it is, and whether he may act as `authzid`, is being asked."""

    authzid: str | None


@dataclass(frozen=True, slots=True)
class ExternalServer:
    """EXTERNAL, the receiving side."""

    @property
    def name(self) -> str:
        """`EXTERNAL`."""
        return "EXTERNAL"

    @property
    def strength(self) -> int:
        """Above every password."""
        return Strength.CERTIFICATE

    @property
    def binds(self) -> bool:
        """Never."""
        return False

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Refuse without a certificate of the client that was verified (RFC 6120 section 6.3.4)."""
        if context.secure and context.certified:
            return None
        return Refusal(RefusalReason.NO_CREDENTIALS, "the client showed no certificate that could be verified")

    def start(self, initial: bytes | None, context: SaslContext) -> ServerOutcome:
        """Take the authorization identity, or ask for it."""
        return Respond(b"", Asked()) if initial is None else _message(initial)

    def responded(self, state: object, data: bytes, context: SaslContext) -> ServerOutcome:
        """Take the message that had to be asked for."""
        if not isinstance(state, Asked):
            raise LocalProtocolError("no state of EXTERNAL that waits for the client")
        return _message(data)

    def answered(self, state: object, value: object, context: SaslContext) -> ServerOutcome:
        """Take whose certificate it is."""
        if not isinstance(state, Asking):
            raise LocalProtocolError("no state of EXTERNAL that waits for an answer")
        match value:
            case Authorized():
                return Authenticated(str(value.jid), str(value.jid))
            case Denied():
                return Failed(value.condition, value.reason)
        raise LocalProtocolError("the answer to a CertificateRequest is Authorized or Denied")

    def resumed(self, state: object, context: SaslContext) -> ServerOutcome | None:
        """Ask again, or wait for the client."""
        match state:
            case Asking():
                return Need(CertificateRequest(state.authzid), state)
            case Asked():
                return None
        raise LocalProtocolError("no state of EXTERNAL")


def _message(data: bytes) -> ServerOutcome:
    try:
        authzid = data.decode()
    except UnicodeDecodeError:
        return Failed(SaslCondition.MALFORMED_REQUEST, "the message breaks RFC 4422 appendix A: not UTF-8")
    if "\0" in authzid or len(data) > _MOST_AUTHZID:
        return Failed(SaslCondition.MALFORMED_REQUEST, "the message breaks RFC 4422 appendix A: a NUL, or too long")
    return Need(CertificateRequest(authzid or None), Asking(authzid or None))
