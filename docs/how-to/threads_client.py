"""The engine with threads: one owns it, one reads the socket, one writes it; anybody may send.

XMPP_PASSWORD=... python threads_client.py JID TO TEXT HOST:PORT CA
Logs in over STARTTLS, says TEXT to TO, prints the first message that comes, logs out.
"""

import os
import queue
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

import xmpp_core as xmpp
from xmpp_core.adapters.pump import Pump
from xmpp_core.adapters.tls import ClientTls

Event = xmpp.Event | xmpp.Stanza


class Client(threading.Thread):
    """Owns the engine. What other threads want done comes through a queue, and so does what was read."""

    def __init__(self, config: xmpp.ClientConfig, wire: socket.socket, tls: ClientTls, happened: "queue.Queue[Event]"):
        super().__init__(daemon=True)
        self.wire = wire
        self.happened = happened
        self.pump = Pump(xmpp.Connection(config), lambda name: tls.layer(name or "", direct=False))
        self.work: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self.outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.unwritten = 0
        self.may_read = threading.Event()

    # For every thread.

    def send(self, stanza: xmpp.Stanza) -> None:
        self.work.put(lambda: self.pump.connection.send(stanza))

    def close(self) -> None:
        self.work.put(self.pump.connection.close)

    # The thread of the engine: after anything that is done with it, pump.

    def run(self) -> None:
        threads = [threading.Thread(target=one, daemon=True) for one in (self.read, self.write)]
        for one in threads:
            one.start()
        self.pump.start(time.monotonic())
        while not self.turn():
            due = self.pump.next_deadline
            try:
                job = self.work.get(timeout=None if due is None else max(0.0, due - time.monotonic()))
            except queue.Empty:
                self.pump.deadline(time.monotonic())
                continue
            try:
                job()
            except xmpp.LocalProtocolError as error:  # a stanza that may not be sent: nothing has changed
                print(error, file=sys.stderr)
        self.outgoing.put(None)  # when the last octets have left, the writer ends our side
        threads[1].join(timeout=2)
        self.wire.close()

    def turn(self) -> bool:
        """Take events, write, allow the next read; True when the connection has ended."""
        octets = b"first"
        while octets:
            for event in self.pump.events(time.monotonic()):
                self.happened.put(event)
            full = self.unwritten > 65536 and not self.pump.closed
            octets = b"" if full else self.pump.output(time.monotonic())
            if octets:
                self.unwritten += len(octets)
                self.outgoing.put(octets)
        if self.pump.wants_data:
            self.may_read.set()
        return self.pump.closed

    def feed(self, octets: bytes) -> None:
        self.pump.feed(octets, time.monotonic())

    def written(self, count: int) -> None:
        self.unwritten -= count

    # The two threads that wait for the network.

    def read(self) -> None:
        octets = b"first"
        while octets:
            self.may_read.wait()  # back-pressure: one read, then the engine says whether it wants more
            self.may_read.clear()
            try:
                octets = self.wire.recv(65536)
            except OSError:
                octets = b""
            self.work.put(partial(self.feed, octets))

    def write(self) -> None:
        try:
            while octets := self.outgoing.get():
                self.wire.sendall(octets)
                self.work.put(partial(self.written, len(octets)))
            self.wire.shutdown(socket.SHUT_WR)
        except OSError:
            self.work.put(partial(self.feed, b""))


def main() -> int:
    jid, to, text, place, ca = sys.argv[1:]
    host, _, port = place.rpartition(":")
    happened: queue.Queue[Event] = queue.Queue()
    config = xmpp.ClientConfig(jid=jid, password=os.environ["XMPP_PASSWORD"])
    client = Client(config, socket.create_connection((host, int(port))), ClientTls(ca=ca), happened)
    client.start()
    while True:
        match happened.get():
            case xmpp.SessionReady(jid=me):
                print("ready", me, flush=True)
                client.send(xmpp.Presence())
                client.send(xmpp.Message(to=to, type="chat", body=text))
            case xmpp.Message(body=str(said)) as message:
                print("message", message.from_, said, flush=True)
                client.close()
            case xmpp.IQ() as iq if iq.is_request:
                client.send(iq.error_answer("service-unavailable"))  # RFC 6120 section 8.4
            case xmpp.StreamFailed() as failure:
                print(failure.explain(), file=sys.stderr)
                return 1
            case xmpp.Closed():
                client.join()
                print("closed")
                return 0


if __name__ == "__main__":
    sys.exit(main())
