"""Two directions recorded apart, put in an order in which they can have been said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stages import client_config, pair, server_config

from xmpp_core.cli.timeline.causality import interleaved
from xmpp_core.cli.timeline.direction import Direction, Encrypted, Said
from xmpp_core.stream.context import Side
from xmpp_core.xml.parser import Failure, RootEnd, RootStart

OPEN = "<stream:stream {}xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
TLS = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
SIDES = {"C": Side.INITIATING, "S": Side.RECEIVING}


def heard(octets: bytes) -> list[tuple[Said, int]]:
    direction = Direction()
    direction.receive(octets)
    return list(direction.items())


def name(said: Said) -> str:
    if isinstance(said, RootStart):
        return "header"
    if isinstance(said, RootEnd):
        return "end"
    if isinstance(said, Failure | Encrypted):
        return type(said).__name__
    return said.tag.rpartition("}")[2] + said.get("id", "")


def order(client: str, server: str) -> str:
    items = {Side.INITIATING: heard(client.encode()), Side.RECEIVING: heard(server.encode())}
    letters = {side: letter for letter, side in SIDES.items()}
    return " ".join(f"{letters[side]}:{name(said)}" for side, (said, _) in interleaved(items))


C, S = OPEN.format(""), OPEN.format("id='1' ")


@pytest.mark.parametrize(
    ("client", "server", "expected"),
    [
        (
            f"{C}<starttls {TLS}/>{C}<auth {SASL}/><response {SASL}/>{C}<iq type='set' id='1'/><message id='m'/>",
            f"{S}<stream:features/><proceed {TLS}/>{S}<stream:features/><challenge {SASL}/><success {SASL}/>"
            f"{S}<stream:features/><iq type='result' id='1'/><presence id='p'/>",
            "C:header S:header S:features C:starttls S:proceed C:header S:header S:features C:auth S:challenge "
            "C:response S:success C:header S:header S:features C:iq1 S:iq1 C:messagem S:presencep",
        ),
        (
            f"{C}<auth {SASL}/><auth {SASL}/>",
            f"{S}<stream:features/><failure {SASL}/><success {SASL}/>",
            "C:header S:header S:features C:auth S:failure C:auth S:success",
        ),
        # A request of the server waits for nothing; its answer waits for it.
        (
            f"{C}<iq type='result' id='q'/><message id='1'/></stream:stream>",
            f"{S}<stream:features/><iq type='get' id='q'/></stream:stream>",
            "C:header S:header S:features S:iqq C:iqq C:message1 C:end S:end",
        ),
        # Whoever reports an error ends the stream, and the other follows.
        (
            f"{C}<message id='1'/></stream:stream>",
            f"{S}<stream:features/><stream:error/></stream:stream>",
            "C:header S:header S:features C:message1 S:error S:end C:end",
        ),
        (
            f"{C}<message id='1'/><!-- -->",
            f"{S}<stream:features/><stream:error/></stream:stream>",
            "C:header S:header S:features C:message1 C:Failure S:error S:end",
        ),
        (
            f"{C}<stream:error/></stream:stream>",
            f"{S}<stream:features/><message><!-- -->",
            "C:header S:header S:features S:Failure C:error C:end",
        ),
        # Records that contradict each other, or of which one has no begin, are told to the end nevertheless.
        (f"{C}<response {SASL}/>", f"{S}<stream:features/>", "C:header S:header S:features C:response"),
        ("", f"{S}<stream:features/>", "S:header S:features"),
        (
            f"{C}<iq type='result' id='a'/><iq type='get' id='b'/>",
            f"{S}<stream:features/><iq type='result' id='b'/><iq type='get' id='a'/>",
            "C:header S:header S:features C:iqa C:iqb S:iqb S:iqa",
        ),
    ],
)
def test_the_order_is_one_in_which_it_can_have_been_said(client: str, server: str, expected: str) -> None:
    assert order(client, server) == expected


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256-PLUS"])
def test_a_login_is_told_in_the_order_it_took(mechanism: str) -> None:
    store = server_config(mechanisms=(mechanism,))
    both = pair(client_config(mechanisms=(mechanism,)), store)
    told: list[tuple[Side, str]] = []
    live = {Side.INITIATING: Direction(), Side.RECEIVING: Direction()}
    ends = {Side.INITIATING: both.initiating, Side.RECEIVING: both.receiving}

    def watch(octets: bytes) -> list[bytes]:
        for side, end in ends.items():
            live[side].receive(bytes(end.sent[live[side].octets :]))
            told.extend((side, name(said)) for said, _ in live[side].items())
        return [octets]

    both.chunker = watch
    both.pump()
    both.initiating.connection.close()
    both.pump()
    watch(b"")
    items = {side: heard(bytes(end.sent)) for side, end in ends.items()}
    assert len(told) > 12
    assert [(side, name(said)) for side, (said, _) in interleaved(items)] == told


ITEMS = st.lists(
    st.sampled_from(
        [
            f"<starttls {TLS}/>", f"<proceed {TLS}/>", f"<auth {SASL}/>", f"<success {SASL}/>", f"<challenge {SASL}/>",
            f"<response {SASL}/>", "<stream:features/>", "<stream:error/>", "<iq type='get' id='1'/>", "<message/>",
            "<iq type='result' id='1'/>", "</stream:stream>", C,
        ]
    ),
    max_size=9,
)  # fmt: skip


@given(client=ITEMS, server=ITEMS)
def test_nothing_is_lost_and_each_sides_order_is_kept(client: list[str], server: list[str]) -> None:
    items = {
        Side.INITIATING: heard("".join([C, *client]).encode()),
        Side.RECEIVING: heard("".join([S, *server]).encode()),
    }
    found = list(interleaved(items))
    for side in Side:
        assert [item for whose, item in found if whose is side] == items[side]


@given(st.data(), ITEMS)
def test_a_direction_reads_the_same_at_every_chunking(data: st.DataObject, said: list[str]) -> None:
    octets = "".join([C, *said]).encode() + data.draw(st.sampled_from([b"", b"\x16\x03\x01", b" \n", b"<?x", b"<!--"]))
    whole = [(type(item), base) for item, base in heard(octets)]
    direction, pieces = Direction(), []
    place = 0
    while place < len(octets):
        size = data.draw(st.integers(1, 40))
        direction.receive(octets[place : place + size])
        pieces += [(type(item), base) for item, base in direction.items()]
        place += size
    assert pieces == whole


def test_many_streams_cost_what_their_octets_cost() -> None:
    def copied(streams: int) -> int:
        octets = (C + f"<success {SASL}/>").encode() * streams
        direction = Direction()
        direction.receive(octets)
        assert sum(1 for _ in direction.items()) == 2 * streams
        return direction.copied

    assert copied(4000) <= 5 * copied(1000)
