"""XEP-0152: reachability addresses."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core.stanza.payloads.reachability import Reachability, ReachableAt


@pytest.mark.feature("X-0152")
def test_addresses_with_descriptions() -> None:
    """Section 3, example 2."""
    both_ways(
        """<reach xmlns='urn:xmpp:reach:0'>
          <addr uri='tel:+1-303-555-1212'><desc xml:lang='en'>Conference room phone</desc></addr>
          <addr uri='sip:room123@example.com'/>
        </reach>""",
        Reachability(
            (
                ReachableAt("tel:+1-303-555-1212", {"en": "Conference room phone"}),
                ReachableAt("sip:room123@example.com"),
            )
        ),
    )
    both_ways("<reach xmlns='urn:xmpp:reach:0'/>", Reachability())
    both_ways("<addr xmlns='urn:xmpp:reach:0' uri='http://ex.example/ä'/>", ReachableAt("http://ex.example/ä"))
    for uri in ("", "room123", "sip:a b", "1:a"):
        refused(ReachableAt, f"<addr xmlns='urn:xmpp:reach:0' uri='{uri}'/>", "addr/@uri")
