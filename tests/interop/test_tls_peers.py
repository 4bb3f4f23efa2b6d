"""The TLS layers against software of others: a real Prosody, and the tools of OpenSSL."""

from __future__ import annotations

import base64
import re
import socket
import ssl
import subprocess
import time
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import pytest
from handshakes import authority, server

import xmpp_core as xmpp
from xmpp_core.adapters.tls import ClientTls, TlsLayer

if TYPE_CHECKING:
    from lab import Lab

BOTH = pytest.mark.parametrize("exporter", [False, True], ids=["ssl", "pyOpenSSL"])


def shake(layer: TlsLayer, wire: socket.socket) -> xmpp.TlsInfo | xmpp.TlsFailed:
    while True:
        outcome = layer.advance()
        wire.sendall(layer.take())
        if outcome is not None:
            return outcome
        layer.receive(wire.recv(65536))


class Blocking:
    """A client that logs in, says where it is, and closes."""

    def __init__(self, lab: Lab, tls: ClientTls, *, direct: bool, mechanism: str) -> None:
        self.events: list[object] = []
        self.sent = bytearray()
        self.info: xmpp.TlsInfo | xmpp.TlsFailed | None = None
        config = xmpp.ClientConfig(jid=f"alice@{lab.domain}/tls", password=lab.users["alice"], mechanisms=(mechanism,))
        connection = xmpp.Connection(config)
        port = lab.ports["c2s_direct_tls" if direct else "c2s_starttls"]
        with socket.create_connection((lab.host, port), timeout=20) as wire:
            layer: TlsLayer | None = None
            if direct:
                layer = tls.layer(lab.domain, direct=True)
                self.info = shake(layer, wire)
                if not isinstance(self.info, xmpp.TlsInfo):
                    return
            connection.start(time.monotonic(), tls=self.info if isinstance(self.info, xmpp.TlsInfo) else None)
            while not connection.closed:
                for event in connection.events():
                    self.events.append(event)
                    if isinstance(event, xmpp.TlsUpgrade):
                        wire.sendall(connection.data_to_send(time.monotonic()))
                        layer = tls.layer(event.server_hostname or "", direct=False)
                        self.info = shake(layer, wire)
                        connection.answer(event, self.info)
                    elif isinstance(event, xmpp.SessionReady):
                        connection.close()
                octets = connection.data_to_send(time.monotonic())
                if octets:
                    self.sent += octets
                    if layer is not None:
                        layer.write(octets)
                        octets = layer.take()
                    wire.sendall(octets)
                    continue
                if connection.closed:
                    break
                data = wire.recv(65536)
                if layer is not None:
                    layer.receive(data)
                    data = layer.read()
                    if layer.ended and not data:
                        connection.receive_eof(time.monotonic())
                if data:
                    connection.receive_data(data, time.monotonic())
            if layer is not None:
                layer.close()
                wire.sendall(layer.take())

    @property
    def ready(self) -> bool:
        return any(isinstance(event, xmpp.SessionReady) for event in self.events)

    @property
    def first_message(self) -> bytes:
        found = re.search(rb"<auth [^>]*>([^<]+)</auth>", bytes(self.sent))
        return base64.b64decode(found[1]) if found else b""


@pytest.mark.interop
@pytest.mark.feature("ADP-04", "TLS-03", "TLS-06")
@pytest.mark.parametrize("direct", [False, True], ids=["STARTTLS", "direct TLS"])
@BOTH
def test_a_real_server_takes_our_channel_binding(prosody: Lab, direct: bool, exporter: bool) -> None:
    """Prosody 0.12 knows `tls-unique` alone, and so binds nothing over TLS 1.3."""
    tls = ClientTls(ca=prosody.ca, exporter=exporter, maximum_version=ssl.TLSVersion.TLSv1_2)
    client = Blocking(prosody, tls, direct=direct, mechanism="SCRAM-SHA-256-PLUS")
    assert client.ready, client.events
    assert client.first_message.startswith(b"p=tls-unique,")
    assert isinstance(client.info, xmpp.TlsInfo)
    assert client.info.extended_master_secret is True
    # This server takes no part in ALPN, which XEP-0368 allows.
    assert client.info.alpn is None
    assert isinstance(client.events[-1], xmpp.Closed)
    assert client.events[-1].clean


@pytest.mark.interop
@pytest.mark.feature("ADP-04")
@pytest.mark.parametrize("direct", [False, True], ids=["STARTTLS", "direct TLS"])
@BOTH
def test_a_real_server_over_tls_1_3(prosody: Lab, direct: bool, exporter: bool) -> None:
    tls = ClientTls(ca=prosody.ca, exporter=exporter)
    client = Blocking(prosody, tls, direct=direct, mechanism="SCRAM-SHA-256")
    assert client.ready, client.events
    assert isinstance(client.info, xmpp.TlsInfo)
    assert client.info.version == "TLSv1.3"


@pytest.mark.interop
@pytest.mark.feature("TLS-09")
def test_direct_tls_at_the_port_for_starttls_is_named(prosody: Lab) -> None:
    with socket.create_connection((prosody.host, prosody.ports["c2s_starttls"]), timeout=20) as wire:
        outcome = shake(ClientTls(ca=prosody.ca).layer(prosody.domain, direct=True), wire)
    assert isinstance(outcome, xmpp.TlsFailed)
    assert "plain text" in outcome.reason


@pytest.mark.interop
@pytest.mark.feature("TLS-05", "TLS-06")
@BOTH
@pytest.mark.parametrize("version", ["-tls1_3", "-tls1_2"])
def test_openssl_sees_what_we_tell(exporter: bool, version: str, tmp_path: Path) -> None:
    openssl = which("openssl")
    if openssl is None:
        pytest.skip("interop: no openssl")
    ca = tmp_path / "ca.pem"
    ca.write_text(authority().certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(20)
        port = listening.getsockname()[1]
        peer = subprocess.Popen(
            [openssl, "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "example.com", "-CAfile", str(ca),
             "-verify_return_error", "-verify_hostname", "example.com", version, "-alpn", "xmpp-client",
             "-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen", "32", "-ign_eof"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        wire, _ = listening.accept()
    with wire:
        wire.settimeout(20)
        layer = server(exporter).layer(direct=True)
        info = shake(layer, wire)
        assert isinstance(info, xmpp.TlsInfo), info
        layer.write(b"plain text, as it was\n")
        layer.close()
        wire.sendall(layer.take())
        said, _ = peer.communicate(timeout=20)
    assert b"Verify return code: 0 (ok)" in said
    assert b"plain text, as it was" in said
    assert b"ALPN protocol: xmpp-client" in said
    assert b"Compression: NONE" in said
    assert info.server_name == "example.com"
    if version == "-tls1_2":
        assert b"Extended master secret: yes" in said
        assert info.extended_master_secret is True
        assert b"Secure Renegotiation IS supported" in said
        assert b"TLS session ticket:" not in said
    elif exporter:
        found = re.search(rb"Keying material: ([0-9A-F]{64})", said)
        assert found is not None
        # RFC 9266 section 2; in TLS 1.3 no context is the same as an empty one (RFC 8446 section 7.5).
        assert bytes.fromhex(found[1].decode()) == info.channel_bindings["tls-exporter"]
