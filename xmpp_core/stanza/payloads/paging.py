"""Result set management: a large result in pages.

XEP-0059, version 1.0, Draft; section 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from ...errors import PayloadError
from ..payload import Spec, attribute, child, child_text, integer, payload, text

__all__ = ["NAMESPACE", "SPEC", "First", "Paging", "page_of"]

SPEC: Final = Spec(59, "1.0", "Draft", "Result Set Management")
NAMESPACE: Final = "http://jabber.org/protocol/rsm"

T = TypeVar("T")

_COUNT: Final = integer(0, 2**31 - 1)


@payload(NAMESPACE, "first")
class First:
    """The first item of a page (section 2.2)."""

    uid: str = text(default="")
    """Opaque to whoever asks."""
    index: int | None = attribute(codec=_COUNT, default=None)
    """Where in the whole result it stands, from 0; perhaps roughly."""


@payload(NAMESPACE, "set")
class Paging:
    """What page is asked for (`max`, and one of `after`, `before` and `index`), or which one this is (the others)."""

    max: int | None = child_text(codec=_COUNT, default=None)
    """How many items at most; 0 asks for the count alone (section 2.7)."""
    after: str | None = child_text(default=None)
    """The page that follows this item (section 2.2)."""
    before: str | None = child_text(default=None)
    """The page that ends before this item (section 2.3); empty: the last page (section 2.5)."""
    index: int | None = child_text(codec=_COUNT, default=None)
    """The page that begins here, for who knows no item beside it (section 2.6)."""
    first: First | None = child(First, default=None)
    last: str | None = child_text(default=None)
    count: int | None = child_text(codec=_COUNT, default=None)
    """How many items the whole result has; perhaps roughly."""

    def following(self, max: int | None = None) -> Paging | None:
        """Give the request for the page after this one; None if this one is empty or ends the result as far as told."""
        if self.last is None or self.at_end:
            return None
        return Paging(max, after=self.last)

    def preceding(self, max: int | None = None) -> Paging | None:
        """Give the request for the page before this one; None if this one is empty or begins the result."""
        if self.first is None or self.first.index == 0:
            return None
        return Paging(max, before=self.first.uid)

    @property
    def at_end(self) -> bool:
        """Whether this page is known to be the last: it is empty, or holds the only item the count leaves.

        How many items a page has is not said in it, so usually the answer to `following` shows the end.
        """
        if self.first is None or self.last is None:
            return True
        only = self.first.uid == self.last
        return only and self.count is not None and self.first.index == self.count - 1


def page_of(
    items: Sequence[T], uid: Callable[[T], str], asked: Paging, most: int | None = None
) -> tuple[Sequence[T], Paging]:
    """Give the page of `items` that is asked for, and what to say of it; `most` is what a page has at most.

    For whoever answers. Of `after` and `before` together what is between is meant, from its end. Of an
    empty result the wrapping protocol may want no `set` at all (section 2.2).

    Raises `PayloadError`: `item-not-found` for an item that is not there (section 2.4), `bad-request` for an
    index beside an item.
    """
    if asked.index is not None and (asked.after is not None or asked.before is not None):
        raise PayloadError("set/index", "an index is for who names no item (XEP-0059 section 2.6)")
    start, end = 0, len(items)
    if asked.index is not None:
        start = min(asked.index, end)
    if asked.after is not None:
        start = _place(items, uid, asked.after, "after") + 1
    if asked.before:
        end = _place(items, uid, asked.before, "before")
    limits = [limit for limit in (asked.max, most) if limit is not None]
    size = max(0, end - start)
    if limits:
        size = min(size, *limits)
    if asked.before is not None:
        start = max(start, end - size)
    found = items[start : start + size]
    if not found:
        return found, Paging(count=len(items))
    return found, Paging(first=First(uid(found[0]), start), last=uid(found[-1]), count=len(items))


def _place(items: Sequence[T], uid: Callable[[T], str], sought: str, name: str) -> int:
    for place, item in enumerate(items):
        if uid(item) == sought:
            return place
    raise PayloadError(f"set/{name}", "an item of the result (XEP-0059 section 2.4)", "item-not-found")
