"""XEP-0335: JSON containers."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import PayloadError
from xmpp_core.stanza.payloads.json_container import JsonContainer


@pytest.mark.feature("X-0335")
def test_a_container() -> None:
    """Section 3, example 2."""
    read = both_ways('<json xmlns="urn:xmpp:json:0">{ "name": "romeo" }</json>', JsonContainer('{ "name": "romeo" }'))
    assert read.value() == {"name": "romeo"}
    assert JsonContainer.of({"name": "Ψ", "ages": [1, None]}).text == '{"name":"Ψ","ages":[1,null]}'
    refused(JsonContainer, "<json xmlns='urn:xmpp:json:0'/>", "json/text()")


@pytest.mark.feature("X-0335")
@pytest.mark.parametrize("text", [" ", "romeo", "{", "{'a': 1}", "NaN", "[Infinity]", "[" * 100_000, "1 2"])
def test_what_is_no_json(text: str) -> None:
    """Section 4: whoever uses it checks it."""
    with pytest.raises(PayloadError):
        JsonContainer(text).value()


def test_what_json_cannot_hold() -> None:
    with pytest.raises(ValueError, match="JSON"):
        JsonContainer.of(float("nan"))
    with pytest.raises(TypeError):
        JsonContainer.of(b"")
