"""What registered query types ask for: XEP-0147 and the specifications that register some."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from xmpp_core.jid import JID
from xmpp_core.stanza import Message, Presence
from xmpp_core.uri import QUERY_TYPES, Action, Query, URIError, XmppURI, actions

DATA = Path(__file__).parents[1] / "data"
REGISTRY: dict[str, Any] = json.loads((DATA / "uri_querytypes.json").read_text())["types"]
EXAMPLES: list[dict[str, Any]] = json.loads((DATA / "uri_queries.json").read_text())["examples"]


def action(name: str, fields: dict[str, Any]) -> Action:
    if "jids" in fields:
        fields = {**fields, "jids": tuple(map(JID, fields["jids"]))}
    made = getattr(actions, name)(**fields)
    assert isinstance(made, Action)
    return made


@pytest.mark.feature("URI-02")
def test_the_query_types_are_the_registered_ones() -> None:
    ours = {
        name: {"document": kind.defined_in, "keys": {key.name: list(key.values) for key in kind.keys}}
        for name, kind in QUERY_TYPES.items()
    }
    assert ours == REGISTRY
    assert len(ours) == 16


@pytest.mark.shared
def test_the_registry_is_the_shared_one(shared: Path) -> None:
    table = json.loads((shared / "specs" / "tables" / "uri-querytypes.json").read_text())
    assert {
        name: {"document": f"XEP-{row['xep']}", "keys": {key["name"]: key["values"] for key in row["keys"]}}
        for name, row in table.items()
    } == REGISTRY


@pytest.mark.feature("URI-02")
@pytest.mark.parametrize("name", QUERY_TYPES)
def test_each_key_fills_a_field(name: str) -> None:
    kind = QUERY_TYPES[name]
    assert dataclasses.is_dataclass(kind)
    assert sorted(key.field for key in kind.keys) == sorted(field.name for field in dataclasses.fields(kind))
    assert kind.query_type == name
    assert kind().query == Query(name)


@pytest.mark.feature("URI-02")
@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: f"{row['document']}: {row['uri'][5:60]}")
def test_the_examples_of_the_xeps(row: dict[str, Any]) -> None:
    uri = XmppURI.parse(row["uri"])
    if row["action"] is None:
        assert uri.action is None
    else:
        expected = action(row["action"], row["fields"])
        assert uri.action == expected
        assert XmppURI.parse(str(XmppURI(uri.jid, expected.query)), strict=True).action == expected
    if row["strict"]:
        assert XmppURI.parse(row["uri"], strict=True) == uri
        assert str(uri) == row["uri"]
    else:
        with pytest.raises(URIError):
            XmppURI.parse(row["uri"], strict=True)


@pytest.mark.feature("URI-02")
def test_xep_0147_section_3_1_the_resulting_stanza() -> None:
    uri = XmppURI.parse(EXAMPLES[1]["uri"])
    asked = uri.action
    assert isinstance(asked, actions.MessageAction)
    message = Message(to=uri.jid, type=asked.type, subject=asked.subject, body=asked.body)
    assert (str(message.to), message.subject, message.body) == (
        "romeo@montague.net", "Test Message", "Here's a test message",
    )  # fmt: skip


@pytest.mark.feature("URI-02")
def test_xep_0147_section_3_3_the_resulting_stanzas() -> None:
    for text, name in (("?subscribe", "SubscribeAction"), ("?unsubscribe", "UnsubscribeAction")):
        uri = XmppURI.parse(f"xmpp:romeo@montague.net{text}")
        assert uri.action == action(name, {})
        assert uri.query is not None
        assert Presence(to=uri.jid, type=uri.query.type).type == text[1:]


@pytest.mark.feature("URI-02")
def test_a_key_nobody_registered_is_ignored_but_kept() -> None:
    uri = XmppURI.parse("xmpp:a@b.example?roster;ibr=y;name=N;ibr=n")
    assert uri.action == actions.RosterAction(name="N")
    assert uri.query is not None
    assert uri.query.all("ibr") == ("y", "n")


@pytest.mark.feature("URI-02")
@pytest.mark.parametrize(
    ("query", "section"),
    [
        ("roster;name=a;name=b", "XEP-0147"),
        ("message;body=a;body=b", "XEP-0147"),
        ("message;type=error", "XEP-0147"),
        ("message;from=a@", "RFC "),
        ("invite;jid=a@b.example;jid=@", "RFC "),
        ("command;action=destroy", "XEP-0050"),
        ("command;action=Execute", "XEP-0050"),
        ("pubsub;action=delete", "XEP-0060"),
        ("disco;type=set", "XEP-0030"),
        ("recvfile;size=-1", "XEP-0096"),
        ("recvfile;size=", "XEP-0096"),
        ("recvfile;size=%D9%A1", "XEP-0096"),
        ("recvfile;size=" + "9" * 21, "XEP-0096"),
    ],
)
def test_what_a_key_cannot_mean_is_refused_not_guessed(query: str, section: str) -> None:
    uri = XmppURI.parse(f"xmpp:a@b.example?{query}")
    with pytest.raises(URIError) as caught:
        _ = uri.action
    assert caught.value.part == "query"
    assert caught.value.section.startswith(section)


@pytest.mark.feature("URI-02")
def test_query_types_are_told_by_case() -> None:
    assert XmppURI.parse("xmpp:a@b.example?MESSAGE").action is None


@pytest.mark.feature("URI-02")
def test_every_field_travels() -> None:
    full = [
        actions.CommandAction("next", "a;b=c"),
        actions.DiscoAction("node", "items", "get"),
        actions.InviteAction((JID("a@b.example/c d"), JID("d.example")), "p&q"),
        actions.JingleAction("i"),
        actions.JoinAction("\u20ac%"),
        actions.MessageAction("s", "b\n\tb", "t", JID("a@b.example/\U0001f600"), "i", "headline"),
        actions.PubsubAction("retrieve", "urn:x", ""),
        actions.RecvfileAction("sha-1", "h", "a/b", "n n", "s", 0),
        actions.RosterAction("g", "n"),
    ]
    for one in full:
        uri = XmppURI(JID("x.example"), one.query)
        assert XmppURI.parse(uri.uri, strict=True).action == one
        assert XmppURI.parse(uri.iri, strict=True).action == one
