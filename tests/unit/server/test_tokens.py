"""Tokens as a server keeps them: both stores through the same tests, then a whole server (XEP-0484 section 5.1)."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import xmpp_core as xmpp
from xmpp_core.adapters.asyncio import AuthenticationFailed, ClientTls, connect
from xmpp_core.features.fast import (
    Fast,
    TokenDenied,
    TokenIssue,
    TokenKept,
    TokenProof,
    TokenReceived,
    TokenStays,
    TokenUsed,
)
from xmpp_core.features.user_agent import UserAgent
from xmpp_core.sasl.conditions import SaslCondition
from xmpp_core.sasl.credentials import Token
from xmpp_core.sasl.logins import StoredTokens
from xmpp_core.server import SqliteAccounts
from xmpp_core.server.sqlite_store import MIGRATIONS
from xmpp_core.server.sqlite_tokens import SqliteTokens
from xmpp_core.server.tokens import MemoryTokens, TokenPolicy, Tokens
from xmpp_core.testing.live.server import LoopbackServer

JULIET = xmpp.JID("juliet@example.com")
CLIENT = "d4565fa7-4d72-4749-b3d3-740edbf87770"
HT = "HT-SHA-256-NONE"
POLICY = TokenPolicy(lifetime=100.0, rotate_before=20.0)
CANARY = "canary-token-9"


def in_memory(directory: Path) -> Tokens:
    return MemoryTokens(POLICY)


def in_file(directory: Path) -> Tokens:
    accounts = SqliteAccounts(directory / "accounts.sqlite", iterations=7)
    accounts.add(JULIET, "pencil")
    opened.append(accounts)
    return SqliteTokens(accounts, POLICY)


opened: list[SqliteAccounts] = []


@pytest.fixture(params=[in_memory, in_file])
def tokens(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tokens]:
    make: Callable[[Path], Tokens] = request.param
    yield make(tmp_path)
    while opened:
        opened.pop().close()


def issue(tokens: Tokens, token: str, now: float, mechanism: str = HT) -> None:
    kept = tokens.issue_token(TokenIssue(JULIET, CLIENT, mechanism, token), now)
    assert isinstance(kept, TokenKept)


def use(tokens: Tokens, token: str, now: float, count: int | None = None, **changes: Any) -> Any:
    proof = TokenProof(token, changes.get("mechanism", HT), CLIENT, count, changes.get("invalidate", False))
    return tokens.use_token(TokenUsed(JULIET, proof, "fresh", changes.get("requested", False)), now)


@pytest.mark.feature("SA2-04")
def test_a_token_moves_from_slot_to_slot(tokens: Tokens) -> None:
    assert tokens.tokens(JULIET, CLIENT, HT, 0.0) == StoredTokens()
    issue(tokens, "one", 0.0)
    issue(tokens, "two", 1.0)  # the first was never used
    assert tokens.tokens(JULIET, CLIENT, HT, 2.0) == StoredTokens(("two",))
    assert use(tokens, "one", 2.0) == TokenDenied()
    assert use(tokens, "two", 2.0) == TokenStays()
    issue(tokens, "three", 3.0)
    # Both are good until the new one is used.
    assert tokens.tokens(JULIET, CLIENT, HT, 4.0) == StoredTokens(("three", "two"))
    assert use(tokens, "two", 4.0) == TokenStays()
    assert tokens.tokens(JULIET, CLIENT, HT, 4.0) == StoredTokens(("three", "two"))
    assert use(tokens, "three", 5.0) == TokenStays()
    assert tokens.tokens(JULIET, CLIENT, HT, 6.0) == StoredTokens(("three",))
    assert tokens.tokens(JULIET, CLIENT, "HT-SHA-256-EXPR", 6.0) == StoredTokens()
    assert use(tokens, "three", 6.0, mechanism="HT-SHA-256-EXPR") == TokenDenied()
    assert tokens.tokens(JULIET, CLIENT, HT, 200.0) == StoredTokens((), ("three",))
    assert use(tokens, "three", 200.0) == TokenDenied()


@pytest.mark.feature("SA2-04")
def test_a_token_is_replaced_in_time(tokens: Tokens) -> None:
    issue(tokens, "one", 0.0)
    assert use(tokens, "one", 79.0) == TokenStays()
    assert use(tokens, "one", 80.0, requested=True) == TokenStays()
    assert use(tokens, "one", 80.0) == TokenKept("1970-01-01T00:03:00Z")
    assert tokens.tokens(JULIET, CLIENT, HT, 81.0) == StoredTokens(("fresh", "one"))
    assert use(tokens, "fresh", 82.0, invalidate=True) == TokenStays()
    assert tokens.tokens(JULIET, CLIENT, HT, 83.0) == StoredTokens()
    for bad in ((0.0, 1.0), (1.0, 2.0), (1.0, 0.0)):
        with pytest.raises(xmpp.LocalProtocolError):
            TokenPolicy(*bad)


@pytest.mark.feature("SA2-04")
def test_a_count_is_taken_once(tokens: Tokens) -> None:
    issue(tokens, "one", 0.0)
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(use(tokens, "one", 1.0, 5))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(TokenStays()) == 1
    assert answers.count(TokenDenied(SaslCondition.NOT_AUTHORIZED)) == 7
    assert use(tokens, "one", 2.0, 6) == TokenStays()
    assert use(tokens, "one", 2.0) == TokenStays()
    assert use(tokens, "one", 2.0, 6) == TokenDenied(SaslCondition.NOT_AUTHORIZED)


@pytest.mark.feature("SA2-04")
def test_tokens_are_forgotten_by_client_and_altogether(tokens: Tokens) -> None:
    issue(tokens, CANARY, 0.0)
    assert CANARY not in repr(tokens)
    tokens.forget_tokens(JULIET, "another")
    assert tokens.tokens(JULIET, CLIENT, HT, 1.0).valid
    tokens.forget_tokens(JULIET, CLIENT)
    assert not tokens.tokens(JULIET, CLIENT, HT, 1.0).valid
    issue(tokens, "one", 0.0)
    tokens.forget_tokens(JULIET)
    assert not tokens.tokens(JULIET, CLIENT, HT, 1.0).valid


@pytest.mark.feature("SA2-04")
def test_a_file_keeps_tokens_with_their_accounts(tmp_path: Path) -> None:
    path = tmp_path / "accounts.sqlite"
    with SqliteAccounts(path, iterations=7) as accounts:
        accounts.add(JULIET, "pencil")
        issue(SqliteTokens(accounts, POLICY), CANARY, 0.0)
    with SqliteAccounts(path, iterations=7) as accounts:
        kept = SqliteTokens(accounts, POLICY)
        assert kept.tokens(JULIET, CLIENT, HT, 1.0) == StoredTokens((CANARY,))
        accounts.set_password(JULIET, "another")
        assert kept.tokens(JULIET, CLIENT, HT, 1.0) == StoredTokens()
        issue(kept, CANARY, 0.0)
        accounts.remove(JULIET)
        assert kept.tokens(JULIET, CLIENT, HT, 1.0) == StoredTokens()
        question = TokenIssue(JULIET, CLIENT, HT, "one")
        assert kept.issue_token(question, 0.0) == TokenDenied()
        assert use(kept, "one", 1.0) == TokenDenied()
    # What was deleted is overwritten, not only unlinked.
    assert CANARY.encode() not in path.read_bytes()


@pytest.mark.feature("SA2-04")
def test_a_file_from_before_there_were_tokens_is_taken_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "accounts.sqlite"
    with monkeypatch.context() as patch:
        patch.setattr("xmpp_core.server.sqlite_store.MIGRATIONS", MIGRATIONS[:1])
        old = SqliteAccounts(path, iterations=7)
        old.add(JULIET, "pencil")
        old.close()
    with SqliteAccounts(path, iterations=7) as accounts:
        assert accounts.exists(JULIET)
        issue(SqliteTokens(accounts, POLICY), "one", 0.0)
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    database.close()


@pytest.mark.feature("SA2-04", "SEC-02")
def test_an_account_holds_tokens_of_so_many_clients(tokens: Tokens) -> None:
    def of(client: str, now: float) -> tuple[str, ...]:
        return tokens.tokens(JULIET, client, HT, now).valid

    def issued(client: str, now: float) -> None:
        assert isinstance(tokens.issue_token(TokenIssue(JULIET, client, HT, f"of {client}"), now), TokenKept)

    for number in range(POLICY.clients + 8):
        issued(f"client-{number}", float(number))
    held = [number for number in range(POLICY.clients + 8) if of(f"client-{number}", 50.0)]
    assert held == list(range(8, POLICY.clients + 8))
    # A client that holds tokens takes nobody's place; one that comes later than the others does.
    issued("client-8", 50.0)
    assert of("client-9", 51.0) == ("of client-9",)
    issued("another", 52.0)
    assert of("client-9", 53.0) == ()
    assert of("client-8", 53.0) == ("of client-8",)
    # What has expired is not kept for long.
    issued("another", 151.0)
    assert tokens.tokens(JULIET, "client-8", HT, 151.0) == StoredTokens()
    assert of("another", 152.0) == ("of another",)
    with pytest.raises(xmpp.LocalProtocolError):
        TokenPolicy(clients=0)


@pytest.mark.feature("SEC-02")
def test_a_use_of_what_is_not_there_leaves_nothing_behind(tokens: Tokens) -> None:
    assert use(tokens, "unheard of", 0.0) == TokenDenied()
    assert use(tokens, "unheard of", 0.0, invalidate=True) == TokenDenied()
    if isinstance(tokens, MemoryTokens):
        assert repr(tokens) == "<MemoryTokens of 0 clients>"


KEPT = MemoryTokens()


@pytest.mark.feature("SA2-04", "SA2-01", "SA2-03")
@pytest.mark.xmpp_server(users={"juliet": "s3cret"}, server={"sasl2": True, "tokens": KEPT})
def test_a_whole_server_issues_tokens_and_takes_them(xmpp_server: LoopbackServer) -> None:
    agent = UserAgent(CLIENT, "test")
    tls = ClientTls(ca=xmpp_server.ca)

    def login(**settings: Any) -> Any:
        config = xmpp.ClientConfig(jid="juliet@xmpp.test", user_agent=agent, bind_tag="test", **settings)
        return connect(config=config, host=xmpp_server.host, port=xmpp_server.port, tls=tls)

    async def talk() -> None:
        async with login(password="s3cret", fast=Fast()) as session:
            (received,) = [event for event in session.negotiation if isinstance(event, TokenReceived)]
            assert session.jid.resource.startswith("test/")
        assert received.token is not None
        token = Token(received.token, received.mechanism)
        async with login(credentials=token, fast=Fast(token, count=1)) as session:
            assert session.authenticated.mechanism == token.mechanism
            assert session.jid.resource.startswith("test/")
            await session.send(xmpp.Message(to=session.jid, body="to myself"))
            heard = await anext(session)
            assert heard.body == "to myself"
        for wrong in (Fast(token, count=1), Fast(Token("wrong", token.mechanism))):
            with pytest.raises(AuthenticationFailed):
                async with login(credentials=wrong.token, fast=wrong):
                    raise AssertionError("there is a session")
        KEPT.forget_tokens(xmpp.JID("juliet@xmpp.test"))
        with pytest.raises(AuthenticationFailed):
            async with login(credentials=token):
                raise AssertionError("there is a session")

    asyncio.run(talk())
