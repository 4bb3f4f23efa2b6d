"""Snapshots after every octet and every step of a login, decoded as deep as they go: no proof and no token in them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sasl2_stages import (
    CLIENT_TLS,
    HEADER,
    HT,
    NS,
    PLAIN,
    SERVER_HEADER,
    SERVER_TLS,
    client_config,
    features,
    plain,
    server_answers,
    server_config,
    server_said,
    with_token,
)

import xmpp_core as xmpp
from xmpp_core.features.fast import Fast
from xmpp_core.features.sasl2_upgrade import KeysUpgraded
from xmpp_core.server.tokens import MemoryTokens
from xmpp_core.stream.context import Side
from xmpp_core.stream.events import Question
from xmpp_core.stream.proofs import LEFT_OUT, without_proofs
from xmpp_core.stream.setup import Config

_BASE64 = re.compile(rb"[A-Za-z0-9+/]{8,}")
_PROOF = re.compile(rb"<(?:auth|response|initial-response|hash)\b[^>]*>([^<]{8,})<|\btoken='([^']+)'")


def layers(octets: bytes, depth: int = 4) -> bytes:
    """The octets, and what every run of base64 in them says, and in those."""
    found = [octets]
    for run in _BASE64.findall(octets) if depth else ():
        whole = run[: len(run) - (len(run) % 4 == 1)]
        found.append(layers(base64.b64decode(whole + b"=" * (-len(whole) % 4)), depth - 1))
    return b"\n".join(found)


@dataclass
class Login:
    """Two ends, octet by octet; each is written down after whatever happens to it."""

    configs: tuple[Config, Config]
    answers: dict[type, Callable[[Any], Any]]
    snapshots: list[bytes] = field(default_factory=list)
    passed: bytes = b""

    def run(self) -> bytes:
        ends = [xmpp.Connection(config) for config in self.configs]
        for end, tls in zip(ends, (CLIENT_TLS, SERVER_TLS), strict=True):
            end.start(0.0, tls=tls)
        for _ in range(20):
            for here, there in (ends, ends[::-1]):
                self.hear(here)
                octets = here.data_to_send(0.0)
                self.passed += octets
                for place in range(len(octets)):
                    there.receive_data(octets[place : place + 1], 0.0)
                    self.keep(there)
                    # The last octet is left for later: whole and not interpreted.
                    if place + 1 < len(octets):
                        self.hear(there)
        assert all(end.can_send for end in ends)
        return self.passed

    def keep(self, end: xmpp.Connection) -> None:
        self.snapshots.append(end.snapshot())

    def hear(self, end: xmpp.Connection) -> None:
        while (event := end.next_event()) is not None:
            self.keep(end)
            if isinstance(event, Question):
                end.answer(event, self.answers[type(event)](event))
                self.keep(end)


def login(way: str) -> tuple[Login, list[bytes]]:
    tokens, secrets = MemoryTokens(), [b"pencil"]
    answers = {**server_answers(tokens), KeysUpgraded: lambda _: True}
    client: dict[str, Any] = {"mechanisms": ("PLAIN",)}
    server: dict[str, Any] = {"mechanisms": ("PLAIN",)}
    if way == "PLAIN, RFC 6120":
        server["sasl2"] = False
    elif way == "SCRAM and keys of another hash":
        client, server = {"upgrade_hashes": ("SHA-512",)}, {"upgrade_hashes": ("SHA-512",)}
    elif way == "a token is given":
        client, server = {"fast": Fast()}, {"fast": HT}
    elif way == "a token is used":
        token = with_token(tokens)
        secrets.append(token.token.encode())
        client, server = {"credentials": token}, {"fast": HT}
    return Login((client_config(**client), server_config(seed="another", **server)), answers), secrets


WAYS = ["PLAIN", "PLAIN, RFC 6120", "SCRAM and keys of another hash", "a token is given", "a token is used"]


@pytest.mark.feature("ENG-07", "SEC-04")
@pytest.mark.parametrize("way", WAYS)
def test_no_snapshot_of_a_login_holds_a_proof(way: str) -> None:
    play, secrets = login(way)
    passed = play.run()
    proofs = [text or token for text, token in _PROOF.findall(passed)]
    assert proofs
    first_message = base64.b64encode(b"n,,")  # SCRAM's first message, which proves nothing, is kept by the exchange
    secrets += [proof for proof in proofs if not proof.startswith(first_message[:3])]
    secrets += [base64.b64decode(one) for one in secrets[1:] if len(one) % 4 == 0]
    wanted = [one for one in secrets if len(one) >= 6]
    assert any(one in layers(passed) for one in wanted)
    assert len(play.snapshots) > len(passed)
    texts = {layers(snapshot) for snapshot in set(play.snapshots)}
    assert [one for text in texts for one in wanted if one in text] == []


@pytest.mark.feature("ENG-07", "SASL-02")
@pytest.mark.parametrize("sasl2", [True, False])
def test_a_proof_cut_anywhere_is_judged_as_not_kept_and_may_be_sent_again(sasl2: bool) -> None:
    """RFC 6120 section 6.5.9: the stream goes on where it was."""
    sent = f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{PLAIN}</auth>"
    element = (plain() if sasl2 else sent).encode()
    config = server_config(mechanisms=("PLAIN",), sasl2=sasl2)
    begin = element.index(PLAIN.encode())
    for place in range(len(element) + 1):
        conn = xmpp.Connection(config)
        conn.start(0.0, tls=SERVER_TLS)
        conn.receive_data(HEADER, 0.0)
        list(conn.events())
        conn.data_to_send(0.0)
        if place:
            conn.receive_data(element[:place], 0.0)
        if 0 < place < len(element):
            list(conn.events())
        conn = xmpp.Connection.restore(config, conn.snapshot())
        conn.receive_data(element[place:] or b" ", 0.0)
        events = [type(event) for event in conn.events()]
        said = conn.data_to_send(0.0)
        if place <= begin:
            assert events == [xmpp.CredentialsLookup]
            continue
        assert events == [xmpp.NegotiationFailed]
        assert b"<temporary-auth-failure" in said
        conn.receive_data(element, 0.0)
        assert [type(event) for event in conn.events()] == [xmpp.CredentialsLookup]


@pytest.mark.feature("ENG-07", "SA2-04")
def test_a_proof_that_had_not_left_ends_the_restored_connection() -> None:
    client = client_config(mechanisms=("PLAIN",))
    conn = xmpp.Connection(client)
    conn.start(0.0, tls=CLIENT_TLS)
    conn.data_to_send(0.0)
    conn.receive_data(SERVER_HEADER + features("PLAIN"), 0.0)
    list(conn.events())
    conn = xmpp.Connection.restore(client, conn.snapshot())
    (end,) = conn.events()
    assert isinstance(end, xmpp.StreamFailed)
    assert (end.cause, end.retry) == (xmpp.Cause.AUTHENTICATION_FAILED, xmpp.Retry.NOW)
    assert conn.data_to_send(0.0) == b"</stream:stream>"


@pytest.mark.feature("ENG-07", "SA2-04")
def test_a_token_that_had_not_left_ends_the_restored_server() -> None:
    request = "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-NONE'/>"
    agent = "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'/>"
    config, answers = server_config(fast=HT), server_answers()
    conn = xmpp.Connection(config)
    conn.start(0.0, tls=SERVER_TLS)
    conn.receive_data(HEADER + plain(agent, request).encode(), 0.0)
    for event in conn.events():
        if isinstance(event, Question):
            conn.answer(event, answers[type(event)](event))
    kept = conn.snapshot()
    said = conn.data_to_send(0.0)
    found = re.search(rb" token='([^']+)'", said)
    assert found is not None
    assert found[1] not in layers(kept)
    restored = xmpp.Connection.restore(config, kept)
    assert isinstance([*restored.events()][-1], xmpp.StreamFailed)
    last = restored.data_to_send(0.0)
    assert said.startswith(last[: last.index(b"<stream:error>")])
    assert b"<success" not in last


@pytest.mark.feature("SA2-04", "ENG-07")
def test_a_token_received_in_part_is_lost_and_the_login_is_not() -> None:
    play, _ = login("a token is given")
    octets = play.run()
    success = octets[octets.index(b"<success ") :]
    success = success[: success.index(b"</success>") + 10]
    found = re.search(rb" token='([^']+)'", success)
    assert found is not None
    kept = without_proofs(success[: found.end(1) - 5], Side.INITIATING)
    assert len(kept) == found.end(1) - 5
    assert kept == success[: found.start(1)] + LEFT_OUT.encode() * (len(found[1]) - 5)


@pytest.mark.feature("SEC-04")
@pytest.mark.parametrize("written", ["<a:auth b='>'>x&#65;y</a:auth>", "<auth><![CDATA[xy]]></auth>", "<auth\n>x y"])
def test_no_way_to_write_a_proof_hides_it(written: str) -> None:
    after = "<message token-of='xy'><body>xy</body></message>" if written.endswith(">") else ""
    kept = without_proofs((written + after).encode(), Side.RECEIVING).decode()
    assert len(kept) == len(written + after)
    assert kept.endswith(after)
    element = kept.removesuffix(after)
    assert not set("xy") & set(element)
    assert without_proofs((written + after).encode(), Side.INITIATING).decode() == written + after


def test_a_task_is_not_handed_what_was_left_out() -> None:
    wanted = "<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-512</upgrade>"
    begun = f"<next {NS} task='UPGR-SCRAM-SHA-512'/>"
    data = f"<task-data {NS}><hash xmlns='urn:xmpp:scram-upgrade:0'>{LEFT_OUT * 88}</hash></task-data>"
    _, said = server_said(plain(wanted), begun, data, upgrade_hashes=("SHA-512",))
    assert "<temporary-auth-failure" in said[-1]
