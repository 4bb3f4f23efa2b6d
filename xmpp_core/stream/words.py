"""What people are told with an error, in their language (RFC 6120 sections 4.7.4, 4.9.2 and 8.3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from ..strings.languages import lookup

__all__ = ["DEFAULT_LANG", "Catalogue", "Words", "agreed_lang"]

DEFAULT_LANG: Final = "en"
"""The language of a receiving entity that names none: a response header must have one (section 4.7.4)."""


class Words(Protocol):
    """Texts for error conditions. Pure: the same question has the same answer."""

    @property
    def languages(self) -> Sequence[str]:
        """The languages there are texts in (RFC 5646)."""
        ...

    def text(self, condition: str, lang: str) -> str | None:
        """Give the text for a condition of a stream or stanza error in one of `languages`, None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Words as a table: by language, by the name of the condition."""

    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the table."""
        return tuple(self.texts)

    def text(self, condition: str, lang: str) -> str | None:
        """Look it up."""
        return self.texts.get(lang, {}).get(condition)


def agreed_lang(wanted: str | None, words: Words | None, default: str | None) -> str:
    """Give the `xml:lang` of a response header, which is that of all text on the stream (section 4.7.4).

    Who has no words for people can say none in the wrong language, so what was wanted is supported.
    """
    if wanted is None:
        return default or DEFAULT_LANG
    if words is None:
        return wanted
    return lookup([wanted], words.languages) or default or DEFAULT_LANG
