"""What a sequence diagram of a timeline shows, whatever it is drawn with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ...stream.context import Side
from .listing import clipped
from .row import Level, Row, Summary

__all__ = ["Arrow", "Note", "drawn"]

_MOST: Final = 400
_WORDS: Final = 90


@dataclass(frozen=True, slots=True)
class Arrow:
    """Something that one side says."""

    side: Side
    words: str
    section: str
    at: float | None
    """Seconds from the first row."""
    level: Level


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened, or a state that was reached."""

    words: str
    level: Level
    state: bool = False


def drawn(rows: Iterable[Row], summary: Summary) -> Iterator[Arrow | Note]:
    """Give what to draw, the first 400 rows of it, and how it ended."""
    more = 0
    for number, row in enumerate(rows):
        if number >= _MOST:
            more += 1
            continue
        place = "" if row.position is None else f" at octet {row.position}"
        words = clipped(row.words, _WORDS) + place
        if row.side is None:
            yield Note(f"{words} ({row.section})" if row.section else words, row.level)
        else:
            at = None if row.at is None else row.at - (summary.began or 0.0)
            yield Arrow(row.side, words, row.section, at, row.level)
        if row.state:
            yield Note(clipped(row.state, _WORDS), Level.GOOD, state=True)
    if more:
        yield Note(f"{more} more are not drawn", Level.PLAIN)
    yield Note(clipped(summary.sentence, 2 * _WORDS), Level.GOOD if summary.good else Level.ERROR)
