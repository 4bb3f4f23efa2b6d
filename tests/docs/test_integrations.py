"""Every complete client of the how-to pages logs in, talks and leaves, as a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from xmpp_core.server.authority import Authority

if TYPE_CHECKING:
    from tests.docs.conftest import Place

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
CLIENTS = sorted(HOW_TO.glob("*_client.py"))


class Server(NamedTuple):
    """Where a server is that was started by hand."""

    host: str
    port: int
    ca: str


def run(client: Path, place: Place | Server, *, password: str = "rosaline", ca: str = "") -> tuple[int, str, str]:
    words = ["juliet@localhost", "nurse@localhost", "Go, ask his name"]
    where = [f"{place.host}:{place.port}", ca or place.ca]
    if client.name == "blocking_client.py":
        where = ["--connect", where[0], "--ca", where[1], "--wait", "1"]
    done = subprocess.run(
        [sys.executable, "-W", "error", str(client), *words, *where],
        env={**os.environ, "XMPP_PASSWORD": password}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_there_is_one_for_every_kind_of_loop() -> None:
    kinds = ["asyncio", "blocking", "selectors", "threads", "trio", "twisted"]
    assert [one.name for one in CLIENTS] == [f"{kind}_client.py" for kind in kinds]


@pytest.mark.feature("DOC-3")
@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one.stem)
def test_it_logs_in_talks_and_leaves(client: Path, place: Place) -> None:
    status, out, err = run(client, place)
    assert (status, err) == (0, "")
    ready, message, closed = out.splitlines()
    assert ready.startswith("ready juliet@localhost/")
    assert message == "message nurse@localhost/house Go, ask his name"
    assert closed == "closed"


@pytest.mark.feature("DOC-3")
@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one.stem)
def test_a_wrong_password_is_one_line_and_a_failure(client: Path, place: Place) -> None:
    status, out, err = run(client, place, password="wrong")
    assert (status, out) == (1, "")
    assert err.startswith("authentication failed: ")
    assert err.count("\n") == 1


@pytest.mark.feature("DOC-3")
def test_the_server_repeats_what_a_client_says(tmp_path: Path) -> None:
    authority = Authority.create()
    ca = tmp_path / "ca.pem"
    ca.write_text(authority.certificate)
    authority.issue(["localhost"]).write(tmp_path / "cert.pem", tmp_path / "key.pem")
    arguments = ["juliet", "localhost", "127.0.0.1:0", str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")]
    server = subprocess.Popen(
        [sys.executable, "-W", "error", str(HOW_TO / "blocking_server.py"), *arguments],
        env={**os.environ, "XMPP_PASSWORD": "rosaline"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline().removeprefix("listening on port "))
        where = Server("127.0.0.1", port, str(ca))
        status, out, err = run(HOW_TO / "asyncio_client.py", where)
        assert (status, err) == (0, "")
        assert out.splitlines()[1] == "message nurse@localhost Go, ask his name"
        assert server.stdout.readline().startswith("closed juliet@localhost/")
        status, out, err = run(HOW_TO / "trio_client.py", where, password="wrong")
        assert (status, out) == (1, "")
        assert err.startswith("authentication failed: ")
    finally:
        server.kill()
        _, said = server.communicate()
    assert "Traceback" not in said
