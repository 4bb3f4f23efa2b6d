"""The test server and its faults, seen by a plain blocking socket and by the how-to's blocking client."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback_login import USERS

from xmpp_core.testing.faults import (
    BadCertificate,
    Drop,
    DropAfter,
    Fault,
    Flaw,
    Garbage,
    HalfClose,
    Moment,
    RefuseTls,
    SendStreamError,
    Silence,
    SplitWrites,
    Way,
    WrongSignature,
)
from xmpp_core.testing.live.server import LoopbackServer

pytestmark = pytest.mark.xmpp_server(users=USERS)

CLIENT = Path(__file__).parents[3] / "docs" / "how-to" / "blocking_client.py"
HEADER = b"<stream:stream to='xmpp.test' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"


@pytest.fixture
def wire(request: pytest.FixtureRequest, xmpp_server: LoopbackServer) -> Iterator[socket.socket]:
    """A connection on which `request.param` goes wrong."""
    xmpp_server.misbehave(request.param)
    with socket.create_connection((xmpp_server.host, xmpp_server.port), timeout=10) as sock:
        yield sock


def everything(sock: socket.socket) -> bytes:
    return b"".join(iter(lambda: sock.recv(65536), b""))


def everything_after(sock: socket.socket, said: bytes) -> bytes:
    sock.sendall(said)
    return everything(sock)


@pytest.mark.parametrize("wire", [DropAfter(0), DropAfter(1), DropAfter(100)], indirect=True, ids=repr)
def test_exactly_so_many_octets_arrive(wire: socket.socket, request: pytest.FixtureRequest) -> None:
    wire.sendall(HEADER)
    assert len(everything(wire)) == request.node.callspec.params["wire"].octets


@pytest.mark.parametrize("wire", [DropAfter(len(HEADER) - 1, Way.TO_SERVER)], indirect=True)
def test_the_server_sees_exactly_so_many_octets(wire: socket.socket) -> None:
    wire.sendall(HEADER)
    # One octet is missing, so there is nothing to answer.
    assert everything(wire) == b""


@pytest.mark.parametrize("wire", [Drop(Moment.STREAM, reset=True)], indirect=True)
def test_a_reset_is_a_reset(wire: socket.socket) -> None:
    with pytest.raises(ConnectionResetError):
        everything_after(wire, HEADER)


@pytest.mark.parametrize("wire", [HalfClose(), HalfClose(Moment.STREAM)], indirect=True, ids=repr)
def test_after_a_half_close_the_server_still_takes_what_comes(wire: socket.socket) -> None:
    wire.sendall(HEADER)
    said = everything(wire)
    assert b"</stream:stream>" not in said
    assert b"features" not in said
    for _ in range(100):
        wire.sendall(b" " * 65536)


@pytest.mark.parametrize("wire", [Silence()], indirect=True)
def test_silence_is_silence(wire: socket.socket) -> None:
    wire.sendall(HEADER)
    wire.settimeout(0.2)
    with pytest.raises(TimeoutError):
        wire.recv(1)


@pytest.mark.parametrize("wire", [SplitWrites(1)], indirect=True)
def test_pieces_join_to_what_was_said(wire: socket.socket) -> None:
    wire.sendall(HEADER + b"</stream:stream>")
    said = everything(wire)
    assert said.startswith(b"<?xml version='1.0'?><stream:stream ")
    assert said.endswith(b"</stream:features></stream:stream>")


@pytest.mark.parametrize("wire", [SendStreamError("reset", text="a < b")], indirect=True)
def test_a_stream_error_comes_after_the_header_and_ends_the_stream(wire: socket.socket) -> None:
    wire.sendall(HEADER)
    said = everything(wire)
    assert b"<stream:features" not in said
    assert said.endswith(
        b"><stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
        b"<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>a &lt; b</text></stream:error></stream:stream>"
    )


@pytest.mark.parametrize("wire", [RefuseTls()], indirect=True)
def test_refusing_tls_is_a_failure_and_the_end(wire: socket.socket) -> None:
    wire.sendall(HEADER + b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    said = everything(wire)
    assert said.endswith(b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (None, ""),
        (SplitWrites(2), ""),
        (BadCertificate(Flaw.WRONG_HOST), "TLS could not be established: "),
        (DropAfter(2500), "the transport ended without a closing tag; "),
        (Garbage(at=Moment.SECURED), "the peer broke the protocol: "),
        (SendStreamError("system-shutdown", Moment.AUTHENTICATED), "the peer sent a stream error: "),
        (WrongSignature(), "authentication failed: the server's signature is wrong"),
    ],
    ids=repr,
)
def test_the_blocking_client_of_the_how_to_meets_it(
    xmpp_server: LoopbackServer, fault: Fault | None, words: str
) -> None:
    if fault is not None:
        xmpp_server.misbehave(fault)
    done = subprocess.run(
        [sys.executable, str(CLIENT), f"juliet@{xmpp_server.domain}", f"juliet@{xmpp_server.domain}", "Art thou there?",
         "--connect", f"{xmpp_server.host}:{xmpp_server.port}", "--ca", str(xmpp_server.ca), "--wait", "1"],
        env={**os.environ, "XMPP_PASSWORD": USERS["juliet"]},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if words:
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(words)
    else:
        assert (done.returncode, done.stderr) == (0, "")
        assert "Art thou there?" in done.stdout
        assert done.stdout.endswith("closed\n")
