"""Occupant ids: whether two nicknames, or the same on two days, are one user, without saying who.

XEP-0421, version 1.0.1, Draft; sections 2 to 5 and 8.
"""

from __future__ import annotations

import hmac
from typing import Final

from ...jid import JID
from ..payload import Spec, attribute, pattern, payload

__all__ = ["NAMESPACE", "SPEC", "OccupantId", "occupant_id"]

SPEC: Final = Spec(421, "1.0.1", "Draft", "Occupant identifiers for semi-anonymous MUCs")
NAMESPACE: Final = "urn:xmpp:occupant-id:0"


@payload(NAMESPACE, "occupant-id")
class OccupantId:
    """Who an occupant is, in this room alone (section 3).

    It counts from a room that names the feature; elsewhere anybody may have put it there (sections 4 and 5).
    """

    id: str = attribute(codec=pattern(r"(?s).{1,128}", "1 to 128 characters (XEP-0421 section 4.1)"))
    """Opaque."""


def occupant_id(secret: bytes, user: JID, room: JID | None = None, *, digest: str = "sha256") -> str:
    """Make the id of a user in a room, from a secret of the room or, if `room` is given, of the service (section 4.1).

    `digest` names the hash of the HMAC: a sufficiently secure one is asked for; example 7 has `sha1`.
    Raises `ValueError` for a secret of fewer than 16 octets: it is what keeps the address from being guessed.
    """
    if len(secret) < 16:
        raise ValueError("the secret is too short (XEP-0421 section 4.1 has 32 octets)")
    of_room = "" if room is None else f"{room.bare}\0"
    return hmac.new(secret, f"{of_room}{user.bare}".encode(), digest).hexdigest()
