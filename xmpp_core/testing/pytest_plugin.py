"""The pytest plugin: fixtures `xmpp_server`, `xmpp_server_factory` and `xmpp_pair` (docs/reference/testing.md).

pytest loads it in every run, whether a test needs it or not: everything else is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..server.authority import Authority
    from .live.server import LoopbackServer
    from .pair import Pair

__all__ = ["xmpp_authority", "xmpp_pair", "xmpp_server", "xmpp_server_factory"]


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known."""
    config.addinivalue_line("markers", "xmpp_server(**options): how the fixture xmpp_server is (ServerOptions)")
    config.addinivalue_line("markers", "xmpp_pair(**options): how the fixture xmpp_pair is (ready_pair)")


def _options(request: pytest.FixtureRequest, name: str) -> dict[str, Any]:
    """Give what the marks of a test say: nearer ones win, option by option."""
    options: dict[str, Any] = {}
    for mark in request.node.iter_markers(name):
        if mark.args:
            raise pytest.UsageError(f"{request.node.nodeid}: the mark {name} takes options by name alone")
        options = {**mark.kwargs, **options}
    return options


@pytest.fixture(scope="session")
def xmpp_authority() -> Authority:
    """The certificate authority of this run, which issues for every server of it. Nobody else trusts it."""
    from ..server.authority import Authority

    return Authority.create()


@pytest.fixture
def xmpp_server_factory(xmpp_authority: Authority, tmp_path: Path) -> Iterator[Callable[..., LoopbackServer]]:
    """Start servers: `xmpp_server_factory(**options)` gives one, with the options of `ServerOptions`.

    All are stopped after the test, which fails when one of them had failed inside.
    """
    from .live.server import LoopbackServer, ServerOptions

    ca = tmp_path / "xmpp_ca.pem"
    ca.write_text(xmpp_authority.certificate, encoding="ascii")
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(LoopbackServer(ServerOptions(**options), xmpp_authority, ca))


@pytest.fixture
def xmpp_server(request: pytest.FixtureRequest, xmpp_server_factory: Callable[..., LoopbackServer]) -> LoopbackServer:
    """A real XMPP server on loopback, with TCP and TLS; `@pytest.mark.xmpp_server(...)` sets its options."""
    return xmpp_server_factory(**_options(request, "xmpp_server"))


@pytest.fixture
def xmpp_pair(request: pytest.FixtureRequest) -> Pair:
    """Two engines in memory, logged in; `@pytest.mark.xmpp_pair(...)` sets the options of `ready_pair`."""
    from .ready import ready_pair

    return ready_pair(**_options(request, "xmpp_pair"))
