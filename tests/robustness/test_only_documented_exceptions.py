"""Whatever a peer sends, in whatever stage: no exception, one terminal event at most, and nothing after it."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
import scenes_hostile
import scenes_sessions
from stages import CLIENT_ANSWERS, SERVER_ANSWERS, Stage, scenario, stages

import xmpp_core as xmpp
from xmpp_core.stream.context import Side
from xmpp_core.stream.events import Question
from xmpp_core.testing.scenario import Receive, run

pytestmark = pytest.mark.heavy

SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
PIECES = [piece.encode() for piece in (
    "<", ">", "/>", "'", "&", "&lt;", "]]>", "<![CDATA[", "<!--", "<?x?>", "\x00", "</stream:stream>", "<stream:error>",
    "<stream:features/>", f"<auth {SASL} mechanism='PLAIN'>AA==</auth>",
    f"<auth {SASL} mechanism='SCRAM-SHA-256'>=</auth>",
    f"<response {SASL}/>", f"<response {SASL}>biws</response>", f"<challenge {SASL}>cj0s</challenge>",
    f"<success {SASL}/>",
    f"<success {SASL}>dj0=</success>", f"<failure {SASL}/>", f"<failure {SASL}><not-authorized/></failure>",
    f"<abort {SASL}/>", "<iq/>", "<iq type='result' id='1'/>", "<iq type='error' id=''/>", "<message from='@' to='/'/>",
    "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>@/</resource></bind></iq>",
    "<iq type='get'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "<presence type='\U0001f600'/>",
    "<iq type='set'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>", " to='a@b'", " from='\u0345@x'",
    " id=''", " version='9.9'", " xml:lang='-'", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>[::1]:0</see-other-host></stream:error>",
)] + [b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf"]  # fmt: skip


def seeds(stage: Stage) -> list[bytes]:
    """What comes next in this stage when all is well, and what scenarios let come."""
    last = [one for one in stages() if one.side is stage.side][-1]
    rest = b"".join(last.pieces)[len(b"".join(stage.pieces)) :]
    acts = [act for scene in (*scenes_sessions.SCENARIOS, *scenes_hostile.SCENARIOS) for act in scene.acts]
    others = {act.data for act in acts if isinstance(act, Receive) and 0 < len(act.data) < 2000}
    return [rest[:2000] or b"<message/>"] * 3 * len(others) + sorted(others)


def mutated(data: bytes, drawn: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(drawn.choice((1, 1, 2, 4))):
        place = drawn.randrange(len(out) + 1)
        match drawn.randrange(4):
            case 0:
                out[place:place] = drawn.choice(PIECES)
            case 1:
                del out[place : place + drawn.choice((1, 3, 30))]
            case 2:
                out[place : place + 1] = bytes([drawn.randrange(256)])
            case _:
                other = drawn.randrange(len(out) + 1)
                out[place:place] = out[other : other + drawn.randrange(40)]
    return bytes(out)


def pieces(data: bytes, drawn: random.Random) -> Iterator[bytes]:
    place = 0
    while place < len(data):
        size = drawn.choice((1, 30, 400, 4000))
        yield data[place : place + size]
        place += size


@pytest.mark.feature("ENG-09", "SEC-02")
@pytest.mark.parametrize("stage", stages(), ids=lambda stage: stage.name)
def test_a_bad_peer_never_raises(stage: Stage, full: bool) -> None:
    drawn = random.Random(stage.name)
    given = scenario(stage)
    config = given.config()
    snapshot = run(given).connection.snapshot()
    answers = CLIENT_ANSWERS if stage.side is Side.INITIATING else SERVER_ANSWERS
    known = seeds(stage)
    ends = 0
    for _ in range(100_000 if full else 6_300):
        conn = xmpp.Connection.restore(config, snapshot)
        data = mutated(drawn.choice(known), drawn)
        ended = 0
        for piece in (*pieces(data, drawn), b""):
            if conn.closed:
                break
            conn.receive_data(piece, 1001.0)
            for event in conn.events():
                assert not ended, data
                ended += isinstance(event, xmpp.StreamFailed | xmpp.Closed)
                if isinstance(event, Question) and drawn.random() < 0.9:
                    conn.answer(event, answers[type(event)](event))
            conn.data_to_send(1001.0)
        if not conn.closed:
            # A question that nobody answered holds what came behind it.
            conn.handle_deadline(1e6)
            assert [type(event) for event in conn.events()] == [xmpp.StreamFailed], data
        assert conn.closed, data
        ends += 1
        assert conn.next_event() is None
        conn.data_to_send(1e6)
        assert conn.data_to_send(1e6) == b""
    assert ends >= 6_300


def test_enough_is_tried() -> None:
    assert 6_300 * len(stages()) >= 100_000
