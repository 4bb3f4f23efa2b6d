"""Archive preferences: which messages the own archive is to keep.

XEP-0441, version 0.2.0, Experimental; section 2.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ...jid import JID
from ..payload import ADDRESS, Spec, attribute, child, child_texts, enum, payload

__all__ = [
    "CONFIGURE",
    "NAMESPACE",
    "SPEC",
    "AlwaysArchived",
    "ArchivePreferences",
    "ArchivingDefault",
    "NeverArchived",
]

SPEC: Final = Spec(441, "0.2.0", "Experimental", "Message Archive Management Preferences")
NAMESPACE: Final = "urn:xmpp:mam:2"
CONFIGURE: Final = "urn:xmpp:mam#configure"
"""Node of the ad-hoc command for what cannot be said here (section 2.2)."""


class ArchivingDefault(Enum):
    """What becomes of messages with an address that is on neither list (section 2.1.1)."""

    ALWAYS = "always"
    NEVER = "never"
    ROSTER = "roster"
    """They are kept if the contact is in the roster."""


@payload(NAMESPACE, "always")
class AlwaysArchived:
    """Addresses whose messages are kept (section 2.1.2)."""

    jids: tuple[JID, ...] = child_texts("jid", codec=ADDRESS, default=())


@payload(NAMESPACE, "never")
class NeverArchived:
    """Addresses whose messages are not kept (section 2.1.3)."""

    jids: tuple[JID, ...] = child_texts("jid", codec=ADDRESS, default=())


@payload(NAMESPACE, "prefs")
class ArchivePreferences:
    """The preferences, or the question for them, which is empty (section 2.1)."""

    default: ArchivingDefault | None = attribute(codec=enum(ArchivingDefault), default=None)
    """None in a question only."""
    always: AlwaysArchived | None = child(AlwaysArchived, default=None)
    never: NeverArchived | None = child(NeverArchived, default=None)

    @classmethod
    def of(
        cls, default: ArchivingDefault, always: tuple[JID, ...] = (), never: tuple[JID, ...] = ()
    ) -> ArchivePreferences:
        """Make preferences: both lists are there, even empty ones (section 2.1)."""
        return cls(default, AlwaysArchived(always), NeverArchived(never))

    def keeps(self, target: JID, in_roster: bool) -> bool:
        """Whether a message to or from this address is kept (section 2.3).

        `target` is the `to` of what is sent and the `from` of what is received; `in_roster` says whether its
        bare address is in the roster. Of an address on both lists the entry with a resource counts, and of
        two alike the one that keeps nothing.
        """
        always = self.always.jids if self.always is not None else ()
        never = self.never.jids if self.never is not None else ()
        for jid in dict.fromkeys((target, target.bare)):
            if jid in never:
                return False
            if jid in always:
                return True
        if self.default is ArchivingDefault.ROSTER:
            return in_roster
        return self.default is ArchivingDefault.ALWAYS
