"""The vCard that servers keep for an account, of an early draft of vCard in XML.

XEP-0054, version 1.3.0, Active; sections 3, 8 and 9.
"""

from __future__ import annotations

from enum import Enum
from typing import Final
from xml.etree.ElementTree import Element

from ..payload import (
    BASE64_LINES,
    Spec,
    child,
    child_name,
    child_text,
    child_texts,
    children,
    decode,
    enum,
    flag,
    payload,
    raw,
)

__all__ = [
    "NAMESPACE",
    "SPEC",
    "Address",
    "Agent",
    "Categories",
    "Classification",
    "Email",
    "Geo",
    "Key",
    "Label",
    "Logo",
    "Name",
    "Organization",
    "Photo",
    "Privacy",
    "Sound",
    "Telephone",
    "VCard",
]

SPEC: Final = Spec(54, "1.3.0", "Active", "vcard-temp")
NAMESPACE: Final = "vcard-temp"


class Privacy(Enum):
    """For whom a vCard is meant."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"
    CONFIDENTIAL = "CONFIDENTIAL"


@payload(NAMESPACE, "N")
class Name:
    """The parts of a name."""

    family: str | None = child_text("FAMILY", default=None)
    given: str | None = child_text("GIVEN", default=None)
    middle: str | None = child_text("MIDDLE", default=None)
    prefix: str | None = child_text("PREFIX", default=None)
    suffix: str | None = child_text("SUFFIX", default=None)


@payload(NAMESPACE, "PHOTO")
class Photo:
    """A picture, or where one is."""

    type: str | None = child_text("TYPE", default=None)
    """The media type: a hint."""
    binval: bytes | None = child_text("BINVAL", codec=BASE64_LINES, default=None)
    extval: str | None = child_text("EXTVAL", default=None)


@payload(NAMESPACE, "LOGO")
class Logo:
    """The picture of an organization, or where one is."""

    type: str | None = child_text("TYPE", default=None)
    binval: bytes | None = child_text("BINVAL", codec=BASE64_LINES, default=None)
    extval: str | None = child_text("EXTVAL", default=None)


@payload()
class _Delivered:
    """What an address and its label both say of themselves."""

    home: bool = flag("HOME", default=False, kw_only=True)
    work: bool = flag("WORK", default=False, kw_only=True)
    postal: bool = flag("POSTAL", default=False, kw_only=True)
    parcel: bool = flag("PARCEL", default=False, kw_only=True)
    dom: bool = flag("DOM", default=False, kw_only=True)
    intl: bool = flag("INTL", default=False, kw_only=True)
    pref: bool = flag("PREF", default=False, kw_only=True)


@payload(NAMESPACE, "ADR")
class Address(_Delivered):
    """An address of a house."""

    pobox: str | None = child_text("POBOX", default=None)
    extadd: str | None = child_text("EXTADD", default=None)
    street: str | None = child_text("STREET", default=None)
    locality: str | None = child_text("LOCALITY", default=None)
    region: str | None = child_text("REGION", default=None)
    pcode: str | None = child_text("PCODE", default=None)
    ctry: str | None = child_text("CTRY", default=None)


@payload(NAMESPACE, "LABEL")
class Label(_Delivered):
    """An address as it is written on a letter."""

    lines: tuple[str, ...] = child_texts("LINE", default=())


@payload(NAMESPACE, "TEL")
class Telephone:
    """A telephone number; an empty one is written too (section 8)."""

    home: bool = flag("HOME", default=False, kw_only=True)
    work: bool = flag("WORK", default=False, kw_only=True)
    voice: bool = flag("VOICE", default=False, kw_only=True)
    fax: bool = flag("FAX", default=False, kw_only=True)
    pager: bool = flag("PAGER", default=False, kw_only=True)
    msg: bool = flag("MSG", default=False, kw_only=True)
    cell: bool = flag("CELL", default=False, kw_only=True)
    video: bool = flag("VIDEO", default=False, kw_only=True)
    bbs: bool = flag("BBS", default=False, kw_only=True)
    modem: bool = flag("MODEM", default=False, kw_only=True)
    isdn: bool = flag("ISDN", default=False, kw_only=True)
    pcs: bool = flag("PCS", default=False, kw_only=True)
    pref: bool = flag("PREF", default=False, kw_only=True)
    number: str = child_text("NUMBER", default="", always=True)


@payload(NAMESPACE, "EMAIL")
class Email:
    """An address of electronic mail."""

    home: bool = flag("HOME", default=False, kw_only=True)
    work: bool = flag("WORK", default=False, kw_only=True)
    internet: bool = flag("INTERNET", default=False, kw_only=True)
    pref: bool = flag("PREF", default=False, kw_only=True)
    x400: bool = flag("X400", default=False, kw_only=True)
    userid: str = child_text("USERID", default="", always=True)


@payload(NAMESPACE, "GEO")
class Geo:
    """A place: degrees, six decimal places of them."""

    lat: str = child_text("LAT", default="", always=True)
    lon: str = child_text("LON", default="", always=True)


@payload(NAMESPACE, "AGENT")
class Agent:
    """Somebody who acts for the one of the vCard."""

    vcard: Element | None = raw("vCard", default=None)
    extval: str | None = child_text("EXTVAL", default=None)

    def card(self) -> VCard | None:
        """Read his vCard; raises `PayloadError` for a broken one."""
        return None if self.vcard is None else decode(VCard, self.vcard)


@payload(NAMESPACE, "ORG")
class Organization:
    """An organization, and the units in it, the larger first."""

    orgname: str | None = child_text("ORGNAME", default=None)
    orgunits: tuple[str, ...] = child_texts("ORGUNIT", default=())


@payload(NAMESPACE, "CATEGORIES")
class Categories:
    """Words that it is found by."""

    keywords: tuple[str, ...] = child_texts("KEYWORD", default=())


@payload(NAMESPACE, "SOUND")
class Sound:
    """How the name is spoken."""

    phonetic: str | None = child_text("PHONETIC", default=None)
    binval: bytes | None = child_text("BINVAL", codec=BASE64_LINES, default=None)
    extval: str | None = child_text("EXTVAL", default=None)


@payload(NAMESPACE, "CLASS")
class Classification:
    """For whom the vCard is meant; it binds nobody."""

    privacy: Privacy | None = child_name(codec=enum(Privacy), default=None)


@payload(NAMESPACE, "KEY")
class Key:
    """A key or certificate."""

    type: str | None = child_text("TYPE", default=None)
    cred: str = child_text("CRED", default="", always=True)


@payload(NAMESPACE, "vCard")
class VCard:
    """A vCard; an empty one asks for it, or says there is none (section 3.1).

    It is replaced as a whole (section 3.2). Everybody may read it (section 5). The DTD allows most of it more than
    once; what RFC 2426 knows once is read once.
    """

    version: str | None = child_text("VERSION", default=None, kw_only=True)
    fn: str | None = child_text("FN", default=None)
    """The name as it is shown."""
    n: Name | None = child(Name, default=None)
    nicknames: tuple[str, ...] = child_texts("NICKNAME", default=(), kw_only=True)
    photos: tuple[Photo, ...] = children(Photo, default=(), kw_only=True)
    bday: str | None = child_text("BDAY", default=None, kw_only=True)
    """The birthday: a date, or a date and time, of ISO 8601."""
    addresses: tuple[Address, ...] = children(Address, default=(), kw_only=True)
    labels: tuple[Label, ...] = children(Label, default=(), kw_only=True)
    telephones: tuple[Telephone, ...] = children(Telephone, default=(), kw_only=True)
    emails: tuple[Email, ...] = children(Email, default=(), kw_only=True)
    jabberids: tuple[str, ...] = child_texts("JABBERID", default=(), kw_only=True)
    """Addresses as they were typed: not all of them are any."""
    mailer: str | None = child_text("MAILER", default=None, kw_only=True)
    tz: str | None = child_text("TZ", default=None, kw_only=True)
    """The offset from UTC."""
    geo: Geo | None = child(Geo, default=None, kw_only=True)
    titles: tuple[str, ...] = child_texts("TITLE", default=(), kw_only=True)
    roles: tuple[str, ...] = child_texts("ROLE", default=(), kw_only=True)
    logos: tuple[Logo, ...] = children(Logo, default=(), kw_only=True)
    agents: tuple[Agent, ...] = children(Agent, default=(), kw_only=True)
    organizations: tuple[Organization, ...] = children(Organization, default=(), kw_only=True)
    categories: tuple[Categories, ...] = children(Categories, default=(), kw_only=True)
    notes: tuple[str, ...] = child_texts("NOTE", default=(), kw_only=True)
    prodid: str | None = child_text("PRODID", default=None, kw_only=True)
    rev: str | None = child_text("REV", default=None, kw_only=True)
    """When it was last changed, of ISO 8601."""
    sort_string: str | None = child_text("SORT-STRING", default=None, kw_only=True)
    sounds: tuple[Sound, ...] = children(Sound, default=(), kw_only=True)
    uid: str | None = child_text("UID", default=None, kw_only=True)
    urls: tuple[str, ...] = child_texts("URL", default=(), kw_only=True)
    classification: Classification | None = child(Classification, default=None, kw_only=True)
    keys: tuple[Key, ...] = children(Key, default=(), kw_only=True)
    descriptions: tuple[str, ...] = child_texts("DESC", default=(), kw_only=True)
