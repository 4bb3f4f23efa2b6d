"""XEP-0319: last user interaction."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from payload_shapes import both_ways, refused

from xmpp_core.stanza.payloads.idle import Idle


@pytest.mark.feature("X-0319")
def test_idle_since() -> None:
    """Section 2.1, example 1."""
    both_ways(
        "<idle xmlns='urn:xmpp:idle:1' since='1969-07-21T02:56:15Z'/>",
        Idle(datetime(1969, 7, 21, 2, 56, 15, tzinfo=UTC)),
    )
    for since in ("", "since=''", "since='1969-07-21T02:56:15'", "since='300'"):
        refused(Idle, f"<idle xmlns='urn:xmpp:idle:1' {since}/>", "idle/@since")
