"""Avatars in vCards: presence says which picture the vCard holds.

XEP-0153, version 1.1.1, Active; sections 3, 4 and 9.
"""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import Final

from ..payload import HEX, Spec, child_text, payload
from .vcard_temp import VCard

__all__ = ["NAMESPACE", "SPEC", "AvatarUpdate", "Response", "judge_own_resource", "photo_hash"]

SPEC: Final = Spec(153, "1.1.1", "Active", "vCard-Based Avatars")
NAMESPACE: Final = "vcard-temp:x:update"


@payload(NAMESPACE, "x")
class AvatarUpdate:
    """In presence: which picture the vCard holds (section 4.1)."""

    photo: bytes | None = child_text(codec=HEX, default=None)
    """The SHA-1 of the octets; empty: there is no picture; None: the client cannot say yet."""


class Response(Enum):
    """What a client does upon presence of another resource of its own account (section 4.3)."""

    IGNORE = "ignore"
    """It goes on saying what it says."""
    STOP = "stop"
    """It stops saying which picture there is: that resource may change it without a word."""
    RETRIEVE = "retrieve"
    """It retrieves the vCard, and stops if that has no picture."""
    RESET = "reset"
    """It says nothing of a picture, retrieves the vCard and says what that holds (section 4.4)."""


def photo_hash(card: VCard) -> bytes:
    """Give what presence says of the picture of a vCard; empty if it has none (sections 3.1 and 4.4)."""
    image = next((one.binval for one in card.photos if one.binval), None)
    return hashlib.sha1(image, usedforsecurity=False).digest() if image else b""


def judge_own_resource(update: AvatarUpdate | None, own: bytes | None) -> Response:
    """Say what to do upon presence of another own resource, `own` being the hash we say (section 4.3)."""
    if update is None:
        return Response.STOP
    if update.photo is None:
        return Response.IGNORE
    if not update.photo:
        return Response.RETRIEVE
    return Response.IGNORE if update.photo == own else Response.RESET
