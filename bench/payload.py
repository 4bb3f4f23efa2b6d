"""How fast payloads are read and written, beside slixmpp and aioxmpp, interleaved in one process.

    python bench/payload.py [--quick] [--json] [--need-peers]

Four stanzas: a chat message with a chat state, a receipt asked for and a delay; presence with entity capabilities;
a result of service discovery with 16 features; a result from an archive. A row `typed` begins with the element as a
parser gives it and ends with an element as it is written: every value is read into what it means (addresses, moments,
enumerations), and a new stanza made of the values. slixmpp reads and writes through its plug-ins' interfaces. A row
`octets` has the parsing and writing of the octets with it (`fromstring` and each library's own writer), which is the
only way aioxmpp has. A row `write` only writes the element. Without aioxmpp (the extra `bench` brings it) its column is
missing, which is said, and is a failure with `--need-peers`.

CPU time, the best of the rounds; what is quick is run more often, so that all rows are measured for as long. In each
round everything runs twice, and the second time counts: the first finds the processor's caches full of garbage
collection. What is read is made before anything is measured: no row pays for what those before it left of the heap.
Ratios are what counts: times slixmpp's and aioxmpp's cost. Exits with 1 where a budget is missed: typed 3 x slixmpp,
octets 3 x slixmpp and 10 x aioxmpp, write 4.5 x slixmpp.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable
from enum import Enum
from xml.etree.ElementTree import Element, fromstring

import payload_peers as peers
from payload_peers import Run

import xmpp_core as xmpp
from xmpp_core.stanza.payload import attribute, child, element_name, enum, payload
from xmpp_core.stanza.payloads.delay import Delay
from xmpp_core.stanza.payloads.disco import DiscoInfo, Identity
from xmpp_core.stanza.payloads.forward import Forwarded
from xmpp_core.xml.writer import write

ME = xmpp.JID("juliet@example.com/balcony")
BUDGETS = {
    "typed": {"slixmpp": 3.0},
    "octets": {"slixmpp": 3.0, "aioxmpp": 10.0},
    "write": {"slixmpp": 4.5},
}


class State(Enum):
    ACTIVE = "active"
    COMPOSING = "composing"
    PAUSED = "paused"
    INACTIVE = "inactive"
    GONE = "gone"


@payload("http://jabber.org/protocol/chatstates", tuple(one.value for one in State))
class ChatState:
    """XEP-0085."""

    state: State = element_name(codec=enum(State))


@payload("urn:xmpp:receipts", "request")
class ReceiptRequest:
    """XEP-0184."""


@payload("http://jabber.org/protocol/caps", "c")
class Caps:
    """XEP-0115."""

    hash: str = attribute()
    node: str = attribute()
    ver: str = attribute()


@payload("urn:xmpp:mam:2", "result")
class ArchiveResult:
    """XEP-0313."""

    id: str = attribute()
    forwarded: Forwarded = child(Forwarded)
    queryid: str | None = attribute(default=None)


def _message(element: Element) -> Element:
    stanza = xmpp.Message.view(element)
    state, asked, delay = stanza.get(ChatState), stanza.get(ReceiptRequest), stanza.get(Delay)
    assert state is not None
    assert asked is not None
    assert delay is not None
    return xmpp.Message(
        to=stanza.from_,
        type=stanza.type,
        id=stanza.id,
        body=stanza.body,
        payloads=(ChatState(state.state), asked, Delay(delay.stamp, delay.from_, delay.reason)),
    ).element


def _presence(element: Element) -> Element:
    stanza = xmpp.Presence.view(element)
    caps = stanza.get(Caps)
    assert caps is not None
    return xmpp.Presence(
        to=stanza.from_,
        show=stanza.show,
        priority=stanza.priority,
        payloads=(Caps(caps.hash, caps.node, caps.ver),),
    ).element


def _disco(element: Element) -> Element:
    stanza = xmpp.IQ.view(element)
    info = stanza.get(DiscoInfo)
    assert info is not None
    identities = tuple(Identity(one.category, one.type, one.name, one.lang) for one in info.identities)
    answer = DiscoInfo(info.node, identities, info.features)
    return xmpp.IQ(type="result", to=stanza.from_, id=stanza.id or "", payload=answer).element


def _archive(element: Element) -> Element:
    stanza = xmpp.Message.view(element)
    result = stanza.get(ArchiveResult, account=ME)
    assert result is not None
    inner, delay = result.forwarded.stanza, result.forwarded.delay
    assert isinstance(inner, xmpp.Message)
    assert delay is not None
    message = xmpp.Message(to=inner.to, from_=inner.from_, type=inner.type, id=inner.id, body=inner.body)
    return xmpp.Message(
        to=stanza.to,
        payloads=(ArchiveResult(result.id, Forwarded(message, Delay(delay.stamp)), result.queryid),),
    ).element


OURS: dict[str, Run] = {"message": _message, "presence": _presence, "disco": _disco, "archive": _archive}


def corpus(kind: str, count: int) -> list[bytes]:
    """Stanzas of as many senders."""
    made = []
    for number in range(count):
        sender = f"user{number}@host{number % 37}.example.com/res{number % 11}"
        stamp = f"2024-0{number % 9 + 1}-1{number % 10}T0{number % 10}:08:25Z"
        features = "".join(f"<feature var='urn:xmpp:feature:{one}'/>" for one in range(16))
        made.append(
            {
                "message": (
                    f"<message xmlns='jabber:client' from='{sender}' to='{ME}' type='chat' id='m{number}'>"
                    "<body>Wherefore art thou, Romeo?</body>"
                    "<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/>"
                    f"<delay xmlns='urn:xmpp:delay' from='example.com' stamp='{stamp}'>Offline</delay></message>"
                ),
                "presence": (
                    f"<presence xmlns='jabber:client' from='{sender}' to='{ME}'><show>away</show>"
                    "<priority>5</priority><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
                    f"node='https://example.org/client' ver='QgayPKawpkPSDYmwT/WM94uA{number:04d}='/></presence>"
                ),
                "disco": (
                    f"<iq xmlns='jabber:client' from='{sender}' to='{ME}' type='result' id='d{number}'>"
                    "<query xmlns='http://jabber.org/protocol/disco#info'>"
                    f"<identity category='client' type='pc' name='x'/>{features}</query></iq>"
                ),
                "archive": (
                    f"<message xmlns='jabber:client' to='{ME}'><result xmlns='urn:xmpp:mam:2' queryid='q' "
                    f"id='28482-{number}'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' "
                    f"stamp='{stamp}'/><message xmlns='jabber:client' from='{sender}' to='{ME.bare}' type='chat' "
                    f"id='a{number}'><body>Call me but love</body></message></forwarded></result></message>"
                ),
            }[kind].encode()
        )
    return made


Measured = Callable[[], object]


def rows(kind: str, count: int) -> dict[str, dict[str, Measured]]:
    octets = corpus(kind, count)
    elements = [fromstring(one) for one in octets]
    ours, theirs, third = OURS[kind], peers.SLIXMPP[kind], peers.aioxmpp_run(kind)

    def each(run: Run, items: list[Element]) -> Measured:
        return lambda: [run(one) for one in items]

    typed = {"xmpp_core": each(ours, elements), "slixmpp": each(theirs, elements)}
    whole: dict[str, Measured] = {
        "xmpp_core": lambda: [write(ours(fromstring(one)), "jabber:client") for one in octets],
        "slixmpp": lambda: [peers.slixmpp_write(theirs(fromstring(one))) for one in octets],
    }
    if third is not None:
        whole["aioxmpp"] = lambda: [third(one) for one in octets]
    written: dict[str, Measured] = {
        "xmpp_core": lambda: [write(one, "jabber:client") for one in elements],
        "slixmpp": lambda: [peers.slixmpp_write(one) for one in elements],
    }
    return {"typed": typed, "octets": whole, "write": written}


def measure(runs: dict[str, Measured], rounds: int, seconds: float) -> dict[str, float]:
    """The best times of at least so many rounds, and of more while they took less than `seconds` together."""
    best = dict.fromkeys(runs, float("inf"))
    spent = 0.0
    while rounds > 0 or spent < seconds:
        rounds -= 1
        for name, run in runs.items():
            gc.collect()
            gc.disable()
            run()
            start = time.process_time()
            run()
            took = time.process_time() - start
            gc.enable()
            best[name] = min(best[name], took)
            spent += took
    return best


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="fewer stanzas, fewer rounds")
    arguments.add_argument("--json", action="store_true", help="figures for a machine")
    arguments.add_argument("--need-peers", action="store_true", help="fail without aioxmpp")
    options = arguments.parse_args()
    count, rounds, seconds = (100, 3, 0.1) if options.quick else (300, 9, 0.5)
    figures, missed = [], []
    # Not one kind after the other: the elements of the later ones would lie where those of the first left room.
    for kind, measured in {kind: rows(kind, count) for kind in OURS}.items():
        for row, runs in measured.items():
            best = {name: found / count * 1e6 for name, found in measure(runs, rounds, seconds).items()}
            ratios = {name: found / best["xmpp_core"] for name, found in best.items() if name != "xmpp_core"}
            figures.append({"stanza": kind, "row": row, "microseconds": best, "ratios": ratios})
            for peer, least in BUDGETS[row].items():
                if peer not in ratios:
                    missed += [f"{kind} {row}: {peer} is not installed"] * options.need_peers
                elif ratios[peer] < least:
                    missed.append(f"{kind} {row}: {ratios[peer]:.2f} x {peer}, {least} asked for")
            if not options.json:
                shown = "  ".join(f"{name} {ratio:5.2f} x" for name, ratio in ratios.items())
                print(f"{kind:9} {row:7} {best['xmpp_core']:7.2f} us   {shown}")
    if options.json:
        print(json.dumps(figures))
    if peers.aioxmpp_run("message") is None:
        print("aioxmpp is not installed, its column is missing: pip install 'xmpp_core[bench]'", file=sys.stderr)
    for line in missed:
        print(f"MISSED  {line}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
