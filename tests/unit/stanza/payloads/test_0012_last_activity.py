"""XEP-0012: last activity."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import IQ, StanzaError
from xmpp_core.stanza.payloads.last_activity import LastActivity, answer_for_account, answer_of_client


@pytest.mark.feature("X-0012")
def test_sections_2_and_3_asked_and_answered() -> None:
    """Examples 1, 2 and 5."""
    both_ways("<query xmlns='jabber:iq:last'/>", LastActivity())
    both_ways("<query xmlns='jabber:iq:last' seconds='903'/>", LastActivity(903))
    both_ways("<query xmlns='jabber:iq:last' seconds='903'>Heading Home</query>", LastActivity(903, "Heading Home"))
    for seconds in ("-1", "now", "18446744073709551616"):
        refused(LastActivity, f"<query xmlns='jabber:iq:last' seconds='{seconds}'/>", "query/@seconds")


@pytest.mark.feature("X-0012")
@pytest.mark.parametrize("online", [True, False])
def test_sections_3_and_8_who_may_not_see_presence_learns_nothing(online: bool) -> None:
    """Example 4."""
    answer = answer_for_account(authorized=False, online=online, seconds=903, status="Heading Home")
    assert answer == StanzaError("forbidden")
    assert isinstance(answer, StanzaError)
    asked = IQ(type="get", id="last1", from_="romeo@montague.net/orchard", payload=LastActivity())
    error = asked.error_answer(answer).error
    assert error is not None
    assert (error.condition, error.type) == ("forbidden", "auth")


@pytest.mark.feature("X-0012")
def test_section_3_what_a_server_answers_for_an_account() -> None:
    assert answer_for_account(authorized=True, online=True, seconds=903, status="x") == LastActivity(0)
    away = answer_for_account(authorized=True, online=False, seconds=903, status="Heading Home")
    assert away == LastActivity(903, "Heading Home")
    assert answer_for_account(authorized=True, online=False) == StanzaError("item-not-found")


@pytest.mark.feature("X-0012")
def test_section_4_what_a_client_answers() -> None:
    assert answer_of_client(123) == LastActivity(123)
    assert answer_of_client(None) == StanzaError("service-unavailable")
