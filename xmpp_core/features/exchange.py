"""What every profile of SASL in XMPP shares: how a mechanism sees the stream, and what an exchange comes to.

A profile is how the messages of a mechanism travel: in the elements of RFC 6120 section 6, or in those
of XEP-0388. `login.Login` runs the initiating side of a mechanism and `reception.Reception` the receiving
side; both give a `Turn`, which a profile turns into elements.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from ..jid import JID
from ..namespaces import SASL_CHANNEL_BINDING
from ..sasl import mechanism as sasl
from ..sasl.conditions import SaslCondition
from ..sasl.credentials import ClientKeys
from ..sasl.end_point import server_end_point
from ..stream.context import StreamContext
from ..stream.events import Question

__all__ = [
    "MOST_NAMES",
    "Accepted",
    "LoggedIn",
    "Put",
    "Say",
    "Turn",
    "binding_types_element",
    "binding_types_in",
    "channel_bindings",
    "decoded",
    "encoded",
    "not_kept",
    "sasl_context",
]

MOST_NAMES: Final = 64
"""Names of mechanisms or of channel-binding types that are read of one announcement."""

_BINDINGS: Final = f"{{{SASL_CHANNEL_BINDING}}}sasl-channel-binding"
_BINDING: Final = f"{{{SASL_CHANNEL_BINDING}}}channel-binding"


@dataclass(frozen=True, slots=True)
class Say:
    """Send `data` to the peer. None only at the start of a client's exchange: no initial response."""

    data: bytes | None = field(repr=False)
    state: Any


@dataclass(frozen=True, slots=True)
class Put:
    """Ask the host, and call `answered` with `state` and the answer."""

    question: Question[Any]
    state: Any


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Initiating: the exchange is over, and the server has proved what its mechanism lets it prove."""

    jid: JID
    """The account; the domain alone after ANONYMOUS."""
    mechanism: str
    keys: ClientKeys | None = field(repr=False)
    pin: int
    """The strength reached, or the higher one reached before."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Receiving: the client is `jid`. `data` goes with the success."""

    jid: JID
    mechanism: str
    data: bytes | None = field(repr=False)
    token: int | None = None
    """Index of the stored token that was proved, where a token was."""


Turn = Say | Put | LoggedIn | Accepted | sasl.Failed
"""What to do next. `Failed` ends the exchange: a server sends its condition, a client aborts."""


def sasl_context(
    context: StreamContext,
    offered: tuple[str, ...],
    types: tuple[str, ...] | None,
    *,
    secret: bytes = b"",
    types_must_be_announced: bool = False,
) -> sasl.SaslContext:
    """Show a mechanism what it may see of the stream."""
    tls = context.tls
    return sasl.SaslContext(
        secure=context.secure,
        tls_version=tls.version if tls is not None else None,
        extended_master_secret=tls.extended_master_secret if tls is not None else None,
        channel_bindings=channel_bindings(context),
        binding_types=types,
        types_must_be_announced=types_must_be_announced,
        offered=offered,
        domain=context.domain.domain if context.domain is not None else "",
        certified=tls is not None and tls.verified and bool(tls.peer_certificates),
        entropy=context.entropy,
        least_iterations=context.limits.least_iterations,
        most_iterations=context.limits.most_iterations,
        secret=secret,
    )


def channel_bindings(context: StreamContext) -> Mapping[str, bytes]:
    """Give what the host gave, and the end-point binding that follows from the server's certificate."""
    tls = context.tls
    if tls is None:
        return {}
    bindings = dict(tls.channel_bindings)
    certificate = (tls.peer_certificates or (None,))[0] if context.initiating else tls.local_certificate
    if certificate is not None and "tls-server-end-point" not in bindings:
        computed = server_end_point(certificate)
        if computed is not None:
            bindings["tls-server-end-point"] = computed
    return bindings


def binding_types_in(features: Element | None) -> tuple[str, ...] | None:
    """Read the channel-binding types announced in `<stream:features/>` (XEP-0440); None: none were."""
    found = features.find(_BINDINGS) if features is not None else None
    if found is None:
        return None
    return tuple(child.get("type", "") for child in found.iterfind(_BINDING))[:MOST_NAMES]


def binding_types_element(types: tuple[str, ...]) -> Element:
    """Announce channel-binding types (XEP-0440 section 2)."""
    bindings = Element(_BINDINGS)
    for one in types:
        SubElement(bindings, _BINDING, {"type": one})
    return bindings


def encoded(data: bytes, *, empty: str = "") -> str:
    """Write base64; `empty` is how this place of the profile writes no octets."""
    return base64.b64encode(data).decode("ascii") if data else empty


def not_kept() -> sasl.Failed:
    """Say that the client's proof was left out of a snapshot (RFC 6120 section 6.5.9)."""
    return sasl.Failed(SaslCondition.TEMPORARY_AUTH_FAILURE, "what the client sent was not kept in the snapshot")


def decoded(text: str | None) -> bytes | None:
    """Read base64 strictly (RFC 6120 section 6.4.2, RFC 4648): no white space, no bits left over.

    "=" is empty data, no text is no data. Raises `ValueError`.
    """
    if not text:
        return None
    if text == "=":
        return b""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("no base64") from None
    if base64.b64encode(data).decode("ascii") != text:
        raise ValueError("base64 that is not canonical")
    return data
