"""Client state indication: a client tells its server whether anybody looks at it.

XEP-0352, version 1.0.0, Draft; sections 4 and 5.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ..payload import Spec, element_name, enum, payload

__all__ = ["NAMESPACE", "SPEC", "Activity", "ClientState", "ClientStateFeature"]

SPEC: Final = Spec(352, "1.0.0", "Draft", "Client State Indication")
NAMESPACE: Final = "urn:xmpp:csi:0"


class Activity(Enum):
    """Whether anybody looks. Every stream begins active, a resumed one too (sections 4.2 and 5.2)."""

    ACTIVE = "active"
    INACTIVE = "inactive"


@payload(NAMESPACE, "csi")
class ClientStateFeature:
    """A server says in its stream features that it wants to know (section 4.1)."""


@payload(NAMESPACE, ("active", "inactive"))
class ClientState:
    """What a client says; at the level of the stream, and nothing is answered (section 4.2)."""

    activity: Activity = element_name(codec=enum(Activity))
