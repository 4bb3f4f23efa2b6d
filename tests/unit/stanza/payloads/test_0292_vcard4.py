"""XEP-0292: vCard 4."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element

from xmpp_core import JID
from xmpp_core.stanza.payload import decode
from xmpp_core.stanza.payloads.pubsub import Publish
from xmpp_core.stanza.payloads.vcard4 import (
    CONTACTS_NODE,
    VCARD_NODE,
    ClientPIDMap,
    Gender,
    ParameterName,
    PostalAddress,
    PropertyGroup,
    PropertyName,
    Sex,
    StructuredName,
    VCard4,
    VCardParameter,
    VCardParameters,
    VCardProperty,
    publish_vcard,
    store_contact,
)

START = "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'>"
WORK = VCardParameter(ParameterName.TYPE, ("work", "voice"))
FIRST = VCardParameter(ParameterName.PREF, integer="1")


@pytest.mark.feature("X-0292")
def test_a_vcard() -> None:
    """Section 4.1.1, example 2, shortened."""
    card = both_ways(
        f"""{START}
          <fn><text>Peter Saint-Andre</text></fn>
          <n><surname>Saint-Andre</surname><given>Peter</given><additional/></n>
          <nickname><text>stpeter</text></nickname>
          <nickname><text>psa</text></nickname>
          <bday><date>1966-08-06</date></bday>
          <adr>
            <parameters>
              <type><text>work</text><text>voice</text></type>
              <pref><integer>1</integer></pref>
            </parameters>
            <ext>Suite 600</ext>
            <street>1899 Wynkoop Street</street>
            <locality>Denver</locality>
            <region>CO</region>
            <code>80202</code>
            <country>USA</country>
          </adr>
          <tel>
            <parameters><type><text>home</text></type></parameters>
            <uri>tel:+1-303-555-1212</uri>
          </tel>
          <tel>
            <parameters>
              <type><text>work</text><text>voice</text></type>
              <pref><integer>1</integer></pref>
            </parameters>
            <uri>tel:+1-303-308-3282</uri>
          </tel>
          <gender><sex><text>M</text></sex></gender>
          <lang><parameters><pref>1</pref></parameters><language-tag>en</language-tag></lang>
          <impp><uri>xmpp:stpeter@jabber.org</uri></impp>
        </vcard>""",
        VCard4(
            (
                VCardProperty(PropertyName.FN, ("Peter Saint-Andre",)),
                StructuredName(("Saint-Andre",), ("Peter",), ("",)),
                VCardProperty(PropertyName.NICKNAME, ("stpeter",)),
                VCardProperty(PropertyName.NICKNAME, ("psa",)),
                VCardProperty(PropertyName.BDAY, date="1966-08-06"),
                PostalAddress(
                    ("1899 Wynkoop Street",),
                    ("Denver",),
                    ("CO",),
                    ("80202",),
                    ("USA",),
                    ext=("Suite 600",),
                    parameters=VCardParameters((WORK, FIRST)),
                ),
                VCardProperty(
                    PropertyName.TEL,
                    uri="tel:+1-303-555-1212",
                    parameters=VCardParameters((VCardParameter(ParameterName.TYPE, ("home",)),)),
                ),
                VCardProperty(PropertyName.TEL, uri="tel:+1-303-308-3282", parameters=VCardParameters((WORK, FIRST))),
                Gender(Sex(text="M")),
                VCardProperty(
                    PropertyName.LANG,
                    language_tag="en",
                    parameters=VCardParameters((VCardParameter(ParameterName.PREF, bare="1"),)),
                ),
                VCardProperty(PropertyName.IMPP, uri="xmpp:stpeter@jabber.org"),
            )
        ),
    )
    assert card.first(PropertyName.FN) == "Peter Saint-Andre"
    assert card.first(PropertyName.TEL) == "tel:+1-303-308-3282"
    assert [one.types for one in card.all(PropertyName.TEL)] == [("work", "voice"), ("home",)]
    assert [one.value for one in card.all(PropertyName.NICKNAME)] == ["stpeter", "psa"]
    assert card.all(PropertyName.LANG)[0].pref == 1
    assert card.all(PropertyName.BDAY)[0].pref == 101
    assert card.first(PropertyName.BDAY) == "1966-08-06"
    assert card.first(PropertyName.EMAIL) is None


@pytest.mark.parametrize("number", ["0", "101", "-1", "first", ""])
def test_a_preference_out_of_range_is_none(number: str) -> None:
    """RFC 6350 section 5.3: 1 to 100."""
    parameters = VCardParameters((VCardParameter(ParameterName.PREF, integer=number),))
    assert VCardProperty(PropertyName.TEL, parameters=parameters).pref == 101


@pytest.mark.feature("X-0292")
def test_groups_and_maps() -> None:
    """RFC 6351 sections 4 and 5."""
    card = both_ways(
        f"""{START}
          <group name='contact'>
            <fn><text>Samantha Mizzi</text></fn><email><text>samizzi@cisco.com</text></email>
          </group>
          <gender><sex>F</sex><identity>woman</identity></gender>
          <clientpidmap><sourceid>1</sourceid><uri>urn:uuid:53e374d9</uri></clientpidmap>
        </vcard>""",
        VCard4(
            (
                PropertyGroup(
                    "contact",
                    (
                        VCardProperty(PropertyName.FN, ("Samantha Mizzi",)),
                        VCardProperty(PropertyName.EMAIL, ("samizzi@cisco.com",)),
                    ),
                ),
                Gender(Sex("F"), "woman"),
                ClientPIDMap("1", "urn:uuid:53e374d9"),
            )
        ),
    )
    assert card.first(PropertyName.EMAIL) == "samizzi@cisco.com"


@pytest.mark.feature("X-0292")
def test_publishing_and_keeping() -> None:
    """Sections 4.1.2 and 5.2, example 7."""
    card = decode(VCard4, element(f"{START}<fn><text>Samantha Mizzi</text></fn></vcard>"))
    kept = store_contact(JID("samizzi@cisco.com/foo"), card)
    published = publish_vcard(card)
    assert isinstance(kept.action, Publish)
    assert isinstance(published.action, Publish)
    assert (kept.action.node, published.action.node) == (CONTACTS_NODE, VCARD_NODE)
    assert kept.action.items[0].id == "samizzi@cisco.com"
    assert kept.action.items[0].read(VCard4) == card
    assert kept.publish_options is not None
    assert published.publish_options is not None
    assert kept.publish_options.form.value("pubsub#access_model") == "whitelist"
    assert published.publish_options.form.value("pubsub#access_model") == "open"
