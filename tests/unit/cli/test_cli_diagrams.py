"""The drawings of `xmpp-core inspect`: their grammars, their bounds, and that nothing runs out of its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from xmpp_core.cli.main import main
from xmpp_core.cli.timeline.mermaid import escaped

Raw = Callable[[bytes], str]
STREAM = b"xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
OPEN = b"<stream:stream to='example.com' " + STREAM + b" version='1.0'>"
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    b"<message to='; end&#xa;%%{init: x}%% #35; &lt;script> --> &quot; \xe2\x80\xae: wrap:'/>"
    b"<presence type='loop x'/><iq type='activate R' id='1'/></stream:stream>"
)


def drawn(capsys: pytest.CaptureFixture[str], name: str, form: str) -> str:
    main(["inspect", name, f"--{form}"])
    shown, wrong = capsys.readouterr()
    assert wrong == ""
    return shown


# The part of the grammar of Mermaid's sequence diagrams that is used, strictly: `#` and `;` are in codes alone.
TEXT = r"(?:[\w .,()/@=:'-]|#\d+;)+"
MERMAID = re.compile(
    rf"sequenceDiagram\n    participant I as {TEXT}\n    participant R as {TEXT}\n"
    rf"(?:    (?:(?:I(?:->>|-x)R|R(?:->>|-x)I)|Note over I,R): {TEXT}\n)+",
    re.ASCII,
)


@pytest.mark.parametrize("end", ["closed", "broken", "open"])
def test_the_mermaid_diagram_has_its_grammar(end: str, record: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shown = drawn(capsys, str(record(end=end) / "server.txt"), "mermaid")
    assert MERMAID.fullmatch(shown)
    lines = shown.splitlines()
    assert lines[1:4] == [
        "    participant I as client",
        "    participant R as server",
        "    I->>R: opens a stream to example.com (RFC 6120 section 4.2)",
    ]
    assert "    Note over I,R: TLS in place" in lines
    assert ("    I->>R: closes the stream (RFC 6120 section 4.4)" in lines) is (end == "closed")
    assert any(line.startswith("    I-xR: breaks a rule") for line in lines) is (end == "broken")


def test_a_peer_writes_nothing_into_the_mermaid_diagram_but_text(raw: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    shown = drawn(capsys, raw(OPEN + HOSTILE), "mermaid")
    assert MERMAID.fullmatch(shown)
    assert shown.count("\n") == 10
    assert "#60;script#62;" in shown


def test_mermaid_text_comes_back() -> None:
    text = 'a;#%<>"\\ é\u4f60 end: wrap:\n'
    assert re.sub(r"#(\d+);", lambda found: chr(int(found[1])), escaped(text)) == text


def parts(shown: str) -> Element:
    root: Element = fromstring(shown)
    assert root.tag == f"{SVG}svg"
    return root


@pytest.mark.parametrize("end", ["closed", "broken"])
def test_the_svg_diagram_says_the_same(end: str, record: Any, capsys: pytest.CaptureFixture[str]) -> None:
    name = str(record(end=end) / "server.txt")
    root = parts(drawn(capsys, name, "svg"))
    texts = [one.text or "" for one in root.iter(f"{SVG}text")]
    together = " ".join(texts)
    for line in drawn(capsys, name, "mermaid").splitlines()[3:]:
        said = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), line.partition(": ")[2])
        words = re.sub(r" \((?:RFC|XEP)[^()]*\)$", "", re.sub(r"^(error|warning): ", "", said))
        assert words in together
    assert {"client", "server", "0.250 s"} <= set(texts)
    arrows = [one for one in root.iter(f"{SVG}line") if one.get("class") == "line"]
    assert len(arrows) == len(list(root.iter(f"{SVG}path"))) > 20
    assert any(one.get("class") == "error" for one in root.iter(f"{SVG}g")) is (end == "broken")


def test_everything_in_the_svg_diagram_is_inside_it(raw: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    long = b"<message to='%s'/><presence to='%s'/><w xmlns='%s'/>" % (b"W" * 300, b"W " * 150, b"W" * 300)
    root = parts(drawn(capsys, raw(OPEN + long + HOSTILE), "svg"))
    wide, tall = int(root.get("width", "")), int(root.get("height", ""))
    assert root.get("viewBox") == f"0 0 {wide} {tall}"
    ys = []
    for text in root.iter(f"{SVG}text"):
        x, y, length = int(text.get("x", "")), int(text.get("y", "")), len(text.text or "")
        assert text.get("text-anchor") in ("middle", "end")
        assert 0 < y < tall
        assert x - length * 4 > 0
        assert x + (length * 4 if text.get("text-anchor") == "middle" else 0) < wide
        if text.get("class") in ("words", "where"):
            ys.append(y)
    assert ys == sorted(set(ys)), "no two lines of text lie on each other"
    for one in root.iter(f"{SVG}rect"):
        place = [int(one.get(name, "0")) for name in ("x", "y", "width", "height")]
        assert place[0] + place[2] <= wide
        assert place[1] + place[3] <= tall


def test_a_peer_writes_nothing_into_the_svg_diagram_but_text(raw: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    shown = drawn(capsys, raw(OPEN + HOSTILE), "svg")
    assert shown.isascii()
    tags = {one.tag.removeprefix(SVG) for one in parts(shown).iter()}
    assert tags == {"svg", "title", "style", "rect", "line", "g", "path", "text"}
    for word in ("href", "http://www.w3.org/1999", "url(", "@import"):
        assert word not in shown


@pytest.mark.parametrize("form", ["svg", "mermaid"])
def test_a_long_record_is_drawn_in_part(form: str, raw: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    shown = drawn(capsys, raw(OPEN + b"<presence/>" * 1000 + b"</stream:stream>"), form)
    assert shown.count("is available") == 399
    assert "602 more are not drawn" in shown
    assert "closed by the client" in shown
