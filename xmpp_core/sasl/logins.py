"""What a server asks where the mechanism cannot tell who the client is: certificates, tokens, nobody at all.

The answer names the account. Whether that account may act as the identity asked for is part of the
question: who answers has both before him.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ..errors import LocalProtocolError
from ..jid import JID
from .conditions import SaslCondition

__all__ = [
    "MOST_TOKENS",
    "AnonymousRequest",
    "Authorized",
    "BearerDenied",
    "BearerRequest",
    "CertificateRequest",
    "Denied",
    "LoginAnswer",
    "StoredTokens",
    "TokensRequest",
]

MOST_TOKENS: Final = 16
"""Tokens of one user that are compared."""


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """Whose certificate did TLS show, and may he act as `authzid`? Answered by `Authorized` or `Denied`.

    `authzid` None: the client leaves it to the certificate (RFC 6120 section 6.3.8, XEP-0178).
    """

    authzid: str | None


@dataclass(frozen=True, slots=True)
class AnonymousRequest:
    """Which temporary account does this client get? Answered by `Authorized` or `Denied` (XEP-0175 section 3).

    `trace` is for tracing and for nothing else.
    """

    trace: str | None


@dataclass(frozen=True, slots=True)
class BearerRequest:
    """Whose token is this, and may he act as `authzid`? Answered by `Authorized`, `BearerDenied` or `Denied`."""

    token: str = field(repr=False, metadata={"secret": True})
    authzid: str | None
    mechanism: str


@dataclass(frozen=True, slots=True)
class TokensRequest:
    """Asks for the tokens of a user that were issued for `mechanism`.

    Answered by `StoredTokens`, `NoSuchUser`, `Disabled` or `Unavailable`.
    """

    username: str
    mechanism: str


@dataclass(frozen=True, slots=True)
class Authorized:
    """The client is this account or server: a bare address."""

    jid: JID

    def __post_init__(self) -> None:
        if self.jid.resource is not None:
            raise LocalProtocolError("what logs in has no resource yet")


@dataclass(frozen=True, slots=True)
class Denied:
    """The client may not log in this way; `condition` is what it is told (RFC 6120 section 6.5)."""

    condition: SaslCondition = SaslCondition.NOT_AUTHORIZED
    reason: str = "the client is not entitled to that identity"
    """For people on this side; never sent."""


@dataclass(frozen=True, slots=True)
class BearerDenied:
    """The token will not do; the client is told why before it fails (RFC 7628 section 3.2.2)."""

    status: str = "invalid_token"
    """An error code of the OAuth Extensions Error Registry."""
    scope: str | None = None
    openid_configuration: str | None = None
    """An https address of the document that says where tokens are to be had."""


LoginAnswer: TypeAlias = Authorized | Denied


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """The tokens a user holds for one mechanism, and those whose time is over.

    A right proof with an expired one earns `credentials-expired` (XEP-0484), a wrong one `not-authorized`.
    """

    valid: tuple[str, ...] = field(default=(), repr=False, metadata={"secret": True})
    expired: tuple[str, ...] = field(default=(), repr=False, metadata={"secret": True})

    def __post_init__(self) -> None:
        if len(self.valid) + len(self.expired) > MOST_TOKENS:
            raise LocalProtocolError(f"more than {MOST_TOKENS} tokens to compare")
        if not all((*self.valid, *self.expired)):
            raise LocalProtocolError("an empty token")
