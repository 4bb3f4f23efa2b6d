"""Percent-encoding (RFC 3986 section 2.1), and the ways between IRIs and URIs (RFC 3987 section 3)."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from .errors import URIError

__all__ = ["SUBDELIMS", "UNRESERVED", "decoded", "encoded", "iri_to_uri", "measured", "normal", "places", "uri_to_iri"]

# RFC 3987 section 2.2, `ucschar`, without what section 4.1 bans: characters that steer the direction of a text.
# U+2066..2069 came to Unicode later, and do what U+202A..202E do.
_UCSCHAR: Final = (
    "\xa0-\u200d\u2010-\u2029\u202f-\u2065\u206a-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
    + "".join(f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 14))
    + "\U000e1000-\U000efffd"
)
_IPRIVATE: Final = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
UNRESERVED: Final = r"A-Za-z0-9\-._~"
"""The inside of a character class, like the next: `unreserved` and `sub-delims` of RFC 3986 section 2."""
SUBDELIMS: Final = "!$&'()*+,;="

_ASCII_UNRESERVED: Final = re.compile(f"[{UNRESERVED}]")
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]+")
_NO_ASCII_OF_IRIS: Final = re.compile(rf"(?![{UNRESERVED}{SUBDELIMS}:/?#\[\]@%])[\x00-\x7f]|%(?![0-9A-Fa-f]{{2}})")
_TRIPLETS: Final = re.compile("(?:%[0-9A-Fa-f]{2})+")
_TRIPLET: Final = re.compile(b"%([0-9A-Fa-f]{2})")
_UTF8: Final = "RFC 3987 section 3.2"


@cache
def _strange(beside: str = "") -> re.Pattern[str]:
    """What is beyond ASCII and not in `ucschar`. Large, so compiled when first needed."""
    return re.compile(rf"[^\x00-\x7f{_UCSCHAR}{beside}]")


def measured(text: str, allowed: re.Pattern[str], part: str, section: str, start: int = 0) -> None:
    """Check that `allowed` takes all of `text`, and that what is beyond ASCII may be in an IRI; raises `URIError`.

    `allowed` is greedy, gives back nothing, and takes every character beyond ASCII.
    `start` is where the part begins in the text as given.
    """
    match = allowed.match(text)
    end = match.end() if match else 0
    if not text.isascii():
        strange = _strange().search(text, 0, end)
        end = strange.start() if strange else end
    if end == len(text):
        return
    if text[end] == "%":
        raise URIError(part, "a percent sign without two hexadecimal digits", "RFC 3986 section 2.1", start + end, "%")
    raise URIError(part, "a character that must be percent-encoded there", section, start + end, text[end])


def decoded(text: str, part: str, start: int = 0) -> str:
    """Give what the percent-encoded octets of a checked part say in UTF-8; raises `URIError`."""
    if "%" not in text:
        return text
    octets = _TRIPLET.sub(lambda found: bytes((int(found[1], 16),)), text.encode())
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        position = start + _index_of_octet(text, error.start)
        raise URIError(part, "percent-encoded octets that are not UTF-8", _UTF8, position) from None


def places(text: str) -> list[int]:
    """Give the index in the part as written of each character that `decoded` gives, and of the end."""
    found: list[int] = []
    index = 0
    while index < len(text):
        if text[index] != "%":
            found.append(index)
            index += 1
            continue
        if int(text[index + 1 : index + 3], 16) & 0xC0 != 0x80:
            found.append(index)
        index += 3
    return [*found, len(text)]


def encoded(text: str, bare: re.Pattern[str], *, iri: bool, part: str = "text") -> str:
    """Percent-encode all that `bare` does not find; in an IRI what RFC 3987 lets stand stays as it is.

    `bare` finds runs of ASCII characters that may stand. Raises `URIError` for a surrogate.
    """
    parts: list[str] = []
    last = 0
    for match in bare.finditer(text):
        parts += (_quoted(text[last : match.start()], iri, part), match[0])
        last = match.end()
    parts.append(_quoted(text[last:], iri, part))
    return "".join(parts)


def uri_to_iri(text: str) -> str:
    """Give the IRI of a URI of any scheme (RFC 3987 section 3.2): what need not be percent-encoded is not.

    Raises `URIError` if `text` holds what neither a URI nor an IRI may hold.
    """
    _checked(text)
    return normal(text)


def iri_to_uri(text: str) -> str:
    """Give the URI of an IRI of any scheme (RFC 3987 section 3.1): all beyond ASCII is percent-encoded UTF-8.

    Raises `URIError` if `text` holds what an IRI may not hold.
    """
    _checked(text)
    return _BEYOND_ASCII.sub(lambda run: _hex(run[0].encode()), text)


def normal(text: str) -> str:
    """Write percent-encoded octets in the one way: decoded where they may be, else in capital digits."""
    return _TRIPLETS.sub(_bared, text) if "%" in text else text


def _checked(text: str) -> None:
    wrong = _NO_ASCII_OF_IRIS.search(text) or (None if text.isascii() else _strange(_IPRIVATE).search(text))
    if wrong is None:
        return
    if wrong[0] == "%":
        rule, section = "a percent sign without two hexadecimal digits", "RFC 3986 section 2.1"
    else:
        rule, section = "a character that no IRI may hold", "RFC 3987 sections 2.2 and 4.1"
    raise URIError("text", rule, section, wrong.start(), wrong[0])


def _quoted(text: str, iri: bool, part: str) -> str:
    try:
        if not iri:
            return _hex(text.encode())
        return "".join(one if one > "\x7f" and not _strange().match(one) else _hex(one.encode()) for one in text)
    except UnicodeEncodeError as error:
        surrogate = text[error.start]
        raise URIError(part, "a surrogate, which UTF-8 cannot hold", "RFC 3629 section 3", None, surrogate) from None


def _hex(octets: bytes) -> str:
    return "".join(f"%{one:02X}" for one in octets)


def _bared(run: re.Match[str]) -> str:
    # What is no UTF-8 comes back as surrogates, and leaves as the octets it was (RFC 3987 section 3.2, step 3).
    text = bytes.fromhex(run[0].replace("%", "")).decode(errors="surrogateescape")
    return "".join(one if _stands_bare(one) else _hex(one.encode(errors="surrogateescape")) for one in text)


def _stands_bare(one: str) -> bool:
    return _ASCII_UNRESERVED.match(one) is not None if one < "\x80" else _strange().match(one) is None


def _index_of_octet(text: str, wanted: int) -> int:
    octets = index = 0
    while octets < wanted:
        if text[index] == "%":
            octets, index = octets + 1, index + 3
        else:
            octets, index = octets + len(text[index].encode()), index + 1
    return index
