"""Limits are told before they are met (XEP-0478), and kept when the peer tells its own."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

import xmpp_core as xmpp
from xmpp_core.stream.announced import peer_limits
from xmpp_core.testing.entropy import CountedEntropy
from xmpp_core.testing.pair import Pair

TLS = xmpp.TlsInfo(version="TLSv1.3", verified=True)
KEYS = xmpp.StoredKeys.derive("pencil", hashes=("SHA-256",), iterations=4096, entropy=CountedEntropy("salt"))


def pair(**server: Any) -> Pair:
    one = Pair(
        xmpp.ClientConfig(
            jid="juliet@example.com", password="pencil", mechanisms=("SCRAM-SHA-256",), entropy=CountedEntropy("c")
        ),
        xmpp.ServerConfig(domains={"example.com"}, entropy=CountedEntropy("s"), **server),
        receiving_answers={
            xmpp.CredentialsLookup: lambda _: KEYS,
            xmpp.BindRequested: lambda question: xmpp.Bound(question.account.with_resource("balcony")),
        },
        tls=(TLS, TLS),
    )
    one.pump()
    return one


@pytest.mark.feature("STR-14", "X-0478")
def test_the_limits_told_are_those_kept_before_and_after_authentication() -> None:
    limits = xmpp.Limits(stanza_bytes=20_000, stanza_bytes_before_auth=12_000)
    one = pair(limits=limits, timeouts=xmpp.Timeouts(silence=1800.5))
    told = [peer_limits(event.element) for event in one.initiating.events if isinstance(event, xmpp.FeaturesOffered)]
    assert told == [xmpp.PeerLimits(12_000, 1800), xmpp.PeerLimits(20_000, 1800)]
    assert one.initiating.connection.peer_limits == xmpp.PeerLimits(20_000, 1800)


@pytest.mark.feature("STR-14")
def test_a_stanza_above_the_peers_limit_is_refused_before_it_is_sent_and_the_limit_itself_passes() -> None:
    one = pair(limits=xmpp.Limits(stanza_bytes=20_000))
    client = one.initiating.connection
    empty = xmpp.Message(to="romeo@example.com", body="")
    client.send(empty)
    rest = 20_000 - len(client.data_to_send(0.0)) - len("<body></body>") + len("<body/>")
    with pytest.raises(xmpp.StanzaTooLarge) as refused:
        client.send(xmpp.Message(to="romeo@example.com", body="x" * (rest + 1)))
    assert (refused.value.octets, refused.value.most) == (20_001, 20_000)
    assert client.unsent_bytes == 0
    client.send(xmpp.Message(to="romeo@example.com", body="x" * rest))
    assert client.unsent_bytes == 20_000
    one.pump()
    assert isinstance(one.receiving.events[-1], xmpp.Message)


@pytest.mark.feature("STR-14")
def test_a_server_may_keep_its_limits_to_itself() -> None:
    one = pair(announce_limits=False)
    assert one.initiating.connection.peer_limits == xmpp.PeerLimits()


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("<max-bytes>10000</max-bytes><idle-seconds>1800</idle-seconds>", xmpp.PeerLimits(10_000, 1800)),
        ("<max-bytes> 10000\n</max-bytes>", xmpp.PeerLimits(10_000)),
        ("<max-bytes>ten</max-bytes><idle-seconds/>", xmpp.PeerLimits()),
        ("<max-bytes>-1</max-bytes>", xmpp.PeerLimits()),
        ("<max-bytes>١٠</max-bytes>", xmpp.PeerLimits()),
        (f"<max-bytes>{'9' * 5000}</max-bytes>", xmpp.PeerLimits()),
    ],
)
def test_what_is_no_number_is_as_good_as_not_said(told: str, read: xmpp.PeerLimits) -> None:
    features = Element("{http://etherx.jabber.org/streams}features")
    features.append(fromstring(f"<limits xmlns='urn:xmpp:stream-limits:0'>{told}</limits>"))
    assert peer_limits(features) == read
