"""The how-to's client against a real Prosody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lab import Lab

CLIENT = Path(__file__).parents[2] / "docs" / "how-to" / "blocking_client.py"


def start(lab: Lab, user: str, to: str, *options: str, password: str = "", domain: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(CLIENT), f"{user}@{domain or lab.domain}", f"{to}@{lab.domain}", f"hello from {user}",
         "--connect", f"{lab.host}:{lab.ports['c2s_starttls']}", *options],
        env={**os.environ, "XMPP_PASSWORD": password or lab.users[user]},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.interop
@pytest.mark.feature("CH-02", "SASL-05", "TLS-01")
def test_two_sessions_exchange_messages_and_close(prosody: Lab) -> None:
    ca = ("--ca", str(prosody.ca))
    bob = start(prosody, "bob", "bob", *ca, "--wait", "2")
    assert bob.stdout is not None
    assert bob.stdout.readline().startswith("ready bob@")
    # Bob's own message to himself has come back: he is available to others.
    assert "hello from bob" in bob.stdout.readline()
    alice = start(prosody, "alice", "bob", *ca)
    out, err = alice.communicate(timeout=30)
    assert (alice.returncode, err) == (0, "")
    assert out.startswith("ready alice@")
    assert out.endswith("closed\n")
    out, err = bob.communicate(timeout=30)
    assert (bob.returncode, err) == (0, "")
    assert "hello from alice" in out
    assert out.endswith("closed\n")


@pytest.mark.interop
@pytest.mark.feature("SASL-02")
def test_a_wrong_password_ends_in_one_clear_error(prosody: Lab) -> None:
    out, err = start(prosody, "alice", "bob", "--ca", str(prosody.ca), password="wrong").communicate(timeout=30)
    assert out == ""
    assert err.startswith("authentication failed: the server refused SCRAM-SHA-")
    assert "not-authorized" in err
    assert err.count("\n") == 1


@pytest.mark.interop
@pytest.mark.feature("TLS-09")
def test_a_wrong_authority_ends_in_one_clear_error(prosody: Lab) -> None:
    client = start(prosody, "alice", "bob")
    out, err = client.communicate(timeout=30)
    assert (client.returncode, out) == (1, "")
    assert err.startswith("TLS could not be established: ")
    assert "certificate" in err
    assert err.count("\n") == 1


@pytest.mark.interop
@pytest.mark.feature("TLS-09", "TLS-02")
def test_a_certificate_for_another_host_name_ends_in_one_clear_error(misnamed_prosody: Lab) -> None:
    client = start(misnamed_prosody, "alice", "bob", "--ca", str(misnamed_prosody.ca))
    out, err = client.communicate(timeout=30)
    assert (client.returncode, out) == (1, "")
    assert err.startswith("TLS could not be established: ")
    assert "Hostname mismatch" in err
    assert misnamed_prosody.domain in err
    assert err.count("\n") == 1


@pytest.mark.interop
@pytest.mark.feature("STR-10")
def test_a_host_that_is_not_served_ends_in_one_clear_error(prosody: Lab) -> None:
    client = start(prosody, "alice", "bob", "--ca", str(prosody.ca), domain="other.prosody.test")
    out, err = client.communicate(timeout=30)
    assert (client.returncode, out) == (1, "")
    assert err.startswith("the peer sent a stream error: the peer sent <host-unknown/>")
    assert err.count("\n") == 1
