"""Several bodies, subjects and statuses, and the language of each: RFC 6120 section 8.1.5, RFC 6121."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest

import xmpp_core as xmpp

BODY = "{jabber:client}body"


def message(xml: str) -> xmpp.Message:
    return xmpp.Message.view(fromstring(f"<s xmlns='jabber:client'>{xml}</s>")[0])


def presence(xml: str) -> xmpp.Presence:
    return xmpp.Presence.view(fromstring(f"<s xmlns='jabber:client'>{xml}</s>")[0])


ROMEO = message(
    "<message xml:lang='en'><subject>I implore you!</subject>"
    "<subject xml:lang='cs'>\u00dap\u011bnliv\u011b pros\u00edm!</subject><body>Wherefore art thou, Romeo?</body>"
    "<body xml:lang='cs'>Pro\u010de\u017e jsi ty, Romeo?</body></message>"
)


@pytest.mark.feature("I18N-02", "I18N-01")
@pytest.mark.parametrize(
    ("ranges", "czech"),
    [
        (["cs"], True),
        (["cs-CZ", "en"], True),
        (["en-GB", "cs"], False),
        (["de", "cs"], True),
        (["de"], False),
        (["*"], False),
        (["*", "cs"], True),
        ([], False),
    ],
)
def test_rfc_6121_sections_5_2_3_and_5_2_4(ranges: list[str], czech: bool) -> None:
    assert ROMEO.body_for(ranges) == ROMEO.bodies["cs" if czech else None]
    assert ROMEO.subject_for(ranges) == ROMEO.subjects["cs" if czech else None]


@pytest.mark.feature("I18N-02", "I18N-01")
def test_rfc_6121_section_4_7_2_2() -> None:
    busy = presence(
        "<presence xml:lang='en'><status>Wooing Juliet</status>"
        "<status xml:lang='cs'>Dvo\u0159\u00edm se Julii</status></presence>"
    )
    assert busy.status_for(["cs-CZ"]) == "Dvo\u0159\u00edm se Julii"
    assert busy.status_for(["en-US", "cs"]) == "Wooing Juliet"
    assert presence("<presence/>").status_for(["cs"]) is None


@pytest.mark.feature("I18N-01")
def test_rfc_6120_section_8_1_5_a_child_inherits_from_stanza_and_stream() -> None:
    own = message(
        "<message xml:lang='en'><body>e</body><body xml:lang='cs'>c</body><body xml:lang=''>n</body></message>"
    )
    assert [own.lang_of(child, "de") for child in own.element] == ["en", "cs", None]
    bare = message("<message><body>d</body><body xml:lang='cs'>c</body></message>")
    assert [bare.lang_of(child, "de") for child in bare.element] == ["de", "cs"]
    assert bare.lang_of(bare.element[0]) is None
    assert bare.body_for(["de-AT", "cs"], "de") == "d"
    assert bare.body_for(["de-AT", "cs"]) == "c"
    assert own.body_for(["de", "cs"], "de") == "c"


@pytest.mark.feature("I18N-02")
def test_a_stanza_that_takes_back_the_language() -> None:
    silent = message("<message xml:lang=''><body>n</body><body xml:lang='cs'>c</body></message>")
    assert silent.lang_of(silent.element[0], "de") is None
    assert silent.body_for(["de", "cs"], "de") == "c"
    assert silent.body_for(["de"], "de") == "n"


@pytest.mark.feature("I18N-02")
def test_a_region_is_nearer_than_a_foreign_language() -> None:
    both = message("<message xml:lang='en'><body>e</body><body xml:lang='de-CH'>s</body></message>")
    assert both.body_for(["de"]) == "s"
    assert both.body_for(["de-AT"]) == "e"


@pytest.mark.feature("I18N-02")
def test_without_a_match_it_is_what_body_gives() -> None:
    for xml in (
        "<message/>",
        "<message><body/></message>",
        "<message><body xml:lang='cs'>c</body><body>n</body></message>",
        "<message><body xml:lang='cs'>c</body><body xml:lang='en'>e</body></message>",
    ):
        assert message(xml).body_for(["de"]) == message(xml).body
        assert message(xml).body_for([]) == message(xml).body


@pytest.mark.feature("I18N-02")
def test_two_bodies_in_one_language_the_first_counts() -> None:
    assert (
        message("<message><body xml:lang='cs'>1</body><body xml:lang='cs'>2</body></message>").body_for(["cs"]) == "1"
    )
    assert (
        message("<message xml:lang='CS'><body>1</body><body xml:lang='cs'>2</body></message>").body_for(["cs"]) == "1"
    )


@pytest.mark.feature("I18N-02")
def test_what_is_sent_is_chosen_from() -> None:
    sent = xmpp.Message(lang="en", body={None: "hello", "de": "hallo"}, subject={"de": "s"})
    assert (sent.body_for(["de-CH"]), sent.body_for(["en"]), sent.subject_for(["en"])) == ("hallo", "hello", "s")
    shown = xmpp.Presence(status={"de": "hier", "en": "here"})
    assert (shown.status_for(["en"]), shown.status_for(["fr"])) == ("here", "hier")


@pytest.mark.feature("I18N-01")
def test_in_a_server_s_namespace_too() -> None:
    element = fromstring("<message xmlns='jabber:server' xml:lang='en'><body>e</body></message>")
    assert xmpp.Message.view(element).body_for(["en"]) == "e"
