"""XEP-0133: service administration."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from payload_shapes import both_ways

from xmpp_core.stanza.payloads.administration import NAMESPACE, AdminCommand, asked, submitted
from xmpp_core.stanza.payloads.commands import Command, Status
from xmpp_core.stanza.payloads.form_types import form_type
from xmpp_core.stanza.payloads.forms import Form

SESSION = "add-user:20040408T0337Z"


@pytest.mark.feature("X-0133")
def test_a_user_is_added() -> None:
    """Section 4.1, examples 1 to 3, shortened."""
    both_ways(
        "<command xmlns='http://jabber.org/protocol/commands' node='http://jabber.org/protocol/admin#add-user'/>",
        asked(AdminCommand.ADD_USER),
    )
    answer = Command(AdminCommand.ADD_USER.node, sessionid=SESSION, status=Status.EXECUTING)
    sent = submitted(answer, {"accountjid": "juliet@shakespeare.lit", "password": "R0m30"})
    both_ways(
        f"""<command xmlns='http://jabber.org/protocol/commands' node='http://jabber.org/protocol/admin#add-user'
          sessionid='{SESSION}'><x xmlns='jabber:x:data' type='submit'>
          <field type='hidden' var='FORM_TYPE'><value>http://jabber.org/protocol/admin</value></field>
          <field var='accountjid'><value>juliet@shakespeare.lit</value></field>
          <field var='password'><value>R0m30</value></field></x></command>""",
        sent,
    )
    form = sent.get(Form)
    assert form is not None
    assert form_type(form) == NAMESPACE


@pytest.mark.feature("X-0133")
def test_nodes() -> None:
    for one in AdminCommand:
        assert AdminCommand.of(one.node) is one
    for other in (NAMESPACE, f"{NAMESPACE}#", f"{NAMESPACE}#get-user-password", "add-user", "#add-user"):
        assert AdminCommand.of(other) is None
    lines = submitted(asked(AdminCommand.ANNOUNCE), {"announcement": "a\nb"}, lines=("announcement",)).get(Form)
    assert lines is not None
    assert lines.values("announcement") == ("a", "b")


@pytest.mark.shared
@pytest.mark.feature("X-0133")
def test_no_node_of_the_text_is_missing(shared: Path) -> None:
    text = (shared / "specs" / "xep" / "xep-0133.txt").read_text()
    assert set(re.findall(r"protocol/admin#([a-z-]+)", text)) == {one.value for one in AdminCommand}
