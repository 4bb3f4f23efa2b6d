"""Language translation: which texts of a message are translations, and services that make them.

XEP-0171, version 1.1.1, Draft; sections 4, 5, 9 and 10.

The bodies of a message stand beside this, one for each language. Whether a translation is to be trusted is for people:
section 5 asks that it is shown to be one, how it was made, and over which languages.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ...errors import PayloadError
from ...jid import JID
from ...namespaces import XML_LANG
from ..payload import LANGUAGE, Spec, attribute, child, children, payload, text

__all__ = [
    "ITEMS",
    "NAMESPACE",
    "SPEC",
    "Method",
    "TranslatedFrom",
    "Translation",
    "TranslationPair",
    "TranslationPairs",
    "Translations",
]

SPEC: Final = Spec(171, "1.1.1", "Draft", "Language Translation")
NAMESPACE: Final = "urn:xmpp:langtrans"
"""Also the feature of a service, whose identity is `automation`, `translation` (sections 4.2.2 and 9.2)."""
ITEMS: Final = "urn:xmpp:langtrans:items"


class Method(Enum):
    """Who translated (section 4.1)."""

    HUMAN = "human"
    MACHINE = "machine"
    REVIEWED = "reviewed"
    """A machine; a human looked at it."""


@payload(NAMESPACE, "source")
class TranslatedFrom:
    """The text that a service is to translate, or has (section 4.3)."""

    lang: str = attribute(XML_LANG, codec=LANGUAGE)
    words: str = text(default="")


@payload(NAMESPACE, "translation")
class Translation:
    """One translation: in a message what a body is, from a service a text, to a service the wish for one."""

    destination: str = attribute("destination_lang", codec=LANGUAGE)
    source: str | None = attribute("source_lang", codec=LANGUAGE, default=None)
    """The language it is from; None: it is asked for (section 4.3.1)."""
    words: str = text(default="", kw_only=True)
    dictionary: str | None = attribute(default=None, kw_only=True)
    """A vocabulary the engine knows (section 4.3.3)."""
    engine: str | None = attribute(default=None, kw_only=True)
    """The machine that did it; empty: a machine without a name (section 4.1)."""
    reviewed: bool = attribute(default=False, kw_only=True)
    """A human looked at what the machine made."""
    charset: str | None = attribute(default=None, kw_only=True)
    """What the engine needs to have texts in (section 2)."""

    @property
    def method(self) -> Method:
        """Who translated (section 4.1)."""
        if self.engine is None:
            return Method.HUMAN
        return Method.REVIEWED if self.reviewed else Method.MACHINE


@payload(NAMESPACE, "x")
class Translations:
    """What the bodies of a message are (section 4.1), or the question to a service and its answer (section 4.3)."""

    source: TranslatedFrom | None = child(TranslatedFrom, default=None, kw_only=True)
    """What a service translates; None: the bodies of the message say it."""
    translations: tuple[Translation, ...] = children(Translation)

    def path_to(self, language: str) -> tuple[str, ...]:
        """Give the languages over which a text came into this one, the original first (section 4.1.2).

        Raises `PayloadError` for a text that comes from itself in the end.
        """
        sources = {one.destination.lower(): one.source for one in self.translations}
        path = [language]
        while (before := sources.get(path[-1].lower())) is not None:
            if len(path) > len(sources):
                raise PayloadError("x/translation/@source_lang", "a language that is not translated from itself")
            path.append(before)
        return tuple(reversed(path))


@payload(ITEMS, "item")
class TranslationPair:
    """What a service translates from one language to another, with one engine and dictionary (section 4.2.3)."""

    jid: JID = attribute()
    source: str = attribute("source_lang", codec=LANGUAGE)
    destination: str | None = attribute("destination_lang", codec=LANGUAGE, default=None)
    name: str | None = attribute(default=None, kw_only=True)
    engine: str | None = attribute(default=None, kw_only=True)
    dictionary: str | None = attribute(default=None, kw_only=True)
    pivotable: bool = attribute(default=False, kw_only=True)
    """It may be a step on the way to another language."""


@payload(ITEMS, "query")
class TranslationPairs:
    """The question what a service translates (an empty one), or its answer (section 4.2.3)."""

    pairs: tuple[TranslationPair, ...] = children(TranslationPair, default=())
