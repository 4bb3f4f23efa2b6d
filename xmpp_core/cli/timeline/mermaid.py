"""A timeline as a Mermaid sequence diagram."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ...stream.context import Side
from .drawing import Arrow, Note
from .row import Level, Summary

__all__ = ["mermaid"]

_IDS: Final = {Side.INITIATING: "I", Side.RECEIVING: "R"}
# All else is written by number: the grammar gives meaning to `;`, `#`, `%`, `<` and more.
_SAFE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,()/@=_:'-")


def mermaid(drawn: Iterable[Arrow | Note], summary: Summary) -> Iterator[str]:
    """Give the lines of the diagram."""
    yield "sequenceDiagram"
    # What is drawn tells the names of the sides, so it is gone through first.
    steps = list(drawn)
    for side in Side:
        yield f"    participant {_IDS[side]} as {escaped(summary.names[side])}"
    for step in steps:
        if isinstance(step, Note):
            mark = {Level.WARNING: "warning: ", Level.ERROR: "error: "}.get(step.level, "")
            yield f"    Note over I,R: {escaped(mark + step.words)}"
            continue
        here = _IDS[step.side]
        there = "R" if here == "I" else "I"
        arrow = "-x" if step.level is Level.ERROR else "->>"
        words = f"{step.words} ({step.section})" if step.section else step.words
        yield f"    {here}{arrow}{there}: {escaped(words)}"


def escaped(text: str) -> str:
    """Give text as Mermaid takes it, whatever a peer put into it."""
    return "".join(one if one in _SAFE else f"#{ord(one)};" for one in text)
