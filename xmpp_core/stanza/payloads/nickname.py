"""Nicknames: what somebody calls himself.

XEP-0172, version 1.1, Draft; sections 3, 4 and 7.
"""

from __future__ import annotations

from typing import Final

from ..payload import Spec, payload, text

__all__ = ["NAMESPACE", "SPEC", "Nickname"]

SPEC: Final = Spec(172, "1.1", "Draft", "User Nickname")
NAMESPACE: Final = "http://jabber.org/protocol/nick"
"""The namespace, and the node."""


@payload(NAMESPACE, "nick")
class Nickname:
    """A name of the sender's own choice (section 3): in a subscription request, a first message, an event (section 4).

    Never in presence that is broadcast (section 4.1), and never a proof of who somebody is (section 7).
    """

    name: str = text(default="")
