"""Message reactions: emojis that people attach to a message.

XEP-0444, version 0.2.1, Experimental; sections 2 to 4.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ...jid import JID
from ..payload import Spec, attribute, child_texts, datetime, payload
from .form_types import form_type
from .forms import Form

__all__ = ["NAMESPACE", "RESTRICTIONS", "SPEC", "ReactionRules", "ReactionState", "Reactions", "of_conversation"]

SPEC: Final = Spec(444, "0.2.1", "Experimental", "Message Reactions")
NAMESPACE: Final = "urn:xmpp:reactions:0"
RESTRICTIONS: Final = "urn:xmpp:reactions:0:restrictions"
"""The FORM_TYPE of the rules of who takes few emojis only (section 2.2)."""


@payload(NAMESPACE, "reactions")
class Reactions:
    """All the reactions of a sender to one message: they take the place of those he sent before (section 3).

    Without any, he takes them back. A message has one of these at most (section 4).
    """

    id: str = attribute()
    """Of the message: `stanza_ids.reference_id` (section 4.2)."""
    reactions: tuple[str, ...] = child_texts("reaction", default=())

    @property
    def emojis(self) -> tuple[str, ...]:
        """The reactions, each once, as what is there twice is to be ignored (section 4)."""
        return tuple(dict.fromkeys(self.reactions))


@dataclass(frozen=True, slots=True)
class ReactionRules:
    """Which reactions somebody takes (section 2.2)."""

    most: int | None = None
    """How many of one user; None: any number."""
    allowed: frozenset[str] | None = None
    """Which; None: all."""

    @classmethod
    def read(cls, form: Form) -> ReactionRules | None:
        """Read the form that is found among the service discovery of whoever has such rules; None for another form.

        A number that is none is no rule.
        """
        if form_type(form) != RESTRICTIONS:
            return None
        most = (form.value("max_reactions_per_user") or "").strip()
        number = int(most) if most.isascii() and most.isdecimal() and len(most) < 10 else None
        allowed = form.field("allowlist")
        return cls(number, None if allowed is None else frozenset(allowed.values))

    def admits(self, reactions: Reactions) -> bool:
        """Whether they are taken; if not, the answer is the error `not-acceptable` (section 3.3)."""
        emojis = reactions.emojis
        if self.most is not None and len(emojis) > self.most:
            return False
        return self.allowed is None or self.allowed.issuperset(emojis)


@dataclass(frozen=True, slots=True)
class ReactionState:
    """What everybody's reactions to one message are now: a value, each update gives the next.

    A sender is whatever is the same for all that one user sends: his bare address in conversation, in a room his
    real bare address or occupant id (section 4.1).
    """

    by_sender: Mapping[Hashable, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Those who have reacted, in the order of their first reaction."""
    _moments: Mapping[Hashable, datetime] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def updated(
        self, sender: Hashable, reactions: Reactions, moment: datetime, *, delayed: bool = False
    ) -> ReactionState:
        """Take in what a sender sent at a moment; a delayed one counts only if it is not older (section 4.1)."""
        last = self._moments.get(sender)
        if delayed and last is not None and moment < last:
            return self
        by_sender = dict(self.by_sender)
        if reactions.emojis:
            by_sender[sender] = reactions.emojis
        else:
            by_sender.pop(sender, None)
        moments = {**self._moments, sender: moment}
        return dataclasses.replace(self, by_sender=MappingProxyType(by_sender), _moments=MappingProxyType(moments))

    @property
    def counts(self) -> dict[str, int]:
        """How many have chosen each emoji, the most chosen first."""
        return dict(Counter(one for emojis in self.by_sender.values() for one in emojis).most_common())


def of_conversation(sender: JID, parties: Collection[JID]) -> bool:
    """Whether a reaction comes from one of the two who speak with each other (section 4.1)."""
    return sender.bare in {one.bare for one in parties}
