"""Messages (RFC 6121 section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar
from xml.etree.ElementTree import Element, SubElement

from ..errors import LocalProtocolError
from ..jid import JID
from ..namespaces import CLIENT, XML_LANG
from .base import Stanza
from .shape import element_of

__all__ = ["Message"]

_TYPES = frozenset({"chat", "error", "groupchat", "headline", "normal"})

_SUBJECT, _BODY, _THREAD = f"{{{CLIENT}}}subject", f"{{{CLIENT}}}body", f"{{{CLIENT}}}thread"


class Message(Stanza):
    """A message. `Message(to=..., type="chat", body="...")` builds one; a received one is a view.

    `body` and `subject` take a text, or several by language; `payloads` elements, or instances of payload
    classes. Raises `JIDError` for a bad address and
    `LocalProtocolError` for an unknown type.
    """

    __slots__ = ()
    _name: ClassVar[str] = "message"
    _tag: ClassVar[str] = f"{{{CLIENT}}}message"
    _types: ClassVar[frozenset[str]] = _TYPES

    def __init__(
        self,
        *,
        to: JID | str | None = None,
        from_: JID | str | None = None,
        id: str | None = None,
        type: str | None = None,
        lang: str | None = None,
        body: str | Mapping[str | None, str] | None = None,
        subject: str | Mapping[str | None, str] | None = None,
        thread: str | None = None,
        parent_thread: str | None = None,
        payloads: Iterable[Element | object] = (),
    ) -> None:
        self._build(to, from_, id, type, lang)
        for name, given in ((_SUBJECT, subject), (_BODY, body)):
            if given is None:
                continue
            texts = {None: given} if isinstance(given, str) else given
            for language, words in texts.items():
                attributes = {} if language is None else {XML_LANG: language}
                SubElement(self.element, name, attributes).text = words
        if thread is not None:
            attributes = {} if parent_thread is None else {"parent": parent_thread}
            SubElement(self.element, _THREAD, attributes).text = thread
        elif parent_thread is not None:
            raise LocalProtocolError("a parent is named by a thread of its own (RFC 6121 section 5.2.5)")
        self.element.extend([element_of(one) for one in payloads])

    @property
    def type(self) -> str:
        """`chat`, `error`, `groupchat`, `headline` or `normal`; anything else counts as `normal` (section 5.2.2)."""
        found = self.element.get("type", "normal")
        return found if found in _TYPES else "normal"

    @property
    def bodies(self) -> dict[str | None, str]:
        """The bodies by language; None is the stanza's own (section 5.2.3)."""
        return self._texts("body")

    @property
    def body(self) -> str | None:
        """The body without a language, else the first; None if there is none."""
        return self._text("body")

    def body_for(self, ranges: Sequence[str], stream_lang: str | None = None) -> str | None:
        """Give the body for a reader of these languages, "de-CH" before "en" for `["de-CH", "en"]`.

        Chosen by lookup (RFC 4647 section 3.4) among the languages the bodies have, their own or inherited from
        the stanza or the stream; else one of a region or script of it, else what `body` gives (section 5.2.3).
        """
        return self._text_for("body", ranges, stream_lang)

    @property
    def subjects(self) -> dict[str | None, str]:
        """The subjects by language (section 5.2.4)."""
        return self._texts("subject")

    @property
    def subject(self) -> str | None:
        """The subject without a language, else the first; None if there is none."""
        return self._text("subject")

    def subject_for(self, ranges: Sequence[str], stream_lang: str | None = None) -> str | None:
        """Give the subject for a reader of these languages, chosen as `body_for` chooses (section 5.2.4)."""
        return self._text_for("subject", ranges, stream_lang)

    @property
    def thread(self) -> str | None:
        """The conversation it belongs to (section 5.2.5)."""
        return self.element.findtext(self.element.tag[:-7] + "thread")

    @property
    def parent_thread(self) -> str | None:
        """The conversation that one grew from."""
        found = self.element.find(self.element.tag[:-7] + "thread")
        return None if found is None else found.get("parent")

    def reply(
        self,
        body: str | Mapping[str | None, str] | None = None,
        *,
        id: str | None = None,
        subject: str | Mapping[str | None, str] | None = None,
        thread: str | None = None,
        payloads: Iterable[Element | object] = (),
    ) -> Message:
        """Give a message back to the sender, of the same type and in the same conversation.

        Raises `LocalProtocolError` for an error, which is never answered.
        """
        if self.is_error:
            raise LocalProtocolError("an error is never answered (RFC 6120 section 8.3.1)")
        kind = self.type
        return Message(
            to=self.from_,
            type=None if kind == "normal" else kind,
            id=id,
            body=body,
            subject=subject,
            thread=thread if thread is not None else self.thread,
            parent_thread=self.parent_thread if thread is None and self.thread is not None else None,
            payloads=payloads,
        )

    def _text(self, name: str) -> str | None:
        found = self.element.findall(self.element.tag[:-7] + name)
        for child in found:
            if child.get(XML_LANG) is None:
                return child.text or ""
        return found[0].text or "" if found else None

    def _texts(self, name: str) -> dict[str | None, str]:
        texts: dict[str | None, str] = {}
        for child in self.element.findall(self.element.tag[:-7] + name):
            texts.setdefault(child.get(XML_LANG), child.text or "")
        return texts
