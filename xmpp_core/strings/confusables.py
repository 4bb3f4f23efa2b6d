"""Strings that look alike (RFC 7622 section 7.3, XEP-0165): an optional check, for people's eyes only.

A small table of letters that are drawn as a Latin letter or digit is, and the scripts of a string. It is no
UTS 39: see docs/explanation/addresses.md for what it does not find. Never decides whether addresses are equal.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

__all__ = ["confusable", "mixed_scripts", "scripts", "skeleton"]

# What is drawn as the letters in front: capitals as capitals, small letters as small ones. Cherokee small
# letters are drawn as small capitals.
_DRAWN_ALIKE: Final[dict[str, str]] = {
    "a": "\u0251\u03b1\u0430\u0391\u0410\u13aa\uab7a",
    "b": "\u0392\u0412\u042c\u044c\u13cf\u13f4\u13fc\uab9f",
    "c": "\u03f2\u03f9\u0421\u0441\u13df\u1d04\uabaf\u2ca5",
    "d": "\u0501\u13a0\u13e7\uab70\uabb7",
    "e": "\u0395\u0415\u0435\u04bd\u13ac\uab7c",
    "f": "\u03dc\u0584\ua799",
    "g": "\u0261\u0581\u050c\u13c0\u13f3\u13fb\uab90",
    "h": "\u0397\u041d\u04bb\u0570\u13bb\u13c2\uab8b\uab92",
    "i": "\u0131\u0269\u026a\u03b9\u0456\u13a5\uab75",
    "j": "\u03f3\u037f\u0408\u0458\u13ab\uab7b",
    "k": "\u039a\u03ba\u041a\u043a\u0138\u13e6\uabb6",
    "l": "I1|\u0196\u01c0\u0399\u0406\u04c0\u04cf\u13de\uabae",
    "n": "\u039d\u0578\u057c",
    "o": "0\u039f\u03bf\u03c3\u041e\u043e\u0555\u0585\u10ff\u1d0f",
    "p": "\u03a1\u03c1\u0420\u0440\u13b5\uab85\u13e2\uabb2\u2ca3",
    "q": "\u051b\u0563\u0566",
    "r": "\u01a6\u0433\u13a1\u13d2\uab71\uab81\uaba2",
    "s": "\u01bd\u0405\u0455\u054f\u13d5\u13da\ua731\uaba5\uabaa",
    "t": "\u03a4\u03c4\u0422\u0442\u13a2\uab72",
    "u": "\u028b\u03c5\u054d\u057d\u1d1c",
    "v": "\u03bd\u0474\u0475\u13d9\u1d20\uaba9",
    "x": "\u03a7\u03c7\u0425\u0445",
    "y": "\u0263\u028f\u03a5\u03b3\u0423\u0443\u04ae\u04af\u10e7\u13a9\u13bd\uab79\uab8d",
    "z": "\u0396\u13c3\u1d22\uab93",
    "4": "\u13ce\uab9e",
    "6": "\u0431\u13ee\uabbe",
    "8": "\u0223\u0222",
    "rn": "mM\u039c\u041c\u043c\u13b7\uab87",
    "vv": "wW\u026f\u0461\u051c\u051d\u0561\u13b3\u13d4\u1d21\uab83\uaba4",
}
_PROTOTYPES: Final = {ord(one): letters for letters, alike in _DRAWN_ALIKE.items() for one in alike}
# UTS 39 section 5.2, Highly Restrictive: scripts that are written together.
_TOGETHER: Final = (
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
)
_NAMED: Final = {"CJK": "HAN", "IDEOGRAPHIC": "HAN", "KATAKANA-HIRAGANA": ""}


def skeleton(text: str) -> str:
    """Reduce a string to what it looks like: strings with one skeleton look alike. Never show or store it."""
    drawn = unicodedata.normalize("NFKD", text).translate(_PROTOTYPES).lower()
    return unicodedata.normalize("NFC", drawn.translate(_PROTOTYPES))


def confusable(one: str, other: str) -> bool:
    """Whether two different strings look alike to this table."""
    return one != other and skeleton(one) == skeleton(other)


def scripts(text: str) -> frozenset[str]:
    """Give the scripts of the letters of a string, in capitals ("LATIN", "CYRILLIC", "HAN").

    A script is taken from the name of a letter, so it is the block's word for it; digits, marks and symbols
    have none.
    """
    return frozenset(map(_script, text)) - {""}


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    if unicodedata.category(character) not in ("Ll", "Lu", "Lt", "Lo", "Lm"):
        return ""
    word = unicodedata.name(character, "").partition(" ")[0]
    if word in ("FULLWIDTH", "HALFWIDTH", "MODIFIER"):
        return ""
    return _NAMED.get(word, word)


def mixed_scripts(text: str) -> bool:
    """Whether letters of scripts stand together that are not written together (UTS 39 section 5.2)."""
    found = scripts(text)
    return len(found) > 1 and not any(found <= together for together in _TOGETHER)
