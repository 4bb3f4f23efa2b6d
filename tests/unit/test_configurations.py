"""A configuration that cannot be right is refused when it is made."""

from __future__ import annotations

from typing import Any

import pytest

import xmpp_core as xmpp


@pytest.mark.feature("ENG-12")
@pytest.mark.parametrize(
    "settings",
    [
        {"jid": "juliet@example.com"},
        {"jid": "juliet@example.com", "password": "x", "credentials": xmpp.Password("x")},
        {"jid": "example.com", "password": "x"},
        {"jid": "@", "password": "x"},
    ],
)
def test_a_client_is_one_account_with_one_secret(settings: dict[str, Any]) -> None:
    with pytest.raises((xmpp.LocalProtocolError, xmpp.JIDError)):
        xmpp.ClientConfig(**settings)


def test_credentials_are_as_good_as_a_password() -> None:
    config = xmpp.ClientConfig(jid=xmpp.JID("juliet@example.com"), credentials=xmpp.Password("pencil"))
    assert "pencil" not in repr(config)
    assert "pencil" not in repr(config.setup())


@pytest.mark.feature("ENG-12")
@pytest.mark.parametrize(
    "settings",
    [
        {"domains": set()},
        {"domains": {"juliet@example.com"}},
        {"domains": {"example.com/x"}},
        {"domains": {"example.com"}, "secret": b"short"},
    ],
)
def test_a_server_serves_domains_and_keeps_a_good_secret(settings: dict[str, Any]) -> None:
    with pytest.raises(xmpp.LocalProtocolError):
        xmpp.ServerConfig(**settings)


@pytest.mark.feature("STR-14", "SASL-04")
@pytest.mark.parametrize(
    ("name", "value", "section"),
    [
        ("stanza_bytes", 9_999, "13.12"),
        ("stanza_bytes_before_auth", 9_999, "13.12"),
        ("authentication_attempts", 1, "6.4.5"),
        ("authentication_attempts", 6, "6.4.5"),
        ("bind_attempts", 4, "7.7.3"),
        ("bind_attempts", 11, "7.7.3"),
    ],
)
def test_limits_keep_within_what_the_rfc_asks(name: str, value: int, section: str) -> None:
    with pytest.raises(ValueError, match=f"RFC 6120 section {section}"):
        xmpp.Limits(**{name: value})


@pytest.mark.feature("STR-14")
def test_what_is_received_is_fit_to_be_written() -> None:
    assert xmpp.Limits(depth=500).depth == 500
    with pytest.raises(ValueError, match="above 500"):
        xmpp.Limits(depth=501)
