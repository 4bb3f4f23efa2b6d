"""The traced peak of one connection stays below a figure that its limits alone decide."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

import pytest
from stages import Stage, scenario, stages
from xml_scenes import HEADER

import xmpp_core as xmpp
from xmpp_core.server import HubConfig, MemoryAccounts
from xmpp_core.server.runner import Server
from xmpp_core.testing.scenario import run
from xmpp_core.xml.parser import XMLStreamParser
from xmpp_core.xml.writer import write

pytestmark = pytest.mark.heavy

LIMITS = xmpp.Limits(stanza_bytes=20_000, nodes=400, children=400, unread=20_000)
STAGES = [stage for stage in stages() if "over TLS" not in stage.name]
STANZA = b"<message from='juliet@example.com/balcony' to='juliet@example.com'>"


def endless(part: bytes, begin: bytes = b"", size: int = 1448) -> Iterator[bytes]:
    """`begin`, then far more of `part` than any limit allows, in reads of about one size."""
    yield begin
    many = part * max(1, size // len(part))
    for _ in range(200_000 // len(many) + 2):
        yield many


def distinct(form: bytes) -> Iterator[bytes]:
    """The form with a number in it, a new one each time."""
    for start in range(0, 20_000, 20):
        yield b"".join(form.replace(b"%", b"%d" % number) for number in range(start, start + 20))


ATTACKS: dict[str, tuple[object, ...]] = {
    "text": (b"x", STANZA),
    "never closed": (b"<a>",),
    "never closed, in a stanza": (b"<a>", STANZA),
    "children": (b"<b/>", STANZA),
    "children with attributes": (b"<b c=''/>", STANZA),
    "attributes in one tag": (b" a=''", STANZA[:-1]),
    "a value": (b"x", STANZA[:-1] + b" a='"),
    "a name": (b"n", b"<"),
    "an end tag": (b" ", STANZA + b"</message"),
    "an entity": (b"x", STANZA + b"&"),
    "references": (b"&lt;", STANZA),
    "CDATA": (b"x", STANZA + b"<![CDATA["),
    "greater in text": (b">", STANZA),
    "greater in quotes": (b">", STANZA[:-1] + b" a='"),
    "comment": (b"x", b"<!--"),
    "instruction": (b"x", b"<?"),
    "doctype": (b"x", b"<!DOCTYPE"),
    "white space": (b" ",),
    "a long header": (b"x", b"<stream:stream a='"),
    "namespaces": (b" xmlns:p=''", STANZA[:-1]),
    "text in small parts": (b"<b/>y", STANZA),
}
DISTINCT = {
    "distinct elements": b"<message><n% a%='' xmlns='u%'/></message>",
    "distinct attributes": b"<message a%=''/>",
    "distinct senders": b"<message from='u%@h%.example.com/r%'/>",
}


def peak(stage: Stage, pieces: Iterable[bytes]) -> tuple[int, int]:
    """The traced peak, and the largest read, of a connection in a stage that is then fed."""
    connection = run(scenario(stage, limits=LIMITS)).connection
    gc.collect()
    largest = 0
    tracemalloc.start()
    try:
        for piece in pieces:
            largest = max(largest, len(piece))
            if piece and not connection.closed:
                connection.receive_data(piece, 1000.0)
            while connection.next_event() is not None:
                pass
            connection.data_to_send(1000.0)
        return tracemalloc.get_traced_memory()[1], largest
    finally:
        tracemalloc.stop()


def bound(stage: Stage, largest: int) -> int:
    limits = LIMITS.xml(authenticated=stage.authenticated)
    return 8 * limits.stanza_bytes + 512 * limits.nodes + 4 * largest + 65_536


@pytest.mark.feature("STR-14", "SEC-02", "ENG-09")
@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_no_input_takes_more(stage: Stage) -> None:
    # What is made once a process, tables and caches among it, is made before the measuring.
    peak(stage, endless(b"<b/>", STANZA))
    for name, (part, *begin) in ATTACKS.items():
        for size in (64, 1448, 16_384):
            assert isinstance(part, bytes)
            taken, largest = peak(stage, endless(part, b"".join(one for one in begin if isinstance(one, bytes)), size))
            assert taken <= bound(stage, largest), (name, size)


@pytest.mark.feature("STR-14", "SEC-02")
@pytest.mark.parametrize("name", DISTINCT)
def test_names_and_addresses_of_the_peer_do_not_gather(name: str) -> None:
    stage = next(one for one in STAGES if one.name == "client, open")
    # Caches of the whole process are bounded too, and full after the first time.
    peak(stage, distinct(DISTINCT[name]))
    taken, largest = peak(stage, distinct(DISTINCT[name].replace(b"%", b"9%")))
    # The cache of addresses serves the whole process: two generations of 8192, half a kilobyte each.
    cache = 2 * 8192 * 512 if "senders" in name else 0
    assert taken <= bound(stage, largest) + cache


@pytest.mark.feature("STR-08", "SEC-02")
@pytest.mark.parametrize("size", [1, 100, 65_536])
def test_a_million_keepalives_leave_nothing(size: int) -> None:
    stage = next(one for one in STAGES if one.name == "server, open")
    count = 1_000_000 // size
    taken, largest = peak(stage, (b" " * size for _ in range(count)))
    assert taken <= 4 * largest + 65_536


@pytest.mark.feature("ENG-13", "SEC-02")
def test_what_comes_while_a_question_waits_is_bounded() -> None:
    stage = next(one for one in stages() if one.name == "server, binding")
    scene = scenario(stage, limits=LIMITS)
    answers = {kind: answer for kind, answer in scene.answers.items() if kind is not xmpp.BindRequested}
    connection = run(type(scene)(scene.name, scene.config, scene.acts, answers)).connection
    connection.receive_data(b"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", 1000.0)
    assert isinstance(connection.next_event(), xmpp.BindRequested)
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(1000):
            assert connection.closed or not connection.wants_data
            connection.receive_data(b"<message/>" * 50, 1000.0)
            while connection.next_event() is not None:
                pass
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert connection.closed
    assert taken <= LIMITS.unread + 4 * 500 + 65_536


@pytest.mark.feature("STR-14", "SEC-02")
@pytest.mark.parametrize("part", [b"<p:a/>", b"<a p:b=''/>"], ids=["elements", "attributes"])
def test_what_passes_on_is_not_many_times_what_came(part: bytes) -> None:
    """A prefix is bound once, and what it stands for written with each name: not so often that it cuts a reader off."""
    limits = xmpp.Limits()
    parser = XMLStreamParser(limits.xml(authenticated=True))
    parser.receive(HEADER)
    assert parser.next() is not None
    nodes = limits.nodes // (1 + part.count(b"="))
    parser.receive(b"<message xmlns:p='" + b"n" * limits.namespace_bytes + b"'>" + part * (nodes - 2) + b"</message>")
    (message,) = parser.take()
    assert isinstance(message, Element)
    written = len(write(message, "jabber:client"))
    most = Server(hub=HubConfig(domains={"example.com"}), accounts=MemoryAccounts()).most_unsent
    assert 1_000_000 < written < most
