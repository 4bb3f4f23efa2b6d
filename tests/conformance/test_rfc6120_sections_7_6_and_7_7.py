"""Resource binding as RFC 6120 sections 7.6 and 7.7 show it, on both sides.

A client's `id` is its own to choose; ours are eight characters, so that of section 7.7 stands shortened by one.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from rfc_examples import BIND, END, SASL, STANZAS, STREAM, play

import xmpp_core as xmpp
from xmpp_core.testing.entropy import CountedEntropy
from xmpp_core.testing.scenario import Outcome

I_HEADER = "<stream:stream from='juliet@im.example.com' to='im.example.com' version='1.0' xml:lang='en' " + STREAM
R_HEADER = (
    "<stream:stream from='im.example.com' id='gPybzaOzBmaADgxKXu9UClbprp0=' to='juliet@im.example.com' "
    "version='1.0' xml:lang='en' " + STREAM
)
MECHANISMS = f"<stream:features><mechanisms {SASL}><mechanism>PLAIN</mechanism></mechanisms></stream:features>"
AUTH = f"<auth {SASL} mechanism='PLAIN'>AGp1bGlldAByMG0zMG15cjBtMzA=</auth>"
SUCCESS = f"<success {SASL}/>"
BIND_FEATURES = f"<stream:features><bind {BIND}/></stream:features>"
SESSION = "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"
OUR_BIND = f"<stream:features><bind {BIND}/>{SESSION}</stream:features>"
INFO = xmpp.TlsInfo(version="TLSv1.3", verified=True)
STORE = xmpp.StoredKeys.derive("r0m30myr0m30", hashes=("SHA-1",), iterations=4096, entropy=CountedEntropy("salt"))

GENERATED = "4db06f06-1ea4-11dc-aca3-000bcd821bfb"
ASK = f"<iq id='tn281v37' type='set'><bind {BIND}/></iq>"
GIVEN = f"<iq id='tn281v37' type='result'><bind {BIND}><jid>juliet@im.example.com/{GENERATED}</jid></bind></iq>"
SUBMIT = f"<iq id='wy2xa82b' type='set'><bind {BIND}><resource>balcony</resource></bind></iq>"
ACCEPTED = f"<iq id='wy2xa82b' type='result'><bind {BIND}><jid>juliet@im.example.com/balcony</jid></bind></iq>"
OVERRIDDEN = (
    f"<iq id='wy2xa82b' type='result'><bind {BIND}><jid>juliet@im.example.com/balcony {GENERATED}</jid></bind></iq>"
)


def error(identifier: str, kind: str, condition: str) -> str:
    return f"<iq id='{identifier}' type='error'><error type='{kind}'><{condition} {STANZAS}/></error></iq>"


CONSTRAINT = error("tn281v37", "wait", "resource-constraint")
NOT_ALLOWED = error("tn281v37", "cancel", "not-allowed")
BAD_REQUEST = error("wy2xa82b", "modify", "bad-request")
CONFLICT = error("wy2xa82b", "modify", "conflict")


def client(resource: str | None, *given: str, identifier: str, says: tuple[str, ...]) -> Outcome:
    """The client's side from the header on."""
    ids = base64.urlsafe_b64decode(identifier)
    return play(
        "binding, initiating",
        lambda: xmpp.ClientConfig(
            sasl2=False,
            jid="juliet@im.example.com" + (f"/{resource}" if resource else ""),
            password="r0m30myr0m30",
            mechanisms=("PLAIN",),
            lang="en",
            entropy=lambda octets: ids[:octets],
        ),
        (R_HEADER + MECHANISMS, SUCCESS, R_HEADER + BIND_FEATURES, *given),
        (AUTH, *says),
        tls=INFO,
    )


def server(
    answer: Callable[[xmpp.BindRequested], xmpp.Bound | xmpp.BindRefused], *given: str, says: tuple[str, ...]
) -> Outcome:
    """The server's side from the header on."""
    return play(
        "binding, receiving",
        lambda: xmpp.ServerConfig(
            sasl2=False,
            domains={"im.example.com"},
            mechanisms=("PLAIN",),
            announce_limits=False,
            entropy=CountedEntropy("server"),
        ),
        (I_HEADER, AUTH, I_HEADER, *given),
        (MECHANISMS, SUCCESS, OUR_BIND, *says),
        answers={xmpp.CredentialsLookup: lambda _: STORE, xmpp.BindRequested: answer},
        tls=INFO,
    )


def binds(resource: str) -> Callable[[xmpp.BindRequested], xmpp.Bound]:
    return lambda question: xmpp.Bound(question.account.with_resource(resource))


def refuses(condition: str) -> Callable[[xmpp.BindRequested], xmpp.BindRefused]:
    return lambda _: xmpp.BindRefused(condition)


@pytest.mark.feature("BND-01")
def test_7_6_1_the_server_chooses() -> None:
    outcome = client(None, GIVEN, identifier="tn281v37", says=(ASK,))
    assert outcome.connection.local_jid == xmpp.JID(f"juliet@im.example.com/{GENERATED}")
    outcome = server(binds(GENERATED), ASK, says=(GIVEN,))
    assert outcome.connection.peer_jid == xmpp.JID(f"juliet@im.example.com/{GENERATED}")
    assert outcome.connection.can_send


@pytest.mark.feature("BND-01")
@pytest.mark.parametrize(("condition", "answer"), [("resource-constraint", CONSTRAINT), ("not-allowed", NOT_ALLOWED)])
def test_7_6_2_the_server_refuses(condition: str, answer: str) -> None:
    outcome = client(None, answer, END, identifier="tn281v37", says=(ASK, END))
    (end,) = outcome.terminal
    assert (end["cause"], end["local"]) == ("BIND_FAILED", False)
    assert end["retry"] == ("LATER" if condition == "resource-constraint" else "NEVER")
    outcome = server(refuses(condition), ASK, says=(answer,))
    assert not outcome.terminal


@pytest.mark.feature("BND-01")
@pytest.mark.parametrize(
    ("resource", "answer"), [("balcony", ACCEPTED), (f"balcony {GENERATED}", OVERRIDDEN)], ids=["7.7.1", "overridden"]
)
def test_7_7_1_the_client_submits_and_the_server_accepts_or_overrides(resource: str, answer: str) -> None:
    outcome = client("balcony", answer, identifier="wy2xa82b", says=(SUBMIT,))
    assert outcome.connection.local_jid == xmpp.JID(f"juliet@im.example.com/{resource}")
    asked: list[xmpp.BindRequested] = []

    def bind(question: xmpp.BindRequested) -> xmpp.Bound:
        asked.append(question)
        return binds(resource)(question)

    outcome = server(bind, SUBMIT, says=(answer,))
    assert outcome.connection.peer_jid == xmpp.JID(f"juliet@im.example.com/{resource}")
    assert {(str(one.account), one.resource) for one in asked} == {("juliet@im.example.com", "balcony")}


@pytest.mark.feature("BND-01")
@pytest.mark.parametrize(("condition", "answer"), [("bad-request", BAD_REQUEST), ("conflict", CONFLICT)])
def test_7_7_2_the_server_refuses_and_the_client_asks_for_any_other(condition: str, answer: str) -> None:
    given = f"<iq id='wy2xa82b' type='result'><bind {BIND}><jid>juliet@im.example.com/{GENERATED}</jid></bind></iq>"
    ask = f"<iq id='wy2xa82b' type='set'><bind {BIND}/></iq>"
    outcome = client("balcony", answer, given, identifier="wy2xa82b", says=(SUBMIT, ask))
    assert outcome.connection.local_jid == xmpp.JID(f"juliet@im.example.com/{GENERATED}")

    def answers(question: xmpp.BindRequested) -> xmpp.Bound | xmpp.BindRefused:
        return binds(GENERATED)(question) if question.resource is None else xmpp.BindRefused(condition)

    outcome = server(answers, SUBMIT, ask, says=(answer, given))
    assert outcome.connection.can_send


@pytest.mark.feature("BND-01")
def test_7_7_2_1_what_is_no_resourcepart_is_a_bad_request() -> None:
    for text in ("", "a" * 1024, "\u0627\u0000".replace("\u0000", "\u200f")):
        bad = f"<iq id='wy2xa82b' type='set'><bind {BIND}><resource>{text}</resource></bind></iq>"
        if not text:
            # Of zero length: the section would rather have it processed, as a wish for any.
            server(binds("any"), bad, says=(ACCEPTED.replace("balcony", "any"),))
        else:
            server(binds("never asked"), bad, says=(BAD_REQUEST,))


@pytest.mark.feature("BND-01")
def test_7_7_2_2_the_older_session_may_be_ended_with_conflict() -> None:
    # The older session's stream, as the host ends it.
    outcome = server(binds("balcony"), SUBMIT, says=(ACCEPTED,))
    outcome.connection.close(xmpp.StreamError("conflict"))
    said = outcome.connection.data_to_send(9.0)
    assert said == (
        b"<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
    )


@pytest.mark.feature("BND-01")
def test_7_7_3_after_five_refusals_the_server_closes() -> None:
    violation = "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
    outcome = server(refuses("conflict"), *[SUBMIT] * 5, says=(*[CONFLICT] * 5, violation, END))
    assert outcome.terminal[0]["condition"] == "policy-violation"
