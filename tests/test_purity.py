"""Below the adapters: no sockets, clocks, randomness, threads, logging."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "xmpp_core"
IMPURE = {"socket", "ssl", "asyncio", "trio", "threading", "time", "random", "os", "logging", "selectors"}
OUTSIDE = {"adapters", "cli"}
PURE = [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] not in OUTSIDE]


@pytest.mark.feature("ENG-01")
@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_pure(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        found: list[str] = []
        if isinstance(node, ast.Import):
            found = [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found = [(node.module or "").split(".")[0]]
        elif isinstance(node, ast.Attribute):
            assert node.attr not in ("utcnow", "uuid4", "uuid1"), f"{path.name}:{node.lineno}"
        assert not IMPURE & set(found), f"{path.name}:{getattr(node, 'lineno', 0)} imports {found}"
        if "secrets" in found:
            assert path.name == "entropy.py"


@pytest.mark.feature("ENG-01")
def test_a_session_in_memory_touches_nothing_outside() -> None:
    script = """
import sys
import xmpp_core as xmpp
from stages import pair
first = pair()
first.pump()  # whatever is imported on first use is imported now
seen = []
watched = ("open", "socket.", "subprocess.", "os.", "shutil.", "time.")
sys.addaudithook(lambda event, args: seen.append(event) if on and event.startswith(watched) else None)
on = True
both = pair()
both.pump()
both.initiating.connection.send(xmpp.Message(to="a@b", body="x"))
both.pump()
both.initiating.connection.close()
both.pump()
on = False
assert both.initiating.connection.closed and both.receiving.connection.closed
assert seen == [], seen
"""
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'fuzz'}", "PATH": ""}
    subprocess.run([sys.executable, "-c", "on = False\n" + script], check=True, env=environment, timeout=60)


@pytest.mark.feature("ENG-01", "ENG-11")
def test_the_import_is_light() -> None:
    script = (
        "import sys, xmpp_core; heavy = {'asyncio', 'ssl', 'cryptography', 'socket', 'idna', 'trio', "
        "'xmpp_core.im', 'xmpp_core.adapters', 'xmpp_core.server', 'xmpp_core.testing'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, timeout=60)
