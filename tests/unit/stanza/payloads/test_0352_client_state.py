"""XEP-0352: client state indication."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways

from xmpp_core.stanza.payloads.client_state import Activity, ClientState, ClientStateFeature


@pytest.mark.feature("X-0352")
def test_announced_and_said() -> None:
    """Sections 4.1 and 4.2, examples 1 to 3."""
    both_ways("<csi xmlns='urn:xmpp:csi:0'/>", ClientStateFeature())
    both_ways("<inactive xmlns='urn:xmpp:csi:0'/>", ClientState(Activity.INACTIVE))
    both_ways("<active xmlns='urn:xmpp:csi:0'/>", ClientState(Activity.ACTIVE))
