"""Fallback indication: what in a message is only there for those who do not understand the rest.

XEP-0428, version 0.2.1, Experimental; sections 2 and 3. Characters are counted by XEP-0426.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum
from typing import Final

from ...namespaces import XML_LANG
from ..message import Message
from ..payload import UNSIGNED_INT, Spec, attribute, children, element_name, payload

__all__ = ["NAMESPACE", "SPEC", "Fallback", "Part", "Region", "genuine", "without_fallback"]

SPEC: Final = Spec(428, "0.2.1", "Experimental", "Fallback Indication")
NAMESPACE: Final = "urn:xmpp:fallback:0"


class Part(Enum):
    """Where a region is."""

    SUBJECT = "subject"
    BODY = "body"


@payload(NAMESPACE, ("body", "subject"))
class Region:
    """The characters from `start` up to, not including, `end`; without both, all of the text (section 2.2)."""

    part: Part = element_name(default=Part.BODY)
    start: int | None = attribute(codec=UNSIGNED_INT, default=None)
    end: int | None = attribute(codec=UNSIGNED_INT, default=None)

    @property
    def whole(self) -> bool:
        """Whether it is all of the text."""
        return self.start is None and self.end is None


@payload(NAMESPACE, "fallback")
class Fallback:
    """Says which texts, or parts of them, stand for something else in the message (section 2.2)."""

    for_: str | None = attribute("for", default=None)
    """The namespace of what they stand for: who understands that need not show them."""
    regions: tuple[Region, ...] = children(Region, default=())
    """Subjects before bodies. None: all the bodies and subjects."""

    def of(self, part: Part) -> tuple[Region, ...]:
        """Give the regions of the body, or of the subject; empty if none of it is fallback."""
        if not self.regions:
            return (Region(part),)
        return tuple(one for one in self.regions if one.part is part)


def genuine(text: str, regions: Iterable[Region]) -> str | None:
    """Give a text without these regions; None if they say all of it is fallback.

    A region that is not within the text was counted in another one, or otherwise than by code points: it takes
    nothing away, since what is taken away is not shown to anybody.
    """
    spans = []
    for one in regions:
        if one.whole:
            return None
        start = one.start or 0
        end = len(text) if one.end is None else one.end
        if start <= end <= len(text):
            spans.append((start, end))
    kept = []
    place = 0
    for start, end in sorted(spans):
        if start > place:
            kept.append(text[place:start])
        place = max(place, end)
    return "".join(kept) + text[place:]


def without_fallback(message: Message, understood: Collection[str]) -> Message:
    """Give a copy of a message without what is there for those who do not understand these namespaces.

    A text of which nothing is left is taken away. Where a message has a text in several languages, characters are
    counted in the one without `xml:lang`, else in the first: the others are left, unless they are fallback as a whole.
    Raises `PayloadError` for an indication that breaks its rules.
    """
    known = [one for one in message.get_all(Fallback) if one.for_ in understood]
    if not known:
        return message
    twin = message.copy()
    for part in Part:
        regions = [region for one in known for region in one.of(part)]
        if not regions:
            continue
        texts = twin.element.findall(f"{{{message.namespace}}}{part.value}")
        all_of_it = any(one.whole for one in regions)
        counted = next((one for one in texts if XML_LANG not in one.attrib), texts[0] if texts else None)
        for one in texts:
            if not all_of_it and one is not counted:
                continue
            left = None if all_of_it else genuine(one.text or "", regions)
            if left:
                one.text = left
            else:
                twin.element.remove(one)
    return twin
