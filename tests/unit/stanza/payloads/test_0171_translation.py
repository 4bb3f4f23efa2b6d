"""XEP-0171: language translation."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import JID, PayloadError
from xmpp_core.stanza.payloads.translation import (
    Method,
    TranslatedFrom,
    Translation,
    TranslationPair,
    TranslationPairs,
    Translations,
)

NS = "urn:xmpp:langtrans"
QUESTION = TranslatedFrom("en", "How are you?")


@pytest.mark.feature("I18N-05")
def test_a_message_says_which_of_its_bodies_are_translations() -> None:
    """Section 4.1.1, example 1."""
    both_ways(
        f"<x xmlns='{NS}'><translation destination_lang='fr' source_lang='en'/></x>",
        Translations((Translation("fr", "en"),)),
    )
    refused(Translations, f"<x xmlns='{NS}'/>", "x/translation")
    refused(Translation, f"<translation xmlns='{NS}' source_lang='en'/>", "translation/@destination_lang")
    refused(Translation, f"<translation xmlns='{NS}' destination_lang='no tag'/>", "translation/@destination_lang")


@pytest.mark.feature("I18N-05")
def test_a_translation_over_another_language() -> None:
    """Section 4.1.3, example 3."""
    read = both_ways(
        f"""<x xmlns='{NS}'><translation destination_lang='en' engine='SYSTRANS' source_lang='fr'/>
        <translation destination_lang='ru' engine='SYSTRANS' source_lang='en'/></x>""",
        Translations((Translation("en", "fr", engine="SYSTRANS"), Translation("ru", "en", engine="SYSTRANS"))),
    )
    assert read.path_to("ru") == ("fr", "en", "ru")
    assert read.path_to("EN") == ("fr", "EN")
    assert read.path_to("fr") == ("fr",)
    with pytest.raises(PayloadError):
        Translations((Translation("ru", "en"), Translation("en", "ru"))).path_to("ru")


@pytest.mark.feature("I18N-05")
@pytest.mark.parametrize(
    ("attributes", "method"),
    [
        ("", Method.HUMAN),
        ("engine=''", Method.MACHINE),
        ("engine='SYSTRANS'", Method.MACHINE),
        ("engine='' reviewed='true'", Method.REVIEWED),
    ],
)
def test_who_translated(attributes: str, method: Method) -> None:
    """Section 4.1."""
    engine = None if "engine" not in attributes else "SYSTRANS" if "SYSTRANS" in attributes else ""
    read = both_ways(
        f"<translation xmlns='{NS}' destination_lang='fr' source_lang='en' {attributes}/>",
        Translation("fr", "en", engine=engine, reviewed="reviewed" in attributes),
    )
    assert read.method is method


@pytest.mark.feature("I18N-05")
def test_a_service_is_asked_and_answers() -> None:
    """Sections 4.3.1 and 4.3.3, examples 9, 10 and 13."""
    both_ways(
        f"""<x xmlns='{NS}'><source xml:lang='en'>How are you?</source><translation destination_lang='fr'/></x>""",
        Translations((Translation("fr"),), source=QUESTION),
    )
    both_ways(
        f"""<x xmlns='{NS}'><source xml:lang='en'>How are you?</source>
        <translation destination_lang='fr' source_lang='en' engine='default'>comment allez-vous?</translation></x>""",
        Translations((Translation("fr", "en", words="comment allez-vous?", engine="default"),), source=QUESTION),
    )
    both_ways(
        f"""<x xmlns='{NS}'><source xml:lang='en'>How are you?</source>
        <translation destination_lang='fr' dictionary='medical'/></x>""",
        Translations((Translation("fr", dictionary="medical"),), source=QUESTION),
    )
    refused(TranslatedFrom, f"<source xmlns='{NS}'>How are you?</source>", "source/@xml:lang")


@pytest.mark.feature("I18N-05")
def test_what_a_service_translates() -> None:
    """Section 4.2.3, examples 7 and 8."""
    both_ways("<query xmlns='urn:xmpp:langtrans:items'/>", TranslationPairs())
    service = JID("translation.shakespeare.lit")
    engine = "SYSTRANS 2005 Release 2"
    both_ways(
        """<query xmlns='urn:xmpp:langtrans:items'>
        <item source_lang='en' jid='translation.shakespeare.lit' destination_lang='fr'
          engine='SYSTRANS 2005 Release 2' pivotable='true'/>
        <item source_lang='en' jid='translation.shakespeare.lit' destination_lang='ru'
          engine='SYSTRANS 2005 Release 2' pivotable='true' dictionary='medical'/></query>""",
        TranslationPairs(
            (
                TranslationPair(service, "en", "fr", engine=engine, pivotable=True),
                TranslationPair(service, "en", "ru", engine=engine, dictionary="medical", pivotable=True),
            )
        ),
    )
    refused(TranslationPair, "<item xmlns='urn:xmpp:langtrans:items' jid='a.example'/>", "item/@source_lang")
