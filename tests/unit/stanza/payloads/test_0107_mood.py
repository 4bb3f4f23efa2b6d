"""XEP-0107: mood."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest
from payload_shapes import both_ways, refused

from xmpp_core.stanza.payloads.mood import Feeling, Mood, MoodValue

REASON = "Yay, the mood spec has been approved!"


@pytest.mark.feature("X-0107")
def test_section_2_a_mood() -> None:
    """Section 2.1, and examples 3 and 5."""
    both_ways(
        f"<mood xmlns='http://jabber.org/protocol/mood'><happy/><text>{REASON}</text></mood>",
        Mood.of(MoodValue.HAPPY, REASON),
    )
    sad = both_ways("<mood xmlns='http://jabber.org/protocol/mood'><sad/></mood>", Mood.of(MoodValue.SAD))
    assert sad.value is MoodValue.SAD
    both_ways("<mood xmlns='http://jabber.org/protocol/mood'/>", Mood())
    assert Mood().value is None


@pytest.mark.feature("X-0107")
def test_section_2_1_a_more_special_mood() -> None:
    ecstatic = fromstring("<ecstatic xmlns='https://example.org/'/>")
    both_ways(
        """
        <mood xmlns='http://jabber.org/protocol/mood'>
          <happy><ecstatic xmlns='https://example.org/'/></happy>
          <text xml:lang='en'>x</text>
          <text xml:lang='de'>y</text>
        </mood>
        """,
        Mood(Feeling(MoodValue.HAPPY, ecstatic), {"en": "x", "de": "y"}),
    )


@pytest.mark.feature("X-0107")
@pytest.mark.parametrize("value", MoodValue)
def test_section_3_all_of_them(value: MoodValue) -> None:
    both_ways(f"<mood xmlns='http://jabber.org/protocol/mood'><{value.value}/></mood>", Mood(Feeling(value)))


def test_one_mood_at_a_time() -> None:
    assert len(MoodValue) == 84
    text = "<mood xmlns='http://jabber.org/protocol/mood'><sad/><happy/></mood>"
    refused(Mood, text, "mood/happy")
