"""XEP-0249: direct invitations."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import JID
from xmpp_core.stanza.payloads.invitations import DirectInvitation
from xmpp_core.stanza.payloads.muc import Continue, Invite

ROOM = JID("darkcave@macbeth.shakespeare.lit")
REASON = "Hey Hecate, this is the place for all good witches!"
THREAD = "e0ffe42b28561960c6b12b944a092794b9683a38"


@pytest.mark.feature("X-0249")
def test_invitations() -> None:
    """Examples 1 and 2."""
    start = f"<x xmlns='jabber:x:conference' jid='{ROOM}' password='cauldronburn' reason='{REASON}'"
    both_ways(f"{start}/>", DirectInvitation(ROOM, "cauldronburn", REASON))
    going_on = DirectInvitation(ROOM, "cauldronburn", REASON, True, THREAD)
    both_ways(f"{start} continue='true' thread='{THREAD}'/>", going_on)
    both_ways(
        f"{start} continue='1' thread='{THREAD}'/>",
        going_on,
        written=f"{start} continue='true' thread='{THREAD}'/>",
    )
    refused(DirectInvitation, "<x xmlns='jabber:x:conference'/>", "x/@jid")
    refused(DirectInvitation, f"<x xmlns='jabber:x:conference' jid='{ROOM}' continue='yes'/>", "x/@continue")


@pytest.mark.feature("X-0249")
def test_it_says_what_an_invitation_through_the_room_says() -> None:
    """Section 2: which attribute maps to which element."""
    hecate = JID("hecate@shakespeare.lit")
    for direct, mediated in (
        (DirectInvitation(ROOM, "pw", REASON, True, THREAD), Invite(hecate, reason=REASON, continue_=Continue(THREAD))),
        (DirectInvitation(ROOM, "pw", continue_=True), Invite(hecate, continue_=Continue())),
        (DirectInvitation(ROOM, "pw"), Invite(hecate)),
    ):
        assert direct.mediated(hecate) == mediated
        assert DirectInvitation.from_mediated(ROOM, mediated, "pw") == direct
