"""The receiving side with blocking sockets: one thread a connection. Repeats to each client what it says.

XMPP_PASSWORD=... python blocking_server.py NAME DOMAIN HOST:PORT CERTIFICATE KEY
"""

import os
import socket
import sys
import threading
import time

import xmpp_core as xmpp
from xmpp_core.adapters.pump import Pump
from xmpp_core.adapters.tls import ServerTls


def attend(wire: socket.socket, pump: Pump, name: str, keys: xmpp.StoredKeys) -> None:
    conn = pump.connection
    pump.start(time.monotonic())
    try:
        while True:
            octets = b"first"
            while octets:
                for event in pump.events(time.monotonic()):
                    happened(conn, event, name, keys)
                octets = pump.output(time.monotonic())
                wire.settimeout(10)  # for a client that reads nothing
                wire.sendall(octets)
            if pump.closed:
                break
            due = pump.next_deadline
            wire.settimeout(None if due is None else max(0.001, due - time.monotonic()))
            try:
                read = wire.recv(65536)
            except TimeoutError:
                pump.deadline(time.monotonic())
            else:
                pump.feed(read, time.monotonic())
    except OSError:  # reset, or it reads nothing: the end of the transport, as any other
        pump.feed(b"", time.monotonic())
        for event in pump.events(time.monotonic()):
            happened(conn, event, name, keys)
    wire.close()


def happened(conn: xmpp.Connection, event: xmpp.Event | xmpp.Stanza, name: str, keys: xmpp.StoredKeys) -> None:
    match event:
        case xmpp.CredentialsLookup(username=username):
            conn.answer(event, keys if username == name else xmpp.NoSuchUser())
        case xmpp.BindRequested(account=account, resource=resource):
            conn.answer(event, xmpp.Bound(account.with_resource(resource or "only")))
        case xmpp.Message(body=str(text)) as message if not message.is_error and conn.can_send:
            conn.send(xmpp.Message(from_=message.to, to=message.from_, type="chat", body=text))
        case xmpp.IQ() as iq if iq.is_request and conn.can_send:
            conn.send(iq.error_answer("service-unavailable"))  # RFC 6120 section 8.4
        case xmpp.StreamFailed() as failure:
            print(failure.explain(), file=sys.stderr, flush=True)
        case xmpp.Closed():
            print("closed", conn.peer_jid, flush=True)


def main() -> None:
    name, domain, place, certificate, key = sys.argv[1:]
    host, _, port = place.rpartition(":")
    config = xmpp.ServerConfig(domains={domain}, secret=os.urandom(16))
    tls = ServerTls(certificate=certificate, key=key)
    keys = xmpp.StoredKeys.derive(os.environ["XMPP_PASSWORD"])
    with socket.create_server((host, int(port))) as listener:
        print("listening on port", listener.getsockname()[1], flush=True)
        while True:
            wire, _ = listener.accept()
            pump = Pump(xmpp.Connection(config), lambda _: tls.layer(direct=False))
            threading.Thread(target=attend, args=(wire, pump, name, keys), daemon=True).start()


if __name__ == "__main__":
    main()
