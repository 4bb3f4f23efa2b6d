"""`xmpp-core parse`: what it prints, and how it ends."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from stages import pair

from xmpp_core.cli.main import main
from xmpp_core.cli.parse import parse

HEADER = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
SUCCESS = b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
AUTH = b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>"


@pytest.fixture
def stream(tmp_path: Path) -> Any:
    def write(octets: bytes) -> str:
        path = tmp_path / "stream.xml"
        path.write_bytes(octets)
        return str(path)

    return write


def rows(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    shown, wrong = capsys.readouterr()
    assert wrong == ""
    return [json.loads(line) for line in shown.splitlines()]


def test_a_good_stream_item_by_item(stream: Any, capsys: pytest.CaptureFixture[str]) -> None:
    octets = (
        b"<?xml version='1.0'?>" + HEADER + b"<stream:features/> <message xmlns:q='urn:q' q:a='1'><body>h&lt;i</body>"
        b"</message></stream:stream>"
    )
    assert main(["parse", stream(octets)]) == 0
    found = rows(capsys)
    assert [row["event"] for row in found] == ["header", "stream", "element", "end"]
    assert found[0]["attributes"] == {"version": "1.0"}
    assert found[2]["element"] == "{jabber:client}message"
    assert found[2]["xml"] == "<message xmlns='jabber:client' a='1'><body>h&lt;i</body></message>"


def test_a_good_stream_as_text(stream: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "--text", stream(HEADER + b"<presence/></stream:stream>")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "stream header  version='1.0'",
        "element        <presence xmlns='jabber:client'/>",
        "stream end",
    ]


@pytest.mark.parametrize(
    ("body", "condition", "position", "section"),
    [
        (b"<message><!-- a --></message>", "restricted-xml", 9, "RFC 6120 section 11.1"),
        (b"<message></presence>", "not-well-formed", 9, "RFC 6120 section 11.3"),
        (b"<a>\xff</a>", "unsupported-encoding", 3, "RFC 6120 section 4.9.3.22"),
        (b"text", "bad-format", 0, "RFC 6120 section 4.9.3.1"),
    ],
    ids=["comment", "end tag", "UTF-8", "text"],
)
def test_a_violation_has_place_and_clause(
    body: bytes, condition: str, position: int, section: str, stream: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    before = HEADER + SUCCESS + b" \n" + HEADER + b"<presence/>"
    for start in (HEADER, before):
        assert main(["parse", stream(start + body)]) == 1
        last = rows(capsys)[-1]
        assert (last["event"], last["condition"]) == ("error", condition)
        assert last["section"] == section
        assert last["position"] == len(start) + position
    assert main(["parse", "--text", stream(HEADER + body)]) == 1
    line = capsys.readouterr().out.splitlines()[-1]
    assert f"<{condition}/> at octet {len(HEADER) + position}: " in line
    assert line.endswith(f"({section})")


def test_a_header_of_no_kind_is_refused(stream: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for octets, condition in (
        (HEADER.replace(b"etherx", b"another"), "invalid-namespace"),
        (HEADER.replace(b"'1.0'", b"'one'"), "unsupported-version"),
        (HEADER.replace(b"jabber:client", b"jabber:other"), "invalid-namespace"),
    ):
        assert main(["parse", stream(octets)]) == 1
        found = rows(capsys)
        assert [row["event"] for row in found] == ["header", "error"]
        assert (found[1]["condition"], found[1]["position"]) == (condition, 0)
    for kind in (b"jabber:server", b"jabber:component:accept"):
        assert main(["parse", stream(HEADER.replace(b"jabber:client", kind) + b"</stream:stream>")]) == 0
        rows(capsys)


@pytest.mark.parametrize(("octets", "unread"), [(b"", 0), (HEADER, 0), (HEADER + b"<a><b", 5), (HEADER[:9], 9)])
@pytest.mark.parametrize("text", [False, True])
def test_a_stream_without_its_end(
    octets: bytes, unread: int, text: bool, stream: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["parse", stream(octets), *(["--text"] if text else [])]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    if text:
        assert last == f"incomplete     the stream has no end; {unread} octets are left"
    else:
        assert json.loads(last) == {"event": "incomplete", "reason": "the stream has no end", "unread": unread}


@pytest.mark.feature("SEC-04")
def test_both_directions_of_a_login_are_read_to_the_end(stream: Any, capsys: pytest.CaptureFixture[str]) -> None:
    both = pair()
    both.pump()
    both.initiating.connection.close()
    both.pump()
    for end in (both.initiating, both.receiving):
        assert main(["parse", stream(bytes(end.sent))]) == 0
        found = rows(capsys)
        assert [row["event"] for row in found].count("header") == 3
        assert found[-1] == {"event": "end"}
        for row in found:
            assert row.get("element", "").rpartition("}")[2] not in ("auth", "response") or "[cut]" in row["xml"]


def test_tls_is_not_read(stream: Any, capsys: pytest.CaptureFixture[str]) -> None:
    name = stream(HEADER + b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\x16\x03\x01\x02\x00\x01")
    assert main(["parse", name]) == 1
    assert rows(capsys)[-1] == {"event": "tls", "reason": "TLS begins: record inside it to see more", "unread": 6}
    assert main(["parse", "--text", name]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "tls            TLS begins: record inside it to see more; 6 octets are left"


def test_an_exchange_that_failed_opens_no_new_stream(stream: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", stream(HEADER + AUTH + AUTH + HEADER + b"</stream:stream>")]) == 0
    assert [row["event"] for row in rows(capsys)] == ["header", "element", "element", "header", "end"]


def test_what_moves_a_terminal_is_shown_not_done(stream: Any, capsys: pytest.CaptureFixture[str]) -> None:
    octets = HEADER + "<a>\u009b31m\n\u202ee\u0301</a></stream:stream>".encode()
    assert main(["parse", "--text", stream(octets)]) == 0
    line = capsys.readouterr().out.splitlines()[1]
    assert "\\x9b31m\\n\\u202ee\u0301" in line


@pytest.mark.parametrize("text", [False, True])
def test_an_output_of_ascii_takes_it_all(text: bool, stream: Any) -> None:
    octets = io.BytesIO()
    out = io.TextIOWrapper(octets, encoding="ascii")
    assert parse(stream(HEADER + "<a>é</a></stream:stream>".encode()), out, text=text) == 0
    out.flush()
    assert (b"\\xe9" if text else b"\\u00e9") in octets.getvalue()


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(HEADER + b"</stream:stream>")))
    assert main(["parse", "-"]) == 0
    assert [row["event"] for row in rows(capsys)] == ["header", "end"]


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (str(tmp_path / "none"), str(tmp_path), str(tmp_path / "a\nb")):
        assert main(["parse", name]) == 2
        shown, wrong = capsys.readouterr()
        assert shown == ""
        assert wrong.startswith("xmpp-core: cannot read ")
        assert wrong.count("\n") == 1


@pytest.mark.parametrize("argv", [[], ["parse"], ["sing"], ["parse", "a", "--loud"]])
def test_a_misspelt_command_ends_with_two(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    assert "usage: xmpp-core" in capsys.readouterr().err


def test_help_says_how_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["parse", "--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    for status in ("  0  ", "  1  ", "  2  "):
        assert status in shown
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert "demo" in shown
    assert "parse" in shown


def test_a_reader_that_leaves_early_leaves_no_traceback(stream: Any) -> None:
    octets = HEADER + b"<message><body>%s</body></message>" % (b"x" * 500) * 1000 + b"</stream:stream>"
    command = [sys.executable, "-m", "xmpp_core", "parse", stream(octets)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b'{"event": "header"')
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 2
