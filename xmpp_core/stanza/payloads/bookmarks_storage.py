"""Bookmarks of rooms and web pages in one element: the older form.

XEP-0048, version 1.2, Deprecated; sections 2 and 7.
"""

from __future__ import annotations

from typing import Final

from ...jid import JID
from ..payload import BOOL, Spec, attribute, child_text, choices, payload

__all__ = ["NAMESPACE", "SPEC", "BookmarkStorage", "StoredConference", "StoredURL"]

SPEC: Final = Spec(48, "1.2", "Deprecated", "Bookmarks")
NAMESPACE: Final = "storage:bookmarks"
"""The namespace, and the node; also kept in private storage (XEP-0049)."""


@payload(NAMESPACE, "conference")
class StoredConference:
    """A room (section 2.1)."""

    jid: JID = attribute()
    name: str | None = attribute(default=None)
    autojoin: bool = attribute(codec=BOOL, default=False)
    nick: str | None = child_text(default=None)
    password: str | None = child_text(default=None)
    """Better not kept here (section 4)."""


@payload(NAMESPACE, "url")
class StoredURL:
    """A web page (section 2.2)."""

    url: str = attribute()
    name: str | None = attribute(default=None)


@payload(NAMESPACE, "storage")
class BookmarkStorage:
    """All the bookmarks, in their order (section 2)."""

    bookmarks: tuple[StoredConference | StoredURL, ...] = choices(StoredConference, StoredURL, default=())

    @property
    def conferences(self) -> tuple[StoredConference, ...]:
        """The rooms."""
        return tuple(one for one in self.bookmarks if isinstance(one, StoredConference))
