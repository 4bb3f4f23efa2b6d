"""What one logged-in connection takes: resident memory of many of them, by their number. Linux.

python memory_per_connection.py [NUMBER]
"""

import gc
import multiprocessing
import os
import platform
import ssl
import sys
from collections.abc import Callable

import xmpp_core as xmpp
from xmpp_core.adapters.tls import ClientTls, ServerTls, TlsLayer
from xmpp_core.server.authority import Authority
from xmpp_core.testing.pair import Pair

KEYS = xmpp.StoredKeys.derive("rosaline", iterations=4096)
TLS = xmpp.TlsInfo(version="TLSv1.3", verified=True)


def pair() -> Pair:
    """A client and a server that have logged in and exchanged a message."""
    made = Pair(
        xmpp.ClientConfig(jid="juliet@localhost/phone", password="rosaline"),
        xmpp.ServerConfig(domains={"localhost"}),
        initiating_answers={xmpp.TlsUpgrade: lambda question: TLS},
        receiving_answers={
            xmpp.TlsUpgrade: lambda question: TLS,
            xmpp.CredentialsLookup: lambda question: KEYS,
            xmpp.BindRequested: lambda question: xmpp.Bound(question.account.with_resource("phone")),
        },
    )
    made.pump()
    made.initiating.connection.send(xmpp.Message(to="romeo@localhost", type="chat", body="Art thou there?"))
    made.pump()
    return made


def layers(client: ClientTls, server: ServerTls) -> tuple[TlsLayer, TlsLayer]:
    """Both ends of a TLS connection, after the handshake."""
    here, there = client.layer("localhost", direct=False), server.layer(direct=False)
    shaking = {here, there}
    while shaking:
        for one, other in ((here, there), (there, here)):
            if one in shaking and one.advance() is not None:
                shaking.discard(one)
            octets = one.take()
            if octets:
                other.receive(octets)
    here.read(), there.read()  # the tickets of TLS 1.3
    return here, there


def makers() -> dict[str, Callable[[], object]]:
    authority = Authority.create()
    issued = authority.issue(["localhost"])
    client, server = ClientTls(ca=authority.certificate), ServerTls(certificate=issued.certificate, key=issued.key)
    return {
        "engine, client": lambda: pair().initiating.connection,
        "engine, server": lambda: pair().receiving.connection,
        "TLS, client": lambda: layers(client, server)[0],
        "TLS, server": lambda: layers(client, server)[1],
    }


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure(name: str, number: int) -> float:
    """KiB of each; in a process of its own, so that nothing freed before is used again."""
    make = makers()[name]
    for _ in range(20):
        make()
    gc.collect()
    before = resident()
    kept = [make() for _ in range(number)]
    gc.collect()
    return (resident() - before) / len(kept) / 1024


def main() -> None:
    number = int(sys.argv[1]) if sys.argv[1:] else 1000
    print(f"{platform.python_implementation()} {platform.python_version()}, {ssl.OPENSSL_VERSION}, {number} of each")
    for name in makers():
        with multiprocessing.get_context("fork").Pool(1) as pool:
            print(f"{name:<15} {pool.apply(measure, (name, number)):6.1f} KiB", flush=True)


if __name__ == "__main__":
    main()
