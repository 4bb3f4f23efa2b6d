"""Server dialback: a server asks another, by its domain, whether a stream is its own.

XEP-0220, version 1.1.1, Draft; section 2. The elements alone; they stand at the level of the stream.
"""

from __future__ import annotations

import hashlib
import hmac
from enum import Enum
from typing import Final
from xml.etree.ElementTree import Element

from ...errors import PayloadError
from ...jid import JID
from ...namespaces import STANZA_ERRORS
from ...xml.names import split
from ..conditions import CONDITIONS
from ..payload import SOME_TEXT, Spec, attribute, enum, flag, payload, rest, text

__all__ = [
    "FEATURE",
    "NAMESPACE",
    "SPEC",
    "DialbackFeature",
    "DialbackResult",
    "DialbackVerify",
    "Validity",
    "dialback_key",
]

SPEC: Final = Spec(220, "1.1.1", "Draft", "Server Dialback")
NAMESPACE: Final = "jabber:server:dialback"
FEATURE: Final = "urn:xmpp:features:dialback"


class Validity(Enum):
    """What an answer says."""

    ERROR = "error"
    INVALID = "invalid"
    VALID = "valid"


@payload(FEATURE, "dialback")
class DialbackFeature:
    """In stream features (section 2.4.2)."""

    errors: bool = flag(default=False)
    """It knows answers that are errors."""


@payload(NAMESPACE, "result")
class DialbackResult:
    """The key, from the initiating server, or what became of it (sections 2.1.1 and 2.2.1)."""

    from_: JID = attribute("from")
    to: JID = attribute()
    type: Validity | None = attribute(codec=enum(Validity), default=None)
    """None: it is the key."""
    key: str = text(default="")
    errors: tuple[Element, ...] = rest(default=())
    """An element `error` with a condition, if the type says so."""

    def validate(self) -> None:
        """A key stands where there is no type."""
        _ask_for_key(self.type, self.key)

    @property
    def condition(self) -> str | None:
        """The condition of an error, None if there is none that is known."""
        return _condition(self.errors)


@payload(NAMESPACE, "verify")
class DialbackVerify:
    """The question to the authoritative server whether a key is its own, or its answer (sections 2.1.2 and 2.2.2)."""

    from_: JID = attribute("from")
    to: JID = attribute()
    id: str = attribute(codec=SOME_TEXT)
    """The id of the stream that the key came over."""
    type: Validity | None = attribute(codec=enum(Validity), default=None)
    key: str = text(default="")
    errors: tuple[Element, ...] = rest(default=())

    def validate(self) -> None:
        """A key stands where there is no type."""
        _ask_for_key(self.type, self.key)

    @property
    def condition(self) -> str | None:
        """The condition of an error, None if there is none that is known."""
        return _condition(self.errors)


def dialback_key(secret: str, target: str, sender: str, stream_id: str) -> str:
    """Make the key of one stream for a pair of domains, as anybody who knows the secret can again (XEP-0185 section 3).

    `stream_id` is what the receiving server gave the stream.
    """
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return hmac.new(digest.encode(), f"{target} {sender} {stream_id}".encode(), hashlib.sha256).hexdigest()


def _ask_for_key(type: Validity | None, key: str) -> None:
    if type is None and not key.strip():
        raise PayloadError(".", "a dialback key (XEP-0220 section 2)")


def _condition(errors: tuple[Element, ...]) -> str | None:
    names = (split(one.tag) for error in errors for one in error)
    return next((name for space, name in names if space == STANZA_ERRORS and name in CONDITIONS), None)
