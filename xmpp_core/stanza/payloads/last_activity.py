"""Last activity: for how long an account has been offline, a client idle, a server up.

XEP-0012, version 2.0, Final; sections 2 to 5 and 8.
"""

from __future__ import annotations

from typing import Final

from ..conditions import StanzaError
from ..payload import UNSIGNED_LONG, Spec, attribute, payload, text

__all__ = ["NAMESPACE", "SPEC", "LastActivity", "answer_for_account", "answer_of_client"]

SPEC: Final = Spec(12, "2.0", "Final", "Last Activity")
NAMESPACE: Final = "jabber:iq:last"


@payload(NAMESPACE, "query")
class LastActivity:
    """A question (an empty one), or the answer (section 2).

    From an account: the seconds since it was last online, and its last status (section 3). From a client: those since
    its user last did something (section 4). From a server: those it has been running (section 5).
    """

    seconds: int | None = attribute(codec=UNSIGNED_LONG, default=None)
    status: str = text(default="")


def answer_for_account(
    *, authorized: bool, online: bool, seconds: int | None = None, status: str = ""
) -> LastActivity | StanzaError:
    """Give what a server answers for an account that is asked at its bare address (sections 3 and 8).

    `authorized` says whether who asks may see its presence: he learns nothing otherwise. `online` says whether a
    client of it is. `seconds` is the time since it left, None if it never was there.
    """
    if not authorized:
        return StanzaError("forbidden")
    if online:
        return LastActivity(0)
    return StanzaError("item-not-found") if seconds is None else LastActivity(seconds, status)


def answer_of_client(idle: int | None) -> LastActivity | StanzaError:
    """Give what a client answers that has been idle for so many seconds; None: its user does not tell (section 4)."""
    return StanzaError("service-unavailable") if idle is None else LastActivity(idle)
