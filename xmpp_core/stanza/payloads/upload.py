"""HTTP file upload: a place on a web server to put a file at.

XEP-0363, version 1.2.0, Draft; sections 3 to 7 and 9.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ...errors import PayloadError
from ..payload import (
    SOME_TEXT,
    URI,
    XMPP_DATETIME,
    Spec,
    attribute,
    child,
    child_attribute,
    child_text,
    children,
    datetime,
    element_name,
    enum,
    integer,
    payload,
    text,
)
from .disco import DiscoInfo
from .disco_extensions import extension

__all__ = [
    "HEADERS",
    "NAMESPACE",
    "PURPOSES",
    "SPEC",
    "FileTooLarge",
    "Purpose",
    "UploadHeader",
    "UploadPurpose",
    "UploadPut",
    "UploadRequest",
    "UploadRetry",
    "UploadSlot",
    "max_file_size",
    "purposes",
]

SPEC: Final = Spec(363, "1.2.0", "Draft", "HTTP File Upload")
NAMESPACE: Final = "urn:xmpp:http:upload:0"
PURPOSES: Final = "urn:xmpp:http:upload:purpose:0"
HEADERS: Final = frozenset({"authorization", "cookie", "expires"})
"""The names of headers that may be sent on, in lower case: no others (section 4)."""

_SIZE: Final = integer(1, 2**63 - 1)
_NO_NEWLINES: Final = str.maketrans("", "", "\r\n")


class Purpose(Enum):
    """What a file is for: how long it is kept depends on it (section 5)."""

    MESSAGE = "message"
    PROFILE = "profile"
    EPHEMERAL = "ephemeral"
    PERMANENT = "permanent"


@payload(PURPOSES, tuple(one.value for one in Purpose))
class UploadPurpose:
    """What the file of a request is for (section 5)."""

    purpose: Purpose = element_name(codec=enum(Purpose))
    expire_before: datetime | None = attribute(codec=XMPP_DATETIME, default=None)
    """When an ephemeral file must be gone."""

    def validate(self) -> None:
        """Ask for the time where, and only where, it means something."""
        if (self.purpose is Purpose.EPHEMERAL) != (self.expire_before is not None):
            raise PayloadError("@expire-before", "the time of an ephemeral file alone (XEP-0363 section 5.3)")


@payload(NAMESPACE, "request")
class UploadRequest:
    """A request for a place for one file (section 4)."""

    filename: str = attribute(codec=SOME_TEXT)
    size: int = attribute(codec=_SIZE)
    """In octets."""
    content_type: str | None = attribute(default=None)
    purpose: UploadPurpose | None = child(UploadPurpose, default=None)
    """None: a message."""


@payload(NAMESPACE, "header")
class UploadHeader:
    """A header that a service wants sent with the file (section 4). Which of them are: `UploadPut.allowed`."""

    name: str = attribute()
    value: str = text(default="")


@payload(NAMESPACE, "put")
class UploadPut:
    """Where to put the file, and what to send with it (section 4)."""

    url: str = attribute(codec=URI)
    headers: tuple[UploadHeader, ...] = children(UploadHeader, default=())

    @property
    def allowed(self) -> tuple[tuple[str, str], ...]:
        """The headers to send, name and value, in their order.

        Only those that may be, and without line breaks, with which a service could add others (section 4).
        """
        clean = ((one.name.translate(_NO_NEWLINES), one.value.translate(_NO_NEWLINES)) for one in self.headers)
        return tuple((name, value) for name, value in clean if name.lower() in HEADERS)


@payload(NAMESPACE, "slot")
class UploadSlot:
    """A place for the file of a request (section 4)."""

    put: UploadPut = child(UploadPut)
    get: str = child_attribute("url", codec=URI)
    """Where it is then; whoever knows this can have it."""

    @property
    def secure(self) -> bool:
        """Whether both are https, as they must be (section 4). A client does not use a slot that is not."""
        return all(url[:8].lower() == "https://" for url in (self.put.url, self.get))


@payload(NAMESPACE, "file-too-large")
class FileTooLarge:
    """In a stanza error: the file is too large (section 6)."""

    max_file_size: int | None = child_text(codec=_SIZE, default=None)


@payload(NAMESPACE, "retry")
class UploadRetry:
    """In a stanza error: when to try again (section 6)."""

    stamp: datetime = attribute(codec=XMPP_DATETIME)


def max_file_size(info: DiscoInfo) -> int | None:
    """Give the octets that a service takes at most, None if it does not say so with a number (section 3)."""
    form = extension(info, NAMESPACE)
    value = None if form is None else form.value("max-file-size")
    try:
        return None if value is None else _SIZE.read(value)
    except ValueError:
        return None


def purposes(info: DiscoInfo) -> frozenset[Purpose]:
    """Give the purposes that a service tells apart (section 5); that of a message is there with every service."""
    named = {one for one in Purpose if info.has(f"{PURPOSES}#{one.value}")}
    return frozenset(named | {Purpose.MESSAGE})
