"""Examples of the RFCs, played on one side: what the other says is given, what this side says is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element

import xmpp_core as xmpp
from xmpp_core.features.sasl import Sasl
from xmpp_core.stream.feature import StreamFeature
from xmpp_core.stream.setup import Config, StreamSetup
from xmpp_core.testing.scenario import Act, Outcome, Receive, Scenario, assert_same_at_every_chunking
from xmpp_core.xml.names import canonical
from xmpp_core.xml.parser import RootEnd, XMLStreamParser

STREAM = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
TLS = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
BIND = "xmlns='urn:ietf:params:xml:ns:xmpp-bind'"
STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
END = "</stream:stream>"


@dataclass(frozen=True)
class Replayed:
    """A configuration whose nonces are those of the RFC."""

    config: xmpp.ClientConfig | xmpp.ServerConfig
    nonce: str

    def setup(self) -> StreamSetup:
        setup = self.config.setup()
        return replace(setup, features=tuple(self._replayed(one) for one in setup.features))

    def _replayed(self, feature: StreamFeature) -> StreamFeature:
        if not isinstance(feature, Sasl):
            return feature
        login, reception = feature.login, feature.reception
        return replace(
            feature,
            login=login and replace(login, nonce=lambda _: self.nonce),
            reception=reception and replace(reception, nonce=lambda _: self.nonce, downgrade_protection=False),
        )


def elements(octets: bytes) -> Iterator[bytes]:
    """The elements of several streams one after another, in canonical form, without stream headers."""
    for stream in octets.split(b"<?xml version='1.0'?>"):
        parser = XMLStreamParser(xmpp.Limits().xml(authenticated=True))
        parser.receive(stream)
        while (item := parser.next()) is not None:
            if isinstance(item, Element):
                yield canonical(item)
            elif isinstance(item, RootEnd):
                yield b"end"


def wanted(*texts: str) -> list[bytes]:
    """The elements of an example in canonical form."""
    return list(elements((f"<stream:stream {STREAM}" + "".join(texts)).encode()))


def play(
    name: str,
    config: Callable[[], Config],
    acts: tuple[str | Act, ...],
    says: tuple[str, ...],
    *,
    answers: Mapping[Any, Callable[[Any], Any]] | None = None,
    tls: xmpp.TlsInfo | None = None,
) -> Outcome:
    """Play one side of an example under every chunking; what it says must be the elements `says`, in order."""
    given = tuple(Receive(act.encode()) if isinstance(act, str) else act for act in acts)
    outcome, _ = assert_same_at_every_chunking(
        Scenario(name, config, given, answers=answers or {}, tls=tls), random=10, splits=80
    )
    assert list(elements(outcome.output)) == wanted(*says)
    return outcome
