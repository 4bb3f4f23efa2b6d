"""STARTTLS as RFC 6120 section 5.4 shows it, on both sides."""

from __future__ import annotations

import pytest
from rfc_examples import END, STREAM, TLS, play

import xmpp_core as xmpp
from xmpp_core.testing.entropy import CountedEntropy

I_HEADER = "<stream:stream from='juliet@im.example.com' to='im.example.com' version='1.0' xml:lang='en' " + STREAM
R_HEADER = (
    "<stream:stream from='im.example.com' id='t7AMCin9zjMNwQKDnplntZPIDEI=' to='juliet@im.example.com' "
    "version='1.0' xml:lang='en' " + STREAM
)
FEATURES = f"<stream:features><starttls {TLS}><required/></starttls></stream:features>"
STARTTLS = f"<starttls {TLS}/>"
PROCEED = f"<proceed {TLS}/>"
FAILURE = f"<failure {TLS}/>"
INFO = xmpp.TlsInfo(version="TLSv1.3", verified=True)


def client() -> xmpp.ClientConfig:
    return xmpp.ClientConfig(
        sasl2=False, jid="juliet@im.example.com", password="r0m30myr0m30", lang="en", entropy=CountedEntropy("client")
    )


def server() -> xmpp.ServerConfig:
    return xmpp.ServerConfig(
        sasl2=False, domains={"im.example.com"}, announce_limits=False, entropy=CountedEntropy("server")
    )


@pytest.mark.feature("TLS-01", "STR-01")
def test_5_4_1_headers_and_features() -> None:
    outcome = play("5.4.1, initiating", client, (R_HEADER + FEATURES,), (STARTTLS,))
    # Section 4.7.1: `from` is kept back until the stream is protected, which the example leaves open.
    header = outcome.output.decode().partition("<starttls")[0]
    assert header == "<?xml version='1.0'?>" + I_HEADER.replace("from='juliet@im.example.com' ", "")
    outcome = play("5.4.1, receiving", server, (I_HEADER,), (FEATURES,))
    header = outcome.output.decode().partition("<stream:features")[0]
    assert header.startswith("<?xml version='1.0'?><stream:stream from='im.example.com' to='juliet@im.example.com' ")
    assert header.endswith(f"' version='1.0' xml:lang='en' {STREAM}")


@pytest.mark.feature("TLS-01")
def test_5_4_2_1_and_5_4_2_3_the_proceed_case() -> None:
    outcome = play("5.4.2.3, initiating", client, (R_HEADER + FEATURES, PROCEED), (STARTTLS,))
    assert isinstance(outcome.connection.waiting_for, xmpp.TlsUpgrade)
    assert outcome.connection.waiting_for.server_hostname == "im.example.com"
    outcome = play("5.4.2.3, receiving", server, (I_HEADER, STARTTLS), (FEATURES, PROCEED))
    assert isinstance(outcome.connection.waiting_for, xmpp.TlsUpgrade)
    assert outcome.connection.waiting_for.side is xmpp.Side.RECEIVING


@pytest.mark.feature("TLS-01", "TLS-09")
def test_5_4_2_2_the_failure_case() -> None:
    outcome = play("5.4.2.2, initiating", client, (R_HEADER + FEATURES, FAILURE + END), (STARTTLS, END))
    (end,) = outcome.terminal
    assert (end["cause"], end["local"], end["retry"]) == ("TLS_FAILED", False, "LATER")
    # The second cause the section names: the feature was not offered, here because TLS is in place.
    outcome = play(
        "5.4.2.2, receiving",
        lambda: xmpp.ServerConfig(
            sasl2=False,
            domains={"im.example.com"},
            mechanisms=("SCRAM-SHA-1",),
            announce_limits=False,
            entropy=CountedEntropy("s"),
        ),
        (I_HEADER, STARTTLS),
        (
            "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism>"
            "</mechanisms></stream:features>",
            FAILURE,
            END,
        ),
        tls=INFO,
    )
    (end,) = outcome.terminal
    assert end["local"] is True


@pytest.mark.feature("TLS-09", "TLS-02")
@pytest.mark.parametrize("side", list(xmpp.Side))
def test_5_4_3_2_a_failed_handshake_is_followed_by_nothing(side: xmpp.Side) -> None:
    initiating = side is xmpp.Side.INITIATING
    outcome = play(
        f"5.4.3.2, {side.value}",
        client if initiating else server,
        (R_HEADER + FEATURES, PROCEED) if initiating else (I_HEADER, STARTTLS),
        (STARTTLS,) if initiating else (FEATURES, PROCEED),
        answers={xmpp.TlsUpgrade: lambda _: xmpp.TlsFailed("the certificate is not acceptable")},
    )
    (end,) = outcome.terminal
    assert (end["cause"], end["detail"]) == ("TLS_FAILED", "the certificate is not acceptable")
    assert END.encode() not in outcome.output


@pytest.mark.feature("TLS-01", "TLS-02", "STR-03")
def test_5_4_3_3_after_success_a_new_stream_begins() -> None:
    answers = {xmpp.TlsUpgrade: lambda _: INFO}
    outcome = play("5.4.3.3, initiating", client, (R_HEADER + FEATURES, PROCEED), (STARTTLS,), answers=answers)
    # Over TLS the header is that of the example, `from` included.
    assert outcome.output.decode().endswith(f"{STARTTLS}<?xml version='1.0'?>{I_HEADER}")
    assert END.encode() not in outcome.output
    over_tls = (
        "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
        "<mechanism>SCRAM-SHA-512</mechanism><mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism>"
        "<mechanism>PLAIN</mechanism></mechanisms></stream:features>"
    )
    outcome = play(
        "5.4.3.3, receiving", server, (I_HEADER, STARTTLS, I_HEADER), (FEATURES, PROCEED, over_tls), answers=answers
    )
    first, second = outcome.output.decode().split("<?xml version='1.0'?>")[1:]
    ids = [one.partition(" id='")[2].partition("'")[0] for one in (first, second)]
    # Point 4: a new stream ID, not the old one.
    assert ids[0] != ids[1]
    assert all(len(one) >= 16 for one in ids)
