"""Nodeprep, resourceprep and nameprep over the tables of RFC 3454."""

from __future__ import annotations

import re
import stringprep as tables
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from xmpp_core.strings.errors import StringError
from xmpp_core.strings.profile import Profile
from xmpp_core.strings.stringprep import NAMEPREP, NODEPREP, RESOURCEPREP, nameprep, nodeprep, resourceprep

PROFILES: dict[str, Callable[..., str]] = {"nodeprep": nodeprep, "resourceprep": resourceprep, "nameprep": nameprep}
# One code point of each table of RFC 3454 appendix C.
TABLES = {
    "C.1.1": " ",
    "C.1.2": "\u1680",
    "C.2.1": "\u0007",
    "C.2.2": "\u0085",
    "C.3": "\ue000",
    "C.4": "\ufdd0",
    "C.5": "\ud800",
    "C.6": "\ufffd",
    "C.7": "\u2ff0",
    "C.8": "\u202e",
    "C.9": "\U000e0041",
}
# RFC 6122 appendices A.5 and B.5, RFC 3491 section 5.
PASSING = {"nodeprep": (), "resourceprep": ("C.1.1",), "nameprep": ("C.1.1", "C.2.1")}
SECTIONS = {
    "nodeprep": "RFC 6122 appendix A.5",
    "resourceprep": "RFC 6122 appendix B.5",
    "nameprep": "RFC 3491 section 5",
}


@pytest.mark.feature("JID-02")
@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("table", TABLES)
def test_rfc3454_section_5_prohibited_output(name: str, table: str) -> None:
    text = f"ab{TABLES[table]}"
    if table in PASSING[name]:
        assert PROFILES[name](text, allow_unassigned=False) == text
        return
    with pytest.raises(StringError) as caught:
        PROFILES[name](text, allow_unassigned=True)
    assert (caught.value.section, caught.value.position) == (SECTIONS[name], 2)


@pytest.mark.feature("JID-02")
@pytest.mark.parametrize("one", "\"&'/:<>@")
def test_rfc6122_appendix_a_5_eight_more_characters(one: str) -> None:
    for form in (one, chr(ord(one) + 0xFEE0)):
        with pytest.raises(StringError) as caught:
            nodeprep(f"a{form}", allow_unassigned=False)
        assert (caught.value.position, caught.value.code_point) == (1, one)
        assert resourceprep(f"a{form}", allow_unassigned=False) == f"a{one}"


@pytest.mark.feature("JID-02")
@pytest.mark.parametrize(
    ("text", "node", "resource"),
    [
        ("Juliet", "juliet", "Juliet"),
        ("fu\u00dfball", "fussball", "fu\u00dfball"),
        ("\u03a3\u03c2", "\u03c3\u03c3", "\u03a3\u03c2"),
        ("\u2163", "iv", "IV"),
        ("a\u00adb", "ab", "ab"),
        ("\uff21\u0301", "\u00e1", "\u00c1"),
        ("\u0130", "i\u0307", "\u0130"),
        ("\u0390", "\u0390", "\u0390"),
        ("\u0627b".replace("b", "\u0661\u0628"), "\u0627\u0661\u0628", "\u0627\u0661\u0628"),
        ("\u04c0\u10a0", "\u04c0\u10a0", "\u04c0\u10a0"),
    ],
    ids=ascii,
)
def test_rfc3454_sections_3_and_4_mapping_and_normal_form(text: str, node: str, resource: str) -> None:
    assert nodeprep(text, allow_unassigned=False) == node
    assert nameprep(text, allow_unassigned=False) == node
    assert resourceprep(text, allow_unassigned=False) == resource


@pytest.mark.feature("JID-02")
@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize(
    ("text", "position"), [("\u0627a\u0628", 1), ("\u0627\u0628z", 2), ("1\u0627", 0), ("\u06271", 1)], ids=ascii
)
def test_rfc3454_section_6_directions(name: str, text: str, position: int) -> None:
    with pytest.raises(StringError) as caught:
        PROFILES[name](text, allow_unassigned=False)
    assert caught.value.position == position


@pytest.mark.feature("JID-02")
@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("one", ["\u0221", "\u023d", "\u03f9", "\u10fc", "\U0001f600"], ids=ascii)
def test_rfc3454_section_7_stored_strings_and_queries(name: str, one: str) -> None:
    """What Unicode 3.2 does not assign is not mapped either, whatever later versions say."""
    assert PROFILES[name](f"x{one}", allow_unassigned=True) == f"x{one}"
    with pytest.raises(StringError, match=r"Unicode 3\.2 does not assign") as caught:
        PROFILES[name](f"x{one}", allow_unassigned=False)
    assert caught.value.position == 1


@pytest.mark.feature("JID-02")
def test_a_place_is_one_in_the_text_as_given() -> None:
    with pytest.raises(StringError) as caught:
        nodeprep("\u00ad\u00dfe\u0301\u00ad@", allow_unassigned=False)
    assert (caught.value.position, caught.value.code_point) == (5, "@")


@pytest.mark.feature("JID-02")
@pytest.mark.parametrize("profile", [NODEPREP, RESOURCEPREP, NAMEPREP], ids=lambda profile: profile.name)
def test_the_steps_of_a_profile_are_those_of_rfc3454_section_2(profile: Profile) -> None:
    names = [step.name for step in profile.steps("a")]
    assert names == ["mapping", "normalization NFKC", "prohibited output", "directionality", "unassigned code points"]
    assert all(step.section.startswith("RFC ") for step in profile.steps("a"))


def rows(text: str, table: str) -> Iterator[list[str]]:
    """The rows of a table in the text of RFC 3454, page breaks left out."""
    inside = text.partition(f"----- Start Table {table} -----")[2].partition(f"----- End Table {table} -----")[0]
    for line in inside.splitlines():
        if re.match(r"\s{0,3}[0-9A-F]{4,6}(?:-[0-9A-F]{4,6})?(?:;|\s*$)", line):
            yield [cell.strip() for cell in line.split(";")]


def members(text: str, table: str) -> set[int]:
    found: set[int] = set()
    for row in rows(text, table):
        first, _, last = row[0].partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return found


@pytest.mark.feature("JID-02")
@pytest.mark.shared
def test_rfc3454_appendix_b_2_row_by_row(shared: Path) -> None:
    text = (shared / "specs" / "rfc" / "rfc3454.txt").read_text()
    table = {int(row[0], 16): row[1] for row in rows(text, "B.2")}
    nothing = members(text, "B.1")
    assert (len(table), len(nothing)) == (1371, 27)
    mapping = NODEPREP.rules[0].apply
    for code in range(0x110000):
        if code in nothing:
            assert mapping(chr(code)) == ""
        else:
            wanted = "".join(chr(int(one, 16)) for one in table[code].split()) if code in table else chr(code)
            assert mapping(chr(code)) == wanted, f"U+{code:04X}"


LATER_TABLES = {
    "A.1": tables.in_table_a1,
    "C.1.2": tables.in_table_c12,
    "C.2.2": tables.in_table_c22,
    "C.4": tables.in_table_c4,
    "C.6": tables.in_table_c6,
    "C.8": tables.in_table_c8,
    "C.9": tables.in_table_c9,
    "D.1": tables.in_table_d1,
    "D.2": tables.in_table_d2,
}


@pytest.mark.feature("JID-02")
@pytest.mark.shared
@pytest.mark.parametrize("table", LATER_TABLES)
def test_rfc3454_appendices_a_c_d_are_what_the_standard_library_has(table: str, shared: Path) -> None:
    wanted = members((shared / "specs" / "rfc" / "rfc3454.txt").read_text(), table)
    assert wanted == {code for code in range(0x110000) if LATER_TABLES[table](chr(code))}
