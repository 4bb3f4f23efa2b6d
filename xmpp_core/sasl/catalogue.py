"""The mechanisms of this package as ordered tuples: a new one is a new line here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .anonymous import AnonymousClient, AnonymousServer
from .credentials import Anonymous, Certificate, Credentials, Password, Token
from .external import ExternalClient, ExternalServer
from .ht import HtClient, HtServer, ht_names, split_name
from .mechanism import ClientMechanism, ServerMechanism
from .oauthbearer import OAuthBearerClient, OAuthBearerServer, XOAuth2Server
from .plain import PlainClient, PlainServer
from .preparation import forms
from .scram_client import ScramClient
from .scram_server import ScramServer

__all__ = ["CLIENT_HASHES", "DIGEST_MD5", "SERVER_HASHES", "client_mechanisms", "server_mechanisms"]

CLIENT_HASHES: Final = ("SHA3-512", "SHA-512", "SHA-256", "SHA-1")
"""The hashes a client can do SCRAM with, the strongest first."""

SERVER_HASHES: Final = ("SHA-512", "SHA-256", "SHA-1")
"""The hashes a server offers: those `StoredKeys.derive` makes keys for unless told otherwise."""

DIGEST_MD5: Final = "DIGEST-MD5"
"""Used and offered only where it is named."""


def client_mechanisms(
    authcid: str,
    credentials: Credentials,
    authzid: str | None = None,
    *,
    named: Iterable[str] | None = None,
) -> tuple[ClientMechanism, ...]:
    """Give every mechanism for this account, the strongest first; `named` keeps those of these names alone.

    A password whose PRECIS and SASLprep forms differ is there twice under each name, see `preparation`.
    DIGEST-MD5 is there only if named. Raises `LocalProtocolError` for a name, authorization identity,
    password or token that cannot be used.
    """
    wanted = None if named is None else frozenset(named)
    found: list[ClientMechanism] = []
    match credentials:
        case Certificate():
            found.append(ExternalClient(credentials=credentials, authzid=authzid))
        case Anonymous():
            found.append(AnonymousClient(credentials=credentials))
        case Token() if split_name(credentials.mechanism) is not None:
            found.append(HtClient(name=credentials.mechanism, authcid=authcid, credentials=credentials))
        case Token():
            found.append(OAuthBearerClient(credentials=credentials, authzid=authzid))
        case _:
            tries = range(len(forms(credentials.password)) if isinstance(credentials, Password) else 1)
            found += (
                ScramClient(hash=hash, plus=plus, authcid=authcid, credentials=credentials, authzid=authzid, form=form)
                for plus in (True, False)
                for hash in CLIENT_HASHES
                for form in tries
            )
            if isinstance(credentials, Password) and wanted is not None and DIGEST_MD5 in wanted:
                from .digest_md5 import DigestMd5Client

                found.append(DigestMd5Client(authcid=authcid, credentials=credentials, authzid=authzid))
            found += (
                PlainClient(authcid=authcid, credentials=credentials, authzid=authzid, form=form) for form in tries
            )
    return tuple(one for one in found if wanted is None or one.name in wanted)


def server_mechanisms(
    hashes: Iterable[str] = SERVER_HASHES, *, plain: bool = True, named: Iterable[str] | None = None
) -> tuple[ServerMechanism, ...]:
    """Give the mechanisms a server offers, the strongest first.

    Without `named`: EXTERNAL, SCRAM for each hash with and without channel binding, and PLAIN. With it,
    those of these names alone, which is the only way to ANONYMOUS, OAUTHBEARER, X-OAUTH2, HT, SCRAM with
    SHA3-512 and DIGEST-MD5. A name that is none of this package is passed over.
    """
    wanted = None if named is None else frozenset(named)
    hashes = tuple(hashes) if wanted is None else CLIENT_HASHES
    found: list[ServerMechanism] = [ExternalServer()]
    found += (ScramServer(hash=hash, plus=plus) for plus in (True, False) for hash in hashes)
    if wanted is not None:
        found += (HtServer(name=name) for name in ht_names(("SHA3-512", "SHA-512", "SHA-256")))
        found += (OAuthBearerServer(), XOAuth2Server())
        if DIGEST_MD5 in wanted:
            from .digest_md5 import DigestMd5Server

            found.append(DigestMd5Server())
    if plain:
        found.append(PlainServer())
    if wanted is None:
        return tuple(found)
    found.append(AnonymousServer())
    return tuple(one for one in found if one.name in wanted)
