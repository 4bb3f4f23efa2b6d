"""The fixtures `xmpp_server` and `xmpp_server_factory`: a real server, from any thread, stopped without a trace."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

import pytest
from loopback_login import USERS, login

import xmpp_core as xmpp
from xmpp_core.errors import LocalProtocolError
from xmpp_core.server import Conflict
from xmpp_core.server.store import AccountExists
from xmpp_core.testing.live.server import LoopbackServer, ServerOptions

if TYPE_CHECKING:
    from xmpp_core.server.authority import Authority

Factory = Callable[..., LoopbackServer]


@pytest.mark.xmpp_server(users=USERS)
def test_what_passes_is_recorded(xmpp_server: LoopbackServer) -> None:
    async def talk() -> None:
        async with login(xmpp_server) as juliet, login(xmpp_server, "romeo", direct_tls=True) as romeo:
            assert [str(jid) for jid in xmpp_server.sessions] == ["juliet@xmpp.test/desk", "romeo@xmpp.test/desk"]
            await juliet.send(xmpp.Message(to=romeo.jid, type="chat", body="Art thou not Romeo?"))
            heard = await anext(romeo)
            assert isinstance(heard, xmpp.Message)
            await romeo.send(heard.reply("Neither, fair saint."))
            await anext(juliet)

    asyncio.run(talk())
    first, second = xmpp_server.received
    assert isinstance(first, xmpp.Message)
    assert (str(first.from_), first.body) == ("juliet@xmpp.test/desk", "Art thou not Romeo?")
    assert xmpp_server.sent_to("romeo@xmpp.test") == xmpp_server.sent_to("romeo@xmpp.test/desk") == (first,)
    assert xmpp_server.sent_to("juliet@xmpp.test") == (second,)
    assert xmpp_server.sent_to("juliet@xmpp.test/other") == ()
    # What a test does with its record is nobody else's business.
    first.element.clear()
    assert xmpp_server.connections == 2
    assert xmpp_server.wait_for(lambda: xmpp_server.sessions == ())


def test_users_can_come_later_and_passwords_count(xmpp_server: LoopbackServer) -> None:
    assert xmpp_server.add_user("juliet", "pencil") == xmpp.JID("juliet@xmpp.test")
    xmpp_server.add_user("romeo@xmpp.test", "other")
    with pytest.raises(AccountExists):
        xmpp_server.add_user("juliet", "pencil")
    assert xmpp_server.users == {"juliet@xmpp.test": "pencil", "romeo@xmpp.test": "other"}

    async def enter() -> None:
        from xmpp_core.adapters.asyncio import AuthenticationFailed

        async with login(xmpp_server) as session:
            assert session.authenticated is not None
        xmpp_server.users["juliet@xmpp.test"] = "wrong"
        with pytest.raises(AuthenticationFailed):
            async with login(xmpp_server):
                pass

    asyncio.run(enter())


@pytest.mark.xmpp_server(users=USERS)
def test_the_server_sends_and_ends_sessions_of_its_own_accord(xmpp_server: LoopbackServer) -> None:
    async def listen() -> None:
        async with login(xmpp_server) as juliet, login(xmpp_server, "romeo") as romeo:
            xmpp_server.send(xmpp.Message(to="juliet@xmpp.test", body="The night is short."))
            xmpp_server.send(xmpp.Message(to="juliet@xmpp.test/desk", from_="nurse@else.test/x", body="Madam!"))
            heard = [await anext(juliet), await anext(juliet)]
            assert [(str(one.from_), one.body) for one in heard if isinstance(one, xmpp.Message)] == [
                ("xmpp.test", "The night is short."),
                ("nurse@else.test/x", "Madam!"),
            ]
            xmpp_server.disconnect("juliet@xmpp.test", "not-authorized", "the key was changed")
            end = await anext(juliet)
            assert isinstance(end, xmpp.StreamFailed)
            assert (end.condition, end.text) == ("not-authorized", "the key was changed")
            assert xmpp_server.sessions == (romeo.jid,)
            with pytest.raises(LookupError):
                xmpp_server.send(xmpp.Message(to="juliet@xmpp.test", body="Too late."))
            with pytest.raises(LookupError):
                xmpp_server.disconnect("juliet@xmpp.test/desk")
            with pytest.raises(LookupError):
                xmpp_server.misbehave(session="juliet@xmpp.test/desk")
            with pytest.raises(LocalProtocolError):
                xmpp_server.send(xmpp.Message(body="To whom?"))
            with pytest.raises(ValueError):
                xmpp_server.disconnect("romeo@xmpp.test", "nonsense")

    asyncio.run(listen())


@pytest.mark.xmpp_server(
    domains=["one.test", "two.test"],
    mechanisms=["SCRAM-SHA-1"],
    direct_tls=False,
    maximum_tls=ssl.TLSVersion.TLSv1_2,
    users={"a": "s3cret", "b@two.test": "s3cret"},
    hub={"conflict": Conflict.REFUSE, "name": "Verona"},
    server={"timeouts": xmpp.Timeouts(silence=3600.0)},
)
def test_the_mark_sets_options(xmpp_server: LoopbackServer) -> None:
    assert (xmpp_server.domain, xmpp_server.direct_tls_port) == ("one.test", None)
    assert list(xmpp_server.users) == ["a@one.test", "b@two.test"]

    async def enter() -> None:
        from xmpp_core.adapters.asyncio import connect

        where: dict[str, Any] = {"host": xmpp_server.host, "port": xmpp_server.port, "tls": xmpp_server.client_tls()}
        async with login(xmpp_server, "a") as one, connect("b@two.test", password="s3cret", **where) as two:
            assert two.jid is not None
            assert two.jid.domain == "two.test"
            assert one.authenticated is not None
            assert one.authenticated.mechanism == "SCRAM-SHA-1"
            assert one.connection.tls is not None
            assert one.connection.tls.version == "TLSv1.2"

    asyncio.run(enter())


class TestNearerMarks:
    pytestmark = pytest.mark.xmpp_server(domains=["outer.test"], users={"a": "s3cret"})

    @pytest.mark.xmpp_server(domains=["inner.test"])
    def test_win_option_by_option(self, xmpp_server: LoopbackServer) -> None:
        assert list(xmpp_server.users) == ["a@inner.test"]


def test_two_servers_serve_at_once(xmpp_server_factory: Factory) -> None:
    one = xmpp_server_factory(domains=["one.test"], users={"juliet": "first"})
    two = xmpp_server_factory(domains=["two.test"], users={"juliet": "second"})

    async def both() -> None:
        async with login(one) as here, login(two) as there:
            await here.send(xmpp.Message(to=here.jid, body="here"))
            await there.send(xmpp.Message(to=there.jid, body="there"))
            await anext(here)
            await anext(there)

    asyncio.run(both())
    assert [str(stanza.to) for stanza in one.received] == ["juliet@one.test/desk"]
    assert [str(stanza.to) for stanza in two.received] == ["juliet@two.test/desk"]


@pytest.mark.xmpp_server(users=USERS)
def test_every_thread_may_call(xmpp_server: LoopbackServer) -> None:
    count = 8

    async def enter(name: str) -> None:
        async with login(xmpp_server, name) as session:
            await session.send(xmpp.Message(to=session.jid, body=name))
            await anext(session)

    def work(number: int) -> None:
        xmpp_server.add_user(f"user{number}", "s3cret")
        asyncio.run(enter(f"user{number}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    everybody = xmpp_server.wait_for(lambda: xmpp_server.received if len(xmpp_server.received) == count else None)
    for thread in threads:
        thread.join()
    assert everybody is not None
    assert {one.body for one in everybody if isinstance(one, xmpp.Message)} == {f"user{n}" for n in range(count)}


@pytest.mark.xmpp_server(users=USERS)
def test_waiting_in_vain_tells_what_passed(xmpp_server: LoopbackServer) -> None:
    async def say() -> None:
        async with login(xmpp_server) as session:
            await session.send(xmpp.Message(to=session.jid, body="x", id="m1"))
            await anext(session)
            with pytest.raises(TimeoutError, match=r"connections: 1, sessions: 1, stanzas received: 1, .*id='m1'"):
                await asyncio.to_thread(xmpp_server.wait_for, lambda: len(xmpp_server.received) == 2, 0.05)

    asyncio.run(say())


def open_files() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def test_nothing_is_left_when_it_stops(xmpp_authority: Authority, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text(xmpp_authority.certificate)
    before, files = set(threading.enumerate()), open_files()
    server = LoopbackServer(ServerOptions(users=USERS), xmpp_authority, ca).start()
    assert server.direct_tls_port is not None

    async def enter() -> None:
        async with login(server) as session, login(server, "romeo", direct_tls=True):
            await session.request(Element("{urn:xmpp:ping}ping"), to=server.domain)

    asyncio.run(enter())
    # Clients that neither speak nor close do not keep it.
    idle = [socket.create_connection((server.host, port)) for port in (server.port, server.direct_tls_port)]
    server.wait_for(lambda: server.connections == 4)
    server.stop()
    server.stop()
    assert all(sock.recv(65536) is not None for sock in idle)
    for sock in idle:
        sock.close()
    for port in (server.port, server.direct_tls_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((server.host, port))
    assert set(threading.enumerate()) == before
    assert open_files() == files
    with pytest.raises(RuntimeError):
        server.behave()


@pytest.mark.xmpp_server(users=USERS)
def test_a_session_that_is_open_when_it_stops_is_told(xmpp_server_factory: Factory) -> None:
    server = xmpp_server_factory(users=USERS)

    async def stay() -> None:
        async with login(server) as session:
            await asyncio.to_thread(server.stop)
            end = await anext(session)
            assert isinstance(end, xmpp.StreamFailed)
            assert end.condition == "system-shutdown"

    asyncio.run(stay())


def test_what_fails_inside_is_raised_at_the_end(
    xmpp_authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text(xmpp_authority.certificate)

    def answer(*_: object) -> Any:
        raise ZeroDivisionError("made to fail")

    options = ServerOptions(users=USERS, hub={"domain_answers": {("get", "{urn:test}boom"): answer}})

    async def ask(server: LoopbackServer) -> None:
        from xmpp_core.adapters.asyncio import SessionEnded

        async with login(server) as session:
            with pytest.raises(SessionEnded):
                await session.request(Element("{urn:test}boom"), to=server.domain)

    server = LoopbackServer(options, xmpp_authority, ca).start()
    asyncio.run(ask(server))
    with pytest.raises(ZeroDivisionError, match="made to fail"):
        server.stop()


def test_what_keeps_it_from_starting_is_raised(xmpp_authority: Authority, tmp_path: Path) -> None:
    before = threading.active_count()
    server = LoopbackServer(ServerOptions(hub={"sessions_per_account": 0}), xmpp_authority, tmp_path / "ca.pem")
    with pytest.raises(LocalProtocolError):
        server.start()
    assert threading.active_count() == before


@pytest.mark.parametrize("name", ["domains", "mechanisms"])
def test_a_text_is_no_list(name: str) -> None:
    options: dict[str, Any] = {name: "xmpp.test"}
    with pytest.raises(LocalProtocolError):
        ServerOptions(**options)
