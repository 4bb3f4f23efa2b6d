"""The conditions with which a receiving entity refuses an authentication (RFC 6120 section 6.5)."""

from __future__ import annotations

import enum

__all__ = ["SaslCondition"]


class SaslCondition(enum.Enum):
    """A SASL error of RFC 6120 section 6.5; the value is the name of its element.

    A condition that is none of these counts as `NOT_AUTHORIZED` (section 6.5).
    """

    ABORTED = "aborted"
    ACCOUNT_DISABLED = "account-disabled"
    CREDENTIALS_EXPIRED = "credentials-expired"
    ENCRYPTION_REQUIRED = "encryption-required"
    INCORRECT_ENCODING = "incorrect-encoding"
    INVALID_AUTHZID = "invalid-authzid"
    INVALID_MECHANISM = "invalid-mechanism"
    MALFORMED_REQUEST = "malformed-request"
    MECHANISM_TOO_WEAK = "mechanism-too-weak"
    NOT_AUTHORIZED = "not-authorized"
    TEMPORARY_AUTH_FAILURE = "temporary-auth-failure"

    @classmethod
    def named(cls, name: str) -> SaslCondition:
        """Give the condition of this name, `NOT_AUTHORIZED` for a name the RFC does not define."""
        try:
            return cls(name)
        except ValueError:
            return cls.NOT_AUTHORIZED
