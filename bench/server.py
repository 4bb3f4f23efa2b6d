"""How many sessions and messages the embedded server carries, beside Prosody, in one run on one machine.

    python bench/server.py [--quick] [--json] [--sessions N] [--messages N]

Rows: `xmpp-core serve` on asyncio and on trio, and Prosody if it is installed. All have the same certificate, accounts
(SCRAM-SHA-256, 4096 iterations, salted keys at rest) and clients: a process of its own that logs in over STARTTLS (TLS
1.3), 16 at a time, and then lets each session send messages to the next one: `singly`, when the one before it has
arrived, and `in fives`, five of them under way and often in one piece. The servers wait while another is measured; the
best of the rounds counts. Prosody runs with the modules for what ours does (roster, TLS,
SASL, discovery, ping, version, time), without `limits`, which would hold each session to 10 kB a second, and without
writing a log. CPU is what the server's process spent; `load` is the share of one core that the clients took: near 100 %
they are what was measured. Memory is what residence grew by, a session, after a first round of logins.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from load import DOMAIN, ITERATIONS, PASSWORD, SALT, SERVER_KEY, STORED_KEY, Load, Place, Process

from xmpp_core.server.authority import Authority
from xmpp_core.server.sqlite_store import SqliteAccounts

Served = tuple[Process, int]
"""A server that runs, and its port."""
WARM = 20
"""Logins before the first measurement: what is made once is made."""
WINDOWS = {"singly": 1, "in fives": 5}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, log: Path) -> Iterator[Served]:
    """Run a server until the block ends; it is ready when it takes a connection."""
    with log.open("wb") as said, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said) as one:
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if one.poll() is None and probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            else:
                raise SystemExit(f"{command[0]} does not start: {log.read_text()[-500:]}")
            yield Process(one.pid), port
        finally:
            one.send_signal(signal.SIGTERM)
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()


def ours(folder: Path, accounts: int, loop: str) -> list[str]:
    """Give the command of the embedded server, but for where it listens."""
    data = folder / "accounts.sqlite"
    if not data.exists():
        with SqliteAccounts(data, iterations=ITERATIONS, hashes=("SHA-256",), entropy=lambda _: SALT) as store:
            for number in range(accounts):
                store.add(f"u{number}@{DOMAIN}", PASSWORD)
    return [
        sys.executable, "-m", "xmpp_core", "serve", "--domain", DOMAIN, "--data", str(data), "--loop", loop,
        "--cert", str(folder / "cert.pem"), "--key", str(folder / "key.pem"),
    ]  # fmt: skip


def prosody(folder: Path, accounts: int, port: int) -> list[str]:
    """Write a configuration and accounts, and give the command."""
    kept = folder / "prosody" / DOMAIN.replace(".", "%2e") / "accounts"
    kept.mkdir(parents=True)
    keys = (
        f'return {{ ["iteration_count"] = {ITERATIONS}; ["salt"] = "{SALT.decode()}"; '
        f'["stored_key"] = "{STORED_KEY.hex()}"; ["server_key"] = "{SERVER_KEY.hex()}"; }};\n'
    )
    for number in range(accounts):
        (kept / f"u{number}.dat").write_text(keys)
    config = folder / "prosody.cfg.lua"
    config.write_text(f"""\
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/prosody"
daemonize = false
run_as_root = true
log = {{ error = "{folder}/prosody.log" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
ssl = {{ certificate = "{folder}/cert.pem"; key = "{folder}/key.pem" }}
c2s_require_encryption = true
authentication = "internal_hashed"
password_hash = "SHA-256"
storage = "internal"
modules_enabled = {{ "roster"; "saslauth"; "tls"; "disco"; "ping"; "version"; "time" }}
modules_disabled = {{ "s2s"; "offline"; "limits" }}
VirtualHost "{DOMAIN}"
""")
    return ["prosody", "--config", str(config), "-F"]


def measure(load: Load, process: Process, sessions: int, messages: int) -> dict[str, float]:
    """One round: log in, look at the memory, exchange, leave."""
    before, cpu = process.resident(), process.cpu()
    seconds = load.login(sessions)
    found = {
        "logins": sessions / seconds,
        "logins cpu": (process.cpu() - cpu) / sessions * 1e3,
        "logins load": load.busy / seconds * 100,
        "memory": (process.resident() - before) / sessions / 1024,
    }
    for name, window in WINDOWS.items():
        cpu = process.cpu()
        seconds = load.exchange(messages, window)
        found |= {
            name: sessions * messages / seconds,
            f"{name} cpu": (process.cpu() - cpu) / (sessions * messages) * 1e6,
            f"{name} load": load.busy / seconds * 100,
        }
    load.close()
    return found


def best(rounds: list[dict[str, float]]) -> dict[str, float]:
    """Take the quickest round of each measurement; memory is of the first, before anything grew."""
    found = {"memory": rounds[0]["memory"]}
    for name in ("logins", *WINDOWS):
        quickest = max(rounds, key=lambda one: one[name])
        found |= {key: quickest[key] for key in (name, f"{name} cpu", f"{name} load")}
    return found


COLUMNS: dict[str, Callable[[dict[str, float]], str]] = {
    "logins/s": lambda row: f"{row['logins']:.0f}",
    "CPU ms": lambda row: f"{row['logins cpu']:.2f}",
    "load": lambda row: f"{row['logins load']:.0f} %",
    "singly/s": lambda row: f"{row['singly']:.0f}",
    "CPU us": lambda row: f"{row['singly cpu']:.0f}",
    "load ": lambda row: f"{row['singly load']:.0f} %",
    "in fives/s": lambda row: f"{row['in fives']:.0f}",
    "CPU us ": lambda row: f"{row['in fives cpu']:.0f}",
    "load  ": lambda row: f"{row['in fives load']:.0f} %",
    "kB/session": lambda row: f"{row['memory']:.1f}",
}


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--quick", action="store_true")
    options.add_argument("--json", action="store_true")
    options.add_argument("--sessions", type=int)
    options.add_argument("--messages", type=int, help="messages that each session sends")
    args = options.parse_args()
    sessions = args.sessions or (40 if args.quick else 200)
    messages = args.messages or (50 if args.quick else 200)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        authority = Authority.create()
        authority.issue([DOMAIN]).write(folder / "cert.pem", folder / "key.pem")
        context = ssl.create_default_context(cadata=authority.certificate)
        rows: dict[str, Served] = {}
        for loop in ("asyncio", "trio"):
            port = free_port()
            command = [*ours(folder, sessions, loop), "--listen", f"127.0.0.1:{port}"]
            rows[loop] = stack.enter_context(running(command, port, folder / f"{loop}.out"))
        if shutil.which("prosody") is None:
            print("PROSODY IS NOT INSTALLED: there is nothing to compare with")
        else:
            port = free_port()
            command = prosody(folder, sessions, port)
            rows["prosody"] = stack.enter_context(running(command, port, folder / "prosody.out"))
        loads = {name: Load(Place(port, context)) for name, (_, port) in rows.items()}
        for load in loads.values():
            load.login(min(WARM, sessions))
            load.exchange(10, 1)
            load.close()
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in rows}
        for _ in range(1 if args.quick else 3):
            for name, (process, _port) in rows.items():
                rounds[name].append(measure(loads[name], process, sessions, messages))
    results = {name: best(found) for name, found in rounds.items()}
    if args.json:
        print(json.dumps({name: {key: round(value, 2) for key, value in row.items()} for name, row in results.items()}))
        return 0
    print(f"{sessions} sessions over TLS; twice {sessions * messages} messages a round, all delivered, in order")
    print(f"{'':10}" + "".join(f"{head.rstrip():>12}" for head in COLUMNS))
    for name, row in results.items():
        print(f"{name:10}" + "".join(f"{show(row):>12}" for show in COLUMNS.values()))
    reference = results.pop("prosody", None)
    for name, row in results.items() if reference else ():
        assert reference is not None
        print(
            f"{name} / prosody: logins {row['logins'] / reference['logins']:.2f}, "
            f"messages {row['singly'] / reference['singly']:.2f} and {row['in fives'] / reference['in fives']:.2f}, "
            f"memory a session {row['memory'] / reference['memory']:.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
