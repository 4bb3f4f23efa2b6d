"""XEP-0444: reactions."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payload_shapes import both_ways, refused

from xmpp_core import JID
from xmpp_core.stanza.payloads.form_types import typed_form
from xmpp_core.stanza.payloads.forms import FormType
from xmpp_core.stanza.payloads.reactions import (
    RESTRICTIONS,
    ReactionRules,
    Reactions,
    ReactionState,
    of_conversation,
)

ID = "744f6e18-a57a-11e9-a656-4889e7820c76"
WAVE, TURTLE, HEART, PURPLE = "\U0001f44b", "\U0001f422", "\U0001f498", "\U0001f49c"
NOON = datetime.fromisoformat("2024-05-01T12:00:00Z")


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.mark.feature("X-0444")
def test_section_3_sent_updated_and_taken_back() -> None:
    """Examples 5 to 7."""
    both_ways(
        f"""
        <reactions id='{ID}' xmlns='urn:xmpp:reactions:0'>
          <reaction>{WAVE}</reaction>
          <reaction>{TURTLE}</reaction>
        </reactions>
        """,
        Reactions(ID, (WAVE, TURTLE)),
    )
    both_ways(f"<reactions id='{ID}' xmlns='urn:xmpp:reactions:0'/>", Reactions(ID))
    refused(Reactions, "<reactions xmlns='urn:xmpp:reactions:0'/>", "reactions/@id")


@pytest.mark.feature("X-0444")
def test_section_4_the_same_twice_counts_once() -> None:
    assert Reactions(ID, (WAVE, TURTLE, WAVE)).emojis == (WAVE, TURTLE)


@pytest.mark.feature("X-0444")
def test_section_3_the_latest_of_a_sender_takes_the_place_of_the_others() -> None:
    state = ReactionState().updated("juliet", Reactions(ID, (WAVE,)), at(0))
    state = state.updated("nurse", Reactions(ID, (TURTLE, WAVE, WAVE)), at(1))
    assert state.counts == {WAVE: 2, TURTLE: 1}
    before = state
    state = state.updated("juliet", Reactions(ID, (TURTLE,)), at(2))
    assert state.by_sender == {"juliet": (TURTLE,), "nurse": (TURTLE, WAVE)}
    assert before.counts == {WAVE: 2, TURTLE: 1}, "a value does not change"
    state = state.updated("nurse", Reactions(ID), at(3))
    assert state.by_sender == {"juliet": (TURTLE,)}


@pytest.mark.feature("X-0444")
def test_section_4_1_what_arrives_late_does_not_undo_what_is_newer() -> None:
    state = ReactionState().updated("juliet", Reactions(ID), at(10))
    assert state.updated("juliet", Reactions(ID, (WAVE,)), at(5), delayed=True) == state
    assert state.updated("nurse", Reactions(ID, (WAVE,)), at(5), delayed=True).counts == {WAVE: 1}
    assert state.updated("juliet", Reactions(ID, (WAVE,)), at(11), delayed=True).counts == {WAVE: 1}


@pytest.mark.feature("X-0444")
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9), st.lists(st.sampled_from("xyz"))), max_size=20))
def test_from_an_archive_the_order_of_arrival_does_not_matter(sent: list[tuple[str, int, list[str]]]) -> None:
    latest: dict[str, tuple[int, list[str]]] = {}
    state = ReactionState()
    for sender, minute, emojis in sent:
        state = state.updated(sender, Reactions(ID, tuple(emojis)), at(minute), delayed=True)
        if sender not in latest or minute >= latest[sender][0]:
            latest[sender] = (minute, emojis)
    expected = {sender: tuple(dict.fromkeys(emojis)) for sender, (_, emojis) in latest.items() if emojis}
    assert state.by_sender == expected
    assert sum(state.counts.values()) == sum(map(len, expected.values()))


@pytest.mark.feature("X-0444")
def test_sections_2_2_and_3_3_who_takes_few_emojis_only() -> None:
    """Examples 3 and 9."""
    form = typed_form(RESTRICTIONS, {"max_reactions_per_user": "1", "allowlist": (HEART, PURPLE)}, FormType.RESULT)
    rules = ReactionRules.read(form)
    assert rules == ReactionRules(1, frozenset({HEART, PURPLE}))
    assert rules.admits(Reactions(ID, (HEART,)))
    assert rules.admits(Reactions(ID, (HEART, HEART)))
    assert rules.admits(Reactions(ID))
    assert not rules.admits(Reactions(ID, (HEART, PURPLE)))
    assert not rules.admits(Reactions(ID, (WAVE,)))
    assert ReactionRules.read(typed_form("urn:example", {}, FormType.RESULT)) is None
    odd = typed_form(RESTRICTIONS, {"max_reactions_per_user": "many"}, FormType.RESULT)
    assert ReactionRules.read(odd) == ReactionRules()
    assert ReactionRules().admits(Reactions(ID, (WAVE, TURTLE)))


@pytest.mark.feature("X-0444")
def test_section_4_1_only_those_who_speak_with_each_other() -> None:
    parties = [JID("romeo@capulet.net/orchard"), JID("juliet@capulet.net")]
    assert of_conversation(JID("juliet@capulet.net/balcony"), parties)
    assert not of_conversation(JID("tybalt@capulet.net/balcony"), parties)
