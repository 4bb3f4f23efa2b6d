"""`xmpp-core explain`: what it says of addresses and URIs, and where its marks stand."""

from __future__ import annotations

import io
import json
from argparse import ArgumentParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xmpp_core.cli import explain
from xmpp_core.cli.terminal import marked
from xmpp_core.jid import JID, JIDError
from xmpp_core.uri import CommonProfileURI, URIError, XmppURI


def called(*words: str) -> int:
    parser = ArgumentParser()
    explain.COMMAND.arguments(parser)
    return explain.COMMAND.run(parser.parse_args(words))


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    status = called(*words, "--json")
    return status, json.loads(capsys.readouterr().out)


def under(output: str) -> str:
    """What the mark of a refusal stands under, counted in columns of one."""
    lines = output.splitlines()
    at = next(index for index, line in enumerate(lines) if line.strip() and set(line.strip()) == {"^"})
    start = lines[at].index("^")
    return lines[at - 1][start : start + lines[at].count("^")]


@pytest.mark.feature("JID-01")
def test_a_good_address_is_shown_part_by_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("jid", "JULIET@EXAMPLE.com/Balcony") == 0
    shown = capsys.readouterr().out
    for words in (
        "JULIET  becomes  juliet",
        "width mapping",
        "case mapping",
        "RFC 8265 section 3.3",
        "Balcony",
        "IdentifierClass",
    ):
        assert words in shown
    status, found = told(capsys, "jid", "JULIET@EXAMPLE.com/Balcony")
    assert status == 0
    assert found["good"] is True
    assert found["error"] is None
    assert found["results"] == {"address": "juliet@example.com/Balcony", "bare address": "juliet@example.com"}
    assert [(part["part"], part["text"], part["position"], part["result"]) for part in found["parts"]] == [
        ("localpart", "JULIET", 0, "juliet"),
        ("domainpart", "EXAMPLE.com", 7, "example.com"),
        ("resourcepart", "Balcony", 19, "Balcony"),
    ]
    for part in found["parts"]:
        assert part["steps"][0]["before"] == part["text"]
        assert part["steps"][-1]["after"] == part["result"]
        assert all(step["section"].startswith("RFC ") for step in part["steps"])


@pytest.mark.feature("JID-01")
@pytest.mark.parametrize(
    ("text", "part", "code_point", "position", "suggestion"),
    [
        ("henry\u2163@example.com", "localpart", "U+2163 ROMAN NUMERAL FOUR", 5, "henryiv@example.com"),
        ("o'neil@example.com", "localpart", "U+0027 APOSTROPHE", 1, "o\\27neil@example.com"),
        ("foo bar@example.com", "localpart", "U+0020 SPACE", 3, "foo\\20bar@example.com"),
        ("a@b@c.example/x", "domainpart", "U+0040 COMMERCIAL AT", 3, "a\\40b@c.example/x"),
        ("a/b@c.example", "domainpart", None, None, None),
        ("a@b.example:5222/c", "domainpart", "U+003A COLON", 11, "a@b.example/c"),
        ("a@b.example/", "resourcepart", None, 12, "a@b.example"),
        ("@b.example/c", "localpart", None, 0, "b.example/c"),
        ("a@b..example.", "domainpart", None, None, "a@b.example"),
        ("a@-b-.example", "domainpart", None, None, "a@b.example"),
        ("juliet@ example.com", "domainpart", "U+0020 SPACE", 7, None),
        (" juliet@example.com", "localpart", "U+0020 SPACE", 0, "juliet@example.com"),
        ("a\x00b@example.com", "localpart", "U+0000 <control-0000>", 1, "ab@example.com"),
        ("a@b.example/ c", "resourcepart", "U+0020 SPACE", 12, "a@b.example/c"),
        ("xmpp:a@b.example", "localpart", "U+003A COLON", 4, "a@b.example"),
        ("im:a@b.example", "localpart", "U+003A COLON", 2, "a@b.example"),
        ("xmpp:a@b.example/c d", "localpart", "U+003A COLON", 4, "a@b.example/c d"),
        ("a b/c@d.example", "domainpart", "U+0020 SPACE", 1, "a\\20b\\2fc@d.example"),
    ],
    ids=ascii,
)
def test_what_is_refused_is_named_and_something_is_proposed(
    capsys: pytest.CaptureFixture[str],
    text: str,
    part: str,
    code_point: str | None,
    position: int | None,
    suggestion: str | None,
) -> None:
    status, found = told(capsys, "jid", text)
    if text == "a/b@c.example":
        assert (status, found["good"]) == (0, True)  # a domain and a resourcepart
        return
    assert status == 1
    error = found["error"]
    assert error["part"] == part
    assert error["section"].startswith(("RFC ", "XEP-"))
    if code_point is not None:
        assert (error["code_point"], error["position"]) == (code_point, position)
    elif position is not None:
        assert error["position"] == position
    proposed = [one["text"] for one in found["suggestions"]]
    if suggestion is not None:
        assert suggestion in proposed
    for one in proposed:
        assert str(JID(one)) == one
    with pytest.raises(JIDError):
        JID(text)


@pytest.mark.feature("JID-04")
@pytest.mark.parametrize(
    ("text", "status", "note"),
    [
        ("fu\xdfball@example.com", 0, "RFC 6122 makes another address of it: fussball@example.com"),
        ("henry\u2163@example.com", 1, "RFC 6122 allows it, as henryiv@example.com"),
        ("juliet@example.com", 0, None),
        ("a@b@c.example", 1, None),
    ],
    ids=ascii,
)
def test_both_sets_of_rules_are_shown_where_they_differ(
    capsys: pytest.CaptureFixture[str], text: str, status: int, note: str | None
) -> None:
    found_status, found = told(capsys, "jid", text)
    assert found_status == status
    assert found["notes"] == ([] if note is None else [note])


@pytest.mark.feature("JID-06")
@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (
            "p\u0430ypal@example.com",
            [
                "The localpart mixes scripts: Cyrillic, Latin. It is Minimally Restrictive (UTS 39 section 5.2).",
                "The localpart is easily taken for one of ASCII letters (UTS 39 section 4).",
            ],
        ),
        (
            "a@\u0440\u0430\u0443.example.com",
            ["The domainpart is easily taken for one of ASCII letters (UTS 39 section 4)."],
        ),
        (
            "\u0e01a@example.com",
            ["The localpart mixes scripts: Latin, Thai. It is Moderately Restrictive (UTS 39 section 5.2)."],
        ),
        ("\u65e5\u672c\u306ea@m\xfcller.example", []),
    ],
    ids=ascii,
)
def test_what_may_be_taken_for_another_address_is_said(
    capsys: pytest.CaptureFixture[str], text: str, notes: list[str]
) -> None:
    status, found = told(capsys, "jid", text)
    assert (status, found["notes"]) == (0, notes)


@pytest.mark.feature("JID-01")
@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("henry\u2163@example.com", "\u2163"),
        ("a\x1b[31m@b.example", "\\x1b"),
        ("a\u200bb@c.example", "\\u200b"),
        ("\u05d0\u05d1a@b.example", "a"),
        ("ab\u2163\u05d0@b.example", "\\u2163"),
        ("a\U000e0001@b.example", "\\U000e0001"),
        ("a'@b.example", "'"),
    ],
    ids=ascii,
)
def test_the_mark_stands_under_what_is_meant(capsys: pytest.CaptureFixture[str], text: str, marked: str) -> None:
    assert called("jid", text) == 1
    shown = capsys.readouterr().out
    assert under(shown) == marked
    assert shown.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("text", "position", "line", "column", "width"),
    [
        ("abc", 1, "abc", 1, 1),
        ("\u65e5\u672cx", 2, "\u65e5\u672cx", 4, 1),
        ("\u65e5\u672cx", 1, "\u65e5\u672cx", 2, 2),
        ("\uff21b", 1, "\uff21b", 2, 1),
        ("e\u0301b", 2, "e\u0301b", 1, 1),
        ("e\u0301b", 1, "e\\u0301b", 1, 6),
        ("\u0301b", 1, "\\u0301b", 6, 1),
        ("a\tb", 1, "a\\tb", 1, 2),
        ("a\tb", 2, "a\\tb", 3, 1),
        ("\u05d0b", 1, "\\u05d0b", 6, 1),
        ("\U0001f600!", 1, "\U0001f600!", 2, 1),
        ("ab", 2, "ab", 2, 1),
    ],
    ids=ascii,
)
def test_columns_are_those_of_a_terminal(text: str, position: int, line: str, column: int, width: int) -> None:
    assert marked(text, position, ascii_only=False) == (line, column, width)
    plain, at, wide = marked(text, position, ascii_only=True)
    assert plain.isascii()
    if position < len(text):
        assert plain[at : at + wide] in (text[position], text[position].encode("unicode_escape").decode())


@pytest.mark.feature("URI-01", "URI-02")
def test_a_uri_is_shown_with_what_it_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    text = "xmpp://x@y.example/ji%C5%99i@%C4%8Dechy.example/v%20Praze?message;subject=Ahoj;foo=1#f"
    status, found = told(capsys, "uri", text)
    assert status == 0
    assert [(part["part"], part["result"]) for part in found["parts"]] == [
        ("scheme", "xmpp"), ("authority", "x@y.example"), ("localpart", "ji\u0159i"),
        ("domainpart", "\u010dechy.example"), ("resourcepart", "v Praze"),
        ("query", "message;subject=Ahoj;foo=1"), ("fragment", "f"),
    ]  # fmt: skip
    assert all(text[part["position"] :].startswith(part["text"]) for part in found["parts"])
    assert found["results"] == {
        "URI": text,
        "IRI": "xmpp://x@y.example/ji\u0159i@\u010dechy.example/v%20Praze?message;subject=Ahoj;foo=1#f",
        "address": "ji\u0159i@\u010dechy.example/v Praze",
        "asks to": "Write a message; what is given is there already, for the user to change (XEP-0147)",
    }
    assert found["pairs"] == [
        {"key": "subject", "value": "Ahoj", "known": True}, {"key": "foo", "value": "1", "known": False},
    ]  # fmt: skip
    assert called("uri", text) == 0
    shown = capsys.readouterr().out
    assert "ji%C5%99i  becomes  ji\u0159i" in shown
    assert "1  (not registered: ignored)" in shown


@pytest.mark.feature("URI-01")
@pytest.mark.parametrize(
    ("text", "part", "suggestion"),
    [
        ("a@b.example", "scheme", "xmpp:a@b.example"),
        ("http://a@b.example", "scheme", "xmpp:a@b.example"),
        ("xmpp://b.example/c", "authority", "xmpp:b.example/c"),
        ("xmpp:a@b.example:5222?message", "domainpart", "xmpp:a@b.example?message"),
        ("xmpp:a@b.example/c d|e", "resourcepart", "xmpp:a@b.example/c%20d%7Ce"),
        ("xmpp:a@b.example?message;body=a b", "query", "xmpp:a@b.example?message;body=a%20b"),
        ("xmpp:a@b.example?message&body=x&subject=y", "query", "xmpp:a@b.example?message;body=x;subject=y"),
        ("xmpp:a@b.example?message;body=100%", "query", "xmpp:a@b.example?message;body=100%25"),
        ("xmpp:o%27neil@b.example", "localpart", "xmpp:o%5C27neil@b.example"),
        (" xmpp:a@b.example", "scheme", "xmpp:a@b.example"),
        ("xmpp:a@b.example?roster;name=x;name=y", "query", None),
    ],
)
def test_a_refused_uri(capsys: pytest.CaptureFixture[str], text: str, part: str, suggestion: str | None) -> None:
    status, found = told(capsys, "uri", text)
    assert (status, found["error"]["part"]) == (1, part)
    proposed = [one["text"] for one in found["suggestions"]]
    assert (suggestion in proposed) if suggestion is not None else not proposed
    for one in proposed:
        assert str(XmppURI.parse(one)) == one


@pytest.mark.feature("URI-01", "URI-03")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("xmpp://guest@example.com", "whom to log in as"),
        ("xmpp:a@b.example?duel", "is not registered"),
        ("xmpp:room@b.example?invite;jid=a@b.example", "To the letter of RFC 5122"),
        ("xmpp:fu%C3%9Fball@example.com", "RFC 6122 makes another address of it: fussball@example.com"),
        ("im:fred@example.com?subject=x", "_im._xmpp.example.com."),
        ("xmpp:a@[::1]/x", "a@[::1]/x"),
    ],
)
def test_what_else_is_said_of_a_good_uri(capsys: pytest.CaptureFixture[str], text: str, words: str) -> None:
    assert called("uri", text) == 0
    assert words in capsys.readouterr().out


def test_an_output_without_unicode_gets_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    octets = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(octets, encoding="ascii", write_through=True))
    assert called("jid", "\u65e5\u2163@\u010dechy.example") == 1
    shown = octets.getvalue().decode("ascii")
    assert under(shown) == "\\u2163"


def test_a_line_of_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("juliet@example.com\r\nnot this\n"))
    assert called("jid", "-") == 0
    assert "juliet@example.com" in capsys.readouterr().out


PIECES = st.lists(
    st.sampled_from(
        [*"@/:.-' aB%?#;=&[]", "xmpp:", "im:", "//", "\u2163", "\u0301", "\u05d0", "\x00", "\ud800", "\u3002", "xn--a",
         "b.example", "%C5%99", "%ff", "\U0001f600", "\u200d"]
    ),
    max_size=8,
).map("".join)  # fmt: skip


@given(text=PIECES | st.text(max_size=8))
@example("xmpp:a@b.example/" + " " * 200)
@example("@" * 50)
@example("PRES")
@example("pres:juliet@b.example")
def test_any_text_is_explained_as_the_library_judges_it(text: str) -> None:
    for make in (explain.explain_jid, explain.explain_uri):
        found = make(text)
        try:
            if make is explain.explain_jid:
                jid = JID(text)
                assert found.results["address"] == str(jid)
            elif text.lower().startswith(("im:", "pres:")):
                common = CommonProfileURI.parse(text)
                assert found.results["URI"] == str(common)
            else:
                uri = XmppURI.parse(text)
                _ = uri.action
                assert found.results["URI"] == str(uri)
        except (JIDError, URIError) as error:
            assert found.fault is not None
            assert (found.fault.part, found.fault.rule) == (error.part, error.rule)
        else:
            assert found.fault is None
        assert all(text[part.start :].startswith(part.written) for part in found.parts)
        json.dumps(found.as_json())
        out = io.StringIO()
        explain._Writer(out).tell(found)
        assert out.getvalue().replace("\n", "").isprintable()
