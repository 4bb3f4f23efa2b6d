"""Message replies: which message a message answers.

XEP-0461, version 0.2.1, Experimental; sections 3 and 4.
"""

from __future__ import annotations

from typing import Final

from ...jid import JID
from ..message import Message
from ..payload import Spec, attribute, payload
from .fallback import Fallback, Part, Region
from .stanza_ids import reference_id

__all__ = ["NAMESPACE", "SPEC", "Reply", "quoted", "reply"]

SPEC: Final = Spec(461, "0.2.1", "Experimental", "Message Replies")
NAMESPACE: Final = "urn:xmpp:reply:0"


@payload(NAMESPACE, "reply")
class Reply:
    """Says that the message answers another, and no other than that (sections 3 and 4)."""

    id: str = attribute()
    """In a room the id the room has given, else the origin id, else that of the stanza (section 4.1)."""
    to: JID | None = attribute(default=None)
    """Who wrote the other message."""


def quoted(text: str, original: str, author: str | None = None) -> tuple[str, Fallback]:
    """Give a body that begins with the answered message as a quotation, and what says so (section 3.1).

    For those who do not understand replies; `author` is who wrote it, for people.
    """
    said = original if author is None else f"{author} wrote:\n{original}"
    head = "".join(f"> {line}\n" for line in said.split("\n"))
    return head + text, Fallback(NAMESPACE, (Region(Part.BODY, 0, len(head)),))


def reply(
    original: Message, text: str, *, id: str | None = None, author: str | None = None, announced: bool = False
) -> Message:
    """Give the message that answers another; with `author`, the name of who wrote it, it quotes it for older clients.

    `announced` says whether the room announces stanza ids. Raises `ValueError` for what cannot be answered: a
    message nobody can speak of, as it has no id (section 4.1), or one without a sender.
    """
    about = reference_id(original, announced=announced)
    if not about or original.from_ is None:
        raise ValueError("a message without an id or a sender cannot be answered (XEP-0461 section 4.1)")
    groupchat = original.type == "groupchat"
    answered = Reply(about, original.from_)
    to = original.from_.bare if groupchat else original.from_
    if author is None or original.body is None:
        return Message(to=to, id=id, type=original.type, body=text, payloads=[answered])
    body, fallback = quoted(text, original.body, author)
    return Message(to=to, id=id, type=original.type, body=body, payloads=[answered, fallback])
