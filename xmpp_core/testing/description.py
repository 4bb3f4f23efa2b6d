"""Events in a form that can be compared, printed and kept."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from ..jid import JID
from ..stanza import Stanza
from ..xml.names import canonical

__all__ = ["describe"]


def describe(event: object) -> dict[str, Any]:
    """Give an event or stanza as plain data: its class and its fields, elements in canonical form."""
    if isinstance(event, Stanza):
        return {"event": type(event).__name__, "element": canonical(event.element).decode()}
    if not dataclasses.is_dataclass(event):
        raise TypeError("neither an event nor a stanza")
    fields = {field.name: _plain(getattr(event, field.name)) for field in dataclasses.fields(event) if field.repr}
    return {"event": type(event).__name__, **fields}


def _plain(value: Any) -> Any:
    if isinstance(value, Element):
        return canonical(value).decode()
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, JID):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        return [_plain(one) for one in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value) if field.repr}
    return value
