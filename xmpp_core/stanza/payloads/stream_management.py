"""Stream management: which stanzas the peer has handled, and to go on with a stream that broke.

XEP-0198, version 1.6.3, Draft; sections 2 to 6. The elements alone; they stand at the level of the stream.
"""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from ...namespaces import STANZA_ERRORS
from ...xml.names import clark, split
from ..conditions import CONDITIONS
from ..payload import BOOL, SOME_TEXT, UNSIGNED_INT, Spec, attribute, integer, payload, rest

__all__ = [
    "MODULUS",
    "NAMESPACE",
    "SPEC",
    "SmAnswer",
    "SmEnable",
    "SmEnabled",
    "SmFailed",
    "SmFeature",
    "SmHandledTooMany",
    "SmRequest",
    "SmResume",
    "SmResumed",
    "newly_handled",
]

SPEC: Final = Spec(198, "1.6.3", "Draft", "Stream Management")
NAMESPACE: Final = "urn:xmpp:sm:3"
MODULUS: Final = 2**32
"""The counters begin again at zero here (section 4)."""

_SECONDS: Final = integer(1, 2**63 - 1)


@payload(NAMESPACE, "sm")
class SmFeature:
    """In the stream features: it may be enabled or resumed (section 2)."""


@payload(NAMESPACE, "enable")
class SmEnable:
    """The initiating entity asks to begin (section 3)."""

    resume: bool = attribute(codec=BOOL, default=False)
    """It wants to be able to resume."""
    max: int | None = attribute(codec=_SECONDS, default=None)
    """For how many seconds after a break it would like to."""


@payload(NAMESPACE, "enabled")
class SmEnabled:
    """It has begun (section 3)."""

    resume: bool = attribute(codec=BOOL, default=False)
    id: str | None = attribute(default=None)
    """The SM-ID to resume by; there if `resume` is true (section 5). Opaque."""
    max: int | None = attribute(codec=_SECONDS, default=None)
    location: str | None = attribute(default=None)
    """Where to connect to first: a host or address, perhaps with a port (section 3)."""

    @property
    def resumable(self) -> bool:
        """Whether the stream can be resumed: it is said so, and by what."""
        return self.resume and bool(self.id)


@payload(NAMESPACE, "resume")
class SmResume:
    """The initiating entity asks to go on with a former stream (section 5)."""

    previd: str = attribute(codec=SOME_TEXT)
    h: int = attribute(codec=UNSIGNED_INT)
    """How many stanzas of that stream it has handled."""


@payload(NAMESPACE, "resumed")
class SmResumed:
    """The former stream goes on (section 5)."""

    previd: str = attribute(codec=SOME_TEXT)
    h: int = attribute(codec=UNSIGNED_INT)


@payload(NAMESPACE, "failed")
class SmFailed:
    """It did not begin, or the former stream does not go on (sections 5 and 6)."""

    h: int | None = attribute(codec=UNSIGNED_INT, default=None)
    """How many stanzas of the former stream were handled, if that is still known."""
    details: tuple[Element, ...] = rest(default=())
    """A stanza error condition of RFC 6120, perhaps with a text."""

    @classmethod
    def of(cls, condition: str, h: int | None = None) -> SmFailed:
        """Make one; raises `ValueError` for a condition that RFC 6120 does not define."""
        if condition not in CONDITIONS:
            raise ValueError("no condition of RFC 6120 section 8.3.3")
        return cls(h, (Element(clark(STANZA_ERRORS, condition)),))

    @property
    def condition(self) -> str | None:
        """The condition, None if there is none that is known."""
        names = (split(one.tag) for one in self.details)
        return next((name for space, name in names if space == STANZA_ERRORS and name in CONDITIONS), None)


@payload(NAMESPACE, "r")
class SmRequest:
    """Asks what was handled (section 4)."""


@payload(NAMESPACE, "a")
class SmAnswer:
    """Says what was handled, asked or not (section 4)."""

    h: int = attribute(codec=UNSIGNED_INT)
    """How many stanzas since the beginning, modulo 2^32."""


@payload(NAMESPACE, "handled-count-too-high")
class SmHandledTooMany:
    """In a stream error: the peer says it handled more than it was sent (section 6)."""

    h: int | None = attribute(codec=UNSIGNED_INT, default=None)
    send_count: int | None = attribute(codec=UNSIGNED_INT, default=None)


def newly_handled(h: int, before: int, waiting: int) -> int | None:
    """Say how many of the `waiting` stanzas were handled since an `h` of `before`; None if too many (section 6)."""
    count = (h - before) % MODULUS
    return count if count <= waiting else None
