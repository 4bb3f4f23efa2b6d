"""What is at a limit passes, one more is refused, at every chunking and before more is fed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xml_scenes import HEADER, feed, limit_cases, random_pieces

from xmpp_core.limits import XMLLimits

pytestmark = pytest.mark.heavy

_SMALL = XMLLimits(stanza_bytes=10_000, nodes=60, depth=8, attributes=12, children=20, name_length=40)
_UNFINISHED: dict[str, Callable[[int], bytes]] = {
    "depth": lambda extra: b"<p/><a>" + b"<b>" * (7 + extra),
    "children": lambda extra: b"<p/><a>" + b"<b/>" * (20 + extra),
    "nodes": lambda extra: b"<p/><a>" + (b"<c>" + b"<b/>" * 18 + b"</c>") * 3 + b"<b/>" * (2 + extra),
    "attributes": lambda extra: b"<p/><a><b" + b"".join(b" a%d=''" % n for n in range(12 + extra)) + b">",
    "name": lambda extra: b"<p/><a><" + b"n" * (40 + extra) + b"/>",
    "octets": lambda extra: b"<p/><a>x</a" + b" " * (9992 + extra) + b">",
}


@pytest.mark.feature("STR-14")
@pytest.mark.parametrize("extra", [-1, 0, 1])
@pytest.mark.parametrize("name", list(_UNFINISHED))
def test_a_limit_holds_before_the_element_ends(name: str, extra: int) -> None:
    octets = HEADER + _UNFINISHED[name](extra)
    expected = feed([octets], limits=_SMALL)
    assert (expected[-1][0] == "failure") is (extra > 0)
    assert expected[-1][0] != "failure" or expected[-1][1] == "policy-violation"
    for seed in range(300):
        for bulk in (True, False):
            assert feed(random_pieces(octets, seed), limits=_SMALL, bulk=bulk) == expected


@pytest.mark.feature("STR-14")
def test_limits_are_exact_at_every_chunking() -> None:
    tried = 0
    for name, octets, limits, good in limit_cases():
        data = HEADER + octets
        expected = feed([data], limits=limits)
        failed = expected[-1][0] == "failure"
        assert failed is not good, name
        if failed:
            assert expected[-1][1] == "policy-violation", name
        for seed in range(300):
            for bulk in (True, False):
                assert feed(random_pieces(data, seed), bulk=bulk, limits=limits) == expected, (name, seed)
                tried += 1
    assert tried >= 60 * 2 * 300
