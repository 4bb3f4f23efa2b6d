"""Requests that wait for their answer (RFC 6120 sections 8.1.2.1 and 8.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from ..errors import LocalProtocolError
from ..jid import JID
from .iq import IQ

__all__ = ["IqTracker", "Pending", "TimedOut"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pending(Generic[T]):
    """A request that waits. `context` is the caller's own."""

    id: str
    to: JID | None
    deadline: float
    context: T


@dataclass(frozen=True, slots=True)
class TimedOut(Generic[T]):
    """The outcome of a request nobody answered in time."""

    pending: Pending[T]


class IqTracker(Generic[T]):
    """Matches answers to requests. Each request has one outcome: an answer, a time-out or a withdrawal.

    An answer counts only from the one asked: a request without `to`, or to the own bare address, is
    answered by no `from` or the own bare address; any other exactly by the address asked. Some
    servers answer the former with the own full address or their domain: `lenient_own_server`.
    An answer from elsewhere leaves the request open.
    """

    def __init__(self, own: JID, *, lenient_own_server: bool = False) -> None:
        self._own = own
        self._lenient = lenient_own_server
        self._pending: dict[str, Pending[T]] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def sent(self, iq: IQ, deadline: float, context: T) -> Pending[T]:
        """Take note of a request; raises `LocalProtocolError` if it is none or its id is in use."""
        if not iq.is_request or not iq.id:
            raise LocalProtocolError("only a get or a set with an id has an answer")
        if iq.id in self._pending:
            raise LocalProtocolError("a request with this id waits already")
        pending = self._pending[iq.id] = Pending(iq.id, iq.to, deadline, context)
        return pending

    def received(self, iq: IQ) -> Pending[T] | None:
        """Give the request that `iq` answers, and forget it; None if it answers none."""
        if not iq.is_response:
            return None
        pending = self._pending.get(iq.id or "")
        if pending is None or not self._expected(pending.to, iq.from_):
            return None
        return self._pending.pop(pending.id)

    def _expected(self, asked: JID | None, sender: JID | None) -> bool:
        if asked is not None and asked != self._own.bare:
            return sender == asked
        if sender is None or sender == self._own.bare:
            return True
        return self._lenient and sender in (self._own, JID(self._own.domain))

    def pending(self) -> list[Pending[T]]:
        """Give the requests that wait, the oldest first."""
        return list(self._pending.values())

    def next_deadline(self) -> float | None:
        """Give when the next request times out."""
        return min((one.deadline for one in self._pending.values()), default=None)

    def expired(self, now: float) -> list[TimedOut[T]]:
        """Give the requests whose time is over, and forget them."""
        late = [one for one in self._pending.values() if one.deadline <= now]
        for one in late:
            del self._pending[one.id]
        return [TimedOut(one) for one in sorted(late, key=lambda one: one.deadline)]

    def withdraw(self, id: str) -> Pending[T] | None:
        """Forget a request; its answer, if one still comes, matches nothing."""
        return self._pending.pop(id, None)
