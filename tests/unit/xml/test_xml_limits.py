"""Limits hold for what is not finished too, and memory with them."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable

import pytest
from xml_scenes import HEADER, feed, random_pieces

from xmpp_core.limits import XMLLimits
from xmpp_core.xml.parser import Failure, XMLStreamParser

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
def test_a_limit_holds_before_the_element_ends(name: str, extra: int, full: bool) -> None:
    octets = HEADER + _UNFINISHED[name](extra)
    expected = feed([octets], limits=_SMALL)
    assert (expected[-1][0] == "failure") is (extra > 0)
    assert expected[-1][0] != "failure" or expected[-1][1] == "policy-violation"
    for seed in range(300 if full else 20):
        for bulk in (True, False):
            assert feed(random_pieces(octets, seed), limits=_SMALL, bulk=bulk) == expected


@pytest.mark.feature("STR-14", "SEC-02")
@pytest.mark.parametrize(
    ("limits", "pieces"),
    [
        (XMLLimits(stanza_bytes=2_000_000, nodes=50_000, children=50_000), [b"<a>" * 20_000] * 30),
        (XMLLimits(stanza_bytes=2_000_000), [b"<a>", *[b"<b c=''/>" * 2_000] * 100]),
        (XMLLimits(stanza_bytes=262_144), [b"<a>" + b"<b c=''/>" * 25_000]),
        (XMLLimits(), [b"<n%d a%d='' xmlns='u%d'/>" % (n, n, n) for n in range(40_000)]),
        (XMLLimits(), [b" " * 1000] * 1000),
    ],
    ids=["never closed", "small children", "one read", "distinct names", "white space"],
)  # fmt: skip
def test_memory_is_bounded(limits: XMLLimits, pieces: Iterable[bytes]) -> None:
    parser = XMLStreamParser(limits)
    parser.receive(HEADER)
    parser.next()
    largest = 0
    tracemalloc.start()
    try:
        for piece in pieces:
            largest = max(largest, len(piece))
            parser.receive(piece)
            if any(isinstance(item, Failure) for item in parser.take()):
                break
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 8 * limits.stanza_bytes + 512 * limits.nodes + 4 * largest + 65_536


@pytest.mark.feature("XML-02")
@pytest.mark.parametrize("name", [b"<messag\xef>", b"<a b='\xe2\x80'>", b"<a>\xf0\x9f</a>"])
def test_a_character_cut_short_by_the_end_of_a_tag_is_refused_with_the_tag(name: bytes) -> None:
    octets = HEADER + b"<p/>" + name
    expected = feed([octets])
    assert expected[-1][:2] == ("failure", "unsupported-encoding")
    assert feed(octets[place : place + 1] for place in range(len(octets))) == expected


def test_names_are_forgotten_in_the_middle_of_an_element_too() -> None:
    parser = XMLStreamParser(XMLLimits())
    parser.receive(HEADER)
    parser.next()
    fed = 0
    for number in range(3_000):
        # Never a clean boundary at the end of a piece.
        piece = b"</open><n%d a%d=''/><open>" % (number, number) if number else b"<open>"
        piece += b" " * 40
        fed += len(piece)
        parser.receive(piece)
        parser.take()
    replayed = parser.octets_fed - fed
    assert replayed >= len(HEADER)
    assert replayed <= fed
