"""SASL as RFC 6120 section 6.4 shows it, on both sides, data octet by octet."""

from __future__ import annotations

import base64

import pytest
from rfc_examples import BIND, END, SASL, STREAM, Replayed, play

import xmpp_core as xmpp
from xmpp_core.testing.entropy import CountedEntropy

I_HEADER = "<stream:stream from='juliet@im.example.com' to='im.example.com' version='1.0' xml:lang='en' " + STREAM
R_HEADER = (
    "<stream:stream from='im.example.com' id='{}' to='juliet@im.example.com' version='1.0' xml:lang='en' " + STREAM
)
FIRST, SECOND = R_HEADER.format("vgKi/bkYME8OAj4rlXMkpucAqe4="), R_HEADER.format("gPybzaOzBmaADgxKXu9UClbprp0=")


def mechanisms(*names: str) -> str:
    inner = "".join(f"<mechanism>{name}</mechanism>" for name in names)
    return f"<stream:features><mechanisms {SASL}>{inner}</mechanisms></stream:features>"


OFFER = mechanisms("EXTERNAL", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "PLAIN")
AUTH = f"<auth {SASL} mechanism='PLAIN'>AGp1bGlldAByMG0zMG15cjBtMzA=</auth>"
SUCCESS = f"<success {SASL}/>"
BIND_FEATURES = f"<stream:features><bind {BIND}/></stream:features>"
INFO = xmpp.TlsInfo(version="TLSv1.3", verified=True)
SALT = "QSXCR+Q6sek8bf92"
STORE = xmpp.StoredKeys.derive("r0m30myr0m30", hashes=("SHA-1",), iterations=4096, salt=base64.b64decode(SALT))


def client(*names: str) -> Replayed:
    config = xmpp.ClientConfig(
        sasl2=False,
        jid="juliet@im.example.com",
        password="r0m30myr0m30",
        lang="en",
        mechanisms=names,
        entropy=lambda octets: base64.urlsafe_b64decode("tn281v37")[:octets],
    )
    return Replayed(config, "oMsTAAwAAAAMAAAANP0TAAAAAABPU0AA")


def server() -> xmpp.ServerConfig:
    return xmpp.ServerConfig(
        sasl2=False,
        domains={"im.example.com"},
        mechanisms=("SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "PLAIN"),
        announce_limits=False,
        entropy=CountedEntropy("server"),
    )


def lookup(question: xmpp.CredentialsLookup) -> xmpp.StoredKeys | xmpp.NoSuchUser:
    return STORE if question.username == "juliet" else xmpp.NoSuchUser()


# EXTERNAL needs a certificate, -PLUS channel binding; without either the rest of the offer is made.
OUR_OFFER = mechanisms("SCRAM-SHA-1", "PLAIN")
SESSION = "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"
OUR_BIND = f"<stream:features><bind {BIND}/>{SESSION}</stream:features>"


@pytest.mark.feature("SASL-01", "SASL-11", "STR-03")
def test_6_4_1_to_6_4_6_plain_succeeds() -> None:
    bind = f"<iq id='tn281v37' type='set'><bind {BIND}/></iq>"
    outcome = play(
        "6.4, initiating",
        lambda: client("PLAIN"),
        (FIRST + OFFER, SUCCESS, SECOND + BIND_FEATURES),
        (AUTH, bind),
        tls=INFO,
    )
    said = outcome.output.decode()
    # Both headers are those of the examples, and no closing tag stands between them (section 4.3.3).
    assert said.startswith(f"<?xml version='1.0'?>{I_HEADER}<auth ")
    assert f"</auth><?xml version='1.0'?>{I_HEADER}<iq " in said
    outcome = play(
        "6.4, receiving",
        server,
        (I_HEADER, AUTH, I_HEADER),
        (OUR_OFFER, SUCCESS, OUR_BIND),
        answers={xmpp.CredentialsLookup: lookup},
        tls=INFO,
    )
    ids = [part.partition("'")[0] for part in outcome.output.decode().split(" id='")[1:]]
    assert len(set(ids)) == len(ids) == 2


@pytest.mark.feature("SASL-01", "SASL-05")
def test_6_4_3_and_6_4_4_a_handshake_is_aborted() -> None:
    scram = (
        f"<auth {SASL} mechanism='SCRAM-SHA-1'>biwsbj1qdWxpZXQscj1vTXNUQUF3QUFBQU1BQUFBTlAwVEFBQUFBQUJQVTBBQQ==</auth>"
    )
    abort = f"<abort {SASL}/>"
    aborted = f"<failure {SASL}><aborted/></failure>"
    # A challenge that does not go on from our nonce: the reason of ours to abort.
    wrong = f"<challenge {SASL}>{base64.b64encode(b'r=other,s=QSXCR+Q6sek8bf92,i=4096').decode()}</challenge>"
    outcome = play(
        "6.4.4, initiating",
        lambda: client("SCRAM-SHA-1"),
        (FIRST + mechanisms("SCRAM-SHA-1"), wrong, aborted, END),
        (scram, abort, END),
        tls=INFO,
    )
    (end,) = outcome.terminal
    assert (end["cause"], end["local"]) == ("AUTHENTICATION_FAILED", True)

    def nonce() -> Replayed:
        return Replayed(server(), "e124695b")

    first = base64.b64encode(f"r=oMsTAAwAAAAMAAAANP0TAAAAAABPU0AAe124695b,s={SALT},i=4096".encode()).decode()
    outcome = play(
        "6.4.4, receiving",
        nonce,
        (I_HEADER, scram, abort, AUTH, I_HEADER),
        (OUR_OFFER, f"<challenge {SASL}>{first}</challenge>", aborted, SUCCESS, OUR_BIND),
        answers={xmpp.CredentialsLookup: lookup},
        tls=INFO,
    )
    assert not outcome.terminal


@pytest.mark.feature("SASL-02", "SASL-04")
def test_6_4_5_failure_retries_and_their_end() -> None:
    failure = f"<failure {SASL}><not-authorized/></failure>"
    outcome = play("6.4.5, initiating", lambda: client("PLAIN"), (FIRST + OFFER, failure + END), (AUTH, END), tls=INFO)
    (end,) = outcome.terminal
    assert (end["cause"], end["condition"], end["retry"]) == ("AUTHENTICATION_FAILED", None, "NEVER")
    wrong = f"<auth {SASL} mechanism='PLAIN'>{base64.b64encode(b'%cjuliet%cwrong' % (0, 0)).decode()}</auth>"
    outcome = play(
        "6.4.5, receiving, a retry succeeds",
        server,
        (I_HEADER, wrong, AUTH, I_HEADER),
        (OUR_OFFER, failure, SUCCESS, OUR_BIND),
        answers={xmpp.CredentialsLookup: lookup},
        tls=INFO,
    )
    assert not outcome.terminal
    violation = "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
    outcome = play(
        "6.4.5, receiving, too many",
        server,
        (I_HEADER, wrong, wrong, wrong),
        (OUR_OFFER, failure, failure, failure, violation, END),
        answers={xmpp.CredentialsLookup: lookup},
        tls=INFO,
    )
    assert outcome.terminal[0]["condition"] == "policy-violation"


@pytest.mark.feature("SASL-01")
def test_6_4_2_a_second_auth_begins_anew() -> None:
    first = f"<auth {SASL} mechanism='SCRAM-SHA-1'>biwsbj1qdWxpZXQscj1hYmM=</auth>"
    challenge = base64.b64encode(f"r=abce124695b,s={SALT},i=4096".encode()).decode()
    play(
        "6.4.2, receiving",
        lambda: Replayed(server(), "e124695b"),
        (I_HEADER, first, AUTH, I_HEADER),
        (OUR_OFFER, f"<challenge {SASL}>{challenge}</challenge>", SUCCESS, OUR_BIND),
        answers={xmpp.CredentialsLookup: lookup},
        tls=INFO,
    )


@pytest.mark.feature("SASL-01")
def test_6_4_6_who_authenticates_must_be_who_the_header_named() -> None:
    other = I_HEADER.replace("juliet@", "romeo@")
    outcome = play(
        "6.4.6, another 'from'",
        server,
        (I_HEADER, AUTH, other),
        (
            OUR_OFFER,
            SUCCESS,
            "<stream:error><invalid-from xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
            END,
        ),
        answers={xmpp.CredentialsLookup: lookup},
        tls=INFO,
    )
    assert outcome.terminal[0]["condition"] == "invalid-from"
