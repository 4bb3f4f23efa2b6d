"""Message archives: to ask one for messages, page by page, and what it sends.

XEP-0313, version 1.1.3, Draft; sections 3 to 5 and 8.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from ...errors import PayloadError
from ...jid import JID
from ..message import Message
from ..payload import (
    ADDRESS,
    BOOL,
    TEXT,
    XMPP_DATETIME,
    Codec,
    Spec,
    attribute,
    child,
    children,
    datetime,
    element_name,
    enum,
    flag,
    payload,
)
from .delay import Delay
from .form_types import FORM_TYPE, form_type, typed_form
from .forms import Form
from .paging import Paging

__all__ = [
    "EXTENDED",
    "NAMESPACE",
    "SPEC",
    "ArchiveEdge",
    "ArchiveEnd",
    "ArchiveFilter",
    "ArchiveInfo",
    "ArchiveQuery",
    "ArchiveResult",
    "Archived",
    "Edge",
]

SPEC: Final = Spec(313, "1.1.3", "Draft", "Message Archive Management")
NAMESPACE: Final = "urn:xmpp:mam:2"
"""Also the FORM_TYPE of filters, and the feature of an archive that follows this version."""
EXTENDED: Final = "urn:xmpp:mam:2#extended"
"""Feature of an archive that knows `before-id`, `after-id`, `ids`, flipped pages and `metadata` (section 4.1)."""
_VERSIONS: Final = (NAMESPACE, "urn:xmpp:mam:1", "urn:xmpp:mam:0")
_FORWARD: Final = "urn:xmpp:forward:0"


@payload(_VERSIONS, "query")
class ArchiveQuery:
    """A question for messages, or which filters there are (section 4)."""

    queryid: str | None = attribute(default=None)
    """What the results are to repeat."""
    node: str | None = attribute(default=None)
    """For archives of publish-subscribe (section 6.1.3)."""
    form: Form | None = child(Form, default=None, kw_only=True)
    """Which messages: `ArchiveFilter`."""
    paging: Paging | None = child(Paging, default=None, kw_only=True)
    flip_page: bool = flag(default=False, kw_only=True)
    """The page is to come from its end to its beginning (section 4.3.4)."""

    def following(self, end: ArchiveEnd, max: int | None = None) -> ArchiveQuery | None:
        """Give the question for the next page, in the direction of this one; None if there is none (section 4.3.2)."""
        if end.complete or end.paging is None:
            return None
        asked = max if max is not None or self.paging is None else self.paging.max
        backwards = self.paging is not None and self.paging.before is not None
        page = end.paging
        if backwards:
            paging = None if page.first is None else Paging(asked, before=page.first.uid)
        else:
            paging = None if page.last is None else Paging(asked, after=page.last)
        if paging is None:
            return None
        return ArchiveQuery(self.queryid, self.node, form=self.form, paging=paging, flip_page=self.flip_page)


@payload(_FORWARD, "forwarded")
class Archived:
    """A message as it is in an archive (section 4.2)."""

    message: Message | None = child(Message, default=None)
    """None: it was taken out of the archive (section 3.2)."""
    delay: Delay | None = child(Delay, default=None)
    """When the archive received it."""


@payload(_VERSIONS, "result")
class ArchiveResult:
    """A message that answers a question (section 4.2).

    It counts from the archive that was asked only, while the question is open (section 8.2).
    """

    id: str = attribute()
    """Which message of the archive."""
    forwarded: Archived = child(Archived)
    queryid: str | None = attribute(default=None)


@payload(_VERSIONS, "fin")
class ArchiveEnd:
    """The answer to a question, after its messages (section 4.3)."""

    complete: bool = attribute(codec=BOOL, default=False)
    """There are no further pages."""
    stable: bool = attribute(codec=BOOL, default=True)
    """The archive will answer the same again; else this is not to be kept."""
    paging: Paging | None = child(Paging, default=None)


class Edge(Enum):
    """One of the ends of an archive."""

    START = "start"
    END = "end"


@payload(_VERSIONS, ("start", "end"))
class ArchiveEdge:
    """The first or last message of an archive (section 5)."""

    edge: Edge = element_name(codec=enum(Edge))
    id: str = attribute()
    timestamp: datetime = attribute(codec=XMPP_DATETIME)


@payload(_VERSIONS, "metadata")
class ArchiveInfo:
    """The question what an archive has, or the answer; empty as the archive is (section 5)."""

    edges: tuple[ArchiveEdge, ...] = children(ArchiveEdge, default=(), most=2)

    def validate(self) -> None:
        """Both ends or none."""
        if self.edges and {one.edge for one in self.edges} != set(Edge):
            raise PayloadError(".", "the first and the last message (XEP-0313 section 5)")

    @property
    def start(self) -> ArchiveEdge | None:
        """The oldest message."""
        return next((one for one in self.edges if one.edge is Edge.START), None)

    @property
    def end(self) -> ArchiveEdge | None:
        """The newest message."""
        return next((one for one in self.edges if one.edge is Edge.END), None)


_NAMES: Final[dict[str, tuple[str, Codec[Any]]]] = {
    "with": ("with_", ADDRESS),
    "start": ("start", XMPP_DATETIME),
    "end": ("end", XMPP_DATETIME),
    "before-id": ("before_id", TEXT),
    "after-id": ("after_id", TEXT),
    "include-groupchat": ("include_groupchat", BOOL),
}


@dataclass(frozen=True, slots=True)
class ArchiveFilter:
    """Which messages of an archive are asked for (section 4.1); without anything all."""

    with_: JID | None = None
    """To or from this address; a bare one with any resource (section 4.1.1)."""
    start: datetime | None = None
    """Received then or later."""
    end: datetime | None = None
    """Received then or before."""
    before_id: str | None = None
    after_id: str | None = None
    ids: tuple[str, ...] = ()
    include_groupchat: bool | None = None
    """None: as the archive likes (section 4.1.4)."""
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields that other specifications define, by their name."""

    def form(self, namespace: str = NAMESPACE) -> Form:
        """Give the form that says so."""
        given: dict[str, Any] = {}
        for var, (name, codec) in _NAMES.items():
            value = getattr(self, name)
            if value is not None:
                given[var] = codec.write(value)
        if self.ids:
            given["ids"] = self.ids
        return typed_form(namespace, {**given, **self.others})

    @classmethod
    def read(cls, form: Form | None, others: Collection[str] = ()) -> ArchiveFilter:
        """Read what is asked for; `others` are the names of further fields the archive knows.

        Raises `PayloadError`: `feature-not-implemented` for a field that is not known (section 4.1.5), else
        `bad-request`.
        """
        if form is None:
            return cls()
        if form_type(form) not in _VERSIONS:
            raise PayloadError("x/field", "the FORM_TYPE of archives (XEP-0313 section 4.1)")
        found: dict[str, Any] = {}
        extra: dict[str, tuple[str, ...]] = {}
        for one in form.fields:
            if one.var is None or one.var == FORM_TYPE:
                continue
            if one.var == "ids":
                found["ids"] = one.values
            elif one.var in others:
                extra[one.var] = one.values
            elif one.var not in _NAMES:
                rule = "a field that the archive knows (XEP-0313 section 4.1.5)"
                raise PayloadError("x/field", rule, "feature-not-implemented")
            elif one.values:
                name, codec = _NAMES[one.var]
                try:
                    found[name] = codec.read(one.values[0])
                except ValueError:
                    raise PayloadError("x/field/value", codec.rule) from None
        return cls(**found, others=extra)
