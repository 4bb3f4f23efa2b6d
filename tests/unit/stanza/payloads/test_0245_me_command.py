"""XEP-0245: the /me command."""

from __future__ import annotations

import pytest

from xmpp_core.stanza.payloads.me_command import action, presented


@pytest.mark.feature("X-0245")
def test_section_2_a_command() -> None:
    assert action("/me shrugs in disgust") == "shrugs in disgust"
    assert presented("/me shrugs in disgust", "Atlas") == "* Atlas shrugs in disgust"


@pytest.mark.feature("X-0245")
@pytest.mark.parametrize(
    "body",
    [
        "/meshrugs in disgust",
        "/me's disgusted",
        " /me shrugs in disgust",
        '"/me shrugs in disgust"',
        "* Atlas shrugs in disgust",
        'Why did Atlas say "/me shrugs in disgust"?',
        "/me",
        "/ME shrugs",
        "",
    ],
)
def test_section_2_what_is_none(body: str) -> None:
    """Example 4, and what is shorter than the four characters."""
    assert action(body) is None
    assert presented(body, "Atlas") is None
