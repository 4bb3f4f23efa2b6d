"""What the documentation shows is what is there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_diagrams_are_those_of_the_tables() -> None:
    script = "import make_diagrams as m; p = m.PAGE.read_text(); raise SystemExit(m.filled(p) != p)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT / "docs", check=False, timeout=60)
    assert done.returncode == 0, "run docs/make_diagrams.py"


@pytest.mark.feature("EXT-07")
def test_the_standards_are_those_declared() -> None:
    script = "import make_standards as m; raise SystemExit(any(p.read_text() != t for p, t in m.files().items()))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT / "docs", check=False, timeout=60)
    assert done.returncode == 0, "run docs/make_standards.py"


@pytest.mark.feature("EXT-07")
def test_the_description_of_the_project_tells_each_specification_once() -> None:
    root = fromstring((ROOT / "docs" / "xmpp_core.doap").read_bytes())
    resource = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
    told = [one.get(resource, "") for one in root.iter("{https://linkmauve.fr/ns/xmpp-doap#}xep")]
    rows = re.findall(r"^\| ([0-9]{4}) \|.*\|$", (ROOT / "docs" / "standards.md").read_text(), re.MULTILINE)
    numbers = [re.sub(r"\D", "", one) for one in told]
    assert len(numbers) == len(set(numbers)) > 40
    assert set(numbers) <= set(rows)


@pytest.mark.shared
def test_the_facts_about_standards_are_the_present_ones(shared: Path) -> None:
    readme = (shared / "specs" / "README.md").read_text()
    for series, number, version, status, title in json.loads((ROOT / "docs" / "standards.json").read_text()):
        if series == "XEP":
            head = (shared / "specs" / "xep" / f"xep-{number:04}.txt").read_text().splitlines()[:3]
            assert head[0] == f"XEP-{number:04}: {title}"
            assert f"Status: {status} " in head[1]
            assert f"Version: {version} " in head[1]
        elif found := re.search(rf"^\| {number} \| (.*?) \| (.*?) \|", readme, re.MULTILINE):
            assert found.groups() == (title, status)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_run(page: Path) -> None:
    """What needs a server or is a file of its own is run by `tests/docs`."""
    text = page.read_text()
    if "<!-- server: " in text or page.parent.name == "tutorial":
        return
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    space: dict[str, object] = {"__name__": "example"}
    for code in blocks:
        exec(compile(code, str(page), "exec"), space)


def test_what_is_run_elsewhere_is_a_page_that_is_run_there() -> None:
    elsewhere = [page for page in PAGES if "<!-- server: " in page.read_text()]
    assert [page.relative_to(ROOT) for page in elsewhere] == [Path("docs/how-to/embed.md")]


def test_the_index_leads_to_every_page() -> None:
    index = ROOT / "docs" / "index.md"
    linked = set(re.findall(r"\]\(([^)#:]+\.md)\)", index.read_text()))
    assert linked == {page.relative_to(index.parent).as_posix() for page in PAGES[1:] if page != index}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)):
        assert (page.parent / link).exists(), link


def test_the_readme_begins_with_two_lines_to_run() -> None:
    text = (ROOT / "README.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 2
    assert all(block.count("\n") == 1 for block in blocks)
    assert "demo" in blocks[0]
    assert "pytest" in blocks[1]


def test_the_readme_shows_what_the_demo_prints() -> None:
    [shown] = re.findall(r"```text\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    done = subprocess.run([sys.executable, "-m", "xmpp_core", "demo"], capture_output=True, text=True, timeout=60)
    printed = iter([re.sub(r"in \d+\.\d s", "in 0.1 s", line.rstrip()) for line in done.stdout.splitlines()])
    assert done.returncode == 0
    for line in shown.splitlines():
        assert line == "  ..." or line in printed, line  # each after the one before


def test_every_event_and_question_is_documented() -> None:
    import xmpp_core
    from xmpp_core.stream.events import EVENTS

    text = (ROOT / "docs" / "reference" / "events.md").read_text()
    public = [getattr(xmpp_core, name) for name in xmpp_core.__all__]
    questions = [one for one in public if isinstance(one, type) and issubclass(one, xmpp_core.Question)]
    for one in (*EVENTS, *questions):
        if one is not xmpp_core.Question:
            assert f"`{one.__name__}(" in text, one.__name__
