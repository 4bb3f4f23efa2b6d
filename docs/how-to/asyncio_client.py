"""The engine as an asyncio Protocol, without the adapter: what the adapter does for you, in the small.

XMPP_PASSWORD=... python asyncio_client.py JID TO TEXT HOST:PORT CA
Logs in over STARTTLS, says TEXT to TO, prints the first message that comes, logs out.
"""

import asyncio
import os
import sys

import xmpp_core as xmpp
from xmpp_core.adapters.pump import Pump
from xmpp_core.adapters.tls import ClientTls


class Client(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, config: xmpp.ClientConfig, tls: ClientTls, to: str, text: str) -> None:
        self.pump = Pump(xmpp.Connection(config), lambda name: tls.layer(name or "", direct=False))
        self.to, self.text = to, text
        self.loop = asyncio.get_running_loop()
        self.timer: asyncio.TimerHandle | None = None
        self.may_write = True
        self.terminal: xmpp.Closed | xmpp.StreamFailed | None = None
        self.gone: asyncio.Future[None] = self.loop.create_future()

    # What the transport brings. After each: pump.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.pump.start(self.loop.time())
        self.turn()

    def data_received(self, data: bytes) -> None:
        self.pump.feed(data, self.loop.time())
        self.turn()

    def eof_received(self) -> bool:
        self.pump.feed(b"", self.loop.time())
        self.turn()
        return True  # half-closed: what we still have to say leaves, then `turn` closes

    def connection_lost(self, error: Exception | None) -> None:
        self.pump.feed(b"", self.loop.time())
        self.turn()
        self.gone.set_result(None)

    def pause_writing(self) -> None:
        self.may_write = False

    def resume_writing(self) -> None:
        self.may_write = True
        self.turn()

    def on_time(self) -> None:
        self.pump.deadline(self.loop.time())
        self.turn()

    # The pump: events, output until there is none, reading on or not, the timer.

    def turn(self) -> None:
        octets = b"first"
        while octets:
            for event in self.pump.events(self.loop.time()):
                self.happened(event)
            # What is not taken stays in the engine, which stops reading when that becomes much.
            octets = self.pump.output(self.loop.time()) if self.may_write else b""
            if octets and not self.transport.is_closing():
                self.transport.write(octets)
        if self.timer is not None:
            self.timer.cancel()
        if self.pump.closed:
            self.transport.close()  # after what was written has left
            return
        due = self.pump.next_deadline
        self.timer = None if due is None else self.loop.call_at(due, self.on_time)
        if self.pump.wants_data:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

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


async def main() -> int:
    jid, to, text, place, ca = sys.argv[1:]
    host, _, port = place.rpartition(":")
    config = xmpp.ClientConfig(jid=jid, password=os.environ["XMPP_PASSWORD"])
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: Client(config, ClientTls(ca=ca), to, text), host, int(port))
    await client.gone
    if isinstance(client.terminal, xmpp.StreamFailed):
        print(client.terminal.explain(), file=sys.stderr)
        return 1
    print("closed")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
