"""The inbox: bounds, charges and the order of handling, without any loop."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xmpp_core as xmpp
from xmpp_core.adapters.inbox import Inbox, InboxLimits, Ticket

LIMITS = InboxLimits(events=2, octets=100, hard_events=4, hard_octets=200)


def put(inbox: Inbox, octets: int = 0) -> None:
    inbox.charge(octets)
    message = xmpp.Message(body="x")
    inbox.put(message, inbox.arrived(message))


@pytest.mark.parametrize(
    "limits",
    [{"events": 0}, {"octets": 0}, {"events": 5, "hard_events": 4}, {"octets": 5, "hard_octets": 4}],
)
def test_marks_that_make_no_sense_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="marks"):
        InboxLimits(**limits)


def test_events_and_octets_fill_it_each_by_itself() -> None:
    inbox = Inbox(LIMITS)
    put(inbox, 10)
    assert inbox.has_room(reading_on=False)
    put(inbox, 10)
    assert not inbox.has_room(reading_on=False)
    assert inbox.has_room(reading_on=True)
    put(inbox, 179)
    assert inbox.has_room(reading_on=True)
    inbox.charge(1)
    assert inbox.octets == 200
    assert not inbox.has_room(reading_on=True)
    for octets in (190, 180, 1):
        inbox.take()
        assert inbox.octets == octets
    # Half a stanza alone: there is nothing to be taken, so there must be room.
    inbox.charge(1_000)
    assert inbox.has_room(reading_on=False)
    with pytest.raises(IndexError):
        inbox.take()


@given(st.lists(st.sampled_from(["put", "overtake", "take", "handled", "first"]), max_size=60), st.randoms())
def test_stanzas_count_in_the_order_of_their_arrival(steps: list[str], random: object) -> None:
    """Against a model: a list of (in hand, handled), of which the handled ones at the head count."""
    inbox = Inbox(InboxLimits())
    arrived: list[tuple[Ticket, list[bool]]] = []
    waiting: deque[tuple[Ticket, list[bool]]] = deque()
    counted = 0

    def head() -> int:
        found = 0
        for _, (_, handled) in arrived:
            if not handled:
                break
            found += 1
        return found

    for step in steps:
        message = xmpp.Message(body="x")
        in_hand = [one for one in arrived if one[1] == [True, False]]
        if step == "put":
            ticket = inbox.arrived(message)
            assert ticket is not None
            arrived.append((ticket, [False, False]))
            waiting.append(arrived[-1])
            inbox.put(message, ticket)
        elif step == "overtake":
            ticket = inbox.arrived(message)
            assert ticket is not None
            inbox.hand_out(ticket)
            arrived.append((ticket, [True, False]))
        elif step == "take" and waiting:
            assert inbox.take()[1] is waiting[0][0]
            waiting.popleft()[1][0] = True
        elif step == "handled" and in_hand:
            one = random.choice(in_hand)  # type: ignore[attr-defined]  # hypothesis gives random.Random
            one[1][1] = True
            counted += inbox.handled(one[0])
        elif step == "first":
            with pytest.raises(xmpp.LocalProtocolError):
                inbox.first_handled(len(in_hand) + 1)
            if in_hand:
                count = random.randint(1, len(in_hand))  # type: ignore[attr-defined]
                for one in in_hand[:count]:
                    one[1][1] = True
                counted += inbox.first_handled(count)
        assert counted == head()
