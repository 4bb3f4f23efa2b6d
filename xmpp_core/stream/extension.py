"""What lives in an open stream beside stanzas: nonzas, counts, timers of its own (design: pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol
from xml.etree.ElementTree import Element

from .context import StreamContext
from .session import ResumableSession
from .step import Step

__all__ = ["Installed", "StreamExtension"]


class StreamExtension(Protocol):
    """Installed by a feature's `Done(install=...)`; functions are called in order of installation.

    Each returns a `Step`: `Continue` with what to send and the new state, `Done` to uninstall,
    `Refused` to end the stream. `Ask` is not for extensions: what must be decided later is an event
    and a command. None everywhere means: nothing to do, state unchanged.
    """

    @property
    def name(self) -> str:
        """Unique among the installed, used in snapshots."""
        ...

    @property
    def nonzas(self) -> frozenset[str]:
        """Clark names of the stream-level elements it owns."""
        ...

    @property
    def counts_stanzas(self) -> bool:
        """Whether `stanza_sent` and `stanza_received` want to be called."""
        ...

    def installed(self, context: StreamContext) -> Any:
        """Give the first state."""
        ...

    def stanza_sent(self, state: Any, stanza: Element, context: StreamContext) -> Step | None:
        """Take note of a stanza as it is queued. The element is the host's, who may change it: keep a copy."""
        ...

    def stanza_received(self, state: Any, count: int, context: StreamContext) -> Step | None:
        """Take note that `count` more stanzas count as handled: of those delivered since it was installed."""
        ...

    def nonza_received(self, state: Any, element: Element, context: StreamContext) -> Step | None:
        """Take one of `nonzas`."""
        ...

    def command(self, state: Any, command: object, context: StreamContext) -> Step | None:
        """Carry out a command of the host; None when the command belongs to another extension."""
        ...

    def octets_leave(self, state: Any, context: StreamContext) -> Step | None:
        """Take note that all that was queued leaves at `context.now`: waiting for its answer begins here."""
        ...

    def closing(self, state: Any, context: StreamContext) -> Step | None:
        """Say what is to be said before our closing tag (a last acknowledgement)."""
        ...

    def deadline(self, state: Any) -> float | None:
        """When `deadline_reached` wants to be called."""
        ...

    def deadline_reached(self, state: Any, context: StreamContext) -> Step | None:
        """Act on the deadline."""
        ...

    def unacknowledged(self, state: Any) -> tuple[Element, ...]:
        """Stanzas the peer has not acknowledged, for the terminal event where `detach` gives nothing."""
        ...

    def detach(self, state: Any, context: StreamContext) -> ResumableSession | None:
        """Give what a later connection needs to go on where this one ended, None if it cannot."""
        ...


@dataclass(slots=True)
class Installed:
    """An extension in an open stream, with its present state."""

    extension: StreamExtension
    state: Any
    since: int = 0
    """The number of the last stanza delivered before it was installed: what it does not count."""
