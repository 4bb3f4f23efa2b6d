"""What survives a connection when an extension can resume it on another one."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from ..jid import JID

__all__ = ["ResumableSession"]


@dataclass(frozen=True, slots=True)
class ResumableSession:
    """Given by `Connection.detach`, taken by `Connection.start(resume=...)`.

    It owns the stanzas the peer has not acknowledged: as long as it exists they are nowhere else.
    """

    extension: str
    """Name of the extension that can resume it."""
    jid: JID
    state: object = field(repr=False)
    """The extension's own state."""
    unacknowledged: tuple[Element, ...] = field(default=(), repr=False)
