"""`xmpp-core inspect`: what it tells of records, good, bad and hostile, and what it never tells."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stages import BINDING, client_config, server_config

import xmpp_core as xmpp
from xmpp_core.cli.main import main
from xmpp_core.testing.transcript import Recorder

Raw = Callable[[bytes], str]
STREAM = b"xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
OPEN = b"<stream:stream to='example.com' " + STREAM + b" version='1.0'>"
ANSWER = OPEN.replace(b"to='", b"id='1' from='")
SASL = b"xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
FORMS: tuple[list[str], ...] = ([], ["--json"], ["--mermaid"], ["--svg"])


def told(capsys: pytest.CaptureFixture[str], *argv: str, status: int = 0) -> str:
    assert main(["inspect", *argv]) == status
    shown, wrong = capsys.readouterr()
    assert wrong == ""
    return shown


def rows(capsys: pytest.CaptureFixture[str], *argv: str, status: int = 0) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told(capsys, *argv, "--json", status=status).splitlines()]


def words(shown: str) -> list[str]:
    """The lines that tell what happened, without times."""
    return [line[10:] for line in shown.split("\n\n")[0].splitlines() if line[:10].strip() or "  [" in line[10:]]


@pytest.mark.feature("ENG-14")
def test_a_transcript_is_told_line_by_line(record: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shown = told(capsys, str(record() / "client.txt"))
    assert words(shown)[:9] == [
        "client → server  opens a stream to example.com  [RFC 6120 section 4.2]",
        "client ← server  opens a stream  [RFC 6120 section 4.2]",
        "client ← server  offers STARTTLS (required); Stream Limits Advertisement (XEP-0478)  [RFC 6120 section 4.3.2]",
        "client → server  asks for TLS  [RFC 6120 section 5.4.2.1]",
        "client ← server  agrees to TLS  [RFC 6120 section 5.4.2.3]",
        "       ·         the host is to run the TLS handshake  [RFC 6120 section 5.4.3]",
        "client → server  opens a stream to example.com  [RFC 6120 section 4.2]",
        "client ← server  opens a stream  [RFC 6120 section 4.2]",
        "client ← server  offers SASL by SCRAM-SHA-512-PLUS SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-512 "
        "SCRAM-SHA-256 SCRAM-SHA-1 PLAIN; SASL Channel-Binding Type Capability (XEP-0440); "
        "Stream Limits Advertisement (XEP-0478)  [RFC 6120 section 4.3.2]",
    ]
    assert words(shown)[-7:] == [
        "client → server  is available  [RFC 6121 section 4]",
        "client → server  chat message to romeo@example.net with text  [RFC 6121 section 5.2.2]",
        "client ← server  iq get: XMPP Ping  [XEP-0199]",
        "client → server  warning: iq error: answer to XMPP Ping, after 0.200 s: <service-unavailable/>  "
        "[RFC 6120 section 8.3.3.19]",
        "client → server  closes the stream  [RFC 6120 section 4.4]",
        "client ← server  closes the stream  [RFC 6120 section 4.4]",
        "       ·         closed by this side  [RFC 6120 section 4.4]",
    ]
    states = re.findall(r"^ {10}= (.+)$", shown, re.M)
    assert states == [
        "TLS in place",
        "authenticated by SCRAM-SHA-256-PLUS",
        "bound as juliet@example.com/balcony",
        "session ready",
        "closing",
        "closed",
    ]
    summary = shown.split("\n\n")[1].splitlines()
    assert summary[0] == "It was closed by this side."
    assert summary[1] == "  recorded by  the client"
    assert re.fullmatch(r"  client       \d+ octets; 1 message, 1 presence, 2 iq", summary[2])
    assert re.fullmatch(r"  server       \d+ octets; 2 iq", summary[3])
    assert summary[4] == "  time         0.550 s"
    assert summary[-2].endswith("2 resource binding (RFC 6120 section 7), 1 XMPP Ping (XEP-0199)")
    assert summary[-1] == "  noticed      0 errors, 1 warning"


@pytest.mark.parametrize("name", ["client", "server"])
def test_both_ends_and_both_raw_directions_tell_the_same_story(
    name: str, record: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = record()
    both = rows(capsys, "--client", str(folder / "client.raw"), "--server", str(folder / "server.raw"))
    transcript = rows(capsys, str(folder / f"{name}.txt"))

    def said(found: list[dict[str, Any]]) -> list[tuple[str, ...]]:
        keys = ("from", "words", "section", "xml")
        return [tuple(str(row.get(key, "")) for key in keys) for row in found if row["row"] == "said"]

    def untimed(found: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
        return [tuple(re.sub(r", after \d+\.\d{3} s", "", one) for one in row) for row in found]

    assert untimed(said(transcript)) == said(both)
    assert both[-1]["octets"] == {one: (folder / f"{one}.raw").stat().st_size for one in ("client", "server")}
    assert both[-1]["seconds"] is None


def test_one_raw_direction_tells_whose_it_is(record: Any, capsys: pytest.CaptureFixture[str]) -> None:
    folder = record()
    for name in ("client", "server"):
        found = rows(capsys, str(folder / f"{name}.raw"))
        assert {row["from"] for row in found if row["row"] == "said"} == {name}
        assert found[-1]["end"] == f"closed by the {name}"
        assert found[-1]["octets"] == {name: (folder / f"{name}.raw").stat().st_size}
        # By which mechanism, only the client says.
        assert ("authenticated" in found[-1]["reached"]) is (name == "server")


@pytest.mark.feature("SEC-04", "ENG-14")
@pytest.mark.parametrize("form", FORMS, ids=" ".join)
@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"])
def test_no_secret_is_told_in_any_form(
    mechanism: str, form: list[str], record: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = record(
        keep=True,
        client=client_config(mechanisms=(mechanism,)),
        server=server_config(mechanisms=(mechanism,)),
    )
    kept = (folder / "client.txt").read_text()
    secrets = re.findall(r"<(?:auth|challenge|response|success) [^>]*>([A-Za-z0-9+/=]{8,})<", kept)
    assert len(secrets) >= (1 if mechanism == "PLAIN" else 4)
    raw = ["--client", str(folder / "client.raw"), "--server", str(folder / "server.raw")]
    for argv in ([str(folder / "client.txt")], [str(folder / "server.txt")], raw):
        shown = told(capsys, *argv, *form)
        for secret in (*secrets, "pencil", BINDING["tls-unique"].hex(), "snapshot"):
            assert secret not in shown
        if not form or form == ["--json"]:
            assert "[cut]" in shown


@pytest.mark.feature("SEC-04")
@pytest.mark.parametrize("form", FORMS, ids=" ".join)
@pytest.mark.parametrize(
    "body",
    [
        b"<iq type='set' id='1'><query xmlns='jabber:iq:auth'><digest>canary</digest></query></iq>",
        b"<iq type='set' id='1'><query xmlns='jabber:iq:register'><password>canary</password></query></iq>",
        b"<handshake xmlns='jabber:component:accept'>canary</handshake>",
        b"<authenticate xmlns='urn:xmpp:sasl:2'><initial-response>canary</initial-response></authenticate>",
        b"<success xmlns='urn:xmpp:sasl:2'><token xmlns='urn:xmpp:fast:0' token='canary'/></success>",
        b"<auth " + SASL + b" mechanism='PLAIN'>canary</auth>",
        b"<auth " + SASL + b">canary",
        b"<auth " + SASL + b">x<y/>canary</auth>",
        b"<iq type='set' id='1'><x xmlns='jabber:x:data'><field var='password'><value>canary</value></field></x></iq>",
        b"<iq type='set' id='1'><x xmlns='jabber:x:data'><field type='text-private'><value>canary</value></field>"
        b"<field var='muc#roomconfig_roomsecret'><value>canary</value></field></x></iq>",
    ],
)
def test_no_secret_of_a_raw_stream_is_told(
    body: bytes, form: list[str], raw: Raw, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "canary" not in told(capsys, raw(OPEN + body), *form, status=1)


@pytest.mark.feature("SEC-04")
def test_the_proof_of_a_component_is_never_on_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = Recorder(server_config())
    server.start(0.0)
    handshake = b"<handshake xmlns='jabber:component:accept'>canary</handshake>"
    for piece in (OPEN + handshake[:-14], handshake[-14:]):
        server.receive_data(piece, 0.1)
        list(server.events())
        server.data_to_send(0.1)
    text = server.transcript.dumps()
    assert "canary" not in text
    (tmp_path / "t").write_text(text)
    shown = told(capsys, str(tmp_path / "t"), status=1)
    assert "<handshake xmlns='jabber:component:accept'>[cut]</handshake>" in shown
    assert "[XEP-0114]" in shown


@pytest.mark.parametrize("name", ["client", "server"])
def test_a_violation_is_told_with_place_and_clause(name: str, record: Any, capsys: pytest.CaptureFixture[str]) -> None:
    folder = record(end="broken")
    found = rows(capsys, str(folder / f"{name}.txt"), status=1)
    errors = [row for row in found if row.get("level") == "error"]
    assert ["<restricted-xml/>" in row["words"] for row in errors] == [True] * len(errors)
    assert {"RFC 6120 section 4.9.3.18"} <= {row["section"] for row in errors}
    if name == "server":
        assert any(row["section"] == "RFC 6120 section 11.1" and "octet" in row["words"] for row in errors)
        assert any("position" in row for row in errors)
    assert found[-1]["good"] is False
    assert found[-1]["end"].startswith("failed: ")


def test_the_place_of_an_error_counts_from_the_first_octet(raw: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    before = OPEN + b"<auth " + SASL + b" mechanism='PLAIN'>AGEAYg==</auth>" + b" \n" + OPEN + b"<presence/>"
    found = rows(capsys, raw(before + b"<message><!-- a --></message>"), status=1)
    error = found[-2]
    assert (error["position"], error["section"]) == (len(before) + 9, "RFC 6120 section 11.1")
    assert "<restricted-xml/>" in error["words"]
    text = told(capsys, raw(before + b"<a>\xff</a>"), status=1)
    assert f"at octet {len(before) + 3}  [RFC 6120 section 4.9.3.22]" in text


@pytest.mark.parametrize(
    ("client", "warning", "section"),
    [
        (
            OPEN + b"<auth " + SASL + b" mechanism='PLAIN'>AGEAYg==</auth>",
            "PLAIN gives the password itself to the server; SCRAM was offered",
            "RFC 6120 section 13.8.3",
        ),
        (
            OPEN + b"<auth " + SASL + b" mechanism='PLAIN'>AGEAYg==</auth>",
            "no TLS on record",
            "RFC 6120 section 13.8.3",
        ),
        (
            OPEN + b"<auth " + SASL + b" mechanism='SCRAM-SHA-1'>biws</auth>",
            "SCRAM-SHA-1-PLUS was offered: it would bind the login to TLS",
            "RFC 6120 section 13.9.4",
        ),
        (OPEN + b"<auth " + SASL + b" mechanism='DIGEST-MD5'/>", "DIGEST-MD5 is historic", "RFC 6331"),
        (OPEN.replace(b" version='1.0'", b""), "no version", "RFC 6120 section 4.7.5"),
        (OPEN, "the old session request is demanded", "RFC 6121 Appendix E"),
        (
            OPEN + b"<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>",
            "the login of before XMPP 1.0",
            "XEP-0078",
        ),
    ],
)
def test_what_is_weak_earns_a_warning(
    client: bytes, warning: str, section: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    offer = b"<mechanisms " + SASL + b"><mechanism>SCRAM-SHA-1</mechanism><mechanism>SCRAM-SHA-1-PLUS</mechanism>"
    session = b"<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"
    (tmp_path / "c").write_bytes(client)
    (tmp_path / "s").write_bytes(
        ANSWER + b"<stream:features>" + offer + b"</mechanisms>" + session + b"</stream:features>"
    )
    found = rows(capsys, "--client", str(tmp_path / "c"), "--server", str(tmp_path / "s"), status=1)
    warnings = [row for row in found if row.get("level") == "warning"]
    assert [row["section"] for row in warnings if row["words"].startswith(warning)] == [section]
    assert found[-1]["warnings"] == len(warnings)


def test_a_good_login_over_tls_earns_none_for_it(record: Any, capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(capsys, str(record() / "client.txt"))
    assert [row["words"] for row in found if row.get("level") == "warning" and "answer to" not in row["words"]] == []


def test_payloads_are_named_by_their_xeps(raw: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    body = (
        b"<message to='a@b' type='chat'><body>x</body><active xmlns='http://jabber.org/protocol/chatstates'/>"
        b"<request xmlns='urn:xmpp:receipts'/><x xmlns='urn:unknown'/></message>"
        b"<presence type='subscribe' to='a@b'/><iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>"
        b"<r xmlns='urn:xmpp:sm:3'/></stream:stream>"
    )
    found = rows(capsys, raw(OPEN + body))
    assert [(row["words"], row["section"]) for row in found[1:5]] == [
        (
            "chat message to a@b with text, Chat State Notifications (XEP-0085), Message Delivery Receipts (XEP-0184), "
            "{urn:unknown}x",
            "RFC 6121 section 5.2.2",
        ),
        ("asks to subscribe to the presence to a@b", "RFC 6121 section 3.1"),
        ("iq get: roster", "RFC 6121 section 2"),
        ("asks what has arrived", "XEP-0198"),
    ]
    assert found[-1]["payloads"]["Message Delivery Receipts (XEP-0184)"] == 1
    assert found[-1]["stanzas"] == {"client": {"message": 1, "presence": 1, "iq": 1}}


def test_what_goes_wrong_or_further_in_negotiation_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    auth = b"<auth " + SASL + b" mechanism='EXTERNAL'/>"
    sm = b"xmlns='urn:xmpp:sm:3'"
    (tmp_path / "c").write_bytes(
        OPEN + auth + auth + OPEN + b"<enable " + sm + b"/><resume " + sm + b"/></stream:stream>"
    )
    (tmp_path / "s").write_bytes(
        ANSWER + b"<stream:features/><failure " + SASL + b"><not-authorized/><text>no</text></failure><success " + SASL
        + b"/>" + ANSWER + b"<stream:features/><enabled " + sm + b"/><failed " + sm + b"/>"
    )  # fmt: skip
    found = rows(capsys, "--client", str(tmp_path / "c"), "--server", str(tmp_path / "s"), status=1)
    said = [(row["words"], row.get("section")) for row in found if row.get("from") == "server"]
    assert ("refuses authentication: <not-authorized/>", "RFC 6120 section 6.4.5") in said
    assert ("begins stream management", "XEP-0198") in said
    assert found[-1]["reached"] == ["authenticated by EXTERNAL", "stream management", "closing"]
    assert found[-1]["end"] == "closed by the client; the closing tag of the server is not on record"
    assert {row["section"] for row in found[:-1] if row["words"].startswith("no TLS")} == {"RFC 6120 section 13.8.4"}


def test_time_outs_are_told(record: Any, capsys: pytest.CaptureFixture[str]) -> None:
    folder = record(end="open")
    assert rows(capsys, str(folder / "client.txt"), status=1)[-1]["end"] == "is still open at the end of the record"
    silent = Recorder(client_config())
    silent.start(0.0)
    silent.data_to_send(0.0)
    deadline = silent.next_deadline()
    assert deadline is not None
    silent.handle_deadline(deadline)
    list(silent.events())
    silent.data_to_send(deadline)
    (folder / "silent.txt").write_text(silent.transcript.dumps())
    shown = told(capsys, str(folder / "silent.txt"), status=1)
    assert f"{deadline:>8.3f}         ·         a deadline fell due  [RFC 6120 section 4.6]" in shown
    assert "error: failed: time-out, " in shown


def test_a_broken_connection_is_told(record: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shown = told(capsys, str(record(end="dropped") / "client.txt"), status=1)
    assert "the transport ended  [RFC 6120 section 4.4]" in shown
    assert "failed: the transport ended without a closing tag" in shown


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_what_moves_a_terminal_is_shown_not_done(form: list[str], raw: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "\u009b31m\n\u202e\u2028\u200f\U000e0041"
    body = (
        f"<message to='{hostile}' type='{hostile}'><x xmlns='urn:{hostile}'/></message>"
        f"<iq id='{hostile}' type='{hostile}'/><presence type='{hostile}'/><stream:error>"
        f"<undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
        f"<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>{hostile}</text></stream:error></stream:stream>"
    )
    header = ANSWER.replace(b"example.com", b"a&#x9b;31m")
    shown = told(capsys, raw(header + body.encode()), *form, status=1)
    assert [one for one in shown if not one.isprintable() and one != "\n"] == []
    assert "31m" in shown


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_huge_things_are_cut_short(form: list[str], raw: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    size = 2_000_000
    body = b"<message to='%s'><body>%s</body></message></stream:stream>" % (b"a" * 5000, b"x" * size)
    shown = told(capsys, raw(OPEN + body), *form)
    if form == ["--json"]:
        assert "x" * size in shown
    else:
        assert len(shown) < 20_000
        assert "more)" in shown


@pytest.mark.parametrize(
    ("octets", "status", "end"),
    [
        (b"", 1, "is still open at the end of the record"),
        (OPEN, 1, "is still open at the end of the record"),
        (OPEN + b"<message><bo", 1, "broken off"),
        (OPEN[:20], 1, "broken off"),
        (b"\xff\xfe\x00", 1, "broken off"),
        (OPEN + b"<a>\xc3</a>", 1, "broken off"),
        (
            OPEN + b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\x16\x03\x01\x00\x01\x01",
            1,
            "encrypted before its end",
        ),
        (b"\x16\x03\x01\x00\x01\x01", 1, "encrypted before its end"),
        (OPEN + b"</stream:stream>", 0, "closed by the client"),
        (OPEN + b"</stream:stream>more", 0, "closed by the client"),
    ],
)
def test_every_end_is_told(octets: bytes, status: int, end: str, raw: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(capsys, raw(octets), status=status)
    assert (found[-1]["end"], found[-1]["good"]) == (end, status == 0)
    told(capsys, raw(octets), status=status)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0.000 start\n0.100 sent: <?xml\n0.2", "line 4: not 'SECONDS WHAT: TEXT'"),
        ("0.000 event: {\n", "an event that cannot be read"),
        ("0.000 event: [1]\n", "an event that cannot be read"),
        ('0.000 event: {"event":3}\n', "an event that cannot be read"),
        ("0.000 event: " + "[" * 100_000 + "\n", "an event that cannot be read"),
    ],
)
def test_a_damaged_transcript_is_told_as_far_as_it_goes(
    text: str, reason: str, raw: Raw, capsys: pytest.CaptureFixture[str]
) -> None:
    found = rows(capsys, raw(b"xmpp transcript 1\n" + text.encode()), status=1)
    (row,) = [row for row in found if "cannot be read" in row.get("words", "")]
    assert row["words"].endswith(reason)
    assert row["level"] == "error"


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
@pytest.mark.parametrize("name", ["StreamFailed", "Closed", "SessionReady", "PeerSilent", "Unheard", "BindRequested"])
def test_a_forged_transcript_does_no_harm(
    name: str, form: list[str], raw: Raw, capsys: pytest.CaptureFixture[str]
) -> None:
    event: dict[str, Any] = {
        "event": name,
        "jid": ["\x1b[31m"],
        "retry": {},
        "cause": [],
        "position": "\n",
        "section": {},
        "seconds": None,
    }
    text = f"xmpp transcript 1\n0.000 received: \\xff\\ud800\\x1b[31m\n1.000 event: {json.dumps(event)}\n"
    shown = told(capsys, raw(text.encode() + b"2.000 sent: \xff\xfe\n"), *form, status=1)
    assert [one for one in shown if not one.isprintable() and one != "\n"] == []


def test_every_cut_of_a_transcript_is_told(record: Any, raw: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    whole = (record() / "client.txt").read_bytes()
    end = whole.rindex(b" event: ")  # behind its last event nothing is missing
    for cut in (*range(0, end, 97), end):
        name = raw(whole[:cut])
        assert main(["inspect", name]) == 1
        shown, wrong = capsys.readouterr()
        assert shown
        assert wrong == ""


def test_another_version_of_the_format_is_one_line(raw: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", raw(b"xmpp transcript 2\n")]) == 1
    shown, wrong = capsys.readouterr()
    assert shown == ""
    assert wrong.count("\n") == 1
    assert "line 1: a transcript begins with 'xmpp transcript 1'" in wrong


@pytest.mark.parametrize(
    "argv",
    [[], ["--client", "a"], ["--server", "a"], ["x", "--client", "a", "--server", "b"], ["--client=-", "--server=-"]],
)
def test_misuse_says_what_to_do(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", *argv]) == 2
    shown, wrong = capsys.readouterr()
    assert shown == ""
    assert wrong.count("\n") == 1
    assert "--client" in wrong


def test_standard_input(record: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    octets = (record() / "client.txt").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))
    assert rows(capsys, "-")[-1]["good"] is True


ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("end", ["closed", "broken"])
def test_colour_changes_no_text(end: str, record: Any, capsys: pytest.CaptureFixture[str]) -> None:
    name, status = str(record(end=end) / "server.txt"), 0 if end == "closed" else 1
    plain = told(capsys, name, status=status)
    coloured = told(capsys, name, "--color", "always", status=status)
    assert "\x1b" not in plain
    assert coloured.count("\x1b[") > 50
    assert ESCAPE.sub("", coloured) == plain
    for form in ("--json", "--mermaid", "--svg"):
        assert "\x1b" not in told(capsys, name, "--color", "always", form, status=status)


class _Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("argv", "environment", "coloured"),
    [
        ([], {}, True),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": ""}, True),
        ([], {"TERM": "dumb"}, False),
        (["--color", "never"], {}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "always"], {"TERM": "dumb"}, True),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    argv: list[str], environment: dict[str, str], coloured: bool, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    out = _Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["inspect", raw(OPEN + b"</stream:stream>"), *argv]) == 0
    assert ("\x1b[" in out.getvalue()) is coloured


def test_without_rich_the_text_is_plain(
    raw: Raw, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = raw(OPEN + b"</stream:stream>")
    plain = told(capsys, name)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert main(["inspect", name, "--color", "always"]) == 0
    shown, wrong = capsys.readouterr()
    assert shown == plain
    assert wrong == "xmpp-core: no colour without rich: pip install 'xmpp_core[cli]'\n"


def test_an_output_of_ascii_takes_it_all(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    octets = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(octets, encoding="ascii"))
    name = raw(OPEN + "<message to='é@b'/></stream:stream>".encode())
    for form in FORMS:
        assert main(["inspect", name, *form]) == 0
    shown = octets.getvalue().decode("ascii")
    assert "client -> server  normal message to \\xe9@b" in shown


def test_a_header_of_no_kind_is_told(raw: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    for header, condition, section in (
        (OPEN.replace(b"etherx", b"another"), "invalid-namespace", "RFC 6120 section 4.8.1"),
        (OPEN.replace(b"'1.0'", b"'one'"), "unsupported-version", "RFC 6120 section 4.7.5"),
        (OPEN.replace(b"jabber:client", b"jabber:other"), "invalid-namespace", "RFC 6120 section 4.8.2"),
    ):
        found = rows(capsys, raw(header + b"</stream:stream>"), status=1)
        (error,) = [row for row in found if row.get("level") == "error"]
        assert (error["section"], error["position"]) == (section, 0)
        assert f"<{condition}/>" in error["words"]


def test_the_names_follow_the_kind_of_stream(raw: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    for namespace, name in ((b"jabber:server", "initiating"), (b"jabber:component:accept", "component")):
        found = rows(capsys, raw(OPEN.replace(b"jabber:client", namespace) + b"<message/></stream:stream>"))
        assert found[0]["from"] == name
        assert found[-1]["stanzas"] == {name: {"message": 1}}


def test_tls_from_the_start_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    direct = Recorder(server_config())
    direct.start(0.0, tls=xmpp.TlsInfo(version="TLSv1.3"))
    direct.receive_data(OPEN, 0.1)
    list(direct.events())
    direct.data_to_send(0.1)
    (tmp_path / "t").write_text(direct.transcript.dumps())
    found = rows(capsys, str(tmp_path / "t"), status=1)
    assert (found[0]["words"], found[0]["section"]) == ("TLS is in place from the start", "XEP-0368")
    assert [row["from"] for row in found if row["row"] == "said"] == ["client", "server", "server"]
