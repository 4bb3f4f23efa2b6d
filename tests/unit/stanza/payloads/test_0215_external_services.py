"""XEP-0215: external services."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from payload_shapes import both_ways, refused

from xmpp_core.stanza.payloads.external_services import (
    ExternalCredentials,
    ExternalService,
    ExternalServices,
    ServiceAction,
    updated,
)
from xmpp_core.stanza.payloads.forms import Form, FormField, FormType

STUN = ExternalService("stun.shakespeare.lit", "stun", 9998, "udp")
TURN = ExternalService(
    "relay.shakespeare.lit", "turn", 9999, "udp", username="nb78932lkjlskjfdb7g8", password="jj929jkj5sadjfj93v3n"
)


@pytest.mark.feature("X-0215")
def test_asked_and_told() -> None:
    """Sections 3.1 and 3.2, examples 1 to 4."""
    both_ways("<services xmlns='urn:xmpp:extdisco:2'/>", ExternalServices())
    both_ways("<services xmlns='urn:xmpp:extdisco:2' type='turn'/>", ExternalServices("turn"))
    both_ways(
        """<services xmlns='urn:xmpp:extdisco:2'>
          <service host='stun.shakespeare.lit' port='9998' transport='udp' type='stun'/>
          <service host='relay.shakespeare.lit' password='jj929jkj5sadjfj93v3n' port='9999' transport='udp' type='turn'
                   username='nb78932lkjlskjfdb7g8'/></services>""",
        ExternalServices(services=(STUN, TURN)),
    )
    assert "jj929" not in repr(ExternalServices(services=(STUN, TURN)))
    refused(
        ExternalServices,
        "<services xmlns='urn:xmpp:extdisco:2'><service host='a' type='b' port='65536'/></services>",
        "services/service/@port",
    )


@pytest.mark.feature("X-0215")
def test_credentials_and_more() -> None:
    """Sections 3.3 and 4, examples 6 and 7."""
    both_ways(
        """<credentials xmlns='urn:xmpp:extdisco:2'><service host='turn.shakespeare.lit' type='turn'/></credentials>""",
        ExternalCredentials((ExternalService("turn.shakespeare.lit", "turn"),)),
    )
    both_ways(
        """<service xmlns='urn:xmpp:extdisco:2' host='a.example' type='ftp' name='Files' restricted='true'
        expires='2022-08-23T12:00:00Z'><x xmlns='jabber:x:data' type='result'>
        <field var='a'><value>b</value></field></x></service>""",
        ExternalService(
            "a.example",
            "ftp",
            name="Files",
            restricted=True,
            expires=datetime(2022, 8, 23, 12, tzinfo=UTC),
            form=Form(FormType.RESULT, fields=(FormField("a", None, ("b",)),)),
        ),
    )


@pytest.mark.feature("X-0215")
def test_a_push() -> None:
    """Section 3.2, example 5: what is added, changed and gone."""
    push = both_ways(
        """<services xmlns='urn:xmpp:extdisco:2' type='turn'>
          <service action='delete' host='relay.shakespeare.lit' port='9999' type='turn'/>
          <service host='192.0.2.2' port='7778' transport='udp' type='turn'/></services>""",
        ExternalServices(
            "turn",
            (
                ExternalService("relay.shakespeare.lit", "turn", 9999, action=ServiceAction.DELETE),
                ExternalService("192.0.2.2", "turn", 7778, "udp"),
            ),
        ),
    )
    assert updated((STUN, TURN), push) == (STUN, push.services[1])
    other = ExternalService("stun.shakespeare.lit", "stun", 9998, "udp", name="New", action=ServiceAction.MODIFY)
    assert updated((STUN, TURN), ExternalServices(services=(other,))) == (TURN, other)
    # The text has another word than the schema (section 2).
    gone = ExternalService("stun.shakespeare.lit", "stun", 9998, "udp", action=ServiceAction.REMOVE)
    assert updated((STUN, TURN), ExternalServices(services=(gone,))) == (TURN,)
    tcp = ExternalService("stun.shakespeare.lit", "stun", 9998, "tcp", action=ServiceAction.DELETE)
    assert updated((STUN,), ExternalServices(services=(tcp,))) == (STUN,)
