"""Spoilers: a message that is only shown to who asks for it.

XEP-0382, version 0.2.0, Deferred; sections 3 and 4.
"""

from __future__ import annotations

from typing import Final

from ...namespaces import XML_LANG
from ..message import Message
from ..payload import LANGUAGE, Spec, attribute, payload, text

__all__ = ["NAMESPACE", "SPEC", "Spoiler", "spoiler_hints"]

SPEC: Final = Spec(382, "0.2.0", "Deferred", "Spoiler messages")
NAMESPACE: Final = "urn:xmpp:spoiler:0"


@payload(NAMESPACE, "spoiler")
class Spoiler:
    """Says that the message is to be covered (section 3); one for each language of the hint."""

    hint: str = text(default="")
    """What it is about, shown before."""
    lang: str | None = attribute(XML_LANG, codec=LANGUAGE, default=None)


def spoiler_hints(message: Message) -> dict[str | None, str] | None:
    """Give the hints of a message by language, `{}` if it has none; None if it is no spoiler (section 3).

    Raises `PayloadError` for a hint whose language is none.
    """
    found = message.get_all(Spoiler)
    return {one.lang: one.hint for one in reversed(found) if one.hint} if found else None
