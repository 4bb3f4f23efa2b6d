"""The parser checks that need no test runner, for every CPython found: `python tests/fuzz/xml_crosscheck.py`."""

from __future__ import annotations

import pyexpat
import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "fuzz"), str(ROOT)]
# The parser's room imports with nothing installed; the package's front door does not.
_package = types.ModuleType("xmpp_core")
_package.__path__ = [str(ROOT / "xmpp_core")]
sys.modules["xmpp_core"] = _package

from xml_scenes import BAD, GOOD, HEADER, HOSTILE_PROLOGS, feed, limit_cases, random_pieces, ways  # noqa: E402


def defers() -> bool:
    """Whether this expat holds a complete token back until more octets come."""
    seen: list[str] = []
    parser = pyexpat.ParserCreate()
    parser.StartElementHandler = lambda name, _: seen.append(name)
    parser.Parse(b"<a>")
    parser.Parse(b"<presence typ")
    parser.Parse(b"e=")
    parser.Parse(b"'x'/>")
    return len(seen) < 2


def main() -> int:
    count = failures = 0
    scenes = [HEADER + octets for octets in GOOD.values()]
    scenes += [HEADER + octets for octets, _, _ in BAD.values()]
    scenes += [octets for octets, _ in HOSTILE_PROLOGS.values()]
    for data in scenes:
        expected = feed([data])
        for bulk in (True, False):
            for way in ways(data, splits=len(data) < 500):
                count += 1
                failures += feed(way, bulk=bulk) != expected
    for _, octets, limits, good in limit_cases():
        data = HEADER + octets
        expected = feed([data], limits=limits)
        failures += (expected[-1][0] == "failure") is good
        for seed in range(20):
            count += 1
            failures += feed(random_pieces(data, seed), limits=limits) != expected
    held = "defers" if defers() else "does not defer"
    print(f"CPython {sys.version.split()[0]}, {pyexpat.EXPAT_VERSION} ({held}): {count} runs, {failures} differ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
