"""Who may import whom, and what each room may call itself (docs/explanation/engine.md)."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "xmpp_core"
LAYERS = {
    **dict.fromkeys(("errors", "limits", "entropy", "namespaces"), 0),
    **dict.fromkeys(("xml", "strings"), 1),
    "jid": 2,
    **dict.fromkeys(("uri", "sasl", "identity"), 3),
    "stanza": 4,
    "stream": 5,
    "features": 6,
    "im": 7,
    **dict.fromkeys(("profiles", "federation", "discovery", "gateway", "services"), 8),
    "adapters": 9,
    "server": 10,
    "testing": 11,
    "cli": 12,
    **dict.fromkeys(("__main__", "__init__"), 13),
}
FILES = sorted(PACKAGE.rglob("*.py"))
FORBIDDEN_NAMES = re.compile(r"manager|handler|(^|_)utils?($|_)|helper|(^|_)common($|_)", re.IGNORECASE)


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Absolute module, names, line of each import of ours."""
    package = ("xmpp_core", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *(node.module or "").split("."))).strip(".")
            yield module, tuple(alias.name for alias in node.names), node.lineno
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, (), node.lineno


@pytest.mark.feature("ENG-11")
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_lower_layers_or_its_own_room(path: Path) -> None:
    own = room(path)
    assert own in LAYERS, f"{own} has no layer"
    for module, names, line in imports(path):
        if not module.startswith("xmpp_core"):
            continue
        parts = module.split(".")
        others = [parts[1]] if len(parts) > 1 else list(names)
        for other in others:
            if other == own:
                continue
            assert LAYERS[other] < LAYERS[own], f"{path.name}:{line} imports {other}"
            assert LAYERS[own] > 0
            private = [name for name in names if name.startswith("_")]
            assert not private, f"{path.name}:{line} takes {private} of another room"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_are_small_and_named_by_their_subject(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 560, "split it by subject"
    assert not FORBIDDEN_NAMES.search(path.stem)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef):
            assert not FORBIDDEN_NAMES.search(node.name), node.name


@pytest.mark.feature("EXT-02", "EXT-03")
def test_the_engine_knows_no_feature() -> None:
    for path in (PACKAGE / "stream").glob("*.py"):
        assert not any("features" in module.split(".") for module, _, _ in imports(path))


def test_the_project_speaks_of_itself_alone() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert files
    home, index = "/" + "root/", "file" + "s.pythonhosted"
    for name in files:
        text = (ROOT / name).read_text(errors="replace")
        for word in (home, "/" + "work/", "/" + "tmp/", "/" + "home/", index, "pypi" + ".org", "registry" + ".npmjs"):
            assert word not in text, f"{name}: {word}"
