"""Two engines in memory: a session up to a violation and its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TextIO
from xml.etree.ElementTree import Element

from ...features.bind import BindRequested, Bound
from ...features.logins import CredentialsLookup
from ...features.starttls import TlsUpgrade
from ...profiles import ClientConfig, ServerConfig
from ...sasl.credentials import NoSuchUser, StoredKeys
from ...stanza import IQ, IqRouter, Message
from ...stream.connection import Connection
from ...stream.context import TlsInfo
from ...stream.events import Closed, Event, StreamFailed
from ...stream.trace import TraceRecord
from ...testing.clock import VirtualClock
from ...testing.entropy import CountedEntropy
from ..meanings import meaning_of_text

__all__ = ["in_memory"]

_BINDING = {"tls-exporter": bytes(range(32))}


class _Side:
    def __init__(self, name: str, arrow: str, out: TextIO) -> None:
        self.name, self.arrow, self.out = name, arrow, out
        self.connection: Connection
        self.answers: dict[type, Callable[[Any], Any]] = {}
        self.events: list[object] = []

    def trace(self, record: TraceRecord) -> None:
        if record.way == "sent":
            section = meaning_of_text(record.text).section
            text = record.text if len(record.text) <= 150 else record.text[:147] + "..."
            self.out.write(f"  {self.arrow} {text}\n{'':14}{section}\n")

    def take(self, event: object) -> None:
        self.events.append(event)
        name = type(event).__name__
        if isinstance(event, Event) and not isinstance(event, StreamFailed | Closed):
            self.out.write(f"  {self.name:<6}  * {name}\n")
        elif isinstance(event, StreamFailed):
            self.out.write(f"  {self.name:<6}  * {name}: {event.explain()}\n")
        else:
            self.out.write(f"  {self.name:<6}  * {name} {getattr(event, 'body', '') or ''}\n")
        answer = self.answers.get(type(event))
        if answer is not None:
            self.connection.answer(event, answer(event))  # type: ignore[arg-type]  # the table pairs them


def in_memory(out: TextIO) -> bool:
    """Play the session and explain it; whether everything went as the specifications say."""
    clock = VirtualClock()
    client, server = _Side("client", "C>", out), _Side("server", "S>", out)
    store = {"juliet": StoredKeys.derive("R0m30", hashes=("SHA-256",), iterations=4096, entropy=CountedEntropy("salt"))}
    tls = TlsInfo(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", verified=True, channel_bindings=_BINDING)
    client.connection = Connection(
        ClientConfig(
            jid="juliet@example.com/balcony",
            password="R0m30",
            mechanisms=("SCRAM-SHA-256-PLUS",),
            entropy=CountedEntropy("client"),
            trace=client.trace,
        )
    )
    server.connection = Connection(
        ServerConfig(
            domains={"example.com"},
            sasl2=False,  # every step of RFC 6120 is to be seen
            mechanisms=("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"),
            entropy=CountedEntropy("server"),
            secret=b"a secret of sixteen octets",
            trace=server.trace,
        )
    )
    client.answers = {TlsUpgrade: lambda _: tls}
    server.answers = {
        TlsUpgrade: lambda _: tls,
        CredentialsLookup: lambda question: store.get(question.username, NoSuchUser()),
        BindRequested: lambda question: Bound(question.account.with_resource(question.resource or "hall")),
    }
    out.write("Two engines, no network: what is written (C> S>) and what is told to the host (*).\n")
    out.write("\n1. Streams, STARTTLS, authentication, resource binding\n")
    server.connection.start(clock())
    client.connection.start(clock())
    _pump(client, server, clock)
    out.write("\n2. Messages, and a request that is answered\n")
    client.connection.send(Message(to="romeo@example.net", type="chat", body="Art thou not Romeo?"))
    _pump(client, server, clock)
    message = server.events[-1]
    assert isinstance(message, Message)
    server.connection.send(Message(to=message.from_, from_=message.to, type="chat", body="Neither, fair saint."))
    server.connection.send(IQ(type="get", id="q1", from_="example.com", to=message.from_, payload=_ping()))
    _pump(client, server, clock)
    request = client.events[-1]
    assert isinstance(request, IQ)
    client.connection.send(IqRouter().reply(request))
    _pump(client, server, clock)
    out.write("\n3. A violation: a comment, which XMPP forbids, and its answer\n")
    out.write("  C> <message><!-- aside --></message>\n")
    server.connection.receive_data(b"<message><!-- aside --></message>", clock())
    _pump(client, server, clock)
    last = server.events[-1]
    return isinstance(last, StreamFailed) and last.condition == "restricted-xml"


def _ping() -> Element:
    return Element("{urn:xmpp:ping}ping")


def _pump(client: _Side, server: _Side, clock: VirtualClock) -> None:
    moved = True
    while moved:
        moved = False
        for here, there in ((client, server), (server, client)):
            for event in here.connection.events():
                here.take(event)
                moved = True
            octets = here.connection.data_to_send(clock())
            if octets and not there.connection.closed:
                there.connection.receive_data(octets, clock())
                moved = True
