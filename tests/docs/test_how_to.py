"""The how-to page runs, with a server behind the names it says it needs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import xmpp_core
from xmpp_core.stream.events import EVENTS

if TYPE_CHECKING:
    from tests.docs.conftest import Place

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
PAGE = HOW_TO / "embed.md"
BLOCK = re.compile(r"```(python|console)\n(.*?)```", re.DOTALL)


@pytest.mark.feature("DOC-3")
def test_the_page_runs_from_its_beginning_to_its_end(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = PAGE.read_text()
    assert "<!-- server: HOST PORT CA -->" in text
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    space: dict[str, object] = {"__name__": "page", "HOST": place.host, "PORT": place.port, "CA": place.ca}
    blocks = list(BLOCK.finditer(text))
    assert len(blocks) == text.count("```") // 2
    for found in blocks:
        language, code = found.groups()
        line = text[: found.start()].count("\n") + 1
        if language == "python":
            exec(compile("\n" * line + code, str(PAGE), "exec"), space)
        else:
            type_in(code)


def type_in(text: str) -> None:
    for one in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = one.partition("\n")
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
        assert re.fullmatch(re.escape(shown).replace(r"\(number\)", r"[1-9]\d*"), done.stdout), done
        assert done.stderr == ""


def test_every_event_and_question_has_its_case() -> None:
    text = PAGE.read_text()
    public = [getattr(xmpp_core, name) for name in xmpp_core.__all__]
    questions = [one for one in public if isinstance(one, type) and issubclass(one, xmpp_core.Question)]
    for one in (*EVENTS, *questions):
        if one is not xmpp_core.Question:
            assert f"xmpp.{one.__name__}(" in text, one.__name__


def test_every_program_is_listed() -> None:
    text = PAGE.read_text()
    for program in HOW_TO.glob("*.py"):
        assert f"[`{program.name}`]({program.name})" in text


@pytest.mark.heavy
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
def test_the_table_of_memory_is_what_the_script_measures() -> None:
    shown = re.findall(r"^\| ((?:engine|TLS), \w+) \| (\d+) \|$", PAGE.read_text(), re.MULTILINE)
    script = HOW_TO / "memory_per_connection.py"
    done = subprocess.run([sys.executable, str(script), "200"], capture_output=True, text=True, timeout=60, check=True)
    measured = re.findall(r"^((?:engine|TLS), \w+) +([\d.]+) KiB$", done.stdout, re.MULTILINE)
    assert [name for name, _ in measured] == [name for name, _ in shown]
    # Other builds of Python and OpenSSL take other amounts: the order of magnitude is what a page can promise.
    for (name, said), (_, found) in zip(shown, measured, strict=True):
        assert float(said) / 2 < float(found) < float(said) * 2, name
