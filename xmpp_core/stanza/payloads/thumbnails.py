"""Thumbnails: a small picture of a file or of a call that is offered.

XEP-0264, version 0.4.2, Experimental; sections 3 to 5.
"""

from __future__ import annotations

from typing import Final

from ..payload import UNSIGNED_INT, URI, Spec, attribute, payload

__all__ = ["NAMESPACE", "SPEC", "Thumbnail"]

SPEC: Final = Spec(264, "0.4.2", "Experimental", "Jingle Content Thumbnails")
NAMESPACE: Final = "urn:xmpp:thumbs:1"


@payload(NAMESPACE, "thumbnail")
class Thumbnail:
    """Where a small picture is (section 4); there may be several, of other sizes and types."""

    uri: str = attribute(codec=URI)
    """`cid:` for bits of binary (XEP-0231), `https:`, ..."""
    media_type: str | None = attribute(default=None)
    width: int | None = attribute(codec=UNSIGNED_INT, default=None)
    """In pixels, as the sender says: never to be trusted with memory (section 5)."""
    height: int | None = attribute(codec=UNSIGNED_INT, default=None)
