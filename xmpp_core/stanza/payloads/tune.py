"""User tune: what somebody is listening to.

XEP-0118, version 1.3.0, Draft; sections 2 and 3.
"""

from __future__ import annotations

from typing import Final

from ..payload import UNSIGNED_SHORT, URI, Spec, child_text, integer, payload

__all__ = ["NAMESPACE", "SPEC", "Tune"]

SPEC: Final = Spec(118, "1.3.0", "Draft", "User Tune")
NAMESPACE: Final = "http://jabber.org/protocol/tune"
"""The namespace, and the node."""


@payload(NAMESPACE, "tune")
class Tune:
    """A piece of music, as an event (section 2); an empty one ends it."""

    artist: str | None = child_text(default=None)
    composer: str | None = child_text(default=None)
    date: str | None = child_text(default=None)
    """When it was recorded or published, in any form."""
    genre: str | None = child_text(default=None)
    language: str | None = child_text(default=None)
    """By the three letters of ISO 639."""
    length: int | None = child_text(codec=UNSIGNED_SHORT, default=None)
    """In seconds; None where it is not known (section 3)."""
    lyricist: str | None = child_text(default=None)
    performer: str | None = child_text(default=None)
    rating: int | None = child_text(codec=integer(1, 10), default=None)
    """1 to 10; two are a star (section 3)."""
    source: str | None = child_text(default=None)
    """The album, or the place on the net."""
    title: str | None = child_text(default=None)
    track: str | None = child_text(default=None)
    """Its number in the source, or its address."""
    uri: str | None = child_text(codec=URI, default=None)
    """Where more is told of it."""
