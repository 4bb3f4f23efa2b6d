"""JID escaping (XEP-0106): what localparts exclude, written so that they may hold it."""

from __future__ import annotations

import re
from typing import Final

from .errors import StringError

__all__ = ["ESCAPES", "escape_localpart", "unescape_localpart"]

ESCAPES: Final[dict[str, str]] = {one: f"\\{ord(one):02x}" for one in " \"&'/:<>@\\"}
"""XEP-0106 section 3.2: a character and what it is escaped to. Case is significant."""
_PLAIN: Final = {escaped: one for one, escaped in ESCAPES.items()}
# A backslash is escaped only where it would be read as an escape (section 4.2, step 3).
_TO_ESCAPE: Final = re.compile(r"[ \"&'/:<>@]|\\(?=20|22|26|27|2f|3a|3c|3e|40|5c)")
_ESCAPED: Final = re.compile(r"\\(?:20|22|26|27|2f|3a|3c|3e|40|5c)")


def escape_localpart(text: str) -> str:
    r"""Escape what a person typed, or an address of another system, into a localpart (XEP-0106 section 4.2).

    Raises `StringError` for a space at the beginning or end: an escaped localpart must not have "\20" there
    (section 3.2). The result still is to be prepared, as any localpart.
    """
    for position in (0, len(text) - 1):
        if text[position : position + 1] == " ":
            raise StringError("a space at the beginning or end", "XEP-0106 section 3.2", position, " ")
    return _TO_ESCAPE.sub(lambda found: ESCAPES[found[0]], text)


def unescape_localpart(text: str) -> str:
    r"""Give the form a person sees (XEP-0106 section 4.1): only for display, never to compare addresses.

    "\20" at the beginning or end is no escape (section 3.2) and stays.
    """

    def plain(found: re.Match[str]) -> str:
        if found[0] == "\\20" and (found.start() == 0 or found.end() == len(text)):
            return found[0]
        return _PLAIN[found[0]]

    return _ESCAPED.sub(plain, text)
