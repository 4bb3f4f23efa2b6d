"""Chat states: whether somebody takes part in a conversation, and whether he is writing.

XEP-0085, version 2.1, Final; sections 2, 3 and 5.

`ChatSession` is one conversation as seen from one side: a value. What the user does, what is received and what time it
is go in; the next value and the state to tell, if any, come out.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ..message import Message
from ..payload import Spec, element_name, payload

__all__ = ["NAMESPACE", "SPEC", "ChatSession", "ChatState", "ChatTimers", "Involvement", "is_standalone"]

SPEC: Final = Spec(85, "2.1", "Final", "Chat State Notifications")
NAMESPACE: Final = "http://jabber.org/protocol/chatstates"

# What goes with a message and is none of its content: XEP-0334, XEP-0359, XEP-0203.
_COMPANY: Final = frozenset({NAMESPACE, "urn:xmpp:hints", "urn:xmpp:sid:0", "urn:xmpp:delay"})


class Involvement(Enum):
    """How far somebody is in a conversation (section 2)."""

    ACTIVE = "active"
    """Pays attention; said with every message that has content (section 5.3)."""
    COMPOSING = "composing"
    PAUSED = "paused"
    """Was composing and has stopped."""
    INACTIVE = "inactive"
    """Has not looked for a while."""
    GONE = "gone"
    """Has ended it; never said to a room (section 5.5)."""


@payload(NAMESPACE, ("active", "composing", "paused", "inactive", "gone"))
class ChatState:
    """The state of whoever sends the message, of which there is one at most (section 5.6)."""

    state: Involvement = element_name()


@dataclass(frozen=True, slots=True)
class ChatTimers:
    """After how many seconds without the user's doing anything a state follows (section 2, suggested triggers)."""

    paused: float = 30.0
    inactive: float = 120.0
    gone: float = 600.0


@dataclass(frozen=True, slots=True)
class ChatSession:
    """One conversation. Each method gives the next value, and those that may have to tell something, what to tell.

    What is told goes out as a message with no content (`is_standalone`), with the thread if there is one. Times are
    seconds of one clock, whichever it is.
    """

    groupchat: bool = False
    enabled: bool = True
    """Whether the user wants his state to be told at all (sections 5.2 and 9)."""
    supported: bool | None = None
    """Whether the other side takes part: by discovery, or from what it sends; None: not known yet (section 5.1)."""
    timers: ChatTimers = ChatTimers()
    state: Involvement = Involvement.ACTIVE
    """Ours."""
    told: Involvement | None = None
    """What was told last: it is not told twice in a row (section 5.3)."""
    peer: Involvement | None = None
    """Theirs; None: not known, or a room's, where each occupant has his own."""
    since: float = 0.0
    """When the user last did something here."""

    @property
    def deadline(self) -> float | None:
        """When `expire` is to be called, if the user does nothing until then."""
        waits = self._next()
        return None if waits is None else self.since + waits[0]

    @property
    def ended(self) -> bool:
        """Whether a side has left: what is said from then on has a new thread (section 5.7)."""
        return Involvement.GONE in (self.state, self.peer)

    def composing(self, now: float) -> tuple[ChatSession, Involvement | None]:
        """Say that the user writes."""
        return self._tell(Involvement.COMPOSING, now)

    def attended(self, now: float) -> tuple[ChatSession, Involvement | None]:
        """Say that the user looks at the conversation, or has taken back all he wrote."""
        return self._tell(Involvement.ACTIVE, now)

    def unattended(self, now: float) -> tuple[ChatSession, Involvement | None]:
        """Say that the user has turned to something else."""
        return self._tell(Involvement.INACTIVE, now)

    def closed(self, now: float) -> tuple[ChatSession, Involvement | None]:
        """Say that the user has closed the conversation; a room is not told (section 5.5)."""
        return self._tell(Involvement.GONE, now)

    def expire(self, now: float) -> tuple[ChatSession, Involvement | None]:
        """Go on to the state that the time without any input means; nothing happens before `deadline`."""
        waits = self._next()
        if waits is None or now < self.since + waits[0]:
            return self, None
        return self._tell(waits[1], self.since)

    def sent(self, now: float) -> tuple[ChatSession, Involvement | None]:
        """Give the state to put into a message with content that is about to be sent: `ACTIVE`, or none.

        It also asks whether the other side takes part, as long as that is not known (section 5.1).
        """
        after = dataclasses.replace(
            self, state=Involvement.ACTIVE, since=now, peer=None if self.peer is Involvement.GONE else self.peer
        )
        if not self.enabled or (self.supported is False and not self.groupchat):
            return after, None
        return dataclasses.replace(after, told=Involvement.ACTIVE), Involvement.ACTIVE

    def received(self, message: Message) -> ChatSession:
        """Take in a message of the other side; errors say nothing.

        An answer that has a body and no state, to messages with one, means that it does not take part (section 5.1).
        """
        if message.is_error:
            return self
        found = message.get(ChatState)
        if self.groupchat:  # its occupants need not all take part, and who is gone is told by presence (section 5.5)
            return self
        if found is not None:
            return dataclasses.replace(self, supported=True, peer=found.state)
        if message.body is None:
            return self
        if self.supported is None and self.told is not None:
            return dataclasses.replace(self, supported=False, peer=None)
        return dataclasses.replace(self, peer=Involvement.ACTIVE if self.supported else self.peer)

    def _next(self) -> tuple[float, Involvement] | None:
        timers, state = self.timers, self.state
        if state is Involvement.COMPOSING:
            return timers.paused, Involvement.PAUSED
        if state in (Involvement.ACTIVE, Involvement.PAUSED):
            return timers.inactive, Involvement.INACTIVE
        if state is Involvement.INACTIVE and not self.groupchat:
            return timers.gone, Involvement.GONE
        return None

    def _tell(self, state: Involvement, now: float) -> tuple[ChatSession, Involvement | None]:
        after = dataclasses.replace(self, state=state, since=now)
        allowed = self.enabled and (self.groupchat or self.supported is True)
        if not allowed or state is self.told or (self.groupchat and state is Involvement.GONE):
            return after, None
        if self.told is None and state is Involvement.ACTIVE:
            return after, None  # the first message will say so
        return dataclasses.replace(after, told=state), state


def is_standalone(message: Message) -> bool:
    """Whether a message tells a state and has no content: a thread at most (sections 2 and 5.6).

    Hints, ids and stamps, which those on the way add, are none. Servers need not store such a message, and may
    keep it from a client that is asleep (section 5.8).
    """
    if message.is_error or message.child(NAMESPACE) is None:
        return False
    thread = f"{{{message.namespace}}}thread"
    return all(one.tag == thread or one.tag[1:].partition("}")[0] in _COMPANY for one in message.element)
