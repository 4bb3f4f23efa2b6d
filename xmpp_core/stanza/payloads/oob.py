"""Out of band data: where something is that is fetched in another way.

XEP-0066, version 1.5, Draft; sections 2, 3 and 5.
"""

from __future__ import annotations

from typing import Final

from ..payload import URI, Spec, attribute, child_text, payload

__all__ = ["OOB_LINK", "OOB_REQUEST", "SPEC", "OobLink", "OobRequest"]

SPEC: Final = Spec(66, "1.5", "Draft", "Out of Band Data")
OOB_REQUEST: Final = "jabber:iq:oob"
OOB_LINK: Final = "jabber:x:oob"


@payload(OOB_REQUEST, "query")
class OobRequest:
    """In an IQ `set`: fetch this file, and answer when you have all of it (section 2).

    Who could not fetch it answers `item-not-found`, who does not want it `not-acceptable`.
    """

    url: str = child_text(codec=URI)
    desc: str | None = child_text(default=None)
    """What it is, for people."""
    sid: str | None = attribute(default=None)
    """The stream that was negotiated by stream initiation (section 6)."""


@payload(OOB_LINK, "x")
class OobLink:
    """In a message or presence: what it speaks of is there (section 3)."""

    url: str = child_text(codec=URI)
    desc: str | None = child_text(default=None)
    """What it is, for people."""
