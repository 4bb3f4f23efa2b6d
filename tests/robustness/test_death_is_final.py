"""After its end a connection gives no event and no octet, whatever still comes."""

from __future__ import annotations

import random

import pytest
from stages import HEADERS_OPEN, scenario, stages

import xmpp_core as xmpp
from xmpp_core.testing.scenario import Act, Call, Eof, Receive, Wait, run

STAGES = {stage.name: stage for stage in stages()}
DEATHS: dict[str, Act] = {
    "comment": Receive(b"<!-- -->"),
    "bad UTF-8": Receive(b"<a>\xff</a>"),
    "stream error": Receive(
        b"<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
    ),
    "oversize": Receive(b"<a>" + b"x" * 300_000),
    "end of the transport": Eof(),
    "deadline": Wait(100_000.0),
    "our own error": Call(lambda conn: conn.close(xmpp.StreamError("reset"))),
    "a closing tag": Receive(b"</stream:stream>"),
}
TAILS = [b"", b"<message/>", b"</stream:stream>", b" ", b"\x00", b"<", b"<stream:stream>", b"]]>", b"<?xml?>"]


@pytest.mark.feature("ENG-09", "STR-10")
@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("name", sorted(set(STAGES) - HEADERS_OPEN))
def test_nothing_follows(name: str, death: str) -> None:
    act = DEATHS[death]
    timeouts = xmpp.Timeouts(silence=500.0)
    outcome = run(scenario(STAGES[name], act, timeouts=timeouts, limits=xmpp.Limits()))
    (end,) = outcome.terminal
    assert end is outcome.events[-1]
    conn = outcome.connection
    assert conn.closed
    drawn = random.Random(f"{name} {death}")
    ended = False
    # 10,000 tails and more in all, spread over the states.
    for _ in range(200):
        tail = drawn.choice((drawn.choice(TAILS), drawn.randbytes(drawn.randrange(1, 60))))
        if not ended and not isinstance(act, Eof):
            if tail:
                conn.receive_data(tail, 1e6)
            elif drawn.random() < 0.1:
                conn.receive_eof(1e6)
                ended = True
        conn.handle_deadline(1e6)
        assert conn.next_event() is None
        assert list(conn.events()) == []
        assert conn.data_to_send(1e6) == b""
        assert conn.next_deadline() is None
        assert not conn.wants_data
        assert not conn.can_send
        with pytest.raises(xmpp.ConnectionClosed):
            conn.send(xmpp.Message(body="x"))
    config = scenario(STAGES[name], timeouts=timeouts, limits=xmpp.Limits()).config()
    restored = xmpp.Connection.restore(config, conn.snapshot())
    assert restored.closed
    assert restored.next_event() is None


def test_enough_tails_are_tried() -> None:
    assert 200 * len(DEATHS) * len(set(STAGES) - HEADERS_OPEN) >= 10_000
