"""Stanza forwarding: a stanza inside another.

XEP-0297, version 1.0, Draft; sections 3 and 7.
"""

from __future__ import annotations

from typing import Final

from ..iq import IQ
from ..message import Message
from ..payload import Spec, child, choice, payload
from ..presence import Presence
from .delay import Delay

__all__ = ["NAMESPACE", "SPEC", "Forwarded"]

SPEC: Final = Spec(297, "1.0", "Draft", "Stanza Forwarding")
NAMESPACE: Final = "urn:xmpp:forward:0"


@payload(NAMESPACE, "forwarded")
class Forwarded:
    """A stanza that somebody passes on, as he says it was (section 3): no more than his word (section 7.1).

    It is never handled as if it had been received itself.
    """

    stanza: Message | Presence | IQ = choice(Message, Presence, IQ)
    delay: Delay | None = child(Delay, default=None)
    """When whoever forwards it received it."""
