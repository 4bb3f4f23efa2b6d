"""A login, recorded from two engines in memory, and cut into what each side received at which stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import xmpp_core as xmpp
from xmpp_core.stream.setup import Config
from xmpp_core.testing.entropy import CountedEntropy
from xmpp_core.testing.pair import Pair
from xmpp_core.testing.scenario import Call, Receive, Scenario

BINDING = {"tls-unique": b"finished"}
CLIENT_TLS = xmpp.TlsInfo(version="TLSv1.2", verified=True, channel_bindings=BINDING, extended_master_secret=True)
SERVER_TLS = xmpp.TlsInfo(version="TLSv1.2", channel_bindings=BINDING, extended_master_secret=True)
PROCEED = b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
STARTTLS = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"


def client_config(**changes: Any) -> xmpp.ClientConfig:
    settings: dict[str, Any] = {"jid": "juliet@example.com/balcony", "password": "pencil", "sasl2": False, **changes}
    return xmpp.ClientConfig(entropy=CountedEntropy("client"), **settings)


def server_config(**changes: Any) -> xmpp.ServerConfig:
    settings: dict[str, Any] = {"domains": {"example.com"}, "secret": b"0123456789abcdef", "sasl2": False, **changes}
    return xmpp.ServerConfig(entropy=CountedEntropy("server"), **settings)


@cache
def store() -> xmpp.StoredKeys:
    return xmpp.StoredKeys.derive("pencil", hashes=("SHA-256",), iterations=4096, entropy=CountedEntropy("salt"))


def bound(question: xmpp.BindRequested) -> xmpp.Bound:
    return xmpp.Bound(question.account.with_resource(question.resource or "hall"))


CLIENT_ANSWERS: dict[type, Callable[[Any], Any]] = {xmpp.TlsUpgrade: lambda _: CLIENT_TLS}
SERVER_ANSWERS: dict[type, Callable[[Any], Any]] = {
    xmpp.TlsUpgrade: lambda _: SERVER_TLS,
    xmpp.CredentialsLookup: lambda question: store() if question.username == "juliet" else xmpp.NoSuchUser(),
    xmpp.BindRequested: bound,
}


def pair(client: Config | None = None, server: Config | None = None, **options: Any) -> Pair:
    """Two engines that log in when pumped."""
    return Pair(
        client or client_config(mechanisms=("SCRAM-SHA-256-PLUS",)),
        server or server_config(),
        initiating_answers=options.pop("client_answers", CLIENT_ANSWERS),
        receiving_answers=options.pop("server_answers", SERVER_ANSWERS),
        **options,
    )


HEADERS_OPEN = frozenset(
    {
        "client, nothing received",
        "client, over TLS",
        "client, authenticated",
        "server, nothing received",
        "server, over TLS",
        "server, authenticated",
    }
)
"""The stages in which a stream header comes next."""


@dataclass(frozen=True)
class Stage:
    """What one side has received before something happens."""

    name: str
    side: xmpp.Side
    pieces: tuple[bytes, ...]
    authenticated: bool
    open: bool


@cache
def login() -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
    """What the client received before and after TLS, and the server likewise."""
    both = pair()
    both.pump()
    assert both.initiating.connection.can_send
    before, _, after = bytes(both.receiving.sent).partition(PROCEED)
    begun, _, goes_on = bytes(both.initiating.sent).partition(STARTTLS)
    return (before + PROCEED, after), (begun + STARTTLS, goes_on)


@cache
def stages() -> tuple[Stage, ...]:
    """Every stage a stream can be in, on both sides."""
    (c1, c2), (s1, s2) = login()
    side = xmpp.Side.INITIATING
    success = c2.index(b"<success")
    header = c2.index(b"<?xml", success)
    found = [
        Stage("client, nothing received", side, (), False, False),
        Stage("client, header", side, (c1[: c1.index(b">", 30) + 1],), False, False),
        Stage("client, features", side, (c1[: -len(PROCEED)],), False, False),
        Stage("client, over TLS", side, (c1,), False, False),
        Stage("client, challenged", side, (c1, c2[:success]), False, False),
        Stage("client, authenticated", side, (c1, c2[:header]), True, False),
        Stage("client, binding", side, (c1, c2[: c2.index(b"<iq")]), True, False),
        Stage("client, open", side, (c1, c2), True, True),
    ]
    side = xmpp.Side.RECEIVING
    auth, response = s2.index(b"<auth"), s2.index(b"<response")
    second = s2.index(b"<?xml", response)
    found += [
        Stage("server, nothing received", side, (), False, False),
        Stage("server, header", side, (s1[: -len(STARTTLS)],), False, False),
        Stage("server, over TLS", side, (s1,), False, False),
        Stage("server, mechanisms", side, (s1, s2[:auth]), False, False),
        Stage("server, challenged", side, (s1, s2[:response]), False, False),
        Stage("server, authenticated", side, (s1, s2[:second]), True, False),
        Stage("server, binding", side, (s1, s2[: s2.index(b"<iq")]), True, False),
        Stage("server, open", side, (s1, s2), True, True),
    ]
    return tuple(found)


def scenario(stage: Stage, *acts: Receive | Call | Any, name: str = "", **config: Any) -> Scenario:
    """The stage, then `acts`."""
    initiating = stage.side is xmpp.Side.INITIATING
    return Scenario(
        name=f"{stage.name}: {name}",
        config=(lambda: client_config(mechanisms=("SCRAM-SHA-256-PLUS",), **config))
        if initiating
        else (lambda: server_config(**config)),
        acts=(*(Receive(piece) for piece in stage.pieces), *acts),
        answers=CLIENT_ANSWERS if initiating else SERVER_ANSWERS,
    )
