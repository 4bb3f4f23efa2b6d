"""XEP-0085: chat states."""

from __future__ import annotations

import itertools
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payload_shapes import both_ways

from xmpp_core import Message
from xmpp_core.stanza.payloads.chat_states import (
    ChatSession,
    ChatState,
    ChatTimers,
    Involvement,
    is_standalone,
)
from xmpp_core.stanza.payloads.hints import Hint, Wish
from xmpp_core.stanza.payloads.receipts import ReceiptRequest

ACTIVE, COMPOSING, PAUSED, INACTIVE, GONE = Involvement
ANSWER = Message(type="chat", body="Nay, answer me", payloads=[ChatState(ACTIVE)])
PLAIN = Message(type="chat", body="Nay, answer me")


@pytest.mark.feature("X-0085")
@pytest.mark.parametrize("state", Involvement)
def test_each_state_is_an_element(state: Involvement) -> None:
    """Section 12."""
    both_ways(f"<{state.value} xmlns='http://jabber.org/protocol/chatstates'/>", ChatState(state))


@pytest.mark.feature("X-0085")
def test_sections_5_1_and_7_a_conversation() -> None:
    """Romeo's side: example 7 to 13."""
    romeo, state = ChatSession().sent(0)
    assert state is ACTIVE
    romeo = romeo.received(ANSWER)
    assert romeo.supported
    assert romeo.peer is ACTIVE
    romeo = romeo.received(Message(type="chat", body="Art thou not Romeo?"))
    assert romeo.supported, "once it is known, a message without a state takes nothing back (example 9)"
    romeo, state = romeo.composing(10)
    assert state is COMPOSING
    romeo, state = romeo.composing(12)
    assert state is None, "never twice in a row (section 5.3)"
    assert romeo.deadline == 42
    assert romeo.expire(41.9) == (romeo, None)
    romeo, state = romeo.expire(42)
    assert state is PAUSED
    romeo, state = romeo.composing(50)
    assert state is COMPOSING
    romeo, state = romeo.sent(55)
    assert state is ACTIVE
    assert romeo.attended(56)[1] is None, "the message has said so"


@pytest.mark.feature("X-0085")
def test_the_time_without_input_leads_to_the_end() -> None:
    """Section 2, with timers of our own; each runs from the last input."""
    session, _ = ChatSession(supported=True, timers=ChatTimers(5, 10, 20)).sent(100)
    told = []
    now = session.deadline
    while now is not None:
        session, state = session.expire(now)
        told.append((now, state))
        now = session.deadline
    assert told == [(110, INACTIVE), (120, GONE)]
    assert session.ended
    session, state = session.sent(300)
    assert state is ACTIVE
    assert not session.ended


@pytest.mark.feature("X-0085")
def test_a_late_timer_goes_through_all_states() -> None:
    session, _ = ChatSession(supported=True).composing(0)
    told = []
    while (due := session.deadline) is not None and due <= 1000:
        session, state = session.expire(1000)
        told.append(state)
    assert told == [PAUSED, INACTIVE, GONE]


@pytest.mark.feature("X-0085")
def test_section_5_1_who_does_not_take_part_is_told_nothing() -> None:
    session, _ = ChatSession().sent(0)
    session = session.received(PLAIN)
    assert session.supported is False
    assert session.composing(1)[1] is None
    assert session.sent(2)[1] is None
    session = session.received(Message(type="chat", payloads=[ChatState(COMPOSING)]))
    assert session.supported, "it does after all"
    assert session.peer is COMPOSING


def test_nothing_follows_from_what_is_no_answer() -> None:
    fresh = ChatSession()
    assert fresh.received(PLAIN).supported is None, "it was not asked"
    asked, _ = fresh.sent(0)
    assert asked.received(Message(type="chat", payloads=[ReceiptRequest()])).supported is None, "no body"
    assert asked.received(Message(type="error", body="x", payloads=[ChatState(GONE)])) == asked


def test_nothing_is_told_before_it_is_known_that_it_is_wanted() -> None:
    """Section 5.1: until then only what goes with content."""
    session, _ = ChatSession().sent(0)
    for step in (session.composing, session.unattended, session.closed):
        assert step(1)[1] is None


@pytest.mark.feature("X-0085")
def test_section_5_5_rooms() -> None:
    room, state = ChatSession(groupchat=True).composing(0)
    assert state is COMPOSING, "whether all take part does not matter"
    assert room.closed(1)[1] is None
    room = room.received(Message(type="groupchat", payloads=[ChatState(GONE)]))
    assert room.peer is None
    assert not room.ended
    room, _ = room.expire(30)
    room, state = room.expire(200)
    assert state is INACTIVE
    assert room.deadline is None


def test_section_9_the_user_may_have_it_off() -> None:
    session = ChatSession(enabled=False, supported=True)
    assert session.sent(0)[1] is None
    assert session.composing(0)[1] is None


@pytest.mark.feature("X-0085")
def test_section_5_7_who_has_left_ends_the_thread() -> None:
    """Example 18."""
    session = ChatSession(supported=True).received(Message(type="chat", payloads=[ChatState(GONE)]))
    assert session.ended
    assert not session.sent(0)[0].ended


@pytest.mark.feature("X-0085")
def test_sections_2_and_5_6_standalone() -> None:
    composing = ChatState(COMPOSING)
    assert is_standalone(Message(type="chat", payloads=[composing]))
    assert is_standalone(Message(type="chat", thread="act2", payloads=[composing, Hint(Wish.NO_STORE)]))
    assert not is_standalone(Message(type="chat", body="x", payloads=[composing]))
    assert not is_standalone(Message(type="chat", payloads=[composing, Element("{urn:example}x")]))
    assert not is_standalone(Message(type="chat", body="x"))
    assert not is_standalone(Message(type="error", payloads=[composing]))
    server = fromstring(
        "<message xmlns='jabber:server'><thread>t</thread><gone xmlns='http://jabber.org/protocol/chatstates'/></message>"
    )
    assert is_standalone(Message.view(server))


STEPS = st.sampled_from(["composing", "attended", "unattended", "closed", "expire", "sent", "received", "plain"])


@pytest.mark.feature("X-0085")
@given(st.booleans(), st.lists(st.tuples(STEPS, st.floats(0, 700)), max_size=30))
def test_whatever_happens_no_state_is_told_twice_in_a_row(groupchat: bool, steps: list[tuple[str, float]]) -> None:
    session = ChatSession(groupchat=groupchat)
    told: list[Involvement] = []
    now = 0.0
    for name, passed in steps:
        now += passed
        if name in ("received", "plain"):
            session = session.received(ANSWER if name == "received" else PLAIN)
            continue
        session, state = getattr(session, name)(now)
        if state is not None:
            told += [state] if name != "sent" or not told or told[-1] is not state else []
            assert session.told is state
            assert groupchat or name == "sent" or session.supported
            assert not (groupchat and state is GONE)
    assert all(one is not other for one, other in itertools.pairwise(told))
