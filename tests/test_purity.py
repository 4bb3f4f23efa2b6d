"""Below the adapters: no sockets, clocks, randomness, threads, logging, and no state but that of a connection."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "xmpp_core"
IMPURE = frozenset(
    {
        "asyncio", "concurrent", "datetime", "importlib", "io", "logging", "multiprocessing", "os", "pathlib", "random",
        "selectors", "shutil", "signal", "socket", "ssl", "subprocess", "tempfile", "threading", "time", "trio", "uuid",
    }
)  # fmt: skip
CALLS = frozenset({"open", "print", "input", "eval", "exec", "breakpoint", "__import__"})
# Where what is impure elsewhere is the subject: a calendar without a clock, the compilers of declarations.
ALLOWED = {("stanza/payload_dates.py", "datetime"), ("stanza/payload_source.py", "exec"), ("sasl/values.py", "exec")}
CLOCKS = frozenset({"now", "today", "utcnow"})
OUTSIDE = {"adapters", "cli", "server"}
# The rooms of the server that are pure all the same: the hub and what it is made of.
HUB = {"answers.py", "contacts.py", "delivery.py", "effects.py", "hub.py", "presence.py", "sessions.py"}
# Caches of the whole process, all bounded: what a name or address is does not depend on who asks.
CACHES = {
    ("xml/writer.py", "_memory"),
    # Which library derives keys faster, and how many derivations were made.
    ("sasl/derivation.py", "_chosen"), ("sasl/derivation.py", "_made"),
}  # fmt: skip
# The server that tests talk to: its thread, its sockets.
LIVE = ("testing", "live")
PURE = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.relative_to(PACKAGE).parts[0] not in OUTSIDE
    and path.relative_to(PACKAGE).parts[:2] != LIVE
    and path.name not in ("__main__.py", "pytest_plugin.py")
] + [PACKAGE / "server" / name for name in sorted(HUB)]


def impurities(source: str, name: str = "made_up.py") -> Iterator[str]:
    """What in a module reaches outside, or keeps state between connections."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        found: list[str] = []
        if isinstance(node, ast.Import):
            found = [alias.name.partition(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found = [(node.module or "").partition(".")[0]]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            if (name, node.func.id) not in ALLOWED:
                yield f"line {node.lineno} calls {node.func.id}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            if isinstance(node.func.value, ast.Name) and node.func.value.id in ("date", "datetime"):
                yield f"line {node.lineno} asks a clock"
        elif isinstance(node, ast.Global):
            yield from (f"line {node.lineno} changes {one}" for one in node.names if (name, one) not in CACHES)
        for module in found:
            if (module in IMPURE and (name, module) not in ALLOWED) or (module == "secrets" and name != "entropy.py"):
                yield f"line {getattr(node, 'lineno', 0)} imports {module}"
    for statement in tree.body:
        if isinstance(statement, ast.AnnAssign) and "Final" in ast.unparse(statement.annotation):
            continue
        value = getattr(statement, "value", None)
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or not _changes(value):
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            text = ast.unparse(target)
            if text != "__all__" and (name, text) not in CACHES:
                yield f"line {statement.lineno} keeps {text} between connections"


def _changes(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).rpartition(".")[2] in {"dict", "list", "set", "deque", "defaultdict", "Counter"}
    return isinstance(value, ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp)


@pytest.mark.feature("ENG-01")
@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_pure(path: Path) -> None:
    assert list(impurities(path.read_text(), path.relative_to(PACKAGE).as_posix())) == []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "import os.path",
        "from socket import socket",
        "def f():\n    import random",
        "import datetime\ndatetime.datetime.now()",
        "from uuid import uuid4",
        "import secrets",
        "from logging import getLogger",
        "import importlib",
        "__import__('time')",
        "print('x')",
        "exec('x')",
        "datetime.now()",
        "date.today()",
        "open('x')",
        "cache = {}",
        "cache: dict[str, str] = dict()",
        "def f():\n    global seen\n    seen = 1",
    ],
)
def test_what_is_impure_is_found(source: str) -> None:
    assert len(list(impurities(source))) == 1


def test_what_is_pure_is_left_alone() -> None:
    source = "from typing import Final\nTABLE: Final = {1: 2}\nNAMES = (1, 2)\n__all__ = ['x']\ndef f():\n    return {}"
    assert list(impurities(source)) == []
    assert list(impurities("import secrets", "entropy.py")) == []


@pytest.mark.feature("ENG-01")
def test_a_session_in_memory_touches_nothing_outside() -> None:
    script = """
import sys
import xmpp_core as xmpp
from stages import pair
first = pair()
first.pump()  # whatever is imported on first use is imported now
seen = []
watched = ("open", "socket.", "subprocess.", "os.", "shutil.", "time.", "import")
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
on = True
open(sys.executable).close()
assert seen, "the hook sees nothing"
"""
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'fuzz'}", "PATH": ""}
    subprocess.run([sys.executable, "-c", "on = False\n" + script], check=True, env=environment, timeout=60)


@pytest.mark.feature("ENG-01", "ENG-11")
def test_the_import_is_light() -> None:
    script = (
        "import sys, xmpp_core; heavy = {'asyncio', 'ssl', 'cryptography', 'socket', 'idna', 'trio', 'dns', 'rich', "
        "'defusedxml', 'xmpp_core.im', 'xmpp_core.adapters', 'xmpp_core.server', 'xmpp_core.testing'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, timeout=60)


def test_the_parser_needs_nothing_installed() -> None:
    script = "import sys; sys.path.insert(0, '.'); import xmpp_core.xml.parser, xmpp_core.strings.errors"
    # No site packages at all.
    subprocess.run([sys.executable, "-I", "-S", "-c", script], check=True, cwd=ROOT, timeout=60)
