"""Stream errors as they are built and as they come (RFC 6120 section 4.9)."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest

import xmpp_core as xmpp
from xmpp_core.stream.conditions import redirect_of

_STREAM = "xmlns:stream='http://etherx.jabber.org/streams'"
_NS = "xmlns='urn:ietf:params:xml:ns:xmpp-streams'"


def read(inside: str) -> xmpp.StreamError:
    return xmpp.StreamError.read(fromstring(f"<stream:error {_STREAM}>{inside}</stream:error>"))


@pytest.mark.feature("STR-10", "STR-12")
@pytest.mark.parametrize(
    ("inside", "condition", "text"),
    [
        (f"<conflict {_NS}/>", "conflict", None),
        (f"<conflict {_NS}/><reset {_NS}/>", "conflict", None),
        (f"<text {_NS}>why</text><conflict {_NS}/>", "conflict", "why"),
        (f"<made-up {_NS}/>", "undefined-condition", None),
        ("<app xmlns='urn:app'/>", "undefined-condition", None),
        ("", "undefined-condition", None),
        ("Disconnected", "undefined-condition", "Disconnected"),
        # RFC 3920 section 4.7.3 knew other names.
        (f"<xml-not-well-formed {_NS}/>", "not-well-formed", None),
        (f"<invalid-id {_NS}/>", "undefined-condition", None),
        # A redirect that leads nowhere.
        (f"<see-other-host {_NS}/>", "undefined-condition", None),
        (f"<see-other-host {_NS}>a@b</see-other-host>", "undefined-condition", None),
        (f"<see-other-host {_NS}>a:b</see-other-host>", "undefined-condition", None),
        (f"<see-other-host {_NS}>a:0</see-other-host>", "undefined-condition", None),
        (f"<see-other-host {_NS}>a:65536</see-other-host>", "undefined-condition", None),
        (f"<see-other-host {_NS}>a:\u0661</see-other-host>", "undefined-condition", None),
    ],
)
def test_whatever_comes_is_read_as_one_of_the_25(inside: str, condition: str, text: str | None) -> None:
    error = read(inside)
    assert (error.condition, error.text) == (condition, text)
    assert redirect_of(error) is None


@pytest.mark.feature("STR-11")
def test_white_space_around_a_redirect_is_no_part_of_it() -> None:
    error = read(f"<see-other-host {_NS}> other.example:5223\n</see-other-host>")
    assert redirect_of(error) == xmpp.Redirect("other.example", 5223)


@pytest.mark.feature("STR-12")
def test_an_application_condition_is_carried_both_ways() -> None:
    error = xmpp.StreamError("undefined-condition", application=Element("{urn:app}too-many"))
    again = xmpp.StreamError.read(error.element())
    assert again.application is not None
    assert again.application.tag == "{urn:app}too-many"
    assert again.text is None
    spoken = xmpp.StreamError("reset", "words").element()
    assert [child.attrib for child in spoken] == [{}, {}]
    assert read("<stream:features/><app xmlns='urn:app'/>").application is not None
    assert read(f"<reset {_NS}/><stream:features/>").application is None


@pytest.mark.feature("STR-12")
@pytest.mark.parametrize(
    "tag", ["{urn:ietf:params:xml:ns:xmpp-streams}mine", "{http://etherx.jabber.org/streams}features"]
)
def test_an_application_condition_has_a_namespace_of_its_own(tag: str) -> None:
    with pytest.raises(ValueError, match=r"section 4\.9\.4"):
        xmpp.StreamError("undefined-condition", application=Element(tag))
