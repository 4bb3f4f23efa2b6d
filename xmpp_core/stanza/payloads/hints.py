"""Message processing hints: what the sender would like to be stored and copied.

XEP-0334, version 1.0.0, Draft; sections 4 and 5.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ..message import Message
from ..payload import Spec, element_name, payload

__all__ = ["NAMESPACE", "SPEC", "Hint", "Wish", "wishes"]

SPEC: Final = Spec(334, "1.0.0", "Draft", "Message Processing Hints")
NAMESPACE: Final = "urn:xmpp:hints"


class Wish(Enum):
    """What is asked for (section 4)."""

    NO_PERMANENT_STORE = "no-permanent-store"
    """In no archive and no log; on the way, for who is offline, it may be kept."""
    NO_STORE = "no-store"
    """Not even that."""
    NO_COPY = "no-copy"
    """To no other address than its own, which is a full one."""
    STORE = "store"
    """Store it though it has no body."""


@payload(NAMESPACE, ("no-permanent-store", "no-store", "no-copy", "store"))
class Hint:
    """One hint; a message may have several. Nobody need follow it (section 5)."""

    wish: Wish = element_name()


def wishes(message: Message) -> frozenset[Wish]:
    """Give all the hints of a message; those of an error do not count (section 5)."""
    if message.is_error:
        return frozenset()
    return frozenset(one.wish for one in message.get_all(Hint))
