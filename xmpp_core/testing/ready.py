"""Two ends in memory that have logged in already: where most tests begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..features.bind import BindRequested, Bound
from ..features.logins import CredentialsLookup
from ..features.starttls import TlsUpgrade
from ..jid import JID
from ..profiles import ClientConfig, ServerConfig
from ..sasl.credentials import StoredKeys
from ..stream.context import TlsInfo
from .chunking import Chunker, whole
from .entropy import CountedEntropy
from .pair import Answers, Pair

__all__ = ["ready_pair"]


def ready_pair(
    jid: JID | str = "juliet@xmpp.test/balcony",
    *,
    password: str = "s3cret",
    mechanisms: Sequence[str] = ("SCRAM-SHA-256",),
    chunker: Chunker = whole,
    client: Mapping[str, Any] | None = None,
    server: Mapping[str, Any] | None = None,
    client_answers: Answers | None = None,
    server_answers: Answers | None = None,
) -> Pair:
    """Give a pair whose client is logged in as `jid`, over what stands for TLS.

    `client` and `server` are more arguments of `ClientConfig` and `ServerConfig`; the answers are added to
    those that a login needs. What was delivered and written until then is not kept: `events` and `sent`
    are empty. Raises `AssertionError` when these settings do not lead to a session.
    """
    address = jid if isinstance(jid, JID) else JID(jid)
    entropy = CountedEntropy("salt")
    keys = StoredKeys.derive(password, ("SHA-1", "SHA-256", "SHA-512"), iterations=4096, entropy=entropy)
    tls = TlsInfo(version="TLSv1.3", verified=True)

    def bound(question: BindRequested) -> Bound:
        return Bound(question.account.with_resource(question.resource or "resource"))

    pair = Pair(
        ClientConfig(**{"jid": address, "password": password, "entropy": CountedEntropy("client"), **(client or {})}),
        ServerConfig(
            **{
                "domains": {address.domain},
                "mechanisms": tuple(mechanisms),
                "entropy": CountedEntropy("server"),
                **(server or {}),
            }
        ),
        initiating_answers={TlsUpgrade: lambda _: tls, **(client_answers or {})},
        receiving_answers={
            TlsUpgrade: lambda _: tls,
            CredentialsLookup: lambda _: keys,
            BindRequested: bound,
            **(server_answers or {}),
        },
        chunker=chunker,
    )
    pair.pump()
    for end in (pair.initiating, pair.receiving):
        assert end.connection.can_send, f"no session: {[*pair.initiating.events, *pair.receiving.events]}"
        end.events.clear()
        end.sent.clear()
    return pair
