"""TLS layers that talk to each other in memory, at any chunking."""

from __future__ import annotations

from functools import cache

from xmpp_core import TlsFailed, TlsInfo
from xmpp_core.adapters.tls import ClientTls, ServerTls, TlsLayer
from xmpp_core.server.authority import Authority, Issued
from xmpp_core.stream.context import Kind
from xmpp_core.testing.chunking import Chunker, whole

Outcome = TlsInfo | TlsFailed | None


@cache
def authority(name: str = "the authority") -> Authority:
    return Authority.create(name)


@cache
def issued(*domains: str) -> Issued:
    return authority().issue(domains or ("example.com", "bücher.example"))


def client(exporter: bool = False, **settings: object) -> ClientTls:
    if "context" not in settings:
        settings = {"ca": authority().certificate, **settings}
    return ClientTls(exporter=exporter, **settings)  # type: ignore[arg-type]


def server(exporter: bool = False, own: Issued | None = None, **settings: object) -> ServerTls:
    own = own or issued()
    return ServerTls(certificate=own.certificate, key=own.key, exporter=exporter, **settings)  # type: ignore[arg-type]


class Wire:
    """Two layers and the network between them."""

    def __init__(self, here: TlsLayer, there: TlsLayer, chunker: Chunker = whole) -> None:
        self.here, self.there = here, there
        self.chunker = chunker
        self.outcomes: dict[int, Outcome] = {id(here): None, id(there): None}
        self.heard: dict[int, bytearray] = {id(here): bytearray(), id(there): bytearray()}

    @classmethod
    def between(
        cls,
        here: ClientTls,
        there: ServerTls,
        *,
        host: str = "example.com",
        direct: bool = False,
        kind: Kind = Kind.C2S,
        chunker: Chunker = whole,
    ) -> Wire:
        wire = cls(here.layer(host, direct=direct, kind=kind), there.layer(direct=direct, kind=kind), chunker)
        wire.pump()
        return wire

    @property
    def client(self) -> Outcome:
        return self.outcomes[id(self.here)]

    @property
    def server(self) -> Outcome:
        return self.outcomes[id(self.there)]

    def infos(self) -> tuple[TlsInfo, TlsInfo]:
        assert isinstance(self.client, TlsInfo), self.client
        assert isinstance(self.server, TlsInfo), self.server
        return self.client, self.server

    def reasons(self) -> tuple[str | None, str | None]:
        ours, theirs = self.client, self.server
        return (
            ours.reason if isinstance(ours, TlsFailed) else None,
            theirs.reason if isinstance(theirs, TlsFailed) else None,
        )

    def pump(self) -> None:
        """Carry octets until nothing moves, as the users of a layer shall."""
        self._turn(self.here)
        self._turn(self.there)
        moved = True
        while moved:
            moved = False
            for one, other in ((self.here, self.there), (self.there, self.here)):
                octets = one.take()
                moved = moved or bool(octets)
                for piece in self.chunker(octets):
                    other.receive(piece)
                    self._turn(other)

    def cut(self, layer: TlsLayer) -> None:
        """The transport ends for this layer."""
        layer.receive(b"")
        self._turn(layer)

    def _turn(self, layer: TlsLayer) -> None:
        if self.outcomes[id(layer)] is None:
            self.outcomes[id(layer)] = layer.advance()
        if isinstance(self.outcomes[id(layer)], TlsInfo):
            self.heard[id(layer)] += layer.read()
