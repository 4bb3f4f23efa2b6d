"""XEP-0163: personal eventing."""

from __future__ import annotations

import pytest

from xmpp_core.stanza.payloads.disco import DISCO_INFO, DiscoInfo, Identity
from xmpp_core.stanza.payloads.pep import has_pep, notify, wanted_nodes, wants

TUNE, GEOLOC = "http://jabber.org/protocol/tune", "http://jabber.org/protocol/geoloc"


@pytest.mark.feature("X-0163")
def test_what_a_client_wants_to_hear() -> None:
    """Section 1.2, example 5, shortened."""
    romeo = DiscoInfo(
        identities=(Identity("client", "pc", "Gajim"),),
        features=(DISCO_INFO, GEOLOC, notify(GEOLOC), TUNE, "http://jabber.org/protocol/tune+notify", "+notify"),
    )
    assert wanted_nodes(romeo.features) == {GEOLOC, TUNE}
    assert wants(romeo, TUNE)
    assert not wants(romeo, "http://jabber.org/protocol/mood")
    assert not wants(romeo, DISCO_INFO)


@pytest.mark.feature("X-0163")
def test_whether_an_account_has_it() -> None:
    """Section 6.1."""
    assert has_pep(DiscoInfo(identities=(Identity("account", "registered"), Identity("pubsub", "pep"))))
    assert not has_pep(DiscoInfo(identities=(Identity("pubsub", "service"),)))
