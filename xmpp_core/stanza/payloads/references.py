"""References: a part of a message speaks of somebody or something that has an address.

XEP-0372, version 0.5.0, Experimental; section 3.
"""

from __future__ import annotations

from typing import Final

from ...errors import PayloadError
from ...jid import JID
from ...uri.xmpp import XmppURI
from ..payload import SOME_TEXT, UNSIGNED_INT, URI, Spec, attribute, payload

__all__ = ["DATA", "MENTION", "NAMESPACE", "SPEC", "Reference", "mention"]

SPEC: Final = Spec(372, "0.5.0", "Experimental", "References")
NAMESPACE: Final = "urn:xmpp:reference:0"
MENTION: Final = "mention"
"""Of a user, by his bare address (section 3.2)."""
DATA: Final = "data"
"""Of something that can be fetched (section 3.3)."""


@payload(NAMESPACE, "reference")
class Reference:
    """Says what the characters from `begin` up to, not including, `end` speak of (section 3.1).

    Without both it is not about a part of the body.
    """

    type: str = attribute(codec=SOME_TEXT)
    """`MENTION`, `DATA`, or one that another specification defines."""
    uri: str | None = attribute(codec=URI, default=None)
    """What is spoken of; XEP-0385 puts it inside instead."""
    begin: int | None = attribute(codec=UNSIGNED_INT, default=None)
    end: int | None = attribute(codec=UNSIGNED_INT, default=None)
    anchor: str | None = attribute(codec=URI, default=None)
    """The message that is meant, where it is an earlier one (section 3.4)."""

    def validate(self) -> None:
        """Ask for a beginning before the end."""
        if self.begin is not None and self.end is not None and self.begin > self.end:
            raise PayloadError("@end", "an end that is not before the beginning (XEP-0372 section 3.1)")

    def part(self, body: str) -> str | None:
        """Give the part of the body that is meant; None for none, and for one that is not within it."""
        if self.begin is None or self.end is None or self.end > len(body):
            return None
        return body[self.begin : self.end]


def mention(user: JID, begin: int, end: int) -> Reference:
    """Give the reference that says that these characters are a user's name (section 3.2)."""
    return Reference(MENTION, XmppURI(user.bare).uri, begin, end)
