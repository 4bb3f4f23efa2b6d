"""The limits on a whole element: depth, nodes, attributes, children, names (RFC 6120 section 13.12)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from xml.etree.ElementTree import Element

from ..limits import XMLLimits

__all__ = ["Bounds"]


class Bounds:
    """Finds the first of several complete elements that is too large in some dimension.

    Each dimension has a size in octets below which it cannot be exceeded, so that ordinary stanzas
    are not walked: the cheapest element takes four octets, a level seven, an attribute five.
    """

    __slots__ = ("_limits", "_long_name", "_walk_from", "depth_from", "name_from", "nodes_from")

    def __init__(self, limits: XMLLimits) -> None:
        self._limits = limits
        self.depth_from = 7 * limits.depth
        self.nodes_from = 4 * min(limits.nodes, limits.children)
        self.name_from = limits.name_length
        self._walk_from = min(self.depth_from, self.nodes_from, limits.attributes, self.name_from)
        self._long_name = re.compile(rb"""[^ \t\r\n<>="'/]{%d}""" % (limits.name_length + 1))

    def first_excess(self, elements: Sequence[Element], octets: bytes | bytearray, size: int) -> tuple[int, str] | None:
        """Give the index of the first element above a limit and the limit's name, None if there is none.

        `octets` hold the elements, perhaps without the beginning of the first; `size` counts that too.
        """
        if size <= self._walk_from:
            return None
        suspicious = (
            size > self.nodes_from
            or size - len(octets) > self._walk_from
            or octets.count(b"=") > self._limits.attributes
            or (size > self.name_from and self._long_name.search(octets) is not None)
        )
        if not suspicious and (size <= self.depth_from or not self._too_deep(elements)):
            return None
        for index, element in enumerate(elements):
            excess = self._excess(element)
            if excess is not None:
                return index, excess
        return None

    def _too_deep(self, elements: Sequence[Element]) -> bool:
        level: list[Element] = list(elements)
        for _ in range(self._limits.depth):
            level = list(chain.from_iterable(level))
            if not level:
                return False
        return True

    def _excess(self, element: Element) -> str | None:
        limits = self._limits
        nodes, depth = 0, 0
        level = [element]
        while level:
            depth += 1
            if depth > limits.depth:
                return "depth"
            for one in level:
                attributes = one.keys()
                nodes += 1 + len(attributes)
                if len(attributes) > limits.attributes:
                    return "attributes"
                if len(one) > limits.children:
                    return "children"
                if _long(one.tag, limits.name_length) or any(_long(name, limits.name_length) for name in attributes):
                    return "name length"
            if nodes > limits.nodes:
                return "nodes"
            level = list(chain.from_iterable(level))
        return None


def _long(name: str, most: int) -> bool:
    return len(name) > most and len(name) - (name.rfind("}") + 1) > most
