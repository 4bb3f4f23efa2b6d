"""Messages for local accounts: every type, address and standing (RFC 6121 section 8.5)."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hub_stage import Stage

from xmpp_core.server.delivery import MESSAGE_RULES, Addressed, Rule, Standing, message_rule

# Who is where at romeo@example.com: session, priority; None is connected and not available.
STATES: dict[str, tuple[tuple[str, int | None], ...]] = {
    "nobody": (),
    "connected": (("a", None),),
    "negative": (("a", -1),),
    "one": (("a", 0),),
    "mixed": (("a", 5), ("b", 1), ("c", -1), ("d", None)),
    "equal": (("a", 3), ("b", 3), ("c", 0)),
}
# E: back as service-unavailable. -: nothing. Else the sessions that get it.
BARE = """
type       nobody  connected  negative  one  mixed  equal
normal     E       E          E         a    a      ab
chat       E       E          E         a    a      ab
groupchat  E       E          E         E    E      E
headline   -       -          -         a    ab     abc
error      -       -          -         -    -      -
(none)     E       E          E         a    a      ab
odd        E       E          E         a    a      ab
"""
NO_MATCH = """
type       nobody  connected  negative  one  mixed  equal
normal     E       E          E         E    E      E
chat       E       E          E         a    a      ab
groupchat  E       E          E         E    E      E
headline   E       E          E         E    E      E
error      -       -          -         -    -      -
(none)     E       E          E         E    E      E
odd        E       E          E         E    E      E
"""


def table(text: str) -> list[tuple[str, str, str]]:
    head, *rows = (line.split() for line in text.strip().splitlines())
    return [(row[0], state, cell) for row in rows for state, cell in zip(head[1:], row[1:], strict=True)]


def message(kind: str, to: str) -> str:
    attribute = "" if kind == "(none)" else f" type='{kind}'"
    inside = (
        "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>" if kind == "error" else ""
    )
    return f"<message to='{to}' id='m1'{attribute}><body>hm</body>{inside}</message>"


def stage_in(state: str) -> Stage:
    stage = Stage()
    stage.enter("juliet", "juliet")
    for name, priority in STATES[state]:
        stage.enter(name, "romeo") if priority is None else stage.available(name, "romeo", priority)
    return stage


def check(stage: Stage, xml: str, to: str, cell: str) -> None:
    got = stage.send("juliet", xml)
    if cell == "E":
        (error,) = got
        assert (error.session, error.condition) == ("juliet", "service-unavailable")
        assert (error.from_, error.to, error.id) == (to, "juliet@example.com/juliet", "m1")
        return
    assert [one.session for one in got] == list(cell.replace("-", ""))
    for one in got:
        # Section 8.5.2.1.1: 'to' is never rewritten.
        assert (one.to, one.from_, one.text("body")) == (to, "juliet@example.com/juliet", "hm")


@pytest.mark.feature("STZ-08")
@pytest.mark.parametrize(("kind", "state", "cell"), table(BARE))
def test_a_message_to_an_account(kind: str, state: str, cell: str) -> None:
    check(stage_in(state), message(kind, "romeo@example.com"), "romeo@example.com", cell)


@pytest.mark.feature("STZ-08")
@pytest.mark.parametrize(("kind", "state", "cell"), table(NO_MATCH))
def test_a_message_to_a_resource_that_is_not_there(kind: str, state: str, cell: str) -> None:
    check(stage_in(state), message(kind, "romeo@example.com/ghost"), "romeo@example.com/ghost", cell)


@pytest.mark.feature("STZ-08")
@pytest.mark.parametrize("kind", ["normal", "chat", "groupchat", "headline", "error", "(none)", "odd"])
@pytest.mark.parametrize("state", [state for state in STATES if state != "nobody"])
def test_a_message_to_a_connected_resource_gets_there(kind: str, state: str) -> None:
    # Section 8.5.3.1, whatever the priority.
    for name, _ in STATES[state]:
        check(stage_in(state), message(kind, f"romeo@example.com/{name}"), f"romeo@example.com/{name}", name)


@pytest.mark.parametrize("kind", ["normal", "chat", "headline"])
def test_a_message_without_to_is_for_the_own_account(kind: str) -> None:
    # RFC 6120 section 10.3.1.
    stage = Stage()
    stage.enter("one", "juliet")
    stage.available("two", "juliet", 1)
    (got,) = stage.send("one", f"<message type='{kind}'><body>note</body></message>")
    assert (got.session, got.text("body")) == ("two", "note")
    assert got.from_ == "juliet@example.com/one"
    assert got.to == "juliet@example.com"


def test_an_address_in_another_form_is_the_same_address() -> None:
    stage = stage_in("one")
    (got,) = stage.send("juliet", "<message to='Romeo@EXAMPLE.com/a'><body>hm</body></message>")
    assert got.session == "a"


# RFC 6121 section 8.5.4, Table 1: "condition, address: normal chat groupchat headline".
TABLE_1 = """
ACCOUNT DOES NOT EXIST, bare: S/E S/E E S
ACCOUNT DOES NOT EXIST, full: S/E S/E S/E S/E
ACCOUNT EXISTS, BUT NO ACTIVE RESOURCES, bare: O/E O/E E S
ACCOUNT EXISTS, BUT NO ACTIVE RESOURCES, full (no match): S/E O/E S/E S/E
1+ NEGATIVE RESOURCES BUT ZERO NON-NEGATIVE RESOURCES, bare: O/E O/E E S
1+ NEGATIVE RESOURCES BUT ZERO NON-NEGATIVE RESOURCES, full match: D D D D
1+ NEGATIVE RESOURCES BUT ZERO NON-NEGATIVE RESOURCES, full no match: S/E O/E S/E S/E
1 NON-NEGATIVE RESOURCE, bare: D D E D
1 NON-NEGATIVE RESOURCE, full match: D D D D
1 NON-NEGATIVE RESOURCE, full no match: S/E D S/E S/E
1+ NON-NEGATIVE RESOURCES, bare: M/A M/A* E A
1+ NON-NEGATIVE RESOURCES, full match: D D/A* D D
1+ NON-NEGATIVE RESOURCES, full no match: S/E M/A* S/E S/E
"""
TYPES = ("normal", "chat", "groupchat", "headline")
LETTERS = {Rule.BOUNCE: "E", Rule.IGNORE: "S", Rule.DELIVER: "D", Rule.MOST_AVAILABLE: "M", Rule.ALL: "A"}


def rows_of_table_1() -> list[tuple[str, str, tuple[str, ...]]]:
    rows = []
    for line in TABLE_1.strip().splitlines():
        head, _, cells = line.rpartition(": ")
        condition, _, to = head.rpartition(", ")
        rows.append((condition, to, tuple(cells.split())))
    return rows


@pytest.mark.parametrize(("condition", "to", "cells"), rows_of_table_1())
def test_the_rules_are_among_those_of_table_1(condition: str, to: str, cells: tuple[str, ...]) -> None:
    standing = {"A": Standing.ABSENT, "1+ NEG": Standing.NEGATIVE}.get(
        condition[0] if condition[0] == "A" else condition[:6], Standing.PRESENT
    )
    match = to == "full match"
    addressed = Addressed.BARE if to == "bare" else Addressed.MATCH if match else Addressed.NO_MATCH
    for kind, cell in zip(TYPES, cells, strict=True):
        letter = LETTERS[message_rule(kind, addressed, standing)]
        allowed = set(cell.replace("*", "").split("/"))
        if standing is Standing.PRESENT and condition.startswith("1 "):
            # The most available of one, and all of one, is that one.
            letter = letter.replace("M", "D").replace("A", "D")
        assert letter in allowed, (kind, letter, cell)


@pytest.mark.shared
def test_table_1_is_copied_rightly(shared: Path) -> None:
    rows = json.loads((shared / "specs" / "tables" / "message-delivery-rfc6121.json").read_text())["rows"]
    assert [(row["condition"], row["to"], tuple(row[kind] for kind in TYPES)) for row in rows] == rows_of_table_1()


def test_there_is_one_rule_for_each_case() -> None:
    cases = [(row.type, row.addressed, row.standing) for row in MESSAGE_RULES]
    assert len(set(cases)) == len(cases)
    assert set(cases) == set(itertools.product((*TYPES, "error"), Addressed, Standing))
