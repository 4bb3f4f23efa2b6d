"""A type checker sees a payload class as a plain dataclass, and what `get` gives as the class asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

HEAD = """
from __future__ import annotations
from xmpp_core import JID, IqRouter, Message
from xmpp_core.stanza.payload import attribute, children, datetime, decode, flag, payload, text
from xmpp_core.stanza.payloads.delay import Delay

@payload("urn:x", "item")
class Item:
    id: str = attribute()
    words: str = text(default="")

@payload("urn:x", "list")
class Items:
    items: tuple[Item, ...] = children(Item, default=())
    note: str = attribute(kw_only=True)

@payload()
class Marked:
    mark: bool = flag(default=False, kw_only=True)

@payload("urn:x", "note")
class Note(Marked):
    words: str = text(default="")

def f(message: Message, stamp: datetime, jid: JID) -> None:
"""
RIGHT = [
    "Item('1'); Item('1', 'w'); Item(id='1', words='w'); Items(note='x'); Items((Item('1'),), note='x')",
    "found: Delay | None = message.get(Delay)",
    "several: list[Delay] = message.get_all(Delay, account=jid)",
    "value: Item = decode(Item, message.element)",
    "shown: str = Item('1').words",
    "Delay(stamp, jid); Delay(stamp, reason='x')",
    "Note('w', mark=True); marked: bool = Note().mark",
    "IqRouter({('get', Delay): lambda iq: None}); IqRouter({('get', '{urn:x}y'): lambda iq: None})",
]
WRONG = [
    "Item()",
    "Item(1)",
    "Item('1', 'w', 'x')",
    "Item('1').id = '2'",
    "Items(())",
    "Items(('1',), note='x')",
    "Delay('yesterday')",
    "Note('w', True)",
    "Note(mark='x')",
    "Note().mark = True",
    "message.get(Delay).stamp",
    "other: Item | None = message.get(Delay)",
    "message.get(Delay, account='me')",
]


@pytest.mark.feature("EXT-01", "STZ-07")
def test_right_uses_pass_and_wrong_ones_do_not(tmp_path: Path) -> None:
    module = tmp_path / "uses.py"
    module.write_text(HEAD + "".join(f"    {line}\n" for line in (*RIGHT, *WRONG)))
    out, err, _ = api.run(["--strict", "--no-error-summary", "--hide-error-context", str(module)])
    assert not err
    lines = {int(line.split(":")[1]) for line in out.splitlines() if ": error:" in line}
    first = HEAD.count("\n") + 1
    assert lines == set(range(first + len(RIGHT), first + len(RIGHT) + len(WRONG))), out
