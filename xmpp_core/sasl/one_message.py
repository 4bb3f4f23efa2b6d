"""What PLAIN, EXTERNAL, ANONYMOUS and OAUTHBEARER have in common: one message of the client, then the verdict."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from ..errors import LocalProtocolError
from .mechanism import ClientOutcome, SaslContext, Verified, aborted

__all__ = ["MessageSent", "OneMessage"]


@dataclass(frozen=True, slots=True)
class MessageSent:
    """Client: the one message of `mechanism` is out."""

    mechanism: str


class OneMessage(ABC):
    """The initiating side once its message is out (RFC 4422 section 5); `start` sends it with `MessageSent`."""

    __slots__ = ()

    @property
    @abstractmethod
    def name(self) -> str:
        """The registered name (RFC 4422 section 3.1)."""

    def challenged(self, state: object, data: bytes, context: SaslContext) -> ClientOutcome:
        """Fail: the message was sent, and there is no other challenge."""
        self._expect_sent(state)
        return aborted(f"the server challenges where {self.name} has no challenge")

    def answered(self, state: object, value: object, context: SaslContext) -> ClientOutcome:
        """Raise `LocalProtocolError`: the initiating side asks nothing."""
        raise LocalProtocolError(f"{self.name} asked nothing")

    def succeeded(self, state: object, data: bytes | None, context: SaslContext) -> ClientOutcome:
        """Take the success; it proves nothing about the server."""
        self._expect_sent(state)
        return aborted(f"the server sends data with the success of {self.name}") if data else Verified()

    def resumed(self, state: object, context: SaslContext) -> ClientOutcome | None:
        """Wait for the server."""
        self._expect_sent(state)
        return None

    def _expect_sent(self, state: object) -> None:
        if not isinstance(state, MessageSent) or state.mechanism != self.name:
            raise LocalProtocolError(f"no state of {self.name}")
