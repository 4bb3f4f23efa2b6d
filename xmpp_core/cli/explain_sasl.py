"""`xmpp-core explain sasl`: an authentication on record, message by message, in words; secrets are never shown."""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element

from ..features.exchange import binding_types_in, decoded
from ..namespaces import SASL, STREAM, TLS
from ..sasl.attributes import (
    MessageError,
    ServerError,
    decode_base64,
    read_client_final,
    read_client_first,
    read_server_final,
    read_server_first,
)
from ..sasl.binding import binds
from ..sasl.derivation import HASHES
from ..sasl.downgrade import offer_hash
from ..sasl.mechanism import Strength
from ..sasl.oauthbearer import read_denial
from ..stream.context import Side
from ..stream.trace import CUT
from .command import Command
from .inspect import source_of
from .terminal import visible
from .timeline.sources import Noted, Source

__all__ = ["COMMAND", "Exchange", "Told", "explain_exchange"]

_DESCRIPTION: Final = """\
Say what an authentication on record did: what was offered and whether that can be what the server sent (XEP-0440),
which mechanism was taken, what each message holds (RFC 5802, 4616, 4422, 4505, 7628, 2831), and how it ended.
FILE is a transcript, or one direction of a raw stream. Passwords, proofs, tokens and binding data are never shown, and
what a transcript has cut out cannot be told."""

_SASL2: Final = "urn:xmpp:sasl:2"
_STARTS: Final = frozenset({f"{{{SASL}}}auth", f"{{{_SASL2}}}authenticate"})
_TELLING: Final = frozenset({"challenge", "response", "success", "failure", "abort", "continue"})
_FLAGS: Final = {
    "n": "the client does not bind the channel",
    "y": "the client could bind the channel, and saw no offer to",
}
_KINDS: Final = (
    (re.compile(r"SCRAM-.+-PLUS"), "proves the password on both sides without sending it, bound to the TLS channel"),
    (re.compile(r"SCRAM-.+"), "proves the password on both sides without sending it"),
    (re.compile(r"HT-.+-NONE"), "proves a token on both sides without sending it"),
    (re.compile(r"HT-.+"), "proves a token on both sides without sending it, bound to the TLS channel"),
    (re.compile("PLAIN"), "sends the password itself: TLS alone protects it"),
    (re.compile("EXTERNAL"), "takes the certificate shown to TLS"),
    (re.compile("ANONYMOUS"), "asks for no identity"),
    (re.compile("OAUTHBEARER|X-OAUTH2"), "sends a bearer token: TLS alone protects it"),
    (re.compile("DIGEST-MD5"), "hides the password from listeners and is obsolete (RFC 6331)"),
)
_LEAST_ITERATIONS: Final = 4096


@dataclass(slots=True)
class Told:
    """One message: who said it, what it is, what it holds, and what is wrong with it."""

    at: float | None
    side: Side
    what: str
    holds: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Exchange:
    """What is told of a record: its messages, and how it ended."""

    messages: list[Told] = field(default_factory=list)
    outcome: str = "the record ends before the authentication does"
    good: bool = False

    @property
    def faults(self) -> list[str]:
        """What is wrong anywhere."""
        return [fault for told in self.messages for fault in told.faults]

    def as_json(self) -> dict[str, Any]:
        """Give it for programs."""
        return {
            "good": self.good and not self.faults,
            "outcome": self.outcome,
            "messages": [
                {"at": one.at, "from": one.side.value, "what": one.what, "holds": one.holds, "faults": one.faults}
                for one in self.messages
            ],
        }


@dataclass(slots=True)
class _Seen:
    secure: bool = False
    offered: tuple[str, ...] = ()
    types: tuple[str, ...] | None = None
    mechanism: str = ""
    count: int = 0
    """Messages of the mechanism so far."""


def explain_exchange(source: Source) -> Exchange:
    """Tell every authentication in a record, message by message."""
    found, seen = Exchange(), _Seen()
    for one in source.happened:
        if isinstance(one, Noted):
            seen.secure = seen.secure or one.what == "start with TLS"
            continue
        if not isinstance(one.said, Element):
            continue
        element = one.said
        if element.tag == f"{{{TLS}}}proceed":
            seen.secure = True
        told = _told(element, seen, found)
        if told is not None:
            told.at, told.side = one.at, one.side
            found.messages.append(told)
    return found


def _told(element: Element, seen: _Seen, found: Exchange) -> Told | None:
    namespace, _, name = element.tag[1:].partition("}")
    if element.tag == f"{{{STREAM}}}features":
        return _features(element, seen)
    if element.tag in _STARTS:
        return _begun(element, seen)
    if namespace not in (SASL, _SASL2) or name not in _TELLING:
        return None
    told = Told(None, Side.INITIATING, f"{name}: {_ROLES[name]}")
    if name == "failure":
        conditions = [child.tag.rpartition("}")[2] for child in element if child.tag.startswith(f"{{{SASL}}}")]
        condition = next((one for one in conditions if one != "text"), "not-authorized")
        told.holds.append(f"{condition} (RFC 6120 section 6.5)")
        found.outcome, found.good = f"refused: {condition}", False
    elif name == "abort":
        found.outcome, found.good = "given up by the client", False
    else:
        text = element.text if namespace == SASL or name in ("challenge", "response") else _additional(element)
        _data(text, told, seen)
        if name in ("success", "continue"):
            found.good = name == "success"
            found.outcome = f"{seen.mechanism or 'an authentication'} succeeded" if found.good else "more is asked for"
    return told


_ROLES: Final = {
    "challenge": "the server asks",
    "response": "the client answers",
    "success": "the server accepts",
    "failure": "the server refuses",
    "abort": "the client gives up",
    "continue": "the server accepts, and asks for more (XEP-0388)",
}


def _additional(element: Element) -> str | None:
    return element.findtext(f"{{{_SASL2}}}additional-data")


def _features(features: Element, seen: _Seen) -> Told | None:
    names = [
        (child.text or "").strip()
        for parent in (f"{{{SASL}}}mechanisms", f"{{{_SASL2}}}authentication")
        for one in features.iterfind(parent)
        for child in one
        if child.tag.endswith("}mechanism")
    ]
    if not names:
        return None
    seen.offered, seen.types = tuple(dict.fromkeys(names)), binding_types_in(features)
    told = Told(None, Side.RECEIVING, "features: the server offers")
    for name in sorted(seen.offered, key=_rank):
        told.holds.append(f"{name}: {_kind(name)}")
    if seen.types is not None:
        told.holds.append(f"channel-binding types: {', '.join(seen.types) or 'none'} (XEP-0440)")
    bound = [name for name in seen.offered if binds(name)]
    if seen.types is not None and not bound:
        told.faults.append("types are announced and nothing that binds is offered (XEP-0440 rule 5)")
    if bound and seen.types is not None and "tls-server-end-point" not in seen.types:
        told.faults.append("tls-server-end-point is missing, which every server must have (XEP-0440 rule 1)")
    if not seen.secure:
        told.faults.append("authentication is offered without TLS on record (RFC 6120 section 13.9.4)")
    return told


def _rank(name: str) -> int:
    known = {one.name.replace("_", "-"): one.value for one in Strength}
    known |= {"OAUTHBEARER": Strength.TOKEN, "X-OAUTH2": Strength.TOKEN, "EXTERNAL": Strength.CERTIFICATE}
    if name.startswith("HT-"):
        return -known.get(f"HT-{name.rpartition('-')[2]}", 0)
    return -known.get(name, 0)


def _kind(name: str) -> str:
    return next((words for pattern, words in _KINDS if pattern.fullmatch(name)), "not known here")


def _begun(element: Element, seen: _Seen) -> Told:
    name = element.get("mechanism", "")
    seen.mechanism, seen.count = name, 0
    told = Told(None, Side.INITIATING, f"begins {name or 'nothing'}")
    told.holds.append(_kind(name))
    if seen.offered and name not in seen.offered and not name.startswith("HT-"):
        told.faults.append("that mechanism was not offered")
    if not seen.secure and name not in ("ANONYMOUS",):
        told.faults.append("without TLS on record: whoever listens gets in, or learns enough to try")
    sasl2 = element.tag.startswith(f"{{{_SASL2}}}")
    text = element.findtext(f"{{{_SASL2}}}initial-response") if sasl2 else element.text
    if text is None:
        told.holds.append("no initial response")
        seen.count = 1 if name in ("DIGEST-MD5",) else 0
    else:
        _data(text, told, seen)
    return told


def _data(text: str | None, told: Told, seen: _Seen) -> None:
    """Tell what a message holds, if the record has it."""
    number, seen.count = seen.count, seen.count + 1
    if text is None or not text.strip():
        return
    if text.strip() == CUT:
        told.holds.append("its contents were cut out of the record")
        return
    try:
        data = decoded(text.strip() if told.what.startswith("begins") else text)
    except ValueError:
        told.faults.append("no base64 as RFC 6120 section 6.4 wants it")
        return
    try:
        told.holds += _contents(data or b"", number, told, seen)
    except (MessageError, UnicodeDecodeError):
        told.faults.append(f"breaks the grammar of {seen.mechanism}")


def _contents(data: bytes, number: int, told: Told, seen: _Seen) -> list[str]:
    name = seen.mechanism
    if name.startswith("SCRAM-"):
        return list(_scram(data, number, told, seen))
    if name == "PLAIN":
        parts = data.decode().split("\0")
        if len(parts) != 3:
            raise MessageError("not three parts")
        return [f"name: {parts[1]}", *([f"to act as: {parts[0]}"] if parts[0] else []), "the password (not shown)"]
    if name == "EXTERNAL":
        return [f"to act as: {data.decode()}" if data else "no identity: the certificate says who it is (XEP-0178)"]
    if name == "ANONYMOUS":
        return [f"trace: {data.decode()}" if data else "no trace"]
    if name == "OAUTHBEARER":
        return list(_bearer(data))
    if name.startswith("HT-"):
        proved = data.partition(b"\0")
        return (
            [f"name: {proved[0].decode()}", "a proof (not shown)"]
            if proved[1] and not number
            else ["a proof (not shown)"]
        )
    if name == "DIGEST-MD5":
        return [f"directives: {', '.join(re.findall(r'([a-z-]+)=', data.decode()))} (values not shown)"]
    return [f"{len(data)} octets of a mechanism that is not known here"]


def _scram(data: bytes, number: int, told: Told, seen: _Seen) -> Iterator[str]:
    if number == 0:
        first = read_client_first(data)
        flag = first.flag
        yield f"channel binding: {_FLAGS.get(flag.letter, f'bound by {flag.type}')} ({flag})"
        yield f"name: {first.username}"
        if first.authzid is not None:
            yield f"to act as: {first.authzid}"
        yield f"a nonce of {len(first.nonce)} characters"
        if flag.letter == "y" and any(binds(one) for one in seen.offered):
            told.faults.append("the client says it saw no offer to bind, and one is on record (RFC 5802 section 6)")
    elif number == 1:
        challenge = read_server_first(data)
        yield f"a salt of {len(challenge.salt)} octets, {challenge.iterations} iterations"
        if challenge.iterations < _LEAST_ITERATIONS:
            told.faults.append(f"fewer than {_LEAST_ITERATIONS} iterations (RFC 5802 section 5.1)")
        hash = seen.mechanism.removeprefix("SCRAM-").removesuffix("-PLUS")
        if challenge.offer is not None and hash in HASHES:
            if not seen.offered:
                yield "a hash of what was offered, which is not on record (XEP-0474)"
            elif challenge.offer == offer_hash(hash, seen.offered, seen.types):
                yield "the hash of what was offered is right (XEP-0474)"
            else:
                told.faults.append("the hash of what was offered is another: it was changed on its way (XEP-0474)")
        if challenge.tls is not None:
            yield f"the server sees TLS version {challenge.tls} (XEP-0515)"
    elif number == 2:
        final = read_client_final(data)
        header = decode_base64(final.binding)
        bound = header.partition(b",,")[2] if header.startswith(b"p=") else b""
        yield f"channel-binding data of {len(bound)} octets (not shown)" if bound else "no channel-binding data"
        yield "the client's proof (not shown)"
    else:
        ended = read_server_final(data)
        if isinstance(ended, ServerError):
            told.faults.append(f"the server reports {ended.value} (RFC 5802 section 7)")
        else:
            yield "the server's signature (not shown)"


def _bearer(data: bytes) -> Iterator[str]:
    if data == b"\x01":
        yield "nothing but the end of a refused token (RFC 7628 section 3.2.3)"
        return
    denial = read_denial(data)
    if denial is not None:
        yield f"why the token will not do: {denial.status}" + (f", scope {denial.scope}" if denial.scope else "")
        return
    for part in data.decode().split("\x01"):
        key, _, value = part.partition("=")
        if key == "auth":
            yield "a token (not shown)"
        elif part.startswith(("n,", "y,")):
            if "a=" in part:
                yield f"to act as: {part.partition('a=')[2].rstrip(',')}"
        elif part:
            yield f"{key}: {value}"


def _arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "file", metavar="FILE", help="a transcript, or one direction of a raw stream; - for standard input"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object in place of text for people")


def _run(args: Namespace) -> int:
    """Explain, and give the exit status: 0 if it succeeded and nothing is wrong with it, else 1."""
    found = explain_exchange(source_of(args.file))
    if args.json:
        print(json.dumps(found.as_json(), ensure_ascii=True))
    else:
        ascii_only = (sys.stdout.encoding or "utf-8").lower().replace("-", "") != "utf8"
        for line in _lines(found):
            print(visible(line, ascii_only=ascii_only).rstrip())
    return 0 if found.good and not found.faults else 1


def _lines(found: Exchange) -> Iterator[str]:
    for told in found.messages:
        who = "client" if told.side is Side.INITIATING else "server"
        time = "" if told.at is None else f"{told.at:9.3f}  "
        yield f"{time}{who}  {told.what}"
        for text in told.holds:
            yield f"{' ' * len(time)}        {text}"
        for text in told.faults:
            yield f"{' ' * len(time)}        ! {text}"
    yield found.outcome if found.messages else "no authentication is on record"


COMMAND: Final = Command(_DESCRIPTION, _arguments, _run)
