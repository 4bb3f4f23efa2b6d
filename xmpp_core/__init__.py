"""The XMPP protocol engine: octets in, events and octets out, and no I/O of its own."""

from __future__ import annotations

from .errors import ConnectionClosed, LocalProtocolError, PayloadError, UnsafeExpat, WriteError, XMPPError
from .features.bind import BindRefused, BindRequested, Bound
from .features.logins import Authenticated, AuthorizeAs, CredentialsLookup, DeriveKey
from .features.starttls import TlsUpgrade
from .jid import JID, JIDError
from .limits import CLIENT_LIMITS, Limits, Timeouts
from .profiles import ClientConfig, ServerConfig
from .sasl.credentials import Disabled, Keys, NoSuchUser, Password, StoredKeys
from .stanza import IQ, IqRouter, IqTracker, Message, Presence, Stanza, StanzaError
from .stream.announced import PeerLimits, StanzaTooLarge
from .stream.conditions import StreamError
from .stream.connection import Connection
from .stream.context import Kind, Milestone, Side, TlsFailed, TlsInfo
from .stream.events import (
    Cause,
    Closed,
    Event,
    FeaturesOffered,
    Host,
    HostSelected,
    HostUnknown,
    NegotiationFailed,
    PeerSilent,
    Question,
    Redirect,
    Retry,
    SessionReady,
    StanzaRejected,
    StreamClosing,
    StreamFailed,
    StreamOpened,
)
from .stream.prepared import Prepared, prepare
from .stream.session import ResumableSession
from .stream.setup import Ack
from .stream.state import StreamState
from .stream.trace import TraceRecord

__all__ = [
    "CLIENT_LIMITS",
    "IQ",
    "JID",
    "Ack",
    "Authenticated",
    "AuthorizeAs",
    "BindRefused",
    "BindRequested",
    "Bound",
    "Cause",
    "ClientConfig",
    "Closed",
    "Connection",
    "ConnectionClosed",
    "CredentialsLookup",
    "DeriveKey",
    "Disabled",
    "Event",
    "FeaturesOffered",
    "Host",
    "HostSelected",
    "HostUnknown",
    "IqRouter",
    "IqTracker",
    "JIDError",
    "Keys",
    "Kind",
    "Limits",
    "LocalProtocolError",
    "Message",
    "Milestone",
    "NegotiationFailed",
    "NoSuchUser",
    "Password",
    "PayloadError",
    "PeerLimits",
    "PeerSilent",
    "Prepared",
    "Presence",
    "Question",
    "Redirect",
    "ResumableSession",
    "Retry",
    "ServerConfig",
    "SessionReady",
    "Side",
    "Stanza",
    "StanzaError",
    "StanzaRejected",
    "StanzaTooLarge",
    "StoredKeys",
    "StreamClosing",
    "StreamError",
    "StreamFailed",
    "StreamOpened",
    "StreamState",
    "Timeouts",
    "TlsFailed",
    "TlsInfo",
    "TlsUpgrade",
    "TraceRecord",
    "UnsafeExpat",
    "WriteError",
    "XMPPError",
    "prepare",
]
