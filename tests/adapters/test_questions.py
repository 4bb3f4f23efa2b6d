"""Questions of the engine: answered by functions plain and `async`, as events, from threads; or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from xml.etree.ElementTree import Element

import pytest
from loops import Stops, cancelled
from networks import ANSWERS, DOMAIN, PASSWORD, Net, Post, everything, store

import xmpp_core as xmpp
from xmpp_core.adapters.session import Session
from xmpp_core.stream.context import StreamContext
from xmpp_core.stream.feature import Declined, Offer
from xmpp_core.stream.session import ResumableSession
from xmpp_core.stream.step import Ask, Continue, Done, Step

LEAVE = "{urn:example:leave}leave"
IQ = "{jabber:client}iq"


@dataclass(frozen=True, slots=True, eq=False)
class MayLeave(xmpp.Question[bool]):
    """May this client leave?"""

    answers: ClassVar[tuple[type, ...]] = (bool,)


@dataclass(frozen=True, slots=True, eq=False)
class MayReturn(MayLeave):
    """May it come back?"""


@dataclass(frozen=True, slots=True)
class Noted(xmpp.Event):
    """What the extension was told."""

    words: str


@dataclass(frozen=True, slots=True)
class Notes:
    """An extension that gives back each command as an event."""

    name: str = "notes"
    nonzas: frozenset[str] = frozenset()
    counts_stanzas: bool = False

    def installed(self, context: StreamContext) -> None:
        return None

    def stanza_sent(self, state: Any, stanza: Element, context: StreamContext) -> Step | None:
        return None

    def stanza_received(self, state: Any, count: int, context: StreamContext) -> Step | None:
        return None

    def nonza_received(self, state: Any, element: Element, context: StreamContext) -> Step | None:
        return None

    def command(self, state: Any, command: object, context: StreamContext) -> Step | None:
        return Continue(state, events=(Noted(command),)) if isinstance(command, str) else None

    def octets_leave(self, state: Any, context: StreamContext) -> Step | None:
        return None

    def closing(self, state: Any, context: StreamContext) -> Step | None:
        return None

    def deadline(self, state: Any) -> float | None:
        return None

    def deadline_reached(self, state: Any, context: StreamContext) -> Step | None:
        return None

    def unacknowledged(self, state: Any) -> tuple[Element, ...]:
        return ()

    def detach(self, state: Any, context: StreamContext) -> ResumableSession | None:
        return None


@dataclass(frozen=True, slots=True)
class Leaving:
    """A feature of the open stream: each `<leave/>` is put to the host."""

    name: ClassVar[str] = LEAVE
    requires: ClassVar[xmpp.Milestone] = xmpp.Milestone.AUTHENTICATED | xmpp.Milestone.BOUND
    forbids: ClassVar[xmpp.Milestone] = xmpp.Milestone.NONE

    def advertise(self, state: object, context: StreamContext) -> tuple[Element, ...]:
        return ()

    def offer(self, element: Element | None, context: StreamContext) -> Offer | Declined | None:
        return None

    def begin(self, offer: Offer, features: Element | None, context: StreamContext) -> Step:
        raise AssertionError("never offered")

    def accepts(self, element: Element, context: StreamContext) -> bool:
        return not context.initiating and element.tag == IQ and element.find(LEAVE) is not None

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        leave = element.find(LEAVE)
        back = leave is not None and leave.get("back") is not None
        return Ask(MayReturn() if back else MayLeave(), state=element.get("id"))

    def answered(self, state: Any, question: Any, value: Any, context: StreamContext) -> Step:
        result = Element(IQ, {"type": "result", "id": state})
        if not value:
            return Continue(send=(Element(IQ, {"type": "result", "id": state}),))
        return Done(send=(result,), install=(Notes(),))

    def resumed(self, state: Any, context: StreamContext) -> Step:
        return Continue(state)


CONFIG = xmpp.ServerConfig(domains={DOMAIN}, extra_features=(Leaving(),))


async def asynchronous(question: Any) -> Any:
    return ANSWERS[type(question)](question)


@pytest.mark.feature("ADP-01", "ADP-02")
async def test_functions_that_answer_may_be_async(net: Net) -> None:
    both = dict.fromkeys((xmpp.CredentialsLookup, xmpp.BindRequested), asynchronous)
    async with net.pair(answers=both) as (session, far):
        assert session.jid == far.jid


async def test_an_answer_may_take_its_time(memory: Net) -> None:
    asked, go = Post(memory), Post(memory)

    async def later(question: Any) -> Any:
        asked.put(question)
        return await go.get()

    async with memory.shell.tasks() as tasks, memory.serve(idle, answers={xmpp.CredentialsLookup: later}) as serving:
        ready = Post(memory)

        async def client() -> None:
            async with memory.login(serving.port) as session:
                ready.put(session.jid)

        tasks.start(client)
        question = await asked.get()
        assert question.username == "juliet"
        go.put(store())
        assert await ready.get() is not None


async def idle(session: Session) -> None:
    async for _ in session:
        pass


@pytest.mark.feature("ADP-05")
async def test_an_answer_that_is_not_needed_any_more_is_dropped(memory: Net) -> None:
    asked = Post(memory)
    ended: list[str] = []

    async def never(question: Any) -> Any:
        asked.put()
        try:
            await memory.shell.signal().wait()
        finally:
            ended.append("cancelled")

    async with memory.shell.tasks() as tasks, memory.serve(idle, answers={xmpp.CredentialsLookup: never}) as serving:
        failed = Post(memory)

        async def client() -> None:
            with pytest.raises(memory.module.NotEstablished):
                async with memory.login(serving.port):
                    pass
            failed.put()

        tasks.start(client)
        await asked.get()
        await memory.wire_of_client().abort()
        await failed.get()
        await memory.shell.quiet()
    assert ended == ["cancelled"]


def plain_that_raises(question: Any) -> Any:
    raise ZeroDivisionError("the store is broken")


async def async_that_raises(question: Any) -> Any:
    raise ZeroDivisionError("the store is broken")


def wrong(question: Any) -> Any:
    return "not an answer"


async def async_wrong(question: Any) -> Any:
    return "not an answer"


@pytest.mark.parametrize("answer", [plain_that_raises, async_that_raises, wrong, async_wrong])
@pytest.mark.parametrize("question", [xmpp.CredentialsLookup, xmpp.BindRequested])
async def test_an_answer_that_raises_ends_its_session_alone(
    net: Net, answer: Callable[[Any], Any], question: type, caplog: pytest.LogCaptureFixture
) -> None:
    broken = True

    def sometimes(asked: Any) -> Any:
        return answer(asked) if broken else ANSWERS[type(asked)](asked)

    async with net.serve(idle, answers={question: sometimes}) as serving:
        with pytest.raises(net.module.NotEstablished) as caught:
            async with net.login(serving.port):
                pass
        assert caught.value.failure.condition == "internal-server-error"
        await net.shell.quiet()
        broken = False
        async with net.login(serving.port) as session:
            assert session.ready is not None
    assert "answering for a session failed" in caplog.text


async def test_an_answer_of_the_client_that_raises_is_what_connect_raises(net: Net) -> None:
    config = xmpp.ClientConfig(jid=f"juliet@{DOMAIN}", password=PASSWORD, ask_for_derivations=True)
    async with net.serve(idle) as serving:
        with pytest.raises(ZeroDivisionError):
            async with net.login(serving.port, config=config, answers={xmpp.DeriveKey: plain_that_raises}):
                pass
        await net.shell.quiet()


async def test_whoever_sets_a_question_going_is_not_to_blame_for_its_answer(net: Net) -> None:
    """The second question comes up within the call that answers the first."""
    async with net.pair(config=CONFIG, answers={MayReturn: plain_that_raises}) as (session, far):
        for number, attributes in enumerate(({}, {"back": "1"})):
            payload = Element(LEAVE, attributes)
            session.connection.send(xmpp.IQ(type="set", id=str(number), payload=payload))
        session.flush()
        question = await anext(far)
        assert type(question) is MayLeave
        assert far.answer(question, False)
        assert isinstance(far.terminal, xmpp.StreamFailed)
        assert (far.terminal.cause, far.terminal.condition) == (xmpp.Cause.LOCAL, "internal-server-error")
        assert isinstance(far.crash, ZeroDivisionError)
        assert (await everything(session))[-1].condition == "internal-server-error"


@pytest.mark.parametrize("soon", [False, True], ids=["answer", "answer_soon"])
async def test_a_question_without_a_function_comes_as_an_event(net: Net, soon: bool) -> None:
    async with net.pair(config=CONFIG) as (session, far), net.shell.tasks() as tasks:
        done = Post(net)

        async def ask() -> None:
            for _ in range(2):
                done.put(await session.request(Element(LEAVE), type="set"))

        tasks.start(ask)
        question = await anext(far)
        assert isinstance(question, MayLeave)
        with pytest.raises(xmpp.LocalProtocolError):
            far.answer(question, cast(Any, "yes"))
        with pytest.raises(xmpp.LocalProtocolError):
            far.answer_soon(question, cast(Any, "yes"))
        if soon:
            far.answer_soon(question, False)
        else:
            assert far.answer(question, False)
        await done.get()
        second = await anext(far)
        assert isinstance(second, MayLeave)
        far.answer_soon(question, False)  # of the one before: no matter
        far.answer_soon(second, True)
        await done.get()


async def test_an_answer_comes_from_a_thread(loopback: Net) -> None:
    async with loopback.pair(config=CONFIG) as (session, far), loopback.shell.tasks() as tasks:
        done = Post(loopback)

        async def ask() -> None:
            done.put(await session.request(Element(LEAVE), type="set"))

        tasks.start(ask)
        question = await anext(far)
        assert isinstance(question, MayLeave)
        thread = threading.Thread(target=far.answer_soon, args=(question, True))
        thread.start()
        assert (await done.get()).type == "result"
        thread.join()
        far.answer_soon(question, True)  # once more, and too late


async def test_commands_reach_an_extension(net: Net) -> None:
    async with net.pair(config=CONFIG, answers={MayLeave: lambda _: True}) as (session, far):
        with pytest.raises(xmpp.LocalProtocolError):
            far.perform("too early")
        await session.request(Element(LEAVE), type="set")
        far.perform("noted")
        assert await anext(far) == Noted("noted")
        with pytest.raises(xmpp.LocalProtocolError):
            far.perform(1)


async def test_a_key_is_derived_in_a_thread(loopback: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []
    derive = xmpp.DeriveKey.derive

    def noting(question: xmpp.DeriveKey) -> bytes:
        threads.append(threading.current_thread())
        return derive(question)

    monkeypatch.setattr(xmpp.DeriveKey, "derive", noting)
    config = xmpp.ClientConfig(jid=f"juliet@{DOMAIN}", password=PASSWORD, ask_for_derivations=True)
    async with loopback.pair(client={"config": config}) as (session, _):
        assert session.authenticated is not None
        keys = session.authenticated.keys
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()
    assert keys is not None
    known = xmpp.ClientConfig(
        jid=f"juliet@{DOMAIN}", credentials=xmpp.Password(PASSWORD).having(keys), ask_for_derivations=True
    )
    async with loopback.pair(client={"config": known}):
        pass
    assert len(threads) == 1


@pytest.mark.feature("ADP-05")
async def test_a_derivation_is_left_to_itself_by_who_is_cancelled(
    loopback: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = Post(loopback), threading.Event()
    portal = loopback.shell.portal()

    def slow(question: xmpp.DeriveKey) -> bytes:
        portal(begun.put)
        go.wait(60)
        return b""

    monkeypatch.setattr(xmpp.DeriveKey, "derive", slow)
    config = xmpp.ClientConfig(jid=f"juliet@{DOMAIN}", password=PASSWORD, ask_for_derivations=True)
    async with loopback.serve(idle) as serving, loopback.shell.tasks() as tasks:
        done, stops = Post(loopback), Stops(None)

        async def work() -> None:
            async with loopback.login(serving.port, config=config):
                pass

        async def run() -> None:
            done.put(await cancelled(loopback.library, work, stops))

        tasks.start(run)
        await begun.get()
        stops.cancel()
        assert await done.get()
        assert not go.is_set()
        go.set()


async def test_what_was_learnt_before_the_session_is_kept(net: Net) -> None:
    async with net.pair() as (session, far):
        kinds = [type(event) for event in session.negotiation]
        assert kinds == [
            xmpp.StreamOpened,
            xmpp.FeaturesOffered,
            xmpp.StreamOpened,
            xmpp.FeaturesOffered,
            xmpp.Authenticated,
            xmpp.FeaturesOffered,
        ]
        assert "balcony" in repr(session)
        assert far.jid == session.jid
        await far.close()
        assert [type(event) for event in await everything(session)] == [xmpp.StreamClosing, xmpp.Closed]
