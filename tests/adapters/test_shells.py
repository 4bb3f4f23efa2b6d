"""What each event loop's share does by itself: addresses in turn, byte streams of one's own, tasks that end."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
import trio
from loops import LIBRARIES
from networks import ANSWERS, DOMAIN, HOST, Net, Post, authority, everything, issued, server_tls

import xmpp_core as xmpp
from xmpp_core.adapters.session import Session
from xmpp_core.adapters.shell import Wire


async def idle(session: Session) -> None:
    async for _ in session:
        pass


async def wire_on(net: Net, sock: socket.socket) -> Wire:
    sock.setblocking(False)
    if net.library == "trio":
        return net.module.wire_of(trio.SocketStream(trio.socket.from_stdlib_socket(sock)))  # type: ignore[no-any-return]
    return net.module.wire_of(*await asyncio.open_unix_connection(sock=sock))  # type: ignore[no-any-return]


@pytest.mark.feature("ADP-06")
async def test_a_session_over_a_unix_socket(loopback: Net) -> None:
    near, far = socket.socketpair(socket.AF_UNIX)
    wires = await wire_on(loopback, near), await wire_on(loopback, far)
    async with loopback.shell.tasks() as tasks:
        ended = Post(loopback)

        async def receiving() -> None:
            config = xmpp.ServerConfig(domains={DOMAIN})
            async with loopback.adapter.accept(wires[1], config, tls=server_tls(), answers=ANSWERS) as session:
                ended.put(await everything(session))

        tasks.start(receiving)
        async with loopback.login(wire=wires[0]) as session:
            await session.send(xmpp.Message(to="romeo@example.com", body="hi"))
        events = await ended.get()
    assert [type(event) for event in events] == [xmpp.Message, xmpp.StreamClosing, xmpp.Closed]


class Resolver(trio.abc.HostnameResolver):
    """Gives what a test says in place of the system's resolver."""

    def __init__(self) -> None:
        self.found: list[tuple[Any, ...]] = []

    async def getaddrinfo(self, *_: Any, **__: Any) -> list[Any]:
        return list(self.found)

    async def getnameinfo(self, *_: Any) -> tuple[str, str]:
        raise NotImplementedError

    def install(self, net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
        """For the loop that runs."""
        if net.library == "trio":
            trio.socket.set_custom_hostname_resolver(self)
        else:
            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", self.getaddrinfo)


def address(host: str, port: int) -> tuple[Any, ...]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port, 0, 0) if ":" in host else (host, port))


@pytest.mark.feature("ADP-03")
async def test_the_addresses_of_a_host_are_tried_in_turn(loopback: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 8305: one that refuses, or is of a family this system lacks, does not keep the next from being tried."""
    async with loopback.serve(idle) as serving:
        resolver = Resolver()
        resolver.install(loopback, monkeypatch)
        refusing = [address("::1", 1), address(HOST, 1), address("127.0.0.2", 1)]
        resolver.found = [*refusing, address(HOST, serving.port)]
        async with loopback.login(serving.port, host="many.example") as session:
            assert session.ready is not None
            assert session.peer == f"{HOST}:{serving.port}"
        resolver.found = refusing
        with pytest.raises(loopback.module.HostUnreachable, match="refused"):
            async with loopback.login(serving.port, host="many.example"):
                pass


async def test_the_address_in_use_cannot_be_listened_on(loopback: Net) -> None:
    async with loopback.serve(idle) as serving:
        with pytest.raises(OSError, match=r"[Aa]ddress"):
            async with loopback.serve(idle, port=serving.port):
                pass


async def test_a_handler_that_does_not_end_is_given_its_grace(memory: Net, caplog: pytest.LogCaptureFixture) -> None:
    ended: list[float] = []

    async def stubborn(session: Session) -> None:
        try:
            await memory.shell.signal().wait()
        finally:
            ended.append(memory.shell.now())

    taken = Post(memory)
    async with memory.shell.tasks() as tasks:
        async with memory.serve(stubborn, grace=7) as serving:
            port = serving.port

            async def client() -> None:
                async with memory.login(port) as session:
                    taken.put()
                    taken.put((await everything(session))[-1])

            tasks.start(client)
            await taken.get()
            left = memory.shell.now()
        assert ended == [pytest.approx(left + 7)]
        assert (await taken.get()).condition == "system-shutdown"
    assert "1 connections did not end in time" in caplog.text


@pytest.mark.feature("ADP-05")
async def test_connections_that_come_as_the_server_leaves_are_closed(net: Net) -> None:
    """Whether or not their task had begun: no socket and no coroutine is forgotten."""
    for _ in range(20):
        async with net.serve(idle, grace=0) as serving:
            wires = [await net.shell.connect(HOST, serving.port) for _ in range(5)]
        for wire in wires:
            assert b"stream" not in await wire.read() or await wire.read() == b""
            await wire.abort()
    assert net.shell.serving == 0


@pytest.mark.feature("ADP-05")
async def test_tasks_end_with_their_block(net: Net) -> None:
    begun: list[int] = []
    ended: list[int] = []

    async def work(number: int) -> None:
        begun.append(number)
        try:
            await net.shell.signal().wait()
        finally:
            ended.append(number)

    async def block() -> None:
        async with net.shell.tasks() as tasks:
            for number in range(3):
                tasks.start(work, number)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await block()
    assert sorted(begun) == sorted(ended) == [0, 1, 2]


async def test_a_signal_is_kept_until_somebody_waits(net: Net) -> None:
    signal = net.shell.signal()
    signal.set()
    signal.set()
    assert await signal.wait()
    assert not await signal.wait(net.shell.now())
    signal.set()
    assert await signal.wait(net.shell.now())


async def test_a_limit_is_a_limit(memory: Net) -> None:
    async def slow() -> None:
        await memory.shell.signal().wait()

    async def quick() -> int:
        return 5

    began = memory.shell.now()
    with pytest.raises(TimeoutError):
        await memory.shell.within(3, slow)
    assert memory.shell.now() == pytest.approx(began + 3)
    assert await memory.shell.within(3, quick) == 5


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_adapters_run_in_a_plain_loop(library: str) -> None:
    """As in the documentation: `asyncio.run`, `trio.run`, and the module's own `connect` and `serve`."""
    net = Net(library, memory=False)
    seen: list[Any] = []

    async def main() -> None:
        tls = net.module.ServerTls(certificate=issued().certificate, key=issued().key)
        trust = net.module.ClientTls(ca=authority().certificate)
        config = xmpp.ServerConfig(domains={DOMAIN}, sasl2=False)
        async with (
            net.module.serve(config, idle, host=HOST, port=0, tls=tls, answers=ANSWERS) as server,
            net.module.connect(
                f"juliet@{DOMAIN}", password="pencil", host=HOST, port=server.port, tls=trust
            ) as session,
        ):
            seen.append(session.jid)

    if library == "asyncio":
        asyncio.run(main())
    else:
        trio.run(main)
    assert seen == [xmpp.JID(f"juliet@{DOMAIN}/hall")]
