"""Two connections in memory, wired to each other, with chunking, loss and virtual time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..stanza import Stanza
from ..stream.connection import Connection
from ..stream.context import TlsInfo
from ..stream.events import Event, Question
from ..stream.setup import Config
from .chunking import Chunker, whole
from .clock import VirtualClock

__all__ = ["End", "Pair"]

Answers = Mapping[type, Callable[[Any], Any]]


class End:
    """One end of a pair: its connection, what it delivered, how it answers questions."""

    def __init__(self, connection: Connection, answers: Answers) -> None:
        self.connection = connection
        self.answers = dict(answers)
        self.events: list[Event | Stanza] = []
        self.sent = bytearray()
        """Every octet this end wrote."""

    def of(self, kind: type) -> list[Any]:
        """Give the delivered events of a class."""
        return [event for event in self.events if isinstance(event, kind)]


class Pair:
    """An initiating and a receiving connection whose outputs are each other's inputs.

    `answers` maps classes of questions to functions; a question without one stays open until the test
    answers it with `connection.answer` and pumps again. What TLS would do is left out: after both
    ends answered `TlsUpgrade` the octets go on in the clear. `make` builds the connections; with
    `Recorder` both ends keep a record.
    """

    def __init__(
        self,
        initiating: Config,
        receiving: Config,
        *,
        initiating_answers: Answers | None = None,
        receiving_answers: Answers | None = None,
        chunker: Chunker = whole,
        clock: VirtualClock | None = None,
        tls: tuple[TlsInfo, TlsInfo] | None = None,
        make: Callable[[Config], Connection] = Connection,
    ) -> None:
        self.clock = clock or VirtualClock()
        self.chunker = chunker
        self.initiating = End(make(initiating), initiating_answers or {})
        self.receiving = End(make(receiving), receiving_answers or {})
        self._dropped = False
        self._budget: dict[int, int | None] = {id(self.initiating): None, id(self.receiving): None}
        self.receiving.connection.start(self.clock(), tls=tls[1] if tls else None)
        self.initiating.connection.start(self.clock(), tls=tls[0] if tls else None)

    def lose_after(self, end: End, octets: int) -> None:
        """The network takes `octets` more octets from this end and loses everything after them."""
        self._budget[id(end)] = octets

    def pump(self) -> None:
        """Carry octets both ways until nothing moves."""
        moved = True
        while moved:
            moved = False
            for here, there in ((self.initiating, self.receiving), (self.receiving, self.initiating)):
                moved = self._take_events(here) or moved
                octets = here.connection.data_to_send(self.clock())
                if octets:
                    moved = True
                    here.sent += octets
                    self._carry(here, there, octets)

    def advance(self, seconds: float) -> None:
        """Let time pass on both ends, serving deadlines in order; what is under way arrives first."""
        self.pump()
        end = self.clock() + seconds
        while True:
            due = [
                when
                for one in (self.initiating, self.receiving)
                if (when := one.connection.next_deadline()) is not None and when <= end
            ]
            if not due:
                break
            self.clock.advance(max(0.0, min(due) - self.clock()))
            for one in (self.initiating, self.receiving):
                one.connection.handle_deadline(self.clock())
            self.pump()
        self.clock.advance(end - self.clock())

    def drop(self) -> None:
        """Break the transport: both ends see its end, and nothing gets through any more."""
        self._dropped = True
        for one in (self.initiating, self.receiving):
            if not one.connection.closed:
                one.connection.receive_eof(self.clock())
        self.pump()

    def _carry(self, here: End, there: End, octets: bytes) -> None:
        if self._dropped:
            return
        budget = self._budget[id(here)]
        if budget is not None:
            octets = octets[:budget]
            self._budget[id(here)] = budget - len(octets)
        for piece in self.chunker(octets):
            if there.connection.closed:
                return
            there.connection.receive_data(piece, self.clock())
            self._take_events(there)

    def _take_events(self, end: End) -> bool:
        moved = False
        for event in end.connection.events():
            moved = True
            end.events.append(event)
            if isinstance(event, Question) and type(event) in end.answers:
                octets = end.connection.data_to_send(self.clock())
                if octets:
                    other = self.receiving if end is self.initiating else self.initiating
                    end.sent += octets
                    self._carry(end, other, octets)
                end.connection.answer(event, end.answers[type(event)](event))
        return moved
