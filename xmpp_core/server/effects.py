"""What the hub wants done: plain data, carried out in order by whoever runs the connections."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from ..stanza import Stanza
from ..stream.conditions import StreamError
from ..stream.prepared import Prepared

__all__ = ["Close", "Deliver", "Effect", "SessionId"]

SessionId: TypeAlias = int | str
"""The caller's name for one connection. The hub only compares it; it is never used a second time."""


class Deliver(NamedTuple):
    """Send `stanza` on this session: `Connection.send(stanza)`.

    The stanza may be the very one another session received: it is not to be changed.
    """

    session: SessionId
    stanza: Stanza | Prepared


class Close(NamedTuple):
    """End this session's stream with `error`: `Connection.close(error)`. The hub has forgotten it already."""

    session: SessionId
    error: StreamError


Effect: TypeAlias = Deliver | Close
