"""Each fault of the test server ends in the typed error of our own client, over STARTTLS and direct TLS."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from loopback_login import USERS, login

import xmpp_core as xmpp
from xmpp_core.adapters.asyncio import (
    AuthenticationFailed,
    ConnectError,
    ConnectTimedOut,
    HostUnreachable,
    NotEstablished,
    RequestTimedOut,
    Session,
    SessionEnded,
    TlsNotEstablished,
)
from xmpp_core.testing.faults import (
    BadCertificate,
    Delay,
    Drop,
    DropAfter,
    Fault,
    Flaw,
    Garbage,
    HalfClose,
    Moment,
    OnStanza,
    RefuseTls,
    SeeOtherHost,
    SendStreamError,
    Silence,
    SplitWrites,
    StopReading,
    Way,
    WrongNonce,
    WrongSignature,
)
from xmpp_core.testing.live.server import LoopbackServer

pytestmark = pytest.mark.xmpp_server(users=USERS)

FOREVER = 86_400.0
BOTH = (False, True)
LATER = (Moment.SECURED, Moment.AUTHENTICATED)
CUT = "without a closing tag"
HANDSHAKE = "cut during the TLS handshake"

# The fault, over direct TLS or not, the error, a part of its words.
ROWS: list[tuple[Fault, bool, type[ConnectError], str]] = [
    *((DropAfter(500, reset=reset), False, TlsNotEstablished, HANDSHAKE) for reset in BOTH),
    *((DropAfter(500, reset=reset), True, TlsNotEstablished, HANDSHAKE) for reset in BOTH),
    *((DropAfter(2500), direct, NotEstablished, CUT) for direct in BOTH),
    *((DropAfter(250, Way.TO_SERVER), direct, TlsNotEstablished, HANDSHAKE) for direct in BOTH),
    (DropAfter(0), False, NotEstablished, CUT),
    (DropAfter(0, Way.TO_SERVER), True, TlsNotEstablished, HANDSHAKE),
    (Drop(), False, NotEstablished, CUT),
    (Drop(), True, TlsNotEstablished, HANDSHAKE),
    (Drop(Moment.STREAM), False, NotEstablished, CUT),
    *((Drop(at, reset), direct, NotEstablished, CUT) for at in LATER for reset in BOTH for direct in BOTH),
    (HalfClose(), False, NotEstablished, CUT),
    (HalfClose(), True, TlsNotEstablished, HANDSHAKE),
    (HalfClose(Moment.STREAM), False, NotEstablished, CUT),
    *((HalfClose(at), direct, NotEstablished, CUT) for at in LATER for direct in BOTH),
    (Garbage(), False, NotEstablished, "<not-well-formed/>"),
    (Garbage(b"<!-- -->"), True, NotEstablished, "<restricted-xml/>"),
    (Garbage(at=Moment.AT_ONCE), False, NotEstablished, "<unsupported-encoding/>"),
    (Garbage(at=Moment.AT_ONCE), True, TlsNotEstablished, "plain text where TLS was expected"),
    *((Garbage(at=at), direct, NotEstablished, "<not-well-formed/>") for at in LATER for direct in BOTH),
    *((Garbage(at=at, below_tls=True), direct, NotEstablished, CUT) for at in LATER for direct in BOTH),
    (SendStreamError("host-unknown"), False, NotEstablished, "<host-unknown/>"),
    (SendStreamError("host-gone"), True, NotEstablished, "<host-gone/>"),
    (SendStreamError("conflict", Moment.AT_ONCE), False, NotEstablished, "<conflict/>"),
    *((SendStreamError("reset", at), direct, NotEstablished, "<reset/>") for at in LATER for direct in BOTH),
    *((SeeOtherHost("127.0.0.1:1", at), True, HostUnreachable, "refused") for at in (Moment.STREAM, *LATER)),
    (SeeOtherHost("127.0.0.1:1"), False, HostUnreachable, "refused"),
    (RefuseTls(), False, TlsNotEstablished, "refused STARTTLS"),
    *((WrongNonce(), direct, AuthenticationFailed, "nonce does not extend ours") for direct in BOTH),
    *((WrongSignature(), direct, AuthenticationFailed, "signature is wrong") for direct in BOTH),
    *(
        (BadCertificate(flaw), direct, TlsNotEstablished, words)
        for flaw, words in {
            Flaw.EXPIRED: "has expired",
            Flaw.NOT_YET_VALID: "is not valid yet",
            Flaw.WRONG_HOST: "is not for xmpp.test",
            Flaw.SELF_SIGNED: "is self-signed",
            Flaw.UNKNOWN_AUTHORITY: "not trusted",
        }.items()
        for direct in BOTH
    ),
]


def named(value: Any) -> str:
    if isinstance(value, bool):
        return "direct" if value else "starttls"
    if isinstance(value, type):
        return value.__name__
    return str(value) if isinstance(value, str) else repr(value).replace("Moment.", "").split(": ")[0]


@pytest.mark.parametrize(("fault", "direct", "kind", "words"), ROWS, ids=named)
def test_a_fault_ends_in_its_error_and_the_next_login_succeeds(
    xmpp_server: LoopbackServer, fault: Fault, direct: bool, kind: type[ConnectError], words: str
) -> None:
    xmpp_server.misbehave(fault)

    async def twice() -> None:
        with pytest.raises(ConnectError) as caught:
            async with login(xmpp_server, direct_tls=direct):
                pass
        assert type(caught.value) is kind
        assert words in str(caught.value)
        async with login(xmpp_server, direct_tls=direct) as session:
            assert str(session.jid) == "juliet@xmpp.test/desk"

    asyncio.run(twice())
    assert xmpp_server.connections == 2


@pytest.mark.parametrize(
    "fault",
    [
        Silence(),
        Silence(Moment.STREAM),
        Silence(Moment.SECURED),
        Silence(Moment.AUTHENTICATED),
        StopReading(),
        StopReading(500),
        Delay(FOREVER),
        Delay(FOREVER, "success"),
        Delay(FOREVER, "{http://etherx.jabber.org/streams}features"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("direct", BOTH, ids=named)
def test_a_server_that_says_nothing_ends_in_a_time_out(xmpp_server: LoopbackServer, fault: Fault, direct: bool) -> None:
    xmpp_server.misbehave(fault)

    async def wait() -> None:
        with pytest.raises(ConnectTimedOut, match="to negotiate the stream"):
            async with login(xmpp_server, direct_tls=direct, timeout=0.4):
                pass

    asyncio.run(wait())


@pytest.mark.parametrize("fault", [SplitWrites(), SplitWrites(7), Delay(0.001), DropAfter(10**9)], ids=repr)
@pytest.mark.parametrize("direct", BOTH, ids=named)
def test_a_session_survives_what_only_slows_it(xmpp_server: LoopbackServer, fault: Fault, direct: bool) -> None:
    xmpp_server.misbehave(fault)

    async def ping() -> None:
        async with login(xmpp_server, direct_tls=direct) as session:
            answer = await session.request(Element("{urn:xmpp:ping}ping"), to=xmpp_server.domain)
            assert answer.type == "result"

    asyncio.run(ping())


def test_a_redirection_leads_to_the_other_server(
    xmpp_server: LoopbackServer, xmpp_server_factory: Callable[..., LoopbackServer]
) -> None:
    other = xmpp_server_factory(users=USERS)
    xmpp_server.misbehave(SeeOtherHost(f"{other.host}:{other.port}"))

    async def follow() -> None:
        async with login(xmpp_server):
            assert (len(xmpp_server.sessions), len(other.sessions)) == (0, 1)

    asyncio.run(follow())


def test_a_certificate_that_is_bad_is_accepted_by_no_other_name_than_the_loud_one(xmpp_server: LoopbackServer) -> None:
    xmpp_server.misbehave(BadCertificate(Flaw.EXPIRED))

    async def insist() -> None:
        from xmpp_core.adapters.asyncio import ClientTls

        async with login(xmpp_server, tls=ClientTls(insecure_accept_any_certificate=True)) as session:
            assert session.jid is not None

    asyncio.run(insist())


# A session that lives.


def living(server: LoopbackServer, work: Callable[[Session], Awaitable[None]]) -> None:
    async def run() -> None:
        async with login(server) as session:
            await work(session)

    asyncio.run(run())


async def last(session: Session) -> object:
    return [event async for event in session][-1]


@pytest.mark.parametrize("at", [OnStanza(2), Moment.AT_ONCE], ids=repr)
@pytest.mark.parametrize(
    ("make", "cause", "condition"),
    [
        (Drop, xmpp.Cause.END_OF_DATA, None),
        (lambda at: Drop(at, reset=True), xmpp.Cause.END_OF_DATA, None),
        (HalfClose, xmpp.Cause.END_OF_DATA, None),
        (lambda at: Garbage(at=at), xmpp.Cause.VIOLATION, "not-well-formed"),
        (lambda at: Garbage(at=at, below_tls=True), xmpp.Cause.END_OF_DATA, None),
        (lambda at: SendStreamError("policy-violation", at, "enough"), xmpp.Cause.PEER_ERROR, "policy-violation"),
        (lambda at: SeeOtherHost("[::1]:5222", at), xmpp.Cause.PEER_ERROR, "see-other-host"),
    ],
)
def test_a_fault_in_a_session_ends_it_with_the_right_event(
    xmpp_server: LoopbackServer, make: Callable[[Any], Fault], at: Any, cause: xmpp.Cause, condition: str | None
) -> None:
    async def talk(session: Session) -> None:
        assert session.jid is not None
        fault = make(at)
        xmpp_server.misbehave(fault, session=session.jid)
        if isinstance(at, OnStanza):
            await session.send(xmpp.Message(to=session.jid, body="first"))
            assert isinstance(await anext(session), xmpp.Message)
            await session.send(xmpp.Message(to=session.jid, body="second"))
        end = await last(session)
        assert isinstance(end, xmpp.StreamFailed)
        assert (end.cause, end.condition) == (cause, condition)
        if condition == "policy-violation":
            assert end.text == "enough"
        # A broken TLS record is told apart from a cut connection.
        below = isinstance(fault, Garbage) and fault.below_tls
        assert ("TLS" in end.detail) is below, end.detail
        if condition == "see-other-host":
            assert end.redirect == xmpp.Redirect("::1", 5222)

    living(xmpp_server, talk)
    assert [message.body for message in xmpp_server.received if isinstance(message, xmpp.Message)] == (
        ["first", "second"] if isinstance(at, OnStanza) else []
    )
    xmpp_server.wait_for(lambda: xmpp_server.sessions == ())


@pytest.mark.parametrize("fault", [Silence(), Silence(OnStanza(1)), Delay(FOREVER, "iq")], ids=repr)
def test_an_answer_that_never_comes_is_a_time_out(xmpp_server: LoopbackServer, fault: Fault) -> None:
    async def ask(session: Session) -> None:
        assert session.jid is not None
        xmpp_server.misbehave(fault, session=session.jid)
        with pytest.raises(RequestTimedOut):
            await session.request(Element("{urn:xmpp:ping}ping"), to=xmpp_server.domain, timeout=0.2)
        xmpp_server.misbehave(Drop(), session=session.jid)

    living(xmpp_server, ask)


def test_octets_count_from_when_the_fault_is_given(xmpp_server: LoopbackServer) -> None:
    async def talk(session: Session) -> None:
        assert session.jid is not None
        xmpp_server.misbehave(DropAfter(10), session=session.jid)
        with pytest.raises(SessionEnded) as caught:
            await session.request(Element("{urn:xmpp:ping}ping"), to=xmpp_server.domain)
        assert isinstance(caught.value.terminal, xmpp.StreamFailed)
        assert caught.value.terminal.cause is xmpp.Cause.END_OF_DATA

    living(xmpp_server, talk)


def test_a_server_that_stops_reading_makes_the_sender_wait(xmpp_server: LoopbackServer) -> None:
    async def flood(session: Session) -> None:
        assert session.jid is not None
        xmpp_server.misbehave(StopReading(), session=session.jid)
        big = xmpp.Message(to=session.jid, body="x" * 200_000)

        async def send_many() -> None:
            for _ in range(1000):
                await asyncio.wait_for(session.send(big), 0.2)

        with pytest.raises(TimeoutError):
            await send_many()
        assert len(xmpp_server.received) <= 1
        xmpp_server.misbehave(Drop(), session=session.jid)
        assert isinstance(await last(session), xmpp.StreamFailed)

    living(xmpp_server, flood)


def test_behaviours_are_taken_one_after_the_other(xmpp_server: LoopbackServer) -> None:
    xmpp_server.misbehave(SendStreamError("reset"), connections=2)
    xmpp_server.misbehave(SplitWrites(3), SendStreamError("conflict", Moment.AUTHENTICATED))
    xmpp_server.misbehave(SendStreamError("host-gone"), connections=None)

    async def outcomes() -> list[str | None]:
        found: list[str | None] = []
        for number in range(7):
            if number == 6:
                xmpp_server.behave()
            try:
                async with login(xmpp_server):
                    found.append(None)
            except NotEstablished as error:
                assert isinstance(error.failure, xmpp.StreamFailed)
                found.append(error.failure.condition)
        return found

    assert asyncio.run(outcomes()) == ["reset", "reset", "conflict", "host-gone", "host-gone", "host-gone", None]


@pytest.mark.parametrize(
    "make",
    [
        lambda: SendStreamError("no-such-condition"),
        lambda: SeeOtherHost("a host"),
        lambda: DropAfter(-1),
        lambda: OnStanza(0),
        lambda: SplitWrites(0),
    ],
)
def test_faults_that_make_no_sense_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError):
        make()
