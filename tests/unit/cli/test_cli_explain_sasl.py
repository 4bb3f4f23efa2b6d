"""`xmpp-core explain sasl`: what it tells of an authentication, and that it shows no secret."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from stages import CLIENT_ANSWERS, SERVER_ANSWERS, client_config, pair, server_config

from xmpp_core.cli.explain_sasl import Exchange, explain_exchange
from xmpp_core.cli.main import main
from xmpp_core.cli.timeline.sources import from_one, from_transcript
from xmpp_core.testing.transcript import Recorder

HEADER = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' id='x'>"
NS = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
TYPES = "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>{}</sasl-channel-binding>"


def recorded(*, keep: bool, password: str = "pencil", **options: Any) -> bytes:
    """What the client's recorder has of a login."""
    names = options.pop("names", ("SCRAM-SHA-256-PLUS",))
    both = pair(
        client_config(mechanisms=names, password=password),
        server_config(mechanisms=names),
        client_answers=CLIENT_ANSWERS,
        server_answers={**SERVER_ANSWERS, **options},
        make=lambda config: Recorder(config, insecure_keep_secrets=keep),
    )
    both.pump()
    recorder = both.initiating.connection
    assert isinstance(recorder, Recorder)
    return recorder.transcript.dumps().encode()


def told(octets: bytes) -> Exchange:
    return explain_exchange(from_transcript(octets))


def said(*elements: str) -> Exchange:
    """What is told of one direction."""
    return explain_exchange(from_one((HEADER + "".join(elements)).encode()))


def features(*names: str, types: tuple[str, ...] | None = None) -> str:
    listed = "".join(f"<mechanism>{name}</mechanism>" for name in names)
    bindings = "" if types is None else TYPES.format("".join(f"<channel-binding type='{one}'/>" for one in types))
    return f"<stream:features><mechanisms {NS}>{listed}</mechanisms>{bindings}</stream:features>"


def auth(mechanism: str, data: bytes) -> str:
    return f"<auth {NS} mechanism='{mechanism}'>{base64.b64encode(data).decode() or '='}</auth>"


def challenge(data: bytes) -> str:
    return f"<challenge {NS}>{base64.b64encode(data).decode()}</challenge>"


@pytest.mark.feature("SASL-01", "SASL-07", "SASL-08")
def test_a_login_with_scram_is_told_message_by_message() -> None:
    found = told(recorded(keep=True))
    assert found.good
    assert found.faults == ["tls-server-end-point is missing, which every server must have (XEP-0440 rule 1)"]
    assert found.outcome == "SCRAM-SHA-256-PLUS succeeded"
    features, begun, challenge, response, success = found.messages
    assert features.holds == [
        "SCRAM-SHA-256-PLUS: proves the password on both sides without sending it, bound to the TLS channel",
        "channel-binding types: tls-unique (XEP-0440)",
    ]
    assert begun.holds[1:3] == ["channel binding: bound by tls-unique (p=tls-unique)", "name: juliet"]
    assert challenge.holds == [
        "a salt of 16 octets, 4096 iterations",
        "the hash of what was offered is right (XEP-0474)",
        "the server sees TLS version 0303 (XEP-0515)",
    ]
    assert response.holds == ["channel-binding data of 8 octets (not shown)", "the client's proof (not shown)"]
    assert success.holds == ["the server's signature (not shown)"]


@pytest.mark.feature("SEC-04")
def test_what_was_cut_cannot_be_told_and_the_rest_is() -> None:
    found = told(recorded(keep=False))
    assert found.good
    assert [one.holds[-1] for one in found.messages[1:]] == ["its contents were cut out of the record"] * 4


@pytest.mark.feature("SASL-02")
def test_a_refusal_is_told() -> None:
    found = told(recorded(keep=True, password="crayon"))
    assert not found.good
    assert found.outcome == "refused: not-authorized"
    assert found.messages[-1].holds == ["not-authorized (RFC 6120 section 6.5)"]


@pytest.mark.feature("SASL-10")
@pytest.mark.parametrize(
    ("elements", "fault"),
    [
        ((features("PLAIN", types=("tls-exporter",)),), "nothing that binds is offered"),
        ((features("SCRAM-SHA-1-PLUS", types=("tls-exporter",)),), "tls-server-end-point is missing"),
        ((features("PLAIN"),), "without TLS on record"),
        ((auth("PLAIN", b"no NUL"),), "breaks the grammar of PLAIN"),
        ((auth("SCRAM-SHA-1", b"n,,n=x"),), "breaks the grammar of SCRAM-SHA-1"),
        ((f"<auth {NS} mechanism='PLAIN'>no base64</auth>",), "no base64"),
        (
            (auth("SCRAM-SHA-1", b"n,,n=x,r=abc"), challenge(b"r=abcdef,s=c2FsdA==,i=100")),
            "fewer than 4096 iterations",
        ),
        (
            (
                features("SCRAM-SHA-1"),
                auth("SCRAM-SHA-1", b"n,,n=x,r=abc"),
                challenge(b"r=abcdef,s=c2FsdA==,i=4096,h=AAAA"),
            ),
            "changed on its way (XEP-0474)",
        ),
        ((features("SCRAM-SHA-1"), auth("PLAIN", b"\0a\0b")), "was not offered"),
        (
            (features("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"), auth("SCRAM-SHA-1", b"y,,n=x,r=abc")),
            "saw no offer to bind, and one is on record",
        ),
    ],
)
def test_what_is_wrong_is_said(elements: tuple[str, ...], fault: str) -> None:
    assert any(fault in one for one in said(*elements).faults)


@pytest.mark.feature("SASL-11", "SASL-12", "SASL-13")
@pytest.mark.parametrize(
    ("mechanism", "data", "holds"),
    [
        ("PLAIN", b"\0juliet\0canary", ["name: juliet", "the password (not shown)"]),
        ("PLAIN", b"romeo\0juliet\0canary", ["name: juliet", "to act as: romeo", "the password (not shown)"]),
        ("EXTERNAL", b"", ["no identity: the certificate says who it is (XEP-0178)"]),
        ("EXTERNAL", b"a@b", ["to act as: a@b"]),
        ("ANONYMOUS", b"", ["no trace"]),
        ("ANONYMOUS", b"sirhc", ["trace: sirhc"]),
        ("HT-SHA-256-NONE", b"juliet\0canary", ["name: juliet", "a proof (not shown)"]),
        (
            "OAUTHBEARER",
            b"n,a=juliet@b,\x01host=b\x01auth=Bearer canary\x01\x01",
            ["to act as: juliet@b", "host: b", "a token (not shown)"],
        ),
        ("X-OTHER", b"canary", ["6 octets of a mechanism that is not known here"]),
    ],
)
def test_each_mechanism_is_told_and_no_secret_is(mechanism: str, data: bytes, holds: list[str]) -> None:
    (begun,) = said(auth(mechanism, data)).messages
    assert begun.holds[1:] == holds
    assert "canary" not in repr(begun)


@pytest.mark.feature("SASL-14", "SASL-15")
def test_what_a_server_says_of_a_token_or_asks_with_digests() -> None:
    found = said(
        f"<auth {NS} mechanism='DIGEST-MD5'/>", challenge(b'realm="x",nonce="canary",qop="auth",algorithm=md5-sess')
    )
    assert found.messages[1].holds == ["directives: realm, nonce, qop, algorithm (values not shown)"]
    found = said(auth("OAUTHBEARER", b"n,,\x01auth=\x01\x01"), challenge(b'{"status":"invalid_token","scope":"xmpp"}'))
    assert found.messages[1].holds == ["why the token will not do: invalid_token, scope xmpp"]


@pytest.mark.feature("SA2-01")
def test_the_newer_profile_is_read_too() -> None:
    two = "xmlns='urn:xmpp:sasl:2'"
    data = base64.b64encode(b"n,,n=juliet,r=abc").decode()
    found = said(
        f"<authenticate {two} mechanism='SCRAM-SHA-1'><initial-response>{data}</initial-response></authenticate>",
        f"<success {two}><additional-data>{base64.b64encode(b'v=AAAA').decode()}</additional-data></success>",
    )
    assert found.messages[0].holds[2] == "name: juliet"
    assert found.outcome == "SCRAM-SHA-1 succeeded"


@pytest.mark.feature("SASL-01")
def test_the_command_prints_and_tells_by_its_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_bytes(recorded(keep=True, names=("SCRAM-SHA-256",)))
    bad.write_bytes(recorded(keep=True, password="crayon"))
    assert main(["explain", "sasl", str(good)]) == 0
    text = capsys.readouterr().out
    assert text.splitlines()[-1] == "SCRAM-SHA-256 succeeded"
    assert "client  begins SCRAM-SHA-256" in text
    assert main(["explain", "sasl", "--json", str(bad)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["good"], found["outcome"]) == (False, "refused: not-authorized")
    assert main(["explain", "sasl", str(tmp_path / "none")]) == 2
