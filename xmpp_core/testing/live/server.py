"""The server that tests talk to: a thread of its own with its own event loop, on loopback."""

from __future__ import annotations

import asyncio
import datetime
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from ...adapters.asyncio import shell
from ...adapters.shell import Tasks
from ...adapters.tls import ClientTls, ServerTls, TlsLayer
from ...errors import LocalProtocolError
from ...jid import JID
from ...server.authority import Authority, Issued, Period
from ...server.hub import HubConfig
from ...server.runner import Listen, Server
from ...server.store import MemoryAccounts
from ...stanza import Stanza
from ...stream.conditions import StreamError
from ...stream.context import Kind
from ..faults import Fault, Flaw, Moment, SeeOtherHost, SendStreamError
from .hub import WatchedRun
from .line import LINE, Line
from .records import Records

__all__ = ["LoopbackServer", "ServerOptions"]

T = TypeVar("T")

_PATIENCE: Final = 10.0
"""Seconds for the thread to do what it is asked, to start and to stop: more means that it hangs."""

_GRACE: Final = 0.5
"""Seconds that clients get to close when the server stops; then they are cut off."""

_DAY: Final = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """What a test server is like: the arguments of the mark `xmpp_server` and of `xmpp_server_factory`."""

    domains: Sequence[str] = ("xmpp.test",)
    """The domains served; `LoopbackServer.domain` is the first."""
    users: Mapping[str, str] = field(default_factory=dict)
    """Accounts that are there from the start: passwords by name, as for `add_user`."""
    direct_tls: bool = True
    """Whether there is a port where TLS comes first (XEP-0368) beside the one with STARTTLS."""
    mechanisms: Sequence[str] | None = None
    """SASL mechanisms to offer; None: all."""
    maximum_tls: ssl.TLSVersion | None = None
    """The highest version of TLS to speak; None: the highest there is."""
    iterations: int = 4096
    """SCRAM's work factor: the least that clients accept, so that tests are quick."""
    hub: Mapping[str, Any] = field(default_factory=dict)
    """More arguments of `HubConfig`: `conflict`, `requests_between_strangers`, ..."""
    server: Mapping[str, Any] = field(default_factory=dict)
    """More arguments of `Server`: `limits`, `timeouts`, ..."""

    def __post_init__(self) -> None:
        if isinstance(self.domains, str) or isinstance(self.mechanisms, str):
            raise LocalProtocolError("domains and mechanisms are lists of texts")


class LoopbackServer:
    """A real server, over TCP and TLS, for clients of any kind: other threads, event loops, processes.

    Every method may be called from any thread but the server's own; those that wait block the thread
    that calls them, so code in an event loop calls them through a worker thread
    (`asyncio.to_thread`, `trio.to_thread.run_sync`). Use it as a context, or `start` and `stop` it.
    """

    def __init__(self, options: ServerOptions, authority: Authority, ca: Path) -> None:
        self.options = options
        self.host = "127.0.0.1"
        self.port = 0
        """The port with STARTTLS."""
        self.direct_tls_port: int | None = None
        """The port where TLS comes first; None when the options leave it out."""
        self.domain = str(JID(options.domains[0]))
        self.ca = ca
        """A PEM file: the authority to trust."""
        self.users: dict[str, str] = {}
        """Passwords by bare address."""
        self.failures: list[BaseException] = []
        """What failed inside the server; `stop` raises it."""
        self._authority = authority
        self._accounts = MemoryAccounts(iterations=options.iterations)
        self._records = Records()
        self._behaviours: deque[_Behaviour] = deque()
        self._lines: set[Line] = set()
        self._flawed: dict[Flaw, ServerTls] = {}
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop
        self._leave: asyncio.Event
        self._fewer: asyncio.Event
        self._run: WatchedRun
        for name, password in options.users.items():
            self.add_user(name, password)

    def __repr__(self) -> str:
        return f"<LoopbackServer {self.domain} at {self.host}:{self.port}>"

    # Accounts and TLS.

    def add_user(self, name: str, password: str) -> JID:
        """Make an account, of the first domain unless `name` has another, and give its bare address.

        Raises `AccountExists`, `JIDError` and `LocalProtocolError`.
        """
        jid = JID(name if "@" in name else f"{name}@{self.domain}")
        self._accounts.add(jid, password)
        self.users[str(jid)] = password
        return jid

    def client_tls(self, **settings: Any) -> ClientTls:
        """Give what `connect` of our adapters needs to trust this server; `settings` are more of `ClientTls`."""
        return ClientTls(ca=str(self.ca), **settings)

    # What passed.

    @property
    def received(self) -> tuple[Stanza, ...]:
        """Every stanza that clients sent, oldest first, with the full address of the sender in it."""
        return self._records.all_received()

    def sent_to(self, jid: JID | str) -> tuple[Stanza, ...]:
        """Give every stanza said to a full address or, for a bare one, to any of the account's sessions."""
        return self._records.sent_to(_jid(jid))

    @property
    def sessions(self) -> tuple[JID, ...]:
        """The full addresses of the sessions there are, oldest first."""
        return self._records.sessions()

    @property
    def connections(self) -> int:
        """How many TCP connections were accepted, in all."""
        return self._records.connections()

    def wait_for(self, predicate: Callable[[], T], timeout: float = 5.0) -> T:
        """Wait until `predicate()` is true, and give what it gave; it is asked again whenever something passed.

        Raises `TimeoutError` that tells what passed instead.
        """
        return self._records.wait_for(predicate, timeout)

    # What the server does of its own accord.

    def send(self, stanza: Stanza) -> None:
        """Send a stanza as the server, to the session or sessions of its `to`; `from_` is the domain if left out.

        Raises `LookupError` when nobody there has a session, and what `Connection.send` raises.
        """
        to = stanza.to
        if to is None:
            raise LocalProtocolError("the stanza is addressed to nobody")
        said = stanza.copy()
        if said.from_ is None:
            said = _from(said, self.domain)
        self._in_loop(lambda: self._run.do(self._run.hub.delivered(to, said)))

    def disconnect(self, jid: JID | str, condition: str = "reset", text: str | None = None) -> None:
        """End the sessions of an address with a stream error. `misbehave(Drop(), session=jid)` cuts them instead.

        Raises `LookupError` when there is none and `ValueError` for an unknown condition.
        """
        error, whom = StreamError(condition, text), _jid(jid)
        self._in_loop(lambda: self._dismiss(whom, error))

    # What goes wrong.

    def misbehave(self, *faults: Fault, connections: int | None = 1, session: JID | str | None = None) -> None:
        """Have these faults, all of them, happen to the next `connections` connections (None: to all that follow).

        Each call is one behaviour; several are taken one after the other. With `session` they happen
        to the connections of that address that are there, from now on.
        Raises `LookupError` when it has none.
        """
        if session is None:
            self._in_loop(lambda: self._behaviours.append(_Behaviour(faults, connections)))
            return
        whom = _jid(session)

        def act() -> None:
            hub = self._run.hub
            for one in hub.sessions_of(whom):
                line = hub.line_of(one)
                for fault in faults:
                    if isinstance(fault, SendStreamError | SeeOtherHost) and fault.at is Moment.AT_ONCE:
                        self._run.do(hub.dismiss([one], fault.error()))
                    else:
                        line.misbehave([fault])

        self._in_loop(act)

    def behave(self) -> None:
        """Forget the faults of connections to come."""
        self._in_loop(self._behaviours.clear)

    # Life.

    def start(self) -> Self:
        """Start it; returns once it listens. Raises what kept it from that."""
        started: Future[None] = Future()
        self._thread = threading.Thread(target=self._work, args=(started,), name="xmpp_server", daemon=True)
        self._thread.start()
        started.result(_PATIENCE)
        return self

    def stop(self) -> None:
        """End all sessions with `system-shutdown` and stop; may be called again.

        Clients that do not close at once are cut off. Raises what failed inside the server while it
        ran, and `RuntimeError` when it does not stop.
        """
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._loop.call_soon_threadsafe(self._leave.set)
        thread.join(_PATIENCE)
        if thread.is_alive():
            raise RuntimeError(f"the server did not stop within {_PATIENCE:g} s")
        if self.failures:
            raise self.failures[0]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # In the server's thread.

    def _in_loop(self, work: Callable[[], None]) -> None:
        if self._thread is None:
            raise RuntimeError("the server does not run")
        done: Future[None] = Future()

        def act() -> None:
            try:
                work()
            except Exception as error:
                done.set_exception(error)
            else:
                done.set_result(None)

        self._loop.call_soon_threadsafe(act)
        done.result(_PATIENCE)

    def _work(self, started: Future[None]) -> None:
        try:
            asyncio.run(self._serve(started))
        except BaseException as error:
            if started.done():
                self._failed(error)
            else:
                started.set_exception(error)

    async def _serve(self, started: Future[None]) -> None:
        self._loop, self._leave, self._fewer = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        self._loop.set_exception_handler(self._unhandled)
        options = self.options
        server = Server(
            hub=HubConfig(domains=options.domains, **options.hub),
            accounts=self._accounts,
            tls=self._tls(_LineTls, self._authority.issue(options.domains)),
            mechanisms=None if options.mechanisms is None else tuple(options.mechanisms),
            # What goes wrong is told by the moments and elements of RFC 6120.
            **{"sasl2": False, **options.server},
        )
        run = self._run = WatchedRun(shell, server, self._records, self._failed)
        async with shell.tasks() as tasks:
            listeners: list[asyncio.Server] = []
            try:
                for direct in (False, True) if options.direct_tls else (False,):
                    listeners.append(await self._listen(tasks, run, Listen(self.host, 0, direct_tls=direct)))
                ports = [listener.sockets[0].getsockname()[1] for listener in listeners]
                self.port = ports[0]
                self.direct_tls_port = ports[1] if options.direct_tls else None
                started.set_result(None)
                await self._leave.wait()
            finally:
                for listener in listeners:
                    listener.close()
            for line in tuple(self._lines):
                if line.stuck:
                    line.cut()
            run.shut()
            with suppress(TimeoutError):
                await shell.within(_GRACE, self._emptied)

    async def _listen(self, tasks: Tasks, run: WatchedRun, listen: Listen) -> asyncio.Server:
        async def attend(line: Line) -> None:
            LINE.set(line)
            try:
                await run.attend(listen, line)
            except Exception as error:
                self._failed(error)
                await line.abort()
            finally:
                self._lines.discard(line)
                self._fewer.set()

        def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.start(attend, self._accepted(reader, writer))

        return await asyncio.start_server(take, listen.host, listen.port)

    async def _emptied(self) -> None:
        while self._lines:
            self._fewer.clear()
            await self._fewer.wait()

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Line:
        line = Line(reader, writer, self._records.sent)
        self._lines.add(line)
        self._records.accepted()
        if self._behaviours:
            behaviour = self._behaviours[0]
            if behaviour.taken():
                self._behaviours.popleft()
            line.misbehave(behaviour.faults)
            if line.flaw is not None:
                line.flawed_tls = self._tls_with(line.flaw.flaw)
        return line

    def _tls_with(self, flaw: Flaw) -> ServerTls:
        if flaw not in self._flawed:
            self._flawed[flaw] = self._tls(ServerTls, _flawed(flaw, self._authority, self.options.domains))
        return self._flawed[flaw]

    def _tls(self, kind: type[ServerTls], issued: Issued) -> ServerTls:
        return kind(certificate=issued.certificate, key=issued.key, maximum_version=self.options.maximum_tls)

    def _dismiss(self, jid: JID, error: StreamError) -> None:
        hub = self._run.hub
        self._run.do(hub.dismiss(hub.sessions_of(jid), error))

    def _failed(self, error: BaseException) -> None:
        if error not in self.failures:
            self.failures.append(error)

    def _unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._failed(context.get("exception") or RuntimeError(context["message"]))


class _Behaviour:
    """Faults, and how many connections they are still for."""

    def __init__(self, faults: Iterable[Fault], connections: int | None) -> None:
        self.faults = tuple(faults)
        self._left = connections

    def taken(self) -> bool:
        """Count a connection; gives whether it was the last one."""
        if self._left is None:
            return False
        self._left -= 1
        return self._left <= 0


class _LineTls(ServerTls):
    """The server's TLS, as the faults of the connection that asks want it."""

    def layer(self, *, direct: bool, kind: Kind = Kind.C2S) -> TlsLayer:
        line = LINE.get()
        flawed = line.flawed_tls
        made = super().layer(direct=direct, kind=kind) if flawed is None else flawed.layer(direct=direct, kind=kind)
        return line.layered(made)


def _flawed(flaw: Flaw, authority: Authority, domains: Sequence[str]) -> Issued:
    now = datetime.datetime.now(datetime.UTC)
    match flaw:
        case Flaw.EXPIRED:
            return authority.issue(domains, period=Period(now - 30 * _DAY, now - _DAY))
        case Flaw.NOT_YET_VALID:
            return authority.issue(domains, period=Period(now + _DAY, now + 30 * _DAY))
        case Flaw.WRONG_HOST:
            return authority.issue(["another.invalid"])
        case Flaw.SELF_SIGNED:
            return authority.issue(domains, self_signed=True)
        case Flaw.UNKNOWN_AUTHORITY:
            return Authority.create().issue(domains)


def _jid(jid: JID | str) -> JID:
    return jid if isinstance(jid, JID) else JID(jid)


def _from(stanza: Stanza, domain: str) -> Stanza:
    stanza.element.set("from", domain)
    return type(stanza).view(stanza.element)
