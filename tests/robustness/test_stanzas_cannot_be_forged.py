"""Invalid UTF-8 and separator tricks cannot forge stanzas, and what is written is what is read."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest

from xmpp_core import UnsafeExpat, WriteError
from xmpp_core.limits import XMLLimits
from xmpp_core.xml import tree
from xmpp_core.xml.characters import NAME
from xmpp_core.xml.names import canonical
from xmpp_core.xml.parser import XMLStreamParser
from xmpp_core.xml.writer import write

pytestmark = pytest.mark.heavy

HEADER = b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>"
LIMITS = XMLLimits(stanza_bytes=1_000_000)
NAMESPACES = ["jabber:client", "urn:a", "urn:b&'<>\"", "http://x/y z", None, "urn:\u4f60"]
LOCALS = ["message", "body", "x", "_a-b.c", "\u00e9", "a" * 200]
TEXTS = [
    "", " ", "x", "a < b & c > d", "]]>", "</message><message>", "'\"", "\r\n\t", "\u2028\u0085", "\U0001f600\u4f60",
    "<!-- -->", "&amp;", "\ufeff", "\x7f\x80", "x" * 3000,
]  # fmt: skip


def reader() -> XMLStreamParser:
    parser = XMLStreamParser(LIMITS)
    parser.receive(HEADER)
    parser.next()
    return parser


def generated(drawn: random.Random, depth: int = 0) -> Element:
    namespace, local = drawn.choice(NAMESPACES), drawn.choice(LOCALS)
    element = Element(local if namespace is None else f"{{{namespace}}}{local}")
    for _ in range(drawn.choice((0, 0, 1, 2))):
        space, name = drawn.choice((None, None, *NAMESPACES[1:])), drawn.choice(LOCALS)
        element.set(name if space is None else f"{{{space}}}{name}", drawn.choice(TEXTS))
    if drawn.random() < 0.2:
        element.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    element.text = drawn.choice((None, *TEXTS)) or None
    for _ in range(drawn.choice((0, 0, 1, 2)) if depth < 4 else 0):
        child = generated(drawn, depth + 1)
        child.tail = drawn.choice((None, *TEXTS)) or None
        element.append(child)
    return element


@pytest.mark.feature("XML-05", "XML-01")
def test_what_is_written_is_read_as_the_same_tree() -> None:
    drawn = random.Random(3)
    parser = reader()
    for _ in range(400):
        stanzas = [generated(drawn) for _ in range(250)]
        parser.receive(b"".join(write(one, "jabber:client") for one in stanzas))
        read = parser.take()
        assert len(read) == len(stanzas)
        for got, wanted in zip(read, stanzas, strict=True):
            assert isinstance(got, Element)
            assert canonical(got) == canonical(wanted)


@pytest.mark.feature("XML-05")
def test_a_name_is_written_exactly_when_the_parser_reads_it() -> None:
    drawn = random.Random(4)
    places = [*range(0x21, 0x3200), *(drawn.randrange(0x3200, 0x110000) for _ in range(20_000))]
    for place in places:
        if 0xD800 <= place < 0xE000:
            continue
        for name in (chr(place), "a" + chr(place)):
            parser = reader()
            try:
                octets = write(Element(name), "jabber:client")
            except WriteError:
                assert NAME.fullmatch(name) is None
                continue
            parser.receive(octets)
            (item,) = parser.take()
            assert isinstance(item, Element)
            assert item.tag == name, hex(place)


@pytest.mark.feature("XML-05")
@pytest.mark.parametrize(
    "name", ["", "1", "a b", "a:b", "a>", "\u0220", "{urn:a", "{urn:a}", "{urn:}b}c}d", "xmlns\x00"]
)
def test_what_is_no_name_is_not_written(name: str) -> None:
    with pytest.raises(WriteError):
        write(Element(name))
    with pytest.raises(WriteError):
        write(Element("a", {name: ""}))


class Deceived:
    """A builder over an expat that takes anything at all."""

    def __init__(self, header: bytes) -> None:
        self.root = Element("a")
        self.ended: deque[tuple[str, Element]] = deque()
        self.feed: Callable[[bytes | bytearray], object] = lambda _: None


@pytest.mark.feature("XML-04", "SEC-02")
def test_an_expat_that_takes_what_xml_forbids_is_refused_at_start() -> None:
    with pytest.raises(UnsafeExpat):
        tree.probed(Deceived)
    assert tree.probed(tree.CTree) is tree.CTree
    assert tree.probed(tree.ExpatTree) is tree.ExpatTree


@pytest.mark.feature("XML-04", "SEC-02")
@pytest.mark.parametrize("forgery", tree.FORGERIES, ids=repr)
def test_each_forgery_alone_is_enough_to_refuse_it(forgery: bytes) -> None:
    def half_deceived(octets: bytes) -> tree.Tree:
        return Deceived(octets) if octets == forgery else tree.CTree(octets)

    with pytest.raises(UnsafeExpat):
        tree.probed(half_deceived)
