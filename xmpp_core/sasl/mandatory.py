"""Which mechanisms an implementation must have, and whether this one has them (RFC 6120 section 13.8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .catalogue import client_mechanisms, server_mechanisms
from .credentials import Certificate, Password

__all__ = ["MANDATORY", "MandatoryMechanism", "unmet"]


@dataclass(frozen=True, slots=True)
class MandatoryMechanism:
    """A mechanism, what asks for it, and of whom: "client", "server", or both."""

    name: str
    section: str
    sides: tuple[str, ...] = ("client", "server")


MANDATORY: Final = (
    MandatoryMechanism("SCRAM-SHA-1", "RFC 6120 sections 13.8.1 and 13.8.3"),
    MandatoryMechanism("SCRAM-SHA-1-PLUS", "RFC 6120 sections 13.8.1 and 13.8.3"),
    MandatoryMechanism("EXTERNAL", "RFC 6120 section 13.8.4"),
    MandatoryMechanism("PLAIN", "RFC 6120 section 13.8.3 (SHOULD)", ("client",)),
    MandatoryMechanism("SCRAM-SHA-256", "RFC 7677 section 4 (SHOULD)"),
    MandatoryMechanism("SCRAM-SHA-256-PLUS", "RFC 7677 section 4 (SHOULD)"),
)
"""What RFC 6120 makes mandatory to implement, and what is to follow it."""


def unmet(
    client: Iterable[str] | None = None, server: Iterable[str] | None = None
) -> tuple[tuple[MandatoryMechanism, str], ...]:
    """Give each mandatory mechanism that a side lacks, with the side.

    The arguments are the names a configuration allows (`ClientConfig.mechanisms`, `ServerConfig.mechanisms`);
    None asks what this package has. To implement is not to deploy: a restricted configuration may be
    right, but should be meant.
    """
    password, certificate = Password("x"), Certificate()
    have = {
        "client": {one.name for kind in (password, certificate) for one in client_mechanisms("x", kind, named=client)},
        "server": {one.name for one in server_mechanisms(named=server)},
    }
    return tuple((one, side) for one in MANDATORY for side in one.sides if one.name not in have[side])
