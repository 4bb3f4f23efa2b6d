"""The tutorial is played as its reader would: the files are written, the commands typed, and the answers compared.

What a page marks, in a comment above a block: `file: NAME` is written into the folder of the series (`from:` and
`until:` replace a part of it, up to the line that begins so); `terminal: NAME` is a command that goes on running, and
later blocks of that terminal are what it says next; `^C` is what it looks like. A block without a mark is typed and
must end. `...` stands for any lines. Ports are exchanged for free ones; times of day and durations are not compared.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "tutorial"
BLOCK = re.compile(r"(?:<!-- ([a-z ]+): ([^\n]+?) -->\n)?```(\w+)\n(.*?)```", re.DOTALL)
PATIENCE = 20.0
VARIABLE = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "(time)"),
    (r"\b\d\d:\d\d:\d\d\b", "(clock)"),
    (r"\bin \d+\.\d\ds\b", "(duration)"),
)


def constant(text: str) -> str:
    for pattern, word in VARIABLE:
        text = re.sub(pattern, word, text)
    return text


class Terminal:
    """A terminal in which something goes on running."""

    def __init__(self, name: str, folder: Path, env: dict[str, str]) -> None:
        self.name, self.folder, self.env = name, folder, env
        self.process: subprocess.Popen[bytes] | None = None
        self.unseen = b""

    def play(self, text: str) -> None:
        shown = ""
        for line in text.splitlines():
            if line.startswith("$ ") or line == "^C":
                self.expect(shown)
                shown = ""
                if line == "^C":
                    self.interrupt()
                else:
                    self.start(line[2:])
            else:
                shown += f"{line}\n"
        self.expect(shown)

    def start(self, command: str) -> None:
        self.finish()
        self.unseen = b""
        self.process = subprocess.Popen(
            ["bash", "-c", command], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def expect(self, shown: str) -> None:
        """Read until what is shown was said."""
        lines = [".*?" if line == "..." else re.escape(line) + "[^\n]*?\n" for line in constant(shown).splitlines()]
        pattern = re.compile("".join(lines), re.DOTALL)
        deadline = time.monotonic() + PATIENCE
        while (found := pattern.match(constant(self.unseen.decode()))) is None:
            assert self.read(deadline), f"{self.name}: {shown!r} was not said, but {self.unseen.decode()!r}"
        said = found.group().count("\n")
        self.unseen = b"".join(self.unseen.splitlines(keepends=True)[said:])

    def read(self, deadline: float) -> bool:
        assert self.process is not None
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        octets = os.read(self.process.stdout.fileno(), 65536) if ready else b""
        self.unseen += octets
        return bool(octets)

    def interrupt(self) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGINT)

    def finish(self) -> None:
        """Wait for the end of what ran; what was not interrupted ends by itself."""
        if self.process is not None:
            assert self.process.stdout is not None
            deadline = time.monotonic() + PATIENCE
            while self.read(deadline):
                pass
            self.process.stdout.close()
            self.process.wait(PATIENCE)
            self.process = None

    def kill(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.finish()


def write(path: Path, text: str, marks: list[str]) -> None:
    """Write a file, or replace its part from one line to another."""
    begin, end, options = 0, None, dict(mark.split(": ") for mark in marks)
    lines = path.read_text().splitlines(keepends=True) if options else []
    if "from" in options:
        begin = next(at for at, line in enumerate(lines) if line.startswith(options["from"]))
    if "until" in options:
        end = next(at for at, line in enumerate(lines) if line.startswith(options["until"]))
    elif lines:
        end = len(lines)
    path.write_text("".join([*lines[:begin], text, *(lines[end:] if end is not None else [])]))


def typed(text: str, folder: Path, env: dict[str, str]) -> None:
    """Type the commands of a block, one after the other; each says what is shown below it."""
    commands = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert commands[0] == "", "a block begins with a command"
    for one in commands[1:]:
        command, _, shown = one.partition("\n")
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert constant(done.stdout) == constant(shown), command


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]


@pytest.mark.feature("DOC-3")
@pytest.mark.parametrize("series", ["client", "server"])
def test_the_pages_play_out_as_they_say(series: str, tmp_path: Path) -> None:
    pages = sorted(PAGES.glob(f"{series}-*.md"))
    assert len(pages) == {"client": 3, "server": 2}[series]
    ports = {str(port): str(free) for port, free in zip((5222, 5223), free_ports(2), strict=True)}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {"PATH": path, "HOME": str(tmp_path), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
    terminals: dict[str, Terminal] = {}
    try:
        for page in pages:
            text = re.sub(r"\b522[23]\b", lambda port: ports[port.group()], page.read_text())
            blocks = BLOCK.findall(text)
            assert len(blocks) == text.count("```") // 2
            for kind, value, language, code in blocks:
                if kind == "not run":
                    assert value
                elif kind == "file":
                    name, *marks = value.split(", ")
                    write(tmp_path / name, code, marks)
                elif kind == "terminal":
                    terminals.setdefault(value, Terminal(value, tmp_path, env)).play(code)
                else:
                    assert (kind, language) == ("", "console"), page.name
                    typed(code, tmp_path, env)
        for terminal in terminals.values():
            terminal.kill()
    finally:
        for terminal in terminals.values():
            terminal.kill()
