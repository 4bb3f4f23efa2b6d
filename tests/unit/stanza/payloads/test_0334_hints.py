"""XEP-0334: message processing hints."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways

from xmpp_core import Message
from xmpp_core.stanza.payloads.hints import Hint, Wish, wishes


@pytest.mark.feature("X-0334")
@pytest.mark.parametrize("wish", Wish)
def test_section_4_the_elements(wish: Wish) -> None:
    both_ways(f"<{wish.value} xmlns='urn:xmpp:hints'/>", Hint(wish))


@pytest.mark.feature("X-0334")
def test_several_hints_and_those_of_an_error() -> None:
    """Section 3.1, example 1, and section 5."""
    hints = [Hint(Wish.NO_COPY), Hint(Wish.NO_STORE)]
    message = Message(to="juliet@capulet.lit/laptop", body="V unir avtug'f pybnx", payloads=hints)
    assert wishes(message) == {Wish.NO_COPY, Wish.NO_STORE}
    assert wishes(Message(body="x")) == frozenset()
    assert wishes(Message(type="error", payloads=hints)) == frozenset()
