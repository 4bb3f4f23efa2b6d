"""The XMPP protocol engine: octets in, events and octets out, and no I/O of its own."""

from __future__ import annotations

from .errors import ConnectionClosed, LocalProtocolError, PayloadError, UnsafeExpat, WriteError, XMPPError
from .features.bind import BindRefused, BindRequested, Bound
from .features.bind2 import BoundInline
from .features.fast import Fast, TokenDenied, TokenIssue, TokenKept, TokenReceived, TokenRejected, TokenStays, TokenUsed
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
from .features.sasl2_pipelining import KnownServer, ServerKnown
from .features.sasl2_tasks import NoTasks, TasksDue, TasksWanted
from .features.sasl2_upgrade import KeysUpgraded
from .features.starttls import TlsUpgrade
from .features.user_agent import UserAgent
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
from .stanza import IQ, IqRefused, IqRouter, IqTracker, Message, Presence, Stanza, StanzaError
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
from .stream.words import Catalogue, Words

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
    "BoundInline",
    "Catalogue",
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
    "Fast",
    "FeaturesOffered",
    "Host",
    "HostSelected",
    "HostUnknown",
    "IqRefused",
    "IqRouter",
    "IqTracker",
    "JIDError",
    "Keys",
    "KeysUpgraded",
    "Kind",
    "KnownServer",
    "Limits",
    "LocalProtocolError",
    "MechanismQuestion",
    "Message",
    "Milestone",
    "NegotiationFailed",
    "NoSuchUser",
    "NoTasks",
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
    "ServerKnown",
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
    "TasksDue",
    "TasksWanted",
    "Timeouts",
    "TlsFailed",
    "TlsInfo",
    "TlsUpgrade",
    "Token",
    "TokenDenied",
    "TokenIssue",
    "TokenKept",
    "TokenLookup",
    "TokenReceived",
    "TokenRejected",
    "TokenStays",
    "TokenUsed",
    "TraceRecord",
    "Unavailable",
    "UnsafeExpat",
    "UserAgent",
    "Words",
    "WriteError",
    "XMPPError",
    "prepare",
]
