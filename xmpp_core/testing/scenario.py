"""One connection against a script: what arrives, when, and what the host does about it.

A scenario is run under many chunkings; whatever the chunking, events, output and the terminal event
must be the same. That is the chunking oracle.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from ..stanza import Stanza
from ..stream.connection import Connection
from ..stream.context import TlsInfo
from ..stream.events import Closed, Question, StreamFailed
from ..stream.setup import Config
from ..xml.names import canonical
from .chunking import Chunker, chunkers, whole
from .clock import VirtualClock
from .description import describe

__all__ = ["Call", "Eof", "Outcome", "Receive", "Scenario", "Wait", "assert_same_at_every_chunking", "run"]


@dataclass(frozen=True, slots=True)
class Receive:
    """These octets arrive. They are cut as the chunking says; no piece spans two of these."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Eof:
    """The transport ends."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds pass; deadlines reached in between are served in order."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Call:
    """The host does something with the connection."""

    what: Callable[[Connection], object]


Act = Receive | Eof | Wait | Call
Answer = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A script for one connection."""

    name: str
    config: Callable[[], Config]
    """Makes the configuration, with entropy that repeats."""
    acts: Sequence[Act]
    answers: Mapping[type, Answer] = field(default_factory=dict)
    """For each class of question what the host answers; a question of another class stays open."""
    reactions: Mapping[type, Callable[[Connection, Any], object]] = field(default_factory=dict)
    """For each class of event what the host does on it, at once."""
    tls: TlsInfo | None = None
    """Given to `start`: TLS is in place already."""

    @property
    def octets(self) -> int:
        """How many octets arrive altogether."""
        return sum(len(act.data) for act in self.acts if isinstance(act, Receive))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run gave."""

    events: list[dict[str, Any]]
    output: bytes
    connection: Connection = field(compare=False)
    changed: list[str] = field(default_factory=list)
    """Elements that changed after they were delivered: always empty."""

    @property
    def terminal(self) -> list[dict[str, Any]]:
        """The terminal events: one at most."""
        ends = (Closed.__name__, StreamFailed.__name__)
        return [event for event in self.events if event["event"] in ends]


class _Run:
    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.clock = VirtualClock()
        self.connection = Connection(scenario.config())
        self.events: list[dict[str, Any]] = []
        self.output = bytearray()
        self.kept: list[tuple[Element, Element]] = []

    def pump(self) -> None:
        connection = self.connection
        while True:
            for event in connection.events():
                self.take(event)
            octets = connection.data_to_send(self.clock())
            if not octets:
                return
            self.output += octets

    def take(self, event: Any) -> None:
        self.events.append(describe(event))
        for element in _elements(event):
            self.kept.append((element, deepcopy(element)))
        reaction = self.scenario.reactions.get(type(event))
        if reaction is not None:
            reaction(self.connection, event)
        if isinstance(event, Question):
            answer = self.scenario.answers.get(type(event))
            if answer is not None:
                self.output += self.connection.data_to_send(self.clock())
                self.connection.answer(event, answer(event))

    def wait(self, seconds: float) -> None:
        end = self.clock() + seconds
        while True:
            due = self.connection.next_deadline()
            if due is None or due > end:
                break
            self.clock.advance(max(0.0, due - self.clock()))
            self.connection.handle_deadline(self.clock())
            self.pump()
        self.clock.advance(end - self.clock())


def run(scenario: Scenario, chunker: Chunker = whole) -> Outcome:
    """Play a scenario with one chunking."""
    play = _Run(scenario)
    play.connection.start(play.clock(), tls=scenario.tls)
    play.pump()
    for act in scenario.acts:
        if isinstance(act, Receive):
            for piece in chunker(act.data):
                play.connection.receive_data(piece, play.clock())
                play.pump()
        elif isinstance(act, Eof):
            play.connection.receive_eof(play.clock())
        elif isinstance(act, Wait):
            play.wait(act.seconds)
        else:
            act.what(play.connection)
        play.pump()
    changed = [before.tag for now, before in play.kept if canonical(now) != canonical(before) or now.tail]
    return Outcome(play.events, bytes(play.output), play.connection, changed)


def assert_same_at_every_chunking(
    scenario: Scenario, *, random: int = 50, splits: int | None = None
) -> tuple[Outcome, int]:
    """Play a scenario under every chunking; give the outcome and how many chunkings agreed.

    Raises `AssertionError` naming the chunking that differs, and how.
    """
    expected = run(scenario)
    count = 0
    for name, chunker in chunkers(scenario.octets, random=random, splits=splits):
        outcome = run(scenario, chunker)
        if outcome.changed:
            raise AssertionError(f"{scenario.name}, {name}: delivered elements changed: {outcome.changed}")
        if outcome.events != expected.events:
            raise AssertionError(
                f"{scenario.name}, {name}: other events:\n{_lines(expected.events)}\nbut\n{_lines(outcome.events)}"
            )
        if outcome.output != expected.output:
            raise AssertionError(
                f"{scenario.name}, {name}: other output:\n{expected.output!r}\nbut\n{outcome.output!r}"
            )
        if len(outcome.terminal) > 1:
            raise AssertionError(f"{scenario.name}, {name}: more than one terminal event")
        count += 1
    return expected, count


def _lines(events: list[dict[str, Any]]) -> str:
    return "\n".join(json.dumps(event) for event in events)


def _elements(event: Any) -> list[Element]:
    if isinstance(event, Stanza):
        return [event.element]
    element = getattr(event, "element", None)
    return [element] if isinstance(element, Element) else []
