"""Whether a presented name stands for the domain that is meant (RFC 9525 section 6, RFC 6120 section 13.7.2.1)."""

from __future__ import annotations

import enum
import ipaddress
from dataclasses import dataclass
from typing import Final

from ..errors import LocalProtocolError
from ..strings.errors import StringError
from ..strings.idna import domainpart
from .names import Name, NameKind

__all__ = ["Presented", "Reference", "Role", "Verdict", "match", "reference"]


class Role(enum.Enum):
    """Whose certificate it is; the value says it in words."""

    C2S_SERVER = "a server's, shown to its clients"
    """Checked by a client against the domain of the stream header's `to`."""
    C2S_CLIENT = "a client's, shown to its server"
    """Checked by a server that serves the domain (SASL EXTERNAL, XEP-0178 section 2)."""
    S2S_RECEIVING = "a receiving server's, shown to another server"
    """Checked by the initiating server against the `to` it sent."""
    S2S_INITIATING = "an initiating server's, shown to another server"
    """Checked by the receiving server against the `from` it was told (XEP-0178 section 3)."""


class Verdict(enum.Enum):
    """What a presented name is worth."""

    MATCH = "matches"
    DIFFERENT = "does not match"
    IGNORED = "counts for nothing"
    MALFORMED = "is malformed"


@dataclass(frozen=True, slots=True)
class Presented:
    """A presented name, what it is worth, why, and the section that says so."""

    name: Name
    verdict: Verdict
    reason: str
    section: str

    @property
    def matches(self) -> bool:
        """Whether it stands for what was asked."""
        return self.verdict is Verdict.MATCH


@dataclass(frozen=True, slots=True)
class Reference:
    """What is looked for. `domain` is prepared as in addresses, `host` is the same in A-labels."""

    role: Role
    domain: str
    host: str
    address: bytes | None
    """The octets of an IP address; such a reference matches iPAddress alone."""


_SERVICES: Final = {
    Role.C2S_SERVER: "_xmpp-client",
    Role.S2S_RECEIVING: "_xmpp-server",
    Role.S2S_INITIATING: "_xmpp-server",
}
_MATCHING: Final = "RFC 9525 section 6.3"
_SERVICE_TYPE: Final = "RFC 9525 section 6.5"
_ADDRESS: Final = "RFC 9525 section 6.4"
_CLIENT: Final = "RFC 6120 section 13.7.2.2"
_COMMON_NAME: Final = "RFC 9525 section 2"
_DOMAIN: Final = "RFC 6120 section 13.7.1.4"


def reference(domain: str, role: Role) -> Reference:
    """Prepare what is looked for; raises `LocalProtocolError` for what is no domain."""
    try:
        prepared = domainpart(domain)
    except StringError as error:
        raise LocalProtocolError(f"a certificate can only be checked for a domain: {error.rule}") from None
    bare = prepared[1:-1] if prepared[0] == "[" else prepared
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return Reference(role, prepared, _a_labels(prepared), None)
    return Reference(role, prepared, str(address), address.packed)


def match(name: Name, wanted: Reference) -> Presented:
    """Judge one presented name."""
    if name.kind is NameKind.COMMON_NAME:
        return Presented(name, Verdict.IGNORED, "a common name identifies nobody", _COMMON_NAME)
    if name.fault is not None:
        return Presented(name, Verdict.MALFORMED, name.fault, name.section)
    if wanted.role is Role.C2S_CLIENT:
        return _match_client(name, wanted)
    if wanted.address is not None:
        return _match_address(name, wanted.address)
    if name.kind is NameKind.DNS_NAME:
        return _match_host(name, wanted, "")
    if name.kind is NameKind.SRV_NAME:
        service = _SERVICES[wanted.role]
        if name.service != service:
            reason = f"it is for the service {name.service}, and {service} is meant"
            return Presented(name, Verdict.DIFFERENT, reason, _SERVICE_TYPE)
        return _match_host(name, wanted, f"the service is {service} and ")
    if name.kind is NameKind.XMPP_ADDR and name.jid is not None:
        if name.jid.local is not None:
            return Presented(name, Verdict.DIFFERENT, "it is the address of a user, not of a server", _DOMAIN)
        if name.jid.domain != wanted.domain:
            return Presented(name, Verdict.DIFFERENT, "it is another domain", _DOMAIN)
        return Presented(name, Verdict.MATCH, "it is the domain", _DOMAIN)
    if name.kind is NameKind.IP_ADDRESS:
        return Presented(name, Verdict.IGNORED, "a domain is meant, and this is an IP address", _ADDRESS)
    return _ignored(name)


def _match_client(name: Name, wanted: Reference) -> Presented:
    if name.kind is not NameKind.XMPP_ADDR or name.jid is None:
        return Presented(name, Verdict.IGNORED, "accounts are named by xmppAddr alone", _CLIENT)
    if name.jid.local is None:
        return Presented(name, Verdict.DIFFERENT, "it is a domain, not an account", _CLIENT)
    if name.jid.domain != wanted.domain:
        return Presented(name, Verdict.DIFFERENT, "it is an account elsewhere", _CLIENT)
    return Presented(name, Verdict.MATCH, "it is an account of the domain", _CLIENT)


def _match_address(name: Name, address: bytes) -> Presented:
    if name.kind is not NameKind.IP_ADDRESS:
        return Presented(name, Verdict.IGNORED, "an IP address is matched by iPAddress alone", _ADDRESS)
    if ipaddress.ip_address(name.host).packed != address:
        return Presented(name, Verdict.DIFFERENT, "it is another IP address", _ADDRESS)
    return Presented(name, Verdict.MATCH, "it is the IP address, octet for octet", _ADDRESS)


def _match_host(name: Name, wanted: Reference, before: str) -> Presented:
    if name.wildcard:
        _, _, rest = wanted.host.partition(".")
        if rest != name.host:
            reason = f"{before}the wildcard stands for one label before {name.host}, no more and no less"
            return Presented(name, Verdict.DIFFERENT, reason, _MATCHING)
        return Presented(name, Verdict.MATCH, f"{before}the wildcard stands for the first label", _MATCHING)
    if name.host != wanted.host:
        return Presented(name, Verdict.DIFFERENT, f"{before}it is another domain", _MATCHING)
    return Presented(name, Verdict.MATCH, f"{before}the labels are the same", _MATCHING)


def _ignored(name: Name) -> Presented:
    return Presented(
        name, Verdict.IGNORED, f"{name.kind.value} identifies no XMPP service", "RFC 6120 section 13.7.1.2"
    )


def _a_labels(domain: str) -> str:
    if domain.isascii():
        return domain
    from idna import IDNAError, alabel

    try:
        return ".".join(one if one.isascii() else alabel(one).decode("ascii") for one in domain.split("."))
    except IDNAError:
        raise LocalProtocolError("a certificate can only be checked for a domain: a label IDNA excludes") from None
