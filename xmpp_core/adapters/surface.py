"""The names that every shell offers beside its own `connect` and `serve`."""

from __future__ import annotations

from typing import Final

from .errors import (
    AuthenticationFailed,
    ConnectError,
    ConnectTimedOut,
    HostNotFound,
    HostUnreachable,
    InboxOverflow,
    NotEstablished,
    RequestRefused,
    RequestTimedOut,
    SessionEnded,
    TlsNotEstablished,
)
from .inbox import InboxLimits
from .serving import Serving
from .session import Session
from .tls import ClientTls, ServerTls

__all__ = [
    "NAMES",
    "AuthenticationFailed",
    "ClientTls",
    "ConnectError",
    "ConnectTimedOut",
    "HostNotFound",
    "HostUnreachable",
    "InboxLimits",
    "InboxOverflow",
    "NotEstablished",
    "RequestRefused",
    "RequestTimedOut",
    "ServerTls",
    "Serving",
    "Session",
    "SessionEnded",
    "TlsNotEstablished",
]

NAMES: Final = tuple(name for name in __all__ if name != "NAMES")
