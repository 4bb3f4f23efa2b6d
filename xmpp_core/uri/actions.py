"""What the registered query types ask for (XEP-0147 and the specifications it names), as typed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final, NamedTuple, Self

from ..jid import JID, JIDError
from .errors import URIError
from .query import Query

__all__ = [
    "QUERY_TYPES",
    "Action",
    "CommandAction",
    "DiscoAction",
    "InviteAction",
    "JingleAction",
    "JoinAction",
    "Key",
    "MessageAction",
    "PubsubAction",
    "RecvfileAction",
    "RegisterAction",
    "RemoveAction",
    "RosterAction",
    "SendfileAction",
    "SubscribeAction",
    "UnregisterAction",
    "UnsubscribeAction",
    "VcardAction",
    "action_of",
]

_MOST_DIGITS: Final = 20


class Key(NamedTuple):
    """A registered key: its name, the field it fills, and what its value may be.

    `values` are the registered ones, empty where any text will do; `kind` is `str`, `int` or `JID`; only a
    key that is `many` may be there more than once, and then its field is a tuple.
    """

    name: str
    field: str
    values: tuple[str, ...] = ()
    kind: type = str
    many: bool = False


def _keys(*names: str) -> tuple[Key, ...]:
    return tuple(Key(name, name) for name in names)


class Action:
    """What a query asks for. `action.query` is the query that asks for it."""

    __slots__ = ()
    query_type: ClassVar[str]
    keys: ClassVar[tuple[Key, ...]] = ()
    defined_in: ClassVar[str]

    @property
    def query(self) -> Query:
        """The query that asks for this, for `XmppURI(jid, action.query)`."""
        pairs: list[tuple[str, str]] = []
        for key in self.keys:
            given = getattr(self, key.field)
            pairs.extend((key.name, str(one)) for one in (given if key.many else (given,)) if one is not None)
        return Query(self.query_type, tuple(pairs))

    @classmethod
    def read(cls, query: Query) -> Self:
        """Read a query of this type; a key that is not registered is ignored (RFC 5122 section 2.5).

        Raises `URIError` if a key holds what it cannot mean, or is there twice: two readers would
        understand two things.
        """
        keys = {key.name: key for key in cls.keys}
        fields: dict[str, object] = {}
        several: dict[str, list[object]] = {}
        for name, text in query.pairs:
            key = keys.get(name)
            if key is None:
                continue
            value = _value(key, text, cls.defined_in)
            if key.many:
                several.setdefault(key.field, []).append(value)
            elif key.field in fields:
                raise URIError("query", f'the key "{name}" twice', cls.defined_in)
            else:
                fields[key.field] = value
        fields.update((field, tuple(values)) for field, values in several.items())
        return cls(**fields)


def _value(key: Key, text: str, section: str) -> object:
    if key.values and text not in key.values:
        raise URIError("query", f'a value that the key "{key.name}" has not', section)
    if key.kind is JID:
        try:
            return JID(text)
        except JIDError as error:
            raise URIError("query", f'no address in the key "{key.name}"', error.section) from error
    if key.kind is int:
        if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
            raise URIError("query", f'no number in the key "{key.name}"', section)
        return int(text)
    return text


@dataclass(frozen=True, slots=True)
class CommandAction(Action):
    """Run an ad-hoc command."""

    query_type: ClassVar = "command"
    keys: ClassVar = (Key("action", "action", ("cancel", "complete", "execute", "next", "prev")), *_keys("node"))
    defined_in: ClassVar = "XEP-0050"

    action: str | None = None
    node: str | None = None


@dataclass(frozen=True, slots=True)
class DiscoAction(Action):
    """Ask what somebody is and offers."""

    query_type: ClassVar = "disco"
    keys: ClassVar = (*_keys("node"), Key("request", "request", ("info", "items")), Key("type", "type", ("get",)))
    defined_in: ClassVar = "XEP-0030"

    node: str | None = None
    request: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class InviteAction(Action):
    """Join a room and invite others to it."""

    query_type: ClassVar = "invite"
    keys: ClassVar = (Key("jid", "jids", kind=JID, many=True), *_keys("password"))
    defined_in: ClassVar = "XEP-0045"

    jids: tuple[JID, ...] = ()
    password: str | None = None


@dataclass(frozen=True, slots=True)
class JingleAction(Action):
    """Start a session that somebody has published, a file transfer for one."""

    query_type: ClassVar = "jingle"
    keys: ClassVar = _keys("id")
    defined_in: ClassVar = "XEP-0358"

    id: str | None = None


@dataclass(frozen=True, slots=True)
class JoinAction(Action):
    """Join a room."""

    query_type: ClassVar = "join"
    keys: ClassVar = _keys("password")
    defined_in: ClassVar = "XEP-0045"

    password: str | None = None


@dataclass(frozen=True, slots=True)
class MessageAction(Action):
    """Write a message; what is given is there already, for the user to change. XEP-0147 section 3.1."""

    query_type: ClassVar = "message"
    keys: ClassVar = (
        *_keys("subject", "body", "thread"),
        Key("from", "from_", kind=JID),
        *_keys("id"),
        Key("type", "type", ("chat", "groupchat", "headline", "normal")),
    )
    defined_in: ClassVar = "XEP-0147"

    subject: str | None = None
    body: str | None = None
    thread: str | None = None
    from_: JID | None = None
    id: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class PubsubAction(Action):
    """Subscribe to a node, unsubscribe from it, or fetch an item of it."""

    query_type: ClassVar = "pubsub"
    keys: ClassVar = (Key("action", "action", ("subscribe", "unsubscribe", "retrieve")), *_keys("node", "item"))
    defined_in: ClassVar = "XEP-0060"

    action: str | None = None
    node: str | None = None
    item: str | None = None


@dataclass(frozen=True, slots=True)
class RecvfileAction(Action):
    """Receive a file that somebody offers; `size` is in octets."""

    query_type: ClassVar = "recvfile"
    keys: ClassVar = (
        *_keys("algo", "hash"),
        Key("mime-type", "mime_type"),
        *_keys("name", "sid"),
        Key("size", "size", kind=int),
    )
    defined_in: ClassVar = "XEP-0096"

    algo: str | None = None
    hash: str | None = None
    mime_type: str | None = None
    name: str | None = None
    sid: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class RegisterAction(Action):
    """Register with a server or a service."""

    query_type: ClassVar = "register"
    defined_in: ClassVar = "XEP-0077"


@dataclass(frozen=True, slots=True)
class RemoveAction(Action):
    """Take somebody off the roster. XEP-0147 section 3.2.2."""

    query_type: ClassVar = "remove"
    defined_in: ClassVar = "XEP-0147"


@dataclass(frozen=True, slots=True)
class RosterAction(Action):
    """Put somebody on the roster, or change what is there. One name and one group: XEP-0147 section 3.2.1."""

    query_type: ClassVar = "roster"
    keys: ClassVar = _keys("group", "name")
    defined_in: ClassVar = "XEP-0147"

    group: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SendfileAction(Action):
    """Send somebody a file."""

    query_type: ClassVar = "sendfile"
    defined_in: ClassVar = "XEP-0096"


@dataclass(frozen=True, slots=True)
class SubscribeAction(Action):
    """Put somebody on the roster and ask for the presence. XEP-0147 section 3.3.1."""

    query_type: ClassVar = "subscribe"
    defined_in: ClassVar = "XEP-0147"


@dataclass(frozen=True, slots=True)
class UnregisterAction(Action):
    """Cancel a registration with a server or a service."""

    query_type: ClassVar = "unregister"
    defined_in: ClassVar = "XEP-0077"


@dataclass(frozen=True, slots=True)
class UnsubscribeAction(Action):
    """Ask for somebody's presence no longer. XEP-0147 section 3.3.2."""

    query_type: ClassVar = "unsubscribe"
    defined_in: ClassVar = "XEP-0147"


@dataclass(frozen=True, slots=True)
class VcardAction(Action):
    """Fetch somebody's vCard."""

    query_type: ClassVar = "vcard"
    defined_in: ClassVar = "XEP-0054"


QUERY_TYPES: Final[Mapping[str, type[Action]]] = MappingProxyType(
    {
        one.query_type: one
        for one in (
            CommandAction,
            DiscoAction,
            InviteAction,
            JingleAction,
            JoinAction,
            MessageAction,
            PubsubAction,
            RecvfileAction,
            RegisterAction,
            RemoveAction,
            RosterAction,
            SendfileAction,
            SubscribeAction,
            UnregisterAction,
            UnsubscribeAction,
            VcardAction,
        )
    }
)
"""The registered query types, by name, each with the action it asks for."""


def action_of(query: Query) -> Action | None:
    """Give what a query asks for, None if its type is not registered; raises `URIError`, see `Action.read`."""
    kind = QUERY_TYPES.get(query.type)
    return None if kind is None else kind.read(query)
