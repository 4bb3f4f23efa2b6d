"""The exchange of RFC 6120 section 9.1, replayed on both sides.

Elements are compared in canonical form; what SASL carries is compared octet by octet. Stream ids are the
receiving entity's to choose, so ours stand in their place; a client sends `from` only over TLS (section 4.7.1).
"""

from __future__ import annotations

import base64

import pytest
from rfc_examples import END, SASL, STREAM, Replayed, elements, wanted

import xmpp_core as xmpp
from xmpp_core.testing.entropy import CountedEntropy
from xmpp_core.testing.scenario import Call, Receive, Scenario, assert_same_at_every_chunking

CLIENT_NONCE = "oMsTAAwAAAAMAAAANP0TAAAAAABPU0AA"
SERVER_NONCE = "e124695b-69a9-4de6-9c30-b51b3808c59e"
SALT = "NjhkYTM0MDgtNGY0Zi00NjdmLTkxMmUtNDlmNTNmNDNkMDMz"
AUTH = "biwsbj1qdWxpZXQscj1vTXNUQUF3QUFBQU1BQUFBTlAwVEFBQUFBQUJQVTBBQQ=="
CHALLENGE = (
    "cj1vTXNUQUF3QUFBQU1BQUFBTlAwVEFBQUFBQUJQVTBBQWUxMjQ2OTViLTY5YTktNGRlNi05YzMwLWI1MWIzODA4YzU5ZSxzPU5qaGtZVE0w"
    "TURndE5HWTBaaTAwTmpkbUxUa3hNbVV0TkRsbU5UTm1ORE5rTURNeixpPTQwOTY="
)
RESPONSE = (
    "Yz1iaXdzLHI9b01zVEFBd0FBQUFNQUFBQU5QMFRBQUFBQUFCUFUwQUFlMTI0Njk1Yi02OWE5LTRkZTYtOWMzMC1iNTFiMzgwOGM1OWUscD1V"
    "QTU3dE0vU3ZwQVRCa0gyRlhzMFdEWHZKWXc9"
)
SUCCESS = "dj1wTk5ERlZFUXh1WHhDb1NFaVc4R0VaKzFSU289"
S_HEADER = (
    "<stream:stream from='im.example.com' id='{}' to='juliet@im.example.com' version='1.0' xml:lang='en' " + STREAM
)
C_HEADER = "<stream:stream from='juliet@im.example.com' to='im.example.com' version='1.0' xml:lang='en' " + STREAM
STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
TLS_FEATURES = (
    "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"
)
MECHANISMS = (
    f"<mechanisms {SASL}><mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>SCRAM-SHA-1</mechanism>"
    "<mechanism>PLAIN</mechanism></mechanisms>"
)
BIND_NS = "urn:ietf:params:xml:ns:xmpp-bind"
BIND_REQUEST = f"<iq id='yhc13a95' type='set'><bind xmlns='{BIND_NS}'><resource>balcony</resource></bind></iq>"
BIND_RESULT = (
    f"<iq id='yhc13a95' type='result'><bind xmlns='{BIND_NS}'><jid>juliet@im.example.com/balcony</jid></bind></iq>"
)
ASKED = "Art thou not Romeo, and a Montague?"
REPLIED = "Neither, fair saint, if either thee dislike."
MESSAGE = (
    "<message from='juliet@im.example.com/balcony' id='ju2ba41c' to='romeo@example.net' type='chat' xml:lang='en'>"
    f"<body>{ASKED}</body></message>"
)
REPLY = (
    "<message from='romeo@example.net/orchard' id='ju2ba41c' to='juliet@im.example.com/balcony' type='chat' "
    f"xml:lang='en'><body>{REPLIED}</body></message>"
)


@pytest.mark.feature("SASL-01", "BND-01", "TLS-01")
def test_the_initiating_entity() -> None:
    identifier = base64.urlsafe_b64decode("yhc13a95")

    def config() -> Replayed:
        client = xmpp.ClientConfig(
            sasl2=False,
            jid="juliet@im.example.com/balcony",
            password="r0m30myr0m30",
            lang="en",
            entropy=lambda octets: identifier[:octets],
        )
        return Replayed(client, CLIENT_NONCE)

    message = xmpp.Message(
        to="romeo@example.net",
        from_="juliet@im.example.com/balcony",
        id="ju2ba41c",
        type="chat",
        lang="en",
        body=ASKED,
    )
    over_tls = (
        S_HEADER.format("vgKi/bkYME8OAj4rlXMkpucAqe4=")
        + f"<stream:features>{MECHANISMS}</stream:features>"
        + f"<challenge {SASL}>{CHALLENGE}</challenge><success {SASL}>{SUCCESS}</success>"
        + S_HEADER.format("gPybzaOzBmaADgxKXu9UClbprp0=")
        + f"<stream:features><bind xmlns='{BIND_NS}'/></stream:features>{BIND_RESULT}"
    )
    scenario = Scenario(
        "RFC 6120 section 9.1, initiating",
        config,
        (
            Receive((S_HEADER.format("t7AMCin9zjMNwQKDnplntZPIDEI=") + TLS_FEATURES + PROCEED).encode()),
            Receive(over_tls.encode()),
            Call(lambda conn: conn.send(message)),
            Receive(REPLY.encode()),
            Call(lambda conn: conn.close()),
            Receive(END.encode()),
        ),
        answers={xmpp.TlsUpgrade: lambda _: xmpp.TlsInfo(version="TLSv1.2", verified=True)},
    )
    outcome, _ = assert_same_at_every_chunking(scenario, splits=150)
    assert list(elements(outcome.output)) == wanted(
        STARTTLS,
        f"<auth {SASL} mechanism='SCRAM-SHA-1'>{AUTH}</auth>",
        f"<response {SASL}>{RESPONSE}</response>",
        BIND_REQUEST,
        MESSAGE,
        END,
    )
    assert [event["event"] for event in outcome.events[-3:]] == ["SessionReady", "Message", "Closed"]


@pytest.mark.feature("SASL-01", "BND-01", "TLS-01")
def test_the_receiving_entity() -> None:
    store = xmpp.StoredKeys.derive("r0m30myr0m30", hashes=("SHA-1",), iterations=4096, salt=base64.b64decode(SALT))
    tls = xmpp.TlsInfo(version="TLSv1.2", channel_bindings={"tls-unique": b"finished"}, extended_master_secret=True)

    def config() -> Replayed:
        server = xmpp.ServerConfig(
            sasl2=False,
            announce_limits=False,
            domains={"im.example.com"},
            mechanisms=("SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "PLAIN"),
            secret=b"0123456789abcdef",
            entropy=CountedEntropy("server"),
        )
        return Replayed(server, SERVER_NONCE)

    reply = xmpp.Message(
        to="juliet@im.example.com/balcony",
        from_="romeo@example.net/orchard",
        id="ju2ba41c",
        type="chat",
        lang="en",
        body=REPLIED,
    )
    over_tls = (
        f"{C_HEADER}<auth {SASL} mechanism='SCRAM-SHA-1'>{AUTH}</auth><response {SASL}>{RESPONSE}</response>"
        f"{C_HEADER}{BIND_REQUEST}{MESSAGE}"
    )
    scenario = Scenario(
        "RFC 6120 section 9.1, receiving",
        config,
        (
            Receive((C_HEADER + STARTTLS).encode()),
            Receive(over_tls.encode()),
            Call(lambda conn: conn.send(reply)),
            Receive(END.encode()),
        ),
        answers={
            xmpp.TlsUpgrade: lambda _: tls,
            xmpp.CredentialsLookup: lambda _: store,
            xmpp.BindRequested: lambda question: xmpp.Bound(question.account.with_resource(question.resource)),
        },
    )
    outcome, _ = assert_same_at_every_chunking(scenario, splits=150)
    types = (
        "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-unique'/></sasl-channel-binding>"
    )
    session = "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"
    assert list(elements(outcome.output)) == wanted(
        TLS_FEATURES,
        PROCEED,
        f"<stream:features>{MECHANISMS}{types}</stream:features>",
        f"<challenge {SASL}>{CHALLENGE}</challenge>",
        f"<success {SASL}>{SUCCESS}</success>",
        f"<stream:features><bind xmlns='{BIND_NS}'/>{session}</stream:features>",
        BIND_RESULT,
        REPLY,
        END,
    )
    for part in (b"from='im.example.com'", b"to='juliet@im.example.com'", b"xml:lang='en'", b"version='1.0'"):
        assert outcome.output.count(part) >= 3
