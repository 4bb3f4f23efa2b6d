"""Direct invitations: into a room, past the room.

XEP-0249, version 1.2, Draft; sections 2 to 4.
"""

from __future__ import annotations

from typing import Final

from ...jid import JID
from ..payload import BOOL, Spec, attribute, payload
from .muc import Continue, Invite

__all__ = ["NAMESPACE", "SPEC", "DirectInvitation"]

SPEC: Final = Spec(249, "1.2", "Draft", "Direct MUC Invitations")
NAMESPACE: Final = "jabber:x:conference"


@payload(NAMESPACE, "x")
class DirectInvitation:
    """An invitation from a contact himself (section 2). Of several into one room a user is shown one (section 4)."""

    jid: JID = attribute()
    """The room."""
    password: str | None = attribute(default=None)
    reason: str | None = attribute(default=None)
    continue_: bool = attribute("continue", codec=BOOL, default=False)
    """Whether the room goes on with a chat of two."""
    thread: str | None = attribute(default=None)
    """The thread of that chat."""

    @classmethod
    def from_mediated(cls, room: JID, invite: Invite, password: str | None = None) -> DirectInvitation:
        """Say the same as an invitation that came through the room (section 2)."""
        goes_on = invite.continue_
        return cls(room, password, invite.reason, goes_on is not None, None if goes_on is None else goes_on.thread)

    def mediated(self, to: JID) -> Invite:
        """Say the same through the room (section 2); the password goes beside it."""
        goes_on = Continue(self.thread) if self.continue_ else None
        return Invite(to, reason=self.reason, continue_=goes_on)
