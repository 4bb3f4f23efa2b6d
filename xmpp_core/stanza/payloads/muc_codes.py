"""The status codes of multi-user chat, and what they mean.

XEP-0045, version 1.35.5, Draft; sections 12 and 16.6.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, Self

from ..payload import Spec

__all__ = ["SPEC", "StatusCode"]

SPEC: Final = Spec(45, "1.35.5", "Draft", "Multi-User Chat")


class StatusCode(IntEnum):
    """A registered status code (section 16.6.2); a number, with its `meaning`."""

    meaning: str
    """What it tells, in words."""

    def __new__(cls, code: int, meaning: str = "") -> Self:
        """Make a member of the number that is on the wire."""
        made = int.__new__(cls, code)
        made._value_ = code
        made.meaning = meaning
        return made

    ANYONE_SEES_JIDS = 100, "every occupant may see the full address of the user"
    AFFILIATION_CHANGED = 101, "the affiliation changed while the user was away"
    SHOWS_UNAVAILABLE = 102, "the room now shows unavailable members"
    HIDES_UNAVAILABLE = 103, "the room no longer shows unavailable members"
    CONFIGURATION_CHANGED = 104, "the configuration changed in a way that does not touch privacy"
    SELF = 110, "the presence is the user's own"
    LOGGING = 170, "what is said is logged from now on"
    NOT_LOGGING = 171, "what is said is no longer logged"
    NON_ANONYMOUS = 172, "the room is now non-anonymous"
    SEMI_ANONYMOUS = 173, "the room is now semi-anonymous"
    CREATED = 201, "the room was created"
    NICK_ASSIGNED = 210, "the service gave or changed the nickname"
    BANNED = 301, "the user was banned"
    NICK_CHANGED = 303, "the occupant has a new nickname"
    KICKED = 307, "the user was kicked"
    REMOVED_BY_AFFILIATION = 321, "the user is removed, as the affiliation changed"
    REMOVED_AS_NO_MEMBER = 322, "the user is removed, as the room is now for members only"
    REMOVED_BY_SHUTDOWN = 332, "the user is removed, as the service shuts down"
    REMOVED_BY_ERROR = 333, "the user was removed after an error came back"
