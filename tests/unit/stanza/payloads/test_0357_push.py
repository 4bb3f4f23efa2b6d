"""XEP-0357: push notifications."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import JID, PayloadError
from xmpp_core.stanza.payloads.form_types import form_type, typed_form
from xmpp_core.stanza.payloads.forms import Form, FormField, FormType
from xmpp_core.stanza.payloads.push import (
    PUBLISH_OPTIONS,
    SUMMARY,
    PushDisable,
    PushEnable,
    PushNotification,
    PushSummary,
)

SERVICE = JID("push-5.client.example")
NODE = "yxs32uqsflafdk3iuqo"


@pytest.mark.feature("X-0357")
def test_enabled_and_disabled() -> None:
    """Sections 5 and 6, examples 8 to 11."""
    enable = both_ways(
        f"<enable xmlns='urn:xmpp:push:0' jid='push-5.client.example' node='{NODE}'/>", PushEnable(SERVICE, NODE)
    )
    assert enable.options is None
    options = Form(
        FormType.SUBMIT,
        fields=(FormField("FORM_TYPE", None, (PUBLISH_OPTIONS,)), FormField("secret", None, ("eruio234vzxc2kla-91",))),
    )
    read = both_ways(
        f"""<enable xmlns='urn:xmpp:push:0' jid='push-5.client.example' node='{NODE}'>
        <x xmlns='jabber:x:data' type='submit'>
        <field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>
        <field var='secret'><value>eruio234vzxc2kla-91</value></field></x></enable>""",
        PushEnable(SERVICE, NODE, (options,)),
    )
    assert read.options == options
    all_nodes = both_ways("<disable xmlns='urn:xmpp:push:0' jid='push-5.client.example'/>", PushDisable(SERVICE))
    one = both_ways(
        f"<disable xmlns='urn:xmpp:push:0' jid='push-5.client.example' node='{NODE}'/>", PushDisable(SERVICE, NODE)
    )
    for given, stopped in (
        (all_nodes, True),
        (one, True),
        (PushDisable(SERVICE, "other"), False),
        (PushDisable(JID("push-6.client.example"), NODE), False),
    ):
        assert given.stops(enable) is stopped
    refused(PushEnable, "<enable xmlns='urn:xmpp:push:0'/>", "enable/@jid")
    refused(PushDisable, "<disable xmlns='urn:xmpp:push:0' node='a'/>", "disable/@jid")


@pytest.mark.feature("X-0357")
def test_what_is_published() -> None:
    """Section 7, example 12, with the type of its form."""
    summary = PushSummary(1, None, JID("juliet@capulet.example/balcony"), "Wherefore art thou, Romeo?")
    own = element("<additional xmlns='http://example.com/custom'>Additional custom elements</additional>")
    both_ways(
        """<notification xmlns='urn:xmpp:push:0'><x xmlns='jabber:x:data' type='submit'>
          <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:push:summary</value></field>
          <field var='message-count'><value>1</value></field>
          <field var='last-message-sender'><value>juliet@capulet.example/balcony</value></field>
          <field var='last-message-body'><value>Wherefore art thou, Romeo?</value></field></x>
          <additional xmlns='http://example.com/custom'>Additional custom elements</additional></notification>""",
        PushNotification(summary.form(), (own,)),
    )
    assert form_type(summary.form()) == SUMMARY
    assert PushSummary.read(summary.form()) == summary
    assert PushSummary.read(PushSummary().form()) == PushSummary()
    for wrong in ({"message-count": "many"}, {"pending-subscription-count": "-1"}, {"last-message-sender": "@"}):
        with pytest.raises(PayloadError):
            PushSummary.read(typed_form(SUMMARY, wrong))
