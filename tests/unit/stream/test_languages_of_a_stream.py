"""RFC 6120 sections 4.7.4 and 8.1.5: the language of a stream, of what is said on it, and of who is told what."""

from __future__ import annotations

from typing import Any

import pytest
from stages import client_config, pair, server_config

import xmpp_core as xmpp
from xmpp_core.namespaces import XML_LANG
from xmpp_core.stream.words import agreed_lang
from xmpp_core.testing.entropy import CountedEntropy

WORDS = xmpp.Catalogue(
    {
        "de": {"not-well-formed": "Das ist kein XML.", "bad-request": "So geht das nicht."},
        "en": {"not-well-formed": "That is no XML."},
    }
)


@pytest.mark.feature("I18N-03", "STR-01")
@pytest.mark.parametrize(
    ("wanted", "words", "default", "agreed"),
    [
        ("de", WORDS, None, "de"),
        ("de-CH", WORDS, "fr", "de"),  # the lookup scheme of RFC 4647 section 3.4
        ("DE", WORDS, None, "de"),
        ("cs", WORDS, "fr", "fr"),
        ("cs", WORDS, None, "en"),
        (None, WORDS, "fr", "fr"),
        (None, WORDS, None, "en"),
        (None, None, None, "en"),
        ("cs", None, "fr", "cs"),  # who says nothing says it in every language
    ],
)
def test_section_4_7_4_the_language_of_a_response_header(
    wanted: str | None, words: xmpp.Words | None, default: str | None, agreed: str
) -> None:
    assert agreed_lang(wanted, words, default) == agreed


def server(lang: str | None, **options: Any) -> xmpp.Connection:
    config = xmpp.ServerConfig(domains={"example.com"}, entropy=CountedEntropy("server"), **options)
    connection = xmpp.Connection(config)
    connection.start(0.0)
    said = "" if lang is None else f" xml:lang='{lang}'"
    connection.receive_data(
        f"<stream:stream to='example.com' version='1.0'{said} xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>".encode(),
        0.0,
    )
    assert [type(event) for event in connection.events()] == [xmpp.StreamOpened]
    return connection


@pytest.mark.feature("I18N-03")
@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("de-AT", b"<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='de'>Das ist kein XML.</text>"),
        ("cs", b"<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>That is no XML.</text>"),
        (None, b"<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>That is no XML.</text>"),
    ],
)
def test_section_4_9_2_a_stream_error_says_it_in_the_language_of_the_stream(lang: str | None, expected: bytes) -> None:
    connection = server(lang, words=WORDS)
    assert (b"xml:lang='de'" if lang == "de-AT" else b"xml:lang='en'") in connection.data_to_send(0.0)
    connection.receive_data(b"<message a=b/>", 0.0)
    [failure] = connection.events()
    assert isinstance(failure, xmpp.StreamFailed)
    assert failure.condition == "not-well-formed"
    assert expected in connection.data_to_send(0.0)


def test_without_words_nothing_is_said() -> None:
    connection = server("de")
    connection.data_to_send(0.0)
    connection.receive_data(b"<message a=b/>", 0.0)
    list(connection.events())
    assert b"<text" not in connection.data_to_send(0.0)


@pytest.mark.feature("I18N-03")
def test_an_error_before_the_header_uses_the_default_language() -> None:
    connection = xmpp.Connection(xmpp.ServerConfig(domains={"example.com"}, words=WORDS, lang="de"))
    connection.start(0.0)
    connection.receive_data(b"<a b=c/>", 0.0)
    list(connection.events())
    said = connection.data_to_send(0.0)
    assert b" xml:lang='de'" in said


@pytest.mark.feature("I18N-01", "I18N-03")
def test_section_8_1_5_a_stanza_takes_the_language_of_its_stream_and_is_refused_in_it() -> None:
    both = pair(client_config(lang="de-CH", mechanisms=("SCRAM-SHA-256-PLUS",)), server_config(words=WORDS))
    both.pump()
    client, hall = both.initiating.connection, both.receiving.connection
    client.send(xmpp.Message(to="romeo@example.com", body="Grüezi"))
    client.send(xmpp.Message(to="romeo@example.com", body="Hello", lang="en"))
    both.pump()
    first, second = both.receiving.of(xmpp.Message)
    assert (first.lang, second.lang) == ("de-CH", "en")
    # Only what section 4.7.4 names is touched: what the server sends is the host's own.
    hall.send(xmpp.Message(to=first.from_, from_="romeo@example.com", body="x"))
    hall.receive_data(b"<iq type='get' id='1'/>", both.clock())
    both.pump()
    [message] = both.initiating.of(xmpp.Message)
    assert message.lang is None
    [answer] = both.initiating.of(xmpp.IQ)
    assert answer.error is not None
    assert answer.error.condition == "bad-request"
    assert answer.error.texts == {"de": "So geht das nicht."}


def test_without_a_language_nothing_is_stamped_and_a_snapshot_keeps_it() -> None:
    both = pair()
    both.pump()
    both.initiating.connection.send(xmpp.Message(to="romeo@example.com", body="x"))
    both.pump()
    [message] = both.receiving.of(xmpp.Message)
    assert XML_LANG not in message.element.attrib
    both = pair(client_config(lang="cs", mechanisms=("SCRAM-SHA-256-PLUS",)))
    both.pump()
    data = both.receiving.connection.snapshot()
    restored = xmpp.Connection.restore(xmpp.ServerConfig(domains={"example.com"}), data)
    restored.receive_data(b"<message to='romeo@example.com'><body>x</body></message>", both.clock())
    [again] = restored.events()
    assert isinstance(again, xmpp.Message)
    assert again.lang == "cs"
