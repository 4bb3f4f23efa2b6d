"""Ad-hoc commands: what an entity can be told to do, in one step or several.

XEP-0050, version 1.3.0, Draft; sections 2 to 4.
"""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Final, TypeVar
from xml.etree.ElementTree import Element

from ...namespaces import XML_LANG
from ..payload import (
    LANGUAGE,
    SOME_TEXT,
    Spec,
    attribute,
    child,
    children,
    decode,
    element_name,
    element_of,
    enum,
    flag,
    payload,
    rest,
    shape_of,
    text,
)

__all__ = [
    "COMMAND_LIST",
    "COMMAND_NODE",
    "GENERAL",
    "NAMESPACE",
    "SPEC",
    "Action",
    "Actions",
    "Command",
    "CommandCondition",
    "CommandError",
    "Note",
    "Severity",
    "Status",
]

SPEC: Final = Spec(50, "1.3.0", "Draft", "Ad-Hoc Commands")
NAMESPACE: Final = "http://jabber.org/protocol/commands"
"""Also the node whose items are the commands (section 2.2)."""
COMMAND_LIST: Final = ("automation", "command-list")
"""The identity of the node of all commands (section 7.2)."""
COMMAND_NODE: Final = ("automation", "command-node")
"""The identity of the node of one command."""

T = TypeVar("T")


class Action(Enum):
    """What is to be done with a command (section 4.1)."""

    CANCEL = "cancel"
    COMPLETE = "complete"
    EXECUTE = "execute"
    NEXT = "next"
    PREV = "prev"
    MALFORMED = "malformed"
    """Another word: a request with it is answered with `malformed-action` (section 4.4)."""


class Status(Enum):
    """Where a command stands (section 4.1)."""

    CANCELED = "canceled"
    COMPLETED = "completed"
    EXECUTING = "executing"
    UNKNOWN = "unknown"
    """Another word, as in a request, of which it is ignored."""


class Severity(Enum):
    """How grave a note is (section 4.3)."""

    ERROR = "error"
    INFO = "info"
    WARN = "warn"


class CommandCondition(Enum):
    """What is wrong with a command (section 4.4)."""

    BAD_ACTION = "bad-action"
    BAD_LOCALE = "bad-locale"
    BAD_PAYLOAD = "bad-payload"
    BAD_SESSIONID = "bad-sessionid"
    MALFORMED_ACTION = "malformed-action"
    SESSION_EXPIRED = "session-expired"


GENERAL: Final = {
    CommandCondition.BAD_ACTION: "bad-request",
    CommandCondition.BAD_LOCALE: "bad-request",
    CommandCondition.BAD_PAYLOAD: "bad-request",
    CommandCondition.BAD_SESSIONID: "bad-request",
    CommandCondition.MALFORMED_ACTION: "bad-request",
    CommandCondition.SESSION_EXPIRED: "not-allowed",
}
"""The defined condition of the stanza error that each goes with (section 4.4)."""


@payload(NAMESPACE, "actions")
class Actions:
    """What may be done at this stage, beside cancelling (sections 3.4 and 4.2)."""

    execute: Action | None = attribute(codec=enum(Action), default=None)
    """What `execute` does at this stage; None: `next`."""
    prev: bool = flag(default=False)
    next: bool = flag(default=False)
    complete: bool = flag(default=False)

    @property
    def allowed(self) -> frozenset[Action]:
        """The actions that are named, and to cancel (section 3.4); `execute` only if it stands for one of them."""
        named = {Action.CANCEL}
        named |= {one for one in (Action.PREV, Action.NEXT, Action.COMPLETE) if getattr(self, one.value)}
        if (self.execute or Action.NEXT) in named:
            named.add(Action.EXECUTE)
        return frozenset(named)

    @property
    def default(self) -> Action | None:
        """What `execute` does; None where it does nothing that is allowed, which makes the stage invalid."""
        meant = self.execute or Action.NEXT
        return meant if meant in self.allowed else None


@payload(NAMESPACE, "note")
class Note:
    """A remark for people on how a command goes (section 4.3)."""

    text: str = text(default="")
    type: Severity = attribute(codec=enum(Severity), default=Severity.INFO)


@payload(NAMESPACE, "command")
class Command:
    """A command, from who asks with an action, from who answers with a status (section 4.1)."""

    node: str = attribute()
    """The command."""
    action: Action = attribute(codec=enum(Action, unknown=Action.MALFORMED), default=Action.EXECUTE)
    """Ignored of who answers."""
    sessionid: str | None = attribute(codec=SOME_TEXT, default=None)
    """Which execution: given by who answers, repeated by who asks."""
    status: Status | None = attribute(codec=enum(Status, unknown=Status.UNKNOWN), default=None)
    """Ignored of who asks."""
    lang: str | None = attribute(XML_LANG, codec=LANGUAGE, default=None)
    actions: Actions | None = child(Actions, default=None, kw_only=True)
    notes: tuple[Note, ...] = children(Note, default=(), kw_only=True)
    payloads: tuple[Element, ...] = rest(default=(), kw_only=True)
    """What the command is about: forms, mostly. What is earlier takes precedence (section 3.5)."""

    def get(self, kind: type[T]) -> T | None:
        """Read the first payload of this class, None if there is none; raises `PayloadError` as `decode` does."""
        decoders = shape_of(kind).decoders
        found = next((one for one in self.payloads if one.tag in decoders), None)
        return None if found is None else decode(kind, found)

    def with_payload(self, *payloads: object) -> Command:
        """Give this command with payloads (or elements) after those it has."""
        return dataclasses.replace(self, payloads=(*self.payloads, *map(element_of, payloads)))

    @property
    def allowed(self) -> frozenset[Action]:
        """What may be done next, of an answer (section 3.4): nothing after the end, without `actions` to complete."""
        if self.status is not Status.EXECUTING:
            return frozenset()
        if self.actions is not None:
            return self.actions.allowed
        return frozenset({Action.CANCEL, Action.COMPLETE, Action.EXECUTE})

    @property
    def failed(self) -> bool:
        """Whether an answer says that the command ended without success (section 3.6)."""
        return self.status is Status.COMPLETED and any(one.type is Severity.ERROR for one in self.notes)

    def following(self, action: Action = Action.EXECUTE, *payloads: object) -> Command:
        """Give the next request of the execution that this is the answer of (section 2.4.2)."""
        return Command(self.node, action, self.sessionid, lang=self.lang, payloads=tuple(map(element_of, payloads)))

    def answer(
        self,
        status: Status,
        *payloads: object,
        sessionid: str | None = None,
        actions: Actions | None = None,
        notes: tuple[Note, ...] = (),
    ) -> Command:
        """Give the answer to this request: its node and language, and its session unless another is given."""
        return Command(
            self.node,
            sessionid=sessionid or self.sessionid,
            status=status,
            lang=self.lang,
            actions=actions,
            notes=notes,
            payloads=tuple(map(element_of, payloads)),
        )


@payload(NAMESPACE, tuple(one.value for one in CommandCondition))
class CommandError:
    """The application-specific condition of a stanza error (section 4.4)."""

    condition: CommandCondition = element_name(codec=enum(CommandCondition))
