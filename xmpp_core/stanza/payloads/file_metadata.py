"""File metadata: what can be said of a file without having it.

XEP-0446, version 0.2.0, Experimental; sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..payload import (
    UNSIGNED_INT,
    UNSIGNED_LONG,
    XMPP_DATETIME,
    Spec,
    child_text,
    children,
    datetime,
    localized,
    payload,
)
from .hashes import Hash, matches
from .thumbnails import Thumbnail

__all__ = ["NAMESPACE", "SPEC", "FileMetadata", "safe_name"]

SPEC: Final = Spec(446, "0.2.0", "Experimental", "File metadata element")
NAMESPACE: Final = "urn:xmpp:file:metadata:0"

_ESCAPED: Final = {code: f"%{code:02X}" for code in (*range(0x20), *b'"%*/:<>?\\|', 0x7F)}


def safe_name(name: str) -> str:
    """Give a name that stays in its folder: what separates paths, and what no file system takes, is percent-encoded.

    So are the points of a name that has nothing else (section 3).
    """
    escaped = name.translate(_ESCAPED)
    return escaped if escaped.strip(".") else escaped.replace(".", "%2E")


@payload(NAMESPACE, "file")
class FileMetadata:
    """A file (section 2). All of it may be absent; what a specification needs of it, that one says."""

    media_type: str | None = child_text(default=None)
    """None: to be taken as `application/octet-stream`."""
    name: str | None = child_text(default=None)
    """Never to be used as it is: `safe_name`."""
    date: datetime | None = child_text(codec=XMPP_DATETIME, default=None)
    """When it was changed last."""
    size: int | None = child_text(codec=UNSIGNED_LONG, default=None)
    """How many octets."""
    hashes: tuple[Hash, ...] = children(Hash, default=())
    descriptions: dict[str | None, str] = localized("desc", default={})
    """For people, by language."""
    width: int | None = child_text(codec=UNSIGNED_INT, default=None)
    """Of images and video, in pixels."""
    height: int | None = child_text(codec=UNSIGNED_INT, default=None)
    length: int | None = child_text(codec=UNSIGNED_LONG, default=None)
    """Of sound and video, in milliseconds."""
    thumbnails: tuple[Thumbnail, ...] = children(Thumbnail, default=())

    @property
    def safe_name(self) -> str | None:
        """The name as it may be given to a file system (section 3)."""
        return None if self.name is None else safe_name(self.name)

    def describes(self, data: bytes | Iterable[bytes]) -> bool | None:
        """Whether these octets are the file, by its hashes; None: there is none of a function we have."""
        return matches(self.hashes, data)
