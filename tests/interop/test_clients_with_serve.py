"""Real clients against `xmpp-core serve`: each logs in over STARTTLS and over direct TLS, sends and receives."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from peers import CACHE, PEERS, Peer

import xmpp_core as xmpp
from xmpp_core.adapters import asyncio as xmpp_asyncio
from xmpp_core.adapters.session import Session
from xmpp_core.adapters.tls import ClientTls

pytestmark = [pytest.mark.interop]
DOMAIN = "serve.test"  # which no name server knows: clients are told where it lies
PASSWORDS = {"alice": "wönder&<land>", "bob": "bob"}
TEXT = "Ä ☃ 🎈 & < > ' \" ]]> end"


@dataclass(frozen=True)
class Served:
    """A server of ours in a process of its own."""

    ports: dict[str, int]
    ca: Path


@pytest.fixture(scope="module", params=["asyncio", "trio"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    program = [sys.executable, "-m", "xmpp_core"]
    data = ["--data", str(folder / "accounts.sqlite")]
    for user, password in PASSWORDS.items():
        subprocess.run(
            [*program, "user", "add", f"{user}@{DOMAIN}", *data],
            env={**os.environ, "XMPP_PASSWORD": password}, check=True, capture_output=True, timeout=60,
        )  # fmt: skip
    places = ["--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0"]
    command = [*program, "serve", "--domain", DOMAIN, *data, *places, "--loop", request.param]
    with subprocess.Popen(command, stdout=PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("ready"):
                break
        found = {kind: re.search(rf":(\d+) \({words}\)", said) for kind, words in
                 {"starttls": "STARTTLS", "direct": "direct TLS"}.items()}  # fmt: skip
        ca = re.search(r"--ca (.+)", said)
        assert ca, said
        yield Served({kind: int(port[1]) for kind, port in found.items() if port}, Path(ca[1]))
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=30)
        # Whatever clients did, the server had nothing to complain of.
        assert (rest, process.returncode) == ("ending the sessions\n", 0)


@asynccontextmanager
async def started(
    peer: Peer, served: Served, tls: str, *, trusted: bool = True
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a client as alice, who has a word for bob. It trusts the authority of the server alone, or nobody."""
    arguments = {"host": "127.0.0.1", "port": str(served.ports[tls]), "tls": tls}
    arguments |= {"jid": f"alice@{DOMAIN}", "to": f"bob@{DOMAIN}"}
    options = [word for name, value in arguments.items() for word in (f"--{name}", value)]
    environment = {name: value for name, value in os.environ.items() if name != peer.trust}
    environment |= {"XMPP_PASSWORD": PASSWORDS["alice"]} | ({peer.trust: str(served.ca)} if trusted else {})
    process = await asyncio.create_subprocess_exec(
        *peer.command(), *options, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


class Failed(Exception):
    """A client ended with an error: what it said of it."""


async def whole(client: asyncio.subprocess.Process, text: str) -> bytes:
    """Give a client its text, and take what it tells at the end."""
    out, err = await client.communicate(text.encode())
    if client.returncode != 0:
        raise Failed(err.decode())
    return out


async def message(session: Session) -> xmpp.Message:
    async for event in session:
        if isinstance(event, xmpp.Message):
            return event
    raise AssertionError(f"the session ended: {session.terminal}")


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 60))


@pytest.mark.feature("ADP-02", "TLS-03", "MSG-02")
@pytest.mark.parametrize(
    ("name", "tls"), [pair for pair in product(PEERS, ["starttls", "direct"]) if pair != ("go-sendxmpp", "starttls")]
)
def test_a_client_logs_in_sends_and_receives(served: Served, name: str, tls: str) -> None:
    peer = PEERS[name]

    async def work() -> None:
        config = xmpp.ClientConfig(jid=f"bob@{DOMAIN}", password=PASSWORDS["bob"])
        async with (
            xmpp_asyncio.connect(
                config=config, host="127.0.0.1", port=served.ports["starttls"], tls=ClientTls(ca=served.ca)
            ) as bob,
            started(peer, served, tls) as client,
            asyncio.TaskGroup() as group,
        ):
            await bob.send(xmpp.Presence())
            talking = group.create_task(whole(client, TEXT))
            heard = await message(bob)
            assert (heard.body, heard.type) == (TEXT, "chat")
            assert heard.from_ is not None
            to = heard.from_ if peer.replies_to == "full" else heard.from_.bare
            await bob.send(xmpp.Message(to=to, type="chat", id="second", body=f"heard: {TEXT}"))
            told = json.loads(await talking)
            assert told["body"] == f"heard: {TEXT}"
            assert bob.jid is not None
            assert told["from"] in (str(bob.jid), str(bob.jid.bare))
            assert told["jid"].startswith(f"alice@{DOMAIN}/{peer.resource}")
            assert heard.from_.bare == xmpp.JID(f"alice@{DOMAIN}")

    run(work())


@pytest.mark.feature("TLS-05")
@pytest.mark.parametrize("name", PEERS)
def test_a_client_trusts_the_authority_and_nobody_else(served: Served, name: str) -> None:
    """That the clients above checked the certificate."""

    async def work() -> None:
        async with started(PEERS[name], served, "direct", trusted=False) as client:
            with pytest.raises(Failed):
                await whole(client, TEXT)

    run(work())


@pytest.mark.feature("TLS-01")
def test_white_space_before_tls_is_refused(served: Served) -> None:
    """go-sendxmpp sends a line feed behind `<starttls/>`, which RFC 6120 section 5.3.3 forbids."""

    async def work() -> None:
        async with started(PEERS["go-sendxmpp"], served, "starttls") as client:
            with pytest.raises(Failed, match=r"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\n.* EOF"):
                await whole(client, TEXT)

    run(work())


@pytest.mark.feature("ADP-02", "TLS-03", "MSG-02")
@pytest.mark.parametrize("tls", ["starttls", "direct"])
def test_slixmpp_logs_in_sends_and_receives(shared: Path, served: Served, tls: str) -> None:
    said = slixmpp(shared, served, tls)
    version = "TLSv1.3, SCRAM-SHA-512"
    assert re.fullmatch(
        rf"OK slixmpp [\d.]+: {version}, bound alice@{DOMAIN}/\S+, reply from bob@{DOMAIN}/echo\n", said
    )


@pytest.mark.feature("X-0030", "X-0092", "X-0202")
def test_slixmpp_finds_what_the_server_answers(shared: Path, served: Served) -> None:
    said = slixmpp(shared, served, "starttls", "--extra")
    good = set(re.findall(r"^OK   (.+?)  ", said, re.MULTILINE))
    assert good >= {
        "disco#info",
        "disco#items",
        "ping",
        "roster",
        "unicode message",
        "60 kB message",
        "version",
        "time",
    }
    # What it does not know yet is refused in an answer; nothing is left to wait for.
    for unknown in {"carbons", "blocking", "vcard-temp", "pep", "private xml"} - good:
        assert re.search(rf"^FAIL {unknown} +service-unavailable$", said, re.MULTILINE)


def slixmpp(shared: Path, served: Served, tls: str, *options: str) -> str:
    """Run slixmpp as alice beside a peer that answers, both nobody's of ours."""
    interop = shared / "interop"
    done = subprocess.run(
        [sys.executable, str(interop / "pair.py"), "--host", "127.0.0.1", "--port", str(served.ports[tls]),
         "--domain", DOMAIN, "--ca", str(served.ca), "--user", f"alice:{PASSWORDS['alice']}",
         "--peer", f"bob:{PASSWORDS['bob']}", "--tls", tls, "--timeout", "8",
         str(interop / "clients" / "run.sh"), str(CACHE), "slixmpp", *options],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    if done.returncode == 2:
        pytest.skip(f"interop: slixmpp cannot be installed: {done.stderr[-300:]}")
    assert done.returncode == 0 or options, done.stdout + done.stderr
    return done.stdout
