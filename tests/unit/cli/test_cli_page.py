"""The page about the command line shows what the command line prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from xmpp_core.cli.main import COMMANDS, main

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "cli.md"
FILE = re.compile(r"<!-- file: (\S+) -->\n```xml\n(.*?)```", re.DOTALL)
RUN = re.compile(r"<!-- exit status: (\d+) -->\n```console\n\$ xmpp-core ([^\n]+)\n(.*?)```", re.DOTALL)


def test_the_examples_are_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = PAGE.read_text()
    monkeypatch.chdir(tmp_path)
    for name, text in FILE.findall(page):
        Path(name).write_text(text)
    runs = RUN.findall(page)
    assert len(runs) >= 3
    for status, command, shown in runs:
        assert main(shlex.split(command)) == int(status), command
        assert capsys.readouterr().out == shown, command


def test_every_command_and_its_options_are_on_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    page = PAGE.read_text()
    for name, about in COMMANDS.items():
        assert f"| `{name}` | {about} |" in page
        assert f"\n## `xmpp-core {name}" in page
        with pytest.raises(SystemExit):
            main([name, "--help"])
        for option in set(re.findall(r"--[a-z]+", capsys.readouterr().out)) - {"--help"}:
            assert option in page, option
