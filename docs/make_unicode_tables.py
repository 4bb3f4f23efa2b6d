"""Write the tables of look-alikes and scripts from Unicode's files: `python docs/make_unicode_tables.py FOLDER`.

FOLDER holds `confusables.txt` (of UTS 39), and of the Unicode Character Database `DerivedCoreProperties.txt`,
`PropertyValueAliases.txt`, `Scripts.txt` and `ScriptExtensions.txt`, all of one version. Their licence is in
`LICENSE-UNICODE`: when the tables are made anew, take the notice that comes with the files.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

STRINGS = Path(__file__).parent.parent / "xmpp_core" / "strings"
VERSION = re.compile(r"^# (?:Version: |[A-Za-z]+-)([0-9]+\.[0-9]+\.[0-9]+)", re.MULTILINE)
COPYRIGHT = re.compile(r"^# © ([0-9]{4}) Unicode", re.MULTILINE)

MODULE = '''\
"""{title}

Made by `docs/make_unicode_tables.py` from files of Unicode {version}; not to be edited. They are data files of Unicode,
Copyright © {year} Unicode, Inc., under the Unicode License v3, whose notice is `LICENSE-UNICODE`; what is here is their
content in another form. Read when it is first asked for: nothing imports this module before.

{form}
"""

from __future__ import annotations

from typing import Final

__all__ = [{exports}]

{constants}'''


def rows(path: Path) -> Iterator[list[str]]:
    """The fields of each line of a file of Unicode's, without comments."""
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        fields = [one.strip() for one in line.partition("#")[0].split(";")]
        if len(fields) > 1:
            yield fields


def spans(path: Path, wanted: str | None = None) -> dict[str, set[int]]:
    """The code points of each value of a property, or of the one that is wanted."""
    found: dict[str, set[int]] = defaultdict(set)
    for codes, value, *_ in rows(path):
        if wanted in (None, value):
            first, _, last = codes.partition("..")
            found[value].update(range(int(first, 16), int(last or first, 16) + 1))
    return found


def written(codes: Iterable[int]) -> Iterator[str]:
    """Code points in hexadecimal, those in a row as the first and the last."""
    first = last = -1
    for code in [*sorted(codes), sys.maxunicode + 2]:
        if code == last + 1 and first >= 0:
            last = code
            continue
        if first >= 0:
            yield f"{first:x}" if first == last else f"{first:x}-{last:x}"
        first = last = code


def grouped(groups: Iterable[tuple[str, Iterable[int]]]) -> str:
    """What is said of code points, each time with the code points it is said of."""
    return " ".join(f"{said}: {' '.join(written(codes))}" for said, codes in groups)


def constant(name: str, value: str, meaning: str) -> str:
    """A constant of the module, wrapped if it is long, and what it is."""
    if len(value) < 80:
        return f'{name}: Final = "{value}"\n"""{meaning}"""\n'
    lines = "\n".join(textwrap.wrap(value, 119, break_on_hyphens=False, break_long_words=False))
    return f'{name}: Final = """\\\n{lines}\n"""\n"""{meaning}"""\n'


def look_alikes(folder: Path) -> str:
    """The table of confusable code points, and of those nobody sees."""
    alike: dict[str, list[int]] = defaultdict(list)
    for code, prototype, *_ in rows(folder / "confusables.txt"):
        alike["+".join(f"{int(one, 16):x}" for one in prototype.split())].append(int(code, 16))
    ordered = sorted(alike.items(), key=lambda one: [int(code, 16) for code in one[0].split("+")])
    ignorable = spans(folder / "DerivedCoreProperties.txt", "Default_Ignorable_Code_Point")
    (invisible,) = ignorable.values()
    return module(
        folder / "confusables.txt",
        "Code points that look alike (UTS 39 section 4): `confusables.txt` of Unicode.",
        'In `CONFUSABLES` a prototype, of one code point or several, stands before all that looks like it: "6f: 30".',
        CONFUSABLES=(grouped(ordered), "Prototypes, and the code points that look like them."),
        INVISIBLE=(" ".join(written(invisible)), "Default_Ignorable_Code_Point: what is not drawn."),
    )


def scripts(folder: Path) -> str:
    """The table of the scripts of code points."""
    codes = {long: short for kind, short, long, *_ in rows(folder / "PropertyValueAliases.txt") if kind == "sc"}
    found = spans(folder / "Scripts.txt")
    extended = spans(folder / "ScriptExtensions.txt")
    return module(
        folder / "Scripts.txt",
        "The scripts of code points (UAX 24): `Scripts.txt` and `ScriptExtensions.txt` of Unicode.",
        '"Latn/Latin" stands before the code points of a script, "Hira+Kana" before those used with several.',
        SCRIPTS=(
            grouped((f"{codes[name]}/{name}", found[name]) for name in sorted(found, key=codes.__getitem__)),
            "Script, by code and name; what is not here has none (Zzzz).",
        ),
        EXTENSIONS=(
            grouped((name.replace(" ", "+"), extended[name]) for name in sorted(extended)),
            "Script_Extensions, where they are not the script alone.",
        ),
    )


def module(source: Path, title: str, form: str, **constants: tuple[str, str]) -> str:
    """The text of a module that holds a table."""
    head = source.read_text(encoding="utf-8-sig")[:1000]
    version, year = VERSION.search(head), COPYRIGHT.search(head)
    assert version is not None, f"{source} names no version"
    assert year is not None, f"{source} names no year"
    of_unicode = (version[1], "The version of Unicode that this is of.")
    everything = {**constants, "UNICODE_VERSION": of_unicode}
    return MODULE.format(
        title=title,
        version=version[1],
        year=year[1],
        form=form,
        exports=", ".join(f'"{name}"' for name in sorted(everything)),
        constants="".join(constant(name, *everything[name]) for name in sorted(everything, key=len)),
    )


def main(folder: Path) -> None:
    """Write both tables."""
    (STRINGS / "confusables_table.py").write_text(look_alikes(folder), encoding="utf-8")
    (STRINGS / "scripts_table.py").write_text(scripts(folder), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
