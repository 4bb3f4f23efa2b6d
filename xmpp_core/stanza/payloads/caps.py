"""Entity capabilities: a hash in presence that stands for an answer of service discovery.

XEP-0115, version 1.6.0, Draft; sections 4 to 6.
"""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from collections.abc import Iterable
from enum import Enum
from hmac import compare_digest
from typing import Final

from ..payload import Spec, attribute, payload
from .disco import DiscoInfo, Identity
from .form_types import FORM_TYPE
from .forms import FieldType, Form

__all__ = ["ALGORITHMS", "NAMESPACE", "OPTIMIZE", "SPEC", "Caps", "Verdict", "flaw", "string", "verification"]

SPEC: Final = Spec(115, "1.6.0", "Draft", "Entity Capabilities")
NAMESPACE: Final = "http://jabber.org/protocol/caps"
OPTIMIZE: Final = "http://jabber.org/protocol/caps#optimize"
"""Feature of a server that leaves the hash out where it is known already (section 8.4)."""
ALGORITHMS: Final = {
    "sha-1": "sha1",
    "sha-224": "sha224",
    "sha-256": "sha256",
    "sha-384": "sha384",
    "sha-512": "sha512",
}
"""Names of the IANA registry of hash functions, and what `hashlib` calls them. All have SHA-1 (section 9.1)."""


class Verdict(Enum):
    """What became of an answer that a hash is to stand for (section 5.4)."""

    VALID = "valid"
    """It may be kept for all who say this hash."""
    INVALID = "invalid"
    """The hash is another: ask somebody else who says it."""
    ILL_FORMED = "ill-formed"
    """The answer can be read in two ways; it must not be kept."""
    UNKNOWN_HASH = "unknown hash"
    """It holds for the address that was asked, and for no other."""
    LEGACY = "legacy"
    """There is no hash, as before version 1.4; it holds for the address that was asked."""


@payload(NAMESPACE, "c")
class Caps:
    """In presence or stream features: the hash of what an entity answers to service discovery (section 4)."""

    node: str = attribute()
    """Which software, as a URI."""
    ver: str = attribute()
    """The hash, or in the legacy format the version of the software."""
    hash: str | None = attribute(default=None)
    """The algorithm; None in the legacy format."""
    ext: str | None = attribute(default=None)
    """Names of bundles of features, in the legacy format."""

    @classmethod
    def of(cls, node: str, info: DiscoInfo, hash: str = "sha-1") -> Caps:
        """Make the element that stands for an answer; raises `ValueError` for an algorithm that is not known."""
        return cls(node, verification(info, hash), hash)

    @property
    def disco_node(self) -> str:
        """The node to ask for what the hash stands for (section 6.2)."""
        return f"{self.node}#{self.ver}"

    def judge(self, info: DiscoInfo) -> Verdict:
        """Say whether an answer is what this hash stands for, and may be kept (section 5.4)."""
        if self.hash is None:
            return Verdict.LEGACY
        if self.hash not in ALGORITHMS:
            return Verdict.UNKNOWN_HASH
        if flaw(info) is not None:
            return Verdict.ILL_FORMED
        same = compare_digest(verification(info, self.hash).encode(), self.ver.encode())
        return Verdict.VALID if same else Verdict.INVALID


def flaw(info: DiscoInfo) -> str | None:
    """Say which rule makes an answer ill-formed (section 5.4, step 3), None if none does.

    Such answers are refused whatever their hash is: they are what is sent to make others keep a false one.
    """
    if _twice(_identity(one) for one in info.identities):
        return "an identity stands there twice (XEP-0115 section 5.4)"
    if _twice(info.features):
        return "a feature stands there twice (XEP-0115 section 5.4)"
    kinds: list[str] = []
    for form in info.forms:
        values = _kind(form)
        if len(set(values)) > 1:
            return "a FORM_TYPE has several values (XEP-0115 section 5.4)"
        kinds += values[:1]
    if _twice(kinds):
        return "a FORM_TYPE stands there twice (XEP-0115 section 5.4)"
    return None


def string(info: DiscoInfo) -> bytes:
    """Give the string that is hashed (section 5.1). Forms that have no hidden FORM_TYPE are left out (section 5.4)."""
    parts: list[bytes] = []
    parts += [b"/".join(one) for one in sorted(_identity(one) for one in info.identities)]
    parts += sorted(map(_octets, info.features))
    forms = [(_octets(_kind(one)[0]), one) for one in info.forms if _kind(one)]
    for kind, form in sorted(forms, key=lambda one: one[0]):
        parts.append(kind)
        fields = [
            (_octets(one.var or ""), sorted(map(_octets, one.values))) for one in form.fields if one.var != FORM_TYPE
        ]
        for var, values in sorted(fields):
            parts += [var, *values]
    return b"".join(part + b"<" for part in parts)


def verification(info: DiscoInfo, hash: str = "sha-1") -> str:
    """Give the hash of an answer (section 5.1); raises `ValueError` for an algorithm that is not known."""
    if hash not in ALGORITHMS:
        raise ValueError("no hash function of `caps.ALGORITHMS`")
    digest = hashlib.new(ALGORITHMS[hash], string(info), usedforsecurity=False).digest()
    return b2a_base64(digest, newline=False).decode("ascii")


def _identity(one: Identity) -> tuple[bytes, bytes, bytes, bytes]:
    return (_octets(one.category), _octets(one.type), _octets(one.lang or ""), _octets(one.name or ""))


def _octets(text: str) -> bytes:
    """Give a part as it stands in XML: a `<` within it would let one part pass for two (section 5.1, note)."""
    return text.replace("<", "&lt;").encode()


def _kind(form: Form) -> tuple[str, ...]:
    """Give the values of the FORM_TYPE, none if it is not hidden."""
    found = [one for one in form.fields if one.var == FORM_TYPE]
    hidden = bool(found) and found[0].type is FieldType.HIDDEN
    return tuple(value for one in found for value in one.values) if hidden else ()


def _twice(given: Iterable[object]) -> bool:
    several = list(given)
    return len(set(several)) < len(several)
