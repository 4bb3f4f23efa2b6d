"""Connections on record, made by the library's own recorder between two engines in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from stages import pair

import xmpp_core as xmpp
from xmpp_core.testing.pair import Pair
from xmpp_core.testing.transcript import Recorder

Record = Callable[..., Path]


def talk(both: Pair, *, end: str = "closed") -> None:
    """Log in, exchange stanzas, end: "closed", "broken" by the client, "open" or "dropped"."""
    both.pump()
    client, server = both.initiating.connection, both.receiving.connection
    both.clock.advance(0.25)
    client.send(xmpp.Presence())
    client.send(xmpp.Message(to="romeo@example.net", type="chat", body="Art thou not Romeo?"))
    both.pump()
    both.clock.advance(0.1)
    ping = Element("{urn:xmpp:ping}ping")
    server.send(xmpp.IQ(type="get", id="q1", from_="example.com", to=client.local_jid, payload=ping))
    both.pump()
    both.clock.advance(0.2)
    client.send(xmpp.IqRouter().reply(both.initiating.events[-1]))  # type: ignore[arg-type]
    both.pump()
    if end == "closed":
        client.close()
    elif end == "broken":
        server.receive_data(b"<message><!-- aside --></message>", both.clock())
    elif end == "dropped":
        both.drop()
    both.pump()


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Give a folder with both transcripts and both raw directions of one session."""

    def make(*, end: str = "closed", keep: bool = False, **options: Any) -> Path:
        both = pair(make=lambda config: Recorder(config, insecure_keep_secrets=keep), **options)
        talk(both, end=end)
        for name, one in (("client", both.initiating), ("server", both.receiving)):
            assert isinstance(one.connection, Recorder)
            (tmp_path / f"{name}.txt").write_text(one.connection.transcript.dumps())
            (tmp_path / f"{name}.raw").write_bytes(one.sent)
        return tmp_path

    return make


@pytest.fixture
def raw(tmp_path: Path) -> Callable[[bytes], str]:
    """Give the name of a file with these octets."""

    def write(octets: bytes) -> str:
        path = tmp_path / "stream.raw"
        path.write_bytes(octets)
        return str(path)

    return write
