from __future__ import annotations

import copy
from functools import partial
from xml.etree.ElementTree import Element

import pytest
from xml_scenes import (
    BAD,
    GOOD,
    HEADER,
    HOSTILE_PROLOGS,
    LIMITS,
    ParserFactory,
    feed,
    limit_cases,
    random_pieces,
    ways,
)

from xmpp_core.limits import XMLLimits
from xmpp_core.xml.names import equal
from xmpp_core.xml.parser import Failure, Item, RootEnd, RootStart, XMLStreamParser
from xmpp_core.xml.tree import CTree, ExpatTree

PARSERS: dict[str, ParserFactory] = {
    "C": partial(XMLStreamParser, tree=CTree),
    "pyexpat": partial(XMLStreamParser, tree=ExpatTree),
}


@pytest.mark.feature("XML-02", "ENG-03")
@pytest.mark.parametrize("name", GOOD)
def test_a_good_stream_is_the_same_at_every_chunking(name: str) -> None:
    data = HEADER + GOOD[name]
    expected = feed([data])
    assert len(expected) > 1
    assert all(kind[0] != "failure" for kind in expected)
    for bulk in (True, False):
        for way in ways(data):
            assert feed(way, bulk=bulk) == expected


@pytest.mark.feature("XML-01", "XML-02", "ENG-03")
@pytest.mark.parametrize("name", BAD)
def test_a_bad_stream_earns_its_condition_at_every_chunking(name: str) -> None:
    octets, condition, offset = BAD[name]
    data = HEADER + octets
    expected = feed([data])
    assert expected[-1][:3] == ("failure", condition, len(HEADER) + offset)
    for bulk in (True, False):
        for way in ways(data):
            assert feed(way, bulk=bulk) == expected


@pytest.mark.feature("XML-01", "XML-03")
@pytest.mark.parametrize("name", HOSTILE_PROLOGS)
def test_a_hostile_prolog_earns_its_condition_at_every_chunking(name: str) -> None:
    data, condition = HOSTILE_PROLOGS[name]
    expected = feed([data])
    assert [one[:2] for one in expected] == [("failure", condition)]
    for way in ways(data, splits=len(data) < 500):
        assert feed(way) == expected


@pytest.mark.feature("XML-01", "XML-02")
@pytest.mark.parametrize("name", [*GOOD, *BAD, *HOSTILE_PROLOGS])
def test_both_builders_give_the_same(name: str) -> None:
    data = (
        HEADER + (GOOD[name] if name in GOOD else BAD[name][0]) if name in (*GOOD, *BAD) else HOSTILE_PROLOGS[name][0]
    )
    expected = feed([data], factory=PARSERS["C"])
    for way in ways(data, seeds=5, splits=False):
        for parser in PARSERS.values():
            assert feed(way, factory=parser) == expected


@pytest.mark.feature("XML-02", "STR-14")
@pytest.mark.parametrize("builder", PARSERS)
def test_limits_hold_with_both_builders(builder: str) -> None:
    for name, octets, limits, good in limit_cases():
        data = HEADER + octets
        for way in ([data], random_pieces(data, 1), random_pieces(data, 2)):
            last = feed(way, limits=limits, factory=PARSERS[builder])[-1]
            assert (last[0] != "failure") is good, name
            assert good or last[1] == "policy-violation", name


# name -> (octets behind the header, condition, offset behind the header)
RARE: dict[str, tuple[bytes, str, int]] = {
    "a cut character begins a text between": (b"<a/>\xc3", "bad-format", 4),
    "a forbidden character cut from its text": (b"<a>x</a><b>\xef\xbf\xbe</b>", "not-well-formed", 11),
    "a reference that is not closed": (b"<a>&lt</a>", "not-well-formed", 3),
    "a reference with too many digits": (b"<a>&#99999999;</a>", "not-well-formed", 3),
    "a reference to a surrogate": (b"<a>&#xD800;</a>", "not-well-formed", 3),
    "an end tag without a name": (b"<a></ a>", "not-well-formed", 3),
    "an end tag with an attribute": (b"<a></a b=''>", "not-well-formed", 3),
    "a start tag without a name in an element": (b"<a><=/></a>", "not-well-formed", 3),
    "attributes without a space": (b"<a b=''c=''/>", "not-well-formed", 7),
    "an attribute without a value": (b"<a b/>", "not-well-formed", 4),
    "a slash amid a tag": (b"<a / b=''>", "not-well-formed", 3),
    "a declaration inside": (b"<a><!ELEMENT b ANY></a>", "restricted-xml", 3),
    "a forbidden character in CDATA": (b"<a><![CDATA[\x02]]></a>", "not-well-formed", 12),
    "a forbidden character in a value": (b"<a b='\x02'/>", "not-well-formed", 6),
    "a second end of the root": (b"<a/></stream:stream", "", 0),
}


@pytest.mark.feature("XML-01")
@pytest.mark.parametrize("name", RARE)
def test_a_rare_fault_is_named_too(name: str) -> None:
    octets, condition, offset = RARE[name]
    for builder, parser in PARSERS.items():
        for way in ([HEADER + octets], random_pieces(HEADER + octets, 3)):
            last = feed(way, factory=parser)[-1]
            if not condition:
                assert last[0] == "element"
            else:
                assert last[:3] == ("failure", condition, len(HEADER) + offset), (builder, last)


@pytest.mark.feature("XML-02")
def test_a_stanza_is_delivered_with_its_last_octet_at_every_split() -> None:
    stanza = b"<message to='a>b'><body>x > y &amp; z</body><![CDATA[q]]></message>"
    for place in range(1, len(stanza)):
        parser = XMLStreamParser(LIMITS)
        parser.receive(HEADER)
        assert isinstance(parser.next(), RootStart)
        parser.receive(stanza[:place])
        assert parser.take() == []
        parser.receive(stanza[place:])
        (item,) = parser.take()
        assert isinstance(item, Element)


def test_nothing_behind_an_item_is_looked_at() -> None:
    parser = XMLStreamParser(LIMITS)
    parser.receive(HEADER + b"<a/><broken")
    assert isinstance(parser.next(), RootStart)
    assert isinstance(parser.next(), Element)
    assert parser.has_unread
    assert parser.discard() == b"<broken"
    assert not parser.has_unread


def test_a_restart_reads_the_octets_that_follow_as_a_new_stream() -> None:
    parser = XMLStreamParser(LIMITS)
    parser.receive(HEADER + b"<success/>" + HEADER + b"<a/>")
    assert isinstance(parser.next(), RootStart)
    assert isinstance(parser.next(), Element)
    parser.restart()
    assert isinstance(parser.next(), RootStart)
    assert isinstance(parser.next(), Element)
    assert parser.next() is None


@pytest.mark.parametrize("space", [b" ", b"\n", b"\t \r\n"])
def test_white_space_after_an_item_counts_as_unread(space: bytes) -> None:
    parser = XMLStreamParser(LIMITS)
    parser.receive(HEADER + b"<proceed/>")
    parser.next()
    parser.next()
    assert not parser.has_unread
    parser.receive(space)
    assert parser.has_unread


@pytest.mark.feature("XML-02")
def test_a_delivered_element_never_changes() -> None:
    data = HEADER + b"<a>x</a> \n <b><c/>y</b>\t<d/>  " * 20
    for seed in range(30):
        parser = XMLStreamParser(LIMITS)
        kept: list[tuple[Element, Element]] = []
        for piece in random_pieces(data, seed):
            parser.receive(piece)
            items = parser.take() if kept else [one for one in (parser.next(), parser.next()) if one is not None]
            kept += [(one, copy.deepcopy(one)) for one in items if isinstance(one, Element)]
        assert all(equal(now, then) and now.tail is None for now, then in kept)


@pytest.mark.feature("SEC-02")
def test_a_million_keepalives_cost_no_memory_and_no_expat() -> None:
    parser = XMLStreamParser(LIMITS)
    parser.receive(HEADER)
    parser.next()
    fed = parser.octets_fed
    for _ in range(1000):
        parser.receive(b" " * 1000)
        assert parser.take() == []
    assert parser.octets_fed == fed
    assert parser.unread == 0


@pytest.mark.feature("SEC-02")
@pytest.mark.parametrize(
    "octets",
    [b"<a b='%s'/>", b"<a>%s</a>", b"<%s/>", b"<a><![CDATA[%s]]></a>", b"<a b='>%s'/>", b"<a>>%s</a>"],
)
def test_work_is_linear_octet_by_octet(octets: bytes) -> None:
    def work(size: int) -> int:
        parser = XMLStreamParser(XMLLimits(stanza_bytes=1_000_000, name_length=100_000))
        parser.receive(HEADER)
        parser.next()
        fill = b">" if b">%s" in octets else b"n"
        for octet in octets % (fill * size):
            parser.receive(bytes((octet,)))
            parser.take()
        return parser.octets_fed + parser.octets_scanned

    assert work(8000) <= 2.3 * work(4000)


def test_after_the_end_nothing_comes() -> None:
    for octets in (b"</stream:stream>", b"<!-- "):
        parser = XMLStreamParser(LIMITS)
        parser.receive(HEADER + octets)
        parser.next()
        assert isinstance(parser.next(), RootEnd | Failure)
        for seed in range(50):
            parser.receive(random_pieces(HEADER + b"<a/><b/>", seed)[0])
            assert parser.next() is None
            assert parser.take() == []
        assert parser.unread == 0


def test_a_snapshot_goes_on_at_every_octet() -> None:
    data = HEADER + b"<a><b x='1'>t</b></a> <c/></stream:stream>"
    expected = feed([data])
    for place in range(len(data) + 1):
        parser = XMLStreamParser(LIMITS)
        out = []
        parser.receive(data[:place])
        while (item := parser.next()) is not None:
            out.append(item)
        parser = XMLStreamParser.restore(parser.snapshot(), LIMITS)
        parser.receive(data[place:])
        while (item := parser.next()) is not None:
            out.append(item)
        assert len(out) == len(expected)


def test_an_idle_parser_wakes_up() -> None:
    parser = XMLStreamParser(LIMITS)
    parser.receive(HEADER + b"<a/>")
    parser.next()
    parser.next()
    parser.hibernate()
    parser.receive(b"<b/>")
    (item,) = parser.take()
    assert isinstance(item, Element)
    assert item.tag == "{jabber:client}b"


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


# What a stanza that began behind whole ones in the same octets looks like before its rest has come.

WHOLE = b"<message><body>a</body></message><presence/>"
BEGUN = b"<iq id='1'><query><item/><ite"  # a cut tag leaves nothing to look at before more comes
REST = b"m/></query></iq>"


def begun(limits: XMLLimits = LIMITS) -> XMLStreamParser:
    parser = XMLStreamParser(limits)
    parser.receive(HEADER)
    assert isinstance(parser.next(), RootStart)
    parser.receive(WHOLE + BEGUN)
    assert len(parser.take()) == 2
    return parser


@pytest.mark.feature("XML-02", "ENG-08")
def test_what_has_begun_is_all_that_is_kept() -> None:
    assert begun().unread == len(BEGUN)
    state = begun().snapshot()
    assert (state.uninterpreted, state.position) == (BEGUN, len(HEADER + WHOLE))
    for more in (b"", b"m"):
        parser = begun()
        parser.receive(more)
        assert parser.discard() == BEGUN + more
        assert parser.unread == 0


@pytest.mark.feature("XML-01", "XML-02")
@pytest.mark.parametrize("further", [b"m/>", b"m/><item/>", b"m/><item/><item/>"])
def test_a_fault_behind_what_has_begun_has_its_place(further: bytes) -> None:
    for fault, condition in (
        (b"<!-- -->", "restricted-xml"),
        (b"<?php?>", "restricted-xml"),
        (b"</wrong>", "not-well-formed"),
        (b"<a b='' b=''/>", "not-well-formed"),
        (b"<a b='&x;'/>", "restricted-xml"),
    ):
        parser = begun()
        parser.receive(further)
        assert parser.take() == []
        parser.receive(fault)
        (failure,) = parser.take()
        expected = feed([HEADER + WHOLE + BEGUN + further + fault])[-1]
        assert isinstance(failure, Failure)
        assert ("failure", failure.condition, failure.position) == expected[:3]
        assert failure.condition == condition
        assert failure.position >= len(HEADER + WHOLE + BEGUN + further)


@pytest.mark.feature("XML-03")
@pytest.mark.parametrize("spare", [0, -1])
def test_what_has_begun_is_measured_alone(spare: int) -> None:
    filling = b"m/><item>%s</item><ite" % (b"x" * 4000)
    stanza = BEGUN + filling + REST
    parser = begun(XMLLimits(stanza_bytes=len(stanza) + spare))
    parser.receive(filling + REST)
    (item,) = parser.take()
    assert isinstance(item, Failure) is bool(spare)
    if isinstance(item, Failure):
        assert (item.condition, item.position) == ("policy-violation", len(HEADER + WHOLE + stanza) + spare)
    else:
        assert item.tag == "{jabber:client}iq"


@pytest.mark.feature("XML-02")
def test_text_behind_the_last_tag_is_not_fed() -> None:
    parser = XMLStreamParser(LIMITS)
    parser.receive(HEADER)
    parser.next()
    fed = parser.octets_fed
    parser.receive(b"<message><body>a</body> b > c")
    assert parser.take() == []
    assert parser.octets_fed == fed + len(b"<message><body>a</body>")
    parser.receive(b" > d</message>")
    (message,) = parser.take()
    assert isinstance(message, Element)
    assert message[0].tail == " b > c > d"


@pytest.mark.feature("XML-03")
@pytest.mark.parametrize("builder", PARSERS)
def test_what_has_begun_survives_another_expat(builder: str) -> None:
    """Expat is replaced in the middle of a stanza that began behind whole ones: nothing comes twice."""
    parser = PARSERS[builder](LIMITS)
    parser.receive(HEADER)
    parser.next()
    found: list[str | None] = []
    # Each piece ends a stanza, brings whole ones and begins another.
    for number in range(400):
        end = b"y/></message>" if number else b""
        parser.receive(end + b"<iq/>" * 200 + b"<message id='%d'><body>x</body><bod" % number)
        found += [
            item.get("id") for item in parser.take() if isinstance(item, Element) and item.tag.endswith("message")
        ]
    assert parser.octets_fed > 400 * 1000
    assert found == [str(number) for number in range(399)]


@pytest.mark.feature("XML-03", "STR-14")
def test_a_namespace_of_the_header_has_the_same_limit() -> None:
    for extra in (0, 1):
        parser = XMLStreamParser(XMLLimits(namespace_bytes=60))
        parser.receive(HEADER.replace(b" xmlns:stream", b" xmlns:p='" + b"n" * (60 + extra) + b"' xmlns:stream"))
        found = parser.next()
        assert isinstance(found, Failure) is bool(extra)
        assert not isinstance(found, Failure) or found.condition == "policy-violation"


@pytest.mark.feature("STR-14")
def test_who_began_to_count_nodes_goes_on() -> None:
    """The octets of an unfinished element become fewer when its beginning is found: its nodes do not."""
    limits = XMLLimits(stanza_bytes=2000, nodes=20, children=20, depth=8)
    pieces = [b"<p>" + b"x" * 100 + b"</p><a>t", b"<b/>t", b"<b/>t", b"<b/>t", b"<b/>t", b"<"]
    pieces += [b"c>" + b"<b/>" * 12 + b"</c>", b"<d>" + b"<b/>" * 12 + b"</d>", b"</a>"]
    whole = b"".join(pieces)
    outcomes = []
    for way in (pieces, [whole], [whole[at : at + 1] for at in range(len(whole))]):
        parser = XMLStreamParser(limits)
        parser.receive(HEADER)
        parser.next()
        items: list[Item] = []
        for piece in way:
            parser.receive(piece)
            items += parser.take()  # once a piece, as a connection does
        assert isinstance(items[-1], Failure)
        outcomes.append((len(items), items[-1].condition, items[-1].position))
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert outcomes[0][:2] == (2, "policy-violation")


@pytest.mark.feature("STR-14", "SEC-02")
def test_a_tag_of_white_space_is_looked_at_once() -> None:
    """A look at each of its octets from each of its octets would take minutes."""
    limits = XMLLimits(stanza_bytes=4_000_000, name_length=2_000_000)
    space, name = b" " * 1_000_000, b"n" * 1_000_000
    for octets in (
        b"<a" + space + b"/>",
        b"<a></a" + space + b">",
        b"<a b" + space + b"=" + space + b"''/>",
        b"<" + name + b"/>",
    ):
        for pieces in ([octets], [octets[:500_000], octets[500_000:]]):
            parser = XMLStreamParser(limits)
            parser.receive(HEADER)
            parser.next()
            found: list[Item] = []
            for piece in pieces:
                parser.receive(piece)
                found += parser.take()
            assert [type(item) for item in found] == [Element]
