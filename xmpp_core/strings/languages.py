"""Language tags: well-formedness (RFC 5646) and lookup (RFC 4647)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["lookup", "well_formed"]

_TAG: Final = re.compile(
    r"(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})"
    r"(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+"
    r"|en-gb-oed|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)"
    r"|sgn-(?:be-fr|be-nl|ch-de)|art-lojban|cel-gaulish|no-bok|no-nyn"
    r"|zh-(?:guoyu|hakka|min|min-nan|xiang))",
    re.IGNORECASE,
)
_LONGEST: Final = 255


def well_formed(tag: str) -> bool:
    """Whether `tag` is a well-formed language tag (RFC 5646 section 2.2.9); subtags are not looked up."""
    return len(tag) <= _LONGEST and _TAG.fullmatch(tag) is not None and tag.isascii()


def lookup(ranges: Sequence[str], available: Iterable[str | None], default: str | None = None) -> str | None:
    """Give the available tag that suits best, by RFC 4647 section 3.4, else `default`."""
    have = {tag.lower(): tag for tag in available if tag is not None}
    for wanted in ranges:
        parts = wanted.lower().split("-")
        while parts and parts != ["*"]:
            found = have.get("-".join(parts))
            if found is not None:
                return found
            parts.pop()
            if parts and len(parts[-1]) == 1:
                parts.pop()
    return default
