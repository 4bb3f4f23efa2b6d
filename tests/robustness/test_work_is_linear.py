"""Twice the input is at most 2.3 times the work, however small the pieces it comes in.

Work is what the parser counts: octets it looked at itself, and octets it gave to expat.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from xmpp_core.limits import XMLLimits
from xmpp_core.xml.parser import XMLStreamParser

pytestmark = pytest.mark.heavy

HEADER = b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>"
LIMITS = XMLLimits(stanza_bytes=262_144, nodes=300_000, children=300_000, name_length=300_000)
SIZE = 30_000
HOSTILE: dict[str, Callable[[int], bytes]] = {
    "attribute": lambda n: b"<a b='" + b"x" * n,
    "text": lambda n: b"<a>" + b"x" * n,
    "name": lambda n: b"<" + b"n" * n,
    "end tag": lambda n: b"<a></a" + b" " * n,
    "comment": lambda n: b"<a><!--" + b"x" * n,
    "instruction": lambda n: b"<a><?" + b"x" * n,
    "CDATA": lambda n: b"<a><![CDATA[" + b"x" * n,
    "CDATA of brackets": lambda n: b"<a><![CDATA[" + b"]" * n,
    "declaration": lambda n: b"<!DOCTYPE " + b"x" * n,
    "entity": lambda n: b"<a>&" + b"x" * n,
    "references": lambda n: b"<a>" + b"&lt;" * (n // 4),
    "greater in text": lambda n: b"<a>" + b">" * n,
    "greater in quotes": lambda n: b"<a b='" + b">" * n,
    "tags in quotes": lambda n: b"<a b='" + b"/>" * (n // 2),
    "quotes in a tag": lambda n: b"<a " + b"b=''" * (n // 4),
    "white space between stanzas": lambda n: b" " * n,
    "small stanzas": lambda n: b"<a/>" * (n // 4),
    "small children": lambda n: b"<a>" + b"<b/>" * (n // 4),
    "children never closed": lambda n: b"<a>" + b"<b>" * min(n // 3, 60) + b"x" * n,
    "marks that begin nothing": lambda n: b"<a>" + b"!?" * (n // 2),
    "CDATA of tags": lambda n: b"<a>" + b"<![CDATA[<b>]]>" * (n // 15),
    "attributes": lambda n: b"<a" + b"".join(b" a%d=''" % one for one in range(n // 8)),
}


def work(octets: bytes, size: int) -> int:
    parser = XMLStreamParser(LIMITS)
    parser.receive(HEADER)
    parser.next()
    before = parser.octets_scanned + parser.octets_fed
    for place in range(0, len(octets), size):
        parser.receive(octets[place : place + size])
        parser.take()
    return parser.octets_scanned + parser.octets_fed - before


@pytest.mark.feature("XML-02", "SEC-02")
@pytest.mark.parametrize("size", [1, 7, 1448])
@pytest.mark.parametrize("name", HOSTILE)
def test_work_grows_as_the_input_does(name: str, size: int) -> None:
    make = HOSTILE[name]
    small, large = work(make(SIZE), size), work(make(2 * SIZE), size)
    assert large <= 2.3 * small + len(HEADER)
    # And it is a small multiple of what came, not only of itself.
    assert large <= 8 * len(make(2 * SIZE)) + 1000


@pytest.mark.feature("XML-03", "SEC-02")
@pytest.mark.parametrize(
    "make",
    [
        lambda n: b"<stream:stream a='" + b"x" * n,
        lambda n: b"<stream:stream " + b"a" * n,
        lambda n: b"<?xml version='1.0'" + b" " * n,
        lambda n: b"<?xml version='1.0'?>" + b" " * n,
    ],
)  # fmt: skip
def test_a_header_octet_by_octet_is_linear_too(make: Callable[[int], bytes]) -> None:
    limits = XMLLimits(header_bytes=100_000)

    def header_work(octets: bytes) -> int:
        parser = XMLStreamParser(limits)
        for place in range(len(octets)):
            parser.receive(octets[place : place + 1])
            assert parser.next() is None
        return parser.octets_scanned + parser.octets_fed

    small, large = header_work(make(SIZE)), header_work(make(2 * SIZE))
    assert small >= SIZE
    assert large <= 2.3 * small
