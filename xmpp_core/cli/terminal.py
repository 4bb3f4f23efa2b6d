"""What may be sent to a terminal, and in which colours."""

from __future__ import annotations

import os
import sys
import unicodedata
from typing import Final, TextIO

__all__ = ["Line", "Printer", "marked", "visible"]

Line = list[tuple[str, str]]
"""Pieces of one line, each a style (a key of `STYLES`, or empty) and its text."""

STYLES: Final = {
    "dim": "dim",
    "initiating": "cyan",
    "receiving": "magenta",
    "host": "blue",
    "good": "green",
    "warning": "yellow",
    "error": "bold red",
    "strong": "bold",
}
# Where the output cannot hold the first, the second stands.
_PLAIN: Final = str.maketrans({"→": "->", "←": "<-", "…": "...", "·": "-"})


def visible(text: str, *, ascii_only: bool = False) -> str:
    """Give one line without what makes a terminal do things: a peer chose these characters.

    With `ascii_only` what an encoding may lack is escaped too.
    """
    if text.isprintable() and not (ascii_only and not text.isascii()):
        return text
    return "".join(one if one.isprintable() and not (ascii_only and one > "\x7f") else _escape(one) for one in text)


def marked(text: str, position: int, *, ascii_only: bool) -> tuple[str, int, int]:
    """Give a line that shows `text`, and column and width of the mark under the character at `position`.

    What has no width of its own or is written from right to left stands as an escape, so that columns can
    be counted: East Asian wide characters take two (Unicode standard annex 11). Past the end the mark has one.
    """
    steered = any(unicodedata.bidirectional(one) in ("R", "AL", "AN") for one in text)
    shown: list[str] = []
    column = mark = 0
    width = 1
    for index, one in enumerate(text):
        size = _columns(one)
        bare = one.isprintable() and size > 0 and not (one > "\x7f" and (ascii_only or steered))
        attached = size == 0 and one.isprintable() and index != position and index > 0 and not (ascii_only or steered)
        piece = one if bare or attached else _escape(one)
        if not (bare or attached):
            size = len(piece)
        if index == position:
            mark, width = column, size
        shown.append(piece)
        column += size
    if position >= len(text):
        mark = column
    return "".join(shown), mark, width


def _columns(one: str) -> int:
    """How many columns a printable character takes in a terminal."""
    if unicodedata.category(one) in ("Mn", "Me") or "\u1160" <= one <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(one) in "WF" else 1


def _escape(one: str) -> str:
    return one.encode("unicode_escape").decode() if one > "\x7e" or one < " " else one


class Printer:
    """Writes lines to `out`, with or without colour; the text is the same.

    `colour` is "auto" (a terminal, and `NO_COLOR` is not set), "always" or "never". Colour needs the
    extra `cli`; without it the text is plain.
    """

    def __init__(self, out: TextIO, colour: str = "auto") -> None:
        self._out = out
        encoding = (getattr(out, "encoding", None) or "utf-8").lower().replace("-", "")
        self._ascii = encoding != "utf8"
        wanted = colour == "always" or (
            colour == "auto" and out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        )
        self._rich = None
        if wanted:
            try:
                from rich.console import Console
            except ImportError:
                if colour == "always":
                    print("xmpp-core: no colour without rich: pip install 'xmpp_core[cli]'", file=sys.stderr)
            else:
                self._rich = Console(
                    file=out, force_terminal=True, color_system="standard", no_color=False, highlight=False, emoji=False
                )

    def line(self, line: Line) -> None:
        """Write one line; control characters are made visible here, whoever wrote them."""
        pieces = [(style, self._fitting(visible(text))) for style, text in line]
        if self._rich is None:
            self._out.write("".join(text for _, text in pieces).rstrip() + "\n")
            return
        from rich.text import Text

        text = Text.assemble(*((one, STYLES.get(style, "")) for style, one in pieces))
        text.rstrip()
        self._rich.print(text, soft_wrap=True)

    def _fitting(self, text: str) -> str:
        if not self._ascii or text.isascii():
            return text
        return text.translate(_PLAIN).encode("ascii", "backslashreplace").decode()
