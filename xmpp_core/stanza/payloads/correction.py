"""Last message correction: a message that takes the place of one sent before.

XEP-0308, version 1.2.1, Draft; sections 3 to 5.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Final

from ...jid import JID
from ..message import Message
from ..payload import Spec, attribute, payload

__all__ = ["NAMESPACE", "SPEC", "Corrected", "Replace", "corrected", "corrects", "sender_of"]

SPEC: Final = Spec(308, "1.2.1", "Draft", "Last Message Correction")
NAMESPACE: Final = "urn:xmpp:message-correct:0"


@payload(NAMESPACE, "replace")
class Replace:
    """Says that the message replaces all payloads of the one with this id, by the same sender (section 3)."""

    id: str = attribute()
    """That of the first message, however often it was corrected (section 4)."""


def sender_of(message: Message, *, of_room: bool | None = None) -> tuple[bool, JID | None]:
    """Give what has to be the same in two messages for their sender to be, as far as addresses tell (section 4).

    In direct conversation that is the bare address; in a room, and in private through one (`of_room`), the full
    one. Whether an occupant of that name is still the same user, presence or occupant ids tell (section 5).
    """
    groupchat = message.type == "groupchat"
    address = message.from_
    if address is None or of_room or (of_room is None and groupchat):
        return groupchat, address
    return groupchat, address.bare


def corrects(original: Message, correction: Message, *, of_room: bool | None = None) -> bool:
    """Whether a message may take the place of another: it names it and is from the same sender (section 4)."""
    if original.is_error or correction.is_error or not original.id:
        return False
    found = _replaced(correction)
    if found is None or found != original.id:
        return False
    return sender_of(original, of_room=of_room) == sender_of(correction, of_room=of_room)


@dataclass(frozen=True, slots=True)
class Corrected:
    """A message with all that has taken its place, the latest last."""

    versions: tuple[Message, ...]

    @property
    def original(self) -> Message:
        """The first of them: the others are spoken of by its id."""
        return self.versions[0]

    @property
    def shown(self) -> Message:
        """The last of them: all of what counts (section 3)."""
        return self.versions[-1]

    @property
    def edited(self) -> bool:
        """Whether the reader is to be told that it is not what was sent first (section 4)."""
        return len(self.versions) > 1


def corrected(
    messages: Iterable[Message], *, sender: Callable[[Message], Hashable] = sender_of
) -> tuple[Corrected, ...]:
    """Go through a conversation, oldest first, and put each correction into the place of what it corrects.

    `sender` gives what is the same for all messages of one sender: in a room its occupant id. A correction of what
    is not there, or is another's, stands for itself. One that names an earlier correction counts for the first
    message all the same.
    """
    found: list[list[Message]] = []
    places: dict[tuple[str, Hashable], int] = {}
    for message in messages:
        if message.is_error:
            found.append([message])
            continue
        who = sender(message)
        replaced = _replaced(message)
        place = None if replaced is None else places.get((replaced, who))
        if place is None:
            place = len(found)
            found.append([])
        found[place].append(message)
        if message.id:
            places[message.id, who] = place
    return tuple(Corrected(tuple(one)) for one in found)


def _replaced(message: Message) -> str | None:
    """Give the id of what a message corrects; one that does not say it rightly corrects nothing."""
    found = message.child(f"{{{NAMESPACE}}}replace")
    return None if found is None else found.get("id")
