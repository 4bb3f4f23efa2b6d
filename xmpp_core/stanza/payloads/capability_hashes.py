"""Entity capabilities 2.0: hashes that stand for an answer of service discovery, over an input with one meaning.

XEP-0390, version 0.3.2, Deferred; sections 4 to 6.
"""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Iterable
from typing import Final

from ...errors import PayloadError
from ..payload import Spec, children, payload, unknown_of
from .disco import DiscoInfo, Identity
from .form_types import FORM_TYPE, form_type
from .forms import Form, FormField
from .hashes import RECOMMENDED, Hash, digests, matches, strongest

__all__ = [
    "GRATUITOUS",
    "NAMESPACE",
    "OPTIMIZE",
    "SPEC",
    "CapabilityHashes",
    "hash_input",
    "hash_node",
    "read_node",
]

SPEC: Final = Spec(390, "0.3.2", "Deferred", "Entity Capabilities 2.0")
NAMESPACE: Final = "urn:xmpp:caps"
OPTIMIZE: Final = "urn:xmpp:caps:optimize"
"""Feature of a server that leaves hashes out where they are known already (section 5.3)."""
GRATUITOUS: Final = "urn:xmpp:caps:gratuitous"
"""Feature of a server that takes them before presence (section 5.6)."""

_NODE: Final = "urn:xmpp:caps#"
_UNIT, _RECORD, _GROUP, _FILE = b"\x1f", b"\x1e", b"\x1d", b"\x1c"


@payload(NAMESPACE, "c")
class CapabilityHashes:
    """In presence, stream features or a request to the own server: hashes of one answer (sections 4.2 and 5)."""

    hashes: tuple[Hash, ...] = children(Hash)

    @classmethod
    def of(cls, info: DiscoInfo, algos: Iterable[str] = RECOMMENDED[:2], lang: str | None = None) -> CapabilityHashes:
        """Hash an answer; raises `PayloadError` for one that has no input, `ValueError` for an unknown function."""
        return cls(digests(hash_input(info, lang), algos))

    @property
    def node(self) -> str | None:
        """The node to ask for what they stand for, by the best hash that we know; None: we know none (section 5.5)."""
        best = strongest(self.hashes)
        return None if best is None else hash_node(best)

    def stands_for(self, info: DiscoInfo, lang: str | None = None) -> bool | None:
        """Whether an answer is what they stand for; None: we know none of the functions (section 4.4).

        `lang` is the language in force around the answer. Only what is verified may be kept (section 6.2.1), with
        the languages of its identities written out.
        """
        try:
            data = hash_input(info, lang)
        except PayloadError:
            return False
        return matches(self.hashes, data)


def hash_input(info: DiscoInfo, lang: str | None = None) -> bytes:
    """Give what is hashed of an answer (section 4.1); `lang` is the language in force around it.

    Raises `PayloadError` for an answer that holds anything but identities, features and forms, or a form that is a
    table or has no FORM_TYPE.
    """
    if unknown_of(info).elements:
        raise PayloadError("query/*", "identities, features and forms alone (XEP-0390 section 4.1)")
    for form in info.forms:
        if form.reported is not None or form.items:
            raise PayloadError("query/x/*", "no tables (XEP-0390 section 4.1)")
        if form_type(form) is None or sum(len(one.values) for one in form.fields if one.var == FORM_TYPE) != 1:
            raise PayloadError("query/x/field", "a FORM_TYPE (XEP-0390 section 4.1)")
    features = _sorted(_unit(one) for one in info.features)
    identities = _sorted(_identity(one, lang) for one in info.identities)
    return features + _FILE + identities + _FILE + _sorted(map(_form, info.forms)) + _FILE


def hash_node(hash: Hash) -> str:
    """Give the node that is asked for what a hash stands for (section 4.3)."""
    return f"{_NODE}{hash.algo}.{b2a_base64(hash.value, newline=False).decode('ascii')}"


def read_node(node: str) -> Hash | None:
    """Give the hash that a node names, None if it names none (section 4.3). Names of functions may hold a dot."""
    algo, dot, value = node.removeprefix(_NODE).rpartition(".")
    if not node.startswith(_NODE) or not dot:
        return None
    try:
        return Hash(algo, a2b_base64(value, strict_mode=True))
    except (Error, ValueError):
        return None


def _unit(text: str | None) -> bytes:
    return (text or "").encode() + _UNIT


def _sorted(parts: Iterable[bytes]) -> bytes:
    return b"".join(sorted(parts))


def _identity(one: Identity, lang: str | None) -> bytes:
    return _unit(one.category) + _unit(one.type) + _unit(one.lang or lang) + _unit(one.name) + _RECORD


def _form(form: Form) -> bytes:
    return _sorted(map(_field, form.fields)) + _GROUP


def _field(one: FormField) -> bytes:
    return _unit(one.var) + _sorted(map(_unit, one.values)) + _RECORD
