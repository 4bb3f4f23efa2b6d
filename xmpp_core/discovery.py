"""Where to connect: DNS answers in, candidates in order out (RFC 6120 section 3.2, XEP-0368, XEP-0495).

Nothing here resolves anything. `services` says what to look up, `candidates` orders what came back, and
`attempts` plans which address of which candidate is tried when.
"""

from __future__ import annotations

import enum
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from .entropy import Entropy, system
from .errors import LocalProtocolError
from .stream.context import Kind
from .stream.events import Redirect
from .strings.errors import StringError
from .strings.idna import domainpart

__all__ = [
    "CONNECTION_ATTEMPT_DELAY",
    "RESOLUTION_DELAY",
    "Attempt",
    "Candidate",
    "DirectTls",
    "Services",
    "SrvRecord",
    "a_labels",
    "attempts",
    "candidates",
    "explicit",
    "literal",
    "redirected",
    "services",
    "weighted",
]

RESOLUTION_DELAY: Final = 0.05
"""Seconds to wait for AAAA answers, and for those of the first host, after others came (RFC 8305 section 3)."""
CONNECTION_ATTEMPT_DELAY: Final = 0.25
"""Seconds between the starts of two attempts (RFC 8305 section 5)."""
_LEAST_DELAY: Final = 0.1
_MOST_DELAY: Final = 2.0

_NAMES: Final = {
    Kind.C2S: ("_xmpp-client._tcp", "_xmpps-client._tcp"),
    Kind.S2S: ("_xmpp-server._tcp", "_xmpps-server._tcp"),
}
# RFC 6120 section 3.2.2. No port is registered for direct TLS (XEP-0368 section 7); servers listen on these.
_PORTS: Final = {Kind.C2S: 5222, Kind.S2S: 5269}
_DIRECT_PORTS: Final = {Kind.C2S: 5223, Kind.S2S: 5270}
_ROOT: Final = frozenset({"", "."})


class DirectTls(enum.Enum):
    """How TLS may start: at the first octet (XEP-0368), or by STARTTLS (RFC 6120 section 5)."""

    ANNOUNCED = "as the domain announces it; without any records by STARTTLS"
    ALSO = "as the domain announces it; without any records both are tried"
    ONLY = "at the first octet alone"
    NEVER = "by STARTTLS alone"


@dataclass(frozen=True, slots=True)
class SrvRecord:
    """One SRV record (RFC 2782). `target` "." says that the service is not offered."""

    priority: int
    weight: int
    port: int
    target: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A host to connect to. The domain that was asked for stays what is checked in its certificate."""

    host: str
    """A domain name in A-labels, or an IP address without brackets."""
    port: int
    direct_tls: bool = False
    """Whether TLS starts with the first octet."""
    group: int = field(default=0, compare=False)
    """Which candidates stand together: the SRV priority, lowest first."""


@dataclass(frozen=True, slots=True)
class Services:
    """The names under which SRV records are to be looked up; None: that lookup is not wanted."""

    starttls: str | None
    direct: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One address to try, `delay` seconds after the attempt before was begun, or at once when that failed."""

    candidate: Candidate
    address: str
    delay: float


def a_labels(domain: str) -> str:
    """Give a domain as DNS, SNI and certificates hold it: A-labels (RFC 5890), lower case.

    IP addresses come without brackets. Raises `StringError`.
    """
    prepared = domainpart(domain)
    if prepared[0] == "[":
        return prepared[1:-1]
    if prepared.isascii():
        return prepared
    import idna

    try:
        return ".".join(one if one.isascii() else idna.alabel(one).decode("ascii") for one in prepared.split("."))
    except idna.IDNAError:
        raise StringError("a label that IDNA 2008 excludes", "RFC 5891 section 4.2") from None


def literal(domain: str) -> str | None:
    """Give the IP address that a domainpart is, without brackets; None when it is a name."""
    bare = domain[1:-1] if domain.startswith("[") and domain.endswith("]") else domain
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return None


def services(domain: str, *, kind: Kind = Kind.C2S, direct_tls: DirectTls = DirectTls.ANNOUNCED) -> Services:
    """Say what to look up for a domain (RFC 6120 section 3.2.1); nothing for an IP address.

    Raises `StringError` for what is no domain.
    """
    names = _NAMES.get(kind)
    if names is None or literal(domain) is not None:
        return Services(None, None)
    host = a_labels(domain)
    return Services(
        None if direct_tls is DirectTls.ONLY else f"{names[0]}.{host}.",
        None if direct_tls is DirectTls.NEVER else f"{names[1]}.{host}.",
    )


def candidates(
    domain: str,
    *,
    starttls: Iterable[SrvRecord] = (),
    direct: Iterable[SrvRecord] = (),
    kind: Kind = Kind.C2S,
    direct_tls: DirectTls = DirectTls.ANNOUNCED,
    entropy: Entropy = system,
) -> tuple[Candidate, ...]:
    """Order the hosts of a domain; `starttls` and `direct` are the SRV records of its two services.

    Both are one set, priorities and weights mixed (XEP-0368 section 3, rule 1). Without any records the
    domain itself is the candidate (RFC 6120 section 3.2.2). () says that the domain decidedly does not
    offer the service: then nothing may be tried (RFC 2782; XEP-0368 section 5). Raises `StringError` for
    what is no domain, `LocalProtocolError` for a component, which is always told host and port.
    """
    if kind not in _NAMES:
        raise LocalProtocolError("a component connects to a host and port it was told (XEP-0114)")
    plain, plain_denied = _offered(() if direct_tls is DirectTls.ONLY else starttls)
    secure, secure_denied = _offered(() if direct_tls is DirectTls.NEVER else direct)
    mixed = [(record, False) for record in plain] + [(record, True) for record in secure]
    if mixed:
        return tuple(dict.fromkeys(_candidate(record, tls) for record, tls in weighted(mixed, entropy)))
    if plain_denied or secure_denied:
        return ()
    host = literal(domain) or a_labels(domain)
    found = []
    if direct_tls is not DirectTls.ONLY:
        found.append(Candidate(host, _PORTS[kind]))
    if direct_tls in (DirectTls.ONLY, DirectTls.ALSO):
        found.append(Candidate(host, _DIRECT_PORTS[kind], direct_tls=True))
    return tuple(found)


def explicit(host: str, port: int, *, direct_tls: bool = False) -> tuple[Candidate, ...]:
    """Give the candidate that was configured: nothing is looked up (RFC 6120 section 3.2.3).

    Raises `StringError` for what is no domain or address, `LocalProtocolError` for a port out of range.
    """
    if not 0 < port < 65536:
        raise LocalProtocolError("a port is a number from 1 to 65535")
    return (Candidate(literal(host) or a_labels(host), port, direct_tls),)


def redirected(
    redirect: Redirect, *, connected: Candidate, domain: str, direct_tls: DirectTls = DirectTls.ANNOUNCED
) -> tuple[Candidate, ...] | None:
    """Follow a `see-other-host` (RFC 6120 section 4.9.3.19) received on a connection to `connected`.

    None: the host it names is to be looked up as any domain is, with `services` and `candidates`. A port,
    an address, or the host and domain already connected to need no lookup. How TLS started stays as it was.
    Raises `StringError`.
    """
    address = literal(redirect.host)
    host = address or a_labels(redirect.host)
    if redirect.port is None and address is None and host not in (connected.host, a_labels(domain)):
        return None
    if connected.direct_tls and direct_tls is DirectTls.NEVER:
        raise LocalProtocolError("the connection that was redirected began with TLS, which is not allowed")
    return (Candidate(host, redirect.port or connected.port, connected.direct_tls),)


def weighted(records: Sequence[tuple[SrvRecord, bool]], entropy: Entropy) -> list[tuple[SrvRecord, bool]]:
    """Order records by priority, and at random by weight within one (RFC 2782, "Weight").

    The second of each pair is carried along.
    """
    ordered: list[tuple[SrvRecord, bool]] = []
    for priority in sorted({record.priority for record, _ in records}):
        # Those with weight 0 stand first: they are chosen when the number drawn is 0.
        left = sorted((one for one in records if one[0].priority == priority), key=lambda one: one[0].weight != 0)
        while left:
            drawn = _number(sum(record.weight for record, _ in left), entropy) if len(left) > 1 else 0
            running = 0
            for place, (record, _) in enumerate(left):
                running += record.weight
                if running >= drawn:
                    ordered.append(left.pop(place))
                    break
    return ordered


def attempts(
    resolved: Sequence[tuple[Candidate, Sequence[str]]],
    *,
    delay: float = CONNECTION_ATTEMPT_DELAY,
    sorted_by_system: bool = False,
    first_family_count: int = 1,
) -> tuple[tuple[Attempt, ...], ...]:
    """Plan the attempts on the addresses of all candidates, by SRV priority (XEP-0495 section 4).

    One tuple a priority: the next is begun when every attempt of the one before has failed. Families
    alternate, `first_family_count` addresses of the first one ahead (RFC 8305 section 4); within a family
    the order of candidates, which is that of the weights, and of their addresses stays. IPv6 begins, unless
    the addresses are `sorted_by_system` (RFC 6724, as `getaddrinfo` does): then the family of the first.
    `delay`: between 0.1 and 2 seconds (section 5). Raises `LocalProtocolError`.
    """
    if not _LEAST_DELAY <= delay <= _MOST_DELAY or first_family_count < 1:
        raise LocalProtocolError("attempts are 0.1 to 2 seconds apart (RFC 8305 section 5), one or more a family")
    plan = []
    for group in sorted({candidate.group for candidate, _ in resolved}):
        listed = list(
            dict.fromkeys(
                (candidate, address)
                for candidate, addresses in resolved
                if candidate.group == group
                for address in addresses
            )
        )
        order = _interleaved(listed, sorted_by_system, first_family_count)
        if order:
            plan.append(
                tuple(
                    Attempt(candidate, address, delay if place else 0.0)
                    for place, (candidate, address) in enumerate(order)
                )
            )
    return tuple(plan)


def _interleaved(
    listed: list[tuple[Candidate, str]], sorted_by_system: bool, first_family_count: int
) -> list[tuple[Candidate, str]]:
    by_family: dict[bool, list[tuple[Candidate, str]]] = {True: [], False: []}
    for one in listed:
        by_family[":" in one[1]].append(one)
    if not by_family[True] or not by_family[False]:
        return listed
    leading = ":" in listed[0][1] if sorted_by_system else True
    first, second = by_family[leading], by_family[not leading]
    order, first = first[:first_family_count], first[first_family_count:]
    for place in range(max(len(first), len(second))):
        order += second[place : place + 1] + first[place : place + 1]
    return order


def _offered(records: Iterable[SrvRecord]) -> tuple[list[SrvRecord], bool]:
    """Give the records that can be used, and whether the service is said not to be offered."""
    listed = list(records)
    usable = [one for one in listed if one.target not in _ROOT and 0 < one.port < 65536]
    return usable, bool(listed) and not usable


def _candidate(record: SrvRecord, direct_tls: bool) -> Candidate:
    return Candidate(record.target.rstrip(".").lower(), record.port, direct_tls, record.priority)


def _number(most: int, entropy: Entropy) -> int:
    """Draw a number from 0 to `most`; eight octets more than needed make the bias smaller than 2**-64."""
    octets = (most.bit_length() + 7) // 8 + 8
    return int.from_bytes(entropy(octets), "big") % (most + 1)
