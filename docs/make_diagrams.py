"""Write the diagrams of `explanation/engine.md` from the tables of the engine: `python docs/make_diagrams.py`."""

from __future__ import annotations

import sys
from pathlib import Path

from xmpp_core.stream.context import Side
from xmpp_core.stream.state import TRANSITIONS, StreamState
from xmpp_core.stream.violations import VIOLATIONS, Earns, Input

PAGE = Path(__file__).parent / "explanation" / "engine.md"


def states() -> str:
    """The life of a stream."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> unstarted"]
    for row in TRANSITIONS:
        if row.turn.value != "end":
            lines.append(f"    {_id(row.state)} --> {_id(row.to)}: {row.turn.value} ({row.section.split()[-1]})")
    lines += [f"    {_id(StreamState.ENDED)} --> [*]", "```"]
    return "\n".join(lines)


def violations() -> str:
    """What each input earns, as two tables."""
    parts = []
    live = [state for state in StreamState if any(_counts(row.earns) for row in VIOLATIONS if row.state is state)]
    for side in Side:
        parts.append(f"We are the {side.value} entity:\n")
        parts.append("| input | " + " | ".join(state.value for state in live) + " |")
        parts.append("| --- |" + " --- |" * len(live))
        for given in Input:
            cells = []
            for state in live:
                (row,) = (one for one in VIOLATIONS if (one.side, one.state, one.input) == (side, state, given))
                cells.append(_cell(row.earns, row.condition, row.section))
            parts.append(f"| {given.value} | " + " | ".join(cells) + " |")
        parts.append("")
    return "\n".join(parts).rstrip()


def _counts(earns: Earns) -> bool:
    return earns is not Earns.NOTHING


def _cell(earns: Earns, condition: str | None, section: str) -> str:
    if earns is Earns.NOTHING:
        return "-"
    where = section.split()[-1]
    return f"`{condition}` ({where})" if condition else f"{earns.value} ({where})"


def _id(state: StreamState) -> str:
    return state.value.replace(" ", "_")


def filled(page: str) -> str:
    """Give the page with its generated parts made anew."""
    for name, text in (("states", states()), ("violations", violations())):
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        head, found, rest = page.partition(begin)
        old, closed, tail = rest.partition(end)
        del old
        count = bool(found) + bool(closed)
        page = f"{head}{begin}\n{text}\n\n{end}{tail}"
        if count != 2:
            raise SystemExit(f"the page has no place for {name}")
    return page


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text()))
    sys.exit(0)
