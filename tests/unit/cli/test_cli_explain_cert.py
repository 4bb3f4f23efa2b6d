"""`xmpp-core explain cert`: what it says of a certificate, and how it ends."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from issuing import SERVER_AUTH, issue, issuer

from xmpp_core.cli.main import main

NOW = "2026-01-01"


def pem(*octets: bytes) -> str:
    return "".join(
        x509.load_der_x509_certificate(one).public_bytes(serialization.Encoding.PEM).decode() for one in octets
    )


@pytest.fixture
def files(tmp_path: Path) -> Path:
    names = ("dns:example.com", "dns:*.rooms.example.com", "srv:_xmpp-server.example.com", "xmpp:juliet@example.com")
    (tmp_path / "leaf.der").write_bytes(issue(*names, by=issuer(), purposes=[SERVER_AUTH]))
    (tmp_path / "leaf.pem").write_text("a comment\n" + pem((tmp_path / "leaf.der").read_bytes()))
    (tmp_path / "ca.pem").write_text(pem(issuer().octets))
    (tmp_path / "other.pem").write_text(pem(issuer("another authority").octets))
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    status = main(["explain", "cert", *words, "--at", NOW, "--json"])
    return status, json.loads(capsys.readouterr().out)


@pytest.mark.feature("TLS-04")
@pytest.mark.parametrize("name", ["leaf.pem", "leaf.der"])
def test_each_name_is_told_with_its_reason(files: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    where = str(files / name)
    words = ["explain", "cert", where, "--domain", "example.com", "--ca", str(files / "ca.pem"), "--at", NOW]
    assert main(words) == 0
    shown = capsys.readouterr().out
    for part in (
        "a server's, shown to its clients",
        "P-256, 256 bits",
        "ECDSA with sha256",
        "2025-12-01 00:00 to 2026-03-01 00:00 UTC",
        "dNSName                     example.com",
        "matches: the labels are the same (RFC 9525 section 6.3)",
        "does not match: it is for the service _xmpp-server, and _xmpp-client is meant (RFC 9525 section 6.5)",
        "does not match: it is the address of a user, not of a server",
        "counts for nothing: a common name identifies nobody (RFC 9525 section 2)",
        "good: dNSName is enough",
    ):
        assert part in shown
    assert "--ca" not in shown


@pytest.mark.feature("TLS-04")
@pytest.mark.parametrize(
    ("domain", "role", "objection"),
    [
        ("example.com", "server", None),
        ("EXAMPLE.com.", "server", None),
        ("hall.rooms.example.com", "server", None),
        ("rooms.example.com", "server", "no name"),
        ("example.com", "s2s-receiving", None),
        # A public authority's certificate, shown by a server that initiates.
        ("example.com", "s2s-initiating", None),
        ("example.com", "client", "not made for this purpose"),
    ],
)
def test_the_role_and_the_domain_decide(
    files: Path, capsys: pytest.CaptureFixture[str], domain: str, role: str, objection: str | None
) -> None:
    for more in ([], ["--ca", str(files / "ca.pem")]):
        status, found = told(capsys, str(files / "leaf.pem"), "--domain", domain, "--role", role, *more)
        assert status == (0 if objection is None else 1)
        assert found["good"] is (objection is None)
        if objection is not None and not more:
            assert objection in found["objection"]
    assert {one["kind"] for one in found["names"]} == {"dNSName", "SRVName", "xmppAddr", "CN"}
    assert all(one["reason"] and one["section"] for one in found["names"])
    assert found["certificate"]["bits"] == 256


@pytest.mark.feature("TLS-04")
def test_time_and_trust_are_judged(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["explain", "cert", str(files / "leaf.pem"), "--domain", "example.com"]
    for when, expected in (("2026-02-28T23:59", 0), ("2026-03-02", 1), ("2025-11-30T12:00+00:00", 1)):
        assert main([*words, "--at", when]) == expected
    shown = capsys.readouterr().out
    assert "it has expired (RFC 5280 section 4.1.2.5)" in shown
    assert "refused: the certificate: it has expired" in shown
    assert "not verified: name the authorities to trust with --ca" in shown
    assert main([*words, "--at", NOW, "--ca", str(files / "other.pem")]) == 1
    shown = capsys.readouterr().out
    assert "no valid path leads from the certificate to a trusted authority" in shown
    assert "refused: no trusted authority vouches for the certificate" in shown


@pytest.mark.feature("TLS-04")
def test_what_is_no_certificate_is_told(
    files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"
    for content in (b"", b"\x1b[2J", b"\x30\x80", damaged.encode()):
        (files / "bad").write_bytes(content)
        status, found = told(capsys, str(files / "bad"), "--domain", "example.com")
        assert status == 1
        assert found["names"] == []
        assert "cannot be read" in found["objection"]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((files / "leaf.der").read_bytes())))
    assert told(capsys, "-", "--domain", "example.com")[0] == 0


def test_misuse_is_told_in_one_line(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    leaf = str(files / "leaf.pem")
    for words in (
        [str(files / "missing"), "--domain", "example.com"],
        [str(files), "--domain", "example.com"],
        ["\0", "--domain", "example.com"],
        [leaf, "--domain", "a..b"],
        [leaf, "--domain", "example.com", "--ca", str(files / "leaf.der")],
    ):
        assert main(["explain", "cert", *words]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    for words in ([leaf], [leaf, "--domain", "example.com", "--at", "soon"]):
        with pytest.raises(SystemExit):
            main(["explain", "cert", *words])


def test_names_cannot_steer_the_terminal(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    octets = issue("dns:example.com", "dns:\x1b[2J", "xmpp:\u202eevil", by=issuer(), subject="\x1b]0;x\x07")
    (files / "steering").write_bytes(octets)
    assert main(["explain", "cert", str(files / "steering"), "--domain", "example.com", "--at", NOW]) == 0
    shown = capsys.readouterr().out
    assert all(line.isprintable() for line in shown.splitlines())
    assert "\\x1b[2J" in shown
