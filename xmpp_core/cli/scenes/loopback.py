"""The embedded server on loopback, and two clients of different event loops that talk over real TLS."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Final, TextIO

from ...adapters import asyncio as xmpp_asyncio
from ...adapters.session import Session
from ...adapters.shell import Shell
from ...adapters.tls import ClientTls, ServerTls
from ...jid import JID
from ...profiles import ClientConfig
from ...server.authority import Authority
from ...server.hub import HubConfig
from ...server.runner import Listen, Running, Server, running
from ...server.store import MemoryAccounts
from ...stanza import Message
from ...stream.trace import TraceRecord
from ...testing.entropy import CountedEntropy
from ..meanings import meaning_of_text

__all__ = ["over_loopback"]

_DOMAIN: Final = "example.com"
_LONGEST: Final = 150
_PATIENCE: Final = 20.0
Connect = Callable[..., AbstractAsyncContextManager[Session]]


@dataclass(frozen=True, slots=True)
class _Row:
    """What the summary says of one client."""

    name: str
    loop: str
    tls: str
    mechanism: str
    sent: int
    heard: int
    clean: bool


class _Client:
    """One client, telling what passes."""

    def __init__(self, name: str, loop: str, connect: Connect, ca: str, port: int, direct: bool, out: TextIO) -> None:
        self.name, self.loop, self.out = name, loop, out
        config = ClientConfig(
            jid=f"{name}@{_DOMAIN}/demo",
            password=f"{name}'s secret",
            mechanisms=("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"),
            entropy=CountedEntropy(name),
            trace=self.trace,
        )
        self.connection = connect(
            config=config, host="127.0.0.1", port=port, direct_tls=direct, tls=ClientTls(ca=ca), timeout=_PATIENCE
        )
        self.sent = self.heard = 0

    def trace(self, record: TraceRecord) -> None:
        if record.way not in ("sent", "received"):
            return
        arrow = "C>" if record.way == "sent" else "S>"
        text = record.text if len(record.text) <= _LONGEST else record.text[: _LONGEST - 3] + "..."
        self.out.write(f"  {self.name:<7}{arrow} {text}\n{'':19}{meaning_of_text(record.text).section}\n")

    async def say(self, session: Session, to: JID | str | None, text: str) -> None:
        await session.send(Message(to=to, type="chat", id=f"{self.name}-1", body=text))
        self.sent += 1

    async def hear(self, session: Session) -> Message:
        async for event in session:
            if isinstance(event, Message):
                self.heard += 1
                return event
        raise ConnectionError(f"the session of {self.name} ended: {session.terminal}")

    def row(self, session: Session) -> _Row:
        tls = session.connection.tls
        assert tls is not None
        assert session.authenticated is not None
        mechanism = session.authenticated.mechanism
        clean = bool(getattr(session.terminal, "clean", False))
        return _Row(self.name, self.loop, tls.version or "", mechanism, self.sent, self.heard, clean)


def over_loopback(out: TextIO) -> bool:
    """Play it; whether everything went well. Takes a second or two and ends by itself."""
    begun = time.monotonic()
    rows = asyncio.run(_play(out))
    out.write("\nWho      loop     TLS      mechanism           said heard\n")
    for row in rows:
        out.write(
            f"{row.name:<8} {row.loop:<8} {row.tls:<8} {row.mechanism:<19} {row.sent:>4} {row.heard:>5}"
            f"{'' if row.clean else '  did not end well'}\n"
        )
    out.write(
        f"\nDone in {time.monotonic() - begun:.1f} s: two clients, one server, nothing installed, nothing left.\n"
    )
    return len(rows) == 2 and all(row.clean and row.sent == row.heard == 1 for row in rows)


async def _play(out: TextIO) -> list[_Row]:
    authority = Authority.create()
    issued = authority.issue([_DOMAIN])
    accounts = MemoryAccounts(iterations=4096)
    for name in ("juliet", "romeo"):
        accounts.add(f"{name}@{_DOMAIN}", f"{name}'s secret")
    server = Server(
        hub=HubConfig(domains={_DOMAIN}),
        accounts=accounts,
        listen=(Listen("127.0.0.1", 0), Listen("127.0.0.1", 0, direct_tls=True)),
        tls=ServerTls(certificate=issued.certificate, key=issued.key),
        entropy=CountedEntropy("server"),
    )
    async with running(xmpp_asyncio.shell, server) as found:
        return await _talk(found, authority.certificate, out)


async def _talk(server: Running, ca: str, out: TextIO) -> list[_Row]:
    (_, starttls), (_, direct) = server.addresses
    loop, shell, connect, run = _second_loop()
    rows: list[_Row] = []
    ready, answered = threading.Event(), threading.Event()

    async def romeo() -> None:
        try:
            client = _Client("romeo", loop, connect, ca, direct, True, out)
            async with client.connection as session:
                ready.set()
                heard = await client.hear(session)
                await client.say(session, heard.from_, "Neither, fair saint, if either thee dislike.")
                # So that every run tells the same story: the goodbyes come one after the other.
                await shell.in_thread(partial(answered.wait, _PATIENCE))
            rows.append(client.row(session))
        finally:
            ready.set()

    out.write(f"\n4. romeo logs in over direct TLS, in a thread with {loop}\n")
    thread = threading.Thread(target=run, args=(romeo,), daemon=True)
    thread.start()
    await asyncio.to_thread(ready.wait, _PATIENCE)
    out.write("\n5. juliet logs in over STARTTLS, with asyncio\n")
    client = _Client("juliet", "asyncio", xmpp_asyncio.connect, ca, starttls, False, out)
    async with client.connection as session:
        out.write("\n6. They talk, and say goodbye\n")
        await client.say(session, f"romeo@{_DOMAIN}/demo", "Art thou not Romeo, and a Montague?")
        await client.hear(session)
        answered.set()
        await asyncio.to_thread(thread.join, _PATIENCE)
    rows.insert(0, client.row(session))
    return rows


def _second_loop() -> tuple[str, Shell, Connect, Callable[[Callable[[], Awaitable[None]]], None]]:
    """Give trio where it is installed, asyncio in a thread of its own where it is not."""
    try:
        import trio
    except ImportError:

        async def whole(work: Callable[[], Awaitable[None]]) -> None:
            await work()

        return "asyncio", xmpp_asyncio.shell, xmpp_asyncio.connect, lambda work: asyncio.run(whole(work))
    from ...adapters import trio as xmpp_trio

    return "trio", xmpp_trio.shell, xmpp_trio.connect, trio.run
