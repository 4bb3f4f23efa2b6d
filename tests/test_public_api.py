from __future__ import annotations

from pathlib import Path

import xmpp_core

NAMES = Path(__file__).parent / "data" / "public_api.txt"


def test_the_public_names_are_those_agreed_on() -> None:
    assert sorted(xmpp_core.__all__) == NAMES.read_text().split()


def test_each_public_name_is_there_and_documented() -> None:
    for name in xmpp_core.__all__:
        found = getattr(xmpp_core, name)
        if isinstance(found, type) or callable(found):
            assert (found.__doc__ or "").strip(), name
