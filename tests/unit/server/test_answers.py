"""What the server answers for its domains and on behalf of accounts."""

from __future__ import annotations

import datetime
from xml.etree.ElementTree import Element

import pytest
from hub_stage import Got, Stage
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core.errors import LocalProtocolError
from xmpp_core.server import Asked, Software
from xmpp_core.server.answers import utc_text
from xmpp_core.stanza import IQ

INFO, ITEMS = "http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items"
REQUESTS = {
    INFO: f"<query xmlns='{INFO}'/>",
    ITEMS: f"<query xmlns='{ITEMS}'/>",
    "urn:xmpp:ping": "<ping xmlns='urn:xmpp:ping'/>",
    "urn:xmpp:time": "<time xmlns='urn:xmpp:time'/>",
    "jabber:iq:version": "<query xmlns='jabber:iq:version'/>",
    "jabber:iq:roster": "<query xmlns='jabber:iq:roster'/>",
}


@pytest.fixture
def stage() -> Stage:
    made = Stage(software=Software("Verona", "1.5"), name="Verona")
    made.enter("juliet", "juliet", presence="<presence/>")
    return made


def ask(stage: Stage, payload: str, to: str | None = "example.com", kind: str = "get") -> Got:
    target = "" if to is None else f" to='{to}'"
    (got,) = stage.send("juliet", f"<iq type='{kind}' id='q1'{target}>{payload}</iq>")
    assert (got.session, got.id, got.to, got.from_) == ("juliet", "q1", "juliet@example.com/juliet", to)
    return got


def payload_of(got: Got) -> Element:
    assert got.element is not None
    assert got.type == "result"
    return got.element[0]


@pytest.mark.parametrize(
    ("to", "identity"),
    [
        ("example.com", {"category": "server", "type": "im", "name": "Verona"}),
        ("juliet@example.com", {"category": "account", "type": "registered"}),
        (None, {"category": "account", "type": "registered"}),
    ],
)
def test_discovery_lists_exactly_what_is_answered(stage: Stage, to: str | None, identity: dict[str, str]) -> None:
    # XEP-0030 sections 3.1 and 3.2; RFC 6120 section 10.3.3 without 'to'.
    info = payload_of(ask(stage, REQUESTS[INFO], to))
    assert [one.attrib for one in info.iter(f"{{{INFO}}}identity")] == [identity]
    listed = [one.get("var") or "" for one in info.iter(f"{{{INFO}}}feature")]
    assert len(set(listed)) == len(listed)
    answered = [feature for feature in REQUESTS if ask(stage, REQUESTS[feature], to).condition != "service-unavailable"]
    assert sorted(listed) == sorted(answered)


def test_discovery_lists_what_the_host_answers_besides() -> None:
    def answer(iq: IQ, asked: Asked) -> Element:
        return Element("{urn:more}more", {"asker": str(asked.asker), "target": str(asked.target)})

    stage = Stage(
        domain_answers={("get", "{urn:more}more"): answer}, account_answers={("set", "{urn:less}less"): answer}
    )
    stage.enter("juliet", "juliet")
    for to, feature, other in (("example.com", "urn:more", "urn:less"), (None, "urn:less", "urn:more")):
        info = payload_of(ask(stage, REQUESTS[INFO], to))
        listed = {one.get("var") for one in info.iter(f"{{{INFO}}}feature")}
        assert feature in listed
        assert other not in listed
    more = payload_of(ask(stage, "<more xmlns='urn:more'/>"))
    assert more.attrib == {"asker": "juliet@example.com/juliet", "target": "example.com"}
    assert payload_of(ask(stage, "<less xmlns='urn:less'/>", None, "set")).get("target") == "juliet@example.com"


def test_two_answers_to_one_payload_are_refused() -> None:
    for tag in ("{urn:xmpp:ping}ping", f"{{{INFO}}}query"):
        with pytest.raises(LocalProtocolError):
            Stage(domain_answers={("get", tag): lambda iq, asked: None})


@pytest.mark.parametrize("namespace", [INFO, ITEMS])
def test_there_are_no_nodes(stage: Stage, namespace: str) -> None:
    # XEP-0030 section 7.
    query = f"<query xmlns='{namespace}' node='http://example.com/n'/>"
    assert ask(stage, query).condition == "item-not-found"
    assert ask(stage, query, "juliet@example.com").condition == "item-not-found"


def test_the_items_of_an_account_are_its_available_resources(stage: Stage) -> None:
    # XEP-0030 section 4.1, example 15.
    stage.enter("chamber", "juliet", presence="<presence/>")
    stage.enter("silent", "juliet")
    items = payload_of(ask(stage, REQUESTS[ITEMS], "juliet@example.com"))
    assert [one.attrib for one in items] == [
        {"jid": "juliet@example.com/juliet"},
        {"jid": "juliet@example.com/chamber"},
    ]
    assert len(payload_of(ask(stage, REQUESTS[ITEMS]))) == 0


@pytest.mark.feature("SEC-01")
@pytest.mark.parametrize("name", ["romeo", "nobody"])
def test_strangers_discover_nothing_of_an_account(stage: Stage, name: str) -> None:
    # XEP-0030 section 8.
    stage.enter("romeo", "romeo", presence="<presence/>")
    to = f"{name}@example.com"
    assert ask(stage, REQUESTS[INFO], to).condition == "service-unavailable"
    assert len(payload_of(ask(stage, REQUESTS[ITEMS], to))) == 0
    assert ask(stage, f"<query xmlns='{ITEMS}' node='x'/>", to).condition == "service-unavailable"
    assert ask(stage, REQUESTS["urn:xmpp:ping"], to).condition == "service-unavailable"


def test_a_ping_is_answered_with_an_empty_result(stage: Stage) -> None:
    # XEP-0199 sections 4.1 and 4.2.
    for to in ("example.com", "juliet@example.com", None):
        got = ask(stage, REQUESTS["urn:xmpp:ping"], to)
        assert got.element is not None
        assert got.type == "result"
        assert len(got.element) == 0
        assert ask(stage, REQUESTS["urn:xmpp:ping"], to, "set").condition == "service-unavailable"


@pytest.mark.feature("X-0092")
def test_the_version_is_told_and_no_operating_system(stage: Stage) -> None:
    # XEP-0092 sections 2 and 5.
    version = payload_of(ask(stage, REQUESTS["jabber:iq:version"]))
    told = [(one.tag, one.text) for one in version]
    assert told == [("{jabber:iq:version}name", "Verona"), ("{jabber:iq:version}version", "1.5")]


def test_a_server_that_has_no_version_to_tell_does_not_list_it() -> None:
    stage = Stage()
    stage.enter("juliet", "juliet")
    assert ask(stage, REQUESTS["jabber:iq:version"]).condition == "service-unavailable"
    info = payload_of(ask(stage, REQUESTS[INFO]))
    assert "jabber:iq:version" not in {one.get("var") for one in info}


@pytest.mark.feature("X-0202")
def test_the_time_is_told_as_it_was_given(stage: Stage) -> None:
    # XEP-0202 section 2.
    time = payload_of(ask(stage, REQUESTS["urn:xmpp:time"]))
    told = [(one.tag, one.text) for one in time]
    assert told == [("{urn:xmpp:time}tzo", "+00:00"), ("{urn:xmpp:time}utc", "2006-12-19T17:56:35Z")]


@given(st.datetimes(min_value=datetime.datetime(1, 1, 1), max_value=datetime.datetime(9999, 12, 31)))
def test_any_time_is_written_as_xep_0082_writes_it(moment: datetime.datetime) -> None:
    aware = moment.replace(tzinfo=datetime.UTC, microsecond=0)
    seconds = (aware - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)).total_seconds()
    assert utc_text(seconds) == aware.isoformat().replace("+00:00", "Z")
    assert utc_text(seconds + 0.5) == utc_text(seconds)


def test_an_account_without_contacts_has_an_empty_roster(stage: Stage) -> None:
    # RFC 6121 section 2.1.4: an empty <query/>, not an error.
    for to in (None, "juliet@example.com"):
        roster = payload_of(ask(stage, REQUESTS["jabber:iq:roster"], to))
        assert (roster.tag, len(roster)) == ("{jabber:iq:roster}query", 0)
    # Section 2.1.3: a roster get has no items.
    wrong = "<query xmlns='jabber:iq:roster'><item jid='romeo@example.com'/></query>"
    assert ask(stage, wrong, None).condition == "bad-request"


def test_a_roster_cannot_be_changed(stage: Stage) -> None:
    # RFC 6121 section 2.3.3.
    item = "<query xmlns='jabber:iq:roster'><item jid='romeo@example.com'/></query>"
    assert ask(stage, item, None, "set").condition == "not-allowed"
    assert ask(stage, item, "romeo@example.com", "set").condition == "service-unavailable"
    assert ask(stage, item, "example.com", "set").condition == "service-unavailable"
