"""How reaching a peer, or talking to it, can end: one typed error each, with words that say what to do."""

from __future__ import annotations

from ..errors import XMPPError
from ..stanza import IQ, StanzaError
from ..stream.events import Cause, Closed, Retry, StreamFailed

__all__ = [
    "AuthenticationFailed",
    "ConnectError",
    "ConnectTimedOut",
    "HostNotFound",
    "HostUnreachable",
    "InboxOverflow",
    "NotEstablished",
    "RequestRefused",
    "RequestTimedOut",
    "SessionEnded",
    "TlsNotEstablished",
    "error_of",
]


class ConnectError(XMPPError):
    """No session could be had. The subclass says at which step it failed."""

    retry: Retry = Retry.LATER
    """Whether connecting again makes sense (RFC 6120 section 3.3)."""


class HostNotFound(ConnectError):
    """The name of the host leads to no address, or its domain says that the service is not offered there."""


class HostUnreachable(ConnectError):
    """No address of the host took the connection: refused, unreachable, or silent."""


class ConnectTimedOut(ConnectError):
    """The time given to `connect` was over before the session was ready."""


class NotEstablished(ConnectError):
    """The stream ended before the session was ready; `failure` is its terminal event."""

    def __init__(self, failure: StreamFailed | Closed) -> None:
        words = failure.explain() if isinstance(failure, StreamFailed) else "the peer closed the stream"
        super().__init__(words)
        self.failure = failure
        if isinstance(failure, StreamFailed):
            self.retry = failure.retry


class TlsNotEstablished(NotEstablished):
    """TLS could not be established, or the certificate is not to be trusted. Nothing was sent in the clear."""


class AuthenticationFailed(NotEstablished):
    """The peer refused the credentials, or did not prove itself."""


class SessionEnded(XMPPError):
    """The session ended while something was waited for; `terminal` is its terminal event."""

    def __init__(self, terminal: StreamFailed | Closed, words: str = "") -> None:
        said = terminal.explain() if isinstance(terminal, StreamFailed) else "the stream was closed"
        super().__init__(words or said)
        self.terminal = terminal


class InboxOverflow(SessionEnded):
    """More came before the answer to a request than may be kept for an application that takes nothing."""


class RequestTimedOut(XMPPError):
    """Nobody answered the request in time. An answer that still comes is dropped."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the request was not answered within {seconds:g} s")
        self.seconds = seconds


class RequestRefused(XMPPError):
    """The request was answered with a stanza error (RFC 6120 section 8.3); `iq` is that answer."""

    def __init__(self, iq: IQ, error: StanzaError) -> None:
        super().__init__(f"the request was refused: <{error.condition}/>")
        self.iq = iq
        self.error = error


def error_of(terminal: StreamFailed | Closed) -> NotEstablished | ConnectTimedOut:
    """Give the error for a stream that ended before its session was ready."""
    if isinstance(terminal, StreamFailed):
        if terminal.cause is Cause.DEADLINE:
            return ConnectTimedOut(terminal.explain())
        if terminal.cause in (Cause.TLS_FAILED, Cause.TLS_REQUIRED, Cause.PLAINTEXT_AFTER_STARTTLS):
            return TlsNotEstablished(terminal)
        if terminal.cause is Cause.AUTHENTICATION_FAILED:
            return AuthenticationFailed(terminal)
    return NotEstablished(terminal)
