"""A feature, inline features and an extension that nobody thought of: nothing under `stream/` knows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from xml.etree.ElementTree import Element, SubElement

import pytest
from stages import SERVER_ANSWERS, client_config, server_config

import xmpp_core as xmpp
from xmpp_core.stream import inline
from xmpp_core.stream.context import Milestone, StreamContext
from xmpp_core.stream.events import Event, Question
from xmpp_core.stream.extension import StreamExtension
from xmpp_core.stream.feature import Declined, Offer
from xmpp_core.stream.session import ResumableSession
from xmpp_core.stream.setup import StreamSetup
from xmpp_core.stream.step import Ask, Continue, Done, Refused, Step
from xmpp_core.testing.chunking import by_octet, whole
from xmpp_core.testing.pair import Pair

NS = "urn:example:greeting"
TLS = xmpp.TlsInfo(version="TLSv1.3", verified=True)


@dataclass(frozen=True, slots=True)
class Greeted(Event):
    """The greeting is over."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class MayGreet(Question[bool]):
    """May the peer greet?"""

    answers: ClassVar[tuple[type, ...]] = (bool,)


@dataclass(frozen=True, slots=True)
class Count:
    """An extension that counts stanzas and answers `<count/>`."""

    name: str = "count"
    nonzas: frozenset[str] = frozenset({f"{{{NS}}}count", f"{{{NS}}}total"})
    counts_stanzas: bool = True

    def installed(self, context: StreamContext) -> int:
        return 0

    def stanza_sent(self, state: int, stanza: Element, context: StreamContext) -> Step | None:
        return None

    def stanza_received(self, state: int, count: int, context: StreamContext) -> Step | None:
        return Continue(state + count)

    def nonza_received(self, state: int, element: Element, context: StreamContext) -> Step | None:
        if element.tag.endswith("total"):
            return Continue(state, events=(Greeted((element.get("n", ""),)),))
        return Continue(state, send=(Element(f"{{{NS}}}total", {"n": str(state)}),))

    def command(self, state: int, command: object, context: StreamContext) -> Step | None:
        return Continue(state, send=(Element(f"{{{NS}}}count"),)) if command == "count" else None

    def octets_leave(self, state: int, context: StreamContext) -> Step | None:
        return None

    def closing(self, state: int, context: StreamContext) -> Step | None:
        return None

    def deadline(self, state: int) -> float | None:
        return None

    def deadline_reached(self, state: int, context: StreamContext) -> Step | None:
        return None

    def unacknowledged(self, state: int) -> tuple[Element, ...]:
        return ()

    def detach(self, state: int, context: StreamContext) -> ResumableSession | None:
        return None


@dataclass(frozen=True, slots=True)
class Word:
    """An inline feature: says one word; the second needs a yes of the host."""

    namespace: str
    asks: bool = False
    requires: Milestone = Milestone.AUTHENTICATED
    forbids: Milestone = Milestone.NONE

    def advertise(self, context: StreamContext) -> tuple[Element, ...]:
        return (Element(f"{{{self.namespace}}}word"),)

    def request(self, announced: Element, context: StreamContext) -> Element | None:
        return Element(f"{{{self.namespace}}}say")

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        return Ask(MayGreet(), state="asked") if self.asks else self._said()

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        assert state == "asked"
        return self._said() if value else Refused("no", "no", again=True, send=(Element(f"{{{self.namespace}}}no"),))

    def _said(self) -> Step:
        return Done(send=(Element(f"{{{self.namespace}}}said"),))

    def response(self, element: Element, context: StreamContext) -> Step:
        return Done(events=(Greeted((element.tag,)),))


WORDS = (Word("urn:example:hail"), Word("urn:example:well", asks=True))
_NAME = f"{{{NS}}}greeting"


@dataclass(frozen=True, slots=True)
class Greeting:
    """A stream feature that hosts inline features and installs an extension."""

    words: tuple[inline.InlineFeature, ...] = WORDS
    install: tuple[StreamExtension, ...] = (Count(),)
    announce: bool = False

    name: ClassVar[str] = _NAME
    requires: ClassVar[Milestone] = Milestone.AUTHENTICATED
    forbids: ClassVar[Milestone] = Milestone.BOUND

    def advertise(self, state: object, context: StreamContext) -> tuple[Element, ...]:
        element = Element(_NAME)
        SubElement(element, f"{{{NS}}}required")
        element.extend(inline.advertise(self.words, context))
        return (element,)

    def offer(self, element: Element | None, context: StreamContext) -> Offer | Declined | None:
        return None if element is None else Offer(mandatory=True, detail=element)

    def begin(self, offer: Offer, features: Element | None, context: StreamContext) -> Step:
        assert isinstance(offer.detail, Element)
        greet = Element(f"{{{NS}}}greet")
        greet.extend(inline.requests(self.words, offer.detail, context))
        return Continue("greeting", send=(greet,))

    def accepts(self, element: Element, context: StreamContext) -> bool:
        return element.tag == f"{{{NS}}}{'greeted' if context.initiating else 'greet'}"

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        if context.initiating:
            return self._over(inline.responses(self.words, element, context))
        return self._over(inline.begin(self.words, element, context), answer=True)

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        return self._over(inline.answered(self.words, state, question, value, context), answer=True)

    def resumed(self, state: Any, context: StreamContext) -> Step:
        if isinstance(state, inline.InlineProgress):
            return self._over(inline.resumed(self.words, state, context), answer=True)
        return Continue(state)

    def _over(self, step: Step, *, answer: bool = False) -> Step:
        if not isinstance(step, Done):
            return step
        send: tuple[Element, ...] = ()
        if answer:
            greeted = Element(f"{{{NS}}}greeted")
            greeted.extend(step.send)
            send = (greeted,)
        return Done(send=send, events=step.events, install=self.install, announce=self.announce)


@dataclass(frozen=True)
class WithGreeting:
    config: xmpp.ClientConfig | xmpp.ServerConfig
    greeting: Greeting = Greeting()

    def setup(self) -> StreamSetup:
        setup = self.config.setup()
        tls, sasl, *rest = setup.features
        return replace(setup, features=(tls, sasl, self.greeting, *rest))


def greeting_pair(chunker: Callable[[bytes], list[bytes]], may: bool = True, greeting: Greeting = Greeting()) -> Pair:
    return Pair(
        WithGreeting(client_config(mechanisms=("SCRAM-SHA-256",)), greeting),
        WithGreeting(server_config(), greeting),
        receiving_answers={**SERVER_ANSWERS, MayGreet: lambda _: may},
        chunker=chunker,
        tls=(TLS, TLS),
    )


@pytest.mark.feature("EXT-02", "EXT-03", "STR-05")
@pytest.mark.parametrize("chunker", [whole, by_octet])
@pytest.mark.parametrize(("may", "second"), [(True, "{urn:example:well}said"), (False, "{urn:example:well}no")])
def test_a_feature_inline_features_and_an_extension_from_outside(
    chunker: Callable[[bytes], list[bytes]], may: bool, second: str
) -> None:
    both = greeting_pair(chunker, may)
    both.pump()
    client = both.initiating
    assert client.connection.can_send
    assert [event.words for event in client.of(Greeted)] == [("{urn:example:hail}said",), (second,)]
    for number in range(3):
        client.connection.send(xmpp.Message(to="a@b", body=str(number)))
    client.connection.perform("count")
    both.pump()
    # The peer had asked for the event behind the third stanza when it saw the question.
    assert client.of(Greeted)[-1].words in (("2",), ("3",))
    with pytest.raises(xmpp.LocalProtocolError):
        client.connection.perform("another")


@pytest.mark.feature("ENG-07", "EXT-02")
def test_an_inline_question_survives_a_snapshot() -> None:
    both = greeting_pair(whole)
    del both.receiving.answers[MayGreet]
    both.pump()
    server = both.receiving.connection
    assert isinstance(server.waiting_for, MayGreet)
    restored = xmpp.Connection.restore(WithGreeting(server_config()), server.snapshot())
    (question,) = restored.events()
    assert isinstance(question, MayGreet)
    assert restored.answer(question, True)
    assert b"<greeted" in restored.data_to_send(0.0)


@pytest.mark.feature("STR-05")
def test_a_mandatory_feature_that_is_unknown_ends_with_a_clear_error() -> None:
    both = Pair(
        client_config(mechanisms=("SCRAM-SHA-256",)),
        WithGreeting(server_config()),
        receiving_answers=SERVER_ANSWERS,
        tls=(TLS, TLS),
    )
    both.pump()
    # What we know is negotiated first; the greeting that remains cannot be.
    (end,) = both.initiating.of(xmpp.StreamFailed)
    assert (end.cause, end.condition) == (xmpp.Cause.NEGOTIATION_FAILED, "unsupported-feature")


@pytest.mark.feature("STR-04", "EXT-02")
@pytest.mark.parametrize("chunker", [whole, by_octet])
def test_features_may_follow_again_without_a_restart(chunker: Callable[[bytes], list[bytes]]) -> None:
    """RFC 6120 section 4.3.4: what is negotiated may bring new features at once."""
    both = greeting_pair(chunker, greeting=Greeting(announce=True))
    both.pump()
    assert both.initiating.connection.can_send
    offered = both.initiating.of(xmpp.FeaturesOffered)
    assert [any(one.tag == _NAME for one in event.element) for event in offered] == [False, True, True]
    # The server offers the greeting still, and the client knows that it is done.
    assert both.initiating.sent.count(b"<greet ") == 1
    assert both.receiving.sent.count(b"<stream:features>") == 3


@pytest.mark.feature("EXT-02")
def test_an_inline_feature_sees_what_was_granted_before_it_and_can_refuse_for_good() -> None:
    context = authenticated_context()
    first = Word("urn:example:hail")
    held_back = Word("urn:example:well", requires=Milestone.BOUND)
    elements = [Element("{urn:example:hail}say"), Element("{urn:example:well}say"), Element("{urn:example:none}say")]
    step = inline.begin((first, held_back), elements, context)
    assert isinstance(step, Done)
    assert [element.tag for element in step.send] == ["{urn:example:hail}said"]
    assert [one.tag for one in inline.requests((first, held_back), [Element("{urn:example:well}word")], context)] == [
        "{urn:example:well}say"
    ]
    step = inline.begin((first, Stubborn("urn:example:well")), elements, context)
    assert isinstance(step, Refused)
    assert [element.tag for element in step.send] == ["{urn:example:hail}said"]


@dataclass(frozen=True, slots=True)
class Stubborn(Word):
    """Refuses for good."""

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        return Refused("no", "never")


def authenticated_context() -> StreamContext:
    """What a feature of an authenticated server sees."""
    both = greeting_pair(whole)
    both.pump()
    return replace(both.receiving.connection._context(), milestones=Milestone.SECURE | Milestone.AUTHENTICATED)
