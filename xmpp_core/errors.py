"""Exceptions that leave the package.

Only a caller who misuses an interface sees an exception. What a peer does wrong becomes events
and bytes (RFC 6120 sections 4.9, 6.5 and 8.3), never an exception out of a `Connection`.
"""

from __future__ import annotations

__all__ = [
    "ConnectionClosed",
    "LocalProtocolError",
    "PayloadError",
    "UnsafeExpat",
    "WriteError",
    "XMPPError",
]


class XMPPError(Exception):
    """Base of every exception this package defines."""


class LocalProtocolError(XMPPError):
    """The caller asked for something the protocol or the present state forbids.

    Nothing was sent and nothing changed: the call may be corrected and made again.
    """


class ConnectionClosed(LocalProtocolError):
    """A stanza was sent after the connection had ended."""


class WriteError(LocalProtocolError, ValueError):
    """A tree cannot be written as XML 1.0: an illegal character, name or nesting.

    RFC 6120 section 11 asks that nothing but well-formed restricted XML leave an entity.
    """


class PayloadError(XMPPError, ValueError):
    """A payload breaks the rules of its specification.

    `path` says where, `rule` says which rule with its section, and `condition` is the stanza error
    condition (RFC 6120 section 8.3.3) to answer with. Neither text holds bytes of the peer.
    """

    def __init__(self, path: str, rule: str, condition: str = "bad-request") -> None:
        super().__init__(f"{path}: {rule}")
        self.path = path
        self.rule = rule
        self.condition = condition


class UnsafeExpat(XMPPError):
    """The expat of this interpreter accepts what XML forbids, so no stream may be parsed with it."""
