"""Both adapters against a real Prosody: log in, talk, be closed, be cut off, and every way to fail."""

from __future__ import annotations

import asyncio
import importlib
import selectors
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any

import pytest
import trio
from lab import Lab

import xmpp_core as xmpp
from xmpp_core.adapters import errors
from xmpp_core.adapters.session import Session
from xmpp_core.adapters.tls import ClientTls

pytestmark = [pytest.mark.interop, pytest.mark.parametrize("loop", ["asyncio", "trio"])]
PORTS = {False: "c2s_starttls", True: "c2s_direct_tls"}


def run(loop: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run an async function in the loop of that name; half a minute is the safety net."""

    async def under_asyncio() -> None:
        await asyncio.wait_for(work(), 30)

    async def under_trio() -> None:
        with trio.fail_after(30):
            await work()

    asyncio.run(under_asyncio()) if loop == "asyncio" else trio.run(under_trio)


class Client:
    """How the tests of one loop log in to the lab."""

    def __init__(self, loop: str, lab: Lab) -> None:
        self.adapter = importlib.import_module(f"xmpp_core.adapters.{loop}")
        self.lab = lab

    def connect(
        self,
        user: str,
        *,
        resource: str | None = None,
        direct: bool = False,
        domain: str | None = None,
        mechanisms: tuple[str, ...] | None = None,
        password: str | None = None,
        tls: ClientTls | None = None,
        **options: Any,
    ) -> AbstractAsyncContextManager[Session]:
        jid = xmpp.JID(f"{user}@{domain or self.lab.domain}")
        config = xmpp.ClientConfig(
            jid=jid if resource is None else jid.with_resource(resource),
            password=password or self.lab.users[user],
            mechanisms=mechanisms,
        )
        options.setdefault("host", self.lab.host)
        options.setdefault("port", self.lab.ports[PORTS[direct]])
        found: AbstractAsyncContextManager[Session] = self.adapter.connect(
            config=config, direct_tls=direct, tls=tls or ClientTls(ca=self.lab.ca), **options
        )
        return found


async def message(session: Session) -> xmpp.Message:
    async for event in session:
        if isinstance(event, xmpp.Message):
            return event
    raise AssertionError(f"the session ended: {session.terminal}")


async def end(session: Session) -> object:
    """Take everything, and give the terminal event."""
    async for event in session:
        last = event
    return last


@pytest.fixture
def client(loop: str, prosody: Lab) -> Client:
    return Client(loop, prosody)


@pytest.mark.feature("ADP-01", "ADP-02", "TLS-03")
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256"])
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
def test_two_sessions_talk(loop: str, client: Client, direct: bool, mechanism: str) -> None:
    domain = {"SCRAM-SHA-1": "sha1.", "SCRAM-SHA-256": "sha256."}[mechanism] + client.lab.domain

    async def work() -> None:
        async with (
            client.connect("alice", direct=direct, domain=domain, mechanisms=(mechanism,)) as alice,
            client.connect("bob", direct=direct, domain=domain, mechanisms=(mechanism,)) as bob,
        ):
            assert alice.authenticated is not None
            assert alice.authenticated.mechanism == mechanism
            assert alice.connection.tls is not None
            assert alice.connection.tls.verified
            for count in range(5):  # Prosody lets through 10 kB a second
                text = f"Ä ☃ 🎈 & < > ' \" {count} " + "x" * 100 * count
                await alice.send(xmpp.Message(to=bob.jid, type="chat", body=text))
                heard = await message(bob)
                assert (heard.body, heard.from_) == (text, alice.jid)
                await bob.send(heard.reply("heard"))
                assert (await message(alice)).body == "heard"
        assert isinstance(alice.terminal, xmpp.Closed)
        assert alice.terminal.clean

    run(loop, work)


@pytest.mark.feature("TLS-06", "SASL-04")
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"])
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
def test_the_channel_is_bound_on_tls_1_2(loop: str, client: Client, direct: bool, mechanism: str) -> None:
    tls = ClientTls(ca=client.lab.ca, maximum_version=ssl.TLSVersion.TLSv1_2)

    async def work() -> None:
        async with client.connect("romeo", direct=direct, mechanisms=(mechanism,), tls=tls) as session:
            assert session.authenticated is not None
            assert session.authenticated.mechanism == mechanism
            assert session.connection.tls is not None
            assert session.connection.tls.version == "TLSv1.2"

    run(loop, work)


@pytest.mark.feature("STR-12")
def test_a_close_by_the_server_is_told(loop: str, client: Client) -> None:
    async def work() -> None:
        async with (
            client.connect("juliet", resource="balcony") as first,
            client.connect("juliet", resource="balcony"),
        ):
            last = await end(first)
        assert isinstance(last, xmpp.StreamFailed)
        assert (last.cause, last.condition, last.local) == (xmpp.Cause.PEER_ERROR, "conflict", False)
        assert first.terminal is last

    run(loop, work)


@contextmanager
def relay(host: str, port: int) -> Iterator[tuple[int, threading.Event]]:
    """Carry octets to a server, until the event is set: then both sides are reset."""
    listener = socket.create_server(("127.0.0.1", 0))
    killed = threading.Event()

    def carry() -> None:
        near, _ = listener.accept()
        far = socket.create_connection((host, port))
        with near, far, selectors.DefaultSelector() as ready:
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            while not killed.is_set():
                for key, _ in ready.select(0.02):
                    source: Any = key.fileobj
                    octets = source.recv(65536)
                    key.data.sendall(octets)
            for one in (near, far):
                # No time to linger: the peer gets a reset.
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    thread = threading.Thread(target=carry)
    thread.start()
    try:
        yield listener.getsockname()[1], killed
    finally:
        killed.set()
        thread.join(10)
        listener.close()


@pytest.mark.feature("REC-01")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
def test_a_killed_connection_is_told(loop: str, client: Client, direct: bool) -> None:
    with relay(client.lab.host, client.lab.ports[PORTS[direct]]) as (port, killed):

        async def work() -> None:
            async with client.connect("alice", direct=direct, port=port) as session:
                await session.send(xmpp.Message(to=session.jid, body="to myself"))
                assert (await message(session)).body == "to myself"
                killed.set()
                last = await end(session)
            assert isinstance(last, xmpp.StreamFailed)
            assert (last.cause, last.retry) == (xmpp.Cause.END_OF_DATA, xmpp.Retry.NOW)

        run(loop, work)


def failure(loop: str, connecting: AbstractAsyncContextManager[Session]) -> errors.ConnectError:
    """Connect in vain, and give the error."""

    async def work() -> None:
        with pytest.raises(errors.ConnectError) as found:
            async with connecting:
                raise AssertionError("there is a session")
        caught.append(found.value)

    caught: list[errors.ConnectError] = []
    run(loop, work)
    assert "\n" not in str(caught[0])
    return caught[0]


@pytest.mark.feature("SASL-02")
def test_a_wrong_password(loop: str, client: Client) -> None:
    error = failure(loop, client.connect("alice", password="wrong"))
    assert type(error) is errors.AuthenticationFailed
    assert "not-authorized" in str(error)


@pytest.mark.feature("TLS-09")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
def test_a_wrong_authority(loop: str, client: Client, direct: bool) -> None:
    error = failure(loop, client.connect("alice", direct=direct, tls=ClientTls()))
    assert type(error) is errors.TlsNotEstablished
    assert "not trusted" in str(error)


@pytest.mark.feature("TLS-09")
def test_a_wrong_host_name(loop: str, client: Client) -> None:
    error = failure(loop, client.connect("alice", direct=True, domain="component.prosody.test"))
    assert type(error) is errors.TlsNotEstablished
    assert "not for component.prosody.test: it is for prosody.test" in str(error)


@pytest.mark.feature("TLS-03")
def test_a_host_name_that_the_server_has_no_certificate_for(loop: str, client: Client) -> None:
    error = failure(loop, client.connect("alice", direct=True, domain="elsewhere.example"))
    assert type(error) is errors.TlsNotEstablished
    assert "does not serve this domain" in str(error)


@pytest.mark.feature("STR-01")
def test_a_host_that_is_not_served(loop: str, client: Client) -> None:
    error = failure(loop, client.connect("alice", domain="elsewhere.example"))
    assert type(error) is errors.NotEstablished
    assert "host-unknown" in str(error)


@pytest.mark.feature("ADP-03")
def test_no_such_host(loop: str, client: Client) -> None:
    error = failure(loop, client.connect("alice", host="no-such-host.invalid"))
    assert type(error) is errors.HostNotFound
    assert "no-such-host.invalid" in str(error)


@pytest.mark.feature("ADP-03")
def test_a_refused_connection(loop: str, client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    error = failure(loop, client.connect("alice", port=port))
    assert type(error) is errors.HostUnreachable
    assert "refused" in str(error)


@pytest.mark.feature("ADP-05")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
def test_a_silent_server(loop: str, client: Client, direct: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = failure(loop, client.connect("alice", direct=direct, port=silent.getsockname()[1], timeout=0.5))
    assert type(error) is errors.ConnectTimedOut
    assert "0.5 s" in str(error)
