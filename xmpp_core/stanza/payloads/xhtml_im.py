"""XHTML-IM: a body with lightweight markup, as a tree that can hold nothing but the recommended profile.

XEP-0071, version 1.5.4, Deprecated; sections 5, 7, 8, 11.1 and 12.2.

What a peer sends may be meant to do harm and must be sanitised (section 11.1). Here that is what reading does: elements
of XHTML outside of the profile are left out and what is in them is kept, with its text; attributes, properties of style
and addresses outside of it are left out; elements of other namespaces are left out as a whole (section 12.2). There is
no way from a body to the elements it was read from, and what is built is held to the same table.

The XEP names no schemes of addresses. `LINKS` and `IMAGES` are those that do not make a program run: there is no
`javascript` and, as section 7.5 advises, no `data`. Values of style are those that CSS1 defines for each property, but
no negative margins: they would lay a text over what is not of the message.

Whoever shows the tree still decides whether images are fetched and where links lead (sections 11.1 to 11.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Final
from xml.etree.ElementTree import Element

from ...errors import PayloadError
from ...namespaces import XML_LANG
from ...strings.languages import well_formed
from ...xml.names import clark, split
from ..payload import IGNORE, URI, Shape, Spec, children, payload

__all__ = ["DEEPEST", "IMAGES", "LINKS", "NAMESPACE", "SPEC", "STYLES", "XHTML", "Html", "HtmlBody", "Markup", "Tag"]

SPEC: Final = Spec(71, "1.5.4", "Deprecated", "XHTML-IM")
NAMESPACE: Final = "http://jabber.org/protocol/xhtml-im"
"""Also the feature (section 10)."""
XHTML: Final = "http://www.w3.org/1999/xhtml"
LINKS: Final = frozenset(("ftp", "geo", "http", "https", "im", "mailto", "pres", "sip", "sips", "tel", "xmpp"))
"""The schemes that a link may have."""
IMAGES: Final = frozenset(("cid", "http", "https"))
"""The schemes that the address of an image may have; `cid` is of XEP-0231."""
DEEPEST: Final = 64
"""How deep elements may be nested: trees are looked at recursively."""


class Tag(Enum):
    """The elements of the profile within a body (section 7.8)."""

    A = "a"
    BLOCKQUOTE = "blockquote"
    BR = "br"
    CITE = "cite"
    EM = "em"
    IMG = "img"
    LI = "li"
    OL = "ol"
    P = "p"
    SPAN = "span"
    STRONG = "strong"
    UL = "ul"


_STYLED: Final = frozenset(Tag) - {Tag.BR, Tag.EM, Tag.STRONG}
_ATTRIBUTES: Final[Mapping[Tag, tuple[str, ...]]] = {
    Tag.A: ("href", "type"),
    Tag.IMG: ("alt", "height", "src", "width"),
}
"""What each may have besides `style` (section 7.8); where none is named, none."""
_NEEDED: Final[Mapping[Tag, tuple[str, ...]]] = {Tag.A: ("href",), Tag.IMG: ("src", "alt")}
"""What each must have (section 7.7.2)."""
_EMPTY: Final = (Tag.BR, Tag.IMG)

_NUMBER: Final = r"(?:[0-9]{1,5}(?:\.[0-9]{1,5})?|\.[0-9]{1,5})"
_LENGTH: Final = rf"\+?(?:{_NUMBER}(?:em|ex|px|in|cm|mm|pt|pc|%)|0)"
_PART: Final = rf"\s*{_NUMBER}%?\s*"
_COLOUR: Final = rf"[a-z]{{1,32}}|#[0-9a-f]{{3}}|#[0-9a-f]{{6}}|rgb\({_PART},{_PART},{_PART}\)"
_FONT: Final = r"""(?:"[\w \-]{1,64}"|'[\w \-]{1,64}'|[\w\-]{1,64}(?: [\w\-]{1,64}){0,7})"""
_LINE: Final = "(?:underline|overline|line-through|blink)"

STYLES: Final[Mapping[str, re.Pattern[str]]] = {
    # Of all of them, names of fonts alone may have other letters.
    name: re.compile(expression, re.IGNORECASE if name == "font-family" else re.IGNORECASE | re.ASCII)
    for name, expression in (
        ("background-color", _COLOUR),
        ("color", _COLOUR),
        ("font-family", rf"{_FONT}(?:\s*,\s*{_FONT}){{0,15}}"),
        ("font-size", rf"(?:xx-|x-)?(?:small|large)|medium|larger|smaller|{_LENGTH}"),
        ("font-style", "normal|italic|oblique"),
        ("font-weight", "normal|bold|bolder|lighter|[1-9]00"),
        ("margin-left", rf"auto|{_LENGTH}"),
        ("margin-right", rf"auto|{_LENGTH}"),
        ("text-align", "left|right|center|justify"),
        ("text-decoration", rf"none|{_LINE}(?:\s+{_LINE}){{0,3}}"),
    )
}
"""The properties of the profile (section 7.6.1), and what matches their values as a whole."""

_UNSEEN: Final = re.compile("[\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""What would make an address look like another: RFC 3987 section 4.1 forbids the marks of direction in it."""
_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9][\w!#$&^.+\-]{0,126}/[A-Za-z0-9][\w!#$&^.+\-]{0,126}", re.ASCII)
_SIZE: Final = re.compile(r"[0-9]{1,5}%?")

Style = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Markup:
    """One element of the profile with what is in it: texts and elements.

    Raises `PayloadError` for what the profile does not have. Texts that follow each other become one.
    """

    tag: Tag
    content: tuple[Markup | str, ...] = ()
    style: Style = field(default=(), kw_only=True)
    """Properties and their values."""
    href: str | None = field(default=None, kw_only=True)
    """Where a link leads."""
    type: str | None = field(default=None, kw_only=True)
    """The media type of what is there."""
    src: str | None = field(default=None, kw_only=True)
    """Where an image is."""
    alt: str | None = field(default=None, kw_only=True)
    """What stands for an image where none is shown."""
    height: str | None = field(default=None, kw_only=True)
    width: str | None = field(default=None, kw_only=True)
    _depth: int = field(default=1, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.tag, Tag):
            raise PayloadError(".", "an element of the profile (XEP-0071 section 7.8)")
        name = self.tag.value
        depth = _checked(self, name)
        if self.tag in _EMPTY and self.content:
            raise PayloadError(name, "an element that is always empty")
        if self.style and self.tag not in _STYLED:
            raise PayloadError(f"{name}/@style", "an element without style (XEP-0071 section 7.8)")
        for one in _CHECKS:
            value = getattr(self, one)
            if value is None:
                if one in _NEEDED.get(self.tag, ()):
                    raise PayloadError(f"{name}/@{one}", "what must be there is missing")
            elif one not in _ATTRIBUTES.get(self.tag, ()) or _CHECKS[one](value) != value:
                raise PayloadError(f"{name}/@{one}", "an attribute and value of the profile (XEP-0071 section 7.8)")
        object.__setattr__(self, "_depth", depth)

    @property
    def plain(self) -> str:
        """The text without markup: an image is its `alt`, a `br` a line feed."""
        if self.tag in _EMPTY:
            return self.alt or ("" if self.tag is Tag.IMG else "\n")
        return _plain(self.content)


@dataclass(frozen=True, slots=True)
class HtmlBody:
    """A version of the body with markup (sections 5 and 7.8): read, nothing is left but the profile.

    Raises `PayloadError` for what the profile does not have, if it is built; if it is read, for nesting that is too
    deep.
    """

    __payload__: ClassVar[Shape]

    content: tuple[Markup | str, ...] = ()
    lang: str | None = field(default=None, kw_only=True)
    style: Style = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        _checked(self, "body")
        if self.lang is not None and not (isinstance(self.lang, str) and well_formed(self.lang)):
            raise PayloadError("body/@xml:lang", "a language tag (RFC 5646 section 2.1)")

    @property
    def plain(self) -> str:
        """The text without markup. It is to say what the body of the message says (section 8, rule 2)."""
        return _plain(self.content)


def _checked(one: Markup | HtmlBody, name: str) -> int:
    """Hold content and style to the profile, join texts that follow each other, and give the depth of the nesting."""
    if not isinstance(one.content, tuple) or not all(isinstance(part, Markup | str) for part in one.content):
        raise PayloadError(name, "a tuple of texts and elements")
    object.__setattr__(one, "content", _joined(one.content))
    depth = 1 + max((part._depth for part in one.content if isinstance(part, Markup)), default=0)
    if depth > DEEPEST:
        raise PayloadError(name, "nested too deeply")
    try:
        right = isinstance(one.style, tuple) and all(STYLES[key].fullmatch(value) for key, value in one.style)
        right = right and len({key for key, _ in one.style}) == len(one.style)
    except (KeyError, TypeError, ValueError):
        right = False
    if not right:
        raise PayloadError(f"{name}/@style", "properties and values of the profile (XEP-0071 section 7.6.1)")
    return depth


def _joined(parts: Iterable[Markup | str]) -> tuple[Markup | str, ...]:
    found: list[Markup | str] = []
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        if text := "".join(texts):
            found.append(text)
        texts.clear()
        found.append(part)
    if text := "".join(texts):
        found.append(text)
    return tuple(found)


def _plain(content: tuple[Markup | str, ...]) -> str:
    return "".join([part if isinstance(part, str) else part.plain for part in content])


# What a value of an attribute is, as far as the profile knows it; None: it is left out.


def _address(schemes: frozenset[str], value: object) -> str | None:
    try:
        address = URI.read(value) if isinstance(value, str) else ""
    except ValueError:
        return None
    if _UNSEEN.search(address):
        return None
    return address if address.partition(":")[0].lower() in schemes else None


def _matched(expression: re.Pattern[str], value: object) -> str | None:
    return value if isinstance(value, str) and expression.fullmatch(value) else None


_CHECKS: Final[Mapping[str, Any]] = {
    "href": lambda value: _address(LINKS, value),
    "type": lambda value: _matched(_MEDIA_TYPE, value),
    "alt": lambda value: value if isinstance(value, str) else None,
    "height": lambda value: _matched(_SIZE, value),
    "src": lambda value: _address(IMAGES, value),
    "width": lambda value: _matched(_SIZE, value),
}


# Reading.

_TAGS: Final = {clark(XHTML, one.value): one for one in Tag}


def _read_style(text: str) -> Style:
    found: dict[str, str] = {}
    for declaration in text.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if name in STYLES and STYLES[name].fullmatch(value):
            found[name] = value
    return tuple(found.items())


def _read_content(parent: Element, depth: int) -> list[Markup | str]:
    if depth > DEEPEST:
        raise PayloadError("body", "nested too deeply")
    parts: list[Markup | str] = [parent.text or ""]
    for child in parent:
        # Elements of other namespaces are ignored as XMPP ignores them, with what is in them (section 12.2).
        if split(child.tag)[0] == XHTML:
            parts += _read_element(child, depth)
        parts.append(child.tail or "")
    return parts


def _read_element(element: Element, depth: int) -> list[Markup | str]:
    """Give an element of the profile, or what is in any other (section 12.2)."""
    content = _read_content(element, depth + 1)
    tag = _TAGS.get(element.tag)
    if tag is None:
        return content
    given = {}
    for name in _ATTRIBUTES.get(tag, ()):
        value = _CHECKS[name](element.get(name))
        if value is not None:
            given[name] = value
    if tag is Tag.IMG:
        given.setdefault("alt", "")
        if "src" not in given:  # an image that is not shown is its text (section 11.1)
            return [given["alt"], *content]
    if tag is Tag.A and "href" not in given:
        return content
    style = _read_style(element.get("style", "")) if tag in _STYLED else ()
    if tag in _EMPTY:
        return [Markup(tag, style=style, **given), *content]
    return [Markup(tag, tuple(content), style=style, **given)]


def _read(element: Element) -> HtmlBody:
    lang = element.get(XML_LANG)
    return HtmlBody(
        tuple(_read_content(element, 1)),
        lang=lang if lang is not None and well_formed(lang) else None,
        style=_read_style(element.get("style", "")),
    )


# Writing.


def _element(name: str, one: Markup | HtmlBody) -> Element:
    made = Element(clark(XHTML, name))
    if one.style:
        made.set("style", "; ".join(f"{key}:{value}" for key, value in one.style))
    last: Element | None = None
    for part in one.content:
        if isinstance(part, Markup):
            last = _element(part.tag.value, part)
            for key in _ATTRIBUTES.get(part.tag, ()):
                if (value := getattr(part, key)) is not None:
                    last.set(key, value)
            made.append(last)
        elif last is None:
            made.text = part
        else:
            last.tail = part
    return made


def _write(body: HtmlBody, _namespace: str | None = None) -> Element:
    made = _element("body", body)
    if body.lang is not None:
        made.set(XML_LANG, body.lang)
    return made


# Texts between elements are no field of any kind: a body is read and written by hand.
_BODY: Final = clark(XHTML, "body")
HtmlBody.__payload__ = Shape(HtmlBody, (XHTML,), ("body",), (_BODY,), (), {_BODY: _read}, _write, IGNORE)


@payload(NAMESPACE, "html", unknown=IGNORE)
class Html:
    """A message body with markup, beside the body without (section 5)."""

    bodies: tuple[HtmlBody, ...] = children(HtmlBody, default=())
    """One, or one for each language."""

    def validate(self) -> None:
        """Hold to what section 5 says of several bodies."""
        if len(self.bodies) > 1:
            languages = {one.lang.lower() for one in self.bodies if one.lang is not None}
            if len(languages) < len(self.bodies):
                raise PayloadError(
                    "body/@xml:lang", "several bodies, each in a language of its own (XEP-0071 section 5)"
                )
