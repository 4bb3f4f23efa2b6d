"""Resources: who gets which, and what becomes of an older session (RFC 6120 section 7)."""

from __future__ import annotations

import pytest
from hub_stage import Stage, seen

from xmpp_core.errors import LocalProtocolError
from xmpp_core.features.bind import BindRefused, Bound
from xmpp_core.jid import JID, JIDError
from xmpp_core.server import Conflict
from xmpp_core.stream.conditions import StreamError

JULIET = JID("juliet@example.com")


def test_a_free_resource_is_bound_as_asked() -> None:
    stage = Stage(conflict=Conflict.REFUSE)
    decision = stage.bind("one", "juliet", "balcony")
    assert decision.answer == Bound(JID("juliet@example.com/balcony"))
    assert decision.jid == JID("juliet@example.com/balcony")
    assert decision.effects == ()
    assert stage.entropy.calls == 0
    # Another account may have the same.
    assert stage.bind("two", "romeo", "balcony").jid == JID("romeo@example.com/balcony")


def test_without_a_wish_the_server_makes_a_resource_nobody_can_guess() -> None:
    # Section 7.6; RFC 6120 section 10.2 on guessed resourceparts.
    stage = Stage()
    made = {stage.bind(str(n), "juliet", None).jid for n in range(10)}
    assert len(made) == 10
    assert stage.entropy.octets == 160


@pytest.mark.feature("BND-01")
def test_the_new_session_is_renamed() -> None:
    # Section 7.7.2.2, case 1.
    stage = Stage(conflict=Conflict.RENAME)
    stage.enter("one", "juliet", "balcony", presence="<presence/>")
    decision = stage.bind("two", "juliet", "balcony")
    assert decision.jid is not None
    assert decision.jid.bare == JULIET
    assert decision.jid.resource != "balcony"
    assert decision.effects == ()
    assert stage.hub.address_of("one") == JID("juliet@example.com/balcony")


@pytest.mark.feature("BND-01")
def test_the_new_session_is_refused_and_may_ask_again() -> None:
    # Section 7.7.2.2, case 2.
    stage = Stage(conflict=Conflict.REFUSE)
    stage.enter("one", "juliet", "balcony")
    decision = stage.bind("two", "juliet", "balcony")
    assert decision.answer == BindRefused("conflict")
    assert decision.jid is None
    assert decision.effects == ()
    assert "two" not in stage.hub
    assert stage.bind("two", "juliet", "chamber").jid == JID("juliet@example.com/chamber")


@pytest.mark.feature("BND-01")
def test_the_older_session_is_replaced_and_its_end_told() -> None:
    # Section 7.7.2.2, case 3; RFC 6121 section 4.5.2.
    stage = Stage(conflict=Conflict.REPLACE)
    stage.enter("chamber", "juliet", presence="<presence/>")
    stage.enter("one", "juliet", "balcony", presence="<presence/>")
    told = stage.enter("two", "juliet", "balcony")
    assert (told[0].session, told[0].error) == ("one", StreamError("conflict"))
    assert [(one.session, one.from_, one.type) for one in told[1:]] == [
        ("chamber", "juliet@example.com/balcony", "unavailable")
    ]
    assert "one" not in stage.hub
    assert stage.leave("one") == []
    assert [one.session for one in stage.send("chamber", "<message to='juliet@example.com/balcony'/>")] == ["two"]


def test_a_session_that_is_still_binding_is_replaced_as_well() -> None:
    stage = Stage(conflict=Conflict.REPLACE)
    stage.bind("one", "juliet", "balcony")
    told = seen(stage.bind("two", "juliet", "balcony").effects)
    assert [(one.session, one.error) for one in told] == [("one", StreamError("conflict"))]
    assert stage.hub.opened("one") == ()
    (got,) = stage.enter("three", "romeo", presence="<presence/>")
    assert got.session == "three"
    assert len(stage.hub) == 2


@pytest.mark.parametrize("conflict", Conflict)
def test_an_account_has_so_many_sessions_and_no_more(conflict: Conflict) -> None:
    # Section 7.6.2.1.
    stage = Stage(sessions_per_account=2, conflict=conflict)
    stage.enter("one", "juliet")
    stage.enter("two", "juliet")
    for wish in ("three", None):
        assert stage.bind("three", "juliet", wish).answer == BindRefused("resource-constraint")
    assert stage.bind("other", "romeo", None).jid is not None
    decision = stage.bind("four", "juliet", "one")
    if conflict is Conflict.REPLACE:
        assert decision.jid == JID("juliet@example.com/one")
    else:
        condition = "conflict" if conflict is Conflict.REFUSE else "resource-constraint"
        assert decision.answer == BindRefused(condition)
        stage.leave("one")
        assert stage.bind("four", "juliet", "one").jid == JID("juliet@example.com/one")


def test_entropy_that_only_repeats_itself_ends_in_a_refusal() -> None:
    stage = Stage(entropy=bytes)
    assert stage.bind("one", "juliet", None).jid is not None
    assert stage.bind("two", "juliet", None).answer == BindRefused("conflict")


def test_a_resource_is_compared_as_it_is_prepared() -> None:
    # RFC 7622 section 3.4: OpaqueString maps other spaces to the ASCII one.
    stage = Stage(conflict=Conflict.REFUSE)
    stage.enter("one", "juliet", "my\u00a0room")
    assert stage.bind("two", "juliet", "my room").answer == BindRefused("conflict")


def test_only_what_makes_sense_is_bound() -> None:
    stage = Stage()
    for account in ("juliet@example.net", "juliet@example.com/balcony", "example.com"):
        with pytest.raises(LocalProtocolError):
            stage.hub.bind("one", JID(account), "x")
    with pytest.raises(JIDError):
        stage.bind("one", "juliet", "\u0007")
    assert len(stage.hub) == 0
    stage.bind("one", "juliet", "x")
    with pytest.raises(LocalProtocolError):
        stage.bind("one", "juliet", "y")


def test_the_sessions_of_an_account_are_ended_and_those_who_knew_are_told() -> None:
    stage = Stage()
    stage.enter("one", "juliet", presence="<presence/>")
    stage.enter("two", "juliet", presence="<presence/>")
    stage.enter("romeo", "romeo")
    stage.send("one", "<presence to='romeo@example.com/romeo'/>")
    told = seen(stage.hub.close(StreamError("not-authorized"), JULIET))
    assert [(one.session, one.error) for one in told[:2]] == [
        ("one", StreamError("not-authorized")),
        ("two", StreamError("not-authorized")),
    ]
    assert [(one.session, one.from_, one.type) for one in told[2:]] == [
        ("romeo", "juliet@example.com/one", "unavailable")
    ]
    assert len(stage.hub) == 1
    assert stage.hub.close(StreamError("not-authorized"), JULIET) == ()


def test_all_sessions_are_ended_at_the_shutdown() -> None:
    stage = Stage()
    stage.enter("one", "juliet", presence="<presence/>")
    stage.enter("two", "juliet", presence="<presence/>")
    told = seen(stage.hub.close(StreamError("system-shutdown")))
    assert [(one.session, one.error) for one in told] == [
        ("one", StreamError("system-shutdown")),
        ("two", StreamError("system-shutdown")),
    ]
    assert len(stage.hub) == 0
