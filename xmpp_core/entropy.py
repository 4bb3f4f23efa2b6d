"""Where unguessable values come from. The only module that touches the system's generator."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable

__all__ = ["Entropy", "system", "token"]

Entropy = Callable[[int], bytes]
"""Takes a number of octets, gives that many unpredictable octets. Injected, so that runs can repeat."""


def system(octets: int) -> bytes:
    """Give `octets` octets from the operating system's generator."""
    return secrets.token_bytes(octets)


def token(entropy: Entropy, octets: int = 16) -> str:
    """Give an identifier of `octets` octets of entropy, as URL-safe base64 without padding.

    16 octets are the 128 bits that RFC 6120 section 4.7.3 (by RFC 4086) asks of a stream id.
    """
    return base64.urlsafe_b64encode(entropy(octets)).rstrip(b"=").decode("ascii")
