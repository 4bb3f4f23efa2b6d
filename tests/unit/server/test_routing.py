"""Where stanzas go that are no message to an account: every kind, type and target (RFC 6120 section 10)."""

from __future__ import annotations

import pytest
from hub_stage import NOW, Stage, seen, stanza

from xmpp_core.errors import LocalProtocolError
from xmpp_core.jid import JID
from xmpp_core.server import Hub, HubConfig

TARGETS = {
    "none": None,
    "own": "juliet@example.com",
    "self": "juliet@example.com/juliet",
    "domain": "example.com",
    "domain/r": "example.com/r",
    "remote": "romeo@example.net",
    "bare": "romeo@example.com",
    "full": "romeo@example.com/romeo",
    "ghost": "romeo@example.com/ghost",
    "unknown": "nobody@example.com",
    "unknown/r": "nobody@example.com/r",
}
SU, RS, FNI = "service-unavailable", "remote-server-not-found", "feature-not-implemented"
# What juliet, who is available, sees or causes; romeo is available and shares nothing with her.
# "result": the server answers. A session's name: it gets the stanza. "-": nothing at all.
EXPECTED: dict[str, dict[str, str]] = {
    # Sections 10.3.3, 10.5.1 to 10.5.4; RFC 6121 sections 8.5.1, 8.5.2.1.3, 8.5.3.1, 8.5.3.2.3.
    "iq get ping": {
        "none": "result", "own": "result", "self": "juliet", "domain": "result", "domain/r": SU, "remote": RS,
        "bare": SU, "full": SU, "ghost": SU, "unknown": SU, "unknown/r": SU,
    },
    "iq set odd": {
        "none": SU, "own": SU, "self": "juliet", "domain": SU, "domain/r": SU, "remote": RS,
        "bare": SU, "full": SU, "ghost": SU, "unknown": SU, "unknown/r": SU,
    },
    # Never an error for a response (RFC 6120 section 8.3.1).
    "iq result": {
        "none": "-", "own": "-", "self": "juliet", "domain": "-", "domain/r": "-", "remote": "-",
        "bare": "-", "full": "romeo", "ghost": "-", "unknown": "-", "unknown/r": "-",
    },
    "iq error": {
        "none": "-", "own": "-", "self": "juliet", "domain": "-", "domain/r": "-", "remote": "-",
        "bare": "-", "full": "romeo", "ghost": "-", "unknown": "-", "unknown/r": "-",
    },
    # RFC 6121 sections 4.2.2, 4.4.2, 4.6.3, 8.5.1, 8.5.2.1.2, 8.5.3.1, 8.5.3.2.2.
    "presence": {
        "none": "juliet", "own": "juliet", "self": "juliet", "domain": "-", "domain/r": "-", "remote": RS,
        "bare": "romeo", "full": "romeo", "ghost": "-", "unknown": "-", "unknown/r": "-",
    },
    "presence unavailable": {
        "none": "juliet", "own": "juliet", "self": "juliet", "domain": "-", "domain/r": "-", "remote": RS,
        "bare": "romeo", "full": "romeo", "ghost": "-", "unknown": "-", "unknown/r": "-",
    },
    # RFC 6121 section 4.3: the own presence, nobody else's, and no error for a probe.
    "presence probe": {
        "none": "-", "own": "juliet", "self": "juliet", "domain": "-", "domain/r": "-", "remote": "-",
        "bare": "-", "full": "-", "ghost": "-", "unknown": "-", "unknown/r": "-",
    },
    # RFC 6121 sections 3.1.2 and 3.1.3: it can be neither delivered nor kept.
    "presence subscribe": {
        "none": "-", "own": FNI, "self": FNI, "domain": FNI, "domain/r": FNI, "remote": RS,
        "bare": FNI, "full": FNI, "ghost": FNI, "unknown": FNI, "unknown/r": FNI,
    },
    # RFC 6121 Appendix A, state "None": nobody is told.
    **{
        f"presence {kind}": {
            "none": "-", "own": "-", "self": "-", "domain": "-", "domain/r": "-", "remote": RS,
            "bare": "-", "full": "-", "ghost": "-", "unknown": "-", "unknown/r": "-",
        }
        for kind in ("subscribed", "unsubscribe", "unsubscribed")
    },
    "presence error": {
        "none": "-", "own": "-", "self": "juliet", "domain": "-", "domain/r": "-", "remote": "-",
        "bare": "-", "full": "romeo", "ghost": "-", "unknown": "-", "unknown/r": "-",
    },
    # Sections 10.4 and 10.5.1; what goes to accounts is in test_delivery.py.
    "message chat": {"domain": SU, "domain/r": SU, "remote": RS, "unknown": SU, "unknown/r": SU},
    "message normal": {"domain": SU, "domain/r": SU, "remote": RS, "unknown": SU, "unknown/r": SU},
    "message groupchat": {"domain": SU, "domain/r": SU, "remote": RS, "unknown": SU, "unknown/r": SU},
    "message headline": {"domain": SU, "domain/r": SU, "remote": RS, "unknown": "-", "unknown/r": SU},
    "message error": {"domain": "-", "domain/r": "-", "remote": "-", "unknown": "-", "unknown/r": "-"},
}  # fmt: skip
ERROR = "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"


def written(what: str, target: str | None) -> str:
    name, _, kind = what.partition(" ")
    kind, _, payload = kind.partition(" ")
    inside = {"ping": "<ping xmlns='urn:xmpp:ping'/>", "odd": "<odd xmlns='urn:odd'/>"}.get(payload, "")
    attributes = (f" type='{kind}'" if kind else "") + (f" to='{target}'" if target else "")
    return f"<{name} id='x1'{attributes}>{inside}{ERROR if kind == 'error' else ''}</{name}>"


@pytest.mark.feature("STZ-08", "STZ-05")
@pytest.mark.parametrize(
    ("what", "target", "expected"),
    [(what, target, cell) for what, row in EXPECTED.items() for target, cell in row.items()],
)
def test_a_stanza_goes_where_the_rfc_says(what: str, target: str, expected: str) -> None:
    stage = Stage()
    stage.enter("juliet", "juliet", presence="<presence/>")
    stage.enter("romeo", "romeo", presence="<presence/>")
    got = stage.send("juliet", written(what, TARGETS[target]))
    if expected == "-":
        assert got == []
        return
    (one,) = got
    if expected in ("juliet", "romeo"):
        assert one.session == expected
        assert one.condition in (None, "gone")
        return
    assert one.session == "juliet"
    assert (one.id, one.to, one.from_) == ("x1", "juliet@example.com/juliet", TARGETS[target])
    assert (one.type, one.condition) == (("result", None) if expected == "result" else ("error", expected))


def test_the_table_is_complete() -> None:
    assert all(set(row) == set(TARGETS) for what, row in EXPECTED.items() if not what.startswith("message"))


@pytest.mark.feature("SEC-01")
@pytest.mark.parametrize("what", [*EXPECTED, "iq get info", "iq get items", "iq set roster"])
@pytest.mark.parametrize("resource", ["", "/r"])
def test_nobody_learns_whether_an_account_exists(what: str, resource: str) -> None:
    """An account that is away, one that never was, one that is there for nobody (RFC 6120 section 13.11)."""
    queries = {
        "iq get info": "<query xmlns='http://jabber.org/protocol/disco#info'/>",
        "iq get items": "<query xmlns='http://jabber.org/protocol/disco#items'/>",
        "iq set roster": "<query xmlns='jabber:iq:roster'><item jid='a@b'/></query>",
    }
    answers = []
    for name in ("away", "never", "connected"):
        stage = Stage()
        stage.enter("juliet", "juliet", presence="<presence/>")
        if name == "away":
            stage.enter("away", "away", "r", presence="<presence/>")
            stage.leave("away")
        if name == "connected":
            stage.enter("connected", "connected", "other")
        to = f"{name}@example.com{resource}"
        kind = what.split()[1] if what in queries else ""
        xml = written(what, to) if not kind else f"<iq id='x1' type='{kind}' to='{to}'>{queries[what]}</iq>"
        got = stage.send("juliet", xml)
        answers.append(
            [(one.session, one.type, one.condition, [child.tag for child in one.element or ()]) for one in got]
        )
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.feature("STZ-08")
def test_a_request_reaches_a_resource_that_shares_its_presence() -> None:
    # RFC 6121 section 8.5.3.1.
    stage = Stage()
    stage.enter("juliet", "juliet", presence="<presence/>")
    stage.enter("romeo", "romeo", presence="<presence/>")
    request = written("iq get ping", "romeo@example.com/romeo")
    assert stage.send("juliet", request)[0].condition == SU
    stage.send("romeo", "<presence to='juliet@example.com'/>")
    assert [one.session for one in stage.send("juliet", request)] == ["romeo"]
    answer = "<iq type='result' id='x1' to='juliet@example.com/juliet'/>"
    assert [one.session for one in stage.send("romeo", answer)] == ["juliet"]
    stage.send("romeo", "<presence type='unavailable' to='juliet@example.com'/>")
    assert stage.send("juliet", request)[0].condition == SU


def test_a_request_reaches_strangers_where_that_is_allowed() -> None:
    stage = Stage(requests_between_strangers=True)
    stage.enter("juliet", "juliet")
    stage.enter("romeo", "romeo")
    assert [one.session for one in stage.send("juliet", written("iq get ping", TARGETS["full"]))] == ["romeo"]
    assert stage.send("juliet", written("iq get ping", TARGETS["ghost"]))[0].condition == SU


@pytest.mark.feature("STZ-02")
def test_a_stanza_that_bears_another_address_is_not_routed() -> None:
    stage = Stage()
    stage.enter("juliet", "juliet")
    stage.enter("romeo", "romeo")
    for sender in ("", " from='romeo@example.com/romeo'", " from='juliet@example.com'"):
        with pytest.raises(LocalProtocolError):
            stage.hub.received("juliet", stanza(f"<message{sender} to='romeo@example.com/romeo'/>"), NOW)


def test_a_message_is_delivered_as_it_is_without_a_copy() -> None:
    stage = Stage()
    stage.enter("juliet", "juliet")
    stage.enter("romeo", "romeo")
    one = stanza("<message from='juliet@example.com/juliet' to='romeo@example.com/romeo'><body>x</body></message>")
    (effect,) = stage.hub.received("juliet", one, NOW)
    assert effect == ("romeo", one)
    assert effect[1] is one


def test_a_session_is_not_known_before_it_is_bound_and_after_it_ended() -> None:
    stage = Stage()
    one = stanza("<message from='juliet@example.com/juliet' to='juliet@example.com/juliet'/>")
    assert stage.hub.opened("juliet") == ()
    assert stage.hub.ended("juliet") == ()
    assert seen(stage.hub.received("juliet", one, NOW)) == []
    stage.bind("juliet", "juliet", "juliet")
    with pytest.raises(LocalProtocolError):
        stage.hub.received("juliet", one, NOW)
    stage.hub.opened("juliet")
    assert len(seen(stage.hub.received("juliet", one, NOW))) == 1
    stage.leave("juliet")
    assert seen(stage.hub.received("juliet", one, NOW)) == []
    assert stage.leave("juliet") == []


def test_a_session_that_is_not_opened_gets_nothing() -> None:
    stage = Stage()
    stage.enter("juliet", "juliet")
    stage.bind("romeo", "romeo", "romeo")
    (got,) = stage.send("juliet", "<message type='chat' to='romeo@example.com/romeo'/>")
    assert (got.session, got.condition) == ("juliet", SU)


def test_several_domains_are_served() -> None:
    stage = Stage(domains={"example.com", JID("example.org")})
    stage.enter("juliet", "juliet")
    stage.hub.bind("romeo", JID("romeo@example.org"), "r")
    stage.hub.opened("romeo")
    assert [one.session for one in stage.send("juliet", "<message to='romeo@example.org/r'/>")] == ["romeo"]
    assert stage.send("juliet", written("iq get ping", "example.org"))[0].type == "result"


@pytest.mark.parametrize(
    "config",
    [
        {"domains": ()},
        {"domains": {"a@example.com"}},
        {"domains": {"example.com/x"}},
        {"domains": {"example.com"}, "sessions_per_account": 0},
        {"domains": {"example.com"}, "directed_presences": -1},
    ],
)
def test_a_config_that_makes_no_sense_is_refused(config: dict[str, object]) -> None:
    with pytest.raises(LocalProtocolError):
        HubConfig(**config)  # type: ignore[arg-type]


def test_the_hub_says_who_is_there() -> None:
    stage = Stage()
    hub: Hub = stage.hub
    stage.enter("one", "juliet")
    stage.enter("two", "juliet", presence="<presence/>")
    assert len(hub) == 2
    assert "one" in hub
    assert "three" not in hub
    assert hub.address_of("one") == JID("juliet@example.com/one")
    assert hub.address_of("three") is None
    assert hub.available(JID("juliet@example.com")) == (JID("juliet@example.com/two"),)
