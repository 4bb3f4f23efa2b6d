"""Where a domain's servers are, and reaching one of them."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Final

from ..discovery import Candidate
from ..entropy import Entropy
from .errors import HostNotFound, HostUnreachable
from .shell import Shell, Wire

__all__ = ["Where", "candidates_for", "reach"]

_EACH: Final = 15.0
"""Seconds that one host gets to take the connection before the next is tried."""


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
    if isinstance(error, ConnectionRefusedError) or "refused" in str(error).lower():
        return "the connection was refused: is a server running there?"
    return error.strerror or str(error) or type(error).__name__


async def candidates_for(shell: Shell, domain: str, where: Where, entropy: Entropy) -> tuple[Candidate, ...]:
    """Give the servers of `domain` to try, in order."""
    if where.host is not None or where.port is not None:
        direct = bool(where.direct_tls)
        return (Candidate(where.host or domain, where.port or (5223 if direct else 5222), direct),)
    return (Candidate(domain, 5222, False),)
