"""Both shells have the same names, and nothing but the shells knows an event loop."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import xmpp_core
import xmpp_core.adapters.asyncio as asyncio_shell
import xmpp_core.adapters.trio as trio_shell

ROOM = Path(xmpp_core.__file__).parent / "adapters"
OF_LOOPS = {"asyncio": "asyncio.py", "trio": "trio.py"}
LOOPS = frozenset({"anyio", "asyncio", "curio", "selectors", "sniffio", "trio"})


@pytest.mark.feature("ADP-01", "ADP-02")
def test_both_shells_offer_the_same_names() -> None:
    assert list(asyncio_shell.__all__) == list(trio_shell.__all__)
    assert len(set(asyncio_shell.__all__)) == len(asyncio_shell.__all__)


@pytest.mark.feature("ADP-01", "ADP-02")
@pytest.mark.parametrize("name", asyncio_shell.__all__)
def test_each_name_is_documented_and_the_same_in_both(name: str) -> None:
    found = [getattr(module, name) for module in (asyncio_shell, trio_shell)]
    for one in found:
        assert (inspect.getdoc(one) or "").strip()
    if name in ("accept", "connect", "serve"):
        assert inspect.signature(found[0]) == inspect.signature(found[1])
    elif name not in ("shell", "wire_of"):
        assert found[0] is found[1]


@pytest.mark.parametrize("kind", [asyncio_shell.Session, asyncio_shell.Serving, asyncio_shell.InboxLimits])
def test_each_public_method_is_documented(kind: type) -> None:
    for name, member in inspect.getmembers(kind):
        if not name.startswith("_") and (callable(member) or isinstance(member, property)):
            assert (inspect.getdoc(member) or "").strip(), name


def test_the_shells_implement_the_whole_of_their_protocol() -> None:
    from xmpp_core.adapters.shell import Shell

    wanted = {name for name in vars(Shell) if not name.startswith("_")}
    for module in (asyncio_shell, trio_shell):
        has = {name for name in dir(module.shell) if not name.startswith("_")}
        assert has == wanted


@pytest.mark.feature("ENG-01")
def test_only_the_shells_know_an_event_loop() -> None:
    for path in sorted(Path(xmpp_core.__file__).parent.rglob("*.py")):
        found = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add((node.module or "").partition(".")[0])
        allowed = {name for name, file in OF_LOOPS.items() if path == ROOM / file}
        room = path.relative_to(ROOM.parent).parts[0]
        if room not in ("cli", "server", "testing"):
            assert found & LOOPS <= allowed, path
