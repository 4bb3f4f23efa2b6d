"""XEP-0050: ad-hoc commands."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import PayloadError
from xmpp_core.stanza.application_conditions import APPLICATION_CONDITIONS
from xmpp_core.stanza.conditions import CONDITIONS
from xmpp_core.stanza.payload import decode, element_of
from xmpp_core.stanza.payloads.commands import (
    GENERAL,
    NAMESPACE,
    Action,
    Actions,
    Command,
    CommandCondition,
    CommandError,
    Note,
    Severity,
    Status,
)
from xmpp_core.stanza.payloads.forms import FieldType, Form, FormField, FormOption, FormType

CONFIG = """
<command xmlns='http://jabber.org/protocol/commands' sessionid='config:20020923T213616Z-700' node='config'
         status='executing'>
  <actions execute='next'><next/></actions>
  <x xmlns='jabber:x:data' type='form'>
    <title>Configure Service</title>
    <field var='service' label='Service' type='list-single'>
      <option><value>httpd</value></option>
    </field>
  </x>
</command>
"""
FORM = Form(
    FormType.FORM,
    title="Configure Service",
    fields=(FormField("service", FieldType.LIST_SINGLE, label="Service", options=(FormOption("httpd"),)),),
)
SESSION = "config:20020923T213616Z-700"


@pytest.mark.feature("X-0050")
def test_a_command_in_stages() -> None:
    """Section 2.4.2, examples 10 to 16."""
    both_ways(
        "<command xmlns='http://jabber.org/protocol/commands' node='list' action='execute'/>",
        Command("list"),
        written="<command xmlns='http://jabber.org/protocol/commands' node='list'/>",
    )
    read = both_ways(
        CONFIG,
        Command(
            "config",
            sessionid=SESSION,
            status=Status.EXECUTING,
            actions=Actions(Action.NEXT, next=True),
            payloads=(element_of(FORM),),
        ),
    )
    form = read.get(Form)
    assert form == FORM
    assert read.get(Note) is None
    assert read.allowed == {Action.CANCEL, Action.NEXT, Action.EXECUTE}
    answer = read.following(Action.EXECUTE, form.answer({"service": "httpd"}))
    assert (answer.node, answer.sessionid, answer.action) == ("config", SESSION, Action.EXECUTE)
    filled = answer.get(Form)
    assert filled is not None
    assert filled.value("service") == "httpd"
    both_ways(
        f"<command xmlns='http://jabber.org/protocol/commands' sessionid='{SESSION}' node='config' action='prev'/>",
        read.following(Action.PREV),
    )
    both_ways(
        f"""<command xmlns='http://jabber.org/protocol/commands' sessionid='{SESSION}' node='config'
            status='completed'><note type='info'>Service 'httpd' has been configured.</note></command>""",
        Command(
            "config", sessionid=SESSION, status=Status.COMPLETED, notes=(Note("Service 'httpd' has been configured."),)
        ),
        written=f"""<command xmlns='http://jabber.org/protocol/commands' sessionid='{SESSION}' node='config'
            status='completed'><note>Service 'httpd' has been configured.</note></command>""",
    )


@pytest.mark.feature("X-0050")
def test_who_answers() -> None:
    asked = Command("config", sessionid=SESSION, lang="en")
    given = asked.answer(Status.EXECUTING, FORM, actions=Actions(Action.COMPLETE, prev=True, complete=True))
    assert (given.node, given.sessionid, given.lang, given.get(Form)) == ("config", SESSION, "en", FORM)
    assert Command("config").answer(Status.EXECUTING, sessionid="new").sessionid == "new"
    done = asked.answer(Status.COMPLETED, notes=(Note("It is broken.", Severity.ERROR),))
    assert done.failed
    assert not given.failed
    assert not asked.answer(Status.COMPLETED, notes=(Note("Mind the gap.", Severity.WARN),)).failed
    assert done.with_payload(FORM, element_of(FORM)).payloads[1].tag == "{jabber:x:data}x"
    assert done.with_payload(FORM).notes == done.notes


@pytest.mark.feature("X-0050")
@pytest.mark.parametrize(
    ("actions", "allowed", "default"),
    [
        # Without `execute` it is `next`; where that is not allowed the stage is invalid (section 3.4).
        (Actions(next=True), {Action.NEXT, Action.EXECUTE}, Action.NEXT),
        (Actions(prev=True, complete=True), {Action.PREV, Action.COMPLETE}, None),
        (Actions(Action.COMPLETE, prev=True), {Action.PREV}, None),
        (
            Actions(Action.COMPLETE, prev=True, complete=True),
            {Action.PREV, Action.COMPLETE, Action.EXECUTE},
            Action.COMPLETE,
        ),
        (Actions(Action.CANCEL), {Action.EXECUTE}, Action.CANCEL),
        (Actions(), set(), None),
    ],
)
def test_what_may_be_done_at_a_stage(actions: Actions, allowed: set[Action], default: Action | None) -> None:
    assert actions.allowed == {Action.CANCEL, *allowed}
    assert actions.default is default


@pytest.mark.feature("X-0050")
def test_what_may_be_done_without_actions() -> None:
    """Section 3.4, rules 1 and 2; nothing when it is over (section 3.3)."""
    assert Command("a", status=Status.EXECUTING).allowed == {Action.CANCEL, Action.COMPLETE, Action.EXECUTE}
    assert Command("a", status=Status.CANCELED).allowed == set()
    assert Command("a", status=Status.COMPLETED, actions=Actions(next=True)).allowed == set()


@pytest.mark.feature("X-0050")
def test_the_order_of_what_a_command_holds_is_kept() -> None:
    """What is earlier takes precedence (section 3.5)."""
    text = """<command xmlns='http://jabber.org/protocol/commands' node='a'>
      <x xmlns='jabber:x:oob'><url>http://a.example/</url></x><x xmlns='jabber:x:data' type='result'/>
      <x xmlns='jabber:x:oob'><url>http://b.example/</url></x></command>"""
    read = decode(Command, element(text))
    assert [one.tag for one in read.payloads] == ["{jabber:x:oob}x", "{jabber:x:data}x", "{jabber:x:oob}x"]
    both_ways(text, read)


def test_what_is_wrong_is_said() -> None:
    refused(Command, "<command xmlns='http://jabber.org/protocol/commands'/>", "command/@node")
    refused(
        Command, "<command xmlns='http://jabber.org/protocol/commands' node='a' sessionid=''/>", "command/@sessionid"
    )
    # Of who answers the action is ignored, of who asks the status (section 4.1).
    odd = "<command xmlns='http://jabber.org/protocol/commands' node='a' action='completed' status='execute'/>"
    assert decode(Command, element(odd)) == Command("a", Action.MALFORMED, status=Status.UNKNOWN)
    broken = "<command xmlns='http://jabber.org/protocol/commands' node='a'><x xmlns='jabber:x:data'/></command>"
    with pytest.raises(PayloadError):
        decode(Command, element(broken)).get(Form)


@pytest.mark.feature("X-0050", "STZ-04")
def test_errors() -> None:
    """Section 4.4."""
    both_ways(
        "<bad-sessionid xmlns='http://jabber.org/protocol/commands'/>", CommandError(CommandCondition.BAD_SESSIONID)
    )
    assert {one.value for one in CommandCondition} == APPLICATION_CONDITIONS[NAMESPACE][0]
    assert GENERAL.keys() == set(CommandCondition)
    assert set(GENERAL.values()) <= CONDITIONS.keys()
