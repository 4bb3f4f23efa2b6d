"""What RFC 6120 section 13.8 makes mandatory is there, and a configuration that drops it can be told so."""

from __future__ import annotations

import pytest

from xmpp_core.sasl.mandatory import MANDATORY, unmet


@pytest.mark.feature("MTI-01", "CH-13")
def test_nothing_mandatory_is_missing() -> None:
    assert unmet() == ()
    assert {one.name for one in MANDATORY} >= {"SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "EXTERNAL"}


@pytest.mark.feature("MTI-01")
def test_what_a_configuration_leaves_out_is_told() -> None:
    names = tuple(one.name for one in MANDATORY)
    assert unmet(names, names) == ()
    lacking = unmet(("SCRAM-SHA-256",), names[1:])
    assert [(one.name, side) for one, side in lacking] == [
        ("SCRAM-SHA-1", "client"),
        ("SCRAM-SHA-1", "server"),
        ("SCRAM-SHA-1-PLUS", "client"),
        ("EXTERNAL", "client"),
        ("PLAIN", "client"),
        ("SCRAM-SHA-256-PLUS", "client"),
    ]
