"""The engine in one trio task, without the adapter.

XMPP_PASSWORD=... python trio_client.py JID TO TEXT HOST:PORT CA
Logs in over STARTTLS, says TEXT to TO, prints the first message that comes, logs out.
"""

import math
import os
import sys

import trio

import xmpp_core as xmpp
from xmpp_core.adapters.pump import Pump
from xmpp_core.adapters.tls import ClientTls


async def main() -> int:
    jid, to, text, place, ca = sys.argv[1:]
    host, _, port = place.rpartition(":")
    config, tls = xmpp.ClientConfig(jid=jid, password=os.environ["XMPP_PASSWORD"]), ClientTls(ca=ca)
    conn = xmpp.Connection(config)
    pump = Pump(conn, lambda name: tls.layer(name or "", direct=False))
    status = 0

    def happened(event: xmpp.Event | xmpp.Stanza) -> None:
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

    async with await trio.open_tcp_stream(host, int(port)) as stream:
        pump.start(trio.current_time())
        try:
            while True:
                octets = b"first"
                while octets:
                    for event in pump.events(trio.current_time()):
                        happened(event)
                    octets = pump.output(trio.current_time())
                    await stream.send_all(octets)
                if pump.closed:
                    break
                due = pump.next_deadline
                read = None
                with trio.move_on_at(math.inf if due is None else due):
                    read = bytes(await stream.receive_some(65536))
                if read is None:
                    pump.deadline(trio.current_time())
                else:
                    pump.feed(read, trio.current_time())
        except trio.BrokenResourceError:  # reset: the end of the transport, as any other
            pump.feed(b"", trio.current_time())
            for event in pump.events(trio.current_time()):
                happened(event)
    if status == 0:
        print("closed")
    return status


if __name__ == "__main__":
    sys.exit(trio.run(main))
