"""A load of many sessions from one process: blocks, counts, and does as little as can be for itself.

Octets written before the clock starts, pattern searches in place of a parser, and keys derived once, so that what is
measured is the server. Every delivery is counted: from the right sender, in order, none lost and none twice.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import selectors
import socket
import ssl
import time
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

DOMAIN = "load.test"
PASSWORD = "pencil"
SALT = b"sixteen octets.."
ITERATIONS = 4096
_KEY = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), SALT, ITERATIONS)
_CLIENT_KEY = hmac.digest(_KEY, b"Client Key", "sha256")
STORED_KEY = hashlib.sha256(_CLIENT_KEY).digest()
SERVER_KEY = hmac.digest(_KEY, b"Server Key", "sha256")
_TEXT = b"what light through yonder window breaks? it is the east, and juliet is the sun"
_HEADER = (
    f"<?xml version='1.0'?><stream:stream to='{DOMAIN}' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>"
).encode()
_SASL = b"xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
_BODY = re.compile(rb"<body>(\d+) ")
_SECONDS = 120.0
"""After so long without an octet a server has lost something."""

Steps = Generator[bytes, bytes, None]
"""Yields what must come next, and is sent all that came up to it."""


class Place(NamedTuple):
    """Where a server is."""

    port: int
    context: ssl.SSLContext
    """Checks the certificate of `DOMAIN`."""


class Session:
    """One client: a socket that does not block, and what is yet to be read and written."""

    def __init__(self, load: Load, number: int) -> None:
        self.load = load
        self.number = number
        self.jid = b"u%d@%b/load" % (number, DOMAIN.encode())
        self.held = b""
        self.out = b""
        self.wanted = b""
        self.steps: Steps | None = self._login()
        self.heard = 0
        self.sent = 0
        self.sock: socket.socket = socket.create_connection(("127.0.0.1", load.place.port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setblocking(False)
        load.ready.register(self.sock, selectors.EVENT_READ, self)
        self.wanted = next(self.steps)

    def _login(self) -> Steps:
        self.write(_HEADER)
        yield b"</stream:features>"
        self.write(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        yield b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
        self.load.ready.unregister(self.sock)
        self.sock = self.load.place.context.wrap_socket(
            self.sock, server_hostname=DOMAIN, do_handshake_on_connect=False
        )
        self.load.ready.register(self.sock, selectors.EVENT_READ, self)
        self.write(_HEADER)
        yield b"</stream:features>"
        bare = b"n=u%d,r=nonce%d" % (self.number, self.number)
        first = base64.b64encode(b"n,," + bare)
        self.write(b"<auth %b mechanism='SCRAM-SHA-256'>%b</auth>" % (_SASL, first))
        answer = re.search(rb"<challenge[^>]*>([^<]+)<", (yield b"</challenge>"))
        assert answer
        challenge = base64.b64decode(answer[1])
        nonce = challenge.split(b",")[0]
        # What follows may be extensions (RFC 5802 section 5.1), such as the hash of XEP-0474.
        if challenge.split(b",")[1:3] != [b"s=" + base64.b64encode(SALT), b"i=%d" % ITERATIONS]:
            raise SystemExit(f"another challenge than that of the account: {challenge!r}")
        signed = b",".join((bare, challenge, b"c=biws", nonce))
        signature = hmac.digest(STORED_KEY, signed, "sha256")
        proof = bytes(a ^ b for a, b in zip(_CLIENT_KEY, signature, strict=True))
        final = b"c=biws,%b,p=%b" % (nonce, base64.b64encode(proof))
        self.write(b"<response %b>%b</response>" % (_SASL, base64.b64encode(final)))
        answer = re.search(rb"<success[^>]*>([^<]+)<", (yield b"</success>"))
        assert answer
        if base64.b64decode(answer[1]) != b"v=" + base64.b64encode(hmac.digest(SERVER_KEY, signed, "sha256")):
            raise SystemExit("the server does not know the password")
        self.write(_HEADER)
        yield b"</stream:features>"
        self.write(
            b"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            b"<resource>load</resource></bind></iq>"
        )
        if b"<jid>%b</jid>" % self.jid not in (yield b"</iq>"):
            raise SystemExit("another address was bound")
        self.write(b"<presence/>")
        yield b"<presence"  # its own, come back: it is available

    def write(self, octets: bytes) -> None:
        self.out += octets
        self.flush()

    def flush(self) -> None:
        events = selectors.EVENT_READ
        try:
            while self.out:
                self.out = self.out[self.sock.send(self.out) :]
        except ssl.SSLWantReadError:  # in the handshake
            pass
        except (ssl.SSLWantWriteError, BlockingIOError):
            events |= selectors.EVENT_WRITE
        self.load.ready.modify(self.sock, events, self)

    def read(self) -> bytes:
        got = b""
        try:
            while octets := self.sock.recv(65536):
                got += octets
        except (ssl.SSLWantReadError, BlockingIOError):
            return got
        except ssl.SSLWantWriteError:
            return got
        raise SystemExit(f"the server ended session {self.number}: {(self.held + got)[-300:]!r}")

    def progress(self, octets: bytes) -> bool:
        """Go on with the login; tell whether it is complete."""
        self.held += octets
        while self.steps is not None:
            before, found, after = self.held.partition(self.wanted)
            if not found:
                if b"<failure" in self.held or b"stream:error" in self.held:
                    raise SystemExit(f"login {self.number}: {self.held!r}")
                return False
            self.held = after
            try:
                self.wanted = self.steps.send(before + found)
            except StopIteration:
                self.steps = None
        return True


class Load:
    """Sessions with one server."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.ready = selectors.DefaultSelector()
        self.sessions: list[Session] = []
        self.busy = 0.0
        """CPU seconds this process spent in the last measurement."""

    def login(self, count: int, at_once: int = 16) -> float:
        """Log `count` clients in, so many at a time; give the seconds."""
        begin, busy = time.perf_counter(), time.process_time()
        left = iter(range(count))
        under_way = 0
        done = 0
        while done < count:
            while under_way < at_once and (number := next(left, None)) is not None:
                self.sessions.append(Session(self, number))
                under_way += 1
            for session in self._turn():
                if session.steps is not None and session.progress(session.read()):
                    under_way -= 1
                    done += 1
        self.busy = time.process_time() - busy
        return time.perf_counter() - begin

    def _turn(self) -> list[Session]:
        """Wait for sockets; give the sessions that can be read."""
        found = self.ready.select(_SECONDS)
        if not found:
            raise SystemExit(f"nothing came for {_SECONDS:g} s")
        readable: list[Session] = []
        for key, events in found:
            session: Session = key.data
            if session.out:
                session.flush()
            if events & selectors.EVENT_READ:
                readable.append(session)
        return readable

    def exchange(self, each: int, window: int) -> float:
        """Let every session send `each` messages to the next one, `window` of them under way; give the seconds.

        Whoever hears messages has its neighbour send as many.
        """
        sessions = self.sessions
        count = len(sessions)
        heads = [b"<message type='chat' to='%b' id='" % sessions[(n + 1) % count].jid for n in range(count)]
        marks = [b"from='%b'" % sessions[n - 1].jid for n in range(count)]

        def say(session: Session, more: int) -> None:
            first, session.sent = session.sent, min(each, session.sent + more)
            head = heads[session.number]
            text = b"".join(
                b"%bm%d'><body>%d %b</body></message>" % (head, n, n, _TEXT) for n in range(first, session.sent)
            )
            if text:
                session.write(text)

        for session in sessions:
            session.heard = session.sent = 0
            session.held = b""
        begin, busy = time.perf_counter(), time.process_time()
        for session in sessions:
            say(session, window)
        left = count * each
        while left:
            for session in self._turn():
                whole, end, session.held = (session.held + session.read()).rpartition(b"</message>")
                if not end:
                    continue
                numbers = [int(one) for one in _BODY.findall(whole)]
                heard = session.heard
                session.heard += len(numbers)
                if numbers != list(range(heard, session.heard)) or whole.count(marks[session.number]) != len(numbers):
                    raise SystemExit(f"session {session.number}: lost or out of order after message {heard}")
                left -= len(numbers)
                say(sessions[session.number - 1], len(numbers))
        self.busy = time.process_time() - busy
        return time.perf_counter() - begin

    def close(self) -> None:
        """Say goodbye, and wait for the server's."""
        for session in self.sessions:
            session.write(b"</stream:stream>")
        for session in self.sessions:
            session.sock.setblocking(True)
            session.sock.settimeout(10)
            try:
                while session.sock.recv(65536):
                    pass
            except OSError:
                pass
            self.ready.unregister(session.sock)
            session.sock.close()
        self.sessions.clear()


class Process(NamedTuple):
    """What the system tells of a server."""

    pid: int

    def resident(self) -> int:
        """Give the octets of memory in use."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        assert found
        return int(found[1]) * 1024

    def cpu(self) -> float:
        """Give the CPU seconds spent so far, of user and system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100
