"""Code points that a profile leaves alone wherever they stand: the short cut of the profiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

__all__ = ["MOST_LEARNT", "Group", "Inert"]

MOST_LEARNT: Final = 8192
"""How many code points one group remembers; a group that is full begins anew."""


class Group(NamedTuple):
    """Code points that pass `anywhere` may stand beside each other, if the first and last pass `at_ends`."""

    anywhere: Callable[[str], bool]
    at_ends: Callable[[str], bool] | None = None


class Inert:
    """Groups of code points; a text all of one group, and in normal form, is as its profile leaves it.

    A group is learnt from texts that took the long way, code point by code point, so that what is in use
    is found in a set and no table of all Unicode is made. `normal` tells whether a text is in normal form;
    longer texts than `longest` code points are never left alone, nor is the empty one.
    """

    __slots__ = ("_groups", "_learnt", "_longest", "_normal", "_quick")

    def __init__(self, normal: Callable[[str], bool], *groups: Group, longest: int = 255) -> None:
        self._normal = normal
        self._longest = longest
        self._groups = groups
        self._learnt: tuple[tuple[set[str], set[str]], ...] = tuple((set(), set()) for _ in groups)
        self._quick = tuple(
            (anywhere.issuperset, ends if group.at_ends else anywhere)
            for group, (anywhere, ends) in zip(groups, self._learnt, strict=True)
        )

    def leaves_alone(self, text: str) -> bool:
        """Whether the text is known to come out as it is; False proves nothing."""
        for holds, ends in self._quick:
            if holds(text):
                return 0 < len(text) <= self._longest and text[0] in ends and text[-1] in ends and self._normal(text)
        return False

    def learn(self, text: str) -> None:
        """Look at the code points of a text that took the long way."""
        for one in set(text):
            for group, (anywhere, ends) in zip(self._groups, self._learnt, strict=True):
                if one in anywhere or not group.anywhere(one):
                    continue
                if len(anywhere) >= MOST_LEARNT:
                    anywhere.clear()
                    ends.clear()
                anywhere.add(one)
                if group.at_ends is not None and group.at_ends(one):
                    ends.add(one)

    def sizes(self) -> tuple[int, ...]:
        """How many code points each group remembers now."""
        return tuple(len(anywhere) for anywhere, _ in self._learnt)
