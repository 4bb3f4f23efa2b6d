"""Clients nobody here wrote: how each is installed, outside the project, and run.

Everything lies in one folder of the user's cache and stays there; what is installed already is not touched.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xmpp_core-interop"
SCRIPTS = Path(__file__).with_name("clients")


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other runs from installing at the same time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*command: str, seconds: int) -> str | None:
    """Run a command that installs; give what it said when it failed, None when it did not."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", timeout=seconds, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        return f"there is no {command[0]}"
    except subprocess.TimeoutExpired:
        return f"{command[0]} took longer than {seconds} s"
    return None if done.returncode == 0 else done.stdout[-600:]


def debian(package: str) -> None:
    """Install a package of Debian that holds a program of its name."""
    if shutil.which(package) is None:
        with _alone():
            apt = ("apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120", "--no-install-recommends")
            _run(*apt, "update", seconds=120)
            for _ in range(2):  # mirrors have bad moments
                failure = _run(*apt, "install", package, seconds=300)
                if failure is None:
                    break
        if shutil.which(package) is None:
            pytest.skip(f"interop: {package} cannot be installed (as root: apt-get install {package}): {failure}")


def npm(package: str) -> Path:
    """Install a package of npm, without a trace of it in the project; give the folder that `node_modules` lies in."""
    folder = CACHE / "npm" / package.replace("/", "-").lstrip("@")
    wanted = folder / "node_modules" / package / "package.json"
    if not wanted.exists():
        with _alone():
            folder.mkdir(parents=True, exist_ok=True)
            options = ("--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")
            for _ in range(2):
                failure = _run("npm", "install", "--prefix", str(folder), *options, package, seconds=300)
                if failure is None:
                    break
        if not wanted.exists():
            pytest.skip(f"interop: {package} cannot be installed with npm: {failure}")
    return folder


@dataclass(frozen=True)
class Peer:
    """A real client: what it is run with, and what it makes of the command line all share."""

    name: str
    command: Callable[[], list[str]]
    """Installs what is needed, and gives the beginning of the command line."""
    trust: str
    """The variable of the environment that names the authorities to trust."""
    replies_to: str = "full"
    """Which address a reply must be for: one that listens with another session has its bare one."""
    resource: str = ""
    """What the bound resource begins with."""


def _xmpp_js() -> list[str]:
    if shutil.which("node") is None:
        pytest.skip("interop: there is no node")
    return ["node", str(SCRIPTS / "xmpp_js.mjs"), "--library", str(npm("@xmpp/client"))]


def _of_debian(package: str, script: str) -> Callable[[], list[str]]:
    def command() -> list[str]:
        debian(package)
        return [sys.executable, str(SCRIPTS / script)]

    return command


PEERS = {
    one.name: one
    for one in (
        Peer("xmpp.js", _xmpp_js, "NODE_EXTRA_CA_CERTS", resource="node"),
        Peer("profanity", _of_debian("profanity", "profanity.py"), "SSL_CERT_FILE", resource="profanity"),
        Peer(
            "go-sendxmpp", _of_debian("go-sendxmpp", "go_sendxmpp.py"), "SSL_CERT_FILE",
            replies_to="bare", resource="go-sendxmpp.",
        ),
    )
}  # fmt: skip
