"""What features inside an authentication see beyond the stream (XEP-0388)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self
from xml.etree.ElementTree import Element

from ..stream.context import StreamContext
from .user_agent import UserAgent

__all__ = ["Sasl2Context"]


@dataclass(frozen=True, slots=True)
class Sasl2Context(StreamContext):
    """A `StreamContext` inside `<authenticate/>` or `<success/>`."""

    user_agent: UserAgent | None = None
    """What the client said of itself."""
    mechanism: str = ""
    """The SASL mechanism in use."""
    requests: tuple[Element, ...] = ()
    """Initiating, once there are responses: what was requested along with the authentication."""

    @classmethod
    def within(
        cls,
        context: StreamContext,
        user_agent: UserAgent | None,
        mechanism: str,
        requests: tuple[Element, ...] = (),
    ) -> Self:
        """Give the same with what the authentication adds."""
        given = {one.name: getattr(context, one.name) for one in fields(StreamContext)}
        return cls(**given, user_agent=user_agent, mechanism=mechanism, requests=requests)
