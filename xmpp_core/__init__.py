"""The XMPP protocol engine: octets in, events and octets out, and no I/O of its own."""

from __future__ import annotations

from .errors import ConnectionClosed, LocalProtocolError, PayloadError, UnsafeExpat, WriteError, XMPPError
from .features.bind import BindRefused, BindRequested, Bound
from .features.logins import (
    AnonymousLogin,
    Authenticated,
    AuthorizeAs,
    BearerLogin,
    CertificateLogin,
    CredentialsLookup,
    DeriveKey,
    MechanismQuestion,
    TokenLookup,
)
from .features.starttls import TlsUpgrade
from .jid import JID, JIDError
from .limits import CLIENT_LIMITS, Limits, Timeouts
from .profiles import ClientConfig, ServerConfig
from .sasl.credentials import (
    Anonymous,
    Certificate,
    Disabled,
    Keys,
    NoSuchUser,
    Password,
    StoredKeys,
    Token,
    Unavailable,
)
from .sasl.logins import Authorized, BearerDenied, Denied, StoredTokens
from .sasl.mechanism import Strength
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
    "Anonymous",
    "AnonymousLogin",
    "Authenticated",
    "AuthorizeAs",
    "Authorized",
    "BearerDenied",
    "BearerLogin",
    "BindRefused",
    "BindRequested",
    "Bound",
    "Cause",
    "Certificate",
    "CertificateLogin",
    "ClientConfig",
    "Closed",
    "Connection",
    "ConnectionClosed",
    "CredentialsLookup",
    "Denied",
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
    "MechanismQuestion",
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
    "StoredTokens",
    "StreamClosing",
    "StreamError",
    "StreamFailed",
    "StreamOpened",
    "StreamState",
    "Strength",
    "Timeouts",
    "TlsFailed",
    "TlsInfo",
    "TlsUpgrade",
    "Token",
    "TokenLookup",
    "TraceRecord",
    "Unavailable",
    "UnsafeExpat",
    "WriteError",
    "XMPPError",
    "prepare",
]
