"""PLAIN, EXTERNAL, ANONYMOUS and OAUTHBEARER once their one message is out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from xmpp_core.errors import LocalProtocolError
from xmpp_core.sasl.anonymous import AnonymousClient
from xmpp_core.sasl.credentials import Anonymous, Certificate, Password, Token
from xmpp_core.sasl.external import ExternalClient
from xmpp_core.sasl.mechanism import Failed, Respond, SaslContext, Verified
from xmpp_core.sasl.oauthbearer import OAuthBearerClient
from xmpp_core.sasl.one_message import MessageSent
from xmpp_core.sasl.plain import PlainClient

SECURE = SaslContext(secure=True, domain="example.com")
CLIENTS: list[Any] = [
    PlainClient(authcid="juliet", credentials=Password("pencil")),
    ExternalClient(credentials=Certificate()),
    AnonymousClient(credentials=Anonymous()),
    OAuthBearerClient(credentials=Token("token")),
]


@pytest.mark.feature("SASL-12", "SASL-13", "SASL-14")
@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one.name)
def test_the_verdict_follows_the_message(client: Any, kept: Callable[[object], object]) -> None:
    sent = client.start(SECURE)
    assert isinstance(sent, Respond)
    assert sent.state == MessageSent(client.name) == kept(sent.state)
    assert client.resumed(kept(sent.state), SECURE) is None
    assert client.succeeded(sent.state, None, SECURE) == client.succeeded(sent.state, b"", SECURE) == Verified()
    more = client.succeeded(sent.state, b"more", SECURE)
    assert isinstance(more, Failed)
    assert more.reason == f"the server sends data with the success of {client.name}"
    asked = client.challenged(sent.state, b"more", SECURE)
    assert isinstance(asked, Failed)
    assert asked.reason.startswith(f"the server challenges where {client.name} has ")


@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one.name)
def test_a_state_of_another_mechanism_is_refused(client: Any) -> None:
    for state in (None, "state", *(MessageSent(one.name) for one in CLIENTS if one is not client)):
        with pytest.raises(LocalProtocolError, match=f"no state of {client.name}"):
            client.challenged(state, b"", SECURE)
        with pytest.raises(LocalProtocolError, match=f"no state of {client.name}"):
            client.succeeded(state, None, SECURE)
        with pytest.raises(LocalProtocolError, match=f"no state of {client.name}"):
            client.resumed(state, SECURE)
    with pytest.raises(LocalProtocolError, match=f"{client.name} asked nothing"):
        client.answered(MessageSent(client.name), None, SECURE)
