"""XEP-0186: the invisible command."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways

from xmpp_core.stanza.payloads.invisibility import Invisible, Visible


@pytest.mark.feature("PRV-03")
def test_the_commands() -> None:
    """Sections 3.1 and 3.2, examples 1, 2 and 4."""
    both_ways("<invisible xmlns='urn:xmpp:invisible:1' probe='true'/>", Invisible(probe=True))
    both_ways("<invisible xmlns='urn:xmpp:invisible:1' probe='false'/>", Invisible())
    both_ways(
        "<invisible xmlns='urn:xmpp:invisible:1'/>",
        Invisible(),
        written="<invisible xmlns='urn:xmpp:invisible:1' probe='false'/>",
    )
    both_ways("<visible xmlns='urn:xmpp:invisible:1'/>", Visible())
