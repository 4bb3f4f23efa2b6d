"""Where nonces come from (RFC 5802 section 5.1, RFC 4086)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ..entropy import Entropy
from .attributes import encode_base64

__all__ = ["NonceSource", "fresh_nonce"]

NonceSource: TypeAlias = Callable[[Entropy], str]
"""Makes printable ASCII without a comma. Replaced only to replay a published exchange."""


def fresh_nonce(entropy: Entropy) -> str:
    """Give a nonce of 18 octets of entropy, 24 characters."""
    return encode_base64(entropy(18))
