"""The engine in a plain callback loop: `selectors`, non-blocking sockets, no thread, nothing awaited.

XMPP_PASSWORD=... python selectors_client.py JID TO TEXT HOST:PORT CA
Logs in over STARTTLS, says TEXT to TO, prints the first message that comes, logs out.
"""

import os
import selectors
import socket
import sys
import time
from collections.abc import Callable

import xmpp_core as xmpp
from xmpp_core.adapters.pump import Pump
from xmpp_core.adapters.tls import ClientTls

Happened = Callable[[xmpp.Connection, xmpp.Event | xmpp.Stanza], None]


class Loop:
    """All connections of one thread."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.links: set[Link] = set()

    def run(self) -> None:
        """Run until no connection is left."""
        while self.links:
            dues = [one.pump.next_deadline for one in self.links]
            due = min((one for one in dues if one is not None), default=None)
            for key, mask in self.selector.select(None if due is None else max(0.0, due - time.monotonic())):
                if mask & selectors.EVENT_READ:
                    key.data.readable()
                else:
                    key.data.turn()
            for link in list(self.links):
                due = link.pump.next_deadline
                if due is not None and due <= time.monotonic():
                    link.on_time()


class Link:
    """One connection."""

    def __init__(self, loop: Loop, wire: socket.socket, pump: Pump, happened: Happened) -> None:
        self.loop, self.wire, self.pump, self.happened = loop, wire, pump, happened
        self.held = b""  # what the socket did not take yet
        self.watched = 0
        wire.setblocking(False)
        loop.links.add(self)
        pump.start(time.monotonic())
        self.turn()

    def readable(self) -> None:
        try:
            octets = self.wire.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            octets = b""
        self.pump.feed(octets, time.monotonic())
        self.turn()

    def on_time(self) -> None:
        self.pump.deadline(time.monotonic())
        self.turn()

    def turn(self) -> None:
        """Events, output until there is none or the socket is full, then what to wait for."""
        while True:
            for event in self.pump.events(time.monotonic()):
                self.happened(self.pump.connection, event)
            # While the socket is full nothing is taken: the engine stops reading when much is unsent.
            self.held = self.held or self.pump.output(time.monotonic())
            if not self.held:
                break
            try:
                self.held = self.held[self.wire.send(self.held) :]
            except BlockingIOError:
                break
            except OSError:
                self.held = b""
                self.pump.feed(b"", time.monotonic())
        ended = self.pump.closed and not self.held
        self.watch((selectors.EVENT_READ if self.pump.wants_data else 0) | (selectors.EVENT_WRITE if self.held else 0))
        if ended:
            self.loop.links.discard(self)
            self.wire.close()

    def watch(self, wanted: int) -> None:
        if wanted != self.watched:
            if self.watched:
                self.loop.selector.unregister(self.wire)
            if wanted:
                self.loop.selector.register(self.wire, wanted, self)
            self.watched = wanted


def main() -> int:
    jid, to, text, place, ca = sys.argv[1:]
    host, _, port = place.rpartition(":")
    status = 0

    def happened(conn: xmpp.Connection, event: xmpp.Event | xmpp.Stanza) -> None:
        nonlocal status
        match event:
            case xmpp.SessionReady(jid=me):
                print("ready", me, flush=True)
                conn.send(xmpp.Presence())
                conn.send(xmpp.Message(to=to, type="chat", body=text))
            case xmpp.Message(body=str(said)) as message:
                print("message", message.from_, said, flush=True)
                conn.close()
            case xmpp.IQ() as iq if iq.is_request and conn.can_send:
                conn.send(iq.error_answer("service-unavailable"))  # RFC 6120 section 8.4
            case xmpp.StreamFailed() as failure:
                print(failure.explain(), file=sys.stderr)
                status = 1

    config, tls = xmpp.ClientConfig(jid=jid, password=os.environ["XMPP_PASSWORD"]), ClientTls(ca=ca)
    pump = Pump(xmpp.Connection(config), lambda name: tls.layer(name or "", direct=False))
    loop = Loop()
    Link(loop, socket.create_connection((host, int(port))), pump, happened)
    loop.run()
    if status == 0:
        print("closed")
    return status


if __name__ == "__main__":
    sys.exit(main())
