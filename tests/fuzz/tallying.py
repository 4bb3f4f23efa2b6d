"""A stream feature of tests that installs an extension late: in a stream whose stanzas flow already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar
from xml.etree.ElementTree import Element

from stages import SERVER_ANSWERS, server_config, stages

import xmpp_core as xmpp
from xmpp_core.stream.context import StreamContext
from xmpp_core.stream.events import Event, Question
from xmpp_core.stream.extension import StreamExtension
from xmpp_core.stream.feature import Declined, Offer
from xmpp_core.stream.session import ResumableSession
from xmpp_core.stream.setup import StreamSetup
from xmpp_core.stream.step import Continue, Done, Refused, Step
from xmpp_core.testing.scenario import Receive, Scenario, run
from xmpp_core.xml.names import copy

NS = "urn:example:tally"


@dataclass(frozen=True, slots=True)
class Told(Event):
    """What the extension knows, on the command "tell"."""

    handled: int
    sent: int
    alarms: int


@dataclass(frozen=True, slots=True)
class Known:
    handled: int = 0
    sent: tuple[Element, ...] = ()
    left_at: float | None = None
    alarms: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts both ways; asks when nothing is acknowledged within `patience` seconds after it left."""

    patience: float | None = None
    resumable: bool = False
    counts_stanzas: bool = True
    stubborn: bool = False
    """Leaves its deadline as it is when that is reached."""
    name: str = "tally"
    nonzas: ClassVar[frozenset[str]] = frozenset(f"{{{NS}}}{name}" for name in ("r", "a", "bye", "wrong"))

    def installed(self, context: StreamContext) -> Known:
        return Known()

    def stanza_sent(self, state: Known, stanza: Element, context: StreamContext) -> Step | None:
        return Continue(replace(state, sent=(*state.sent, copy(stanza))))

    def stanza_received(self, state: Known, count: int, context: StreamContext) -> Step | None:
        assert count > 0
        state = replace(state, handled=state.handled + count)
        return Continue(state, send=(Element(f"{{{NS}}}a", {"h": str(state.handled)}),))

    def nonza_received(self, state: Known, element: Element, context: StreamContext) -> Step | None:
        match element.tag.rpartition("}")[2]:
            case "r":
                return Continue(state, send=(Element(f"{{{NS}}}a", {"h": str(state.handled)}),))
            case "a":
                return Continue(replace(state, sent=(), left_at=None))
            case "bye":
                return Done(state=state)
        return Refused("wrong", "the peer is wrong", stream_error="undefined-condition")

    def command(self, state: Known, command: object, context: StreamContext) -> Step | None:
        if command != "tell":
            return None
        return Continue(state, events=(Told(state.handled, len(state.sent), state.alarms),))

    def octets_leave(self, state: Known, context: StreamContext) -> Step | None:
        return Continue(replace(state, left_at=context.now)) if state.sent and state.left_at is None else None

    def closing(self, state: Known, context: StreamContext) -> Step | None:
        return Continue(state, send=(Element(f"{{{NS}}}a", {"h": str(state.handled)}),))

    def deadline(self, state: Known) -> float | None:
        return None if self.patience is None or state.left_at is None else state.left_at + self.patience

    def deadline_reached(self, state: Known, context: StreamContext) -> Step | None:
        if self.stubborn:
            return None
        return Continue(replace(state, alarms=state.alarms + 1, left_at=context.now), send=(Element(f"{{{NS}}}r"),))

    def unacknowledged(self, state: Known) -> tuple[Element, ...]:
        return state.sent

    def detach(self, state: Known, context: StreamContext) -> ResumableSession | None:
        if not self.resumable or context.peer is None:
            return None
        return ResumableSession(self.name, context.peer, state, state.sent)


@dataclass(frozen=True, slots=True)
class Enable:
    """A receiving entity installs the extensions at `<enable/>`, whenever that comes after binding."""

    extensions: tuple[StreamExtension, ...] = (Tally(),)

    name: ClassVar[str] = f"{{{NS}}}tally"
    requires: ClassVar[xmpp.Milestone] = xmpp.Milestone.BOUND
    forbids: ClassVar[xmpp.Milestone] = xmpp.Milestone.NONE

    def advertise(self, state: object, context: StreamContext) -> tuple[Element, ...]:
        return (Element(self.name),)

    def offer(self, element: Element | None, context: StreamContext) -> Offer | Declined | None:
        return None

    def begin(self, offer: Offer, features: Element | None, context: StreamContext) -> Step:
        raise AssertionError("nothing was offered")

    def accepts(self, element: Element, context: StreamContext) -> bool:
        return element.tag == f"{{{NS}}}enable" and not context.initiating

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        return Done(send=(Element(f"{{{NS}}}enabled"),), install=self.extensions)

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        raise AssertionError("nothing was asked")

    def resumed(self, state: Any, context: StreamContext) -> Step:
        return Continue(state)


@dataclass(frozen=True)
class WithEnable:
    """A server's configuration with the feature at its end."""

    config: xmpp.ServerConfig
    feature: Enable

    def setup(self) -> StreamSetup:
        setup = self.config.setup()
        return replace(setup, features=(*setup.features, self.feature))


ENABLE = b"<enable xmlns='urn:example:tally'/>"
REQUEST = b"<r xmlns='urn:example:tally'/>"
ANSWER = b"<a xmlns='urn:example:tally'/>"


def open_server(
    *extensions: StreamExtension, ack: xmpp.Ack = xmpp.Ack.EXPLICIT, **changes: Any
) -> tuple[WithEnable, xmpp.Connection]:
    """A server's end of an open stream; time stands at 1000."""
    config = WithEnable(server_config(ack=ack, **changes), Enable(extensions or (Tally(),)))
    stage = next(one for one in stages() if one.name == "server, open")
    acts = tuple(Receive(piece) for piece in stage.pieces)
    connection = run(Scenario("open", lambda: config, acts, SERVER_ANSWERS)).connection
    assert connection.can_send
    return config, connection
