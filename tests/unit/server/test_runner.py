"""The server on the network, in either event loop: what becomes of clients, and of accounts."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import loops
import pytest
import trio

import xmpp_core as xmpp
from xmpp_core.adapters.errors import AuthenticationFailed, NotEstablished
from xmpp_core.adapters.session import Session
from xmpp_core.adapters.tls import ClientTls, ServerTls
from xmpp_core.limits import Timeouts
from xmpp_core.sasl.conditions import SaslCondition
from xmpp_core.server import HubConfig, MemoryAccounts
from xmpp_core.server.authority import Authority
from xmpp_core.server.runner import Listen, Running, Server, running
from xmpp_core.server.store import StoreError
from xmpp_core.stanza.payloads.disco import DiscoInfo

AUTHORITY = Authority.create()
ISSUED = AUTHORITY.issue(["example.com"])
LOOPS = pytest.mark.parametrize("library", loops.LIBRARIES)


def accounts() -> MemoryAccounts:
    found = MemoryAccounts(iterations=4096, hashes=("SHA-256",))
    for name in ("juliet", "romeo"):
        found.add(f"{name}@example.com", name)
    return found


class House:
    """A server of one loop, and its clients."""

    def __init__(self, library: str) -> None:
        self.adapter = importlib.import_module(f"xmpp_core.adapters.{library}")
        self.found: Running

    @asynccontextmanager
    async def open(self, **options: Any) -> AsyncIterator[Running]:
        settings: dict[str, Any] = {
            "hub": HubConfig(domains={"example.com"}),
            "accounts": accounts(),
            "listen": (Listen("127.0.0.1", 0),),
            "tls": ServerTls(certificate=ISSUED.certificate, key=ISSUED.key, client_ca=AUTHORITY.certificate),
            **options,
        }
        async with running(self.adapter.shell, Server(**settings)) as self.found:
            yield self.found

    def login(self, name: str, *, tls: ClientTls | None = None, **config: Any) -> AbstractAsyncContextManager[Session]:
        [(host, port)] = self.found.addresses
        if "credentials" not in config:
            config = {"password": name, "mechanisms": ("SCRAM-SHA-256-PLUS",), **config}
        found: AbstractAsyncContextManager[Session] = self.adapter.connect(
            config=xmpp.ClientConfig(jid=f"{name}@example.com/home", **config),
            host=host, port=port, tls=tls or ClientTls(ca=AUTHORITY.certificate),
        )  # fmt: skip
        return found

    async def both(self, *works: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do them at the same time."""
        if self.adapter.__name__.endswith("trio"):
            async with trio.open_nursery() as nursery:
                for work in works:
                    nursery.start_soon(work)
        else:
            async with asyncio.TaskGroup() as group:
                for work in works:
                    group.create_task(work())

    def run(self, library: str, work: Any) -> None:
        loops.run(library, work, virtual=False, turned=None)


def certified(address: str) -> ClientTls:
    own = AUTHORITY.issue_client(address)
    return ClientTls(ca=AUTHORITY.certificate, certificate=own.certificate, key=own.key)


@LOOPS
@pytest.mark.feature("SASL-12")
def test_a_certificate_logs_in_to_its_account(library: str) -> None:
    house = House(library)

    async def work() -> None:
        kept = accounts()
        async with house.open(accounts=kept):
            tls = certified("juliet@example.com")
            async with house.login("juliet", tls=tls, credentials=xmpp.Certificate()) as session:
                assert session.authenticated is not None
                assert session.authenticated.mechanism == "EXTERNAL"
                assert str(session.jid) == "juliet@example.com/home"
            kept.disable("juliet@example.com")
            with pytest.raises(AuthenticationFailed, match="account-disabled"):
                async with house.login("juliet", tls=tls, credentials=xmpp.Certificate()):
                    raise AssertionError("logged in")
            tls = certified("tybalt@example.com")
            with pytest.raises(AuthenticationFailed, match="not-authorized"):
                async with house.login("tybalt", tls=tls, credentials=xmpp.Certificate()):
                    raise AssertionError("logged in")

    house.run(library, work)


class Slow:
    """A store behind which somebody else writes: what it knows comes when `told` is set, and not before."""

    def __init__(self) -> None:
        self._known = accounts()
        self.told = threading.Event()
        self.asked = threading.Event()

    def credentials(self, account: Any, domain: str | None = None) -> Any:
        self.asked.set()
        assert self.told.wait(60)
        return self._known.credentials(account, domain)


@LOOPS
@pytest.mark.feature("SASL-12")
def test_while_an_account_is_looked_up_for_a_certificate_others_are_served(library: str) -> None:
    house = House(library)

    async def work() -> None:
        slow = Slow()
        slow.told.set()
        async with house.open(accounts=slow), house.login("romeo") as romeo:
            slow.told.clear()
            slow.asked.clear()
            tls, credentials = certified("juliet@example.com"), xmpp.Certificate()

            async def others() -> None:
                while not slow.asked.is_set():
                    await romeo.request(DiscoInfo(), to="example.com")
                await romeo.request(DiscoInfo(), to="example.com")
                slow.told.set()

            async def juliet() -> None:
                async with house.login("juliet", tls=tls, credentials=credentials) as session:
                    assert str(session.jid) == "juliet@example.com/home"

            await house.both(others, juliet)

    house.run(library, work)


class Late:
    """A store whose answers are old when they come: what it reads at once is told when `told` is set."""

    def __init__(self) -> None:
        self.known = accounts()
        self.told = threading.Event()
        self.asked = threading.Event()

    def credentials(self, account: Any, domain: str | None = None) -> Any:
        found = self.known.credentials(account, domain)
        self.asked.set()
        assert self.told.wait(60)
        return found


@LOOPS
@pytest.mark.feature("SASL-12", "SEC-04")
@pytest.mark.parametrize("ended", [True, False], ids=["sessions ended", "sessions left"])
def test_a_login_by_certificate_does_not_outlive_its_account(library: str, ended: bool) -> None:
    house = House(library)

    async def work() -> None:
        late = Late()
        async with house.open(accounts=late) as found:
            tls, credentials = certified("juliet@example.com"), xmpp.Certificate()

            async def change() -> None:
                await house.adapter.shell.in_thread(partial(late.asked.wait, 60))
                late.known.disable("juliet@example.com")
                if ended:
                    found.end_sessions(xmpp.JID("juliet@example.com"), "policy-violation")
                late.told.set()

            async def juliet() -> None:
                words = "policy-violation" if ended else "not-allowed"
                with pytest.raises(NotEstablished, match=words):
                    async with house.login("juliet", tls=tls, credentials=credentials):
                        raise AssertionError("logged in")

            await house.both(change, juliet)
            assert len(found.hub) == 0

    house.run(library, work)


class Withdrawing(MemoryAccounts):
    """Answers at once, and disables whom it answered for."""

    def credentials(self, account: Any, domain: str | None = None) -> Any:
        found = super().credentials(account, domain)
        self.disable("juliet@example.com")
        return found


@LOOPS
@pytest.mark.feature("SASL-12", "SEC-04")
def test_nothing_is_bound_for_a_certificate_whose_account_was_disabled_since(library: str) -> None:
    house = House(library)
    kept = Withdrawing(iterations=4096, hashes=("SHA-256",))
    kept.add("juliet@example.com", "juliet")

    async def work() -> None:
        tls = certified("juliet@example.com")
        async with house.open(accounts=kept):
            with pytest.raises(NotEstablished, match="not-allowed"):
                async with house.login("juliet", tls=tls, credentials=xmpp.Certificate()):
                    raise AssertionError("logged in")

    house.run(library, work)


class Broken(MemoryAccounts):
    def credentials(self, account: Any, domain: str | None = None) -> Any:
        raise StoreError("the disk is gone")


@LOOPS
def test_a_store_that_fails_is_no_wrong_password(library: str, caplog: pytest.LogCaptureFixture) -> None:
    house = House(library)

    async def work() -> None:
        async with house.open(accounts=Broken()):
            by_certificate = {"credentials": xmpp.Certificate(), "tls": certified("juliet@example.com")}
            ways: tuple[dict[str, Any], ...] = ({}, by_certificate)
            for config in ways:
                with pytest.raises(AuthenticationFailed, match=SaslCondition.TEMPORARY_AUTH_FAILURE.value):
                    async with house.login("juliet", **config):
                        raise AssertionError("logged in")

    house.run(library, work)
    assert "the accounts cannot be read" in caplog.text


@LOOPS
@pytest.mark.feature("X-0030")
def test_clients_talk_ask_and_are_told_when_it_ends(library: str) -> None:
    house = House(library)

    async def work() -> None:
        async with house.open() as found, house.login("juliet") as juliet, house.login("romeo") as romeo:
            assert found.connections == 2
            info = await juliet.request(DiscoInfo(), answer=DiscoInfo, to="example.com")
            assert "urn:xmpp:ping" in info.features
            await juliet.send(xmpp.Message(to=romeo.jid, body="Romeo?"))
            heard = await anext(romeo)
            assert isinstance(heard, xmpp.Message)
            assert (heard.body, heard.from_) == ("Romeo?", juliet.jid)
            found.end_sessions(xmpp.JID("romeo@example.com"), "not-authorized")
            ended = await anext(romeo)
            assert isinstance(ended, xmpp.StreamFailed)
            assert ended.condition == "not-authorized"
            await juliet.send(xmpp.Message(to=romeo.jid, body="Romeo?", id="2"))
            answer = await anext(juliet)
            assert isinstance(answer, xmpp.Message)
            assert answer.error is not None
            assert answer.error.condition == "service-unavailable"
            found.shut()
            ended = await anext(juliet)
            assert isinstance(ended, xmpp.StreamFailed)
            assert ended.condition == "system-shutdown"
        assert len(found.hub) == 0

    house.run(library, work)


@LOOPS
@pytest.mark.feature("SASL-03", "SASL-06")
@pytest.mark.parametrize("hash", ["SHA-1", "SHA-256", "SHA3-512"])
def test_what_there_are_keys_for_is_offered(library: str, hash: str) -> None:
    house = House(library)
    kept = MemoryAccounts(iterations=4096, hashes=(hash,))
    kept.add("romeo@example.com", "romeo")

    async def work() -> None:
        async with house.open(accounts=kept), house.login("romeo", mechanisms=None) as romeo:
            assert romeo.authenticated is not None
            assert romeo.authenticated.mechanism.removesuffix("-PLUS") == f"SCRAM-{hash}"

    house.run(library, work)


@LOOPS
@pytest.mark.feature("ENG-13")
def test_a_client_that_reads_nothing_is_cut_off_and_nobody_waits_for_it(library: str) -> None:
    house = House(library)

    async def work() -> None:
        limits = xmpp.Limits(stanza_bytes=1_000_000)
        async with house.open(most_unsent=2_000_000, limits=limits) as found:
            inbox = house.adapter.InboxLimits(events=1, hard_events=1)
            [(host, port)] = found.addresses
            deaf = house.adapter.connect(
                config=xmpp.ClientConfig(
                    jid="romeo@example.com/home", password="romeo", mechanisms=("SCRAM-SHA-256",),
                    timeouts=Timeouts(close=0.1),
                ),
                host=host, port=port, tls=ClientTls(ca=AUTHORITY.certificate), inbox=inbox,
            )  # fmt: skip
            async with house.login("juliet") as juliet, deaf as romeo:
                sent = 0
                async for _ in _bounced(juliet, romeo):
                    sent += 1
                # Some lie in the sockets, the rest waited at the server up to the mark.
                assert 3 <= sent < 200
                assert xmpp.JID("romeo@example.com/home") not in found.hub.available(xmpp.JID("romeo@example.com"))

    async def _bounced(juliet: Session, romeo: Session) -> AsyncIterator[None]:
        """Send until one comes back."""
        while True:
            await juliet.send(xmpp.Message(to=romeo.jid, id="x", body="x" * 500_000))
            await juliet.request(DiscoInfo(), to="example.com")
            if juliet.waiting:
                return
            yield

    house.run(library, work)


@LOOPS
@pytest.mark.feature("ENG-13")
def test_any_number_of_clients_may_be_cut_off_at_once(library: str, caplog: pytest.LogCaptureFixture) -> None:
    """One that is cut off is seen to leave by all others, for whom that may be too much as well: a long chain."""
    house = House(library)
    count = 60
    romeo: dict[str, Any] = {"insecure_plaintext_authentication": True, "mechanisms": ("PLAIN",), "password": "romeo"}
    open_house: dict[str, Any] = {
        "tls": None,
        "hub": HubConfig(domains={"example.com"}, sessions_per_account=count),
        "insecure_plaintext_authentication": True,
    }

    async def work() -> None:
        async with house.open(**open_house) as found, AsyncExitStack() as stack:
            [(host, port)] = found.addresses
            sessions: list[Session] = []
            for number in range(count):
                config = xmpp.ClientConfig(jid=f"romeo@example.com/{number}", **romeo)
                client = house.adapter.connect(config=config, host=host, port=port, tls=ClientTls())
                sessions.append(await stack.enter_async_context(client))
                await sessions[-1].send(xmpp.Presence())
                await sessions[-1].request(DiscoInfo(), to="example.com")
            assert len(found.hub.available(xmpp.JID("romeo@example.com"))) == count
            object.__setattr__(found._server, "most_unsent", 0)  # from now on every stanza is too much
            await sessions[0].send(xmpp.Message(to=sessions[1].jid, body="and then?"))
            usual = sys.getrecursionlimit()
            sys.setrecursionlimit(len(inspect.stack()) + 2 * count)  # two frames deeper for each of them are too many
            try:
                for session in sessions[1:]:
                    while not isinstance(ended := await anext(session), xmpp.StreamFailed):
                        pass
                    assert ended.condition == "resource-constraint"
            finally:
                sys.setrecursionlimit(usual)

    house.run(library, work)
    assert not caplog.records


@LOOPS
def test_without_a_certificate_no_tls_is_offered(library: str) -> None:
    house = House(library)

    async def work() -> None:
        async with house.open(tls=None, insecure_plaintext_authentication=True):
            plain: dict[str, Any] = {"insecure_plaintext_authentication": True, "mechanisms": ("SCRAM-SHA-256",)}
            async with house.login("juliet", **plain) as session:
                assert session.connection.tls is None

    house.run(library, work)
