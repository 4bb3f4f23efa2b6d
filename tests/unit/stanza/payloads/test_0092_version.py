"""XEP-0092: software version."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core.stanza.payloads.version import SoftwareVersion


@pytest.mark.feature("X-0092")
def test_section_3_asked_and_answered() -> None:
    """Examples 1 and 2."""
    both_ways("<query xmlns='jabber:iq:version'/>", SoftwareVersion())
    both_ways(
        """
        <query xmlns='jabber:iq:version'>
          <name>Exodus</name>
          <version>0.7.0.4</version>
          <os>Windows-XP 5.01.2600</os>
        </query>
        """,
        SoftwareVersion("Exodus", "0.7.0.4", "Windows-XP 5.01.2600"),
    )
    both_ways(
        "<query xmlns='jabber:iq:version'><name>Exodus</name><version/></query>",
        SoftwareVersion("Exodus", ""),
    )


@pytest.mark.feature("X-0092")
def test_section_2_what_an_answer_has() -> None:
    for inside, path in (
        ("<version>1</version>", "query/name"),
        ("<os>Linux</os>", "query/name"),
        ("<name>Exodus</name>", "query/version"),
    ):
        refused(SoftwareVersion, f"<query xmlns='jabber:iq:version'>{inside}</query>", path)
