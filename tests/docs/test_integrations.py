"""Every complete client of the how-to pages logs in, talks and leaves, as a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.docs.conftest import Place

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
CLIENTS = sorted(HOW_TO.glob("*_client.py"))


def run(client: Path, place: Place, *, password: str = "rosaline", ca: str = "") -> tuple[int, str, str]:
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
