"""Clients and servers of SASL2 over what stands for TLS, with the tokens of a server that is no more than them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import xmpp_core as xmpp
from xmpp_core.features.fast import Fast, TokenIssue, TokenReceived, TokenUsed
from xmpp_core.features.logins import TokenLookup
from xmpp_core.features.user_agent import UserAgent
from xmpp_core.sasl.credentials import Token
from xmpp_core.server.tokens import MemoryTokens
from xmpp_core.stream.setup import Config
from xmpp_core.testing.entropy import CountedEntropy
from xmpp_core.testing.pair import Pair

EXPORTED = {"tls-exporter": b"\x2a" * 32}
CLIENT_TLS = xmpp.TlsInfo(version="TLSv1.3", verified=True, channel_bindings=EXPORTED)
SERVER_TLS = xmpp.TlsInfo(version="TLSv1.3", channel_bindings=EXPORTED)
AGENT = UserAgent("d4565fa7-4d72-4749-b3d3-740edbf87770", "AwesomeXMPP", "Kiva's Phone")
JULIET = xmpp.JID("juliet@example.com")
NOW = 1_800_000_000.0
HT = ("HT-SHA-256-EXPR", "HT-SHA-256-NONE")


@cache
def stored() -> xmpp.StoredKeys:
    return xmpp.StoredKeys.derive("pencil", hashes=("SHA-256",), iterations=4096, entropy=CountedEntropy("salt"))


def client_config(**changes: Any) -> xmpp.ClientConfig:
    settings: dict[str, Any] = {
        "jid": JULIET,
        "password": "pencil",
        "mechanisms": ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"),
        "user_agent": AGENT,
        **changes,
    }
    if "credentials" in changes:
        del settings["password"]
    return xmpp.ClientConfig(entropy=CountedEntropy("client"), **settings)


def server_config(*, seed: str = "server", **changes: Any) -> xmpp.ServerConfig:
    settings: dict[str, Any] = {
        "domains": {"example.com"},
        "secret": b"0123456789abcdef",
        "announce_limits": False,
        **changes,
    }
    return xmpp.ServerConfig(entropy=CountedEntropy(seed), **settings)


def bound(question: xmpp.BindRequested) -> xmpp.Bound:
    return xmpp.Bound(question.account.with_resource(question.resource or "hall"))


Answers = Mapping[type, Callable[[Any], Any]]


def server_answers(tokens: MemoryTokens | None = None, now: float = NOW, **_: Any) -> dict[type, Callable[[Any], Any]]:
    kept = tokens or MemoryTokens()
    return {
        xmpp.CredentialsLookup: lambda question: stored() if question.username == "juliet" else xmpp.NoSuchUser(4096),
        xmpp.BindRequested: bound,
        TokenLookup: lambda question: kept.tokens(
            xmpp.JID.of(question.username, "example.com"), question.client or "", question.mechanism, now
        ),
        TokenIssue: lambda question: kept.issue_token(question, now),
        TokenUsed: lambda question: kept.use_token(question, now),
    }


def over_tls(client: Config, server: Config, *, answers: Answers | None = None, **options: Any) -> Pair:
    """Two engines that find TLS in place, as over port 5223."""
    options.setdefault("tls", (CLIENT_TLS, SERVER_TLS))
    return Pair(client, server, receiving_answers=answers or server_answers(), **options)


def token_of(both: Pair) -> Token:
    """The token a client was given."""
    (event,) = both.initiating.of(TokenReceived)
    assert event.token is not None
    return Token(event.token, event.mechanism)


def with_token(tokens: MemoryTokens, now: float = NOW, **changes: Any) -> Token:
    """Log in by password and ask for a token."""
    answers = server_answers(tokens, now)
    both = over_tls(client_config(fast=Fast(), **changes), server_config(fast=HT), answers=answers)
    both.pump()
    assert both.initiating.connection.can_send, both.initiating.events
    return token_of(both)


def elements_sent(octets: bytes | bytearray) -> str:
    """What an end wrote behind its header."""
    return bytes(octets).decode().partition("streams'>")[2]
