"""XEP-0372: references."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import JID
from xmpp_core.stanza.payloads.references import DATA, MENTION, Reference, mention

BODY = "But, soft! what light through yonder window breaks? It is the east, and Juliet is the sun."
ITEM = "xmpp:fdp.shakespeare.lit?;node=fdp/submitted/stan.isode.net/accidentreport;item=ndina872be"


@pytest.mark.feature("X-0372")
def test_section_3_2_a_mention() -> None:
    """Example 3."""
    said = both_ways(
        "<reference xmlns='urn:xmpp:reference:0' begin='72' end='78' type='mention' uri='xmpp:juliet@capulet.lit'/>",
        mention(JID("juliet@capulet.lit/balcony"), 72, 78),
    )
    assert said == Reference(MENTION, "xmpp:juliet@capulet.lit", 72, 78)
    assert said.part(BODY) == "Juliet"
    assert said.part(BODY[:77]) is None


@pytest.mark.feature("X-0372", "X-0426")
def test_section_3_1_parts_are_code_points() -> None:
    reference = Reference(DATA, ITEM, 1, 2)
    assert reference.part("\U0001f600\U0001f422x") == "\U0001f422"
    assert Reference(DATA, ITEM).part("x") is None
    assert Reference(DATA, ITEM, 1, 1).part("x") == ""


@pytest.mark.feature("X-0372")
def test_sections_3_3_and_3_4_data_and_earlier_messages() -> None:
    """Examples 4 and 5."""
    both_ways(f"<reference xmlns='urn:xmpp:reference:0' type='data' uri='{ITEM}'/>", Reference(DATA, ITEM))
    anchor = "xmpp:balcony@channels.shakespeare.lit?;node=messages;item=bnhob"
    both_ways(
        f"<reference xmlns='urn:xmpp:reference:0' type='data' anchor='{anchor}' begin='72' end='78' uri='{ITEM}'/>",
        Reference(DATA, ITEM, 72, 78, anchor),
    )


@pytest.mark.parametrize(
    ("attributes", "path"),
    [
        ("uri='xmpp:a@b'", "reference/@type"),
        ("type='data' uri='nowhere'", "reference/@uri"),
        ("type='data' uri='xmpp:a@b' begin='-1'", "reference/@begin"),
        ("type='data' uri='xmpp:a@b' begin='2' end='1'", "reference/@end"),
    ],
)
def test_what_is_wrong_is_named(attributes: str, path: str) -> None:
    refused(Reference, f"<reference xmlns='urn:xmpp:reference:0' {attributes}/>", path)


def test_an_address_is_written_as_a_uri() -> None:
    assert mention(JID("what?@example.org"), 0, 1).uri == "xmpp:what%3F@example.org"
