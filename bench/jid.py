"""How fast texts become addresses, beside slixmpp's JID (in Rust), interleaved in one process.

    python bench/jid.py [--quick] [--json]

Rows: `hot` texts are known, 512 of them, as a stanza's addresses are after its check (`is_address`); `unhashed` are
equal texts in new objects, as a parser hands them over. `cold` texts were never seen: each round makes new users, of
few domains. `ASCII` is a mix of bare and full addresses as clients, rooms and services write them; `Unicode` one of
eight scripts. `occupants` are cold resources of known rooms and contacts, `domains` cold addresses of as many new
domains.

The flood is no ratio to slixmpp: what 1,000 hot look-ups take when 8,192 distinct addresses pour in before every
four of them, over what they take alone; they are established, that is, asked for again after a flood once pushed
them out. CPU time, the best of the rounds, and all rounds for the flood. Fails where a ratio misses its budget, or
the caches grow past their bounds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from itertools import count

import slixmpp.jid

from xmpp_core.jid import JID, KNOWN_GOOD, is_address
from xmpp_core.jid.address import MOST_KNOWN

Texts = list[str]
SIZE = 4096
_numbers = count()

ASCII = (
    "juliet{0}@example.org/gajim.5GX2Z",
    "romeo.montague{0}@montague.example/Conversations.dXfE",
    "alice{0}@chat.example.net",
    "room{0}@conference.wonderland.example/Mad Hatter",
    "nurse{0}@example.org/8d3f9a1e-77c0-4b1e-9d6a-07d3a4",
    "bob{0}@example.org",
)
OCCUPANTS = (
    "juliet@example.org/gajim.{0}",
    "room@conference.wonderland.example/Hatter{0}",
)
DOMAINS = ("juliet@d{0}.example/balcony", "romeo@{0}.montague.example")
UNICODE = (
    "джульетта{0}@пример.example/балкон",
    "ιουλιέτα{0}@παράδειγμα.example/μπαλκόνι",
    "朱丽叶{0}@例子.example/阳台",
    "ジュリエット{0}@例え.example/バルコニー",
    "줄리엣{0}@예시.example/발코니",
    "जूलियट{0}@उदाहरण.example/बालकनी",
    "žuliet{0}čapková@příklad.example/balkón",
    "جولييت{0}ت@example.org/شرفة",
)


def new(patterns: tuple[str, ...]) -> Texts:
    """Make texts that no one has seen."""
    return [patterns[one % len(patterns)].format(next(_numbers)) for one in range(SIZE)]


def again(texts: Texts) -> Callable[[], Texts]:
    """Give equal texts each time, as new objects: what a parser hands over was never hashed."""
    return lambda: [text[:1] + text[1:] for text in texts]


def ours(texts: Texts) -> None:
    for text in texts:
        JID(text)


def theirs(texts: Texts, make: Callable[[str], object] = slixmpp.jid.JID) -> None:
    for text in texts:
        make(text)


SIDES: dict[str, Callable[[Texts], None]] = {"slixmpp": theirs, "ours": ours}


def measure(make: Callable[[], Texts], rounds: int) -> dict[str, float]:
    """Best CPU seconds of each side; both get the same kind of texts in every round."""
    best = dict.fromkeys(SIDES, float("inf"))
    for _ in range(rounds):
        for name, side in SIDES.items():
            texts = make()
            begin = time.process_time()
            side(texts)
            best[name] = min(best[name], time.process_time() - begin)
    return best


def known(texts: Texts) -> Texts:
    """Make texts known, by the check of a stanza's addresses."""
    if not all(map(is_address, texts)):
        raise SystemExit("an address is refused")
    return texts


def flood(rounds: int) -> float:
    """Seconds of hot look-ups between floods over seconds of the same alone; all rounds count, not the best."""
    texts = known(new(ASCII)[:1000])
    ours(new(UNICODE))
    known(texts)
    alone = among = 0.0
    for _ in range(rounds):
        for kind in ("alone", "among"):
            if kind == "among":
                ours(new(ASCII))
                ours(new(UNICODE))
            ours(texts)  # the processor's own caches are not what is measured
            begin = time.process_time()
            for _ in range(4):
                ours(texts)
            if kind == "alone":
                alone += time.process_time() - begin
            else:
                among += time.process_time() - begin
    return among / alone


def memory() -> float:
    """Octets held more after the second half of a flood than after the first."""
    tracemalloc.start()
    for _ in range(16):
        ours(new(ASCII))
        ours(new(UNICODE))
    first = tracemalloc.get_traced_memory()[0]
    for _ in range(16):
        ours(new(ASCII))
        ours(new(UNICODE))
    second = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return second / first


BUDGETS = {"hot ASCII": 2.5, "hot Unicode": 40.0, "cold ASCII": 0.35, "cold Unicode": 0.9}
MOST = {"flood": 1.2, "memory": 1.1}


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--quick", action="store_true")
    options.add_argument("--json", action="store_true")
    args = options.parse_args()
    rounds = 15 if args.quick else 60
    ascii_texts, unicode_texts = known(new(ASCII)[:512]) * 8, known(new(UNICODE)[:512]) * 8
    rows: dict[str, Callable[[], Texts]] = {
        "hot ASCII": lambda: ascii_texts,
        "hot Unicode": lambda: unicode_texts,
        "unhashed ASCII": again(ascii_texts),
        "unhashed Unicode": again(unicode_texts),
        "cold ASCII": lambda: new(ASCII),
        "cold Unicode": lambda: new(UNICODE),
        "occupants": lambda: new(OCCUPANTS),
        "domains": lambda: new(DOMAINS),
    }
    seconds = {name: measure(make, rounds) for name, make in rows.items()}
    ratios = {name: best["slixmpp"] / best["ours"] for name, best in seconds.items()}
    held = {"flood": flood(rounds), "memory": memory()}
    failed = [name for name, least in BUDGETS.items() if ratios[name] < least]
    failed += [name for name, most in MOST.items() if held[name] > most]
    if KNOWN_GOOD.count() > 2 * MOST_KNOWN:
        failed.append(f"{KNOWN_GOOD.count()} addresses held")
    if args.json:
        print(json.dumps({name: round(value, 2) for name, value in (ratios | held).items()}))
        return 1 if failed else 0
    print("x slixmpp's JID (ns a text: ours, slixmpp's)")
    for name, ratio in ratios.items():
        own, peer = (round(seconds[name][side] / SIZE * 1e9) for side in ("ours", "slixmpp"))
        budget = f"  at least {BUDGETS[name]}" if name in BUDGETS else ""
        print(f"{name:18}{ratio:8.2f}  ({own}, {peer}){budget}")
    print(f"hot look-ups among a flood, over those alone: {held['flood']:.2f}, at most {MOST['flood']}")
    print(f"memory after twice the flood, over once: {held['memory']:.2f}, at most {MOST['memory']}")
    print(f"addresses held: {KNOWN_GOOD.count()}, at most {2 * MOST_KNOWN}")
    for name in failed:
        print(f"MISSED  {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
