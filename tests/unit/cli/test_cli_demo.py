"""`xmpp-core demo`: a session that explains itself, without a network."""

from __future__ import annotations

import subprocess
import sys

import pytest

from xmpp_core.cli.main import main


@pytest.mark.feature("DOC-3", "ENG-10")
def test_the_demo_shows_a_whole_session(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--no-network"]) == 0
    shown, wrong = capsys.readouterr()
    assert wrong == ""
    steps = [
        "RFC 6120 section 4.2",
        "RFC 6120 section 4.3.2",
        "RFC 6120 section 5.4.2.1",
        "RFC 6120 section 5.4.2.3",
        "RFC 6120 section 6.4.2",
        "RFC 6120 section 6.4.3",
        "RFC 6120 section 6.4.3",
        "RFC 6120 section 6.4.6",
        "RFC 6120 section 7",
        "RFC 6121 section 5",
        "RFC 6120 section 8.2.3",
        "RFC 6120 section 4.9",
        "RFC 6120 section 4.4",
    ]
    place = 0
    for section in steps:
        found = shown.find(section + "\n", place)
        assert found >= 0, f"{section} is missing after {shown[place - 60 : place]!r}"
        place = found
    for name in ("TlsUpgrade", "CredentialsLookup", "Authenticated", "SessionReady", "Message", "IQ", "StreamFailed"):
        assert f"* {name}" in shown
    assert "R0m30" not in shown


@pytest.mark.feature("ENG-05")
def test_the_demo_is_the_same_every_time(capsys: pytest.CaptureFixture[str]) -> None:
    runs = []
    for _ in range(2):
        assert main(["demo"]) == 0
        runs.append([line for line in capsys.readouterr().out.splitlines() if not line.startswith("Done in ")])
    assert runs[0] == runs[1]


@pytest.mark.feature("ENG-01", "DOC-3")
def test_the_demo_as_a_module_opens_no_socket() -> None:
    script = (
        "import runpy, sys\n"
        "def watch(event, args):\n"
        "    if event.startswith('socket.'):\n"
        "        raise SystemExit('a socket: ' + event)\n"
        "sys.addaudithook(watch)\n"
        "sys.argv = ['xmpp-core', 'demo', '--no-network']\n"
        "runpy.run_module('xmpp_core', run_name='__main__', alter_sys=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "SessionReady" in done.stdout


@pytest.mark.feature("ADP-01", "ADP-02", "DOC-3")
def test_the_demo_talks_over_both_loops_and_both_kinds_of_tls(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "juliet   asyncio  TLSv1.3  SCRAM-SHA-256-PLUS     1     1" in lines
    assert "romeo    trio     TLSv1.3  SCRAM-SHA-256-PLUS     1     1" in lines
    assert lines[-1].startswith("Done in ")
    assert any("<starttls" in line for line in lines if line.startswith("  juliet"))
    assert not any("starttls" in line for line in lines if line.startswith("  romeo"))
    assert not any("secret" in line for line in lines)


def test_the_demo_does_without_trio(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "trio", None)
    assert main(["demo"]) == 0
    assert "romeo    asyncio  TLSv1.3  SCRAM-SHA-256-PLUS     1     1" in capsys.readouterr().out
