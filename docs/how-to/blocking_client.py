"""A complete XMPP client over a blocking socket: log in, say one thing, print what comes, log out.

XMPP_PASSWORD=... python blocking_client.py juliet@example.com romeo@example.com "Art thou there?"
    [--connect HOST:PORT] [--ca FILE] [--wait MESSAGES]
"""

import argparse
import os
import socket
import ssl
import sys
import time

import xmpp_core as xmpp


def start_tls(wire: socket.socket, name: str, ca: str | None) -> tuple[socket.socket, xmpp.TlsInfo | xmpp.TlsFailed]:
    """Do the handshake. The certificate is checked against the domain that was asked for."""
    try:
        tls = ssl.create_default_context(cafile=ca).wrap_socket(wire, server_hostname=name)
    except OSError as error:
        return wire, xmpp.TlsFailed(getattr(error, "verify_message", "") or str(error))
    shown = tls.getpeercert(binary_form=True) or b""
    unique = tls.version() == "TLSv1.2" and tls.get_channel_binding("tls-unique")
    bindings = {"tls-unique": unique} if unique else {}
    return tls, xmpp.TlsInfo(tls.version(), verified=True, peer_certificates=(shown,), channel_bindings=bindings)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jid"), parser.add_argument("to"), parser.add_argument("text")
    parser.add_argument("--connect"), parser.add_argument("--ca"), parser.add_argument("--wait", type=int, default=0)
    args = parser.parse_args()
    me = xmpp.JID(args.jid)
    host, _, port = (args.connect or f"{me.domain}:5222").rpartition(":")
    wire = socket.create_connection((host, int(port)), timeout=20)
    conn = xmpp.Connection(xmpp.ClientConfig(jid=me, password=os.environ["XMPP_PASSWORD"]))
    conn.start(now=time.monotonic())
    heard = status = 0
    while not conn.closed:
        for event in conn.events():
            match event:
                case xmpp.TlsUpgrade(server_hostname=str(name)):
                    wire.sendall(conn.data_to_send(now=time.monotonic()))  # <starttls/> leaves before the handshake
                    wire, tls = start_tls(wire, name, args.ca)
                    conn.answer(event, tls)
                case xmpp.SessionReady(jid=jid):
                    print("ready", jid, flush=True)
                    conn.send(xmpp.Presence())
                    conn.send(xmpp.Message(to=args.to, type="chat", body=args.text))
                case xmpp.Message(body=str(text)) as message:
                    heard += 1
                    print("message", message.from_, text, flush=True)
                case xmpp.IQ() as iq if iq.is_request:
                    conn.send(iq.error_answer("service-unavailable"))  # RFC 6120 section 8.4
                case xmpp.StreamFailed() as failure:
                    print(failure.explain(), file=sys.stderr)
                    status = 1
        if conn.can_send and heard >= args.wait:
            conn.close()
        if octets := conn.data_to_send(now=time.monotonic()):  # a failed handshake leaves none, and a dead socket
            wire.sendall(octets)
        if not conn.closed:
            try:
                conn.receive_data(wire.recv(65536), now=time.monotonic())
            except TimeoutError:
                conn.handle_deadline(now=time.monotonic())
    wire.close()
    if status == 0:
        print("closed")
    return status


if __name__ == "__main__":
    sys.exit(main())
