"""Any text is a URI, or a `URIError` says why not; and the work grows as the text does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xmpp_core.jid import JID, JIDError
from xmpp_core.uri import CommonProfileURI, Query, URIError, XmppURI, iri_to_uri, uri_to_iri

PIECES = [
    *"/@?#;=&% :.-\\a", "xmpp:", "//", "%4", "%41", "%C5%99", "%C5", "%ff", "%00", "%2F", "[::1]", "b.example",
    "message", "roster", "invite", "jid", "size", "xn--", "\u0159", "\u202e", "\ud800", "\U0001f600", "\ufdd0",
    "\ue000", "\uff0e",
]  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


@pytest.mark.feature("URI-01", "URI-02")
@given(text=TEXTS.map("xmpp:".__add__))
@example("xmpp:[")
@example("xmpp:a@%5B::1%5D")
@example("xmpp:a%2Fb.example/c")
@example("xmpp:%61%40b.example")
@example("xmpp://a@b.example/%2F%2Fc@d.example")
def test_any_text_is_read_or_refused_and_read_again_alike(text: str) -> None:
    for strict in (False, True):
        try:
            uri = XmppURI.parse(text, strict=strict)
        except URIError as error:
            assert error.section.startswith(("RFC ", "XEP-"))
            assert error.position is None or 0 <= error.position <= len(text)
            continue
        assert uri.uri.isascii()
        for again in (uri.uri, uri.iri):
            assert XmppURI.parse(again, strict=True) == uri
        assert iri_to_uri(uri.iri) == uri.uri
        assert uri_to_iri(uri.uri) == uri.iri
        try:
            action = uri.action
        except URIError:
            continue
        if action is not None:
            assert XmppURI(uri.jid, action.query, authority=uri.authority).action == action


@pytest.mark.feature("URI-01")
@given(text=TEXTS)
def test_any_text_at_all(text: str) -> None:
    for read in (XmppURI.parse, CommonProfileURI.parse, uri_to_iri, iri_to_uri, Query.parse):
        try:
            read(text)
        except URIError as error:
            assert str(error)


@pytest.mark.feature("URI-01")
@given(
    local=st.none() | st.text(min_size=1, max_size=8),
    resource=st.none() | st.text(min_size=1, max_size=8),
    kind=st.text(max_size=6),
    pairs=st.lists(st.tuples(st.text(max_size=6), st.text(max_size=6)), max_size=3),
)
def test_what_is_built_is_read_again(
    local: str | None, resource: str | None, kind: str, pairs: list[tuple[str, str]]
) -> None:
    try:
        uri = XmppURI(JID.of(local, "b.example", resource), Query(kind, tuple(pairs)))
    except (JIDError, URIError):
        return
    assert XmppURI.parse(str(uri)) == uri
    assert XmppURI.parse(uri.uri, strict=True) == XmppURI.parse(uri.iri, strict=True) == uri


def work(call: Callable[[str], object], text: str) -> int:
    """Lines of Python run, in any file, while `call` reads `text`; the patterns give nothing back."""
    lines = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call(text)
    except URIError:
        pass
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.heavy
@pytest.mark.feature("URI-01")
@pytest.mark.parametrize(
    "piece", ["%41", "%C5%99", "%", "%ff", ";", ";a=b", ";a", "=", "&", "/", "@", "a", "\u0159", "?", ":", "a%"]
)
@pytest.mark.parametrize(
    "head", ["xmpp:", "xmpp:a@b.example/", "xmpp:b.example?", "xmpp:b.example?message;body=", "xmpp:b.example#"]
)
def test_work_is_linear(head: str, piece: str) -> None:
    counts = [work(lambda text: str(XmppURI.parse(text)), head + piece * size) for size in (2000, 4000, 8000)]
    assert counts[1] <= 2.3 * counts[0] + 100
    assert counts[2] <= 2.3 * counts[1] + 100
