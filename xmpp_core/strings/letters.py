"""Letters of scripts in common use, for short cuts: what is in doubt is left out, and takes the long way.

Nothing here decides anything. A test compares every code point with the profiles, on each interpreter.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["IN_LOCALPARTS", "IN_RESOURCEPARTS", "RIGHT_TO_LEFT"]


def _every_other(first: int, last: int) -> str:
    """Small letters that stand behind their capitals."""
    return "".join(map(chr, range(first, last + 1, 2)))


# Bodies of character classes of regular expressions, all without what is special in one.
_CASELESS: Final = (
    "\u0904-\u0939\u093c-\u094d\u0960-\u0963\u0966-\u096f"  # Devanagari
    "\u0985-\u098c\u0993-\u09a8\u09aa-\u09b0\u09e6-\u09f1"  # Bengali
    "\u0b85-\u0b8a\u0b92-\u0b95\u0bae-\u0bb9\u0bbe-\u0bc2\u0bc6-\u0bc8\u0bca-\u0bcd"  # Tamil
    "\u0c05-\u0c0c\u0c12-\u0c28\u0c2a-\u0c39\u0c3e-\u0c44"  # Telugu
    "\u0e01-\u0e32\u0e34-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59"  # Thai
    "\u10d0-\u10fa"  # Georgian
    "\u3005-\u3007\u3041-\u3096\u309d-\u309e\u30a1-\u30fa\u30fc-\u30fe"  # Kana
    "\u3400-\u4db5\u4e00-\u9fa5"  # Han
    "\uac00-\ud7a3"  # Hangul
)
_SMALL: Final = (
    "\u00df-\u00f6\u00f8-\u00ff"
    + _every_other(0x0101, 0x0131)  # Latin Extended-A
    + "\u0135\u0137"
    + _every_other(0x013A, 0x013E)
    + _every_other(0x0142, 0x0148)
    + _every_other(0x014B, 0x0177)
    + "\u017a\u017c\u017e"
    + _every_other(0x1E01, 0x1E95)  # and Additional
    + _every_other(0x1EA1, 0x1EFF)
    + "\u0390\u03ac-\u03ce"  # Greek
    + "\u0430-\u045f"  # Cyrillic
    + _every_other(0x048B, 0x04BF)
    + _every_other(0x04D1, 0x052F)
    + "\u0561-\u0586"  # Armenian
)
_CAPITAL: Final = (
    "\u00c0-\u00d6\u00d8-\u00de\u0100-\u0131\u0134-\u013e\u0141-\u0148\u014a-\u017e\u1e00-\u1e95\u1ea0-\u1eff"
    "\u0388-\u038a\u038e-\u03a1\u03a3-\u03ab\u0400-\u042f\u048a-\u04bf\u04d0-\u052f\u0531-\u0556"
)
RIGHT_TO_LEFT: Final = "\u05d0-\u05ea\u0620-\u063f\u0641-\u064a\u066e-\u066f\u0671-\u0674\u0679-\u06d3"
"""Hebrew and Arabic letters: a localpart of nothing else satisfies the Bidi Rule."""
IN_LOCALPARTS: Final = re.escape("!#$%()*+,-.;=?[\\]^_`{|}~") + "a-z0-9" + _SMALL + _CASELESS
"""Code points that UsernameCaseMapped leaves alone in any text in normal form that is not right-to-left."""
IN_RESOURCEPARTS: Final = " -~" + _SMALL + _CAPITAL + _CASELESS + RIGHT_TO_LEFT
"""Code points that OpaqueString leaves alone in any text in normal form."""
