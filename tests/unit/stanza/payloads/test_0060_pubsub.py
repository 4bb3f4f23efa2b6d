"""XEP-0060: publish-subscribe."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import IQ, JID, LocalProtocolError, Message, PayloadError, StanzaError
from xmpp_core.stanza.payload import decode
from xmpp_core.stanza.payloads.delay import Delay
from xmpp_core.stanza.payloads.form_types import form_type
from xmpp_core.stanza.payloads.forms import FieldType, Form, FormField, FormType
from xmpp_core.stanza.payloads.idle import Idle
from xmpp_core.stanza.payloads.paging import First, Paging
from xmpp_core.stanza.payloads.pubsub import (
    META_DATA,
    PUBLISH_OPTIONS,
    AccessModel,
    Configure,
    Create,
    Default,
    ItemReply,
    NodeAffiliation,
    NodeAffiliations,
    NodeItem,
    NodeItems,
    NodeSubscription,
    NodeSubscriptions,
    NodeType,
    Options,
    Publish,
    PublishModel,
    PublishOptions,
    Pubsub,
    PubsubAffiliation,
    Retract,
    SendLastPublished,
    Subscribe,
    SubscribeOptions,
    SubscriptionState,
    Unsubscribe,
    node_config,
    options_form,
    publish_options,
    subscribe_options,
)
from xmpp_core.stanza.payloads.pubsub_errors import PubsubCondition, PubsubError
from xmpp_core.stanza.payloads.pubsub_event import (
    CollectionEvent,
    ConfigurationEvent,
    DeleteEvent,
    EventItem,
    ItemsEvent,
    PubsubEvent,
    PurgeEvent,
    SubscriptionEvent,
)
from xmpp_core.stanza.payloads.pubsub_owner import (
    ConfigureNode,
    DefaultConfiguration,
    DeleteNode,
    OwnerAffiliation,
    OwnerAffiliations,
    OwnerSubscription,
    OwnerSubscriptions,
    PubsubOwner,
    PurgeNode,
)

FRANCISCO = JID("francisco@denmark.lit")
ENTRY = element("<entry xmlns='http://www.w3.org/2005/Atom'><title>Soliloquy</title></entry>")
IDLE = "<idle xmlns='urn:xmpp:idle:1' since='1969-07-21T02:56:15Z'/>"
SINCE = Idle(datetime(1969, 7, 21, 2, 56, 15, tzinfo=UTC))


def asked(inside: str, space: str = "") -> str:
    return f"<pubsub xmlns='http://jabber.org/protocol/pubsub{space}'>{inside}</pubsub>"


def told(inside: str) -> str:
    return f"<event xmlns='http://jabber.org/protocol/pubsub#event'>{inside}</event>"


@pytest.mark.feature("X-0060")
@pytest.mark.parametrize(
    ("inside", "action"),
    [
        ("<subscriptions/>", NodeSubscriptions()),  # example 16
        ("<affiliations node='node6'/>", NodeAffiliations("node6")),  # example 26
        (
            "<affiliations><affiliation affiliation='owner' node='node1'/>"
            "<affiliation affiliation='publish-only' node='node2'/></affiliations>",
            NodeAffiliations(
                None,
                (
                    NodeAffiliation(PubsubAffiliation.OWNER, "node1"),
                    NodeAffiliation(PubsubAffiliation.PUBLISH_ONLY, "node2"),
                ),
            ),
        ),  # example 23
        ("<subscribe jid='francisco@denmark.lit' node='princely_musings'/>", Subscribe(FRANCISCO, "princely_musings")),
        (
            "<subscription jid='francisco@denmark.lit' node='princely_musings' subscription='unconfigured'>"
            "<subscribe-options><required/></subscribe-options></subscription>",
            NodeSubscription(
                FRANCISCO,
                "princely_musings",
                subscription=SubscriptionState.UNCONFIGURED,
                options=SubscribeOptions(required=True),
            ),
        ),  # example 43
        (
            "<unsubscribe jid='francisco@denmark.lit' node='princely_musings' subid='123-abc'/>",
            Unsubscribe(FRANCISCO, "princely_musings", "123-abc"),
        ),
        ("<default node='princely_musings'/>", Default("princely_musings")),
        ("<items node='princely_musings' max_items='2'/>", NodeItems("princely_musings", max_items=2)),  # example 80
        (
            "<items node='princely_musings'><item id='368866411b877c30064a5f62b917cffe'/></items>",
            NodeItems("princely_musings", (NodeItem("368866411b877c30064a5f62b917cffe"),)),
        ),  # example 82
        ("<create node='princely_musings'/>", Create("princely_musings")),
        ("<create/>", Create()),
        (
            "<retract node='princely_musings' notify='true'><item id='ae890ac52d0df67ed7cfdf51b644e901'/></retract>",
            Retract("princely_musings", (NodeItem("ae890ac52d0df67ed7cfdf51b644e901"),), notify=True),
        ),
        (f"<publish node='n'><item>{IDLE}</item></publish>", Publish("n", (NodeItem.of(SINCE),))),
        ("<publish node='princely_musings'/>", Publish("princely_musings")),  # a pure notification
    ],
)
def test_requests_and_answers(inside: str, action: Any) -> None:
    """Sections 5 to 8.1."""
    both_ways(asked(inside), Pubsub(action))


@pytest.mark.feature("X-0060")
def test_subscriptions_of_an_entity() -> None:
    """Section 5.6, example 17, shortened."""
    both_ways(
        asked("""<subscriptions>
          <subscription node='node5' jid='francisco@denmark.lit' subscription='unconfigured'/>
          <subscription node='node6' jid='francisco@denmark.lit' subscription='subscribed' subid='004-yyy'/>
        </subscriptions>"""),
        Pubsub(
            NodeSubscriptions(
                None,
                (
                    NodeSubscription(FRANCISCO, "node5", subscription=SubscriptionState.UNCONFIGURED),
                    NodeSubscription(FRANCISCO, "node6", "004-yyy", SubscriptionState.SUBSCRIBED),
                ),
            )
        ),
    )


@pytest.mark.feature("X-0060")
def test_a_page_of_items() -> None:
    """Section 6.5.4, example 76, shortened; section 7.1.2.3 for the publisher."""
    both_ways(
        asked("""
        <items node='princely_musings'>
          <item id='368866411b877c30064a5f62b917cffe' publisher='hamlet@denmark.lit'>
            <entry xmlns='http://www.w3.org/2005/Atom'><title>Soliloquy</title></entry>
          </item>
        </items>
        <set xmlns='http://jabber.org/protocol/rsm'>
          <first index='0'>368866411b877c30064a5f62b917cffe</first>
          <last>4e30f35051b7b8b42abe083742187228</last>
          <count>19</count>
        </set>
        """),
        Pubsub(
            NodeItems(
                "princely_musings",
                (NodeItem("368866411b877c30064a5f62b917cffe", "hamlet@denmark.lit", ENTRY),),
            ),
            paging=Paging(
                first=First("368866411b877c30064a5f62b917cffe", 0),
                last="4e30f35051b7b8b42abe083742187228",
                count=19,
            ),
        ),
    )


@pytest.mark.feature("X-0060")
def test_publishing_with_options() -> None:
    """Section 7.1.5, example 114, shortened."""
    both_ways(
        asked("""
        <publish node='princely_musings'>
          <item id='ae890ac52d0df67ed7cfdf51b644e901'>
            <entry xmlns='http://www.w3.org/2005/Atom'><title>Soliloquy</title></entry>
          </item>
        </publish>
        <publish-options>
          <x xmlns='jabber:x:data' type='submit'>
            <field var='FORM_TYPE' type='hidden'>
              <value>http://jabber.org/protocol/pubsub#publish-options</value>
            </field>
            <field var='pubsub#access_model'><value>presence</value></field>
          </x>
        </publish-options>
        """),
        Pubsub(
            Publish("princely_musings", (NodeItem.of(ENTRY, "ae890ac52d0df67ed7cfdf51b644e901"),)),
            publish_options=publish_options(access_model=AccessModel.PRESENCE),
        ),
    )
    refused(Pubsub, asked("<publish node='n'/><publish-options/>"), "pubsub/publish-options/x")
    assert publish_options() == PublishOptions(options_form(PUBLISH_OPTIONS, {}))


@pytest.mark.feature("X-0060")
def test_creating_and_configuring() -> None:
    """Section 8.1.3, example 123, shortened."""
    both_ways(
        asked("""
        <create node='princely_musings'/>
        <configure>
          <x xmlns='jabber:x:data' type='submit'>
            <field var='FORM_TYPE' type='hidden'>
              <value>http://jabber.org/protocol/pubsub#node_config</value>
            </field>
            <field var='pubsub#title'><value>Princely Musings (Atom)</value></field>
            <field var='pubsub#deliver_notifications'><value>true</value></field>
            <field var='pubsub#item_expire'><value>604800</value></field>
            <field var='pubsub#access_model'><value>roster</value></field>
            <field var='pubsub#roster_groups_allowed'><value>friends</value><value>lovers</value></field>
            <field var='{http://example.com/pubsub}time'><value>09:00-12:00</value></field>
          </x>
        </configure>
        """),
        Pubsub(
            Create("princely_musings"),
            configure=Configure(
                node_config(
                    title="Princely Musings (Atom)",
                    deliver_notifications=True,
                    item_expire=604800,
                    access_model=AccessModel.ROSTER,
                    roster_groups_allowed=("friends", "lovers"),
                    **{"{http://example.com/pubsub}time": "09:00-12:00"},
                )
            ),
        ),
    )


@pytest.mark.feature("X-0060")
def test_options_of_a_subscription() -> None:
    """Sections 6.3.5 and 6.3.7: examples 59 and 68, shortened."""
    both_ways(
        asked("""
        <subscribe jid='francisco@denmark.lit' node='princely_musings'/>
        <options>
          <x xmlns='jabber:x:data' type='submit'>
            <field var='FORM_TYPE' type='hidden'>
              <value>http://jabber.org/protocol/pubsub#subscribe_options</value>
            </field>
            <field var='pubsub#deliver'><value>true</value></field>
            <field var='pubsub#show-values'><value>chat</value><value>online</value></field>
          </x>
        </options>
        """),
        Pubsub(
            Subscribe(FRANCISCO, "princely_musings"),
            options=Options(
                form=subscribe_options(deliver=True, show_values=["chat", "online"]),
            ),
        ),
    )
    both_ways(
        asked("<options jid='francisco@denmark.lit' node='princely_musings' subid='123-abc'/>"),
        Pubsub(options=Options(FRANCISCO, "princely_musings", "123-abc")),
    )
    refused(Pubsub, asked("<options node='princely_musings'/>"), "pubsub/options/@jid")


def test_forms_of_nodes() -> None:
    """Section 16.4: the values are the words of the registry."""
    made = node_config(
        publish_model=PublishModel.PUBLISHERS,
        send_last_published_item=SendLastPublished.ON_SUB_AND_PRESENCE,
        node_type=NodeType.LEAF,
        itemreply=ItemReply.OWNER,
        persist_items=False,
    )
    assert [one.values for one in made.fields[1:]] == [
        ("publishers",),
        ("on_sub_and_presence",),
        ("leaf",),
        ("owner",),
        ("false",),
    ]
    described = options_form(META_DATA, {"creator": "hamlet@denmark.lit"}, FormType.RESULT)
    assert form_type(described) == META_DATA
    assert described.type is FormType.RESULT
    assert described.value("pubsub#creator") == "hamlet@denmark.lit"


@pytest.mark.parametrize(
    ("inside", "path"),
    [
        ("<items node='a'/><items node='b'/>", "pubsub/*"),
        ("<create/><publish node='a'/>", "pubsub/*"),
        ("<publish node='a'/><configure/>", "pubsub/configure"),
        (
            "<create/><publish-options><x xmlns='jabber:x:data' type='submit'/></publish-options>",
            "pubsub/publish-options",
        ),
        ("<publish/>", "pubsub/publish/@node"),
        ("<retract node='a'/>", "pubsub/retract/item"),
        ("<items node='a' max_items='0'/>", "pubsub/items/@max_items"),
        ("<subscribe node='a'/>", "pubsub/subscribe/@jid"),
        ("<publish node='a'><item><a xmlns='x:y'/><b xmlns='x:y'/></item></publish>", "pubsub/publish/item/*"),
        (
            "<affiliations><affiliation node='a' affiliation='king'/></affiliations>",
            "pubsub/affiliations/affiliation/@affiliation",
        ),
    ],
)
def test_what_is_wrong_is_named(inside: str, path: str) -> None:
    """Section 17.1; section 7.1.3.6: an item holds one payload."""
    refused(Pubsub, asked(inside), path)


@pytest.mark.feature("X-0060")
@pytest.mark.parametrize(
    ("inside", "action"),
    [
        ("<configure node='princely_musings'/>", ConfigureNode("princely_musings")),
        (
            "<configure node='n'><x xmlns='jabber:x:data' type='cancel'/></configure>",
            ConfigureNode("n", Form(FormType.CANCEL)),
        ),
        ("<default/>", DefaultConfiguration()),
        ("<default type='collection'/>", DefaultConfiguration(type=NodeType.COLLECTION)),
        (
            "<delete node='princely_musings'><redirect uri='xmpp:hamlet@denmark.lit?;node=blog'/></delete>",
            DeleteNode("princely_musings", "xmpp:hamlet@denmark.lit?;node=blog"),
        ),  # example 158
        ("<purge node='princely_musings'/>", PurgeNode("princely_musings")),
        (
            "<subscriptions node='princely_musings'>"
            "<subscription jid='polonius@denmark.lit' subscription='none'/></subscriptions>",
            OwnerSubscriptions(
                "princely_musings", (OwnerSubscription(JID("polonius@denmark.lit"), SubscriptionState.NONE),)
            ),
        ),
        (
            "<affiliations node='princely_musings'>"
            "<affiliation jid='bernardo@denmark.lit' affiliation='publisher'/></affiliations>",
            OwnerAffiliations(
                "princely_musings", (OwnerAffiliation(JID("bernardo@denmark.lit"), PubsubAffiliation.PUBLISHER),)
            ),
        ),
    ],
)
def test_what_owners_ask(inside: str, action: Any) -> None:
    """Section 8."""
    both_ways(asked(inside, "#owner"), PubsubOwner(action))


def test_an_owner_asks_for_something() -> None:
    refused(PubsubOwner, asked("", "#owner"), "pubsub/*")


@pytest.mark.feature("X-0060")
@pytest.mark.parametrize(
    ("inside", "event"),
    [
        (
            f"<items node='n'><item id='a' publisher='hamlet@denmark.lit'>{IDLE}</item></items>",
            ItemsEvent("n", (EventItem("a", "hamlet@denmark.lit", element(IDLE)),)),
        ),
        (
            "<items node='princely_musings'><retract id='ae890ac52d0df67ed7cfdf51b644e901'/></items>",
            ItemsEvent("princely_musings", retracted=("ae890ac52d0df67ed7cfdf51b644e901",)),
        ),
        ("<configuration node='princely_musings'/>", ConfigurationEvent("princely_musings")),
        (
            "<configuration node='n'><x xmlns='jabber:x:data' type='result'>"
            "<field var='pubsub#title' type='text-single'><value>t</value></field></x></configuration>",
            ConfigurationEvent(
                "n", Form(FormType.RESULT, fields=(FormField("pubsub#title", FieldType.TEXT_SINGLE, ("t",)),))
            ),
        ),
        (
            "<delete node='princely_musings'><redirect uri='xmpp:hamlet@denmark.lit?;node=blog'/></delete>",
            DeleteEvent("princely_musings", "xmpp:hamlet@denmark.lit?;node=blog"),
        ),
        ("<purge node='princely_musings'/>", PurgeEvent("princely_musings")),
        (
            "<subscription expiry='2006-02-28T23:59:59Z' jid='francisco@denmark.lit' node='princely_musings' "
            "subid='ba49252aaa4f5d320c24d3766f0bdcade78c78d3' subscription='subscribed'/>",
            SubscriptionEvent(
                FRANCISCO,
                "princely_musings",
                "ba49252aaa4f5d320c24d3766f0bdcade78c78d3",
                SubscriptionState.SUBSCRIBED,
                datetime(2006, 2, 28, 23, 59, 59, tzinfo=UTC),
            ),
        ),
        (
            "<collection node='some-collection'><associate node='new-node-id'/></collection>",
            CollectionEvent("some-collection", "new-node-id"),
        ),
        (
            "<collection node='some-collection'><disassociate node='old-node-id'/></collection>",
            CollectionEvent("some-collection", disassociate="old-node-id"),
        ),
    ],
)
def test_what_subscribers_are_told(inside: str, event: Any) -> None:
    """Sections 7.1.2, 7.2.2.1, 8.2.5.2, 8.4.2, 8.5.2, 12.19 and 17.3."""
    both_ways(told(inside), PubsubEvent(event))


def test_payloads_are_read_from_items() -> None:
    for item in (
        decode(NodeItem, element(f"<item xmlns='http://jabber.org/protocol/pubsub'>{IDLE}</item>")),
        decode(EventItem, element(f"<item xmlns='http://jabber.org/protocol/pubsub#event'>{IDLE}</item>")),
    ):
        assert isinstance(item, NodeItem | EventItem)
        assert item.read(Idle) == SINCE
        with pytest.raises(PayloadError):
            item.read(Delay)
    assert NodeItem("a").read(Idle) is None
    assert EventItem("a").read(Idle) is None


@pytest.mark.feature("X-0060", "X-0163")
def test_an_event_counts_from_whose_node_it_is() -> None:
    """XEP-0163 section 4.3.1: it is from the bare address of the account."""
    me, juliet = JID("romeo@montague.lit/orchard"), JID("juliet@capulet.lit")
    inside = told("<purge node='n'/>")

    def read(sender: str, by: JID | None = None) -> PubsubEvent | None:
        message = Message.view(element(f"<message xmlns='jabber:client' {sender}>{inside}</message>"))
        return message.get(PubsubEvent, account=me, by=by)

    assert read("from='juliet@capulet.lit'", juliet) == PubsubEvent(PurgeEvent("n"))
    assert read("from='romeo@montague.lit'") is not None
    assert read("from='tybalt@capulet.lit'", juliet) is None
    assert read("from='juliet@capulet.lit'") is None
    with pytest.raises(LocalProtocolError):
        Message.view(element(f"<message xmlns='jabber:client'>{inside}</message>")).get(PubsubEvent)


@pytest.mark.feature("X-0060")
def test_errors() -> None:
    """Section 17.2, and section 5.6, example 19."""
    for condition in PubsubCondition:
        if condition is not PubsubCondition.UNSUPPORTED:
            both_ways(f"<{condition.value} xmlns='http://jabber.org/protocol/pubsub#errors'/>", PubsubError(condition))
    unsupported = PubsubError(PubsubCondition.UNSUPPORTED, "retrieve-subscriptions")
    both_ways(
        "<unsupported xmlns='http://jabber.org/protocol/pubsub#errors' feature='retrieve-subscriptions'/>",
        unsupported,
    )
    refused(PubsubError, "<unsupported xmlns='http://jabber.org/protocol/pubsub#errors'/>", "unsupported/@feature")
    with pytest.raises(PayloadError):
        PubsubError(PubsubCondition.CLOSED_NODE, "retrieve-items")
    answer = IQ(type="get", id="subscriptions1").error_answer(
        StanzaError("feature-not-implemented", application=unsupported)
    )
    read = answer.error
    assert read is not None
    assert isinstance(read.application, Element)
    assert decode(PubsubError, read.application) == unsupported
