"""Write the page `standards.md` and the file `xmpp_core.doap` from the declarations: `python docs/make_standards.py`.

A payload module declares its specification (`SPEC`); another module names in its docstring those it follows, and
`standards.json` tells their titles. Which tests show one, their `feature` marks tell, and what they cite.
"""

from __future__ import annotations

import ast
import importlib
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from xmpp_core.stanza.payload import Spec, is_payload, shape_of
from xmpp_core.stanza.trusted import TRUSTED

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "standards.md"
DOAP = ROOT / "docs" / "xmpp_core.doap"
FACTS = ROOT / "docs" / "standards.json"
PACKAGE = ROOT / "xmpp_core"
TESTS = ROOT / "tests"
CITED = re.compile(r"\b(RFC|XEP)[- ]?([0-9]{4})\b")
NUMBERED = re.compile(r"test_([0-9]{4})_")

HEAD = """# Standards

Made by `docs/make_standards.py` from what the modules declare and the tests cite; not to be edited. The version is the
one a module was written from. A specification stands here if a module follows it, not if it is merely mentioned.
"""
XEPS = """
## XMPP extensions

Payloads are shapes: all elements of a specification are read, checked and written, and its pure rules are functions.
Modules are named below `xmpp_core`.
"""
ELEMENTS = """
## Elements

What is typed, by namespace. Anything else passes through unchanged: as an `Element`, or inside what is typed as what
was unknown to it. **Bold**: it counts from one sender only, and is read with `account=`.
"""

Key = tuple[str, int]


@dataclass
class Entry:
    """One row of the page."""

    spec: Spec
    modules: set[str] = field(default_factory=set)
    tests: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix()


def _cited(text: str) -> set[Key]:
    return {(series, int(number)) for series, number in CITED.findall(text)}


def facts() -> dict[Key, Spec]:
    """The specifications that modules without elements may follow."""
    return {
        (series, number): Spec(number, version, status, title, series)
        for series, number, version, status, title in json.loads(FACTS.read_text())
    }


def payload_modules() -> Iterator[tuple[str, dict[str, object]]]:
    """The modules of payloads with what they hold."""
    for path in sorted((PACKAGE / "stanza" / "payloads").glob("[a-z]*.py")):
        name = _name(path)
        yield name.removeprefix("xmpp_core/"), vars(importlib.import_module(name.replace("/", ".")))


def entries() -> dict[Key, Entry]:
    """All that is followed, with where and how it is shown."""
    known = facts()
    found: dict[Key, Entry] = {}
    for name, module in payload_modules():
        spec = module["SPEC"]
        assert isinstance(spec, Spec)
        entry = found.setdefault((spec.series, spec.number), Entry(spec))
        if (entry.spec.version, entry.spec.title) != (spec.version, spec.title):
            raise SystemExit(f"{name} declares another version of {spec}")
        entry.modules.add(name)
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent.name == "payloads":
            continue
        for key in _cited(ast.get_docstring(ast.parse(path.read_text())) or ""):
            if key not in found and key not in known:
                raise SystemExit(f"docs/standards.json does not know {key[0]} {key[1]:04}, which {_name(path)} follows")
            entry = found.setdefault(key, Entry(known[key])) if key in known else found[key]
            entry.modules.add(_name(path).removeprefix("xmpp_core/"))
    weak: list[tuple[Key, str, frozenset[str]]] = []
    for key, test, ids, strong in shown():
        if key in found and strong:
            found[key].tests.add(test)
            found[key].ids |= ids
        elif key in found:
            weak.append((key, test, ids))
    nowhere = {key for key, one in found.items() if not one.tests}
    for key, test, ids in weak:
        if key[0] == "RFC" or key in nowhere:
            found[key].tests.add(test)
            found[key].ids |= ids
    return dict(sorted(found.items()))


def shown() -> Iterator[tuple[Key, str, frozenset[str], bool]]:
    """Which specification which file of tests shows, for which features, and whether it is about that.

    It is about what its marks name (`X-0203`), what its file is named after and what its docstring cites; a test
    that only cites a specification counts for an RFC, and for what no other test is about.
    """
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text()
        tree = ast.parse(text)
        lines = text.splitlines()
        number = NUMBERED.match(path.name)
        whole = {("XEP", int(number[1]))} if number else _cited(ast.get_docstring(tree) or "")
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
                continue
            marks = frozenset(_marks(node))
            other = frozenset(one for one in marks if not one.startswith("X-"))
            named = {("XEP", int(one[2:])) for one in marks - other}
            start = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            cited = _cited("\n".join(lines[start - 1 : node.end_lineno]))
            for key in named | whole | cited:
                own = frozenset({f"X-{key[1]:04}"}) if key in named else other
                yield key, f"{_name(path)}.py", own, key in named | whole


def _marks(node: ast.FunctionDef) -> Iterator[str]:
    for one in node.decorator_list:
        if isinstance(one, ast.Call) and ast.unparse(one.func) == "pytest.mark.feature":
            yield from (str(arg.value) for arg in one.args if isinstance(arg, ast.Constant))


def _short(names: Iterable[str], most: int) -> list[str]:
    """Give the names, or where they are many the folders that hold them."""
    several = sorted(names)
    if len(several) <= most:
        return several
    return sorted({f"{name.rpartition('/')[0]}/" if "/" in name else name for name in several})


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "-"


def _ids(entry: Entry) -> str:
    own = f"X-{entry.spec.number:04}"
    if entry.spec.series == "XEP" and own in entry.ids:
        return own
    return ", ".join(sorted(entry.ids)) or "-"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def page() -> str:
    """The page."""
    found = entries()
    lines = [HEAD.strip(), "", "## RFCs", "", _row("RFC", "title", "status", "modules", "tests", "features")]
    lines.append("|---|---|---|---|---|---|")
    for (series, number), one in found.items():
        if series == "RFC":
            tests = _code(_short(one.tests, 3))
            lines.append(
                _row(f"{number:04}", one.spec.title, one.spec.status, _code(_short(one.modules, 3)), tests, _ids(one))
            )
    lines += [
        *XEPS.rstrip().splitlines(),
        "",
        _row("XEP", "title", "version", "status", "modules", "tests", "features"),
    ]
    lines.append("|---|---|---|---|---|---|---|")
    for (series, number), one in found.items():
        if series == "XEP":
            facts = (f"{number:04}", one.spec.title, one.spec.version, one.spec.status)
            lines.append(_row(*facts, _code(_short(one.modules, 5)), _code(_short(one.tests, 5)), _ids(one)))
    lines += [*ELEMENTS.rstrip().splitlines(), "", _row("namespace", "elements"), "|---|---|"]
    lines += [_row(f"`{space}`", ", ".join(names)) for space, names in elements().items()]
    return "\n".join(lines) + "\n"


def elements() -> dict[str, list[str]]:
    """The typed elements by namespace."""
    found: dict[str, set[str]] = {}
    for _, module in payload_modules():
        for thing in module.values():
            if isinstance(thing, type) and is_payload(thing) and thing.__module__ == module["__name__"]:
                shape = shape_of(thing)
                for space in shape.namespaces:
                    found.setdefault(space, set()).update(shape.names)
    return {space: [_element(space, name) for name in sorted(names)] for space, names in sorted(found.items())}


def _element(space: str, name: str) -> str:
    return f"**{name}**" if f"{{{space}}}{name}" in TRUSTED else name


def doap() -> str:
    """The description of the project (XEP-0453)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [
        "<?xml version='1.0' encoding='UTF-8'?>",
        "<!-- Made by docs/make_standards.py; not to be edited. -->",
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'",
        "         xmlns='http://usefulinc.com/ns/doap#'",
        "         xmlns:xmpp='https://linkmauve.fr/ns/xmpp-doap#'>",
        "  <Project>",
        f"    <name>{escape(project['name'])}</name>",
        f"    <shortdesc xml:lang='en'>{escape(project['description'])}</shortdesc>",
        "    <programming-language>Python</programming-language>",
        "    <os>Linux</os>",
        "    <os>macOS</os>",
        "    <os>Windows</os>",
        *(
            f"    <license rdf:resource={quoteattr('https://spdx.org/licenses/' + one)}/>"
            for one in project["license"].split(" AND ")
        ),
        "    <category rdf:resource='https://linkmauve.fr/ns/xmpp-doap#category-jabber'/>",
        "    <category rdf:resource='https://linkmauve.fr/ns/xmpp-doap#category-library'/>",
    ]
    for (series, number), one in entries().items():
        if series == "RFC":
            lines.append(f"    <implements rdf:resource='https://www.rfc-editor.org/rfc/rfc{number}'/>")
            continue
        shapes = all(name.startswith("stanza/payloads/") for name in one.modules)
        note = "elements and pure rules" if shapes else "in the engine"
        lines += [
            "    <implements>",
            "      <xmpp:SupportedXep>",
            f"        <xmpp:xep rdf:resource='https://xmpp.org/extensions/xep-{number:04}.html'/>",
            "        <xmpp:status>partial</xmpp:status>",
            f"        <xmpp:version>{one.spec.version}</xmpp:version>",
            f"        <xmpp:note xml:lang='en'>{note}</xmpp:note>",
            "      </xmpp:SupportedXep>",
            "    </implements>",
        ]
    return "\n".join([*lines, "  </Project>", "</rdf:RDF>", ""])


def files() -> dict[Path, str]:
    """What this writes, by its path."""
    return {PAGE: page(), DOAP: doap()}


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text)
    sys.exit(0)
