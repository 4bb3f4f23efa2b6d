"""XEP-0382: spoilers."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import Message
from xmpp_core.stanza.payloads.spoiler import Spoiler, spoiler_hints


@pytest.mark.feature("X-0382")
def test_section_3_the_element() -> None:
    """Examples 3 to 5."""
    both_ways("<spoiler xmlns='urn:xmpp:spoiler:0'/>", Spoiler())
    both_ways("<spoiler xmlns='urn:xmpp:spoiler:0'>Love story end</spoiler>", Spoiler("Love story end"))
    both_ways(
        "<spoiler xml:lang='ca' xmlns='urn:xmpp:spoiler:0'>Viatge a la platja</spoiler>",
        Spoiler("Viatge a la platja", "ca"),
    )
    refused(Spoiler, "<spoiler xml:lang='not a tag' xmlns='urn:xmpp:spoiler:0'/>", "spoiler/@xml:lang")


@pytest.mark.feature("X-0382")
def test_section_3_the_hints_of_a_message() -> None:
    hints = [Spoiler("Trip to the beach", "en"), Spoiler("Viatge a la platja", "ca"), Spoiler("again", "en")]
    message = Message(body="holidays.png", payloads=hints)
    assert spoiler_hints(message) == {"en": "Trip to the beach", "ca": "Viatge a la platja"}
    assert spoiler_hints(Message(body="x", payloads=[Spoiler()])) == {}
    assert spoiler_hints(Message(body="x")) is None
