"""Streams, good and hostile, and the ways to feed them: shared by the tests and the crosscheck script.

Standard library only, so that it runs on any interpreter.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from xmpp_core.limits import XMLLimits
from xmpp_core.xml.names import canonical
from xmpp_core.xml.parser import Failure, RootEnd, RootStart, XMLStreamParser

HEADER = (
    b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    b"xmlns:stream='http://etherx.jabber.org/streams' id='x' version='1.0'>"
)
LIMITS = XMLLimits()
ParserFactory = Callable[[XMLLimits], Any]

GOOD: dict[str, bytes] = {
    "stanzas": b"<message><body>hi &amp; x > y</body></message> <presence/>\n<iq id='a\"&gt;>'><q xmlns='x'/></iq>",
    "cdata": b"<a><![CDATA[ <x> > ]] ]>]]></a><b/>",
    "greater in quotes": b"<m a='>>>' b=\">'>\"><b/></m >  <c/>",
    "mixed": b"<a>x<b/>y<c>z</c>w</a>",
    "prefixes": b"<p:a xmlns:p='urn:p' p:q='1'><p:b/></p:a><stream:x/>",
    "unicode": "<a>\u4f60\u597d \U0001f600 \ufeff</a><b \u00e9='\u00fc'/>".encode(),
    "references": b"<a b='&#65;&quot;'>&#x42;&lt;&#13;</a>",
    "forwarded": b"<message><f xmlns='y'><message/></f></message><message/>",
    "end": b"<a/></stream:stream>",
}

# name -> (octets, condition, offset behind the header)
BAD: dict[str, tuple[bytes, str, int]] = {
    "text between": (b"<a/> x<b/>", "bad-format", 5),
    "reference between": (b"<a/>&#32;<b/>", "bad-format", 4),
    "cdata between": (b"<a/><![CDATA[x]]>", "bad-format", 4),
    "comment inside": (b"<a><!-- c --></a>", "restricted-xml", 3),
    "comment between": (b"<a/><!-- c -->", "restricted-xml", 4),
    "instruction inside": (b"<a><?pi x?></a>", "restricted-xml", 3),
    "instruction between": (b"<?pi x?>", "restricted-xml", 0),
    "doctype between": (b"<!DOCTYPE a>", "restricted-xml", 0),
    "doctype inside": (b"<a><!DOCTYPE a></a>", "restricted-xml", 3),
    "entity": (b"<a>&foo;</a>", "restricted-xml", 3),
    "entity in a value": (b"<a b='&x;'/>", "restricted-xml", 6),
    "bad UTF-8 inside": (b"<a>\xff</a><b/>", "unsupported-encoding", 3),
    "bad UTF-8 between": (b"<a/>\xff", "unsupported-encoding", 4),
    "overlong UTF-8": (b"<a>\xc0\x80</a>", "unsupported-encoding", 3),
    "surrogate": (b"<a>\xed\xa0\x80</a>", "unsupported-encoding", 3),
    "control character": (b"<a>\x01</a>", "not-well-formed", 3),
    "reference to nothing": (b"<a>&#0;</a>", "not-well-formed", 3),
    "bare ampersand": (b"<a>a & b</a>", "not-well-formed", 5),
    "end of cdata": (b"<a>]]></a>", "not-well-formed", 3),
    "duplicate attribute": (b"<a b='1' b='2'/>", "not-well-formed", 9),
    "duplicate by namespace": (b"<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>", "not-well-formed", 34),
    "unbound prefix": (b"<x:a/>", "not-well-formed", 0),
    "unbound attribute prefix": (b"<a x:b=''/>", "not-well-formed", 3),
    "xmlns prefix": (b"<a xmlns:xmlns='u'/>", "not-well-formed", 3),
    "xml namespace": (b"<a xmlns='http://www.w3.org/XML/1998/namespace'/>", "not-well-formed", 3),
    "empty prefix": (b"<a xmlns:p=''/>", "not-well-formed", 3),
    "wrong end": (b"<a></b>", "not-well-formed", 3),
    "wrong end of the stream": (b"</stream:strea>", "not-well-formed", 0),
    "less in a value": (b"<m><a b='x<y'></a></m>", "not-well-formed", 10),
    "no quotes": (b"<a b=c/>", "not-well-formed", 5),
    "name that is none": (b"<1/>", "not-well-formed", 0),
    "space first": (b"< a/>", "not-well-formed", 0),
}

HOSTILE_PROLOGS: dict[str, tuple[bytes, str]] = {
    "BOM": (b"\xef\xbb\xbf" + HEADER, "not-well-formed"),
    "UTF-16 LE": (b"\xff\xfe" + HEADER.decode().encode("utf-16-le"), "unsupported-encoding"),
    "UTF-16 BE": (b"\xfe\xff" + HEADER.decode().encode("utf-16-be"), "unsupported-encoding"),
    "UTF-16 without a mark": (HEADER.decode().encode("utf-16-le"), "unsupported-encoding"),
    "Latin 1": (b"<?xml version='1.0' encoding='ISO-8859-1'?><s:s xmlns:s='u'>", "unsupported-encoding"),
    "XML 1.1": (b"<?xml version='1.1'?><s:s xmlns:s='u'>", "bad-format"),
    "standalone": (b"<?xml version='1.0' standalone='no'?><s:s xmlns:s='u'>", "restricted-xml"),
    "doctype": (b"<?xml version='1.0'?><!DOCTYPE s [<!ENTITY a 'b'>]><s/>", "restricted-xml"),
    "comment": (b"<!-- --><s/>", "restricted-xml"),
    "instruction": (b"<?php x ?><s/>", "restricted-xml"),
    "text": (b"GET / HTTP/1.1\r\n\r\n", "not-well-formed"),
    "bad UTF-8": (b"\xff<s/>", "unsupported-encoding"),
    "unbound prefix": (b"<s:s>", "bad-namespace-prefix"),
    "duplicate": (b"<s a='' a=''>", "not-well-formed"),
    "entity": (b"<s a='&x;'>", "restricted-xml"),
    "less in a value": (b"<s a='<'>", "not-well-formed"),
    "too long": (b"<s a='" + b"x" * 9000 + b"'>", "policy-violation"),
    "never ends": (b"<s a='" + b"x" * 9000, "policy-violation"),
}


def shown(item: object) -> tuple[object, ...]:
    """Give an item as something that compares."""
    if isinstance(item, Failure):
        return ("failure", item.condition, item.position, item.section)
    if isinstance(item, RootEnd):
        return ("end",)
    if isinstance(item, RootStart):
        return ("start", item.tag, tuple(sorted(item.attributes.items())), item.prefix)
    assert getattr(item, "tail", None) is None
    return ("element", canonical(item))  # type: ignore[arg-type]  # what is left is an element


def feed(
    pieces: Iterable[bytes],
    *,
    bulk: bool = True,
    limits: XMLLimits = LIMITS,
    factory: ParserFactory = XMLStreamParser,
) -> list[tuple[object, ...]]:
    """Run the pieces through a parser, one at a time or in bulk after the header."""
    parser = factory(limits)
    out: list[tuple[object, ...]] = []
    for piece in pieces:
        parser.receive(piece)
        while True:
            items = parser.take() if bulk and out else [one for one in (parser.next(),) if one is not None]
            if not items:
                break
            out.extend(shown(item) for item in items)
    return out


def random_pieces(data: bytes, seed: int) -> list[bytes]:
    """Cut at places drawn from the seed."""
    drawn = random.Random(seed)
    sizes = drawn.choice(((1, 2, 5, 20), (1, 3, 100, 1000), (50, 500, 4000)))
    pieces, place = [], 0
    while place < len(data):
        size = drawn.choice(sizes)
        pieces.append(data[place : place + size])
        place += size
    return pieces


def ways(data: bytes, *, seeds: int = 50, splits: bool = True) -> Iterator[list[bytes]]:
    """Whole, by octet, every split in two, and random cuts."""
    yield [data]
    yield [data[place : place + 1] for place in range(len(data))]
    if splits:
        for place in range(1, len(data)):
            yield [data[:place], data[place:]]
    for seed in range(seeds):
        yield random_pieces(data, seed)


def limit_cases() -> Iterator[tuple[str, bytes, XMLLimits, bool]]:
    """Name, octets behind the header, limits, and whether they are within them."""
    small = XMLLimits(stanza_bytes=10_000, nodes=60, depth=8, attributes=12, children=20, name_length=40)
    for extra in (-2, -1, 0, 1, 2):
        size = 10_000 + extra
        good = extra <= 0
        yield f"text {extra}", b"<a>" + b"x" * (size - 7) + b"</a>", small, good
        yield f"attribute {extra}", b"<a b='" + b"x" * (size - 9) + b"'/>", small, good
        yield f"cdata {extra}", b"<a><![CDATA[" + b"<" * (size - 19) + b"]]></a>", small, good
        yield f"greater {extra}", b"<a>" + b">" * (size - 7) + b"</a>", small, good
        yield f"quoted greater {extra}", b"<a b='" + b">" * (size - 9) + b"'/>", small, good
        yield f"after a good one {extra}", b"<p/><a>" + b"x" * (size - 7) + b"</a><q/>", small, good
        yield f"depth {extra}", b"<a>" * (8 + extra) + b"</a>" * (8 + extra), small, good
        attributes = b"".join(b" a%d=''" % number for number in range(12 + extra))
        yield f"attributes {extra}", b"<p/><a" + attributes + b"/>", small, good
        yield f"children {extra}", b"<a>" + b"<b/>" * (20 + extra) + b"</a><q/>", small, good
        yield f"name {extra}", b"<" + b"n" * (40 + extra) + b"/>", small, good
        yield f"attribute name {extra}", b"<a " + b"n" * (40 + extra) + b"=''/>", small, good
        half = b"<c>" + b"<b/>" * 19 + b"</c>"
        nodes = b"<a>" + half + half + b"<d>" + b"<b/>" * (18 + extra) + b"</d></a>"
        yield f"nodes {extra}", nodes, small, good
        name = b"n" * (256 + extra)
        yield f"namespace {extra}", b"<p/><a xmlns='" + name + b"'><b/></a><q/>", small, good
        yield f"bound namespace {extra}", b'<a  b="" xmlns:p = "' + name + b'"><p:b/></a><q/>', small, good
        yield f"written namespace {extra}", b"<a><b xmlns:p='&#110;" + name[6:] + b"'/></a><q/>", small, good
    # What only looks like a declaration is none.
    said = b"xmlns='" + b"n" * 300
    yield "namespace in a text", b"<a>" + said + b"'</a><q/>", small, True
    yield "namespace in a value", b'<a b="' + said + b"'\"/><q/>", small, True
    yield "namespace in a section", b"<a><![CDATA[<b " + said + b"'/>]]></a><q/>", small, True
    yield "a name like it", b"<a xmlnsn='" + b"n" * 300 + b"'/><q/>", small, True
