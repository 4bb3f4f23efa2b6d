"""The fixture `xmpp_pair`: two engines that have logged in."""

from __future__ import annotations

import pytest

import xmpp_core as xmpp
from xmpp_core.testing.chunking import by_octet
from xmpp_core.testing.pair import Pair
from xmpp_core.testing.ready import ready_pair


def test_stanzas_flow_at_once(xmpp_pair: Pair) -> None:
    assert xmpp_pair.initiating.events == xmpp_pair.receiving.events == []
    xmpp_pair.initiating.connection.send(xmpp.Message(to="romeo@xmpp.test", body="Wherefore?"))
    xmpp_pair.pump()
    (message,) = xmpp_pair.receiving.events
    assert isinstance(message, xmpp.Message)
    assert (str(message.from_), message.body) == ("juliet@xmpp.test/balcony", "Wherefore?")
    assert bytes(xmpp_pair.initiating.sent).startswith(b"<message ")


@pytest.mark.xmpp_pair(
    jid="romeo@verona.test/orchard",
    password="pencil",
    mechanisms=["SCRAM-SHA-1"],
    chunker=by_octet,
    server={"timeouts": xmpp.Timeouts(silence=60.0)},
)
def test_the_mark_sets_options(xmpp_pair: Pair) -> None:
    assert str(xmpp_pair.initiating.connection.local_jid) == "romeo@verona.test/orchard"
    xmpp_pair.advance(61.0)
    (ended,) = xmpp_pair.receiving.of(xmpp.StreamFailed)
    assert ended.cause is xmpp.Cause.DEADLINE


def test_what_leads_to_no_session_is_an_error() -> None:
    with pytest.raises(AssertionError, match="no session"):
        ready_pair(client={"password": "wrong"})
