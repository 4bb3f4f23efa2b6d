"""XEP-0380: explicit encryption."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core.stanza.payloads.encryption import Encryption


@pytest.mark.feature("X-0380")
def test_section_3_1() -> None:
    both_ways("<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:otr:0'/>", Encryption("urn:xmpp:otr:0"))
    both_ways(
        "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:example:rot13' name='ROT 13'/>",
        Encryption("urn:example:rot13", "ROT 13"),
    )
    refused(Encryption, "<encryption xmlns='urn:xmpp:eme:0' name='OTR'/>", "encryption/@namespace")


@pytest.mark.feature("X-0380")
def test_section_4_our_name_of_a_method_goes_first() -> None:
    assert Encryption("urn:xmpp:omemo:2", "Perfectly safe").method == "OMEMO 2"
    assert Encryption("urn:example:rot13", "ROT 13").method == "ROT 13"
    assert Encryption("urn:example:rot13").method == "urn:example:rot13"
