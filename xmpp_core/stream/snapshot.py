"""A connection as octets, and back. Plain JSON: reading a snapshot runs no code of its own.

Values of features are frozen dataclasses of plain data. Fields marked `metadata={"secret": True}`
are left out, and the feature asks anew for what is missing when it is resumed. Octets that prove an
identity are left out as well (`proofs`): those received fail the peer's exchange once it is whole, and
without those that were to leave the restored connection ends.
"""

from __future__ import annotations

import base64
import dataclasses
import enum
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element

from ..errors import LocalProtocolError
from ..jid import JID
from ..xml.parser import ParserState, XMLStreamParser
from .announced import peer_limits
from .context import Milestone, Side
from .events import Cause, Event, Question, Retry
from .extension import Installed
from .proofs import without_proofs
from .state import StreamState

if TYPE_CHECKING:
    from .connection import Connection

__all__ = ["freeze", "thaw"]

_FORMAT: Final = 1


def freeze(connection: Connection) -> bytes:
    """Write everything that is not configuration."""
    waiting = connection._waiting
    events = [event for event in connection._ready if event is not waiting]
    now = connection._now
    content = {
        "format": _FORMAT,
        "side": connection._setup.side.value,
        "kind": connection._setup.kind.value,
        "state": connection._state.value,
        "parser": _pack(_received(connection)),
        "unsent": _pack(connection._out.snapshot()),
        "cut": connection._out.proves and not connection._out.closed,
        "closed": connection._out.closed,
        "header": _pack(connection._out.header),
        "events": [_pack(event if isinstance(event, Event) else event.element) for event in events],
        "batch": [_pack(item) for item in connection._batch],
        "heard": now - connection._heard,
        "spoken": now - connection._spoken,
        "life": connection._asked_for_life,
        "eof": connection._end_of_data,
        "open": connection._was_open,
        "asking": None if waiting is None else type(waiting).__name__,
        "active": None if connection._active is None else connection._active.name,
        "states": {name: _pack(state) for name, state in connection._states.items()},
        "negotiated": sorted(connection._negotiated),
        "announced": _pack(connection._announced),
        "milestones": connection._milestones.value,
        "tls": _pack(connection._tls),
        "domain": _pack(connection._domain),
        "local": _pack(connection._local),
        "peer": _pack(connection._peer),
        "peer_header": _pack(connection._peer_header),
        "resume": _pack(connection._resume),
        "resumed": connection._resumed,
        "installed": [[_pack(one.extension), _pack(one.state), one.since] for one in connection._installed],
        "delivered": connection._delivered,
        "handled": connection._handled,
        "timers": connection._timers.remaining(now),
        "now": now,
    }
    return json.dumps(content, separators=(",", ":")).encode()


def thaw(connection: Connection, data: bytes) -> None:
    """Fill a fresh connection from a snapshot; raises `LocalProtocolError` when it does not fit."""
    try:
        content = json.loads(data)
        if content["format"] != _FORMAT:
            raise LocalProtocolError("the snapshot has another format")
        setup = connection._setup
        if (content["side"], content["kind"]) != (setup.side.value, setup.kind.value):
            raise LocalProtocolError("the snapshot is of another role")
        features = {feature.name: feature for feature in setup.features}
        connection._enter(StreamState(content["state"]))
        connection._milestones = Milestone(content["milestones"])
        authenticated = Milestone.AUTHENTICATED in connection._milestones
        connection._parser = XMLStreamParser.restore(
            _unpack(content["parser"]), setup.limits.xml(authenticated=authenticated)
        )
        connection._out.restore(_unpack(content["unsent"]), _unpack(content["header"]), content["closed"])
        connection._now = now = content["now"]
        connection._heard, connection._spoken = now - content["heard"], now - content["spoken"]
        connection._asked_for_life = content["life"]
        connection._end_of_data, connection._was_open = content["eof"], content["open"]
        connection._unlooked = True
        connection._active = features[content["active"]] if content["active"] else None
        connection._states = {name: _unpack(state) for name, state in content["states"].items()}
        connection._negotiated = set(content["negotiated"])
        connection._announced = _unpack(content["announced"])
        connection._peer_limits = peer_limits(connection._announced)
        connection._tls = _unpack(content["tls"])
        connection._domain, connection._local = _unpack(content["domain"]), _unpack(content["local"])
        connection._peer, connection._peer_header = _unpack(content["peer"]), _unpack(content["peer_header"])
        connection._gate.admit_as(connection._peer)
        connection._gate.lang = connection._peer_header.lang if connection._peer_header is not None else None
        connection._resume, connection._resumed = _unpack(content["resume"]), content["resumed"]
        connection._installed = [
            Installed(_unpack(one), _unpack(state), since) for one, state, since in content["installed"]
        ]
        connection._note_installed()
        connection._delivered, connection._handled = content["delivered"], content["handled"]
        connection._batch.extend(_unpack(item) for item in content["batch"])
        views = connection._gate.views
        for packed in content["events"]:
            event = _unpack(packed)
            connection._ready.append(views[event.tag].view(event) if isinstance(event, Element) else event)
        connection._timers.restore(content["timers"], now)
        asking, cut = content["asking"], content["cut"]
    except LocalProtocolError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LocalProtocolError("the data is no snapshot of a connection") from error
    if cut and connection._running:
        connection._fail(
            Cause.AUTHENTICATION_FAILED,
            "what authenticates and had not left was not kept in the snapshot",
            condition=None if setup.side is Side.INITIATING else "internal-server-error",
            retry=Retry.NOW,
        )
        return
    if connection._state not in (StreamState.OPENING, StreamState.NEGOTIATING, StreamState.OPEN):
        return  # a question that the end or our closing withdrew is not asked again
    if asking == "HostSelected":
        header = connection._peer_header
        assert header is not None
        connection._select_host(header)
    elif connection._active is not None:
        feature = connection._active
        step = feature.resumed(connection._states.get(feature.name), connection._context())
        connection._apply(feature, step)


def _received(connection: Connection) -> ParserState:
    """Once a peer is authenticated what it sends is kept as it came."""
    state = connection._parser.snapshot()
    if Milestone.AUTHENTICATED in connection._milestones:
        return state
    kept = without_proofs(state.uninterpreted, connection._setup.side)
    return dataclasses.replace(state, uninterpreted=kept)


def _pack(value: Any) -> Any:
    if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, enum.Enum)):
        return value
    if isinstance(value, bytes | bytearray):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, tuple | list | frozenset | set):
        return {"tuple" if isinstance(value, tuple | list) else "set": [_pack(one) for one in value]}
    if isinstance(value, JID):
        return {"jid": str(value)}
    if isinstance(value, Element):
        return {"element": _pack_element(value)}
    if isinstance(value, enum.Enum):
        return {"enum": [_class_name(type(value)), value.name if not isinstance(value, enum.Flag) else value.value]}
    if isinstance(value, Mapping):
        return {"map": [[_pack(key), _pack(one)] for key, one in value.items()]}
    if isinstance(value, Question):
        raise LocalProtocolError("a question cannot be kept; it is asked again")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            field.name: _pack(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if not field.metadata.get("secret")
        }
        return {"value": [_class_name(type(value)), fields]}
    raise LocalProtocolError(f"a {type(value).__name__} cannot be kept in a snapshot")


def _unpack(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "bytes":
        return base64.b64decode(inner)
    if kind == "tuple":
        return tuple(_unpack(one) for one in inner)
    if kind == "set":
        return frozenset(_unpack(one) for one in inner)
    if kind == "jid":
        return JID(inner)
    if kind == "element":
        return _unpack_element(inner)
    if kind == "map":
        return {_unpack(key): _unpack(one) for key, one in inner}
    found: Any = _class_of(inner[0])
    if kind == "enum":
        return found(inner[1]) if issubclass(found, enum.Flag) else found[inner[1]]
    if kind != "value" or not dataclasses.is_dataclass(found):
        raise ValueError("not a value of a snapshot")
    given = {name: _unpack(one) for name, one in inner[1].items()}
    for field in dataclasses.fields(found):
        if field.metadata.get("secret"):
            given[field.name] = None
    make: Any = found
    return make(**given)


def _pack_element(element: Element) -> list[Any]:
    children = [_pack_element(child) for child in element]
    return [element.tag, dict(element.attrib), element.text, element.tail, children]


def _unpack_element(packed: list[Any]) -> Element:
    tag, attributes, text, tail, children = packed
    element = Element(tag, attributes)
    element.text, element.tail = text, tail
    element.extend(_unpack_element(child) for child in children)
    return element


def _class_name(found: type) -> str:
    return f"{found.__module__}:{found.__qualname__}"


def _class_of(name: str) -> Any:
    """Find a class by its name among the modules that are loaded: a snapshot never imports anything."""
    module, _, qualified = name.partition(":")
    found: Any = sys.modules[module]
    for part in qualified.split("."):
        found = getattr(found, part)
    if not isinstance(found, type) or not (dataclasses.is_dataclass(found) or issubclass(found, enum.Enum)):
        raise ValueError("a snapshot holds only plain values")
    return found
