"""What passed, kept for the test's thread: written by the server's thread, waited for by the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from ...jid import JID
from ...stanza import Stanza

__all__ = ["Records"]

T = TypeVar("T")


class Records:
    """Stanzas in both directions, the sessions and the connections there are."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._received: list[Stanza] = []
        self._sent: list[tuple[JID, Stanza]] = []
        self._sessions: list[JID] = []
        self._connections = 0

    # For the server's thread.

    def accepted(self) -> None:
        """Count a connection."""
        with self._changed:
            self._connections += 1
            self._changed.notify_all()

    def opened(self, jid: JID) -> None:
        """Take in a session."""
        with self._changed:
            self._sessions.append(jid)
            self._changed.notify_all()

    def ended(self, jid: JID) -> None:
        """Forget a session."""
        with self._changed:
            if jid in self._sessions:
                self._sessions.remove(jid)
            self._changed.notify_all()

    def received(self, stanza: Stanza) -> None:
        """Keep a stanza from a client."""
        with self._changed:
            # A copy: the server goes on with the stanza, and the test may do with this one what it likes.
            self._received.append(stanza.copy())
            self._changed.notify_all()

    def sent(self, jid: JID, stanza: Stanza) -> None:
        """Keep a stanza for a client."""
        with self._changed:
            self._sent.append((jid, stanza))
            self._changed.notify_all()

    # For the test's thread.

    def all_received(self) -> tuple[Stanza, ...]:
        """Give what clients sent, oldest first."""
        with self._changed:
            return tuple(self._received)

    def sent_to(self, jid: JID) -> tuple[Stanza, ...]:
        """Give what was sent to one resource or, for a bare address, to all of the account."""
        with self._changed:
            return tuple(stanza for whom, stanza in self._sent if jid in (whom, whom.bare))

    def sessions(self) -> tuple[JID, ...]:
        """Give the sessions that are ready."""
        with self._changed:
            return tuple(self._sessions)

    def connections(self) -> int:
        """Count the connections that were accepted."""
        with self._changed:
            return self._connections

    def wait_for(self, predicate: Callable[[], T], timeout: float) -> T:
        """Wait until `predicate()` is true, asking again whenever something was recorded."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not (value := predicate()):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"waited {timeout:g} s in vain; {self._told()}")
                self._changed.wait(left)
            return value

    def _told(self) -> str:
        last = ", ".join(map(repr, self._received[-3:])) or "nothing"
        return (
            f"connections: {self._connections}, sessions: {len(self._sessions)}, stanzas received: "
            f"{len(self._received)}, sent: {len(self._sent)}; last received: {last}"
        )
