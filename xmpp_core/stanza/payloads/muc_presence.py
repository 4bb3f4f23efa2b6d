"""Presence from a room, read: who it is about, and what became of him.

XEP-0045, version 1.35.5, Draft; sections 7 to 11.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from ...jid import JID
from ..payload import Spec
from ..presence import Presence
from .muc import Affiliation, Role, Room
from .muc_codes import StatusCode

__all__ = ["SPEC", "Exit", "OccupantPresence", "occupant_presence"]

SPEC: Final = Spec(45, "1.35.5", "Draft", "Multi-User Chat")


class Exit(Enum):
    """Why an occupant is no longer where he was."""

    LEFT = "left"
    """Of his own will (section 7.14), or as the connection broke: a room does not tell these apart."""
    RENAMED = "renamed"
    """He is still there, by another nickname (section 7.6)."""
    KICKED = "kicked"
    BANNED = "banned"
    AFFILIATION = "affiliation"
    """His affiliation changed (section 9.4)."""
    NOT_MEMBER = "not member"
    """The room is for members only now (section 10.2)."""
    DESTROYED = "destroyed"
    """The room is no more (section 10.9)."""
    SHUTDOWN = "shutdown"
    """The service shuts down (section 11.2)."""
    ERROR = "error"
    """Stanzas to him came back as errors (section 11.1)."""


# In this order, as several codes may stand together: of 333 and 307 the former counts (section 11.1).
_EXITS: Final = (
    (StatusCode.NICK_CHANGED, Exit.RENAMED),
    (StatusCode.REMOVED_BY_ERROR, Exit.ERROR),
    (StatusCode.REMOVED_BY_SHUTDOWN, Exit.SHUTDOWN),
    (StatusCode.BANNED, Exit.BANNED),
    (StatusCode.REMOVED_BY_AFFILIATION, Exit.AFFILIATION),
    (StatusCode.REMOVED_AS_NO_MEMBER, Exit.NOT_MEMBER),
    (StatusCode.KICKED, Exit.KICKED),
)


@dataclass(frozen=True, slots=True)
class OccupantPresence:
    """What one presence from a room says."""

    room: JID
    nick: str
    """Whose presence it is; the old nickname of one who is renamed."""
    own: bool
    """Whether it is the user's own (code 110, section 7.2.2)."""
    exit: Exit | None
    """Why he is gone; None: he is there."""
    affiliation: Affiliation
    role: Role
    jid: JID | None
    """Who it really is, if the room says."""
    new_nick: str | None
    reason: str | None
    actor: str | None
    """Who did it: the nickname, or the address where there is none."""
    alternative: JID | None
    """The room to go to instead of a destroyed one."""
    created: bool
    """Whether the room was made by entering it, and waits for its configuration (section 10.1)."""
    codes: frozenset[int]
    """All the codes there were."""


def occupant_presence(presence: Presence) -> OccupantPresence | None:
    """Read presence from a room; None for an error, for a type that is no presence of an occupant, and for none.

    It is the sender's word: whether a room is there at that address, and was entered, is the reader's to know.
    Raises `PayloadError` for a payload that breaks its rules.
    """
    sender = presence.from_
    if presence.type not in (None, "unavailable") or sender is None or sender.resource is None:
        return None
    said = presence.get(Room)
    if said is None:
        return None
    codes, item = frozenset(said.statuses), said.item
    end = None
    if presence.type == "unavailable":
        end = next((found for code, found in _EXITS if code in codes), Exit.LEFT)
        if said.destroy is not None:
            end = Exit.DESTROYED
    actor = item.actor
    return OccupantPresence(
        room=sender.bare,
        nick=sender.resource,
        own=StatusCode.SELF in codes,
        exit=end,
        affiliation=item.affiliation or Affiliation.NONE,
        role=item.role or Role.NONE,
        jid=item.jid,
        new_nick=item.nick if end is Exit.RENAMED else None,
        reason=said.destroy.reason if said.destroy is not None else item.reason,
        actor=None if actor is None else actor.nick or (None if actor.jid is None else str(actor.jid)),
        alternative=None if said.destroy is None else said.destroy.jid,
        created=StatusCode.CREATED in codes,
        codes=codes,
    )
