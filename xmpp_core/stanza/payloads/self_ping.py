"""Self-ping: whether we are still in a room, from the answer to a ping to our own nickname.

XEP-0410, version 1.1.0, Draft; sections 3 and 4.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ..iq import IQ
from ..payload import Spec

__all__ = ["SELF_PING_OPTIMIZATION", "SPEC", "Joined", "judge"]

SPEC: Final = Spec(410, "1.1.0", "Draft", "MUC Self-Ping (Schrödinger's Chat)")
SELF_PING_OPTIMIZATION: Final = "http://jabber.org/protocol/muc#self-ping-optimization"
"""The feature of a room that answers such pings itself (section 3.3)."""


class Joined(Enum):
    """What the answer means for a client (section 3.2)."""

    YES = "yes"
    NO = "no"
    """Probably not: enter again."""
    UNKNOWN = "unknown"
    """Nothing follows from it: ping again after a while."""


_CONDITIONS: Final = {
    "service-unavailable": Joined.YES,
    "feature-not-implemented": Joined.YES,
    "item-not-found": Joined.YES,  # the nickname has just changed
    "remote-server-not-found": Joined.UNKNOWN,
    "remote-server-timeout": Joined.UNKNOWN,
}


def judge(answer: IQ | None) -> Joined:
    """Say what the answer to a self-ping means; None: no answer came in time (section 3.2)."""
    if answer is None:
        return Joined.UNKNOWN
    if not answer.is_error:
        return Joined.YES
    error = answer.error
    return Joined.NO if error is None else _CONDITIONS.get(error.condition, Joined.NO)
