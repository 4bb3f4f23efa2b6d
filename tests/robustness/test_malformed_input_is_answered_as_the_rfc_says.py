"""Each condition of RFC 6120 sections 4.9.3, 6.5 and 8.3.3 that input can earn, in each phase it can occur in."""

from __future__ import annotations

import base64

import pytest
from scenes_hostile import ATTACKS, Attack
from stages import HEADERS_OPEN, SERVER_ANSWERS, Stage, scenario, server_config, stages

import xmpp_core as xmpp
from xmpp_core.namespaces import STANZA_ERRORS
from xmpp_core.stream.conditions import CONDITIONS
from xmpp_core.stream.context import Kind, Side
from xmpp_core.stream.setup import StreamSetup
from xmpp_core.testing.entropy import CountedEntropy
from xmpp_core.testing.scenario import Act, Eof, Receive, Scenario, Wait, run

STAGES = {stage.name: stage for stage in stages()}
HEADER = b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' version='1.0' "


@pytest.mark.feature("XML-01", "XML-03", "ENG-09")
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.stage}: {attack.name}")
def test_broken_xml_and_broken_rules(attack: Attack) -> None:
    outcome = run(attack.scenario)
    (end,) = outcome.terminal
    assert end is outcome.events[-1]
    assert (end["event"], end["condition"], end["local"]) == ("StreamFailed", attack.condition, True)
    # RFC 6120 section 4.9.1: the error, then the closing tag, in a stream that has an opening tag.
    assert outcome.output.endswith(b"</stream:error></stream:stream>")
    assert f"<{attack.condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'".encode() in outcome.output
    last = outcome.output.rindex(b"<stream:stream ")
    assert outcome.output.count(b"</stream:stream>", last) == 1
    # Nothing the peer wrote comes back in the error.
    assert b"lol" not in outcome.output[outcome.output.rindex(b"<stream:error") :]


STREAM_ERRORS: list[tuple[str, str, Act, str]] = [
    ("host-unknown", "server, nothing received", Receive(HEADER + b"to='example.org'>"), "4.9.3.6"),
    ("invalid-from", "server, authenticated", Receive(HEADER + b"to='example.com' from='romeo@example.com'>"), ""),
    ("connection-timeout", "client, header", Wait(61.0), "4.9.3.4"),
    ("connection-timeout", "server, binding", Wait(61.0), "4.9.3.4"),
    ("not-authorized", "server, mechanisms", Receive(b"<message to='romeo@example.net'/>"), "4.9.3.12"),
    ("not-authorized", "server, binding", Receive(b"<message to='romeo@example.net'/>"), "4.9.3.12"),
    ("not-authorized", "client, challenged", Receive(b"<message/>"), "4.9.3.12"),
    ("invalid-from", "server, open", Receive(b"<message from='romeo@example.com'/>"), "8.1.2.1"),
    ("invalid-from", "server, open", Receive(b"<message from='juliet@example.com/hall'/>"), "8.1.2.1"),
    ("invalid-namespace", "client, open", Receive(b"<iq xmlns='jabber:server' type='get' id='1'/>"), "4.9.3.10"),
    ("unsupported-stanza-type", "server, open", Receive(b"<pubsub/>"), "4.9.3.24"),
    ("unsupported-stanza-type", "client, open", Receive(b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"), ""),
    ("policy-violation", "server, mechanisms", Receive(b"<a>" + b"x" * 10_000), "13.12"),
    (
        "unsupported-feature",
        "client, header",
        Receive(b"<stream:features><new xmlns='urn:new'><required/></new></stream:features>"),
        "4.3.5",
    ),
]


@pytest.mark.feature("STR-03", "STR-10", "STZ-02")
@pytest.mark.parametrize(("condition", "name", "act", "section"), STREAM_ERRORS)
def test_a_rule_of_streams_broken(condition: str, name: str, act: Act, section: str) -> None:
    outcome = run(scenario(STAGES[name], act, limits=xmpp.Limits()))
    (end,) = outcome.terminal
    assert end["condition"] == condition
    assert not section or section in str(end["section"])
    assert f"<{condition} ".encode() in outcome.output


class Between:
    """The receiving end of a stream between servers, or of a component, with nothing to negotiate."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def setup(self) -> StreamSetup:
        return StreamSetup(
            side=Side.RECEIVING,
            kind=self.kind,
            features=(),
            ready=xmpp.Milestone.NONE,
            domains=frozenset({xmpp.JID("example.com")}),
            entropy=CountedEntropy("between"),
        )


@pytest.mark.feature("STR-09", "STZ-01")
@pytest.mark.parametrize("kind", [Kind.S2S, Kind.COMPONENT])
@pytest.mark.parametrize("attributes", ["", "to='a@b'", "from='a@b'", "to='@' from='a@b'", "to='a@b' from='b/'"])
def test_a_stanza_between_servers_without_good_addresses(kind: Kind, attributes: str) -> None:
    header = (
        f"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='{kind.value}' version='1.0' "
        f"to='example.com'><message {attributes}/>"
    )
    outcome = run(Scenario("between", lambda: Between(kind), (Receive(header.encode()),)))
    (end,) = outcome.terminal
    # RFC 6120 section 4.9.3.7.
    assert end["condition"] == "improper-addressing"


EARNED_BY_INPUT = {attack.condition for attack in ATTACKS} | {row[0] for row in STREAM_ERRORS} | {"improper-addressing"}
SENT_BY_THE_HOST = {
    "conflict", "host-gone", "internal-server-error", "invalid-xml", "remote-connection-failed", "reset",
    "resource-constraint", "see-other-host", "system-shutdown", "undefined-condition",
}  # fmt: skip


@pytest.mark.feature("STR-10")
def test_no_condition_is_forgotten() -> None:
    assert set(CONDITIONS) == EARNED_BY_INPUT | SENT_BY_THE_HOST
    assert not EARNED_BY_INPUT & SENT_BY_THE_HOST


@pytest.mark.feature("STR-10")
@pytest.mark.parametrize("condition", sorted(SENT_BY_THE_HOST))
@pytest.mark.parametrize("name", sorted(set(STAGES) - HEADERS_OPEN))
def test_a_host_ends_a_stream_with_a_condition_in_any_phase(name: str, condition: str) -> None:
    connection = run(scenario(STAGES[name])).connection
    connection.close(xmpp.StreamError(condition, other_host="example.net" if condition == "see-other-host" else None))
    assert f"<{condition} ".encode() in connection.data_to_send(1000.0)
    (end,) = connection.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert (end.condition, end.local) == (condition, True)


@pytest.mark.feature("ENG-13")
def test_more_than_may_be_kept_is_a_resource_constraint() -> None:
    stage = STAGES["server, binding"]
    answers = {kind: answer for kind, answer in SERVER_ANSWERS.items() if kind is not xmpp.BindRequested}
    binding = b"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
    acts = (*(Receive(piece) for piece in stage.pieces), Receive(binding), *[Receive(b"x" * 1000)] * 20)
    outcome = run(Scenario("flood", lambda: server_config(limits=xmpp.Limits(unread=10_000)), acts, answers))
    assert outcome.terminal[0]["condition"] == "resource-constraint"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def auth(mechanism: str, data: str) -> Receive:
    return Receive(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{data}</auth>".encode())


def response(data: str) -> Receive:
    return Receive(f"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{data}</response>".encode())


FIRST = auth("SCRAM-SHA-256", b64("n,,n=juliet,r=abcdef"))
SASL_FAILURES: list[tuple[str, tuple[Act, ...], bool]] = [
    ("aborted", (FIRST, Receive(b"<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")), False),
    ("account-disabled", (auth("PLAIN", b64("\0juliet\0pencil")),), True),
    ("incorrect-encoding", (auth("PLAIN", "a b!"),), False),
    ("incorrect-encoding", (FIRST, response("a=b")), False),
    ("invalid-authzid", (auth("PLAIN", b64("romeo@example.com\0juliet\0pencil")),), False),
    ("invalid-mechanism", (auth("NO-SUCH", ""),), False),
    ("invalid-mechanism", (Receive(b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),), False),
    ("malformed-request", (auth("PLAIN", b64("juliet")),), False),
    ("malformed-request", (auth("SCRAM-SHA-256", b64("x,,")),), False),
    ("malformed-request", (FIRST, response(b64("c=biws"))), False),
    ("malformed-request", (response(b64("c=biws")),), False),
    ("not-authorized", (auth("PLAIN", b64("\0juliet\0wrong")),), False),
    ("not-authorized", (auth("PLAIN", b64("\0nobody\0pencil")),), False),
]


@pytest.mark.feature("SASL-02", "SASL-01", "SASL-06")
@pytest.mark.parametrize(("condition", "acts", "disabled"), SASL_FAILURES)
def test_a_failed_authentication_says_why_and_the_stream_goes_on(
    condition: str, acts: tuple[Act, ...], disabled: bool
) -> None:
    given = scenario(STAGES["server, mechanisms"], *acts)
    answers = {**given.answers}
    if disabled:
        known = answers[xmpp.CredentialsLookup]
        answers[xmpp.CredentialsLookup] = lambda question: xmpp.Disabled(known(question))
    outcome = run(Scenario(given.name, given.config, given.acts, answers))
    failure = f"<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><{condition}/></failure>".encode()
    assert outcome.output.endswith(failure)
    # RFC 6120 section 6.4.5: the entity may try again on the same stream.
    assert not outcome.terminal
    outcome.connection.receive_data(auth("PLAIN", b64("\0juliet\0pencil")).data, 1000.0)
    assert any(isinstance(event, xmpp.CredentialsLookup) for event in outcome.connection.events())


STANZA_FAULTS: list[tuple[str, bytes]] = [
    ("bad-request", b"<iq type='get' id='1'/>"),
    ("bad-request", b"<iq type='get'><q xmlns='u'/></iq>"),
    ("bad-request", b"<iq type='set' id='1'><a xmlns='u'/><b xmlns='u'/></iq>"),
    ("bad-request", b"<iq type='other' id='1'/>"),
    ("bad-request", b"<presence type='available'/>"),
    ("jid-malformed", b"<message to='a@b@c'/>"),
    ("jid-malformed", b"<iq type='get' id='1' to='a b@c'><q xmlns='u'/></iq>"),
    ("jid-malformed", b"<presence to='x@.'/>"),
]


@pytest.mark.feature("STZ-01", "STZ-03", "STZ-04")
@pytest.mark.parametrize(("condition", "octets"), STANZA_FAULTS)
@pytest.mark.parametrize("name", ["client, open", "server, open"])
def test_a_bad_stanza_earns_a_stanza_error_and_the_stream_goes_on(name: str, condition: str, octets: bytes) -> None:
    outcome = run(scenario(STAGES[name], Receive(octets + b"<message id='next'/>")))
    rejected, following = outcome.events[-2:]
    assert (rejected["event"], rejected["condition"]) == ("StanzaRejected", condition)
    assert following["event"] == "Message"
    assert f"<{condition} xmlns='{STANZA_ERRORS}'/>".encode() in outcome.output
    assert not outcome.terminal


@pytest.mark.feature("BND-02")
def test_a_request_before_binding_is_unexpected() -> None:
    outcome = run(scenario(STAGES["server, binding"], Receive(b"<iq type='get' id='1'><q xmlns='urn:q'/></iq>")))
    # RFC 6120 section 7.1.
    assert b"<unexpected-request xmlns=" in outcome.output
    assert not outcome.terminal


@pytest.mark.feature("ENG-09")
@pytest.mark.parametrize("stage", [one for one in stages() if one.open], ids=lambda stage: stage.name)
def test_errors_are_never_answered_with_errors(stage: Stage) -> None:
    before = run(scenario(stage)).output
    octets = (
        b"<message type='error' to='@'/><iq type='error'/><iq type='result' id='1'><a/><b/></iq><iq type='result'/>"
    )
    outcome = run(scenario(stage, Receive(octets), Eof()))
    # RFC 6120 section 8.3.1.
    assert outcome.output == before
    assert sum(event["event"] == "StanzaRejected" for event in outcome.events) == 4
