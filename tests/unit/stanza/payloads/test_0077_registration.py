"""XEP-0077: in-band registration."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest
from payload_shapes import both_ways

from xmpp_core import LocalProtocolError
from xmpp_core.stanza.payloads.form_types import typed_form
from xmpp_core.stanza.payloads.forms import Form, FormType
from xmpp_core.stanza.payloads.registration import CHANGE_PASSWORD_FORM, FIELDS, RegisterFeature, Registration, Way

ASKED = Registration(instructions="Choose a username and password.", username="", password="", email="")
ELSEWHERE = "<x xmlns='jabber:x:oob'><url>http://www.shakespeare.lit/contests.php</url></x>"


@pytest.mark.feature("X-0077")
def test_what_a_host_asks_and_is_given() -> None:
    """Section 3.1, examples 1 to 4."""
    both_ways("<query xmlns='jabber:iq:register'/>", Registration())
    both_ways(
        """<query xmlns='jabber:iq:register'><instructions>Choose a username and password.</instructions>
        <username/><password/><email/></query>""",
        ASKED,
    )
    assert ASKED.fields == ("username", "password", "email")
    assert ASKED.ways == (Way.FIELDS,)
    given = ASKED.answer({"username": "bill", "password": "Calliope", "email": "bard@shakespeare.lit"})
    both_ways(
        """<query xmlns='jabber:iq:register'><username>bill</username><password>Calliope</password>
        <email>bard@shakespeare.lit</email></query>""",
        given,
    )
    assert "Calliope" not in repr(given)
    for wrong in ({"username": "bill"}, {"username": "b", "password": "c", "email": "d", "nick": "e"}):
        with pytest.raises(LocalProtocolError):
            ASKED.answer(wrong)
    both_ways(
        "<query xmlns='jabber:iq:register'><registered/><username>juliet</username></query>",
        Registration(registered=True, username="juliet"),
    )


@pytest.mark.feature("X-0077")
def test_given_up_and_changed() -> None:
    """Sections 3.2 and 3.3."""
    both_ways("<query xmlns='jabber:iq:register'><remove/></query>", Registration(remove=True))
    change = both_ways(
        "<query xmlns='jabber:iq:register'><username>bill</username><password>newpass</password></query>",
        Registration(username="bill", password="newpass"),
    )
    assert change.new_password == "newpass"
    # An empty one changes nothing.
    assert Registration(username="bill", password="").new_password is None
    form = typed_form(CHANGE_PASSWORD_FORM, {"username": "bill@shakespeare.lit", "password": "groundlings"})
    both_ways(
        """<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'>
        <field type='hidden' var='FORM_TYPE'><value>jabber:iq:register:changepassword</value></field>
        <field var='username'><value>bill@shakespeare.lit</value></field>
        <field var='password'><value>groundlings</value></field></x></query>""",
        Registration(form=form),
    )


@pytest.mark.feature("X-0077")
@pytest.mark.parametrize(
    ("asked", "ways"),
    [
        # Section 6, its table from above.
        (ASKED, (Way.FIELDS,)),
        (Registration(form=Form(FormType.FORM), instructions="a", username=""), (Way.FORM, Way.FIELDS)),
        (Registration(form=Form(FormType.FORM), instructions="a"), (Way.FORM, Way.REDIRECTION)),
        (Registration(form=Form(FormType.FORM), redirection=fromstring(ELSEWHERE)), (Way.FORM, Way.REDIRECTION)),
        (
            Registration(form=Form(FormType.FORM), instructions="a", redirection=fromstring(ELSEWHERE)),
            (Way.FORM, Way.REDIRECTION),
        ),
        (Registration(instructions="a", redirection=fromstring(ELSEWHERE)), (Way.REDIRECTION,)),
        (Registration(username="", redirection=fromstring(ELSEWHERE)), (Way.FIELDS, Way.REDIRECTION)),
        (Registration(), ()),
    ],
)
def test_what_may_be_done_with_what_is_asked(asked: Registration, ways: tuple[Way, ...]) -> None:
    assert asked.ways == ways


@pytest.mark.feature("X-0077")
def test_elsewhere_and_the_old_key() -> None:
    """Sections 5 and 7."""
    both_ways(
        f"<query xmlns='jabber:iq:register'><instructions>Visit us.</instructions>{ELSEWHERE}</query>",
        Registration(instructions="Visit us.", redirection=fromstring(ELSEWHERE)),
    )
    assert Registration(username="", key="k").answer({"username": "u"}).key == "k"
    assert len(FIELDS) == 16


@pytest.mark.feature("X-0077")
def test_the_stream_feature() -> None:
    """Section 8, example 26."""
    both_ways("<register xmlns='http://jabber.org/features/iq-register'/>", RegisterFeature())
