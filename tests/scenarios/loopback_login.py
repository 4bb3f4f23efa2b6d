"""A client of the test server, for the tests of its faults."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

import xmpp_core as xmpp
from xmpp_core.adapters import asyncio as xmpp_asyncio
from xmpp_core.testing.live.server import LoopbackServer

USERS = {"juliet": "s3cret", "romeo": "s3cret"}


def login(
    server: LoopbackServer, name: str = "juliet", *, direct_tls: bool = False, **settings: Any
) -> AbstractAsyncContextManager[xmpp_asyncio.Session]:
    """Log in as one of USERS. A peer that does not close is not waited for long."""
    config = xmpp.ClientConfig(
        jid=f"{name}@{server.domain}/desk",
        password=server.users[f"{name}@{server.domain}"],
        timeouts=xmpp.Timeouts(close=0.2),
    )
    port = server.direct_tls_port if direct_tls else server.port
    return xmpp_asyncio.connect(
        config=config,
        host=server.host,
        port=port,
        direct_tls=direct_tls,
        **{"tls": server.client_tls(), "timeout": 20.0, **settings},
    )
