"""Stateless file sharing: a file in a message, and where it is to be had.

XEP-0447, version 0.3.1, Experimental; sections 3, 4 and 6.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Final
from xml.etree.ElementTree import Element

from ..payload import URI, Spec, attribute, child, children, payload, rest
from .fallback import Fallback, Part, Region
from .file_metadata import FileMetadata
from .hashes import supported
from .oob import OobLink

__all__ = ["NAMESPACE", "SPEC", "Disposition", "FileSharing", "Sources", "UrlData", "link", "usable_urls"]

SPEC: Final = Spec(447, "0.3.1", "Experimental", "Stateless file sharing")
NAMESPACE: Final = "urn:xmpp:sfs:0"
URL_DATA: Final = "http://jabber.org/protocol/url-data"

_SECURE: Final = ("https:", "ftps:", "sftp:", "aesgcm:")


class Disposition(Enum):
    """How the sender means a file to be shown (section 3.2)."""

    ATTACHMENT = "attachment"
    """To be saved; not to be fetched before somebody asks for it."""
    INLINE = "inline"
    """To be shown in the message."""


@payload(URL_DATA, "url-data")
class UrlData:
    """A URL (XEP-0103), with what a protocol needs besides (section 3.2)."""

    target: str = attribute(codec=URI)


@payload(NAMESPACE, "sources")
class Sources:
    """Where a file is to be had (sections 3.1 and 3.3); in a message of its own it adds to those of a file there."""

    urls: tuple[UrlData, ...] = children(UrlData, default=())
    others: tuple[Element, ...] = rest(default=())
    """By other means: a published Jingle session (XEP-0358), ..."""
    id: str | None = attribute(default=None)
    """Of the file, of several in a message."""


@payload(NAMESPACE, "file-sharing")
class FileSharing:
    """A file (section 3.1). Without sources, they come later in another message (section 3.3)."""

    file: FileMetadata = child(FileMetadata)
    sources: Sources | None = child(Sources, default=None)
    disposition: Disposition | None = attribute(default=None)
    id: str | None = attribute(default=None)
    """Told apart by it, where a message shares several files (section 4.2)."""

    @property
    def waits_for_the_user(self) -> bool:
        """Whether it is to be fetched only when the user asks for it (section 3.2)."""
        return self.disposition is Disposition.ATTACHMENT

    @property
    def inline(self) -> bool | None:
        """Whether to show it in the message; None: if it can be shown, and if not say nothing (section 3.2)."""
        if self.disposition is Disposition.ATTACHMENT or self.file.media_type in (None, "application/octet-stream"):
            return False
        return True if self.disposition is Disposition.INLINE else None


def usable_urls(shared: FileSharing, attached: Iterable[tuple[Sources, bool]] = ()) -> tuple[str, ...]:
    """Give the URLs from which a file may be fetched, those of the sharing message first (section 6).

    `attached` are the sources that came later, each with whether it is of the sender of the file. Where no hash
    that we know can prove what was fetched, only the sender's count, and only those that are fetched securely.
    """
    proven = any(supported(one.algo) for one in shared.file.hashes)
    found: dict[str, None] = {}
    own = () if shared.sources is None else ((shared.sources, True),)
    for sources, by_sender in (*own, *attached):
        if sources.id != shared.id and sources is not shared.sources:
            continue
        if proven or by_sender:
            found.update(dict.fromkeys(one.target for one in sources.urls))
    return tuple(one for one in found if proven or one.lower().startswith(_SECURE))


def link(url: str) -> tuple[str, Fallback, OobLink]:
    """Give the body for clients that do not understand shared files, and the payloads that go with it (section 3.1)."""
    return url, Fallback(NAMESPACE, (Region(Part.BODY),)), OobLink(url)
