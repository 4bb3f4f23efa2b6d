"""XEP-0071: XHTML-IM. Nothing but the recommended profile is read, and none else can be built."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, SubElement, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payload_shapes import WORDS, both_ways, element, refused

from xmpp_core import Message, PayloadError
from xmpp_core.namespaces import XML_LANG
from xmpp_core.stanza.payload import decode, encode, shape_of, unknown_of
from xmpp_core.stanza.payloads.xhtml_im import (
    DEEPEST,
    IMAGES,
    LINKS,
    STYLES,
    XHTML,
    Html,
    HtmlBody,
    Markup,
    Tag,
)
from xmpp_core.xml.names import canonical, equal

NS = "http://jabber.org/protocol/xhtml-im"
# The table of section 7.8.
PROFILE = {
    "a": {"href", "style", "type"},
    "blockquote": {"style"},
    "body": {"style", XML_LANG},
    "br": set(),
    "cite": {"style"},
    "em": set(),
    "img": {"alt", "height", "src", "style", "width"},
    "li": {"style"},
    "ol": {"style"},
    "p": {"style"},
    "span": {"style"},
    "strong": set(),
    "ul": {"style"},
}  # fmt: skip
AnyMarkup: Any = Markup
AnyBody: Any = HtmlBody


def body(inside: str) -> Element:
    """A body as it is on the wire, white space and all."""
    return fromstring(f"<body xmlns='{XHTML}'>{inside}</body>")


def read(inside: str) -> tuple[Markup | str, ...]:
    return decode(HtmlBody, body(inside)).content


@pytest.mark.feature("X-0071")
def test_a_simple_message() -> None:
    """Section 4, example 1."""
    value = both_ways(
        f"""<html xmlns='{NS}'><body xmlns='{XHTML}'><p style='font-weight:bold'>hi!</p></body></html>""",
        Html((HtmlBody((Markup(Tag.P, ("hi!",), style=(("font-weight", "bold"),)),)),)),
    )
    message = Message(body="hi!", payloads=[value])
    received = Message.view(message.element).get(Html)
    assert received == value
    assert received.bodies[0].plain == message.body


@pytest.mark.feature("X-0071")
def test_texts_between_elements_stay_where_they_are() -> None:
    """Section 9, example 2."""
    source = body(
        "<p style='font-size:large'><em>Wow</em>, I&apos;m <span style='color:green'>green</span> with "
        "<strong>envy</strong>!</p>"
    )
    value = HtmlBody(
        (
            Markup(
                Tag.P,
                (
                    Markup(Tag.EM, ("Wow",)),
                    ", I'm ",
                    Markup(Tag.SPAN, ("green",), style=(("color", "green"),)),
                    " with ",
                    Markup(Tag.STRONG, ("envy",)),
                    "!",
                ),
                style=(("font-size", "large"),),
            ),
        )
    )
    assert decode(HtmlBody, source) == value
    assert equal(encode(value), source)
    assert value.plain == "Wow, I'm green with envy!"


@pytest.mark.feature("X-0071")
def test_an_image_and_a_link() -> None:
    """Section 9, example 4."""
    both_ways(
        f"""<body xmlns='{XHTML}'><a href='http://www.jabber.org/' type='text/html'>Jabber</a>
        <img src='http://www.xmpp.org/images/psa-license.jpg' alt='A License to Jabber' height='261' width='50%'/>
        <br/></body>""",
        HtmlBody(
            (
                Markup(Tag.A, ("Jabber",), href="http://www.jabber.org/", type="text/html"),
                Markup(
                    Tag.IMG,
                    src="http://www.xmpp.org/images/psa-license.jpg",
                    alt="A License to Jabber",
                    height="261",
                    width="50%",
                ),
                Markup(Tag.BR),
            )
        ),
    )
    value = decode(HtmlBody, body("a<br/>b<img src='cid:a@bob.xmpp.org' alt='c'/>"))
    assert value.plain == "a\nbc"


@pytest.mark.feature("X-0071")
def test_bodies_in_several_languages() -> None:
    """Section 9, example 7, and section 5: each has a language of its own."""
    strong = Markup(Tag.P, (Markup(Tag.STRONG, ("awesome!",)),))
    both_ways(
        f"""<html xmlns='{NS}'>
        <body xml:lang='en-US' xmlns='{XHTML}'><p><strong>awesome!</strong></p></body>
        <body xml:lang='de-DE' xmlns='{XHTML}'><p><strong>awesome!</strong></p></body></html>""",
        Html((HtmlBody((strong,), lang="en-US"), HtmlBody((strong,), lang="de-DE"))),
    )
    for languages in (
        ("", ""),
        ("xml:lang='de'", ""),
        ("xml:lang='de'", "xml:lang='DE'"),
        ("xml:lang='de'", "xml:lang='?'"),
    ):
        bodies = "".join(f"<body xmlns='{XHTML}' {one}/>" for one in languages)
        refused(Html, f"<html xmlns='{NS}'>{bodies}</html>", "html/body/@xml:lang")


@pytest.mark.feature("X-0071")
def test_what_is_not_recognized_is_left_out_and_its_text_is_not() -> None:
    """Section 9, example 8, and section 12.2."""
    assert read("<p>The <acronym>XHTML</acronym> user</p><ol type='1' start='4'><li id='x'>If</li></ol>") == (
        Markup(Tag.P, ("The XHTML user",)),
        Markup(Tag.OL, (Markup(Tag.LI, ("If",)),)),
    )
    assert read("<div>a<h1>b<em onclick='x'>c</em></h1>d</div>e") == ("ab", Markup(Tag.EM, ("c",)), "de")
    assert read("a<x xmlns='urn:example'>b<p xmlns='http://www.w3.org/1999/xhtml'>c</p></x>d") == ("ad",)
    assert read("<br>a</br>") == (Markup(Tag.BR), "a")


@pytest.mark.feature("X-0071")
@pytest.mark.parametrize(
    ("inside", "content"),
    [
        ("<script>alert(1)</script>", ("alert(1)",)),
        ("<iframe src='http://a.example'/>", ()),
        ("<p onclick='alert(1)'>a</p>", (Markup(Tag.P, ("a",)),)),
        ("<a href='javascript:alert(1)'>a</a>", ("a",)),
        ("<a href='JavaScript:alert(1)'>a</a>", ("a",)),
        ("<a href=' &#9;javascript:alert(1)'>a</a>", ("a",)),
        ("<a href='java&#10;script:alert(1)'>a</a>", ("a",)),
        ("<a href='vbscript:a'>a</a>", ("a",)),
        ("<a href='http://a.example/\u202egnp.exe'>a</a>", ("a",)),
        ("<a href='data:text/html,a'>a</a>", ("a",)),
        ("<a href='/a'>a</a>", ("a",)),
        ("<a href='//a.example'>a</a>", ("a",)),
        ("<a href='http://a.example/&quot;&gt;'>a</a>", ("a",)),
        ("<a>a</a>", ("a",)),
        (
            "<a href='http://a.example' type='a' target='_top' rel='next'>a</a>",
            (Markup(Tag.A, ("a",), href="http://a.example"),),
        ),
        ("<img src='javascript:a' alt='b'/>", ("b",)),
        ("<img src='data:image/png;base64,AA=='/>", ()),
        ("<img alt='b'>c</img>", ("bc",)),
        (
            "<img src='https://a.example' height='1px' width='9' onerror='a'/>",
            (Markup(Tag.IMG, src="https://a.example", alt="", width="9"),),
        ),
        ("<html><head><title>a</title></head><body>b</body></html>", ("ab",)),
        ("<em style='color:red'>a</em>", (Markup(Tag.EM, ("a",)),)),
    ],
)
def test_what_may_do_harm_is_left_out(inside: str, content: tuple[Markup | str, ...]) -> None:
    """Sections 7.1, 7.5, 7.8 and 11.1."""
    assert read(inside) == content
    assert decode(HtmlBody, encode(HtmlBody(content))) == HtmlBody(content)


@pytest.mark.feature("X-0071")
@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("color: red", {"color": "red"}),
        ("COLOR:#Fff;;", {"color": "#Fff"}),
        ("color:rgb(1, 2,3%)", {"color": "rgb(1, 2,3%)"}),
        ("color:red;color:blue", {"color": "blue"}),
        ("background-color:#123456", {"background-color": "#123456"}),
        ("font-family:'DejaVu Sans', Times New Roman, \"明朝\", serif", None),
        ("font-size:.5em", {"font-size": ".5em"}),
        ("font-size:x-large", {"font-size": "x-large"}),
        ("font-style:oblique;font-weight:700", {"font-style": "oblique", "font-weight": "700"}),
        ("margin-left:5%;margin-right:0", {"margin-left": "5%", "margin-right": "0"}),
        ("text-align:justify", {"text-align": "justify"}),
        ("text-decoration:underline overline", {"text-decoration": "underline overline"}),
        ("margin-left:-999px", {}),
        ("position:fixed;top:0", {}),
        ("background-color:url(http://a.example)", {}),
        ("background:red", {}),
        ("color:expression(alert(1))", {}),
        ("color:red/**/", {}),
        ("color:re\\64", {}),
        ("color:red !important", {}),
        ("color:\u212ahaki", {}),
        ("font-family:'a;b'", {}),
        ("font-family:a'", {}),
        ("font-size:1;font-size:99999999px", {}),
        ("color", {}),
        ("", {}),
    ],
)
def test_which_style_is_kept(style: str, kept: dict[str, str] | None) -> None:
    """Section 7.6.1."""
    source = body("<span/>")
    source[0].set("style", style)
    [span] = decode(HtmlBody, source).content
    assert isinstance(span, Markup)
    assert span.style == tuple((dict([style.split(":")]) if kept is None else kept).items())
    assert AnyMarkup(Tag.SPAN, style=span.style) == span


@pytest.mark.feature("X-0071")
@pytest.mark.parametrize(
    "build",
    [
        lambda: AnyMarkup("p"),
        lambda: AnyMarkup(Tag.P, "a"),
        lambda: AnyMarkup(Tag.P, ["a"]),
        lambda: AnyMarkup(Tag.P, (Element("p"),)),
        lambda: AnyMarkup(Tag.BR, ("a",)),
        lambda: AnyMarkup(Tag.A, ("a",)),
        lambda: AnyMarkup(Tag.A, href="javascript:a"),
        lambda: AnyMarkup(Tag.A, href=" http://a.example"),
        lambda: AnyMarkup(Tag.A, href=1),
        lambda: AnyMarkup(Tag.A, href="http://a.example", src="http://a.example"),
        lambda: AnyMarkup(Tag.A, href="http://a.example", type="a"),
        lambda: AnyMarkup(Tag.P, href="http://a.example"),
        lambda: AnyMarkup(Tag.IMG, src="http://a.example"),
        lambda: AnyMarkup(Tag.IMG, src="xmpp:a@b.example", alt=""),
        lambda: AnyMarkup(Tag.IMG, src="cid:a", alt=1),
        lambda: AnyMarkup(Tag.IMG, src="cid:a", alt="", width="wide"),
        lambda: AnyMarkup(Tag.EM, style=(("color", "red"),)),
        lambda: AnyMarkup(Tag.P, style={"color": "red"}),
        lambda: AnyMarkup(Tag.P, style=(("color", "red"), ("color", "blue"))),
        lambda: AnyMarkup(Tag.P, style=(("top", "0"),)),
        lambda: AnyMarkup(Tag.P, style=(("color", 1),)),
        lambda: AnyMarkup(Tag.P, style=(([], ""),)),
        lambda: AnyMarkup(Tag.P, style=("color",)),
        lambda: AnyMarkup(Tag.P, style=(1,)),
        lambda: AnyBody("a"),
        lambda: AnyBody(lang="?"),
        lambda: AnyBody(lang=1),
        lambda: AnyBody(style=(("top", "0"),)),
        lambda: Html((HtmlBody(), HtmlBody())),
    ],
)
def test_nothing_else_can_be_built(build: Callable[[], object]) -> None:
    with pytest.raises(PayloadError):
        build()


def nested(depth: int) -> Markup:
    found = Markup(Tag.SPAN)
    for _ in range(depth - 1):
        found = Markup(Tag.SPAN, (found,))
    return found


@pytest.mark.parametrize("tag", ["span", "div"])
def test_nesting_has_a_limit_on_both_ways(tag: str) -> None:
    deep = nested(DEEPEST - 1)
    assert decode(HtmlBody, encode(HtmlBody((deep,)))) == HtmlBody((deep,))
    assert hash(deep) == hash(nested(DEEPEST - 1))
    assert "span" in repr(deep).lower()
    with pytest.raises(PayloadError, match="nested too deeply"):
        HtmlBody((Markup(Tag.SPAN, (deep,)),))
    for levels in (DEEPEST, 5000):
        root = top = Element(f"{{{XHTML}}}body")
        for _ in range(levels):
            top = SubElement(top, f"{{{XHTML}}}{tag}")
        with pytest.raises(PayloadError, match="nested too deeply"):
            decode(HtmlBody, root)


def test_a_tree_is_a_plain_value() -> None:
    one = Markup(Tag.P, ("a", "b", "", Markup(Tag.BR), ""))
    assert one == Markup(Tag.P, ("ab", Markup(Tag.BR)))
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == dataclasses.replace(one) == one
    assert not hasattr(one, "__dict__")
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.content = ()  # type: ignore[misc]
    match one:
        case Markup(Tag.P, (str(words), Markup(Tag.BR))):
            assert words == "ab"
        case _:
            raise AssertionError(one)


def test_what_was_read_is_nowhere_to_be_found() -> None:
    text = f"<html xmlns='{NS}' a='b'><script xmlns='{XHTML}'/><body xmlns='{XHTML}' onload='x'><script/></body></html>"
    value = decode(Html, element(text))
    assert value == Html((HtmlBody(),))
    for one in (value, value.bodies[0]):
        unknown = unknown_of(one)
        assert (unknown.attributes, unknown.elements, unknown.text) == ({}, (), None)
    assert shape_of(HtmlBody).fields == ()


# Trees of elements as a peer may send them: of the profile, of XHTML, of anything.
NAMES = [f"{{{XHTML}}}{one}" for one in (*PROFILE, "script", "div", "table", "object", "form")]
ATTRIBUTES = [
    "style",
    "href",
    "src",
    "alt",
    "type",
    "height",
    "width",
    "onclick",
    "class",
    "id",
    XML_LANG,
    "formaction",
]
VALUES = WORDS | st.sampled_from(
    [
        "https://a.example/b",
        "javascript:alert(1)",
        "cid:a@b",
        "color:red",
        "color:red;top:0",
        "top:expression(a)",
        "5",
        "de",
    ]
)


@st.composite
def trees(draw: st.DrawFn) -> Element:
    root = Element(f"{{{XHTML}}}body", draw(st.dictionaries(st.sampled_from(ATTRIBUTES), VALUES, max_size=2)))
    root.text = draw(WORDS)
    all_of_them = [root]
    for _ in range(draw(st.integers(0, 12))):
        name = draw(st.sampled_from([*NAMES, "{urn:example}p", "p"]))
        given_ = draw(st.dictionaries(st.sampled_from(ATTRIBUTES), VALUES, max_size=4))
        one = SubElement(draw(st.sampled_from(all_of_them)), name, given_)
        one.text, one.tail = draw(WORDS), draw(WORDS)
        all_of_them.append(one)
    return root


def shown(root: Element) -> str:
    """All the text of XHTML that is to be presented."""
    parts = [root.text or ""]
    for child in root:
        if child.tag.startswith(f"{{{XHTML}}}"):
            parts.append(shown(child))
        parts.append(child.tail or "")
    return "".join(parts)


@pytest.mark.feature("X-0071")
@given(trees())
def test_whatever_comes_the_profile_is_all_there_is(source: Element) -> None:
    """Sections 7.8, 11.1 and 12.2: what is written again is of the profile, and no text was lost."""
    before = canonical(source)
    value = decode(HtmlBody, source)
    assert canonical(source) == before
    made = encode(value)
    assert decode(HtmlBody, made) == value
    for one in made.iter():
        namespace, _, name = one.tag[1:].partition("}")
        assert namespace == XHTML
        assert set(one.attrib) <= PROFILE[name]
        assert one.get("href", "http:").partition(":")[0].lower() in LINKS
        assert one.get("src", "http:").partition(":")[0].lower() in IMAGES
        for declaration in filter(None, one.get("style", "").split("; ")):
            key, _, words = declaration.partition(":")
            assert STYLES[key].fullmatch(words)
    text = shown(source)
    kept = iter(shown(made))
    assert all(letter in kept for letter in text), "a text was lost"
