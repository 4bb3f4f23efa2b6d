"""XEP-0158: CAPTCHA forms."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import JID, PayloadError
from xmpp_core.stanza.payload import decode
from xmpp_core.stanza.payloads.captcha import Captcha
from xmpp_core.stanza.payloads.forms import Form, FormField, FormType

TASKS = """
<captcha xmlns='urn:xmpp:captcha'>
  <x xmlns='jabber:x:data' type='form'>
    <field type='hidden' var='FORM_TYPE'><value>urn:xmpp:captcha</value></field>
    <field type='hidden' var='from'><value>innocent@victim.com</value></field>
    <field type='hidden' var='challenge'><value>F3A6292C</value></field>
    <field type='hidden' var='sid'><value>spam1</value></field>
    <field var='ocr' label='Enter the text you see'>
      <media xmlns='urn:xmpp:media-element' height='80' width='290'>
        <uri type='image/jpeg'>http://www.victim.com/challenges/ocr.jpeg?F3A6292C</uri>
      </media>
    </field>
    <field label='Type the color of a stop light' type='text-single' var='qa'/>
  </x>
</captcha>
"""
ANSWER = """
<captcha xmlns='urn:xmpp:captcha'>
  <x xmlns='jabber:x:data' type='submit'>
    <field var='FORM_TYPE'><value>urn:xmpp:captcha</value></field>
    <field var='from'><value>innocent@victim.com</value></field>
    <field var='challenge'><value>F3A6292C</value></field>
    <field var='sid'><value>spam1</value></field>
    <field var='ocr'><value>7nHL3</value></field>
  </x>
</captcha>
"""


@pytest.mark.feature("X-0158")
def test_tasks_and_answer() -> None:
    """Sections 3.1.2 and 3.1.3, examples 2 and 4."""
    asked = both_ways(TASKS, decode(Captcha, element(TASKS)))
    assert (asked.challenge, asked.sid) == ("F3A6292C", "spam1")
    assert [one.var for one in asked.tasks] == ["ocr", "qa"]
    assert asked.tasks[0].media is not None
    both_ways(ANSWER, asked.answer({"ocr": "7nHL3"}))
    for wrong in ("from", "picture"):
        with pytest.raises(PayloadError):
            asked.answer({wrong: "a"})
    refused(Captcha, "<captcha xmlns='urn:xmpp:captcha'/>", "captcha/x")


@pytest.mark.feature("X-0158")
@pytest.mark.parametrize(
    ("sender", "genuine"),
    [
        ("innocent@victim.com", True),
        ("innocent@victim.com/home", True),
        ("victim.com", True),
        ("victim.com/a", False),
        ("other@victim.com", False),
        ("evil.example", False),
    ],
)
def test_tasks_of_another_are_ignored(sender: str, genuine: bool) -> None:
    """Section 3.1.3."""
    assert decode(Captcha, element(TASKS)).genuine(JID(sender)) is genuine
    for fields in ((), (FormField("from", None, ("@",)),)):
        assert not Captcha(Form(FormType.FORM, fields=fields)).genuine(JID(sender))
