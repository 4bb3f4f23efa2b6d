"""SRV records through dnspython, under asyncio and under trio (RFC 6120 section 3.2.1, XEP-0368).

dnspython is optional (the extra `dns`). Without it nothing is looked up, `Lookup.note` says so, and the
domain itself is the candidate, as where there are no records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..discovery import Candidate, DirectTls, SrvRecord, candidates, services
from ..entropy import Entropy, system
from ..errors import XMPPError
from ..stream.context import Kind

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver

__all__ = ["DnsError", "Lookup", "discover", "lookup", "srv"]

_SECONDS: Final = 10.0
_WITHOUT: Final = (
    "SRV records were not looked up because dnspython is not installed "
    "(pip install 'xmpp_core[dns]'): the domain itself is tried"
)


class DnsError(XMPPError):
    """The lookup failed: the name servers were silent, or answered with an error. Later it may work.

    That there are no records is no failure. `answered` tells an error (such as SERVFAIL) from silence.
    """

    def __init__(self, text: str, *, answered: bool = True) -> None:
        super().__init__(text)
        self.answered = answered


@dataclass(frozen=True, slots=True)
class Lookup:
    """The records of both services of a domain."""

    starttls: tuple[SrvRecord, ...] = ()
    direct: tuple[SrvRecord, ...] = ()
    note: str | None = None
    """For people: why nothing was looked up, or which half of it failed."""


async def srv(name: str, *, nameserver: tuple[str, int] | None = None, timeout: float = _SECONDS) -> list[SrvRecord]:
    """Give the SRV records of a full name such as `_xmpp-client._tcp.example.com.`; [] if there are none.

    `nameserver`: address and port to ask instead of the system's. `timeout`: seconds for all of it.
    Raises `DnsError`, and ImportError without dnspython.
    """
    import dns.exception
    import dns.resolver

    try:
        answer = await _resolver(nameserver, timeout).resolve(name, "SRV", search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.resolver.LifetimeTimeout:
        raise DnsError(
            f"no name server answered for {name} within {timeout:g} s; check the network", answered=False
        ) from None
    except dns.resolver.NoNameservers:
        raise DnsError(f"the name servers failed on {name} (such as SERVFAIL); try later") from None
    except (dns.exception.DNSException, OSError) as error:
        raise DnsError(f"{name} could not be looked up: {type(error).__name__}", answered=False) from None
    return [SrvRecord(one.priority, one.weight, one.port, one.target.to_text()) for one in answer]


async def lookup(
    domain: str,
    *,
    kind: Kind = Kind.C2S,
    direct_tls: DirectTls = DirectTls.ANNOUNCED,
    nameserver: tuple[str, int] | None = None,
    timeout: float = _SECONDS,
) -> Lookup:
    """Look up both services of a domain, within `timeout` seconds each.

    When one lookup fails and the other finds records, those are given and `note` tells; a failure
    without any records is a `DnsError`. Raises `StringError` for what is no domain.
    """
    names = services(domain, kind=kind, direct_tls=direct_tls)
    if names.starttls is None and names.direct is None:
        return Lookup()
    try:
        import dns.asyncresolver  # noqa: F401
    except ImportError:
        return Lookup(note=_WITHOUT)
    found: list[tuple[SrvRecord, ...]] = []
    failure: DnsError | None = None
    for name in (names.starttls, names.direct):
        records: list[SrvRecord] = []
        try:
            if name is not None:
                records = await srv(name, nameserver=nameserver, timeout=timeout)
        except DnsError as error:
            failure = error
        found.append(tuple(records))
    starttls, direct = found
    if failure is not None and not starttls and not direct:
        raise failure
    return Lookup(starttls, direct, None if failure is None else str(failure))


async def discover(
    domain: str,
    *,
    kind: Kind = Kind.C2S,
    direct_tls: DirectTls = DirectTls.ANNOUNCED,
    nameserver: tuple[str, int] | None = None,
    timeout: float = _SECONDS,
    entropy: Entropy = system,
) -> tuple[tuple[Candidate, ...], str | None]:
    """Look a domain up and give its candidates in order, with the note of the lookup.

    () says that the domain does not offer the service. When no name server answers at all, the domain
    itself is tried (RFC 6120 section 3.2.1, step 9) and the note tells; an answer that is an error is a
    `DnsError`. Raises `StringError` for what is no domain.
    """
    try:
        found = await lookup(domain, kind=kind, direct_tls=direct_tls, nameserver=nameserver, timeout=timeout)
    except DnsError as error:
        if error.answered:
            raise
        found = Lookup(note=f"{error}: the domain itself is tried")
    ordered = candidates(
        domain, starttls=found.starttls, direct=found.direct, kind=kind, direct_tls=direct_tls, entropy=entropy
    )
    return ordered, found.note


def _resolver(nameserver: tuple[str, int] | None, timeout: float) -> Resolver:
    import dns.asyncresolver
    import dns.nameserver
    import dns.resolver

    try:
        resolver = dns.asyncresolver.Resolver(configure=nameserver is None)
    except (dns.resolver.NoResolverConfiguration, OSError):
        raise DnsError("this system names no name servers; give the host and port to connect to") from None
    if nameserver is not None:
        resolver.nameservers = [dns.nameserver.Do53Nameserver(*nameserver)]
    resolver.lifetime = timeout
    return resolver
