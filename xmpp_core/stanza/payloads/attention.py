"""Attention: a message that asks its reader to look now.

XEP-0224, version 1.0, Draft; sections 3, 4 and 7.
"""

from __future__ import annotations

from typing import Final

from ..message import Message
from ..payload import Spec, payload

__all__ = ["NAMESPACE", "SPEC", "Attention", "asks_for_attention"]

SPEC: Final = Spec(224, "1.0", "Draft", "Attention")
NAMESPACE: Final = "urn:xmpp:attention:0"

_DELAY: Final = "{urn:xmpp:delay}delay"


@payload(NAMESPACE, "attention")
class Attention:
    """Asks for attention; best in a message of type `headline`, which is not stored (section 4)."""


def asks_for_attention(message: Message) -> bool:
    """Whether a message asks for attention now: not an error, and not one that was delayed (section 4, rule 3).

    Whether its sender may ask, a contact or somebody who sees our presence, is for the reader to say (section 7).
    """
    if message.is_error or message.child(_DELAY) is not None:
        return False
    return message.child(f"{{{NAMESPACE}}}attention") is not None
