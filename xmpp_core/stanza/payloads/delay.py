"""Delayed delivery: when a stanza was first sent, and who kept it.

XEP-0203, version 2.0, Final; sections 2 to 5.
"""

from __future__ import annotations

from typing import Final

from ...jid import JID
from ..payload import XMPP_DATETIME, Spec, attribute, datetime, payload, text

__all__ = ["NAMESPACE", "SPEC", "Delay"]

SPEC: Final = Spec(203, "2.0", "Final", "Delayed Delivery")
NAMESPACE: Final = "urn:xmpp:delay"


@payload(NAMESPACE, "delay")
class Delay:
    """When a stanza was sent first (section 2). Anyone can write one: judge it by who vouches for it (section 5)."""

    stamp: datetime = attribute(codec=XMPP_DATETIME)
    """The moment, with its zone."""
    from_: JID | None = attribute("from", default=None)
    """Who delayed it: a server, a room."""
    reason: str = text(default="")
    """Why, for people."""
