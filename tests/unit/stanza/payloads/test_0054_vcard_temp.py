"""XEP-0054: the vCard of an account."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core.stanza.payload import decode
from xmpp_core.stanza.payloads.vcard_temp import (
    Address,
    Agent,
    Categories,
    Classification,
    Email,
    Geo,
    Key,
    Label,
    Logo,
    Name,
    Organization,
    Photo,
    Privacy,
    Sound,
    Telephone,
    VCard,
)


@pytest.mark.feature("X-0054")
def test_a_vcard() -> None:
    """Section 3.1, example 2, in the order of the DTD."""
    both_ways(
        """
        <vCard xmlns='vcard-temp'>
          <FN>Peter Saint-Andre</FN>
          <N><FAMILY>Saint-Andre</FAMILY><GIVEN>Peter</GIVEN><MIDDLE/></N>
          <NICKNAME>stpeter</NICKNAME>
          <BDAY>1966-08-06</BDAY>
          <ADR>
            <WORK/>
            <EXTADD>Suite 600</EXTADD>
            <STREET>1899 Wynkoop Street</STREET>
            <LOCALITY>Denver</LOCALITY>
            <REGION>CO</REGION>
            <PCODE>80202</PCODE>
            <CTRY>USA</CTRY>
          </ADR>
          <TEL><WORK/><VOICE/><NUMBER>303-308-3282</NUMBER></TEL>
          <TEL><WORK/><FAX/><NUMBER/></TEL>
          <EMAIL><INTERNET/><PREF/><USERID>stpeter@jabber.org</USERID></EMAIL>
          <JABBERID>stpeter@jabber.org</JABBERID>
          <TITLE>Executive Director</TITLE>
          <ROLE>Patron Saint</ROLE>
          <ORG><ORGNAME>XMPP Standards Foundation</ORGNAME><ORGUNIT/></ORG>
          <URL>http://www.xmpp.org/xsf/people/stpeter.shtml</URL>
          <DESC>More information about me is located on my personal website.</DESC>
        </vCard>
        """,
        VCard(
            "Peter Saint-Andre",
            Name("Saint-Andre", "Peter", ""),
            nicknames=("stpeter",),
            bday="1966-08-06",
            addresses=(Address(None, "Suite 600", "1899 Wynkoop Street", "Denver", "CO", "80202", "USA", work=True),),
            telephones=(Telephone("303-308-3282", work=True, voice=True), Telephone(work=True, fax=True)),
            emails=(Email("stpeter@jabber.org", internet=True, pref=True),),
            jabberids=("stpeter@jabber.org",),
            titles=("Executive Director",),
            roles=("Patron Saint",),
            organizations=(Organization("XMPP Standards Foundation", ("",)),),
            urls=("http://www.xmpp.org/xsf/people/stpeter.shtml",),
            descriptions=("More information about me is located on my personal website.",),
        ),
    )
    both_ways("<vCard xmlns='vcard-temp'/>", VCard())


@pytest.mark.feature("X-0054")
def test_the_other_elements_of_the_dtd() -> None:
    """Section 9."""
    card = both_ways(
        """
        <vCard xmlns='vcard-temp'>
          <VERSION>2.0</VERSION>
          <PHOTO><TYPE>image/png</TYPE><BINVAL>YWJj</BINVAL></PHOTO>
          <LABEL><HOME/><POSTAL/><LINE>1 Main Street</LINE><LINE>Denver</LINE></LABEL>
          <MAILER>none</MAILER>
          <TZ>-07:00</TZ>
          <GEO><LAT>39.739236</LAT><LON>-104.990251</LON></GEO>
          <LOGO><EXTVAL>https://xmpp.org/logo.png</EXTVAL></LOGO>
          <AGENT><vCard><FN>Jeremie Miller</FN></vCard></AGENT>
          <CATEGORIES><KEYWORD>xmpp</KEYWORD><KEYWORD>jabber</KEYWORD></CATEGORIES>
          <NOTE>a note</NOTE>
          <PRODID>x</PRODID>
          <REV>2004-01-01T00:00:00Z</REV>
          <SORT-STRING>Saint-Andre</SORT-STRING>
          <SOUND><PHONETIC>peter</PHONETIC></SOUND>
          <UID>urn:uuid:1</UID>
          <CLASS><PUBLIC/></CLASS>
          <KEY><TYPE>pgp</TYPE><CRED>abc</CRED></KEY>
        </vCard>
        """,
        VCard(
            version="2.0",
            photos=(Photo("image/png", b"abc"),),
            labels=(Label(("1 Main Street", "Denver"), home=True, postal=True),),
            mailer="none",
            tz="-07:00",
            geo=Geo("39.739236", "-104.990251"),
            logos=(Logo(extval="https://xmpp.org/logo.png"),),
            agents=(Agent(element("<vCard xmlns='vcard-temp'><FN>Jeremie Miller</FN></vCard>")),),
            categories=(Categories(("xmpp", "jabber")),),
            notes=("a note",),
            prodid="x",
            rev="2004-01-01T00:00:00Z",
            sort_string="Saint-Andre",
            sounds=(Sound("peter"),),
            uid="urn:uuid:1",
            classification=Classification(Privacy.PUBLIC),
            keys=(Key("pgp", "abc"),),
        ),
    )
    assert card.agents[0].card() == VCard("Jeremie Miller")
    assert Agent(extval="https://example.org/agent").card() is None


@pytest.mark.feature("X-0054")
def test_pictures_in_lines() -> None:
    """XEP-0153 section 4.6: white space is ignored; an empty one is none."""
    start = "<PHOTO xmlns='vcard-temp'><BINVAL>"
    assert decode(Photo, element(f"{start}\n YW\n Jj\n</BINVAL></PHOTO>")).binval == b"abc"
    assert decode(Photo, element(f"{start}</BINVAL></PHOTO>")).binval == b""
    refused(Photo, f"{start}Base64-encoded-avatar-file-here!</BINVAL></PHOTO>", "PHOTO/BINVAL")


def test_names_are_in_capitals_and_a_number_is_always_written() -> None:
    """Section 8."""
    read = decode(VCard, element("<vCard xmlns='vcard-temp' version='2.0'><fn>a</fn></vCard>"))
    assert read.fn is None
    both_ways(
        "<TEL xmlns='vcard-temp'><HOME/></TEL>",
        Telephone(home=True),
        written="<TEL xmlns='vcard-temp'><HOME/><NUMBER/></TEL>",
    )
