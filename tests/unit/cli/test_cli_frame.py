"""The frame of the command line: what it loads, how it ends, what it says when something is wrong."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

from xmpp_core.cli.command import MEANINGS, Command, CommandError, Status, statuses
from xmpp_core.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[3]
HEAVY = ("asyncio", "trio", "ssl", "socket", "cryptography", "rich", "importlib.metadata")


@pytest.mark.parametrize(
    ("argv", "also"),
    [
        (["--help"], ("xmpp_core.cli.parse", "xmpp_core.cli.demo", "xmpp_core.cli.inspect", "xmpp_core.testing")),
        (["parse", "--help"], ("xmpp_core.cli.demo", "xmpp_core.cli.inspect", "xmpp_core.testing")),
        (["parse", "-"], ("xmpp_core.cli.demo", "xmpp_core.cli.inspect", "xmpp_core.testing")),
        (["inspect", "-"], ("xmpp_core.cli.demo",)),
    ],
    ids=["help", "help of one", "parse", "inspect"],
)
def test_only_what_is_needed_is_loaded(argv: list[str], also: tuple[str, ...]) -> None:
    script = (
        "import sys\nfrom xmpp_core.cli.main import main\ntry: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print('\\n', *sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script, *argv], input=b"", capture_output=True, timeout=60, check=True)
    loaded = set(done.stdout.decode().splitlines()[-1].split())
    assert "xmpp_core.cli.main" in loaded
    wanted = {"xmpp_core.cli.parse"} if "parse" in argv else set()
    assert wanted <= loaded
    assert not loaded & {*HEAVY, *also}


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_one_module_with_its_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = import_module(f"xmpp_core.cli.{name}").COMMAND
    assert isinstance(command, Command)
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: xmpp-core {name} ")
    assert command.description in shown
    assert statuses((*command.statuses, Status.INTERRUPTED)) in shown
    with pytest.raises(SystemExit):
        main(["--help"])
    assert f"    {name} " in capsys.readouterr().out


def test_the_exit_statuses_are_told_in_one_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(MEANINGS) == set(Status)
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    page = (ROOT / "docs" / "reference" / "cli.md").read_text()
    for status, meaning in MEANINGS.items():
        assert f"{status.value:>3}  {meaning}" in shown
        assert f"| {status.value} | {meaning} |" in page


def test_the_version() -> None:
    for command in ([sys.executable, "-m", "xmpp_core"], [str(Path(sys.executable).parent / "xmpp-core")]):
        done = subprocess.run([*command, "--version"], capture_output=True, text=True, timeout=60, check=True)
        assert done.stdout == f"xmpp-core {version('xmpp_core')}\n"


@pytest.mark.parametrize("argv", [["inspect", "--color"], ["inspect", "--json", "--svg", "x"], ["--loud"], ["Parse"]])
def test_a_misspelt_command_says_so(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == Status.MISUSE
    assert "usage: xmpp-core" in capsys.readouterr().err


class _Interrupted:
    """An input at which somebody presses Ctrl-C."""

    @property
    def buffer(self) -> _Interrupted:
        return self

    def read(self) -> bytes:
        raise KeyboardInterrupt


def test_an_interruption_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", _Interrupted())
    assert main(["parse", "-"]) == 130
    assert capsys.readouterr() == ("", "xmpp-core: interrupted\n")


def test_an_error_of_a_command_is_one_line_and_its_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(args: object) -> int:
        raise CommandError("the server \x1b[31mrefused\nyou", Status.REFUSED)

    monkeypatch.setattr("xmpp_core.cli.demo.COMMAND", Command(description="", arguments=lambda _: None, run=run))
    assert main(["demo"]) == 3
    assert capsys.readouterr().err == "xmpp-core: the server \\x1b[31mrefused\\nyou\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_an_output_that_is_full_is_one_line(raw: object) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "xmpp_core", "demo"], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert done.returncode == 2
    assert done.stderr == b"xmpp-core: cannot go on: No space left on device\n"
