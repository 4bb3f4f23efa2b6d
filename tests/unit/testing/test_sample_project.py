"""The plugin as others use it: a project of its own, with the built wheel, nothing of the checkout within reach."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "tests" / "sample_project"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "COV"))}


def run(*command: str | Path, cwd: Path, code: int = 0) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def needed(*names: str) -> set[str]:
    """The distributions that these need, themselves included, as an installer would find out."""
    found: set[str] = set()
    wanted = list(names)
    while wanted:
        name = re.sub("[-_.]+", "-", wanted.pop()).lower()
        if name in found:
            continue
        found.add(name)
        for text in importlib.metadata.requires(name) or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                wanted.append(requirement.name)
    return found


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment with the wheel and what it says it needs, and pytest."""
    folder = tmp_path_factory.mktemp("sample")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "wheel", ROOT, cwd=folder)
    (wheel,) = (folder / "wheel").glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    place = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    # Downloads would prove nothing more: what is installed here is linked, each distribution by itself.
    for name in needed("xmpp_core", "pytest") - {"xmpp-core"}:
        distribution = importlib.metadata.distribution(name)
        for top in {path.parts[0] for path in distribution.files or [] if path.parts[0] not in ("..", "__pycache__")}:
            if not (place / top).exists():
                (place / top).symlink_to(Path(str(distribution.locate_file(top))))
    run(sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", python,
        "install", "--no-deps", "--no-index", wheel, cwd=folder)  # fmt: skip
    return python


def test_the_tests_of_a_project_with_the_wheel_pass(python: Path, tmp_path: Path) -> None:
    project = tmp_path / "echo_bot"
    shutil.copytree(SAMPLE, project, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    said = run(python, "-m", "pytest", "-p", "no:cacheprovider", "-q", cwd=project)
    count = (SAMPLE / "tests" / "test_echo_bot.py").read_text().count("\ndef test_") + 2
    assert re.search(rf"^{count} passed", said, re.MULTILINE), said
    fixtures = run(python, "-m", "pytest", "--fixtures", "-q", cwd=project)
    for name in ("xmpp_server", "xmpp_server_factory", "xmpp_pair", "xmpp_authority"):
        assert re.search(rf"^{name}\b.* -- ", fixtures, re.MULTILINE), name


def test_the_how_to_is_a_test_file_that_passes(python: Path, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "test-your-client.md").read_text()
    source = "\n\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    (tmp_path / "test_page.py").write_text(source)
    said = run(python, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--strict-markers", "-W", "error", cwd=tmp_path)
    assert re.search(r"^13 passed", said, re.MULTILINE), said


def test_nothing_of_the_checkout_is_within_reach(python: Path, tmp_path: Path) -> None:
    script = """
import json, sys, xmpp_core, xmpp_core.testing.pytest_plugin as plugin
print(json.dumps([sys.path, xmpp_core.__file__, plugin.__file__]))
"""
    path, package, plugin = json.loads(run(python, "-c", script, cwd=tmp_path))
    environment = python.parents[1]
    assert Path(package).is_relative_to(environment)
    assert Path(plugin).is_relative_to(environment)
    assert not [entry for entry in path if entry and Path(entry).is_relative_to(ROOT)]


def test_the_plugin_loads_next_to_nothing(python: Path, tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text(
        "import sys\n"
        "def test_nothing():\n"
        "    assert 'xmpp_core.testing.pytest_plugin' in sys.modules\n"
        "    heavy = {'asyncio', 'ssl', 'cryptography', 'trio', 'xmpp_core.adapters', 'xmpp_core.server',"
        " 'xmpp_core.testing.live', 'xmpp_core.testing.pair'}\n"
        "    assert not heavy & set(sys.modules)\n"
    )
    assert "1 passed" in run(python, "-m", "pytest", "-p", "no:cacheprovider", "-q", cwd=tmp_path)


@pytest.mark.parametrize("mark", ["xmpp_server('xmpp.test')", "xmpp_server(domain='xmpp.test')", "xmpp_pair(1)"])
def test_a_mark_that_makes_no_sense_is_an_error(python: Path, tmp_path: Path, mark: str) -> None:
    fixture = mark.partition("(")[0]
    (tmp_path / "test_marks.py").write_text(
        f"import pytest\n@pytest.mark.{mark}\ndef test_it({fixture}):\n    raise SystemExit('it ran')\n"
    )
    said = run(python, "-m", "pytest", "-p", "no:cacheprovider", "-q", cwd=tmp_path, code=1)
    assert "1 error" in said
    assert "takes options by name alone" in said or "unexpected keyword argument 'domain'" in said
