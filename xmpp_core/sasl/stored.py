"""What a server keeps of passwords, as text for others: RFC 5803 for directories, XEP-0227 for XMPP servers.

Both hold keys as good as passwords against any server with the same salt: keep them as you would passwords.
Reading is strict, as RFC 5803 section 3 asks: what was tampered with is refused, not repaired.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from ..errors import LocalProtocolError
from .attributes import MessageError, decode_base64, encode_base64
from .credentials import ScramVerifier, StoredKeys
from .derivation import HASHES

__all__ = [
    "MOST_STORED_ITERATIONS",
    "StoredFormatError",
    "read_auth_password",
    "read_scram_credentials",
    "write_auth_password",
    "write_scram_credentials",
]

MOST_STORED_ITERATIONS: Final = 10_000_000
"""More are refused on import (RFC 5803 section 3): each PLAIN login would have to make them."""

_NAMESPACE: Final = "urn:xmpp:pie:0#scram"
_CREDENTIALS: Final = f"{{{_NAMESPACE}}}scram-credentials"
_COUNT: Final = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
# authPasswordSyntax of RFC 3112 section 3.1: three parts, white space around each.
_AUTH_PASSWORD: Final = re.compile(
    r"[ ]*SCRAM-(?P<hash>[A-Z0-9-]+)[ ]*\$[ ]*(?P<count>[0-9]+):(?P<salt>[A-Za-z0-9+/=]+)[ ]*"
    r"\$[ ]*(?P<stored>[A-Za-z0-9+/=]+):(?P<server>[A-Za-z0-9+/=]+)[ ]*",
    re.ASCII,
)


class StoredFormatError(LocalProtocolError, ValueError):
    """Stored keys are not written as their specification says. The text holds nothing of them."""


def write_auth_password(keys: StoredKeys) -> tuple[str, ...]:
    """Give one `authPassword` value a hash (RFC 5803 section 2)."""
    return tuple(
        f"SCRAM-{one.hash}${one.iterations}:{encode_base64(one.salt)}"
        f"${encode_base64(one.stored_key)}:{encode_base64(one.server_key)}"
        for one in keys.entries
    )


def read_auth_password(values: Iterable[str]) -> StoredKeys:
    """Read `authPassword` values of one user (RFC 5803 section 2); those of other schemes are passed over.

    Raises `StoredFormatError`.
    """
    found = []
    for value in values:
        if not value.lstrip(" ").startswith("SCRAM-"):
            continue
        match = _AUTH_PASSWORD.fullmatch(value)
        if match is None:
            raise StoredFormatError("no authPassword value of SCRAM (RFC 5803 section 2)")
        found.append(_verifier(match["hash"], match["count"], match["salt"], match["stored"], match["server"]))
    return _keys(found)


def write_scram_credentials(keys: StoredKeys) -> tuple[Element, ...]:
    """Give one `<scram-credentials/>` a hash (XEP-0227 section 4.3)."""
    found = []
    for one in keys.entries:
        element = Element(_CREDENTIALS, {"mechanism": f"SCRAM-{one.hash}"})
        for name, text in (
            ("iter-count", str(one.iterations)),
            ("salt", encode_base64(one.salt)),
            ("server-key", encode_base64(one.server_key)),
            ("stored-key", encode_base64(one.stored_key)),
        ):
            SubElement(element, f"{{{_NAMESPACE}}}{name}").text = text
        found.append(element)
    return tuple(found)


def read_scram_credentials(user: Element) -> StoredKeys:
    """Read every `<scram-credentials/>` of a `<user/>` (XEP-0227 section 4.3); other hashes are passed over.

    Raises `StoredFormatError`.
    """
    found = []
    for element in user.iterfind(_CREDENTIALS):
        hash = element.get("mechanism", "").removeprefix("SCRAM-")
        if hash not in HASHES:
            continue
        texts = []
        for name in ("iter-count", "salt", "stored-key", "server-key"):
            children = element.findall(f"{{{_NAMESPACE}}}{name}")
            if len(children) != 1:
                raise StoredFormatError("each part is there exactly once (XEP-0227 section 4.3)")
            texts.append((children[0].text or "").strip())
        found.append(_verifier(hash, *texts))
    return _keys(found)


def _verifier(hash: str, count: str, salt: str, stored: str, server: str) -> ScramVerifier:
    if hash not in HASHES:
        raise StoredFormatError("a hash this package does not know")
    if _COUNT.fullmatch(count) is None or int(count) > MOST_STORED_ITERATIONS:
        raise StoredFormatError(f"no number of iterations up to {MOST_STORED_ITERATIONS}")
    try:
        parts = decode_base64(salt), decode_base64(stored), decode_base64(server)
    except MessageError:
        raise StoredFormatError("not base64") from None
    octets = HASHES[hash].octets
    if not parts[0] or len(parts[1]) != octets or len(parts[2]) != octets:
        raise StoredFormatError(f"no salt, or keys of another size than {hash} has")
    return ScramVerifier(hash, parts[0], int(count), parts[1], parts[2])


def _keys(found: list[ScramVerifier]) -> StoredKeys:
    if len({one.hash for one in found}) != len(found):
        raise StoredFormatError("two values for one hash")
    return StoredKeys(tuple(found))
