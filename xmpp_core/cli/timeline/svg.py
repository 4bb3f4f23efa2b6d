"""A timeline as an SVG sequence diagram."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from ...stream.context import Side
from ..terminal import visible
from .drawing import Arrow, Note
from .row import Summary

__all__ = ["svg"]

_LEFT, _RIGHT, _WIDTH = 130, 770, 900
_TOP: Final = 64
_CHARACTER: Final = 7.8
"""Width of a character of the fonts named below at 13 pixels, on the safe side."""
_STYLE: Final = """
text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2937 }
.name { font-weight: bold; font-size: 15px } .where, .at { font-size: 11px; fill: #4b5563 }
.at { font-variant-numeric: tabular-nums } .ground { fill: #ffffff } .life { stroke: #9ca3af; stroke-dasharray: 4 4 }
.name-box { fill: #e5e7eb; stroke: #6b7280 }
.line { stroke: #1d4ed8; stroke-width: 1.5 } .head { fill: #1d4ed8 }
.error .line { stroke: #b91c1c } .error .head { fill: #b91c1c } .warning .line { stroke: #b45309 }
.warning .head { fill: #b45309 } .box { fill: #f3f4f6; stroke: #9ca3af }
.error .box { fill: #fee2e2; stroke: #b91c1c } .warning .box { fill: #fef3c7; stroke: #b45309 }
.good .box { fill: #dcfce7; stroke: #15803d }
@media (prefers-color-scheme: dark) {
text { fill: #e5e7eb } .where, .at { fill: #9ca3af } .ground { fill: #111827 } .name-box { fill: #374151 }
.line { stroke: #93c5fd } .head { fill: #93c5fd } .error .line { stroke: #fca5a5 } .error .head { fill: #fca5a5 }
.warning .line { stroke: #fcd34d } .warning .head { fill: #fcd34d }
.box { fill: #1f2937 } .error .box { fill: #450a0a } .warning .box { fill: #451a03 } .good .box { fill: #052e16 }
}
"""


def svg(drawn: Iterable[Arrow | Note], summary: Summary) -> str:
    """Give the diagram as one XML document. It follows the light or dark scheme of whoever shows it."""
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"})
    SubElement(root, "title").text = "XMPP connection"
    SubElement(root, "style").text = _STYLE
    ground = SubElement(root, "rect", {"class": "ground", "width": str(_WIDTH)})
    lives = [SubElement(root, "line", {"class": "life", "y1": str(_TOP)}) for _ in Side]
    y = _TOP + 10
    for step in drawn:
        y = _arrow(root, step, y) if isinstance(step, Arrow) else _note(root, step, y)
    height = y + 24
    for line, side in zip(lives, Side, strict=True):
        x = _LEFT if side is Side.INITIATING else _RIGHT
        line.attrib.update({"x1": str(x), "x2": str(x), "y2": str(height - 12)})
        _rect(root, x - 70, 20, 140, 34, "name-box")
        _text(root, x, 42, summary.names[side], "name", "middle")
    ground.set("height", str(height))
    root.attrib.update({"width": str(_WIDTH), "height": str(height), "viewBox": f"0 0 {_WIDTH} {height}"})
    document: bytes = tostring(root, encoding="us-ascii")
    return document.decode() + "\n"


def _arrow(root: Element, step: Arrow, y: int) -> int:
    group = SubElement(root, "g", {"class": step.level.value})
    for part in _folded(step.words, int((_RIGHT - _LEFT - 40) / _CHARACTER)):
        y += 17
        _text(group, (_LEFT + _RIGHT) // 2, y, part, "words", "middle")
    y += 8
    begin, end, back = (_LEFT, _RIGHT, -9) if step.side is Side.INITIATING else (_RIGHT, _LEFT, 9)
    SubElement(
        group,
        "line",
        {"class": "line", "x1": str(begin), "x2": str(end + back), "y1": str(y), "y2": str(y)},
    )
    SubElement(group, "path", {"class": "head", "d": f"M{end} {y}l{back} -5v10z"})
    if step.at is not None:
        _text(group, _LEFT - 12, y + 4, f"{step.at:.3f} s", "at", "end")
    if step.section:
        y += 14
        _text(group, (_LEFT + _RIGHT) // 2, y, step.section, "where", "middle")
    return y + 8


def _note(root: Element, step: Note, y: int) -> int:
    group = SubElement(root, "g", {"class": step.level.value})
    parts = _folded(step.words, int((_RIGHT - _LEFT - 60) / _CHARACTER))
    wide = min(_RIGHT - _LEFT - 20, int(max(map(len, parts)) * _CHARACTER) + 28)
    middle, tall = (_LEFT + _RIGHT) // 2, 17 * len(parts) + 11
    _rect(group, middle - wide // 2, y + 6, wide, tall, "box", round=tall // 2 if step.state else 3)
    for number, part in enumerate(parts):
        _text(group, middle, y + 23 + 17 * number, part, "words", "middle")
    return y + tall + 10


def _folded(words: str, width: int) -> list[str]:
    """Break words into lines, within a word where it is longer than a line."""
    lines, line = [], ""
    for word in visible(words).split(" "):
        while len(word) > width:
            room = width - len(line) - 1 if line else width
            if room < 8:
                lines.append(line)
                line = ""
                continue
            lines.append(f"{line} {word[:room]}".strip())
            line, word = "", word[room:]
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    return [*lines, line] if line or not lines else lines


def _rect(root: Element, x: int, y: int, wide: int, tall: int, kind: str, *, round: int = 4) -> None:
    place = {"x": x, "y": y, "width": wide, "height": tall, "rx": round}
    SubElement(root, "rect", {"class": kind, **{name: str(value) for name, value in place.items()}})


def _text(root: Element, x: int, y: int, text: str, kind: str, anchor: str) -> None:
    SubElement(root, "text", {"class": kind, "x": str(x), "y": str(y), "text-anchor": anchor}).text = visible(text)
