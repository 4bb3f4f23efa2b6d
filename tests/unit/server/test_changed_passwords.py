"""What becomes of logins under way, and of tokens, when the password of their account changes."""

from __future__ import annotations

import importlib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import loops
import pytest

import xmpp_core as xmpp
from xmpp_core.adapters.tls import ServerTls
from xmpp_core.features.fast import Fast, TokenIssue, TokenReceived
from xmpp_core.features.user_agent import UserAgent
from xmpp_core.sasl.credentials import Token
from xmpp_core.server import Accounts, HubConfig, MemoryAccounts, SqliteAccounts
from xmpp_core.server.authority import Authority
from xmpp_core.server.runner import Listen, Running, Server, running
from xmpp_core.server.sqlite_tokens import SqliteTokens
from xmpp_core.server.tokens import MemoryTokens, Tokens
from xmpp_core.stream.context import TlsInfo

JULIET = xmpp.JID("juliet@example.com")
CLIENT = "d4565fa7-4d72-4749-b3d3-740edbf87770"
HT = "HT-SHA-256-NONE"
LOOPS = pytest.mark.parametrize("library", loops.LIBRARIES)

AUTHORITY = Authority.create()
ISSUED = AUTHORITY.issue(["example.com"])
TLS = ssl.create_default_context(cadata=AUTHORITY.certificate)
Stores = tuple[Accounts, Tokens]


@pytest.fixture(params=["memory", "file", "file and memory"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "memory":
        accounts = MemoryAccounts(iterations=4096)
        filled(accounts)
        yield accounts, MemoryTokens()
        return
    with SqliteAccounts(tmp_path / "accounts.sqlite", iterations=4096) as kept:
        filled(kept)
        yield kept, SqliteTokens(kept) if request.param == "file" else MemoryTokens()


def filled(accounts: Accounts) -> None:
    for name in ("juliet", "romeo"):
        accounts.add(f"{name}@example.com", "old")


class Client:
    """A client that stops in the middle of its login. Its calls block: not for the thread of the server."""

    def __init__(self, port: int, name: str, **config: Any) -> None:
        self.connection = xmpp.Connection(
            xmpp.ClientConfig(
                jid=f"{name}@example.com/home",
                **{"password": "old", **config},
            )
        )
        self.events: list[Any] = []
        self.heard = b""
        self._socket = TLS.wrap_socket(
            socket.create_connection(("127.0.0.1", port), timeout=20),
            server_hostname="example.com",
            do_handshake_on_connect=False,
        )
        self.connection.start(0, tls=TlsInfo(version="TLSv1.3", verified=True))

    def close(self) -> None:
        self._socket.close()

    def until(self, word: bytes) -> None:
        """Go on until the server says `word`, which is kept and not looked at yet."""
        while word not in self.heard:
            self._turn()

    def finish(self) -> list[type]:
        """Go on to a session or to the end."""
        while not {xmpp.SessionReady, xmpp.StreamFailed, xmpp.Closed} & {type(one) for one in self.events}:
            self._turn()
        return [type(one) for one in self.events]

    def all(self, kind: type) -> list[Any]:
        return [one for one in self.events if type(one) is kind]

    def _turn(self) -> None:
        assert not self.connection.closed, self.events[-1]
        octets, self.heard = self.heard, b""
        if octets:
            self.connection.receive_data(octets, 0)
        self._take()
        out = self.connection.data_to_send(0)
        self._take()
        if out:
            self._socket.sendall(out)
        if not self.connection.closed and not self.all(xmpp.SessionReady):
            self.heard = self._socket.recv(65536)
            if not self.heard:
                self.connection.receive_data(b"", 0)
                self._take()

    def _take(self) -> None:
        self.events += self.connection.events()


def serve(library: str, stores: Stores, work: Callable[[Running, Any], Any]) -> None:
    shell = importlib.import_module(f"xmpp_core.adapters.{library}").shell
    accounts, tokens = stores

    async def whole() -> None:
        server = Server(
            hub=HubConfig(domains={"example.com"}), accounts=accounts, tokens=tokens,
            listen=(Listen("127.0.0.1", 0, direct_tls=True),),
            tls=ServerTls(certificate=ISSUED.certificate, key=ISSUED.key),
        )  # fmt: skip
        async with running(shell, server) as found:
            await work(found, shell.in_thread)

    loops.run(library, whole, virtual=False, turned=None)


STAGES = pytest.mark.parametrize(
    ("stage", "config"),
    [
        (b"<challenge", {"sasl2": False}),
        (b"<success", {"sasl2": False}),
        (b"<challenge", {"fast": Fast(), "user_agent": UserAgent(CLIENT, "test")}),
    ],
    ids=["not proved yet", "not bound yet", "SASL2"],
)


@LOOPS
@STAGES
@pytest.mark.feature("SEC-04")
def test_logins_under_way_end_with_the_sessions(
    library: str, stores: Stores, stage: bytes, config: dict[str, Any]
) -> None:
    async def work(found: Running, in_thread: Any) -> None:
        [(_, port)] = found.addresses
        with closing(Client(port, "juliet", **config)) as juliet, closing(Client(port, "romeo", **config)) as romeo:
            for client in (juliet, romeo):
                await in_thread(lambda client=client: client.until(stage))
            found.end_sessions(JULIET, "reset")
            assert xmpp.SessionReady not in await in_thread(juliet.finish)
            [failed] = juliet.all(xmpp.StreamFailed)
            assert failed.condition == "reset"
            assert juliet.all(TokenReceived) == []
            # Nobody else's login is disturbed.
            assert xmpp.SessionReady in await in_thread(romeo.finish)
            assert len(found.hub) == 1

    serve(library, stores, work)


@LOOPS
@STAGES
@pytest.mark.feature("SEC-04")
def test_a_login_with_keys_that_were_changed_binds_nothing_and_gets_no_token(
    library: str, stores: Stores, stage: bytes, config: dict[str, Any]
) -> None:
    async def work(found: Running, in_thread: Any) -> None:
        [(_, port)] = found.addresses
        with closing(Client(port, "juliet", **config)) as juliet:
            await in_thread(lambda: juliet.until(stage))
            await in_thread(lambda: stores[0].set_password(JULIET, "new"))
            assert xmpp.SessionReady not in await in_thread(juliet.finish)
            assert juliet.all(TokenReceived) == []
        assert len(found.hub) == 0
        assert stores[1].tokens(JULIET, CLIENT, HT, 0.0).valid == ()
        with closing(Client(port, "juliet", **{**config, "password": "new"})) as juliet:
            assert xmpp.SessionReady in await in_thread(juliet.finish)
            assert bool(juliet.all(TokenReceived)) is ("fast" in config)

    serve(library, stores, work)


@LOOPS
@pytest.mark.feature("SA2-04")
def test_no_token_outlives_the_sessions_that_are_ended(library: str, stores: Stores) -> None:
    accounts, tokens = stores

    async def work(found: Running, in_thread: Any) -> None:
        for name in ("juliet", "romeo"):
            tokens.issue_token(TokenIssue(xmpp.JID(f"{name}@example.com"), CLIENT, HT, "canary"), 0.0)
        accounts.set_password(JULIET, "new")
        found.end_sessions(JULIET)
        accounts.remove(JULIET)
        accounts.add(JULIET, "a namesake")
        assert tokens.tokens(JULIET, CLIENT, HT, 1.0).valid == ()
        assert tokens.tokens(xmpp.JID("romeo@example.com"), CLIENT, HT, 1.0).valid == ("canary",)

    serve(library, stores, work)


class Counted(MemoryTokens):
    """Notes down who was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def tokens(self, account: xmpp.JID, client: str, mechanism: str, now: float) -> Any:
        self.asked.append(str(account))
        return super().tokens(account, client, mechanism, now)


class Read(MemoryAccounts):
    """Notes down who was asked for."""

    def __init__(self) -> None:
        super().__init__(iterations=4096)
        self.asked: list[str] = []

    def credentials(self, account: Any, domain: str | None = None) -> Any:
        self.asked.append(f"{account}@{domain}")
        return super().credentials(account, domain)


@LOOPS
@pytest.mark.feature("SEC-01")
def test_the_same_is_asked_for_who_exists_and_who_does_not(library: str) -> None:
    accounts, tokens = Read(), Counted()
    filled(accounts)
    wrong = Token("wrong", HT)
    config = {"credentials": wrong, "password": None, "fast": Fast(wrong), "user_agent": UserAgent(CLIENT, "test")}

    async def work(found: Running, in_thread: Any) -> None:
        [(_, port)] = found.addresses
        for name in ("juliet", "nobody"):
            accounts.asked.clear()
            tokens.asked.clear()
            with closing(Client(port, name, **config)) as client:
                assert xmpp.SessionReady not in await in_thread(client.finish)
            assert accounts.asked == tokens.asked == [f"{name}@example.com"]

    serve(library, (accounts, tokens), work)
