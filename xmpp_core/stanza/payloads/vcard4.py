"""vCard 4 as it is published at an account, or kept of a contact.

XEP-0292, version 0.12.0, Experimental; sections 3 to 6. The elements are those of RFC 6351.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ...jid import JID
from ..payload import (
    Spec,
    attribute,
    child,
    child_text,
    child_texts,
    children,
    choices,
    element_name,
    enum,
    payload,
    text,
)
from .private_pubsub import store
from .pubsub import AccessModel, NodeItem, Publish, Pubsub, publish_options

__all__ = [
    "CONTACTS_NODE",
    "NAMESPACE",
    "SPEC",
    "VCARD_NODE",
    "ClientPIDMap",
    "Gender",
    "ParameterName",
    "PostalAddress",
    "PropertyGroup",
    "PropertyName",
    "Sex",
    "StructuredName",
    "VCard4",
    "VCardParameter",
    "VCardParameters",
    "VCardProperty",
    "publish_vcard",
    "store_contact",
]

SPEC: Final = Spec(292, "0.12.0", "Experimental", "vCard4 Over XMPP")
NAMESPACE: Final = "urn:ietf:params:xml:ns:vcard-4.0"
VCARD_NODE: Final = "urn:xmpp:vcard4"
"""The node of the own vCard (section 4.1)."""
CONTACTS_NODE: Final = "urn:xmpp:contacts"
"""The private node of the vCards of contacts (section 5.2)."""


class PropertyName(Enum):
    """The properties that are one value or several of a kind (RFC 6350 section 6)."""

    ANNIVERSARY = "anniversary"
    BDAY = "bday"
    CALADRURI = "caladruri"
    CALURI = "caluri"
    CATEGORIES = "categories"
    EMAIL = "email"
    FBURL = "fburl"
    FN = "fn"
    GEO = "geo"
    IMPP = "impp"
    KEY = "key"
    KIND = "kind"
    LANG = "lang"
    LOGO = "logo"
    MEMBER = "member"
    NICKNAME = "nickname"
    NOTE = "note"
    ORG = "org"
    PHOTO = "photo"
    PRODID = "prodid"
    RELATED = "related"
    REV = "rev"
    ROLE = "role"
    SOUND = "sound"
    SOURCE = "source"
    TEL = "tel"
    TITLE = "title"
    TZ = "tz"
    UID = "uid"
    URL = "url"


class ParameterName(Enum):
    """The parameters of properties (RFC 6350 section 5)."""

    ALTID = "altid"
    CALSCALE = "calscale"
    GEO = "geo"
    LABEL = "label"
    LANGUAGE = "language"
    MEDIATYPE = "mediatype"
    PID = "pid"
    PREF = "pref"
    SORT_AS = "sort-as"
    TYPE = "type"
    TZ = "tz"


@payload(NAMESPACE, tuple(one.value for one in ParameterName))
class VCardParameter:
    """One parameter; its value is in the element of its kind (RFC 6351 section 5)."""

    name: ParameterName = element_name(codec=enum(ParameterName))
    texts: tuple[str, ...] = child_texts("text", default=())
    integer: str | None = child_text(default=None)
    uri: str | None = child_text(default=None)
    language_tag: str | None = child_text(default=None)
    bare: str = text(default="")
    """A value without the element of its kind, as some write it."""


@payload(NAMESPACE, "parameters")
class VCardParameters:
    """The parameters of a property."""

    parameters: tuple[VCardParameter, ...] = children(VCardParameter, default=())


@payload(NAMESPACE, tuple(one.value for one in PropertyName))
class VCardProperty:
    """One property; its value is in the element of its kind (RFC 6351 sections 4 and 5)."""

    name: PropertyName = element_name(codec=enum(PropertyName))
    parameters: VCardParameters | None = child(VCardParameters, default=None, kw_only=True)
    texts: tuple[str, ...] = child_texts("text", default=())
    uri: str | None = child_text(default=None)
    date: str | None = child_text(default=None, kw_only=True)
    time: str | None = child_text(default=None, kw_only=True)
    date_time: str | None = child_text(default=None, kw_only=True)
    timestamp: str | None = child_text(default=None, kw_only=True)
    utc_offset: str | None = child_text(default=None, kw_only=True)
    language_tag: str | None = child_text(default=None, kw_only=True)

    @property
    def value(self) -> str:
        """The value, or the first of several."""
        found = (*self.texts[:1], self.uri, self.date, self.time, self.date_time, self.timestamp, self.utc_offset)
        return next((one for one in (*found, self.language_tag) if one is not None), "")

    @property
    def types(self) -> tuple[str, ...]:
        """What it is for: `work`, `home`, `voice` (RFC 6350 section 5.6)."""
        return next((one.texts for one in self._named(ParameterName.TYPE)), ())

    @property
    def pref(self) -> int:
        """How much it is preferred: 1 most, 100 least, 101 if nothing is said (RFC 6350 section 5.3)."""
        for one in self._named(ParameterName.PREF):
            number = (one.integer or one.bare).strip()
            if number.isascii() and number.isdecimal() and len(number) <= 3 and 1 <= int(number) <= 100:
                return int(number)
        return 101

    def _named(self, name: ParameterName) -> list[VCardParameter]:
        found = () if self.parameters is None else self.parameters.parameters
        return [one for one in found if one.name is name]


@payload(NAMESPACE, "n")
class StructuredName:
    """The parts of a name (RFC 6350 section 6.2.2)."""

    parameters: VCardParameters | None = child(VCardParameters, default=None, kw_only=True)
    surnames: tuple[str, ...] = child_texts("surname", default=())
    given: tuple[str, ...] = child_texts(default=())
    additional: tuple[str, ...] = child_texts(default=())
    prefixes: tuple[str, ...] = child_texts("prefix", default=())
    suffixes: tuple[str, ...] = child_texts("suffix", default=())


@payload(NAMESPACE, "adr")
class PostalAddress:
    """An address of a house (RFC 6350 section 6.3.1)."""

    parameters: VCardParameters | None = child(VCardParameters, default=None, kw_only=True)
    pobox: tuple[str, ...] = child_texts(default=(), kw_only=True)
    ext: tuple[str, ...] = child_texts(default=(), kw_only=True)
    street: tuple[str, ...] = child_texts(default=())
    locality: tuple[str, ...] = child_texts(default=())
    region: tuple[str, ...] = child_texts(default=())
    code: tuple[str, ...] = child_texts(default=())
    country: tuple[str, ...] = child_texts(default=())


@payload(NAMESPACE, "sex")
class Sex:
    """M, F, O, N, U or nothing (RFC 6350 section 6.2.7)."""

    value: str = text(default="")
    text: str | None = child_text(default=None)
    """The value within an element of its kind, as the examples of XEP-0292 have it."""


@payload(NAMESPACE, "gender")
class Gender:
    """Sex and gender (RFC 6350 section 6.2.7)."""

    sex: Sex | None = child(Sex, default=None)
    identity: str | None = child_text(default=None)


@payload(NAMESPACE, "clientpidmap")
class ClientPIDMap:
    """Which source a number among the identifiers of properties is (RFC 6350 section 6.7.7)."""

    sourceid: str = child_text()
    uri: str = child_text()


@payload(NAMESPACE, "group")
class PropertyGroup:
    """Properties that belong together (RFC 6351 section 4)."""

    name: str = attribute()
    properties: tuple[VCardProperty | StructuredName | PostalAddress | Gender | ClientPIDMap, ...] = choices(
        VCardProperty, StructuredName, PostalAddress, Gender, ClientPIDMap, default=()
    )


@payload(NAMESPACE, "vcard")
class VCard4:
    """A vCard: its properties in their order (section 3). Unknown ones are kept."""

    properties: tuple[VCardProperty | StructuredName | PostalAddress | Gender | ClientPIDMap | PropertyGroup, ...] = (
        choices(VCardProperty, StructuredName, PostalAddress, Gender, ClientPIDMap, PropertyGroup, default=())
    )

    def all(self, name: PropertyName) -> list[VCardProperty]:
        """Give the properties of a name, also those in groups, the preferred first (RFC 6350 section 5.3)."""
        found = []
        for one in self.properties:
            inner = one.properties if isinstance(one, PropertyGroup) else (one,)
            found += [each for each in inner if isinstance(each, VCardProperty) and each.name is name]
        return sorted(found, key=lambda one: one.pref)

    def first(self, name: PropertyName) -> str | None:
        """Give the value of the preferred property of a name; None if there is none."""
        return next((one.value for one in self.all(name)), None)


def publish_vcard(card: VCard4) -> Pubsub:
    """Publish the own vCard for everybody (section 4.1.2; the options are those of XEP-0222)."""
    options = publish_options(persist_items=True, access_model=AccessModel.OPEN)
    return Pubsub(Publish(VCARD_NODE, (NodeItem.of(card),)), publish_options=options)


def store_contact(contact: JID, card: VCard4) -> Pubsub:
    """Keep a vCard of a contact for oneself (section 5.2)."""
    return store(CONTACTS_NODE, NodeItem.of(card, str(contact.bare)))
