"""XEP-0393: message styling."""

from __future__ import annotations

import sys
from collections import Counter
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payload_shapes import both_ways

from xmpp_core import Message
from xmpp_core.stanza.payloads import styling
from xmpp_core.stanza.payloads.styling import Line, LineKind, SpanKind, Unstyled, styled, styled_body

PLAIN, OPENING, PREFORMATTED, CLOSING = LineKind


def spans(text: str) -> list[str]:
    """What is styled in a line."""
    (line,) = styled(text)
    assert all(text[one.start] == text[one.end - 1] == one.kind.value for one in line.spans)
    return [text[one.start : one.end] for one in line.spans]


def lines(text: str) -> list[tuple[LineKind, int, str]]:
    return [(one.kind, one.depth, text[one.start : one.end]) for one in styled(text)]


@pytest.mark.feature("X-0393")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain span", []),
        ("*strong span*", ["*strong span*"]),
        ("plain _emphasis_ plain", ["_emphasis_"]),
        ("`pre` plain *strong*", ["`pre`", "*strong*"]),
        ("*strong*plain*", ["*strong*"]),
        ("* plain *strong*", ["*strong*"]),
        ("not strong*", []),
        ("*not strong", []),
        ("*not *strong", []),
        ("**", []),
        ("***", []),
        ("****", []),
    ],
)
def test_section_6_2_its_list(text: str, expected: list[str]) -> None:
    assert spans(text) == expected


@pytest.mark.feature("X-0393")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Two spans, both *alike in dignity*", ["*alike in dignity*"]),
        ("The full title is _Twelfth Night, or What You Will_ but", ["_Twelfth Night, or What You Will_"]),
        ("_most_ people shorten it.", ["_most_"]),
        ('The full title is "Twelfth Night, or What You Will" but', []),
        ("Everyone ~dis~likes cake.", ["~dis~"]),
        ("Wow, I can write in `monospace`!", ["`monospace`"]),
        ("This is `monospace`", ["`monospace`"]),
        ("This is `*monospace*`", ["`*monospace*`"]),
        ("This is *`monospace and bold`*", ["*`monospace and bold`*", "`monospace and bold`"]),
    ],
)
def test_sections_6_2_1_to_6_2_5(text: str, expected: list[str]) -> None:
    """Examples 7 to 11, and the list of section 6.2.5."""
    assert spans(text) == expected


@pytest.mark.feature("X-0393")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*_~all~_*", ["*_~all~_*", "_~all~_", "~all~"]),
        ("*one _two_* three", ["*one _two_*", "_two_"]),
        ("*one* _two_ ~three~", ["*one*", "_two_", "~three~"]),
        ("*this cannot _overlap*_", ["*this cannot _overlap*"]),  # a span does not leave the one it is in
        ("_no `with *children*`_", ["_no `with *children*`_", "`with *children*`"]),
        ("*a*_b_", ["*a*"]),  # what opens stands after another that opens, not after one that closes
        ("x*a*", []),
        ("(*a*)", []),
        ("*a *b* c*", ["*a *b*"]),  # the second star cannot close: white space before it
        ("*a\u3000*", []),
        ("\u2028*a*", ["*a*"]),
        ("*\xa0a*", []),
        ("**a*", []),  # the first two have nothing between; the third then has none to close
        ("*_a*", ["*_a*"]),  # nothing closes the inner one before the outer ends
        ("_*a_", ["_*a_"]),
        ("*_a_*b_", ["*_a_*", "_a_"]),
        ("", []),
        ("*", []),
        ("* *", []),
    ],
)
def test_section_6_2_the_rules(text: str, expected: list[str]) -> None:
    assert spans(text) == expected


@pytest.mark.feature("X-0393")
def test_section_6_1_1_spans_stay_in_their_line() -> None:
    """Example 2, and the list of section 6.2."""
    text = "There are three blocks in this body, one per line,\nbut there is no *formatting\nas spans* may not."
    assert [one.kind for one in styled(text)] == [PLAIN] * 3
    assert not any(one.spans for one in styled(text))
    assert not any(one.spans for one in styled("*not \n strong*"))


@pytest.mark.feature("X-0393")
def test_section_6_1_2_preformatted_blocks() -> None:
    """Examples 3 and 4."""
    assert lines('```ignored\n(println "Hello, *world*!")\n```\n\nThis should') == [
        (OPENING, 0, "```ignored"),
        (PREFORMATTED, 0, '(println "Hello, *world*!")'),
        (CLOSING, 0, "```"),
        (PLAIN, 0, ""),
        (PLAIN, 0, "This should"),
    ]
    assert lines('> ```\n> (println "Hello, world!")\n\nThe entire') == [
        (OPENING, 1, "```"),
        (PREFORMATTED, 1, '(println "Hello, world!")'),
        (PLAIN, 0, ""),
        (PLAIN, 0, "The entire"),
    ]


@pytest.mark.feature("X-0393")
def test_section_6_1_2_where_they_end() -> None:
    assert lines("````\na\n```") == [(OPENING, 0, "````"), (PREFORMATTED, 0, "a"), (CLOSING, 0, "```")]
    assert lines("```\na```") == [(OPENING, 0, "```"), (PREFORMATTED, 0, "a```")]
    assert lines("```\n> a\n``` \n```")[1:] == [
        (PREFORMATTED, 0, "> a"),  # holds no blocks
        (PREFORMATTED, 0, "``` "),  # three accents and nothing else end it
        (CLOSING, 0, "```"),
    ]
    assert lines("> ```\n> > a\n> ```\n> *b*") == [
        (OPENING, 1, "```"),
        (PREFORMATTED, 1, "> a"),
        (CLOSING, 1, "```"),
        (PLAIN, 1, "*b*"),
    ]
    assert lines("> ```\n```\na") == [(OPENING, 1, "```"), (OPENING, 0, "```"), (PREFORMATTED, 0, "a")]
    assert lines("a ```\nb") == [(PLAIN, 0, "a ```"), (PLAIN, 0, "b")]


@pytest.mark.feature("X-0393")
def test_section_6_1_3_quotations() -> None:
    """Examples 5 and 6."""
    assert lines("> That that is, is.\n\nSaid the old hermit of Prague.") == [
        (PLAIN, 1, "That that is, is."),
        (PLAIN, 0, ""),
        (PLAIN, 0, "Said the old hermit of Prague."),
    ]
    assert lines(">> That that is, is.\n> Said the old hermit of Prague.\n\nWho?") == [
        (PLAIN, 2, "That that is, is."),
        (PLAIN, 1, "Said the old hermit of Prague."),
        (PLAIN, 0, ""),
        (PLAIN, 0, "Who?"),
    ]
    assert lines("> > a\n>  b\n>\n >c") == [(PLAIN, 2, "a"), (PLAIN, 1, " b"), (PLAIN, 1, ""), (PLAIN, 0, " >c")]
    (line,) = styled("> *a*")
    assert line == Line(PLAIN, 1, 0, 2, 5, (styling.Span(SpanKind.STRONG, 2, 5),))


@pytest.mark.feature("X-0393")
def test_section_7_styling_may_be_off() -> None:
    """Example 12."""
    both_ways("<unstyled xmlns='urn:xmpp:styling:0'/>", Unstyled())
    message = Message(body="> _ <")
    assert styled_body(message) == styled("> _ <")
    assert styled_body(message.with_payload(Unstyled())) is None
    assert styled_body(Message()) is None


BODIES = st.text(st.sampled_from("*_~`> \n\tab\u3000"), max_size=60)


@pytest.mark.feature("X-0393")
@given(BODIES)
def test_every_body_is_covered_and_every_span_keeps_the_rules(body: str) -> None:
    found = styled(body)
    assert "\n".join(body[one.begin : one.end] for one in found) == body
    fences = 0
    for line in found:
        assert line.begin <= line.start <= line.end
        assert set(body[line.begin : line.start]) <= set("> \t\u3000")
        assert body[line.begin : line.start].count(">") == line.depth
        assert line.kind is PLAIN or not line.spans
        fences += line.kind is OPENING
        assert (line.kind in (PLAIN, OPENING)) or fences, "nothing is preformatted that was not opened"
        around: list[styling.Span] = []
        starts = {one.start: one for one in line.spans}
        last = -1
        for one in line.spans:
            assert last < one.start
            last = one.start
            inner = body[one.start + 1 : one.end - 1]
            assert inner
            assert not inner[0].isspace()
            assert not inner[-1].isspace()
            assert one.start == line.start or body[one.start - 1].isspace() or one.start - 1 in starts
            while around and around[-1].end <= one.start:
                around.pop()
            if around:
                assert one.end < around[-1].end
                assert around[-1].kind not in (one.kind, SpanKind.PREFORMATTED)
            around.append(one)


def steps(body: str) -> int:
    """How many lines of the parser are run: work, whatever machine it is."""
    count: Counter[str] = Counter()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename != styling.__file__:
            return None
        count[event] += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        styled(body)
    finally:
        sys.settrace(before)
    return count["line"]


@pytest.mark.feature("X-0393")
@pytest.mark.parametrize("unit", [">", "> ", "*a ", " *a", "*_~", "*", "`*a", "```\n", "> ```\n", "*_a ", "a* "])
def test_the_work_is_in_proportion_to_the_body(unit: str) -> None:
    small, large = steps(unit * 200), steps(unit * 1600)
    assert large < small * 8 * 1.2
