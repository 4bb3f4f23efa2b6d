"""XMPP addresses (RFC 7622, RFC 6122): immutable, prepared, compared by their prepared parts."""

from __future__ import annotations

from ..strings.escaping import escape_localpart, unescape_localpart
from .address import JID, KNOWN_GOOD, is_address
from .errors import JIDError
from .explanation import Explained, explain
from .migration import Collision, Disagreement, Disagreements, disagreements
from .mimicry import look_alikes, mixed_parts
from .rules import RFC6122, RFC6122_QUERY, RFC7622, Rules, part_steps

__all__ = [
    "JID",
    "KNOWN_GOOD",
    "RFC6122",
    "RFC6122_QUERY",
    "RFC7622",
    "Collision",
    "Disagreement",
    "Disagreements",
    "Explained",
    "JIDError",
    "Rules",
    "disagreements",
    "escape_localpart",
    "explain",
    "is_address",
    "look_alikes",
    "mixed_parts",
    "part_steps",
    "unescape_localpart",
]
