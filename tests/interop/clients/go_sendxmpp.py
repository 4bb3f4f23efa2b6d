"""go-sendxmpp as a peer: log in, send what standard input holds, print the reply as JSON.

    go_sendxmpp.py --host H --port P --jid JID --to JID --tls starttls|direct

The password is in XMPP_PASSWORD, the authority to trust in SSL_CERT_FILE. One run of the program listens and another
sends, so a reply must be for the bare address.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

BOUND = re.compile(r"<jid>([^<]+)</jid>")
HEARD = re.compile(r"\S+ ([^\s:]+): (.*)")


def main() -> int:
    options = argparse.ArgumentParser()
    for name in ("host", "port", "jid", "to", "tls"):
        options.add_argument(f"--{name}", required=True)
    given = options.parse_args()
    with tempfile.NamedTemporaryFile("w", prefix="sendxmpprc") as settings:
        # Made with mode 0600: the password stands in no list of processes.
        settings.write(f"username: {given.jid}\npassword: {os.environ['XMPP_PASSWORD']}\n")
        settings.write(f"jserver: {given.host}\nport: {given.port}\n")
        settings.flush()
        command = ["go-sendxmpp", "-f", settings.name, *(["-t"] if given.tls == "direct" else [])]
        listening = subprocess.Popen(
            [*command, "-d", "-l"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert listening.stdout is not None
        assert listening.stderr is not None
        try:
            said = b""
            while b"<presence" not in said:  # its own, come back: it is available
                octets = os.read(listening.stderr.fileno(), 65536)
                if not octets:
                    break
                said += octets
            bound = BOUND.search(said.decode())
            if bound is None:
                print(f"go-sendxmpp does not log in: {said.decode()[-1000:]}", file=sys.stderr)
                return 1
            subprocess.run([*command, given.to], stdin=sys.stdin, check=True, timeout=30)
            heard = HEARD.match(listening.stdout.readline())
        finally:
            listening.terminate()
            listening.wait()
            listening.stdout.close()
            listening.stderr.close()
    if heard is None:
        print("go-sendxmpp heard nothing", file=sys.stderr)
        return 1
    print(json.dumps({"jid": bound[1], "from": heard[1], "body": heard[2]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
