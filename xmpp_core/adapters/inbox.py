"""What came and was not yet taken: bounded, with the answers to requests never behind it.

Synchronous. Counts each event, and the octets it came in; says when to stop reading, and keeps the
order in which stanzas count as handled although answers overtake the rest.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from ..errors import LocalProtocolError
from ..stanza import Stanza
from ..stream.events import Event

__all__ = ["Inbox", "InboxLimits", "Ticket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxLimits:
    """How much is kept for an application that does not take it.

    Above the first two marks nothing more is read, and the transport's flow control slows the peer.
    While a request waits reading goes on, because its answer comes behind all that; above the hard
    marks the session ends then, with `InboxOverflow`.
    """

    events: int = 1_000
    octets: int = 8_388_608
    hard_events: int = 100_000
    hard_octets: int = 134_217_728

    def __post_init__(self) -> None:
        if not (0 < self.events <= self.hard_events and 0 < self.octets <= self.hard_octets):
            raise ValueError("marks are above nought, and the hard ones not below the others")


class Ticket:
    """A stanza's place in the order of handling."""

    __slots__ = ("handled", "taken")

    def __init__(self) -> None:
        self.taken = False
        """Whether somebody has it in hand: what still waits in the inbox cannot have been handled."""
        self.handled = False


class Inbox:
    """Events that wait for the application, in order."""

    def __init__(self, limits: InboxLimits) -> None:
        self.limits = limits
        self._waiting: deque[tuple[Event | Stanza, int, Ticket | None]] = deque()
        self._order: deque[Ticket] = deque()
        self._octets = 0
        self._uncharged = 0
        self._in_hand = 0
        """Stanzas taken and not handled."""

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def octets(self) -> int:
        """Octets in which the waiting events came; what is half received counts with them."""
        return self._octets + self._uncharged

    def charge(self, octets: int) -> None:
        """Take note of octets read: the next event put is charged with them."""
        self._uncharged += octets

    def arrived(self, event: Event | Stanza) -> Ticket | None:
        """Give a stanza its place in the order of handling."""
        if not isinstance(event, Stanza):
            return None
        ticket = Ticket()
        self._order.append(ticket)
        return ticket

    def hand_out(self, ticket: Ticket | None) -> None:
        """Take note that somebody has a stanza in hand."""
        if ticket is not None:
            ticket.taken = True
            self._in_hand += 1

    def put(self, event: Event | Stanza, ticket: Ticket | None) -> None:
        """Let an event wait."""
        charged, self._uncharged = self._uncharged, 0
        self._octets += charged
        self._waiting.append((event, charged, ticket))

    def take(self) -> tuple[Event | Stanza, Ticket | None]:
        """Take the event that waited longest; raises `IndexError` when none waits."""
        event, charged, ticket = self._waiting.popleft()
        self._octets -= charged
        self.hand_out(ticket)
        return event, ticket

    def passed(self) -> None:
        """Forget the charge of an event that does not wait here."""
        self._uncharged = 0

    def handled(self, ticket: Ticket) -> int:
        """A stanza is handled; give how many count as handled now, in the order of their arrival."""
        if ticket.taken and not ticket.handled:
            self._in_hand -= 1
        ticket.handled = True
        return self._count()

    def first_handled(self, n: int) -> int:
        """Of the stanzas in hand the `n` that arrived first are handled; give how many count now.

        An answer that overtook others counts when those do. Raises `LocalProtocolError` when fewer
        are in hand.
        """
        if not 0 < n <= self._in_hand:
            raise LocalProtocolError("more stanzas were called handled than were taken")
        self._in_hand -= n
        for ticket in self._order:
            if ticket.taken and not ticket.handled:
                ticket.handled = True
                n -= 1
                if not n:
                    break
        return self._count()

    def _count(self) -> int:
        count = 0
        while self._order and self._order[0].handled:
            self._order.popleft()
            count += 1
        return count

    def has_room(self, *, reading_on: bool) -> bool:
        """Whether to read more; `reading_on` while a request waits for its answer.

        Where nothing waits there is always room: half a stanza alone never fills the inbox.
        """
        limits = self.limits
        if not self._waiting:
            return True
        if reading_on:
            return len(self._waiting) < limits.hard_events and self.octets < limits.hard_octets
        return len(self._waiting) < limits.events and self.octets < limits.octets
