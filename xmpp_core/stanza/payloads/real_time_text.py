"""Real-time text: a message is seen while it is being written.

XEP-0301, version 1.0, Draft; sections 4.1 to 4.7.

`RealTimeMessage` is what a reader sees of one that is not complete yet: a value, each element gives the next.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ...errors import PayloadError
from ..payload import UNSIGNED_INT, Spec, attribute, choices, integer, payload, text

__all__ = [
    "NAMESPACE",
    "SPEC",
    "EraseText",
    "InsertText",
    "RealTimeMessage",
    "RealTimeText",
    "RttEvent",
    "Wait",
    "edits",
]

SPEC: Final = Spec(301, "1.0", "Draft", "In-Band Real Time Text")
NAMESPACE: Final = "urn:xmpp:rtt:0"

# Nobody sends negative ones; who gets them takes them for 0 (section 4.6.2).
_PLACE: Final = integer(-(2**31), 2**32 - 1)


class RttEvent(Enum):
    """What an element does (section 4.2.2)."""

    NEW = "new"
    """Begins a message."""
    RESET = "reset"
    """Begins it again: sent from time to time, for those who have missed a part (section 4.7.3)."""
    EDIT = "edit"
    INIT = "init"
    """Real-time text is on; there is no message yet."""
    CANCEL = "cancel"
    """It is off."""


@payload(NAMESPACE, "t")
class InsertText:
    """Inserts text before the character `p`, or at the end (section 4.6.3)."""

    text: str = text(default="")
    p: int | None = attribute(codec=_PLACE, default=None)


@payload(NAMESPACE, "e")
class EraseText:
    """Erases `n` characters before the character `p`, or the last ones (section 4.6.3)."""

    n: int = attribute(codec=_PLACE, default=1)
    p: int | None = attribute(codec=_PLACE, default=None)


@payload(NAMESPACE, "w")
class Wait:
    """Waits so many milliseconds before it goes on, as the writer did (section 4.6.3)."""

    n: int = attribute(codec=UNSIGNED_INT)


@payload(NAMESPACE, "rtt")
class RealTimeText:
    """A step in the writing of a message (section 4.1), of which a message stanza has one at most."""

    seq: int = attribute(codec=integer(0, 2**31 - 1))
    """One more than that of the step before (section 4.2.1)."""
    event: RttEvent = attribute(default=RttEvent.EDIT)
    id: str | None = attribute(default=None)
    """Of the message that is being corrected (section 7.5.3)."""
    actions: tuple[InsertText | EraseText | Wait, ...] = choices(InsertText, EraseText, Wait, default=())

    def validate(self) -> None:
        """Ask for no actions where there is no message."""
        if self.actions and self.event in (RttEvent.INIT, RttEvent.CANCEL):
            raise PayloadError("*", "no actions with this event (XEP-0301 section 4.2.2)")


@dataclass(frozen=True, slots=True)
class RealTimeMessage:
    """The message of one writer, as far as it is known; the body, when it comes, takes its place (section 4.4)."""

    text: str = ""
    seq: int | None = None
    """That of the last step; None: there is no message."""
    in_sync: bool = True
    """Whether no step was missed: if not, nothing changes until the message begins again (section 4.7.2)."""
    id: str | None = None
    """Of the message that is being corrected."""

    def after(self, step: RealTimeText) -> RealTimeMessage:
        """Give what it is after a step (section 4.3). How long to wait between is for who shows it."""
        event = step.event
        if event is RttEvent.INIT:
            return self
        if event is RttEvent.CANCEL:
            return RealTimeMessage()
        if event is RttEvent.EDIT:
            if not self.in_sync or self.seq is None or step.seq != self.seq + 1:
                return dataclasses.replace(self, in_sync=False)
            return dataclasses.replace(self, text=_acted(self.text, step), seq=step.seq)
        return RealTimeMessage(_acted("", step), step.seq, True, step.id)


def _acted(text: str, step: RealTimeText) -> str:
    """Do the actions; places outside the text are taken to its nearer end, as code points count (section 4.6.2)."""
    for one in step.actions:
        if isinstance(one, Wait):
            continue
        place = len(text) if one.p is None else min(max(one.p, 0), len(text))
        if isinstance(one, InsertText):
            text = text[:place] + one.text + text[place:]
        else:
            text = text[: max(place - max(one.n, 0), 0)] + text[place:]
    return text


def edits(old: str, new: str) -> tuple[InsertText | EraseText, ...]:
    """Give the actions that make one text of another: what differs between their common ends (section 7.3.1)."""
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    erased, inserted = len(old) - head - tail, new[head : len(new) - tail]
    made: list[InsertText | EraseText] = []
    if erased:
        made.append(EraseText(erased, head + erased if tail else None))
    if inserted:
        made.append(InsertText(inserted, head if tail else None))
    return tuple(made)
