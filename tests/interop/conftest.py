"""A real Prosody on loopback, brought up once for all tests that need one."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from lab import Lab


def _free_base() -> int:
    for base in range(21_000 + os.getpid() % 500 * 10, 60_000, 10):
        taken = False
        for port in range(base, base + 10):
            with socket.socket() as probe:
                taken = taken or probe.connect_ex(("127.0.0.1", port)) == 0
        if not taken:
            return base
    pytest.skip("interop: no ten free ports in a row")


@contextmanager
def _up(shared: Path, folder: Path) -> Iterator[Lab]:
    scripts = shared / "interop" / "prosody"
    up = subprocess.run(
        ["bash", str(scripts / "up.sh"), str(folder), str(_free_base())],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if up.returncode != 0:
        pytest.skip(f"interop: Prosody does not come up: {up.stderr[-300:]}")
    try:
        found = json.loads((folder / "lab.json").read_text())
        yield Lab(found["host"], found["domain"], found["ports"], found["users"], folder / found["ca"])
    finally:
        subprocess.run(["bash", str(scripts / "down.sh"), str(folder)], check=False, timeout=60)


@pytest.fixture(scope="session")
def prosody(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with _up(shared, tmp_path_factory.mktemp("prosody")) as lab:
        yield lab


# The modules Debian has are of a newer Prosody: they hand on fractions of a second, which 0.12 cannot write,
# and call a method of stanzas that it has not.
_FOR_FAST = """
local datetime = require "util.datetime";
local written = datetime.datetime;
datetime.datetime = function (moment) return written(moment and math.floor(moment)); end
local stanza = require "util.stanza";
function stanza.stanza_mt:get_child_attr(name, xmlns, attr)
	local child = self:get_child(name, xmlns);
	return child and child.attr[attr];
end
"""


@pytest.fixture(scope="session")
def sasl2_prosody(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One whose FAST works: a copy of the lab with what its modules lack."""
    copy = tmp_path_factory.mktemp("lab")
    shutil.copytree(shared / "interop", copy / "interop")
    with (copy / "interop" / "prosody" / "plugins" / "mod_lab_sasl2_compat.lua").open("a") as file:
        file.write(_FOR_FAST)
    with _up(copy, tmp_path_factory.mktemp("sasl2")) as lab:
        yield lab


@pytest.fixture
def misnamed_prosody(shared: Path, tmp_path: Path) -> Iterator[Lab]:
    """One whose certificate is good, and for somebody else; existing files are kept when it is brought up."""
    certs = tmp_path / "certs"
    pki = shared / "interop" / "lib" / "pki.sh"
    command = ["bash", str(pki), str(tmp_path / "ca"), "bad", str(certs), "prosody.test"]
    subprocess.run(command, check=True, timeout=60, capture_output=True, stdin=subprocess.DEVNULL)
    for kind in ("crt", "key"):
        shutil.copy(certs / f"wronghost.{kind}", certs / f"prosody.test.{kind}")
    with _up(shared, tmp_path) as lab:
        yield lab
