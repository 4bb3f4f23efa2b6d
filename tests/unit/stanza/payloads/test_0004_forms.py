"""XEP-0004: data forms, with their validation (XEP-0122), layout (XEP-0141) and media (XEP-0221)."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import JID, LocalProtocolError, PayloadError
from xmpp_core.stanza.payload import decode
from xmpp_core.stanza.payloads.form_layout import FieldRef, Page, ReportedRef, Section, Words
from xmpp_core.stanza.payloads.form_media import Media, MediaURI
from xmpp_core.stanza.payloads.form_types import FORM_TYPE, form_type, is_extension, typed_form
from xmpp_core.stanza.payloads.form_validation import Basic, ListRange, Open, Range, Regex, Validation
from xmpp_core.stanza.payloads.forms import (
    FieldType,
    Form,
    FormField,
    FormItem,
    FormOption,
    FormType,
    Given,
    Reported,
)

BOT = """
<x xmlns='jabber:x:data' type='form'>
  <title>Bot Configuration</title>
  <instructions>Fill out this form to configure your new bot!</instructions>
  <field type='hidden' var='FORM_TYPE'><value>jabber:bot</value></field>
  <field type='fixed'><value>Section 1: Bot Info</value></field>
  <field type='text-single' label='The name of your bot' var='botname'/>
  <field type='text-multi' label='Helpful description of your bot' var='description'/>
  <field type='boolean' label='Public bot?' var='public'><required/></field>
  <field type='text-private' label='Password for special access' var='password'/>
  <field type='list-multi' label='What features will the bot support?' var='features'>
    <value>news</value>
    <value>search</value>
    <option label='Contests'><value>contests</value></option>
    <option label='News'><value>news</value></option>
    <option label='Search'><value>search</value></option>
  </field>
  <field type='list-single' label='Maximum number of subscribers' var='maxsubs'>
    <value>20</value>
    <option label='10'><value>10</value></option>
    <option label='20'><value>20</value></option>
    <option label='None'><value>none</value></option>
  </field>
  <field type='jid-multi' label='People to invite' var='invitelist'>
    <desc>Tell all your friends about your new bot!</desc>
  </field>
</x>
"""
FORM = Form(
    FormType.FORM,
    title="Bot Configuration",
    instructions=("Fill out this form to configure your new bot!",),
    fields=(
        FormField(FORM_TYPE, FieldType.HIDDEN, ("jabber:bot",)),
        FormField(None, FieldType.FIXED, ("Section 1: Bot Info",)),
        FormField("botname", FieldType.TEXT_SINGLE, label="The name of your bot"),
        FormField("description", FieldType.TEXT_MULTI, label="Helpful description of your bot"),
        FormField("public", FieldType.BOOLEAN, label="Public bot?", required=True),
        FormField("password", FieldType.TEXT_PRIVATE, label="Password for special access"),
        FormField(
            "features",
            FieldType.LIST_MULTI,
            ("news", "search"),
            (FormOption("contests", "Contests"), FormOption("news", "News"), FormOption("search", "Search")),
            label="What features will the bot support?",
        ),
        FormField(
            "maxsubs",
            FieldType.LIST_SINGLE,
            ("20",),
            (FormOption("10", "10"), FormOption("20", "20"), FormOption("none", "None")),
            label="Maximum number of subscribers",
        ),
        FormField(
            "invitelist",
            FieldType.JID_MULTI,
            label="People to invite",
            desc="Tell all your friends about your new bot!",
        ),
    ),
)
SUBMITTED = """
<x xmlns='jabber:x:data' type='submit'>
  <field type='hidden' var='FORM_TYPE'><value>jabber:bot</value></field>
  <field type='text-single' var='botname'><value>The Jabber Google Bot</value></field>
  <field type='text-multi' var='description'>
    <value>This bot enables you to send requests to</value>
    <value>Google and receive the search results right</value>
  </field>
  <field type='boolean' var='public'><value>0</value></field>
  <field type='text-private' var='password'><value>v3r0na</value></field>
  <field type='list-multi' var='features'><value>news</value><value>search</value></field>
  <field type='list-single' var='maxsubs'><value>none</value></field>
  <field type='jid-multi' var='invitelist'>
    <value>juliet@capulet.com</value>
    <value>benvolio@montague.net</value>
  </field>
</x>
"""


@pytest.mark.feature("X-0004")
def test_a_form_to_fill_in() -> None:
    """Example 2, shortened."""
    both_ways(BOT, FORM)


@pytest.mark.feature("X-0004")
def test_it_is_filled_in() -> None:
    """Example 3, shortened: from the form and what the user says."""
    made = FORM.answer(
        {
            "botname": "The Jabber Google Bot",
            "description": "This bot enables you to send requests to\nGoogle and receive the search results right",
            "public": False,
            "password": "v3r0na",
            "features": ["search", "news"],  # the order is the form's (section 3.3)
            "maxsubs": "none",
            "invitelist": [JID("juliet@capulet.com"), "benvolio@montague.net"],
        }
    )
    both_ways(SUBMITTED, made)
    assert FORM.faults(made) == {}
    assert made.values("features") == ("news", "search")
    assert made.value("maxsubs") == "none"
    assert made.value("nothing") is None
    assert made.values("nothing") == ()
    public, description, invited = (made.field(var) for var in ("public", "description", "invitelist"))
    assert public is not None
    assert public.truth is False
    assert description is not None
    assert description.text.count("\n") == 1
    assert invited is not None
    assert invited.addresses == (JID("juliet@capulet.com"), JID("benvolio@montague.net"))


def test_what_is_not_said_stays_as_the_form_has_it() -> None:
    """Section 3.5: defaults are sent back, fields without any are left out."""
    made = FORM.answer({"public": True})
    assert [(one.var, one.values) for one in made.fields] == [
        (FORM_TYPE, ("jabber:bot",)),
        ("public", ("1",)),
        ("features", ("news", "search")),
        ("maxsubs", ("20",)),
    ]
    emptied = FORM.answer({"public": True, "features": ()})
    assert emptied.field("features") == FormField("features", FieldType.LIST_MULTI)  # section 3.6


@pytest.mark.parametrize(
    "given",
    [
        {},  # what is required
        {"public": "perhaps"},
        {"public": ""},
        {"public": True, "maxsubs": "25"},
        {"public": True, "maxsubs": ("10", "20")},
        {"public": True, "features": "gossip"},
        {"public": True, "invitelist": "@nobody"},
        {"public": True, "colour": "red"},
    ],
)
def test_an_application_that_fills_it_in_wrongly_is_told(given: dict[str, Given]) -> None:
    with pytest.raises(LocalProtocolError):
        FORM.answer(given)


def test_only_a_question_is_answered() -> None:
    with pytest.raises(LocalProtocolError):
        Form(FormType.RESULT).answer({})
    assert FORM.cancelled() == Form(FormType.CANCEL)
    both_ways("<x xmlns='jabber:x:data' type='cancel'/>", Form(FormType.CANCEL))


@pytest.mark.feature("X-0004")
def test_an_answer_is_judged_field_by_field() -> None:
    """Section 4; fields the form does not have are ignored, optional ones may be absent (sections 3.1 and 3.5)."""
    answer = Form(
        FormType.SUBMIT,
        fields=(
            FormField("maxsubs", None, ("25",)),
            FormField("invitelist", None, ("a@b", "@")),
            FormField("botname", None, ("one", "two")),
            FormField("other", None, ("x",)),
        ),
    )
    assert sorted(FORM.faults(answer)) == ["botname", "invitelist", "maxsubs", "public"]
    assert FORM.faults(typed_form("jabber:bot", {"public": True})) == {}
    for written in ("1", "true", "0", "false"):
        assert not FORM.faults(typed_form("jabber:bot", {"public": written}))


@pytest.mark.feature("X-0004")
def test_a_table_of_results() -> None:
    """Example 8, shortened."""
    form = both_ways(
        """
        <x xmlns='jabber:x:data' type='result'>
          <title>Joogle Search: verona</title>
          <reported><field var='name'/><field var='url'/></reported>
          <item>
            <field var='name'><value>Comune di Verona</value></field>
            <field var='url'><value>http://www.comune.verona.it/</value></field>
          </item>
          <item>
            <field var='name'><value>benvenuto!</value></field>
            <field var='url'><value>http://www.hellasverona.it/</value></field>
          </item>
        </x>
        """,
        Form(
            FormType.RESULT,
            title="Joogle Search: verona",
            reported=Reported((FormField("name"), FormField("url"))),
            items=(
                FormItem(
                    (
                        FormField("name", None, ("Comune di Verona",)),
                        FormField("url", None, ("http://www.comune.verona.it/",)),
                    )
                ),
                FormItem(
                    (
                        FormField("name", None, ("benvenuto!",)),
                        FormField("url", None, ("http://www.hellasverona.it/",)),
                    )
                ),
            ),
        ),
    )
    assert form.rows()[1] == {"name": ("benvenuto!",), "url": ("http://www.hellasverona.it/",)}


@pytest.mark.parametrize(
    ("inside", "path"),
    [
        ("<field/>", "x/field/@var"),
        ("<field type='hidden'/>", "x/field/@var"),
        ("<field var='a' type='boolean'><value>1</value><value>0</value></field>", "x/field/value"),
        ("<field var='a' type='jid-multi'><option><value>a</value></option></field>", "x/field/option"),
        ("<field var='a' type='list-single'><option label='a'/></field>", "x/field/option/value"),
        (
            "<field var='a' type='list-single'><option><value/><value/></option></field>",
            "x/field/option/value",
        ),
        ("<item/>", "x/item/field"),
        ("<reported/>", "x/reported/field"),
        ("<title/><title/>", "x/title"),
    ],
)
def test_what_is_wrong_is_named(inside: str, path: str) -> None:
    """Sections 3.2 and 3.4."""
    refused(Form, f"<x xmlns='jabber:x:data' type='form'>{inside}</x>", path)


def test_a_form_says_what_it_is() -> None:
    for type in ("", "type='error'", "type='Form'"):
        refused(Form, f"<x xmlns='jabber:x:data' {type}/>", "x/@type")


def test_an_unknown_type_of_field_is_a_line_of_text() -> None:
    """Section 3.3 on text-single."""
    read = decode(
        FormField, element("<field xmlns='jabber:x:data' var='a' type='colour-multi'><value>1</value></field>")
    )
    assert read == FormField("a", FieldType.TEXT_SINGLE, ("1",))


def test_values_that_are_not_of_their_type() -> None:
    assert FormField("a", FieldType.BOOLEAN).truth is False  # the default (section 3.3)
    assert FormField("a", FieldType.BOOLEAN, ("true",)).truth is True
    with pytest.raises(PayloadError) as caught:
        _ = FormField("a", FieldType.BOOLEAN, ("yes",)).truth
    assert caught.value.condition == "not-acceptable"
    # Duplicates are ignored, after preparation (section 3.3 on jid-multi).
    assert FormField("a", FieldType.JID_MULTI, ("A@b.example", "a@B.example")).addresses == (JID("a@b.example"),)
    with pytest.raises(PayloadError):
        _ = FormField("a", FieldType.JID_SINGLE, ("@",)).addresses


@pytest.mark.feature("X-0122")
def test_datatypes() -> None:
    """XEP-0122, examples 2 to 6."""
    start = "<validate xmlns='http://jabber.org/protocol/xdata-validate' datatype="
    for rest, value in (
        ("'xs:dateTime'/>", Validation("xs:dateTime")),
        ("'xs:dateTime'><basic/></validate>", Validation("xs:dateTime", Basic())),
        ("'xs:token'><open/></validate>", Validation("xs:token", Open())),
        (
            "'xs:dateTime'><range min='2003-10-05T00:00:00-07:00' max='2003-10-24T23:59:59-07:00'/></validate>",
            Validation("xs:dateTime", Range("2003-10-05T00:00:00-07:00", "2003-10-24T23:59:59-07:00")),
        ),
        (
            "'x:ssn'><regex>([0-9]{3})-([0-9]{2})-([0-9]{4})</regex></validate>",
            Validation("x:ssn", Regex("([0-9]{3})-([0-9]{2})-([0-9]{4})")),
        ),
        (
            "'x:way'><basic/><list-range min='1' max='3'/></validate>",
            Validation("x:way", Basic(), ListRange(1, 3)),
        ),
    ):
        both_ways(start + rest, value)
    both_ways("<validate xmlns='http://jabber.org/protocol/xdata-validate'/>", Validation())  # xs:string
    refused(Validation, start + "'xs:int'><basic/><open/></validate>", "validate/*")


@pytest.mark.feature("X-0122")
def test_values_are_held_to_the_datatype() -> None:
    """XEP-0122 sections 3.2.1, 3.2.3 and 4.1."""
    october = Validation("xs:dateTime", Range("2003-10-05T00:00:00-07:00", "2003-10-24T23:59:59-07:00"))
    assert october.accepts("2003-10-06T11:22:00-07:00")
    assert october.accepts("2003-10-25T06:59:59Z")
    assert not october.accepts("2003-10-25T07:00:00Z")
    assert not october.accepts("2003-10-04T11:22:00-07:00")
    assert not october.accepts("yesterday")
    assert Validation("xs:byte").accepts("-128")
    assert not Validation("xs:byte").accepts("128")
    assert not Validation("xs:int", Range("0", None)).accepts("-1")
    assert Validation("xs:int", Range(None, "not a number")).accepts("5")
    assert Validation("xs:string", Range("5", "6")).accepts("anything")
    assert Validation("x:unheard-of").accepts("anything")
    assert Validation("xs:time", Range("10:00:00Z", None)).accepts("09:00:00")  # not to be compared


@pytest.mark.feature("X-0122")
def test_lists_that_are_open_and_lists_with_bounds() -> None:
    """XEP-0122 sections 3.2.2 and 3.3."""
    options = (FormOption("holiday"), FormOption("reminder"), FormOption("appointment"))
    closed = FormField("c", FieldType.LIST_MULTI, (), options, validation=Validation(list_range=ListRange(1, 2)))
    assert closed.fault(("holiday", "reminder")) is None
    assert closed.fault(()) is not None
    assert closed.fault(("holiday", "reminder", "appointment")) is not None
    assert closed.fault(("wedding",)) is not None
    opened = FormField("c", FieldType.LIST_SINGLE, (), options, validation=Validation("xs:date", Open()))
    assert opened.fault(("2003-10-06",)) is None
    assert opened.fault(("wedding",)) is not None


@pytest.mark.feature("X-0141")
def test_layout() -> None:
    """XEP-0141 section 3, shortened and put together."""
    both_ways(
        """
        <page xmlns='http://jabber.org/protocol/xdata-layout' label='Personal Information'>
          <text>This is page one of three.</text>
          <section label='Name'>
            <fieldref var='name.first'/>
            <section><fieldref var='name.last'/></section>
          </section>
          <reportedref/>
        </page>
        """,
        Page(
            (
                Words("This is page one of three."),
                Section((FieldRef("name.first"), Section((FieldRef("name.last"),))), "Name"),
                ReportedRef(),
            ),
            "Personal Information",
        ),
    )


@pytest.mark.feature("X-0221")
def test_media() -> None:
    """XEP-0221 section 2, example 2; the white space around a URI is layout."""
    both_ways(
        """
        <field xmlns='jabber:x:data' var='ocr'>
          <media xmlns='urn:xmpp:media-element' height='80' width='290'>
            <uri type='image/jpeg'>http://www.victim.com/challenges/ocr.jpeg?F3A6292C</uri>
            <uri type='image/jpeg'>cid:sha1+f24030b8d91d233bac14777be5ab531ca3b9f102@bob.xmpp.org</uri>
          </media>
        </field>
        """,
        FormField(
            "ocr",
            media=Media(
                (
                    MediaURI("http://www.victim.com/challenges/ocr.jpeg?F3A6292C", "image/jpeg"),
                    MediaURI("cid:sha1+f24030b8d91d233bac14777be5ab531ca3b9f102@bob.xmpp.org", "image/jpeg"),
                ),
                80,
                290,
            ),
        ),
    )
    refused(Media, "<media xmlns='urn:xmpp:media-element'><uri>cid:a@b</uri></media>", "media/uri/@type")


@pytest.mark.feature("X-0068")
def test_whose_names_the_fields_have() -> None:
    """XEP-0068 sections 4.1 to 4.3 and 5."""
    named = ("http://jabber.org/protocol/pubsub#subscribe_authorization",)
    for kind, type, counts in (
        (FormType.FORM, FieldType.HIDDEN, True),
        (FormType.FORM, FieldType.TEXT_SINGLE, False),
        (FormType.FORM, None, False),
        (FormType.RESULT, None, False),
        (FormType.RESULT, FieldType.HIDDEN, True),
        (FormType.SUBMIT, None, True),
        (FormType.SUBMIT, FieldType.HIDDEN, True),
        (FormType.SUBMIT, FieldType.TEXT_SINGLE, False),
    ):
        form = Form(kind, fields=(FormField(FORM_TYPE, type, named),))
        assert form_type(form) == (named[0] if counts else None)
    assert form_type(Form(FormType.SUBMIT)) is None
    assert is_extension("{http://example.com/pubsub}time_restrictions")
    assert not is_extension("pubsub#node")


@pytest.mark.feature("X-0068")
def test_a_form_of_known_fields() -> None:
    """XEP-0068 section 4.4, example 6, shortened."""
    made = typed_form(
        "http://jabber.org/protocol/muc#user",
        {"muc#user_first": "Brunhilde", "muc#user_faqentry": "Just another\nwitch.", "muc#user_age": 9},
        lines=("muc#user_faqentry",),
    )
    both_ways(
        """
        <x xmlns='jabber:x:data' type='submit'>
          <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#user</value></field>
          <field var='muc#user_first'><value>Brunhilde</value></field>
          <field var='muc#user_faqentry'><value>Just another</value><value>witch.</value></field>
          <field var='muc#user_age'><value>9</value></field>
        </x>
        """,
        made,
    )
