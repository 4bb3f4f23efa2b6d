"""A timeline as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...stream.context import Side
from ..terminal import Line, visible
from .row import Level, Row, Summary

__all__ = ["listing", "summing_up"]

_WIDTH: Final = 160
_MARKS: Final = {Level.PLAIN: "", Level.GOOD: "", Level.WARNING: "warning: ", Level.ERROR: "error: "}
_STYLES: Final = {Level.PLAIN: "", Level.GOOD: "good", Level.WARNING: "warning", Level.ERROR: "error"}
_INDENT: Final = " " * 10


def listing(row: Row, summary: Summary) -> Iterator[Line]:
    """Give one row as lines: when, who, what it means and where that is written; the element; the state."""
    names = summary.names
    wide = max(map(len, names.values()))
    initiating, receiving = names[Side.INITIATING].rjust(wide), names[Side.RECEIVING].ljust(wide)
    if row.side is None:
        who, style = "·".center(2 * wide + 3), "host"
    else:
        arrow = "→" if row.side is Side.INITIATING else "←"
        who, style = f"{initiating} {arrow} {receiving}", row.side.value
    when = "" if row.at is None else f"{row.at - (summary.began or 0.0):.3f}"
    where = f"  [{row.section}]" if row.section else ""
    place = "" if row.position is None else f" at octet {row.position}"
    words = f"{_MARKS[row.level]}{clipped(row.words, 2 * _WIDTH)}{place}"
    yield [("dim", f"{when:>8}  "), (style, who), ("", "  "), (_STYLES[row.level], words), ("dim", where)]
    if row.text:
        yield [("dim", _INDENT + clipped(row.text, _WIDTH))]
    if row.state:
        yield [("strong", f"{_INDENT}= {row.state}")]


def summing_up(summary: Summary) -> Iterator[Line]:
    """Give the summary as lines."""
    yield [("", "")]
    yield [("good" if summary.good else "error", summary.sentence)]
    if summary.recorded_by is not None:
        yield [("", f"  recorded by  the {summary.names[summary.recorded_by]}")]
    for side, octets in summary.octets.items():
        counted = summary.stanzas[side]
        stanzas = ", ".join(f"{counted[kind]} {kind}" for kind in ("message", "presence", "iq") if counted[kind])
        yield [("", f"  {summary.names[side]:<11}  {octets} octets; {stanzas or 'no stanzas'}")]
    if summary.seconds is not None:
        yield [("", f"  time         {summary.seconds:.3f} s")]
    if summary.states:
        yield [("", f"  reached      {clipped('; '.join(dict.fromkeys(summary.states)), 2 * _WIDTH)}")]
    if summary.payloads:
        most = ", ".join(f"{count} {name}" for name, count in summary.payloads.most_common(8))
        yield [("", f"  payloads     {clipped(most, 2 * _WIDTH)}")]
    if summary.unanswered:
        yield [("warning", f"  unanswered   {_counted(summary.unanswered, 'request')}")]
    if summary.warnings or summary.errors:
        style = "error" if summary.errors else "warning"
        noticed = f"{_counted(summary.errors, 'error')}, {_counted(summary.warnings, 'warning')}"
        yield [(style, f"  noticed      {noticed}")]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def clipped(text: str, width: int) -> str:
    """Give at most `width` characters, made visible, and how many are left out."""
    text, left_out = visible(text[: width + 1]), max(0, len(text) - width)
    if len(text) <= width and not left_out:
        return text
    return f"{text[:width]}… ({left_out} more)" if left_out else f"{text[:width]}…"
