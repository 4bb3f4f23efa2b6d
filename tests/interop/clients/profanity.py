"""Profanity as a peer: log in, send what standard input holds, print the reply as JSON, log out.

    profanity.py --host H --port P --jid JID --to JID --tls starttls|direct

The password is in XMPP_PASSWORD, the authority to trust in SSL_CERT_FILE. It is a program for a terminal, so it gets
one; what it does there is told by a plug-in of its own.
"""

from __future__ import annotations

import argparse
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ACCOUNT = """\
[{jid}]
enabled=true
jid={jid}
resource=profanity
server={host}
port={port}
eval_password=printenv XMPP_PASSWORD
tls.policy={policy}
"""
SETTINGS = """\
[plugins]
load=profanity_plugin.py

[notifications]
message=off
"""
POLICY = {"starttls": "force", "direct": "legacy"}  # its word for direct TLS


def main() -> int:
    options = argparse.ArgumentParser()
    for name in ("host", "port", "jid", "to", "tls"):
        options.add_argument(f"--{name}", required=True)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as home:
        data, out = Path(home, "data", "profanity"), Path(home, "out")
        (data / "plugins").mkdir(parents=True)
        shutil.copy(Path(__file__).with_name("profanity_plugin.py"), data / "plugins")
        account = ACCOUNT.format(jid=given.jid, host=given.host, port=given.port, policy=POLICY[given.tls])
        (data / "accounts").write_text(account)
        settings = Path(home, "config", "profanity", "profrc")
        settings.parent.mkdir(parents=True)
        settings.write_text(SETTINGS)
        environment = {
            **os.environ,
            "HOME": home,
            "XDG_CONFIG_HOME": str(Path(home, "config")),
            "XDG_DATA_HOME": str(Path(home, "data")),
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
            "PEER_TO": given.to,
            "PEER_BODY": sys.stdin.read(),
            "PEER_OUT": str(out),
        }
        near, far = pty.openpty()
        screen: list[bytes] = []
        refused = threading.Event()
        reading = threading.Thread(target=read_on, args=(near, screen, refused))
        try:
            running = subprocess.Popen(
                ["profanity", "-a", given.jid], env=environment, stdin=far, stdout=far, stderr=far,
                start_new_session=True,
            )  # fmt: skip
            os.close(far)
            reading.start()
            for _ in range(300):
                if running.poll() is not None or refused.wait(0.1):
                    break
            running.kill()
            running.wait()
            reading.join()
        finally:
            os.close(near)
        if out.exists():
            print(out.read_text(encoding="utf-8"))
            return 0
    text = b"".join(screen).decode("utf-8", "replace")
    print(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()=>].?", " ", text)[-2000:], file=sys.stderr)
    return 1


def read_on(terminal: int, screen: list[bytes], refused: threading.Event) -> None:
    """Take what a program writes to its terminal, until it ends. It stays when it was refused, or does the refusing."""
    try:
        while octets := os.read(terminal, 65536):
            screen.append(octets)
            if b"verification failed" in octets or b"Login failed" in octets:
                refused.set()
    except OSError:  # nobody has the other side open any more
        pass


if __name__ == "__main__":
    sys.exit(main())
