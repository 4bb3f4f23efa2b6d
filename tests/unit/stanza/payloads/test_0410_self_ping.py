"""XEP-0410: whether we are still in a room."""

from __future__ import annotations

import pytest

from xmpp_core import IQ
from xmpp_core.stanza.payloads.self_ping import Joined, judge

PING = IQ(type="get", id="s2c1", to="characters@chat.shakespeare.lit/JuliC")


@pytest.mark.feature("X-0410")
@pytest.mark.parametrize(
    ("condition", "joined"),
    [
        ("service-unavailable", Joined.YES),
        ("feature-not-implemented", Joined.YES),
        ("item-not-found", Joined.YES),
        ("remote-server-not-found", Joined.UNKNOWN),
        ("remote-server-timeout", Joined.UNKNOWN),
        ("not-acceptable", Joined.NO),
        ("not-allowed", Joined.NO),
        ("bad-request", Joined.NO),
        ("undefined-condition", Joined.NO),
        ("forbidden", Joined.NO),
    ],
)
def test_errors(condition: str, joined: Joined) -> None:
    """Section 3.2, the list of answers."""
    assert judge(PING.error_answer(condition)) is joined


@pytest.mark.feature("X-0410")
def test_a_result_and_no_answer() -> None:
    assert judge(IQ(type="result", id="s2c1")) is Joined.YES
    assert judge(None) is Joined.UNKNOWN
