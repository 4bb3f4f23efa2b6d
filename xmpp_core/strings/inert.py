"""Code points that a profile leaves alone wherever they stand: the short cut of the profiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

__all__ = ["MOST_LEARNT", "Inert"]

MOST_LEARNT: Final = 8192
"""How many code points one group remembers; a group that is full begins anew."""


class Inert:
    """Groups of code points; a text all of one group, and in normal form, is as its profile leaves it.

    A group is learnt from texts that took the long way, code point by code point, so that what is in use
    is found in a set and no table of all Unicode is made. `normal` tells whether a text is in normal form.
    """

    __slots__ = ("_groups", "_normal", "_tests")

    def __init__(self, normal: Callable[[str], bool], *tests: Callable[[str], bool]) -> None:
        self._normal = normal
        self._tests: Sequence[Callable[[str], bool]] = tests
        self._groups: tuple[set[str], ...] = tuple(set() for _ in tests)

    def leaves_alone(self, text: str) -> bool:
        """Whether the text is known to come out as it is; False proves nothing."""
        for group in self._groups:
            if group.issuperset(text):
                return text != "" and self._normal(text)
        return False

    def learn(self, text: str) -> None:
        """Look at the code points of a text that took the long way."""
        for one in set(text):
            for test, group in zip(self._tests, self._groups, strict=True):
                if one not in group and test(one):
                    if len(group) >= MOST_LEARNT:
                        group.clear()
                    group.add(one)

    def is_inert(self, code_point: str) -> bool:
        """Whether some group takes this code point."""
        return any(test(code_point) for test in self._tests)

    def sizes(self) -> tuple[int, ...]:
        """How many code points each group remembers now."""
        return tuple(map(len, self._groups))
