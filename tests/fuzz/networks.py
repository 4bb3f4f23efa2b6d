"""Networks for the adapters: loopback TCP, and one in memory with the same face; both can be tapped and cut."""

from __future__ import annotations

import importlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import Any, TypeVar

import loops

import xmpp_core as xmpp
from xmpp_core.adapters import reaching
from xmpp_core.adapters.memory import memory_wires
from xmpp_core.adapters.opening import Adapter
from xmpp_core.adapters.serving import Handler, Serving
from xmpp_core.adapters.session import Session
from xmpp_core.adapters.shell import Listener, Shell, Signal, Tasks, Wire
from xmpp_core.adapters.tls import ClientTls, ServerTls
from xmpp_core.server.authority import Authority, Issued

__all__ = [
    "ANSWERS",
    "DOMAIN",
    "HOST",
    "PASSWORD",
    "Net",
    "Post",
    "Tap",
    "authority",
    "client_tls",
    "everything",
    "hold",
    "iq",
    "issued",
    "message",
    "read_until",
    "server_tls",
    "store",
]

T = TypeVar("T")
DOMAIN = "example.com"
HOST = "127.0.0.1"
PASSWORD = "pencil"


@cache
def authority() -> Authority:
    return Authority.create()


@cache
def issued() -> Issued:
    return authority().issue([DOMAIN])


@cache
def server_tls() -> ServerTls:
    return ServerTls(certificate=issued().certificate, key=issued().key)


@cache
def client_tls() -> ClientTls:
    return ClientTls(ca=authority().certificate)


@cache
def store() -> xmpp.StoredKeys:
    return xmpp.StoredKeys.derive(PASSWORD, iterations=4096)


def bound(question: xmpp.BindRequested) -> xmpp.Bound:
    return xmpp.Bound(question.account.with_resource(question.resource or "hall"))


ANSWERS: dict[type, Callable[[Any], Any]] = {
    xmpp.CredentialsLookup: lambda question: xmpp.NoSuchUser() if question.username == "nobody" else store(),
    xmpp.BindRequested: bound,
}


class Tap:
    """A wire with a record of what passed, that can be cut."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.sent = bytearray()
        self.received = bytearray()
        self.reads = self.aborts = 0
        self.cut_at_read: int | None = None
        """The read at which the connection is killed."""

    @property
    def peer(self) -> str:
        return self.wire.peer

    async def read(self) -> bytes:
        if self.reads == self.cut_at_read:
            await self.wire.abort()
            return b""
        octets = await self.wire.read()
        self.reads += 1
        self.received += octets
        return octets

    async def write(self, octets: bytes) -> None:
        self.sent += octets
        await self.wire.write(octets)

    async def finish(self) -> None:
        await self.wire.finish()

    async def abort(self) -> None:
        self.aborts += 1
        await self.wire.abort()


class _MemoryListener:
    def __init__(self, ports: dict[int, Any], port: int) -> None:
        self.addresses = ((HOST, port),)
        self._ports = ports

    def close(self) -> None:
        self._ports.pop(self.addresses[0][1], None)


class NetShell:
    """A shell whose connections are tapped, over loopback or in memory."""

    def __init__(self, base: Shell, *, memory: bool) -> None:
        self.base = base
        self.memory = memory
        self.room = 65_536
        self.dialled: list[Tap] = []
        self.accepted: list[Tap] = []
        self.serving = 0
        """Connections that are being served."""
        self.cut_next_at_read: int | None = None
        """Where the next connection dialled is killed."""
        self._next_port = 50_000
        self._ports: dict[int, tuple[Tasks, Callable[[Wire], Awaitable[None]]]] = {}
        self._less: list[Signal] = []

    def now(self) -> float:
        return self.base.now()

    def signal(self) -> Signal:
        return self.base.signal()

    def tasks(self) -> AbstractAsyncContextManager[Tasks]:
        return self.base.tasks()

    async def within(self, seconds: float, work: Callable[[], Awaitable[T]], *, shielded: bool = False) -> T:
        return await self.base.within(seconds, work, shielded=shielded)

    async def in_thread(self, work: Callable[[], T]) -> T:
        return await self.base.in_thread(work)

    def portal(self) -> Callable[[Callable[[], object]], None]:
        return self.base.portal()

    async def connect(self, host: str, port: int) -> Wire:
        if self.memory:
            if host.endswith(".invalid"):
                raise socket.gaierror(socket.EAI_NONAME, "not known")
            if port not in self._ports:
                raise ConnectionRefusedError("connection refused")
            wire, far = memory_wires(self.base, room=self.room)
            tasks, accepted = self._ports[port]
            tasks.start(accepted, far)
            tap = Tap(wire)
        else:
            tap = Tap(await self.base.connect(host, port))
        tap.cut_at_read, self.cut_next_at_read = self.cut_next_at_read, None
        self.dialled.append(tap)
        return tap

    async def listen(self, tasks: Tasks, host: str, port: int, accepted: Callable[[Wire], Awaitable[None]]) -> Listener:
        async def tapped(wire: Wire) -> None:
            tap = Tap(wire)
            self.accepted.append(tap)
            self.serving += 1
            try:
                await accepted(tap)
            finally:
                self.serving -= 1
                for signal in self._less:
                    signal.set()

        if not self.memory:
            return await self.base.listen(tasks, host, port, tapped)
        self._next_port += 1
        chosen = port or self._next_port
        self._ports[chosen] = tasks, tapped
        return _MemoryListener(self._ports, chosen)

    async def quiet(self) -> None:
        """Wait until no connection is served any more."""
        await self.down_to(0)

    async def down_to(self, count: int) -> None:
        """Wait until no more than `count` connections are served."""
        signal = self.signal()
        self._less.append(signal)
        while self.serving > count:
            await signal.wait()
        self._less.remove(signal)


MADE: list[Session] = []
"""The sessions of initiating entities, in the order of their making, also those that `connect` never gave."""


class WatchedSession(Session):
    """A session that is kept hold of."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        MADE.append(self)


setattr(reaching, "Session", WatchedSession)  # noqa: B010  # a session all the same


class Post:
    """Hands things from one task to another."""

    def __init__(self, net: Net) -> None:
        self._signal = net.shell.signal()
        self.things: list[Any] = []

    def put(self, thing: Any = None) -> None:
        self.things.append(thing)
        self._signal.set()

    async def get(self) -> Any:
        while not self.things:
            await self._signal.wait()
        return self.things.pop(0)


class Net:
    """One event loop and one network."""

    def __init__(self, library: str, *, memory: bool, virtual: bool | None = None) -> None:
        self.library = library
        self.memory = memory
        self.virtual = memory if virtual is None else virtual
        self.module = importlib.import_module(f"xmpp_core.adapters.{library}")
        self.shell = NetShell(self.module.shell, memory=memory)
        self.adapter = Adapter(self.shell)
        MADE.clear()
        self.turned: Callable[[], None] | None = None

    def run(self, work: Callable[[], Awaitable[None]]) -> None:
        loops.run(self.library, work, virtual=self.virtual, turned=self.turned)

    def serve(
        self,
        handler: Handler,
        *,
        config: xmpp.ServerConfig | None = None,
        answers: dict[type, Callable[[Any], Any]] | None = None,
        **options: Any,
    ) -> AbstractAsyncContextManager[Serving]:
        return self.adapter.serve(
            config or xmpp.ServerConfig(domains={DOMAIN}),
            handler,
            answers={**ANSWERS, **(answers or {})},
            **{"host": HOST, "port": 0, "tls": server_tls(), **options},
        )

    def login(self, port: int | None = None, **options: Any) -> AbstractAsyncContextManager[Session]:
        """Connect as Juliet unless told otherwise; without a port a `wire` is given."""
        where = {} if port is None else {"host": HOST, "port": port}
        whole: dict[str, Any] = {**where, "tls": client_tls(), **options}
        if "config" not in whole:
            whole = {"jid": f"juliet@{DOMAIN}/balcony", "password": PASSWORD, **whole}
        return self.adapter.connect(whole.pop("jid", None), **whole)

    @asynccontextmanager
    async def peer(self, script: Callable[[Wire], Awaitable[None]]) -> AsyncIterator[int]:
        """A peer made by hand: runs `script` on each connection; gives its port."""

        async def accepted(wire: Wire) -> None:
            try:
                await script(wire)
            except OSError:
                pass  # the client was gone first
            finally:
                await wire.abort()

        async with self.shell.tasks() as tasks:
            listener = await self.shell.listen(tasks, HOST, 0, accepted)
            try:
                yield listener.addresses[0][1]
            finally:
                listener.close()

    @asynccontextmanager
    async def pair(
        self, *, client: dict[str, Any] | None = None, **server: Any
    ) -> AsyncIterator[tuple[Session, Session]]:
        """A client's session and the server's end of it; the server's handler waits until the block is left."""
        sessions, left = Post(self), Post(self)

        async def handler(session: Session) -> None:
            sessions.put(session)
            await left.get()

        async with self.serve(handler, **server) as serving, self.login(serving.port, **(client or {})) as session:
            far = await sessions.get()
            try:
                yield session, far
            finally:
                left.put()

    def wire_of_client(self) -> Tap:
        return self.shell.dialled[-1]


async def read_until(wire: Wire, mark: bytes) -> bytes:
    """Read a script's input up to a mark, or the end."""
    octets = b""
    while mark not in octets:
        more = await wire.read()
        if not more:
            break
        octets += more
    return octets


async def message(session: Session) -> xmpp.Message:
    """Take the next event, which is a message."""
    event = await anext(session)
    assert isinstance(event, xmpp.Message)
    return event


async def iq(session: Session) -> xmpp.IQ:
    """Take the next event, which is a request."""
    event = await anext(session)
    assert isinstance(event, xmpp.IQ)
    return event


async def everything(session: Session) -> list[Any]:
    """Take events to the end."""
    return [event async for event in session]


def hold(session: Session) -> list[None]:
    """Have a session read nothing as long as the list that is given is not empty."""
    held = [None]
    room = session._driver._room
    session._driver._room = lambda: not held and room()
    return held
