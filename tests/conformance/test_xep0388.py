"""SASL2 as XEP-0388 shows it, on both sides: SASL data octet by octet, elements in canonical form."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from rfc_examples import BIND, END, STREAM, play

import xmpp_core as xmpp
from xmpp_core.entropy import token
from xmpp_core.features.sasl2 import Sasl2
from xmpp_core.features.sasl2_upgrade import KeysUpgraded, ScramUpgrade
from xmpp_core.features.user_agent import UserAgent
from xmpp_core.sasl.derivation import derive
from xmpp_core.stream.feature import StreamFeature
from xmpp_core.stream.setup import Config, StreamSetup
from xmpp_core.testing.entropy import CountedEntropy

NS = "xmlns='urn:xmpp:sasl:2'"
ERRORS = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
AGENT = UserAgent("d4565fa7-4d72-4749-b3d3-740edbf87770", "AwesomeXMPP", "Kiva's Phone")
AGENT_ELEMENT = (
    "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'><software>AwesomeXMPP</software>"
    "<device>Kiva's Phone</device></user-agent>"
)
# Section 2.5, Example 5: what follows the GS2 header in the c attribute.
BINDING = "cD10bHMtZXhwb3J0ZXIsLMcoQvOdBDePd4OswlmAWV3dg1a1Wh1tYPTBwVid10VU"
EXPORTED = base64.b64decode(BINDING)[len("p=tls-exporter,,") :]
TLS = xmpp.TlsInfo(version="TLSv1.3", verified=True, channel_bindings={"tls-exporter": EXPORTED})
CLIENT_NONCE = "12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6"
SERVER_NONCE = "a09117a6-ac50-4f2f-93f1-93799c2bddf6"
STORE = xmpp.StoredKeys.derive("pencil", ("SHA-1",), iterations=4096, salt=base64.b64decode("QSXCR+Q6sek8bf92"))

I_HEADER = "<stream:stream from='user@example.org' to='example.org' version='1.0' xml:lang='en' " + STREAM
R_HEADER = (
    "<stream:stream from='example.org' id='++TR84Sm6A3hnt3Q065SnAbbk3Y=' to='user@example.org' version='1.0' "
    "xml:lang='en' " + STREAM
)
TYPES = (
    "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-server-end-point'/>"
    "<channel-binding type='tls-exporter'/></sasl-channel-binding>"
)
EXAMPLE_2 = (
    f"<stream:features><authentication {NS}><mechanism>SCRAM-SHA-1</mechanism><mechanism>SCRAM-SHA-1-PLUS</mechanism>"
    "<inline><sm xmlns='urn:xmpp:sm:3'/><bind xmlns='urn:xmpp:bind:0'/></inline></authentication>"
    f"{TYPES}</stream:features>"
)
EXAMPLE_3 = (
    f"<authenticate {NS} mechanism='SCRAM-SHA-1-PLUS'><initial-response>"
    "cD10bHMtZXhwb3J0ZXIsLG49dXNlcixyPTEyQzRDRDVDLUUzOEUtNEE5OC04RjZELTE1QzM4RjUxQ0NDNg=="
    f"</initial-response>{AGENT_ELEMENT}</authenticate>"
)
# With the white space that the examples have around the data.
FIRST = f"r={CLIENT_NONCE}{SERVER_NONCE},s=QSXCR+Q6sek8bf92,i=4096"
EXAMPLE_5_CHALLENGE = f"<challenge {NS}>\n  {base64.b64encode(FIRST.encode()).decode()}\n</challenge>"
WITHOUT_PROOF = f"c={BINDING},r={CLIENT_NONCE}{SERVER_NONCE}"


def proofs() -> tuple[str, str]:
    """Proof and signature by RFC 5802 section 3, computed here from the messages of the example.

    Those the example shows (p=UApo7xo6Pa9J+Vaejfz/dG7BomU=, v=msVHs/BzIOHDqXeVH7EmmDu9id8=) do not follow from
    its messages and its password; every octet before them is the example's.
    """
    salted = hashlib.pbkdf2_hmac("sha1", b"pencil", base64.b64decode("QSXCR+Q6sek8bf92"), 4096)
    message = f"n=user,r={CLIENT_NONCE},{FIRST},{WITHOUT_PROOF}".encode()
    client, server = (hmac.digest(salted, name, "sha1") for name in (b"Client Key", b"Server Key"))
    signature = hmac.digest(hashlib.sha1(client).digest(), message, "sha1")
    proof = bytes(one ^ other for one, other in zip(client, signature, strict=True))
    return base64.b64encode(proof).decode(), base64.b64encode(hmac.digest(server, message, "sha1")).decode()


PROOF, SIGNATURE = proofs()
EXAMPLE_5_RESPONSE = (
    f"<response {NS}>\n  {base64.b64encode(f'{WITHOUT_PROOF},p={PROOF}'.encode()).decode()}\n</response>"
)
EXAMPLE_7 = (
    f"<success {NS}><additional-data>\n    {base64.b64encode(f'v={SIGNATURE}'.encode()).decode()}\n  </additional-data>"
    "<authorization-identifier>user@example.org</authorization-identifier></success>"
)


def tight(text: str) -> str:
    """The same without white space inside: what we write has none (section 2.2)."""
    return "".join(line.strip() for line in text.split("\n"))


@dataclass(frozen=True)
class Replayed:
    """A configuration whose nonces are those of the XEP."""

    config: xmpp.ClientConfig | xmpp.ServerConfig

    def setup(self) -> StreamSetup:
        setup = self.config.setup()
        return replace(setup, features=tuple(self._replayed(one) for one in setup.features))

    def _replayed(self, feature: StreamFeature) -> StreamFeature:
        if not isinstance(feature, Sasl2):
            return feature
        if feature.client is not None:
            assert feature.client.login is not None
            login = replace(feature.client.login, nonce=lambda _: CLIENT_NONCE)
            return Sasl2(client=replace(feature.client, login=login))
        assert feature.server is not None
        reception = replace(feature.server.reception, nonce=lambda _: SERVER_NONCE, downgrade_protection=False)
        return Sasl2(server=replace(feature.server, reception=reception))


def client(**changes: Any) -> Replayed:
    settings: dict[str, Any] = {
        "jid": "user@example.org/balcony",
        "password": "pencil",
        "lang": "en",
        "user_agent": AGENT,
        "mechanisms": ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"),
        **changes,
    }
    return Replayed(xmpp.ClientConfig(entropy=CountedEntropy("client"), **settings))


def server(**changes: Any) -> Replayed:
    settings: dict[str, Any] = {
        "domains": {"example.org"},
        "mechanisms": ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"),
        "announce_limits": False,
        **changes,
    }
    return Replayed(xmpp.ServerConfig(entropy=CountedEntropy("server"), **settings))


def lookup(question: xmpp.CredentialsLookup) -> xmpp.StoredKeys | xmpp.NoSuchUser:
    return STORE if question.username == "user" else xmpp.NoSuchUser()


def offered(*names: str, types: str = "") -> str:
    """What our server announces, the older profile beside it."""
    listed = "".join(f"<mechanism>{name}</mechanism>" for name in names)
    return (
        f"<stream:features><authentication {NS}>{listed}<inline><bind xmlns='urn:xmpp:bind:0'/></inline>"
        f"</authentication><mechanisms {ERRORS}>{listed}</mechanisms>{types}</stream:features>"
    )


BOTH = offered(
    "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", types=TYPES.replace("<channel-binding type='tls-server-end-point'/>", "")
)
SESSION = "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"
AFTERWARDS = f"<stream:features><bind {BIND}/>{SESSION}</stream:features>"
Made = Callable[[], Config]


@pytest.mark.feature("SA2-01", "SASL-07")
def test_2_1_to_2_6_1_scram_with_channel_binding() -> None:
    outcome = play(
        "XEP-0388 2, initiating",
        client,
        (R_HEADER + EXAMPLE_2, EXAMPLE_5_CHALLENGE, EXAMPLE_7),
        (EXAMPLE_3, tight(EXAMPLE_5_RESPONSE)),
        tls=TLS,
    )
    assert outcome.events[-1]["event"] == "Authenticated"
    assert outcome.output.decode().startswith("<?xml version='1.0'?>" + I_HEADER)
    outcome = play(
        "XEP-0388 2, receiving",
        server,
        (I_HEADER, EXAMPLE_3, EXAMPLE_5_RESPONSE),
        (BOTH, tight(EXAMPLE_5_CHALLENGE), tight(EXAMPLE_7), AFTERWARDS),
        answers={xmpp.CredentialsLookup: lookup},
        tls=TLS,
    )
    (authenticated,) = [event for event in outcome.events if event["event"] == "Authenticated"]
    assert authenticated["jid"] == "user@example.org"
    # No restart: one header, and the features of the authenticated stream at once.
    assert outcome.output.count(b"<?xml") == 1


@pytest.mark.feature("SA2-01")
def test_2_6_2_failure() -> None:
    example_10 = (
        f"<failure {NS}><aborted {ERRORS}/><optional-application-specific xmlns='urn:something:else'/>"
        "<text>This is a terrible example.</text></failure>"
    )
    outcome = play(
        "XEP-0388 2.6.2, initiating",
        lambda: client(mechanisms=("SCRAM-SHA-1-PLUS",)),
        (R_HEADER + EXAMPLE_2, example_10, END),
        (EXAMPLE_3, END),
        tls=TLS,
    )
    (end,) = outcome.terminal
    assert (end["cause"], end["condition"]) == ("AUTHENTICATION_FAILED", None)
    (told,) = [event for event in outcome.events if event["event"] == "NegotiationFailed"]
    assert (told["condition"], told["text"]) == ("aborted", "This is a terrible example.")


@pytest.mark.feature("SA2-01", "SASL-11")
def test_5_1_plain() -> None:
    """Example 13, where a password with a line feed in it is shown; ours is as RFC 4616 has it."""
    data = base64.b64encode(b"\0user\0pencil").decode()
    authenticate = f"<authenticate {NS} mechanism='PLAIN'><initial-response>{data}</initial-response>{AGENT_ELEMENT}"
    authenticate += "</authenticate>"
    success = f"<success {NS}><authorization-identifier>user@example.org</authorization-identifier></success>"
    offer = f"<stream:features><authentication {NS}><mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1</mechanism>"
    offer += "</authentication></stream:features>"
    after = f"<stream:features><bind {BIND}><required/></bind></stream:features>"
    outcome = play(
        "XEP-0388 5.1, initiating",
        lambda: client(mechanisms=("PLAIN",)),
        (R_HEADER + offer, success + after),
        (authenticate, f"<iq type='set' id='{first_id()}'><bind {BIND}><resource>balcony</resource></bind></iq>"),
        tls=replace(TLS, channel_bindings={}),
    )
    assert not outcome.terminal
    play(
        "XEP-0388 5.1, receiving",
        lambda: server(mechanisms=("PLAIN",)),
        (I_HEADER, authenticate),
        (offered("PLAIN"), success, AFTERWARDS),
        answers={xmpp.CredentialsLookup: lookup},
        tls=TLS,
    )


def first_id() -> str:
    """The first id a client draws."""
    return token(CountedEntropy("client"), 6)


@pytest.mark.feature("SA2-03")
def test_xep_0386_3_1_and_3_2_a_bind_with_a_tag() -> None:
    """XEP-0386 Examples 1, 2 and 4; carbons, CSI and stream management are announced and nobody here asks for them."""
    names = ("urn:xmpp:carbons:2", "urn:xmpp:csi:0", "urn:xmpp:sm:3")
    inner = "".join(f"<feature var='{name}'/>" for name in names)
    example_1 = (
        f"<stream:features><authentication {NS}><mechanism>SCRAM-SHA-1</mechanism>"
        "<mechanism>SCRAM-SHA-1-PLUS</mechanism><inline><bind xmlns='urn:xmpp:bind:0'><inline>"
        f"{inner}</inline></bind><sm xmlns='urn:xmpp:sm:3'/></inline></authentication>{TYPES}</stream:features>"
    )
    bind = "<bind xmlns='urn:xmpp:bind:0'><tag>AwesomeXMPP</tag></bind>"
    authenticate = EXAMPLE_3.replace("</authenticate>", bind + "</authenticate>")
    metadata = (
        "<metadata xmlns='urn:xmpp:mam:2'><start id='YWxwaGEg' timestamp='2008-08-22T21:09:04Z'/>"
        "<end id='b21lZ2Eg' timestamp='2020-04-20T14:34:21Z'/></metadata>"
    )
    jid = "user@example.org/AwesomeXMPP.4232f4d4"
    success = tight(EXAMPLE_7).replace("user@example.org", jid)
    success = success.replace("</success>", f"<bound xmlns='urn:xmpp:bind:0'>{metadata}</bound></success>")
    outcome = play(
        "XEP-0386 3, initiating",
        lambda: client(jid="user@example.org", bind_tag="AwesomeXMPP"),
        (R_HEADER + example_1, EXAMPLE_5_CHALLENGE, success + "<stream:features/>"),
        (authenticate, tight(EXAMPLE_5_RESPONSE)),
        tls=TLS,
    )
    assert outcome.events[-1] == {"event": "SessionReady", "jid": jid, "resumed": False}
    (bound,) = [event for event in outcome.events if event["event"] == "BoundInline"]
    assert "b21lZ2Eg" in bound["element"]

    def bind_to(question: xmpp.BindRequested) -> xmpp.Bound:
        assert question.tag == "AwesomeXMPP"
        assert question.user_agent == AGENT
        return xmpp.Bound(xmpp.JID(jid), told=(fromstring(metadata),))

    outcome = play(
        "XEP-0386 3, receiving",
        server,
        (I_HEADER, authenticate, EXAMPLE_5_RESPONSE),
        (BOTH, tight(EXAMPLE_5_CHALLENGE), success, f"<stream:features>{SESSION}</stream:features>"),
        answers={xmpp.CredentialsLookup: lookup, xmpp.BindRequested: bind_to},
        tls=TLS,
    )
    assert outcome.events[-1]["event"] == "SessionReady"


@pytest.mark.feature("SA2-02")
def test_xep_0480_3_an_upgrade_to_scram_sha_256() -> None:
    """XEP-0480 Example 5. Its <hash/> is not what its salt and 4096 iterations make of 'pencil': ours is."""
    salt = base64.b64decode("QV9TWENSWFE2c2VrOGJmX1o=")
    hashed = base64.b64encode(derive("pencil", salt, 4096, "SHA-256")).decode()
    upgrade = "<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-256</upgrade>"
    authenticate = EXAMPLE_3.replace("</authenticate>", upgrade + "</authenticate>")
    additional = tight(EXAMPLE_7).partition("<additional-data>")[2].partition("<")[0]
    continued = (
        f"<continue {NS}><additional-data>{additional}</additional-data>"
        "<tasks><task>UPGR-SCRAM-SHA-256</task></tasks></continue>"
    )
    begun = f"<next {NS} task='UPGR-SCRAM-SHA-256'/>"
    asked = (
        f"<task-data {NS}><salt xmlns='urn:xmpp:scram-upgrade:0' iterations='4096'>QV9TWENSWFE2c2VrOGJmX1o=</salt>"
        "</task-data>"
    )
    given = f"<task-data {NS}><hash xmlns='urn:xmpp:scram-upgrade:0'>{hashed}</hash></task-data>"
    success = f"<success {NS}><authorization-identifier>user@example.org</authorization-identifier></success>"
    offer = EXAMPLE_2.replace("</inline>", f"</inline>{upgrade}").replace("<bind xmlns='urn:xmpp:bind:0'/>", "")
    outcome = play(
        "XEP-0480 3, initiating",
        lambda: client(upgrade_hashes=("SHA-256",)),
        (R_HEADER + offer, EXAMPLE_5_CHALLENGE, continued, asked, success),
        (authenticate, tight(EXAMPLE_5_RESPONSE), begun, given),
        tls=TLS,
    )
    assert outcome.events[-1]["event"] == "Authenticated"
    kept: list[KeysUpgraded] = []

    def keep(question: KeysUpgraded) -> bool:
        kept.append(question)
        return True

    def upgrading() -> Config:
        made = server(upgrade_hashes=("SHA-256",))
        return Salted(made, salt)

    play(
        "XEP-0480 3, receiving",
        upgrading,
        (I_HEADER, authenticate, EXAMPLE_5_RESPONSE, begun, given),
        (
            BOTH.replace("</inline>", f"</inline>{upgrade}"),
            tight(EXAMPLE_5_CHALLENGE),
            continued,
            asked,
            success,
            AFTERWARDS,
        ),
        answers={xmpp.CredentialsLookup: lookup, KeysUpgraded: keep},
        tls=TLS,
    )
    expected = xmpp.StoredKeys.derive("pencil", ("SHA-256",), iterations=4096, salt=salt)
    assert {question.verifier for question in kept} == set(expected.entries)


@dataclass(frozen=True)
class Salted:
    """A server whose upgrade has the salt and the iterations of the example."""

    made: Replayed
    salt: bytes

    def setup(self) -> StreamSetup:
        setup = self.made.setup()
        features: list[StreamFeature] = []
        for one in setup.features:
            if isinstance(one, Sasl2):
                assert one.server is not None
                tasks = (ScramUpgrade("SHA-256", iterations=4096),)
                features.append(Sasl2(server=replace(one.server, tasks=tasks)))
            else:
                features.append(one)
        drawn = setup.entropy
        return replace(
            setup, features=tuple(features), entropy=lambda octets: self.salt if octets == 16 else drawn(octets)
        )
