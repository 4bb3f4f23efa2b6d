"""How fast octets become stanzas, beside slixmpp and raw expat, interleaved in one process.

    python bench/parse.py [--quick] [--json] [--size OCTETS]

Rows: `parser` is the parser with exact limits and bare elements; `connection` is a bound `Connection`, all its events
taken, addresses and types checked; `slixmpp` is slixmpp's own `data_received` up to its stanza object, no handlers;
`elements` is that loop stopped at the bare element; `expat` is raw pyexpat without handlers. CPU time, the best of the
rounds, a fresh parser or connection for each 1,000 stanzas of 1,000 distinct senders; the stream header was read before
the clock starts, in every row. Ratios are what counts: on chat at least 1.85 x slixmpp for `parser` and 1.7 x for
`connection`; less exits with 1. Where slixmpp takes less than 5.5 x `expat`, as it does with an interpreter that was
built with optimisations, as much less is asked: what expat takes is the same for everybody.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import pyexpat
import sys
import time
from collections.abc import Callable, Iterator
from typing import cast
from xml.etree.ElementTree import Element, XMLPullParser

from corpus import CORPORA, HEADER, pieces
from slixmpp import ClientXMPP

import xmpp_core as xmpp
from xmpp_core.features.bind import Bound
from xmpp_core.testing.entropy import CountedEntropy
from xmpp_core.testing.pair import Pair
from xmpp_core.xml.parser import XMLStreamParser

Chunks = list[bytes]
Row = Callable[[], Callable[[Chunks], int]]
"""Makes what takes the chunks of one round and counts the stanzas in them."""
LIMITS = xmpp.CLIENT_LIMITS.xml(authenticated=True)
BUDGETS = {"parser": 1.85, "connection": 1.7}
"""Times slixmpp's speed on chat."""
USUAL = 5.5
"""Times slixmpp's cost is that of raw expat, or more."""


def parser() -> Callable[[Chunks], int]:
    one = XMLStreamParser(LIMITS)
    one.receive(HEADER)
    one.next()

    def run(chunks: Chunks) -> int:
        count = 0
        for chunk in chunks:
            one.receive(chunk)
            count += len(one.take())
        return count

    return run


class Peer(ClientXMPP):
    """slixmpp's stream without handlers: stanza objects are made and counted."""

    count = 0

    def recv_stanza(self, stanza: object) -> None:
        self.count += 1

    def start_stream_handler(self, xml: object) -> None:
        """The header is of no matter here."""


_LOOP = asyncio.new_event_loop()
asyncio.set_event_loop(_LOOP)
_PEER = Peer("juliet@example.com/balcony", "x")


def slixmpp() -> Callable[[Chunks], int]:
    """slixmpp's own `data_received`, up to its stanza object."""
    _PEER.count = _PEER.xml_depth = 0
    _PEER.init_parser()
    _PEER.data_received(HEADER)

    def run(chunks: Chunks) -> int:
        for chunk in chunks:
            _PEER.data_received(chunk)
        return int(_PEER.count)

    return run


def elements() -> Callable[[Chunks], int]:
    """The same loop stopped at the bare element."""
    one: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    one.feed(HEADER)
    ((_, root),) = cast("Iterator[tuple[str, Element]]", one.read_events())

    def run(chunks: Chunks) -> int:
        depth = 1
        count = 0
        for chunk in chunks:
            one.feed(chunk)
            for event, _ in cast("Iterator[tuple[str, Element]]", one.read_events()):
                if event == "start":
                    depth += 1
                else:
                    depth -= 1
                    if depth == 1:
                        count += 1
                        root.clear()
        return count

    return run


def expat() -> Callable[[Chunks], int]:
    one = pyexpat.ParserCreate("utf-8", "}")
    one.Parse(HEADER)

    def run(chunks: Chunks) -> int:
        for chunk in chunks:
            one.Parse(chunk)
        return 0

    return run


_TLS = xmpp.TlsInfo(version="TLSv1.3", verified=True)
_STORE = xmpp.StoredKeys.derive("pencil", hashes=("SHA-256",), iterations=4096, entropy=CountedEntropy("salt"))


def bound_snapshot() -> tuple[xmpp.ClientConfig, bytes]:
    """A client that is logged in, to start each round from."""
    config = xmpp.ClientConfig(
        jid="juliet@example.com/balcony", password="pencil", mechanisms=("SCRAM-SHA-256",), entropy=CountedEntropy("c")
    )
    pair = Pair(
        config,
        xmpp.ServerConfig(domains={"example.com"}, entropy=CountedEntropy("s")),
        receiving_answers={
            xmpp.CredentialsLookup: lambda _: _STORE,
            xmpp.BindRequested: lambda question: Bound(question.account.with_resource("balcony")),
        },
        tls=(_TLS, _TLS),
    )
    pair.pump()
    return config, pair.initiating.connection.snapshot()


_CONFIG, _BOUND = bound_snapshot()


def connection() -> Callable[[Chunks], int]:
    one = xmpp.Connection.restore(_CONFIG, _BOUND)
    one.receive_data(b"<presence/>", 0.0)  # a restored parser reads the header when the first element comes
    assert len(list(one.events())) == 1

    def run(chunks: Chunks) -> int:
        count = 0
        for chunk in chunks:
            one.receive_data(chunk, 0.0)
            for _ in one.events():
                count += 1
        return count

    return run


ROWS: dict[str, Row] = {
    "slixmpp": slixmpp,
    "elements": elements,
    "parser": parser,
    "connection": connection,
    "expat": expat,
}


def measure(kind: str, size: int, rounds: int) -> dict[str, float]:
    """CPU seconds of each row for one corpus."""
    stanzas = CORPORA[kind]()
    chunks = pieces(stanzas, size)
    best = dict.fromkeys(ROWS, float("inf"))
    gc.freeze()  # a collection looks at what the rows left and at nothing else, so that caches stay as they were
    for _ in range(rounds):
        for name, row in ROWS.items():
            run = row()
            gc.collect()  # what one row leaves behind is not counted against the next
            begin = time.process_time()
            count = run(chunks)
            best[name] = min(best[name], time.process_time() - begin)
            if count not in (0, len(stanzas)):
                raise SystemExit(f"{name} found {count} of {len(stanzas)} stanzas")
    return best


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--quick", action="store_true")
    options.add_argument("--json", action="store_true")
    options.add_argument("--size", type=int, default=1448)
    args = options.parse_args()
    results = {kind: measure(kind, args.size, 15 if args.quick else 40) for kind in CORPORA}
    ratios = {
        kind: {name: round(best["slixmpp"] / seconds, 2) for name, seconds in best.items()}
        for kind, best in results.items()
    }
    chat = ratios["chat"]
    asked = {name: round(least * min(1.0, chat["expat"] / USUAL), 2) for name, least in BUDGETS.items()}
    missed = [f"{name}: {chat[name]} x, {least} asked for" for name, least in asked.items() if chat[name] < least]
    if args.json:
        print(json.dumps(ratios))
        return 1 if missed else 0
    print(f"x slixmpp's parse, {args.size}-octet chunks (us a stanza in brackets)")
    print(f"{'':12}" + "".join(f"{name:>20}" for name in ROWS))
    for kind, row in ratios.items():
        cells = (f"{row[name]:.2f} ({results[kind][name] * 1000:.1f})" for name in ROWS)
        print(f"{kind:12}" + "".join(f"{cell:>20}" for cell in cells))
    for line in missed:
        print(f"MISSED  {line}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
