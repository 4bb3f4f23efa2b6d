"""`serve`, `user`, `send` and `listen`: a server of one's own and two people who talk over it."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from xmpp_core.cli.household import household
from xmpp_core.cli.main import main
from xmpp_core.server.authority import Authority

SECRET = "w0rd & ☃"
DOMAIN = "example.com"


def environment(password: str | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("XMPP_PASSWORD", "XDG_DATA_HOME")}
    return kept if password is None else {**kept, "XMPP_PASSWORD": password}


def command(
    *words: str, password: str | None = SECRET, input: str | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run xmpp-core as a user does, with no terminal."""
    return subprocess.run(
        [sys.executable, "-m", "xmpp_core", *words],
        env=environment(password), input=input or "", capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip


@dataclass
class Served:
    data: Path
    process: subprocess.Popen[str]
    starttls: str
    direct: str

    @property
    def ca(self) -> str:
        return str(self.data.parent / "ca.pem")

    def reach(self, direct: bool = False) -> list[str]:
        way = ["--connect", self.direct, "--direct-tls"] if direct else ["--connect", self.starttls]
        return [*way, "--ca", self.ca]


@pytest.fixture(scope="module", params=["asyncio", "trio"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("server") / "kept" / "accounts.sqlite"
    for name in ("juliet", "romeo"):
        assert command("user", "add", f"{name}@{DOMAIN}", "--data", str(data)).returncode == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "xmpp_core", "serve", "--domain", DOMAIN, "--data", str(data), "--loop", request.param,
         "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(None),
    )  # fmt: skip
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if line.startswith("ready"):
            break
    places = [found[1] for line in lines if (found := re.fullmatch(r"listening on (\S+) \(.+\)", line))]
    assert len(places) == 2, lines
    assert f"clients trust this server with: --ca {data.parent / 'ca.pem'}" in lines
    assert f"serving {DOMAIN}, accounts in {data}: 2" in lines
    yield Served(data, process, *places)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (0, "ending the sessions\n")


@pytest.mark.feature("ADP-04", "TLS-03")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
def test_two_people_talk(served: Served, direct: bool) -> None:
    listening = subprocess.Popen(
        [sys.executable, "-m", "xmpp_core", "listen", "--as", f"romeo@{DOMAIN}/orchard", "--json", "--count", "2",
         *served.reach(not direct)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(SECRET),
    )  # fmt: skip
    assert listening.stderr is not None
    assert listening.stderr.readline() == f"listening as romeo@{DOMAIN}/orchard\n"
    text = "Wherefore art thou <Romeo>? ☃ \u202e\x85"
    sent = command(
        "send", "--as", f"juliet@{DOMAIN}/balcony", "--to", f"romeo@{DOMAIN}/orchard", *served.reach(direct), text
    )
    assert (sent.returncode, sent.stdout, sent.stderr) == (0, "", "")
    sent = command(
        "send", "--as", f"juliet@{DOMAIN}", "--to", f"romeo@{DOMAIN}/orchard", "--subject", "Names", "--type", "normal",
        *served.reach(direct), "-", input="What's in a name?",
    )  # fmt: skip
    assert (sent.returncode, sent.stderr) == (0, "")
    out, _ = listening.communicate(timeout=30)
    assert listening.returncode == 0
    first, second = (json.loads(line) for line in out.splitlines())
    assert (first["event"], first["type"], first["body"]) == ("message", "chat", text)
    assert (first["from"], first["to"]) == (f"juliet@{DOMAIN}/balcony", f"romeo@{DOMAIN}/orchard")
    assert (second["type"], second["subject"], second["body"]) == ("normal", "Names", "What's in a name?")


def test_what_is_printed_does_nothing_to_a_terminal(served: Served) -> None:
    listening = subprocess.Popen(
        [sys.executable, "-m", "xmpp_core", "listen", "--as", f"romeo@{DOMAIN}/wall", "--count", "1", *served.reach()],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(SECRET),
    )  # fmt: skip
    assert listening.stderr is not None
    listening.stderr.readline()
    command("send", "--as", f"juliet@{DOMAIN}/x", "--to", f"romeo@{DOMAIN}/wall", *served.reach(), "a\u202eb\nc\x9bd")
    out, _ = listening.communicate(timeout=30)
    assert re.fullmatch(rf"\d\d:\d\d:\d\d juliet@{DOMAIN}/x: a\\u202eb\\nc\\x9bd\n", out)


@pytest.mark.parametrize(
    ("words", "password", "status", "said"),
    [
        (["--as", "juliet@example.com"], "wrong", 3, "check the address and XMPP_PASSWORD"),
        (["--as", "nobody@example.com"], SECRET, 3, "check the address and XMPP_PASSWORD"),
        (["--as", "juliet@example.com"], None, 2, "set XMPP_PASSWORD"),
        (["--as", "juliet@example.com"], "", 2, "XMPP_PASSWORD is empty"),
        (["--as", "juliet@elsewhere.example"], SECRET, 4, "host-unknown"),
        (["--as", "example.com"], SECRET, 2, "takes an account"),
        (["--as", "@"], SECRET, 2, "--as: "),
    ],
    ids=["wrong password", "nobody", "no password", "empty password", "not served", "no account", "no address"],
)
def test_what_cannot_be_sent_is_said_in_one_line(
    served: Served, words: list[str], password: str | None, status: int, said: str
) -> None:
    done = command("send", *words, "--to", f"romeo@{DOMAIN}", *served.reach(), "x", password=password)
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("xmpp-core: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert SECRET not in done.stderr


def test_a_message_that_comes_back_is_no_success(served: Served) -> None:
    done = command("send", "--as", f"juliet@{DOMAIN}", "--to", f"tybalt@{DOMAIN}", *served.reach(), "x")
    assert done.returncode == 1
    assert done.stderr == "xmpp-core: the message was refused: service-unavailable\n"


@pytest.mark.feature("TLS-09")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
def test_an_authority_that_is_not_trusted(served: Served, direct: bool) -> None:
    reach = [word for word in served.reach(direct) if word not in ("--ca", served.ca)]
    done = command("listen", "--as", f"juliet@{DOMAIN}", *reach)
    assert done.returncode == 4
    assert "to trust it, name it in `ca`" in done.stderr
    assert done.stderr.endswith("here `ca` is --ca\n")


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
    done = command("send", "--as", f"juliet@{DOMAIN}", "--to", "x@y", "--connect", place, "x")
    assert done.returncode == 4
    assert "refused" in done.stderr


def test_a_silent_server_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        done = command("send", "--as", f"a@{DOMAIN}", "--to", "x@y", "--connect", place, "--timeout", "0.3", "x")
    assert done.returncode == 4
    assert "0.3 s" in done.stderr


def test_text_that_no_xml_can_hold(served: Served) -> None:
    done = command("send", "--as", f"juliet@{DOMAIN}", "--to", "x@example.com", *served.reach(), "a\x01b")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "XML" in done.stderr


@pytest.mark.parametrize("place", ["[::1", "host:port", "host:70000", "::1"])
def test_a_place_that_is_none(place: str) -> None:
    done = command("send", "--as", f"juliet@{DOMAIN}", "--to", "x@y", "--connect", place, "x")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.feature("X-0438", "SASL-10")
def test_accounts_come_and_go_and_no_password_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "a" / "b.sqlite"
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def user(action: str, *words: str, password: str | None = SECRET) -> tuple[int, str, str]:
        monkeypatch.delenv("XMPP_PASSWORD", raising=False)
        if password is not None:
            monkeypatch.setenv("XMPP_PASSWORD", password)
        status = main(["user", action, *words, "--data", str(data)])
        return status, *capsys.readouterr()

    assert user("add", "juliet@example.com") == (0, "", "")
    assert user("add", "Juliet@Example.COM")[0] == 2
    assert "passwd" in user("add", "juliet@example.com")[2]
    assert user("passwd", "juliet@example.com", password="another") == (0, "", "")
    assert user("add", "nurse@example.com", password=None)[0] == 2
    assert user("disable", "juliet@example.com") == (0, "", "")
    assert user("list") == (0, "juliet@example.com (disabled)\n", "")
    assert user("enable", "juliet@example.com") == (0, "", "")
    assert user("list") == (0, "juliet@example.com\n", "")
    assert user("remove", "juliet@example.com") == (0, "", "")
    for action in ("remove", "passwd", "disable", "enable"):
        status, _, said = user(action, "juliet@example.com")
        assert (status, "no account" in said) == (2, True)
    assert user("list") == (0, "", "")
    assert stat.S_IMODE(data.stat().st_mode) == 0o600
    assert stat.S_IMODE(data.parent.stat().st_mode) == 0o700
    octets = b"".join(path.read_bytes() for path in data.parent.iterdir())
    assert SECRET.encode() not in octets
    assert b"another" not in octets


def test_a_password_is_asked_for_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = str(tmp_path / "a.sqlite")
    answers = iter(["one", "two", "same", "same", ""])
    monkeypatch.delenv("XMPP_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    assert main(["user", "add", "a@b", "--data", data]) == 2
    assert "not the same" in capsys.readouterr().err
    assert main(["user", "add", "a@b", "--data", data]) == 0
    assert main(["user", "passwd", "a@b", "--data", data]) == 2
    assert "empty" in capsys.readouterr().err


def test_the_accounts_have_a_usual_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("XMPP_PASSWORD", SECRET)
    assert main(["user", "add", "a@b"]) == 0
    with sqlite3.connect(tmp_path / "share" / "xmpp-core" / "accounts.sqlite") as kept:
        assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    kept.close()


def serve(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return command("serve", "--data", str(tmp_path / "a.sqlite"), *words)


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = serve(tmp_path, "--domain", DOMAIN, "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "in use" in done.stderr
    assert "--listen" in done.stderr
    for words, said in (
        (["--domain", "no domain"], "--domain"),
        (["--domain", "user@example.com"], "--domain"),
        (["--domain", DOMAIN, "--key", "x.pem"], "--cert"),
        (["--domain", DOMAIN, "--cert", str(tmp_path / "none.pem")], "none.pem"),
        (["--domain", DOMAIN, "--listen", "somewhere:x"], "port"),
    ):
        done = serve(tmp_path, *words)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert said in done.stderr


def test_a_certificate_of_ones_own(tmp_path: Path) -> None:
    authority = Authority.create("my own")
    authority.issue([DOMAIN]).write(tmp_path / "own.pem", tmp_path / "own.key")
    (tmp_path / "root.pem").write_text(authority.certificate)
    data = str(tmp_path / "a.sqlite")
    assert command("user", "add", f"juliet@{DOMAIN}", "--data", data).returncode == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "xmpp_core", "serve", "--domain", DOMAIN, "--data", data, "--listen", "127.0.0.1:0",
         "--cert", str(tmp_path / "own.pem"), "--key", str(tmp_path / "own.key")],
        stdout=subprocess.PIPE, text=True, env=environment(None),
    )  # fmt: skip
    assert process.stdout is not None
    first = process.stdout.readline()
    try:
        place = re.match(r"listening on (\S+) \(STARTTLS\)", first)
        assert place is not None, first
        done = command(
            "send", "--as", f"juliet@{DOMAIN}", "--to", DOMAIN, "--connect", place[1], "--ca",
            str(tmp_path / "root.pem"), "--type", "headline", "x",
        )  # fmt: skip
        # A message to the domain itself is refused by the server: it got there.
        assert (done.returncode, "service-unavailable" in done.stderr) == (1, True), done.stderr
        assert not (tmp_path / "ca.pem").exists()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.mark.parametrize("name", ["ca.pem", "ca.key", "secret"])
def test_files_that_are_not_the_servers_are_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    done = serve(tmp_path, "--domain", DOMAIN, "--listen", "127.0.0.1:0")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert name in done.stderr
    assert (tmp_path / name).read_text() == "mine"


def test_what_is_made_is_for_its_owner_alone(tmp_path: Path) -> None:
    home = household(str(tmp_path / "own" / "a.sqlite"))
    home.certificate([DOMAIN])
    assert home.secret() == home.secret()
    assert len(home.secret()) == 32
    for name in ("secret", "ca.key"):
        assert stat.S_IMODE((home.folder / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("action", ["list", "remove", "passwd", "enable"])
def test_only_adding_makes_a_file(tmp_path: Path, action: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = [] if action == "list" else ["a@b"]
    assert main(["user", action, *words, "--data", str(tmp_path / "x" / "a.sqlite")]) == 2
    assert "no accounts in" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_no_password_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def nothing(prompt: str) -> str:
        raise EOFError

    monkeypatch.delenv("XMPP_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", nothing)
    assert main(["user", "add", "a@b", "--data", str(tmp_path / "a.sqlite")]) == 2
    assert capsys.readouterr().err == "xmpp-core: no password was given\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--connect", "127.0.0.1:0"], "above nought"),
        (["--connect", "127.0.0.1:1", "--timeout", "nan"], "above nought"),
        (["--connect", "127.0.0.1:1", "--timeout", "-1"], "above nought"),
    ],
)
def test_numbers_that_make_no_sense(words: list[str], said: str) -> None:
    done = command("send", "--as", f"juliet@{DOMAIN}", "--to", "x@y", *words, "x")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert said in done.stderr


def test_a_password_that_nobody_can_have(served: Served) -> None:
    done = command("send", "--as", f"juliet@{DOMAIN}", "--to", "x@y", *served.reach(), "x", password="a\tb")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "the password cannot be used" in done.stderr


def test_closed_streams_are_nothing_to_trip_over(tmp_path: Path) -> None:
    data = str(tmp_path / "a.sqlite")
    assert command("user", "add", f"juliet@{DOMAIN}", "--data", data).returncode == 0
    shell = f"exec {sys.executable} -m xmpp_core user list --data {data} >&-"
    done = subprocess.run(["sh", "-c", shell], stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    shell = f"exec {sys.executable} -m xmpp_core user passwd juliet@{DOMAIN} --data {data} <&-"
    done = subprocess.run(
        ["sh", "-c", shell], stderr=subprocess.PIPE, text=True, timeout=60, check=False, env=environment(None)
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr


def test_an_output_of_another_encoding_shows_escapes(served: Served) -> None:
    listening = subprocess.Popen(
        [sys.executable, "-m", "xmpp_core", "listen", "--as", f"romeo@{DOMAIN}/old", "--count", "1", *served.reach()],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**environment(SECRET), "PYTHONIOENCODING": "latin-1"},
    )  # fmt: skip
    assert listening.stderr is not None
    listening.stderr.readline()
    command("send", "--as", f"juliet@{DOMAIN}/x", "--to", f"romeo@{DOMAIN}/old", *served.reach(), "é ☃")
    out, _ = listening.communicate(timeout=30)
    assert listening.returncode == 0
    assert out.endswith(b": \xe9 \\u2603\n")
