"""What a transcript tells beside the streams: the engine's events and what its host did, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from .row import Level, Row
from .sources import Noted

__all__ = ["ENDS", "note"]

ENDS: Final = frozenset({"Closed", "StreamFailed"})
"""The events that end a connection."""

# Said over the stream already, in the same words.
_SILENT: Final = frozenset({"StreamOpened", "FeaturesOffered", "StreamClosing", "Message", "Presence", "IQ"})

_Data = dict[str, Any]
# By name: what to say of it, the section, how good it is.
_NOTES: Final[dict[str, tuple[Callable[[_Data], str], str, Level]]] = {
    "start with TLS": (lambda _: "TLS is in place from the start", "XEP-0368", Level.GOOD),
    "eof": (lambda _: "the transport ended", "RFC 6120 section 4.4", Level.PLAIN),
    "deadline": (lambda _: "a deadline fell due", "RFC 6120 section 4.6", Level.PLAIN),
    "unreadable": (lambda data: f"the record cannot be read: {data['reason']}", "", Level.ERROR),
    "TlsUpgrade": (lambda _: "the host is to run the TLS handshake", "RFC 6120 section 5.4.3", Level.PLAIN),
    "HostSelected": (
        lambda data: f"the host is asked whether {data.get('to')} is served here",
        "RFC 6120 section 4.9.3.6",
        Level.PLAIN,
    ),
    "CredentialsLookup": (
        lambda data: f"the host is asked what is stored of {data.get('username')}",
        "RFC 6120 section 6.4",
        Level.PLAIN,
    ),
    "DeriveKey": (lambda _: "the host is to derive a key from the password", "RFC 5802 section 3", Level.PLAIN),
    "AuthorizeAs": (
        lambda data: f"the host is asked whether {data.get('authcid')} may act as {data.get('authzid')}",
        "RFC 6120 section 6.3.8",
        Level.PLAIN,
    ),
    "BindRequested": (
        lambda data: f"the host is asked to bind a resource of {data.get('account')}",
        "RFC 6120 section 7",
        Level.PLAIN,
    ),
    "Authenticated": (
        lambda data: f"{data.get('jid')} is authenticated by {data.get('mechanism')}",
        "RFC 6120 section 6.4.6",
        Level.GOOD,
    ),
    "SessionReady": (
        lambda data: f"stanzas may flow, {data.get('jid')}" + (" is resumed" if data.get("resumed") else ""),
        "RFC 6120 section 4.3.5",
        Level.GOOD,
    ),
    "NegotiationFailed": (
        lambda data: f"{data.get('feature')} was refused with <{data.get('condition')}/>, and the stream goes on",
        "RFC 6120 section 4.3",
        Level.WARNING,
    ),
    "StanzaRejected": (
        lambda data: (
            f"a stanza is not delivered, which earns <{data.get('condition')}/>: {data.get('reason')}"
            + ("" if data.get("answered") else " (not answered)")
        ),
        "RFC 6120 section 8.3",
        Level.WARNING,
    ),
    "PeerSilent": (
        lambda data: f"time-out near: nothing came from the peer for {data.get('seconds')} s",
        "RFC 6120 section 4.6.2",
        Level.WARNING,
    ),
    "Closed": (
        lambda data: (
            f"closed by {'this side' if data.get('local') else 'the peer'}"
            + ("" if data.get("clean", True) else "; the closing tag of the peer never came")
        ),
        "RFC 6120 section 4.4",
        Level.GOOD,
    ),
    "StreamFailed": (lambda data: _failed(data), "RFC 6120 section 4.9", Level.ERROR),
}
_CAUSES: Final = {
    "PEER_ERROR": "the peer sent a stream error",
    "DEADLINE": "time-out",
    "END_OF_DATA": "the transport ended without a closing tag",
}


def note(noted: Noted) -> Row | None:
    """Say what happened; None for what the streams say themselves."""
    if noted.what in _SILENT:
        return None
    known = _NOTES.get(noted.what)
    if known is None:
        return Row(noted.at, None, f"event {noted.what}")
    words, section, level = known
    data = noted.data
    if noted.what == "Closed" and not data.get("clean", True):
        level = Level.WARNING
    own = data.get("section")
    return Row(
        noted.at,
        None,
        words(data),
        own if isinstance(own, str) and own else section,
        state="session ready" if noted.what == "SessionReady" else "",
        level=level,
    )


def _failed(data: _Data) -> str:
    cause = _CAUSES.get(str(data.get("cause")), str(data.get("cause", "")).lower().replace("_", " "))
    words = f"failed: {cause}"
    if data.get("detail"):
        words += f", {data['detail']}"
    if data.get("position") is not None:
        words += f" at octet {data['position']} of that stream"
    if data.get("condition"):
        words += f"; {'this side' if data.get('local') else 'the peer'} ended it with <{data['condition']}/>"
    retry = {"NOW": "at once", "LATER": "after a delay", "NEVER": "not before something is changed"}
    again = retry.get(str(data.get("retry")))
    words += f"; connect again {again}" if again else ""
    return words
