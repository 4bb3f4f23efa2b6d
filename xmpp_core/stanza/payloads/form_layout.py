"""Layout of data forms: which fields stand on which page, and in which section.

XEP-0141, version 1.0, Draft; sections 3 and 8.
"""

from __future__ import annotations

from typing import Final, Self

from ..payload import Spec, attribute, choices, payload, text

__all__ = ["NAMESPACE", "SPEC", "FieldRef", "Page", "ReportedRef", "Section", "Words"]

SPEC: Final = Spec(141, "1.0", "Draft", "Data Forms Layout")
NAMESPACE: Final = "http://jabber.org/protocol/xdata-layout"


@payload(NAMESPACE, "text")
class Words:
    """Text for people between the fields (section 8.5)."""

    words: str = text(default="")


@payload(NAMESPACE, "fieldref")
class FieldRef:
    """The place of a field of the form (section 8.3)."""

    var: str = attribute()


@payload(NAMESPACE, "reportedref")
class ReportedRef:
    """The place of the table of results (section 8.4)."""


@payload(NAMESPACE, "section")
class Section:
    """A part of a page, or of another section (section 8.2)."""

    parts: tuple[Words | Section | FieldRef | ReportedRef, ...] = choices(
        Words, Self, FieldRef, ReportedRef, default=()
    )
    label: str | None = attribute(default=None)


@payload(NAMESPACE, "page")
class Page:
    """One page of a form (section 8.1)."""

    parts: tuple[Words | Section | FieldRef | ReportedRef, ...] = choices(
        Words, Section, FieldRef, ReportedRef, default=()
    )
    label: str | None = attribute(default=None)
