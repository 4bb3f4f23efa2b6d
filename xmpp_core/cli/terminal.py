"""What may be sent to a terminal, and in which colours."""

from __future__ import annotations

import os
import sys
from typing import Final, TextIO

__all__ = ["Line", "Printer", "visible"]

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


def visible(text: str) -> str:
    """Give one line without what makes a terminal do things: a peer chose these characters."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


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
