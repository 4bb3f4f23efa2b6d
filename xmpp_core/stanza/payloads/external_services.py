"""External services: those outside XMPP that a server knows, with what it takes to use them.

XEP-0215, version 1.0.0, Draft; sections 2 to 4.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ..payload import (
    SOME_TEXT,
    UNSIGNED_SHORT,
    XMPP_DATETIME,
    Spec,
    attribute,
    child,
    children,
    datetime,
    enum,
    payload,
)
from .forms import Form

__all__ = [
    "NAMESPACE",
    "SPEC",
    "ExternalCredentials",
    "ExternalService",
    "ExternalServices",
    "ServiceAction",
    "updated",
]

SPEC: Final = Spec(215, "1.0.0", "Draft", "External Service Discovery")
NAMESPACE: Final = "urn:xmpp:extdisco:2"


class ServiceAction(Enum):
    """What a push says of a service (section 2)."""

    ADD = "add"
    DELETE = "delete"
    """As the schema and the examples say it."""
    REMOVE = "remove"
    """The same, as the text of section 2 says it."""
    MODIFY = "modify"


@payload(NAMESPACE, "service")
class ExternalService:
    """A service (section 2). Its `repr` leaves out the password."""

    host: str = attribute(codec=SOME_TEXT)
    """A domain name or an IP address."""
    type: str = attribute(codec=SOME_TEXT)
    """`stun`, `turn`, `ftp` ..."""
    port: int | None = attribute(codec=UNSIGNED_SHORT, default=None)
    transport: str | None = attribute(default=None)
    """`tcp`, `udp` ..."""
    name: str | None = attribute(default=None, kw_only=True)
    """For people."""
    username: str | None = attribute(default=None, kw_only=True)
    password: str | None = attribute(default=None, kw_only=True)
    expires: datetime | None = attribute(codec=XMPP_DATETIME, default=None, kw_only=True)
    """Until when they hold."""
    restricted: bool | None = attribute(default=None, kw_only=True)
    """They are needed, and to be asked for if they are not here (section 3.3)."""
    action: ServiceAction = attribute(codec=enum(ServiceAction), default=ServiceAction.ADD, kw_only=True)
    form: Form | None = child(Form, default=None, kw_only=True)
    """What else there is to say (section 4)."""

    def __repr__(self) -> str:
        return f"ExternalService({self.type} at {self.host}, port {self.port}, {self.transport})"

    @property
    def removed(self) -> bool:
        """Whether a push says that it is no more."""
        return self.action in (ServiceAction.DELETE, ServiceAction.REMOVE)

    def same(self, other: ExternalService) -> bool:
        """Whether both are one service: host, type, port, and the transport if both tell it."""
        transports = {self.transport, other.transport} - {None}
        return (self.host, self.type, self.port) == (other.host, other.type, other.port) and len(transports) < 2


@payload(NAMESPACE, "services")
class ExternalServices:
    """A question for services, the answer, or a push of what changed (sections 3.1 and 3.2)."""

    type: str | None = attribute(default=None)
    """Of this type only."""
    services: tuple[ExternalService, ...] = children(ExternalService, default=())


@payload(NAMESPACE, "credentials")
class ExternalCredentials:
    """A question for what it takes to use a service, or the answer (section 3.3)."""

    services: tuple[ExternalService, ...] = children(ExternalService, default=())


def updated(known: tuple[ExternalService, ...], push: ExternalServices) -> tuple[ExternalService, ...]:
    """Give the known services after a push (section 3.2)."""
    for one in push.services:
        known = tuple(each for each in known if not one.same(each))
        if not one.removed:
            known += (one,)
    return known
