"""Multi-user chat: entering a room, what a room says of its occupants, and its administration.

XEP-0045, version 1.35.5, Draft; sections 5 to 11, 16 and 19.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

from ...jid import JID
from ..message import Message
from ..payload import (
    XMPP_DATETIME,
    Codec,
    Spec,
    attribute,
    child,
    child_attributes,
    child_text,
    children,
    choice,
    datetime,
    integer,
    payload,
)
from .forms import Form
from .muc_codes import StatusCode

__all__ = [
    "MUC",
    "MUC_ADMIN",
    "MUC_OWNER",
    "MUC_REGISTER",
    "MUC_REQUEST",
    "MUC_ROOMCONFIG",
    "MUC_ROOMINFO",
    "MUC_ROOMS_NODE",
    "MUC_TRAFFIC_NODE",
    "MUC_USER",
    "ROOMNICK_NODE",
    "SPEC",
    "Actor",
    "AdminActor",
    "AdminItem",
    "Affiliation",
    "Continue",
    "Decline",
    "Destroy",
    "Destroyed",
    "History",
    "Invite",
    "Item",
    "Join",
    "Role",
    "Room",
    "RoomAdmin",
    "RoomOwner",
    "is_subject",
]

SPEC: Final = Spec(45, "1.35.5", "Draft", "Multi-User Chat")
MUC: Final = "http://jabber.org/protocol/muc"
MUC_USER: Final = "http://jabber.org/protocol/muc#user"
MUC_ADMIN: Final = "http://jabber.org/protocol/muc#admin"
MUC_OWNER: Final = "http://jabber.org/protocol/muc#owner"
MUC_REGISTER: Final = "http://jabber.org/protocol/muc#register"
"""The FORM_TYPE of registration with a room (sections 7.10 and 16.5.1); the form is in `jabber:iq:register`."""
MUC_REQUEST: Final = "http://jabber.org/protocol/muc#request"
"""The FORM_TYPE of requests for voice (sections 7.13, 8.6 and 16.5.2)."""
MUC_ROOMCONFIG: Final = "http://jabber.org/protocol/muc#roomconfig"
"""The FORM_TYPE of the configuration of a room (sections 10.1 and 16.5.3)."""
MUC_ROOMINFO: Final = "http://jabber.org/protocol/muc#roominfo"
"""The FORM_TYPE of what a room says of itself (sections 6.4 and 16.5.4)."""
MUC_ROOMS_NODE: Final = "http://jabber.org/protocol/muc#rooms"
"""The node where a client says in which rooms its user is (section 6.7)."""
MUC_TRAFFIC_NODE: Final = "http://jabber.org/protocol/muc#traffic"
"""The node where a room says which namespaces it lets through (section 18.1.1)."""
ROOMNICK_NODE: Final = "x-roomuser-item"
"""The node where a room says which nickname is reserved for whoever asks (section 7.12)."""


class Affiliation(Enum):
    """What a user is to a room for good (section 5.2)."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    NONE = "none"
    OUTCAST = "outcast"


class Role(Enum):
    """What an occupant is during a visit (section 5.1)."""

    MODERATOR = "moderator"
    PARTICIPANT = "participant"
    VISITOR = "visitor"
    NONE = "none"


_AMOUNT: Final = integer(0, 2**31 - 1)


def _read_code(text: str) -> int:
    number = _CODES.read(text)
    return _KNOWN.get(number, number)


_KNOWN: Final = {int(code): code for code in StatusCode}
_CODES: Final = integer(100, 999)
_STATUS: Final[Codec[Any]] = Codec(
    _CODES.rule,
    _read_code,
    lambda code: str(int(code)),
    lambda code: isinstance(code, int) and _CODES.accepts(int(code)),
    _CODES.kind,
    _CODES.facts,
)


@payload(MUC, "history")
class History:
    """How much of what was said before is wanted: no more than each of these allows (section 7.2.13)."""

    maxchars: int | None = attribute(codec=_AMOUNT, default=None)
    """Characters of the complete stanzas; 0: nothing."""
    maxstanzas: int | None = attribute(codec=_AMOUNT, default=None)
    seconds: int | None = attribute(codec=_AMOUNT, default=None)
    since: datetime | None = attribute(codec=XMPP_DATETIME, default=None)


@payload(MUC, "x")
class Join:
    """In presence to a room and nickname: enter (section 7.2)."""

    history: History | None = child(History, default=None)
    password: str | None = child_text(default=None)


@payload(MUC_USER, "actor")
class Actor:
    """Who did it: banned, kicked, changed a role (sections 8 and 9)."""

    jid: JID | None = attribute(default=None)
    nick: str | None = attribute(default=None)


@payload(MUC_USER, "continue")
class Continue:
    """The room goes on with a chat of two (section 7.9)."""

    thread: str | None = attribute(default=None)


@payload(MUC_USER, "item")
class Item:
    """What an occupant is, or has just become (section 7.2.3)."""

    affiliation: Affiliation | None = attribute(default=None)
    role: Role | None = attribute(default=None)
    jid: JID | None = attribute(default=None)
    """Who it really is, where the room lets us know."""
    nick: str | None = attribute(default=None)
    """The new nickname, when it changes (section 7.6)."""
    actor: Actor | None = child(Actor, default=None)
    continue_: Continue | None = child(Continue, default=None)
    reason: str | None = child_text(default=None)


@payload(MUC_USER, "invite")
class Invite:
    """An invitation that goes through the room (section 7.8.2): `to` on its way there, `from_` from there."""

    to: JID | None = attribute(default=None)
    from_: JID | None = attribute("from", default=None)
    reason: str | None = child_text(default=None)
    continue_: Continue | None = child(Continue, default=None)


@payload(MUC_USER, "decline")
class Decline:
    """No to an invitation, through the room (section 7.8.2): `to` on its way there, `from_` from there."""

    to: JID | None = attribute(default=None)
    from_: JID | None = attribute("from", default=None)
    reason: str | None = child_text(default=None)


@payload(MUC_USER, "destroy")
class Destroyed:
    """The room is no more (section 10.9)."""

    jid: JID | None = attribute(default=None)
    """The room to go to instead."""
    reason: str | None = child_text(default=None)


@payload(MUC_USER, "x")
class Room:
    """What a room says of an occupant, an invitation or itself; empty in a private message (sections 7 to 11)."""

    items: tuple[Item, ...] = children(Item, default=())
    invites: tuple[Invite, ...] = children(Invite, default=(), kw_only=True)
    decline: Decline | None = child(Decline, default=None, kw_only=True)
    destroy: Destroyed | None = child(Destroyed, default=None, kw_only=True)
    password: str | None = child_text(default=None, kw_only=True)
    """What the room is entered with, of an invitation (section 7.8.2)."""
    statuses: tuple[int, ...] = child_attributes("code", "status", codec=_STATUS, default=())
    """The status codes: `StatusCode`, or a plain number where the code is not one of the registered."""

    @property
    def item(self) -> Item:
        """The item; where there is none, one that says nothing."""
        return self.items[0] if self.items else Item()


@payload(MUC_ADMIN, "actor")
class AdminActor:
    """Who did it."""

    jid: JID | None = attribute(default=None)
    nick: str | None = attribute(default=None)


@payload(MUC_ADMIN, "item")
class AdminItem:
    """One entry of a list, or a change to it (sections 8, 9 and 10)."""

    affiliation: Affiliation | None = attribute(default=None)
    role: Role | None = attribute(default=None)
    jid: JID | None = attribute(default=None)
    nick: str | None = attribute(default=None)
    actor: AdminActor | None = child(AdminActor, default=None)
    reason: str | None = child_text(default=None)


@payload(MUC_ADMIN, "query")
class RoomAdmin:
    """A question for a list of affiliations or roles, its answer, or changes to it (sections 8 to 10)."""

    items: tuple[AdminItem, ...] = children(AdminItem, default=())


@payload(MUC_OWNER, "destroy")
class Destroy:
    """Put an end to the room (section 10.9)."""

    jid: JID | None = attribute(default=None)
    """The room to go to instead."""
    password: str | None = child_text(default=None)
    """The password of that room."""
    reason: str | None = child_text(default=None)


@payload(MUC_OWNER, "query")
class RoomOwner:
    """A question for the configuration (an empty one), its form, or the end of the room (section 10).

    An empty form of type `submit` makes an instant room (section 10.1.2).
    """

    content: Form | Destroy | None = choice(Form, Destroy, default=None)


def is_subject(message: Message) -> bool:
    """Whether a message from a room sets its subject: a subject and no body, in groupchat (sections 7.2.15 and 8.1).

    One with a thread is an ordinary message as well.
    """
    own = message.element.tag.rpartition("}")[0] + "}"
    names = {child.tag.removeprefix(own) for child in message.element}
    return message.type == "groupchat" and "subject" in names and not names & {"body", "thread"}
