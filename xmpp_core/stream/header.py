"""Stream headers: building ours, judging the peer's (RFC 6120 sections 4.2, 4.7 and 4.8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..jid import JID, JIDError
from ..namespaces import STREAM, XML_LANG
from ..strings.languages import well_formed
from ..xml.parser import RootStart
from ..xml.writer import escape_attribute
from .context import Kind, Side

__all__ = ["OUR_VERSION", "Header", "HeaderFault", "Version", "agreed_version", "header_octets", "judge_header"]

Version = tuple[int, int]
"""Major and minor number, compared as numbers (RFC 6120 section 4.7.5)."""

OUR_VERSION: Final[Version] = (1, 0)
OLD_VERSION: Final[Version] = (0, 9)
"""What a header without `version` means: a peer from before XMPP 1.0."""

_VERSION: Final = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Header:
    """A stream header. `version` is (0, 9) where the attribute was absent (RFC 6120 section 4.7.5)."""

    to: JID | None = None
    from_: JID | None = None
    id: str | None = None
    version: Version = OUR_VERSION
    lang: str | None = None
    namespace: str | None = None
    """The content namespace, None when the header declares none and each stanza does."""


@dataclass(frozen=True, slots=True)
class HeaderFault:
    """Why a header is refused: the stream error condition, words of our own, the section."""

    condition: str
    reason: str
    section: str


def agreed_version(peer: Version) -> Version:
    """Give the version both sides speak: the lower one, by numbers (RFC 6120 section 4.7.5)."""
    return min(peer, OUR_VERSION)


def header_octets(header: Header, kind: Kind) -> bytes:
    """Write an opening stream tag with its XML declaration (RFC 6120 sections 4.2 and 11.5)."""
    parts = ["<?xml version='1.0'?><stream:stream"]
    for name, value in (
        ("from", header.from_),
        ("to", header.to),
        ("id", header.id),
        ("version", None if header.version < OUR_VERSION else "{}.{}".format(*header.version)),
        ("xml:lang", header.lang),
        ("xmlns", kind.value),
        ("xmlns:stream", STREAM),
    ):
        if value is not None:
            parts.append(f" {name}='{escape_attribute(str(value))}'")
    parts.append(">")
    return "".join(parts).encode()


def judge_header(root: RootStart, side: Side, kind: Kind) -> Header | HeaderFault:
    """Read the peer's header, or say why it is refused. Never raises.

    `side` and `kind` are ours. An initiating entity has nothing to check in the addresses of the
    answer but their form: whom it speaks to is proved by TLS, never by the header.
    """
    fault = _judge_names(root, kind)
    if fault is not None:
        return fault
    attributes = root.attributes
    version = _read_version(attributes.get("version"))
    if version is None:
        return HeaderFault("unsupported-version", "the version is not two numbers", "RFC 6120 section 4.7.5")
    to = from_ = None
    try:
        if attributes.get("to"):
            to = JID(attributes["to"])
    except JIDError:
        return HeaderFault("host-unknown", "the 'to' of the header is no address", "RFC 6120 section 4.9.3.6")
    try:
        if attributes.get("from"):
            from_ = JID(attributes["from"])
    except JIDError:
        if side is Side.RECEIVING:
            return HeaderFault("invalid-from", "the 'from' of the header is no address", "RFC 6120 section 4.9.3.9")
    lang = attributes.get(XML_LANG)
    return Header(
        to=to,
        from_=from_,
        id=attributes.get("id"),
        version=version,
        lang=lang if lang and well_formed(lang) else None,
        namespace=root.namespaces.get(None),
    )


def _judge_names(root: RootStart, kind: Kind) -> HeaderFault | None:
    if root.tag != f"{{{STREAM}}}stream":
        if root.tag.startswith(f"{{{STREAM}}}"):
            return HeaderFault("bad-format", "the root element is no stream", "RFC 6120 section 4.9.3.1")
        return HeaderFault("invalid-namespace", "the stream namespace is another", "RFC 6120 section 4.8.1")
    if root.prefix != "stream":
        return HeaderFault("bad-namespace-prefix", "the stream prefix is not 'stream'", "RFC 6120 section 4.9.3.2")
    if root.namespaces.get(None) not in (None, "", kind.value):
        return HeaderFault("invalid-namespace", "the content namespace is another", "RFC 6120 section 4.8.2")
    return None


def _read_version(text: str | None) -> Version | None:
    if text is None:
        return OLD_VERSION
    found = _VERSION.fullmatch(text)
    if found is None:
        return None
    version = int(found[1]), int(found[2])
    return version if version >= OUR_VERSION else OLD_VERSION
