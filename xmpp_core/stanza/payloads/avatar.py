"""User avatars: a picture at one node of the own account, what is said about it at another.

XEP-0084, version 1.1.4, Draft; sections 3, 4 and 11.
"""

from __future__ import annotations

import hashlib
from typing import Final
from xml.etree.ElementTree import Element

from ...errors import PayloadError
from ..payload import (
    BASE64_LINES,
    UNSIGNED_INT,
    UNSIGNED_SHORT,
    URI,
    Spec,
    any_child,
    attribute,
    children,
    pattern,
    payload,
    text,
)
from .pubsub import NodeItem, Publish, Pubsub

__all__ = [
    "AVATAR_DATA",
    "AVATAR_METADATA",
    "SPEC",
    "AvatarData",
    "AvatarInfo",
    "AvatarMetadata",
    "AvatarPointer",
    "avatar_id",
    "no_avatar",
    "publish_avatar",
]

SPEC: Final = Spec(84, "1.1.4", "Draft", "User Avatar")
AVATAR_DATA: Final = "urn:xmpp:avatar:data"
"""The namespace, and the node."""
AVATAR_METADATA: Final = "urn:xmpp:avatar:metadata"
"""The namespace, and the node."""

_PNG: Final = "image/png"
_MEDIA_TYPE: Final = pattern(r"(?is)(?:image|video)/.+", "a type of image or video (XEP-0084 section 4.2.1)")


def avatar_id(image: bytes) -> str:
    """Give the id of an image: its SHA-1, in hexadecimal (sections 3.1 and 4.2.1)."""
    return hashlib.sha1(image, usedforsecurity=False).hexdigest()


@payload(AVATAR_DATA, "data")
class AvatarData:
    """The picture itself, as image/png (section 4.1)."""

    data: bytes = text(codec=BASE64_LINES)

    def is_of(self, id: str) -> bool:
        """Whether this is the picture with that id; one that is not was mixed up on the way (section 3.1)."""
        return avatar_id(self.data) == id.lower()


@payload(AVATAR_METADATA, "info")
class AvatarInfo:
    """One format of the picture (section 4.2.1)."""

    id: str = attribute()
    """The SHA-1 of the octets in hexadecimal; the id of the item at the other node, if there is no `url`."""
    bytes: int = attribute(codec=UNSIGNED_INT)
    """How many octets."""
    type: str = attribute(codec=_MEDIA_TYPE)
    width: int | None = attribute(codec=UNSIGNED_SHORT, default=None)
    """In pixels."""
    height: int | None = attribute(codec=UNSIGNED_SHORT, default=None)
    """In pixels."""
    url: str | None = attribute(codec=URI, default=None)
    """Where it is to be had by HTTP; None: at the data node."""


@payload(AVATAR_METADATA, "pointer")
class AvatarPointer:
    """The picture at somebody else's service (section 4.2.2)."""

    content: Element | None = any_child(default=None)
    id: str | None = attribute(default=None)
    bytes: int | None = attribute(codec=UNSIGNED_INT, default=None)
    type: str | None = attribute(codec=_MEDIA_TYPE, default=None)
    width: int | None = attribute(codec=UNSIGNED_SHORT, default=None)
    height: int | None = attribute(codec=UNSIGNED_SHORT, default=None)


@payload(AVATAR_METADATA, "metadata")
class AvatarMetadata:
    """The picture in its formats; without any, there is none (sections 3.5 and 4.2)."""

    infos: tuple[AvatarInfo, ...] = children(AvatarInfo, default=())
    pointers: tuple[AvatarPointer, ...] = children(AvatarPointer, default=())

    def validate(self) -> None:
        """Ask for a format that everybody can show, where there is a pointer."""
        if self.pointers and not self.infos:
            raise PayloadError("info", "an info before a pointer (XEP-0084 section 4.2.2)")

    @property
    def published(self) -> AvatarInfo | None:
        """The format that is at the data node (section 3.4)."""
        return next((one for one in self.infos if one.url is None), None)


def publish_avatar(image: bytes, *, width: int | None = None, height: int | None = None) -> tuple[Pubsub, Pubsub]:
    """Give the two requests that publish a picture, of type image/png; in this order (sections 3.1 and 3.2)."""
    id = avatar_id(image)
    info = AvatarInfo(id, len(image), _PNG, width, height)
    return (
        Pubsub(Publish(AVATAR_DATA, (NodeItem.of(AvatarData(image), id),))),
        Pubsub(Publish(AVATAR_METADATA, (NodeItem.of(AvatarMetadata((info,)), id),))),
    )


def no_avatar() -> Pubsub:
    """Give the request that says there is no picture (section 3.5)."""
    return Pubsub(Publish(AVATAR_METADATA, (NodeItem.of(AvatarMetadata()),)))
