"""Where a domain's servers are, and reaching one of them."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Final

from ..discovery import Candidate, DirectTls, explicit, redirected
from ..entropy import Entropy
from ..stream.events import Redirect
from ..strings.errors import StringError
from .dns import DnsError, discover
from .errors import HostNotFound, HostUnreachable
from .shell import Shell, Wire

__all__ = ["Where", "candidates_for", "elsewhere", "reach"]

_EACH: Final = 15.0
"""Seconds that one host gets to take the connection before the next is tried."""
_PORT: Final = 5222
_DIRECT_PORT: Final = 5223
_WISHES: Final = {None: DirectTls.ANNOUNCED, True: DirectTls.ONLY, False: DirectTls.NEVER}


@dataclass(frozen=True, slots=True)
class Where:
    """What the caller said about where to connect."""

    host: str | None = None
    port: int | None = None
    direct_tls: bool | None = None


async def reach(shell: Shell, candidate: Candidate) -> Wire:
    """Open a connection to a candidate.

    Raises `HostNotFound` when its name leads nowhere and `HostUnreachable` when nobody answers.
    """
    place = f"{candidate.host} port {candidate.port}"
    try:
        return await shell.within(_EACH, lambda: shell.connect(candidate.host, candidate.port))
    except socket.gaierror as error:
        raise HostNotFound(f"the host name {candidate.host} was not found: check it, or name a host") from error
    except TimeoutError as error:
        raise HostUnreachable(f"{place} did not answer within {_EACH:g} s") from error
    except OSError as error:
        raise HostUnreachable(f"{place} cannot be reached: {_words(error)}") from error


def _words(error: OSError) -> str:
    # Where several addresses were tried the reasons stand below: one, or a group of them.
    below = error.__cause__
    first = below.exceptions[0] if isinstance(below, BaseExceptionGroup) else below
    reason = first if isinstance(first, OSError) else error
    if isinstance(reason, ConnectionRefusedError) or "refused" in str(error).lower():
        return "the connection was refused: is a server running there?"
    return reason.strerror or str(reason) or type(reason).__name__


async def candidates_for(domain: str, where: Where, entropy: Entropy) -> tuple[tuple[Candidate, ...], str | None]:
    """Give the servers of `domain` to try, in order, and words on what was not looked up.

    Raises `HostNotFound` when the domain offers no service to clients, or nobody can tell.
    """
    if where.host is not None or where.port is not None:
        direct = bool(where.direct_tls)
        host = where.host or domain
        usual = _DIRECT_PORT if direct else _PORT
        try:
            return explicit(host, usual if where.port is None else where.port, direct_tls=direct), None
        except StringError as error:
            raise HostNotFound("the host is neither a domain name nor an address") from error
    try:
        found, note = await discover(domain, direct_tls=_WISHES[where.direct_tls], entropy=entropy)
    except DnsError as error:
        raise HostNotFound(str(error)) from error
    if not found:
        raise HostNotFound(f"{domain} says that it offers no such service to clients")
    return found, note


async def elsewhere(
    redirect: Redirect, connected: Candidate, domain: str, where: Where, entropy: Entropy
) -> tuple[Candidate, ...]:
    """Give the servers that a `see-other-host` leads to (RFC 6120 section 4.9.3.19); () for what is no host."""
    try:
        known = redirected(redirect, connected=connected, domain=domain, direct_tls=_WISHES[where.direct_tls])
    except StringError:
        return ()
    if known is not None:
        return known
    found, _ = await candidates_for(redirect.host, Where(direct_tls=where.direct_tls), entropy)
    return found
