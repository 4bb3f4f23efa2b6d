"""A second reader of streams, slow and plain: pyexpat with Python handlers. Shares no code with the parser."""

from __future__ import annotations

import pyexpat
from typing import Any


class Refusal(Exception):
    """What restricted XML forbids."""


class Oracle:
    """Reads one stream; `delivered` are the top-level elements in the form of `xmpp_core.xml.names.canonical`."""

    def __init__(self) -> None:
        self.delivered: list[bytes] = []
        self.reason = ""
        self.ended = False
        self._open: list[list[Any]] = []
        parser = self._parser = pyexpat.ParserCreate("utf-8", "}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = lambda _: self._refuse("comment")
        parser.ProcessingInstructionHandler = lambda *_: self._refuse("instruction")
        parser.StartDoctypeDeclHandler = lambda *_: self._refuse("doctype")
        parser.StartCdataSectionHandler = self._cdata

    def feed(self, data: bytes) -> bool:
        """Take a whole stream; False when it was refused."""
        try:
            self._parser.Parse(data)
        except (pyexpat.ExpatError, Refusal) as error:
            self.reason = str(error)
            return self.ended
        return True

    def _refuse(self, what: str) -> None:
        if not self.ended:
            raise Refusal(what)

    def _cdata(self) -> None:
        if len(self._open) < 2:
            self._refuse("text between")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._open.append([_clark(tag), {_clark(name): value for name, value in attributes.items()}, []])

    def _text(self, text: str) -> None:
        if len(self._open) == 1:
            if text.strip(" \t\r\n"):
                self._refuse("text between")
        elif self._open:
            content = self._open[-1][2]
            if content and isinstance(content[-1], str):
                content[-1] += text
            else:
                content.append(text)

    def _end(self, _: str) -> None:
        node = self._open.pop()
        if len(self._open) == 1:
            self.delivered.append(_canonical(node).encode("utf-8", "surrogatepass"))
        elif self._open:
            self._open[-1][2].append(node)
        else:
            self.ended = True


def _clark(name: str) -> str:
    return "{" + name if "}" in name else name


def _canonical(node: list[Any]) -> str:
    tag, attributes, content = node
    texts, children = [""], []
    for part in content:
        if isinstance(part, str):
            texts[-1] += part
        else:
            children.append(part)
            texts.append("")
    inside = "".join(_canonical(child) + repr(tail) for child, tail in zip(children, texts[1:], strict=True))
    shown = "".join(f" {name}={value!r}" for name, value in sorted(attributes.items()))
    return f"<{tag}{shown}>{texts[0]!r}{inside}</>"
