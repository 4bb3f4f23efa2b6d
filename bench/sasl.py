"""What a login with SCRAM costs: the first one beside hashlib's PBKDF2, a later one with kept keys beside the first.

    python bench/sasl.py [--quick] [--json]

`first` is a whole exchange, both sides, of a client that has a password; `later` the same with the keys that were
kept; `hashlib` the derivation alone, by the standard library. Interleaved in one process; CPU time, the best of the
rounds. 10,000 iterations, what XEP-0438 asks for. Fails where a ratio misses its budget, or a derivation is made
that should not be.

The budgets are what a machine that is not idle keeps. 80 for `later` is kept with SHA-512; with SHA-1 and SHA-256 it
is not, see docs/explanation/performance.md for what the time goes into. No `first` can be above the ratio of the two
derivations, 1.70 to 1.79 with SHA-1 and SHA-256, 1.35 with SHA-512.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from xmpp_core.sasl import Keys, Need, Password, Respond, SaslContext, StoredKeys, Verified
from xmpp_core.sasl.derivation import HASHES, derivations_made
from xmpp_core.sasl.scram_client import ScramClient
from xmpp_core.sasl.scram_server import ScramServer

ITERATIONS = 10_000
SALT = bytes(range(16))
CONTEXT = SaslContext(secure=True, secret=bytes(16))
BUDGETS = {
    "first SHA-1": 1.6,
    "first SHA-256": 1.6,
    "first SHA-512": 1.25,
    "later SHA-1": 50.0,
    "later SHA-256": 52.0,
    "later SHA-512": 110.0,
}


def settled(mechanism: Any, outcome: Any, stored: StoredKeys) -> Any:
    while isinstance(outcome, Need):
        request = outcome.request
        outcome = mechanism.answered(outcome.state, request.derive() if hasattr(request, "derive") else stored, CONTEXT)
    return outcome


def login(client: ScramClient, server: ScramServer, stored: StoredKeys) -> Verified:
    """A whole exchange, both sides."""
    said = settled(client, client.start(CONTEXT), stored)
    heard = settled(server, server.start(said.data, CONTEXT), stored)
    assert isinstance(heard, Respond)
    said = settled(client, client.challenged(said.state, heard.data or b"", CONTEXT), stored)
    ended = settled(server, server.responded(heard.state, said.data, CONTEXT), stored)
    verified = settled(client, client.succeeded(said.state, ended.data, CONTEXT), stored)
    assert isinstance(verified, Verified)
    return verified


def measure(sides: dict[str, tuple[Callable[[], object], int]], rounds: int) -> dict[str, float]:
    """Best CPU seconds of one call of each side, which is made as often as it says in a round."""
    best = dict.fromkeys(sides, float("inf"))
    for _ in range(rounds):
        for name, (side, times) in sides.items():
            begin = time.process_time()
            for _ in range(times):
                side()
            best[name] = min(best[name], (time.process_time() - begin) / times)
    return best


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--quick", action="store_true")
    options.add_argument("--json", action="store_true")
    args = options.parse_args()
    rounds = 15 if args.quick else 60
    ratios: dict[str, float] = {}
    seconds: dict[str, float] = {}
    failed: list[str] = []
    for hash in ("SHA-1", "SHA-256", "SHA-512"):
        stored = StoredKeys.derive("pencil", (hash,), iterations=ITERATIONS, salt=SALT)
        server = ScramServer(hash=hash, plus=False)
        new = ScramClient(hash=hash, plus=False, authcid="juliet", credentials=Password("pencil"))
        keys = login(new, server, stored).keys
        assert keys is not None
        known = ScramClient(hash=hash, plus=False, authcid="juliet", credentials=Keys((keys,)))
        algorithm = HASHES[hash].algorithm
        made = derivations_made()
        login(known, server, stored)
        if derivations_made() != made:
            failed.append(f"a derivation with kept keys of {hash}")
        sides: dict[str, tuple[Callable[[], object], int]] = {
            "hashlib": (lambda a=algorithm: hashlib.pbkdf2_hmac(a, b"pencil", SALT, ITERATIONS), 1),  # type: ignore[misc]
            "first": (lambda c=new, s=server, k=stored: login(c, s, k), 1),  # type: ignore[misc]
            "later": (lambda c=known, s=server, k=stored: login(c, s, k), 20),  # type: ignore[misc]
        }
        best = measure(sides, rounds)
        seconds |= {f"{name} {hash}": one for name, one in best.items()}
        ratios[f"first {hash}"] = best["hashlib"] / best["first"]
        ratios[f"later {hash}"] = best["first"] / best["later"]
    failed += [name for name, least in BUDGETS.items() if ratios[name] < least]
    if args.json:
        print(json.dumps({name: round(value, 2) for name, value in ratios.items()}))
        return 1 if failed else 0
    for name, ratio in ratios.items():
        beside = "hashlib's PBKDF2" if name.startswith("first") else "the first login"
        print(f"{name:15}{ratio:9.2f} x {beside}  ({seconds[name] * 1e6:.0f} us)  at least {BUDGETS[name]}")
    for name in failed:
        print(f"MISSED  {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
