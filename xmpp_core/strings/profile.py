"""A profile is a row of rules, each text in, text out; what one does, step by step, can be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .errors import StringError
from .inert import Inert

__all__ = ["Pieces", "Profile", "Rule", "Step"]

_RESTLESS = StringError("a string that does not come to rest", "RFC 8264 section 7")
Pieces = Callable[[str], Iterable[tuple[int, str]]]
"""Takes a text apart: the index where a piece begins, and what the piece becomes."""


class Rule(NamedTuple):
    """One rule: `apply` gives the text as it leaves it or raises `StringError`.

    `pieces` is needed where a rule may change how many code points there are: it tells which code point
    became which, and is looked at only after an error.
    """

    name: str
    section: str
    apply: Callable[[str], str]
    pieces: Pieces | None = None

    def origins(self, text: str) -> Sequence[int]:
        """For each code point of `apply(text)` the index in `text` it came from."""
        if self.pieces is None:
            return range(len(text))
        return [origin for origin, piece in self.pieces(text) for _ in piece]


@dataclass(frozen=True, slots=True)
class Step:
    """What one rule made of a text: `after` is None where it was refused, and `error` says why."""

    name: str
    section: str
    before: str
    after: str | None
    error: StringError | None = None


class Profile:
    """Rules in their order, applied until nothing changes any more.

    `passes` is how often at most: RFC 8264 section 7 asks for three more after the first, stringprep
    (RFC 3454 section 2) knows one.
    """

    __slots__ = ("_inert", "name", "passes", "prepared_after", "rules", "section")

    def __init__(
        self,
        name: str,
        section: str,
        rules: Sequence[Rule],
        *,
        passes: int = 4,
        prepared_after: int = 0,
        inert: Inert | None = None,
    ) -> None:
        self.name = name
        self.section = section
        self.rules = tuple(rules)
        self.passes = passes
        self.prepared_after = prepared_after
        self._inert = inert

    def __repr__(self) -> str:
        return f"<{self.name}, {self.section}>"

    def enforce(self, text: str) -> str:
        """Give the text as it is stored and compared; raises `StringError`."""
        if self._inert is not None and self._inert.leaves_alone(text):
            return text
        return self.apply_rules(text)

    def apply_rules(self, text: str) -> str:
        """Do what `enforce` does without its short cut."""
        before = text
        applied = 0
        try:
            for done in range(self.passes):
                after = before
                for applied, rule in enumerate(self.rules, done * len(self.rules)):  # noqa: B007
                    after = rule.apply(after)
                if after == before or self.passes == 1:
                    if self._inert is not None:
                        self._inert.learn(after)
                    return after
                before = after
        except StringError as error:
            raise error.at(self._origin(text, applied, error.position)) from None
        raise _RESTLESS.at(None)

    def prepare(self, text: str) -> str:
        """Apply only the rules of preparation (RFC 8264 section 6.1); raises `StringError`."""
        for rule in self.rules[: self.prepared_after]:
            text = rule.apply(text)
        return text

    def compare(self, one: str, other: str) -> bool:
        """Whether two texts are the same to this profile; raises `StringError` for one it refuses."""
        return self.enforce(one) == self.enforce(other)

    def steps(self, text: str) -> list[Step]:
        """Report every rule of the first pass, and those of the others that still change the text.

        A refused text ends the list with a step that has an `error`; its position is one in `text`.
        """
        return list(self._steps(text))

    def _steps(self, text: str) -> Iterator[Step]:
        count = len(self.rules)
        before = text
        for number in range(self.passes * count):
            rule = self.rules[number % count]
            if number % count == 0:
                begun = before
            try:
                after = rule.apply(before)
            except StringError as error:
                found = error.at(self._origin(text, number, error.position))
                yield Step(rule.name, rule.section, before, None, found)
                return
            if number < count or after != before:
                yield Step(rule.name, rule.section, before, after)
            before = after
            if number % count == count - 1 and begun == before:
                return
        if self.passes > 1:
            yield Step("stability", _RESTLESS.section, before, None, _RESTLESS)

    def learnt(self) -> tuple[int, ...]:
        """How many code points each group of its short cut remembers."""
        return () if self._inert is None else self._inert.sizes()

    def origins(self, text: str) -> Sequence[int]:
        """For each code point of what the rules make of a text in one pass, the index it came from."""
        return self._traced(text, len(self.rules))

    def _origin(self, text: str, applied: int, position: int | None) -> int | None:
        """Trace a place in the text that rule number `applied` was given back to the text as it was given."""
        if position is None:
            return None
        traced = self._traced(text, applied)
        return traced[position] if position < len(traced) else None

    def _traced(self, text: str, applied: int) -> Sequence[int]:
        traced: Sequence[int] = range(len(text))
        for number in range(applied):
            rule = self.rules[number % len(self.rules)]
            traced = [traced[one] for one in rule.origins(text)]
            text = rule.apply(text)
        return traced
