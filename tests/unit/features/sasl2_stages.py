"""Clients and servers of SASL2 over what stands for TLS, with the tokens of a server that is no more than them."""

from __future__ import annotations

import base64
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
NS = "xmlns='urn:xmpp:sasl:2'"
ERRORS = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
HEADER = (
    b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.com' "
    b"version='1.0'>"
)
SERVER_HEADER = HEADER.replace(b"to='example.com'", b"from='example.com' id='1'")
PLAIN = base64.b64encode(b"\0juliet\0pencil").decode()
VIOLATION = (
    "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
)
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


def server_said(*elements: str, answers: Any = None, header: bytes = HEADER, **changes: Any) -> tuple[Any, list[str]]:
    """What a server answers to each element; the connection, then what it said to each."""
    conn = xmpp.Connection(server_config(**changes))
    conn.start(0.0, tls=SERVER_TLS)
    conn.receive_data(header, 0.0)
    given = server_answers() if answers is None else answers
    said = []
    for element in ("", *elements):
        if element:
            if conn.closed:
                break
            conn.receive_data(element.encode(), 0.0)
        for event in conn.events():
            if isinstance(event, xmpp.Question) and type(event) in given:
                conn.answer(event, given[type(event)](event))
        said.append(conn.data_to_send(0.0).decode())
    return conn, said[1:]


def plain(*within: str, data: str = PLAIN) -> str:
    inner = "".join(within)
    return f"<authenticate {NS} mechanism='PLAIN'><initial-response>{data}</initial-response>{inner}</authenticate>"


def failed(condition: str) -> str:
    return f"<failure {NS}><{condition} {ERRORS}/></failure>"


def flights(client: Config, server: Config, answers: Answers) -> tuple[list[str], list[bytes]]:
    """Who wrote, in turn, until the client may send stanzas, and what: a flight is all that one side writes unheard."""
    ends = {"client": xmpp.Connection(client), "server": xmpp.Connection(server)}
    ends["client"].start(0.0, tls=CLIENT_TLS)
    ends["server"].start(0.0, tls=SERVER_TLS)
    who: list[str] = []
    what: list[bytes] = []

    def hear(name: str) -> None:
        for event in ends[name].events():
            if isinstance(event, xmpp.Question):
                ends[name].answer(event, answers[type(event)](event))

    while not ends["client"].can_send:
        before = len(who)
        for name, other in (("client", "server"), ("server", "client")):
            hear(name)
            octets = ends[name].data_to_send(0.0)
            if octets:
                who.append(name)
                what.append(octets)
                ends[other].receive_data(octets, 0.0)
        hear("client")
        assert len(who) > before, who
    return who, what


def features(*names: str, more: str = "", within: str = "") -> bytes:
    listed = "".join(f"<mechanism>{name}</mechanism>" for name in names)
    inner = f"<inline>{within}</inline>" if within else ""
    return f"<stream:features><authentication {NS}>{listed}{inner}</authentication>{more}</stream:features>".encode()


def client_heard(*elements: str, offer: bytes | None = None, **changes: Any) -> tuple[Any, list[Any], str]:
    """A client after its `<authenticate/>`: the connection, its events, and what it said to the elements."""
    conn = xmpp.Connection(client_config(mechanisms=("PLAIN",), **changes))
    conn.start(0.0, tls=CLIENT_TLS)
    within = "<bind xmlns='urn:xmpp:bind:0'/>"
    conn.receive_data(SERVER_HEADER + (offer or features("PLAIN", within=within)), 0.0)
    list(conn.events())
    conn.data_to_send(0.0)
    events: list[Any] = []
    for element in elements:
        conn.receive_data(element.encode(), 0.0)
        events += conn.events()
    return conn, events, conn.data_to_send(0.0).decode()
