"""Media in data forms: a picture or sound that a field is about.

XEP-0221, version 1.0, Draft; section 2.
"""

from __future__ import annotations

from typing import Final

from ..payload import UNSIGNED_SHORT, URI, Spec, attribute, children, pattern, payload, text

__all__ = ["NAMESPACE", "SPEC", "Media", "MediaURI"]

SPEC: Final = Spec(221, "1.0", "Draft", "Data Forms Media Element")
NAMESPACE: Final = "urn:xmpp:media-element"

_MEDIA_TYPE: Final = pattern(r"(?s)[^/]+/.+", "a media type (XEP-0221 section 2, RFC 2045 section 5.1)")


@payload(NAMESPACE, "uri")
class MediaURI:
    """Where the data are, and of what media type (section 2); `cid:` for data that come with the stanza."""

    uri: str = text(codec=URI)
    type: str = attribute(codec=_MEDIA_TYPE)


@payload(NAMESPACE, "media")
class Media:
    """The same data in one or more formats (section 2)."""

    uris: tuple[MediaURI, ...] = children(MediaURI, default=())
    height: int | None = attribute(codec=UNSIGNED_SHORT, default=None)
    """In pixels."""
    width: int | None = attribute(codec=UNSIGNED_SHORT, default=None)
    """In pixels."""
