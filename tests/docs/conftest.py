"""A server on loopback for what the documentation shows: the embedded one, in a thread, with a throw-away authority."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import xmpp_core as xmpp
from xmpp_core.adapters.asyncio import ClientTls, ServerTls, Session, connect, shell
from xmpp_core.server import HubConfig, MemoryAccounts
from xmpp_core.server.authority import Authority
from xmpp_core.server.runner import Listen, Server, running

DOMAIN = "localhost"
PASSWORDS = {"juliet": "rosaline", "romeo": "montague", "nurse": "angelica"}


@dataclass(frozen=True)
class Place:
    """Where the server is and whom to trust. `nurse` is logged in there and repeats what she is told."""

    host: str
    port: int
    direct_port: int
    ca: str


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    authority = Authority.create()
    issued = authority.issue([DOMAIN])
    ca = tmp_path_factory.mktemp("authority") / "ca.pem"
    ca.write_text(authority.certificate)
    accounts = MemoryAccounts(iterations=4096)
    for name, password in PASSWORDS.items():
        accounts.add(f"{name}@{DOMAIN}", password)
    server = Server(
        hub=HubConfig(domains={DOMAIN}, requests_between_strangers=True),
        accounts=accounts,
        listen=(Listen("127.0.0.1", 0), Listen("127.0.0.1", 0, direct_tls=True)),
        tls=ServerTls(certificate=issued.certificate, key=issued.key),
    )
    found: list[Place] = []
    failed: list[BaseException] = []
    up = threading.Event()
    stops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        async with running(shell, server) as run:
            (host, port), (_, direct) = run.addresses
            config = xmpp.ClientConfig(jid=f"nurse@{DOMAIN}/house", password=PASSWORDS["nurse"])
            async with connect(config=config, host=host, port=port, tls=ClientTls(ca=str(ca))) as nurse:
                await nurse.send(xmpp.Presence())
                stop = asyncio.Event()
                stops.append((asyncio.get_running_loop(), stop))
                found.append(Place(host, port, direct, str(ca)))
                up.set()
                repeating = asyncio.create_task(repeat(nurse))
                await stop.wait()
                repeating.cancel()

    async def repeat(nurse: Session) -> None:
        async for event in nurse:
            if isinstance(event, xmpp.Message) and not event.is_error:
                await nurse.send(event.reply(event.body))

    def whole() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            failed.append(error)
        finally:
            up.set()

    thread = threading.Thread(target=whole)
    thread.start()
    up.wait(30)
    if failed:
        raise failed[0]
    yield found[0]
    loop, stop = stops[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)
    assert not failed, failed
    assert not thread.is_alive()
