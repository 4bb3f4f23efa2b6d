"""The engine as a Twisted Protocol. TLS is the pump's: the transport stays plain TCP.

XMPP_PASSWORD=... python twisted_client.py JID TO TEXT HOST:PORT CA
Logs in over STARTTLS, says TEXT to TO, prints the first message that comes, logs out.
"""

import os
import sys
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import ClientFactory, Protocol, connectionDone
from twisted.internet.task import react
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped]  # it brings no types

import xmpp_core as xmpp
from xmpp_core.adapters.pump import Pump
from xmpp_core.adapters.tls import ClientTls


@implementer(IHalfCloseableProtocol, IPushProducer)
class Client(Protocol):
    transport: Any

    def __init__(self, reactor: Any, config: xmpp.ClientConfig, tls: ClientTls, to: str, text: str) -> None:
        self.reactor = reactor
        self.pump = Pump(xmpp.Connection(config), lambda name: tls.layer(name or "", direct=False))
        self.to, self.text = to, text
        self.timer: Any = None
        self.may_write = True
        self.terminal: xmpp.Closed | xmpp.StreamFailed | None = None
        self.gone: Deferred[None] = Deferred()

    # What the transport brings. After each: pump.

    def connectionMade(self) -> None:  # noqa: N802
        self.transport.registerProducer(self, True)
        self.pump.start(self.reactor.seconds())
        self.turn()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        self.pump.feed(data, self.reactor.seconds())
        self.turn()

    def readConnectionLost(self) -> None:  # noqa: N802
        self.pump.feed(b"", self.reactor.seconds())
        self.turn()

    def writeConnectionLost(self) -> None:  # noqa: N802
        pass

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802
        self.readConnectionLost()
        self.gone.callback(None)

    def pauseProducing(self) -> None:  # noqa: N802
        self.may_write = False

    def resumeProducing(self) -> None:  # noqa: N802
        self.may_write = True
        self.turn()

    def stopProducing(self) -> None:  # noqa: N802
        self.may_write = False

    def on_time(self) -> None:
        self.timer = None
        self.pump.deadline(self.reactor.seconds())
        self.turn()

    # The pump: events, output until there is none, reading on or not, the timer.

    def turn(self) -> None:
        octets = b"first"
        while octets:
            for event in self.pump.events(self.reactor.seconds()):
                self.happened(event)
            octets = self.pump.output(self.reactor.seconds()) if self.may_write else b""
            if octets:
                self.transport.write(octets)
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if self.pump.closed:
            self.transport.unregisterProducer()
            self.transport.loseConnection()  # after what was written has left
            return
        due = self.pump.next_deadline
        if due is not None:
            self.timer = self.reactor.callLater(max(0.0, due - self.reactor.seconds()), self.on_time)
        if self.pump.wants_data:
            self.transport.resumeProducing()
        else:
            self.transport.pauseProducing()

    # The application.

    def happened(self, event: xmpp.Event | xmpp.Stanza) -> None:
        conn = self.pump.connection
        match event:
            case xmpp.SessionReady(jid=me):
                print("ready", me, flush=True)
                conn.send(xmpp.Presence())
                conn.send(xmpp.Message(to=self.to, type="chat", body=self.text))
            case xmpp.Message(body=str(said)) as message:
                print("message", message.from_, said, flush=True)
                conn.close()
            case xmpp.IQ() as iq if iq.is_request and conn.can_send:
                conn.send(iq.error_answer("service-unavailable"))  # RFC 6120 section 8.4
            case xmpp.Closed() | xmpp.StreamFailed():
                self.terminal = event


class Factory(ClientFactory):
    noisy = False

    def __init__(self, client: Client) -> None:
        self.client = client

    def buildProtocol(self, addr: Any) -> Client:  # noqa: N802
        return self.client

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:  # noqa: N802
        self.client.gone.errback(reason)


async def session(reactor: Any, jid: str, to: str, text: str, place: str, ca: str) -> None:
    host, _, port = place.rpartition(":")
    config = xmpp.ClientConfig(jid=jid, password=os.environ["XMPP_PASSWORD"])
    client = Client(reactor, config, ClientTls(ca=ca), to, text)
    reactor.connectTCP(host, int(port), Factory(client))
    await client.gone
    if isinstance(client.terminal, xmpp.StreamFailed):
        raise SystemExit(client.terminal.explain())
    print("closed")


if __name__ == "__main__":
    react(lambda *args: Deferred.fromCoroutine(session(*args)), sys.argv[1:])
