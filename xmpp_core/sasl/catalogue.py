"""The mechanisms of this package as ordered tuples: a new one is a new line here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .credentials import Credentials, Password
from .mechanism import ClientMechanism, ServerMechanism
from .plain import PlainClient, PlainServer
from .preparation import forms
from .scram_client import ScramClient
from .scram_server import ScramServer

__all__ = ["CLIENT_HASHES", "SERVER_HASHES", "client_mechanisms", "server_mechanisms"]

CLIENT_HASHES: Final = ("SHA3-512", "SHA-512", "SHA-256", "SHA-1")
"""The hashes a client can do SCRAM with, the strongest first."""

SERVER_HASHES: Final = ("SHA-512", "SHA-256", "SHA-1")
"""The hashes a server offers: those `StoredKeys.derive` makes keys for unless told otherwise."""


def client_mechanisms(
    authcid: str, credentials: Credentials, authzid: str | None = None
) -> tuple[ClientMechanism, ...]:
    """Give every mechanism for this account, the strongest first.

    A password whose PRECIS and SASLprep forms differ is there twice under each name, see `preparation`.
    Raises `LocalProtocolError` for a name, authorization identity or password that cannot be used.
    """
    tries = range(len(forms(credentials.password)) if isinstance(credentials, Password) else 1)
    found: list[ClientMechanism] = [
        ScramClient(hash=hash, plus=plus, authcid=authcid, credentials=credentials, authzid=authzid, form=form)
        for plus in (True, False)
        for hash in CLIENT_HASHES
        for form in tries
    ]
    found += [PlainClient(authcid=authcid, credentials=credentials, authzid=authzid, form=form) for form in tries]
    return tuple(found)


def server_mechanisms(hashes: Iterable[str] = SERVER_HASHES, *, plain: bool = True) -> tuple[ServerMechanism, ...]:
    """Give SCRAM for each hash with and without channel binding, and PLAIN, the strongest first."""
    hashes = tuple(hashes)
    found: list[ServerMechanism] = [ScramServer(hash=hash, plus=plus) for plus in (True, False) for hash in hashes]
    if plain:
        found.append(PlainServer())
    return tuple(found)
