"""What a feature function gives back: data, which the connection applies in order."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from ..jid import JID
from .context import Milestone, TlsInfo
from .events import Cause, Event, Question, Retry

if TYPE_CHECKING:
    from .extension import StreamExtension

__all__ = ["Ask", "Continue", "Done", "Refused", "Restart", "Step"]


class Restart(enum.Enum):
    """What follows a feature that is done."""

    NONE = "the stream goes on"
    STREAM = "both sides send new headers; octets already received belong to the new stream"
    TLS = "as STREAM, over TLS: nothing learnt before it is kept"


@dataclass(frozen=True, slots=True)
class Continue:
    """The exchange goes on: `send` the elements, deliver the events, keep `state`."""

    state: object = None
    send: tuple[Element, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """The exchange cannot go on without a decision of the host.

    The elements leave before the question is put. With `exclusive` not one octet of the peer may
    arrive before the answer (RFC 6120 section 5.3.3).
    """

    question: Question[Any]
    state: object = None
    send: tuple[Element, ...] = ()
    events: tuple[Event, ...] = ()
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """The feature was negotiated. Applied in the order: send, addresses and grants, install, restart, events."""

    grants: Milestone = Milestone.NONE
    restart: Restart = Restart.NONE
    install: tuple[StreamExtension, ...] = ()
    send: tuple[Element, ...] = ()
    events: tuple[Event, ...] = ()
    local: JID | None = None
    peer: JID | None = None
    tls: TlsInfo | None = None
    resumed: bool = False
    announce: bool = False
    """Without a restart: new stream features follow at once (RFC 6120 section 4.3.4)."""
    state: object = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The exchange failed.

    With `again` the stream goes on and the feature may be tried anew with `state` kept (a receiving
    entity counts its attempts there). Otherwise the connection ends with `cause`: after `<stream:error/>`
    with `stream_error` if given, with the closing tag alone if not, and with no octet if `silent`.
    """

    condition: str
    detail: str
    cause: Cause = Cause.NEGOTIATION_FAILED
    send: tuple[Element, ...] = ()
    events: tuple[Event, ...] = ()
    state: object = None
    again: bool = False
    stream_error: str | None = None
    silent: bool = False
    local: bool = True
    """Whether this side refused."""
    retry: Retry = Retry.NEVER
    text: str | None = None


Step = Continue | Ask | Done | Refused
