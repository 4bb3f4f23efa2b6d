"""What came in the clear never counts as having come over TLS, and nothing learnt before TLS is kept."""

from __future__ import annotations

import pytest
from stages import CLIENT_TLS, PROCEED, SERVER_TLS, STARTTLS, Stage, scenario, stages

import xmpp_core as xmpp
from xmpp_core.testing.scenario import Outcome, Receive, Scenario, run

UPGRADES = [stage for stage in stages() if "over TLS" in stage.name]
EXTRA = [
    b" ", b"\n", b"\x00", b"<", b">", b"x", b"\xff", b"\x16", b"\x15\x03\x01", b"\x16\x03\x01\x02\x00", b"<a/>",
    b"</stream:stream>", b"<?xml version='1.0'?>", b"<stream:stream ", PROCEED, STARTTLS, b"<!-- -->", b"<message/>",
]  # fmt: skip


def unanswered(stage: Stage) -> Outcome:
    """The stage with the question of TLS asked, and not answered yet."""
    given = scenario(stage)
    return run(Scenario(given.name, given.config, given.acts))


def attack(stage: Stage, extra: bytes, *, later: bool) -> tuple[xmpp.Connection, bytes, xmpp.TlsUpgrade]:
    """The extra octets come in one piece with the last of the negotiation, or after it."""
    pieces = stage.pieces if later else (stage.pieces[0] + extra,)
    outcome = unanswered(Stage(stage.name, stage.side, pieces, False, False))
    if later:
        outcome.connection.receive_data(extra, 1000.0)
        assert outcome.connection.next_event() is None
    question = outcome.connection.waiting_for
    assert isinstance(question, xmpp.TlsUpgrade)
    return outcome.connection, outcome.output, question


@pytest.mark.feature("TLS-02", "ENG-09")
@pytest.mark.parametrize("later", [False, True], ids=["in the same read", "in a later read"])
@pytest.mark.parametrize("extra", EXTRA, ids=repr)
@pytest.mark.parametrize("stage", UPGRADES, ids=lambda stage: stage.name)
def test_any_octet_ends_the_connection_and_nothing_is_sent(stage: Stage, extra: bytes, later: bool) -> None:
    connection, said, question = attack(stage, extra, later=later)
    assert said == unanswered(stage).output
    tls = CLIENT_TLS if stage.side is xmpp.Side.INITIATING else SERVER_TLS
    assert connection.answer(question, tls) is True
    (end,) = connection.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert (end.cause, end.retry) == (xmpp.Cause.PLAINTEXT_AFTER_STARTTLS, xmpp.Retry.NEVER)
    # RFC 6120 section 5.4.3.2 knows of no octet after a failed negotiation of TLS.
    assert connection.data_to_send(1001.0) == b""
    assert connection.closed


@pytest.mark.feature("TLS-02")
@pytest.mark.parametrize("stage", UPGRADES, ids=lambda stage: stage.name)
def test_every_single_octet_value(stage: Stage) -> None:
    for value in range(256):
        connection, _, question = attack(stage, bytes([value]), later=True)
        connection.answer(question, CLIENT_TLS)
        assert [type(event) for event in connection.events()] == [xmpp.StreamFailed], value
        assert connection.data_to_send(1001.0) == b"", value


@pytest.mark.feature("TLS-02", "STR-03")
def test_nothing_learnt_before_tls_is_readable_after_it() -> None:
    stage = next(one for one in UPGRADES if one.side is xmpp.Side.INITIATING)
    # In the clear: another header, more mechanisms, limits, a language. RFC 6120 section 5.4.3.3.
    poisoned = (
        b"<?xml version='1.0'?><stream:stream from='example.com' id='in-the-clear' version='1.0' xml:lang='xx' "
        b"xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'><stream:features>"
        b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><limits xmlns='urn:xmpp:stream-limits:0'>"
        b"<max-bytes>1</max-bytes></limits><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
        b"<mechanism>PLAIN</mechanism></mechanisms></stream:features>" + PROCEED
    )
    given = scenario(Stage("poisoned", stage.side, (poisoned,), False, False))
    outcome = run(Scenario(given.name, given.config, given.acts))
    connection = outcome.connection
    assert connection.peer_limits.max_bytes == 1
    question = connection.waiting_for
    assert isinstance(question, xmpp.TlsUpgrade)
    connection.answer(question, CLIENT_TLS)
    assert connection.next_event() is None
    assert connection.state is xmpp.StreamState.OPENING
    assert connection.milestones == xmpp.Milestone.SECURE
    assert connection.peer_limits == xmpp.PeerLimits()
    kept = connection.snapshot()
    for learnt in (b"in-the-clear", b"PLAIN", b"xx"):
        assert learnt not in kept
    # The features over TLS decide, whatever was offered before.
    connection.data_to_send(1000.0)
    connection.receive_data(
        b"<?xml version='1.0'?><stream:stream from='example.com' id='over-tls' version='1.0' xmlns='jabber:client' "
        b"xmlns:stream='http://etherx.jabber.org/streams'><stream:features/>",
        1000.0,
    )
    *_, end = connection.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert b"<auth" not in connection.data_to_send(1000.0)


@pytest.mark.feature("TLS-02", "STR-03")
def test_a_server_forgets_who_spoke_before_tls() -> None:
    stage = next(one for one in UPGRADES if one.side is xmpp.Side.RECEIVING)
    connection = unanswered(stage).connection
    question = connection.waiting_for
    assert isinstance(question, xmpp.TlsUpgrade)
    connection.answer(question, SERVER_TLS)
    assert (connection.peer_jid, connection.local_jid) == (None, None)
    assert connection.milestones == xmpp.Milestone.SECURE
    assert connection.data_to_send(1000.0) == b""
    # Only a new header goes on; features of the old stream are not to be taken up.
    connection.receive_data(b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYQ==</auth>", 1000.0)
    *_, end = connection.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert end.condition == "invalid-namespace"


@pytest.mark.feature("TLS-01")
@pytest.mark.parametrize("stage", UPGRADES, ids=lambda stage: stage.name)
def test_what_comes_after_the_answer_belongs_to_tls(stage: Stage) -> None:
    connection = unanswered(stage).connection
    question = connection.waiting_for
    assert isinstance(question, xmpp.TlsUpgrade)
    connection.answer(question, CLIENT_TLS)
    connection.receive_data(Receive(b" <?xml version='1.0'?>").data, 1000.0)
    *_, end = connection.events()
    # White space before the declaration of a new document (RFC 6120 section 11.7): refused as such.
    assert isinstance(end, xmpp.StreamFailed)
    assert end.cause is xmpp.Cause.VIOLATION
