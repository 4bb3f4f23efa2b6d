"""Presence (RFC 6121 section 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar
from xml.etree.ElementTree import Element, SubElement

from ..errors import LocalProtocolError
from ..jid import JID
from ..namespaces import CLIENT, XML_LANG
from .base import Stanza
from .shape import element_of

__all__ = ["SHOWS", "Presence"]

_TYPES = frozenset({"error", "probe", "subscribe", "subscribed", "unavailable", "unsubscribe", "unsubscribed"})
SHOWS = frozenset({"away", "chat", "dnd", "xa"})

_SHOW, _STATUS, _PRIORITY = f"{{{CLIENT}}}show", f"{{{CLIENT}}}status", f"{{{CLIENT}}}priority"


class Presence(Stanza):
    """Presence. `Presence()` says that we are available.

    Raises `JIDError` for a bad address and `LocalProtocolError` for an unknown type or show, or a
    priority outside -128..127.
    """

    __slots__ = ()
    _name: ClassVar[str] = "presence"
    _tag: ClassVar[str] = f"{{{CLIENT}}}presence"
    _types: ClassVar[frozenset[str]] = _TYPES

    def __init__(
        self,
        *,
        to: JID | str | None = None,
        from_: JID | str | None = None,
        id: str | None = None,
        type: str | None = None,
        lang: str | None = None,
        show: str | None = None,
        status: str | Mapping[str | None, str] | None = None,
        priority: int | None = None,
        payloads: Iterable[Element | object] = (),
    ) -> None:
        if show is not None and show not in SHOWS:
            raise LocalProtocolError("show is away, chat, dnd or xa (RFC 6121 section 4.7.2.1)")
        if priority is not None and not -128 <= priority <= 127:
            raise LocalProtocolError("priority is within -128..127 (RFC 6121 section 4.7.2.3)")
        self._build(to, from_, id, type, lang)
        if show is not None:
            SubElement(self.element, _SHOW).text = show
        texts = {None: status} if isinstance(status, str) else status or {}
        for language, words in texts.items():
            attributes = {} if language is None else {XML_LANG: language}
            SubElement(self.element, _STATUS, attributes).text = words
        if priority is not None:
            SubElement(self.element, _PRIORITY).text = str(priority)
        self.element.extend([element_of(one) for one in payloads])

    @property
    def show(self) -> str | None:
        """`away`, `chat`, `dnd` or `xa`; None for plainly available and for what is none of these."""
        found = self.element.findtext(self.element.tag[:-8] + "show")
        return found if found in SHOWS else None

    @property
    def status(self) -> str | None:
        """The status without a language, else the first; None if there is none."""
        statuses = self.statuses
        return statuses.get(None, next(iter(statuses.values()), None))

    @property
    def statuses(self) -> dict[str | None, str]:
        """The status texts by language (section 4.7.2.2)."""
        texts: dict[str | None, str] = {}
        for child in self.element.iterfind(self.element.tag[:-8] + "status"):
            texts.setdefault(child.get(XML_LANG), child.text or "")
        return texts

    def status_for(self, ranges: Sequence[str], stream_lang: str | None = None) -> str | None:
        """Give the status for a reader of these languages, `["de-CH", "en"]` for one (section 4.7.2.2).

        Chosen by lookup (RFC 4647 section 3.4) among the languages the texts have, their own or inherited from
        the stanza or the stream; else one of a region or script of it, else what `status` gives.
        """
        return self._text_for("status", ranges, stream_lang)

    @property
    def priority(self) -> int:
        """The priority; 0 where there is none or none that is legal (section 4.7.2.3)."""
        text = (self.element.findtext(self.element.tag[:-8] + "priority") or "").strip()
        digits = text[1:] if text[:1] in ("-", "+") else text
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 4):
            return 0
        number = int(text)
        return number if -128 <= number <= 127 else 0

    def reply(self, type: str) -> Presence:
        """Give presence of `type` back to the sender: `subscribed` to `subscribe`, for one.

        Raises `LocalProtocolError` for an error, which is never answered.
        """
        if self.is_error:
            raise LocalProtocolError("an error is never answered (RFC 6120 section 8.3.1)")
        return Presence(to=self.from_, type=type, id=self.id)
