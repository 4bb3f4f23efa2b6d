"""Stanza errors: the conditions of RFC 6120 section 8.3.3 and the value that carries one."""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field
from typing import Final, TypeVar
from xml.etree.ElementTree import Element, SubElement

from ..namespaces import STANZA_ERRORS, XML_LANG
from .shape import element_of, shape_of

__all__ = ["CONDITIONS", "ERROR_TYPES", "LEGACY_CODES", "Condition", "StanzaError"]

ERROR_TYPES: Final = frozenset({"auth", "cancel", "continue", "modify", "wait"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One row of RFC 6120 section 8.3.3. `type` is what an error has that names no type."""

    name: str
    type: str
    section: str
    holds_address: bool = False
    """Whether the element may hold another address as text (`gone`, `redirect`)."""


_ROWS: Final = (
    ("bad-request", "modify"),
    ("conflict", "cancel"),
    ("feature-not-implemented", "cancel"),
    ("forbidden", "auth"),
    ("gone", "cancel"),
    ("internal-server-error", "cancel"),
    ("item-not-found", "cancel"),
    ("jid-malformed", "modify"),
    ("not-acceptable", "modify"),
    ("not-allowed", "cancel"),
    ("not-authorized", "auth"),
    ("policy-violation", "modify"),
    ("recipient-unavailable", "wait"),
    ("redirect", "modify"),
    ("registration-required", "auth"),
    ("remote-server-not-found", "cancel"),
    ("remote-server-timeout", "wait"),
    ("resource-constraint", "wait"),
    ("service-unavailable", "cancel"),
    ("subscription-required", "auth"),
    ("undefined-condition", "cancel"),
    ("unexpected-request", "wait"),
)

CONDITIONS: Final[dict[str, Condition]] = {
    name: Condition(name, kind, f"RFC 6120 section 8.3.3.{number}", name in ("gone", "redirect"))
    for number, (name, kind) in enumerate(_ROWS, start=1)
}

# RFC 3920 section 9.3.3: read, never sent.
_OLD: Final = {"payment-required": "auth"}
_ERROR: Final = "error"

LEGACY_CODES: Final[dict[str, int]] = {
    "bad-request": 400,
    "conflict": 409,
    "feature-not-implemented": 501,
    "forbidden": 403,
    "gone": 302,
    "internal-server-error": 500,
    "item-not-found": 404,
    "jid-malformed": 400,
    "not-acceptable": 406,
    "not-allowed": 405,
    "not-authorized": 401,
    "policy-violation": 406,
    "recipient-unavailable": 404,
    "redirect": 302,
    "registration-required": 407,
    "remote-server-not-found": 404,
    "remote-server-timeout": 504,
    "resource-constraint": 500,
    "service-unavailable": 503,
    "subscription-required": 407,
    "undefined-condition": 500,
    "unexpected-request": 400,
}
"""The codes for old software (XEP-0086 section 2). `policy-violation` is younger; it has that of `not-acceptable`."""

# XEP-0086 section 3: condition and type for a code that stands alone.
_FROM_CODE: Final[dict[str, tuple[str, str]]] = {
    "302": ("redirect", "modify"),
    "400": ("bad-request", "modify"),
    "401": ("not-authorized", "auth"),
    "402": ("undefined-condition", "auth"),
    "403": ("forbidden", "auth"),
    "404": ("item-not-found", "cancel"),
    "405": ("not-allowed", "cancel"),
    "406": ("not-acceptable", "modify"),
    "407": ("registration-required", "auth"),
    "408": ("remote-server-timeout", "wait"),
    "409": ("conflict", "cancel"),
    "500": ("internal-server-error", "wait"),
    "501": ("feature-not-implemented", "cancel"),
    "502": ("service-unavailable", "wait"),
    "503": ("service-unavailable", "cancel"),
    "504": ("remote-server-timeout", "wait"),
    "510": ("service-unavailable", "cancel"),
}
P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class StanzaError:
    """A stanza error, to send or as it was read.

    Raises `ValueError` for a condition or type that RFC 6120 does not define. `texts` maps language
    tags (None for none) to words for people.
    """

    condition: str
    type: str = ""
    texts: dict[str | None, str] = field(default_factory=dict)
    by: str | None = None
    """Who found the error, if not the one addressed (section 8.3.2)."""
    address: str | None = None
    """The other address of `gone` and `redirect`."""
    application: Element | object | None = None
    """An application-specific condition (section 8.3.4): an element, or a payload to send."""

    def __post_init__(self) -> None:
        if self.condition not in CONDITIONS:
            raise ValueError("not a stanza error condition of RFC 6120 section 8.3.3")
        if not self.type:
            object.__setattr__(self, "type", CONDITIONS[self.condition].type)
        if self.type not in ERROR_TYPES:
            raise ValueError("not an error type of RFC 6120 section 8.3.2")
        if self.address is not None and not CONDITIONS[self.condition].holds_address:
            raise ValueError("only gone and redirect hold an address (RFC 6120 section 8.3.3)")

    @property
    def text(self) -> str | None:
        """The first of the texts, None if there are none."""
        return next(iter(self.texts.values()), None)

    @property
    def legacy_code(self) -> int:
        """The code for old software (XEP-0086 section 2)."""
        return LEGACY_CODES[self.condition]

    def get(self, kind: builtins.type[P]) -> P | None:
        """Give the application-specific condition as this payload class, None if it is none such.

        Raises `PayloadError` for one that breaks its rules, and `TypeError` for what is no payload class.
        """
        shape, found = shape_of(kind), self.application
        if isinstance(found, kind):
            return found
        if not isinstance(found, Element) or found.tag not in shape.decoders:
            return None
        value: P = shape.decode(found)
        return value

    def element(self, namespace: str, *, legacy: bool = False) -> Element:
        """Give the `<error/>` for a stanza in this content namespace (section 8.3.2).

        `legacy` adds the code for software older than RFC 3920 (XEP-0086 section 2).
        """
        error = Element(f"{{{namespace}}}{_ERROR}", {"type": self.type})
        if legacy:
            error.set("code", str(self.legacy_code))
        if self.by is not None:
            error.set("by", self.by)
        SubElement(error, f"{{{STANZA_ERRORS}}}{self.condition}").text = self.address
        for lang, words in self.texts.items():
            text = SubElement(error, f"{{{STANZA_ERRORS}}}text", {} if lang is None else {XML_LANG: lang})
            text.text = words
        if self.application is not None:
            error.append(element_of(self.application))
        return error

    @classmethod
    def read(cls, stanza: Element) -> StanzaError | None:
        """Read the error of a stanza, None if it holds none; never raises.

        What is unknown or missing becomes `undefined-condition`, a missing or unknown type the
        condition's own; where there is nothing but a code of old, what XEP-0086 section 3 says of it.
        """
        namespace = stanza.tag.rpartition("}")[0]
        error = stanza.find(f"{namespace}}}{_ERROR}" if namespace else _ERROR)
        if error is None:
            return None
        condition, address, application, old = "", None, None, None
        texts: dict[str | None, str] = {}
        for child in error:
            space, _, name = child.tag[1:].rpartition("}")
            if space != STANZA_ERRORS:
                application = child if application is None else application
            elif name == "text":
                texts.setdefault(child.get(XML_LANG), child.text or "")
            elif not condition and name in CONDITIONS:
                condition = name
                address = child.text if CONDITIONS[name].holds_address else None
            elif name in _OLD:
                old = _OLD[name]
        kind = error.get("type", "")
        if kind not in ERROR_TYPES:
            kind = old or ""
        if not condition and old is None:
            condition, meant = _FROM_CODE.get(error.get("code", ""), ("", ""))
            kind = kind or meant
            if condition and not texts and (error.text or "").strip():
                texts[None] = error.text or ""
        return cls(condition or "undefined-condition", kind, texts, error.get("by"), address, application)
