"""Last user interaction: since when nobody has touched a client.

XEP-0319, version 1.0.2, Draft; sections 2 and 3.
"""

from __future__ import annotations

from typing import Final

from ..payload import XMPP_DATETIME, Spec, attribute, datetime, payload

__all__ = ["NAMESPACE", "SPEC", "Idle"]

SPEC: Final = Spec(319, "1.0.2", "Draft", "Last User Interaction in Presence")
NAMESPACE: Final = "urn:xmpp:idle:1"


@payload(NAMESPACE, "idle")
class Idle:
    """In presence: idle since then (section 2.1); without it, not idle (section 2.2)."""

    since: datetime = attribute(codec=XMPP_DATETIME)
