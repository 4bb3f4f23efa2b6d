"""The messages of SCRAM, read strictly and written (RFC 5802 sections 5.1 and 7)."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from .binding import UNBOUND, UNOFFERED, Flag

__all__ = [
    "SERVER_ERRORS",
    "ClientFinal",
    "ClientFirst",
    "MessageError",
    "ServerError",
    "ServerFinal",
    "ServerFirst",
    "base64_of",
    "client_first",
    "decode_base64",
    "encode_base64",
    "is_nonce",
    "octets_of",
    "quote",
    "read_client_final",
    "read_client_first",
    "read_server_final",
    "read_server_first",
    "server_first",
    "unquote",
]

# What nearly every message looks like, without extensions; any other is read part by part, by what says what is wrong.
_PRINTABLE: Final = r"[\x21-\x2b\x2d-\x7e]+"
_USUAL_CLIENT_FIRST: Final = re.compile(
    rf"((?:([ny])|p=([A-Za-z0-9.\-]+)),(?:a=([^,\0]+))?,)(n=([^,\0]+),r=({_PRINTABLE}))", re.ASCII
)
_USUAL_SERVER_FIRST: Final = re.compile(rf"r=({_PRINTABLE}),s=([^,]+),i=([1-9][0-9]{{0,9}})".encode())

_FIRST: Final = re.compile(r"(?P<flag>n|y|p=(?P<type>[A-Za-z0-9.\-]+)),(?:a=(?P<authzid>[^,]+))?,", re.ASCII)
_COUNT: Final = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_EXTENSION: Final = re.compile(r"[A-Za-z]=[^,]+", re.ASCII)
_ESCAPE: Final = re.compile(r"=(2C|3D)?")

_DEFINED: Final = frozenset("anmrcsipve")

SERVER_ERRORS: Final = frozenset(
    {
        "invalid-encoding",
        "extensions-not-supported",
        "invalid-proof",
        "channel-bindings-dont-match",
        "server-does-support-channel-binding",
        "channel-binding-not-supported",
        "unsupported-channel-binding-type",
        "unknown-user",
        "invalid-username-encoding",
        "no-resources",
        "other-error",
    }
)
"""The values of `e=` that RFC 5802 section 7 defines; any other counts as `other-error`."""


class MessageError(Exception):
    """A message breaks the grammar. Never leaves this package; the text holds nothing of the message."""


class ClientFirst(NamedTuple):
    """The client-first-message: GS2 header as sent, then what SCRAM calls the bare message."""

    header: str
    flag: Flag
    authzid: str | None
    bare: str
    username: str
    nonce: str


class ServerFirst(NamedTuple):
    """The server-first-message."""

    nonce: str
    salt: bytes
    iterations: int
    offer: str | None = None
    """The hash of what the server announced (XEP-0474)."""
    tls: str | None = None
    """The number of the TLS version the server sees (XEP-0515)."""


@dataclass(frozen=True, slots=True)
class ClientFinal:
    """The client-final-message; `without_proof` as sent, `binding` still in base64."""

    binding: str
    nonce: str
    without_proof: str
    proof: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServerFinal:
    """The server-final-message of a success."""

    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServerError:
    """The server-final-message of a failure; `value` is one of `SERVER_ERRORS`."""

    value: str


def quote(name: str) -> str:
    """Write a name as `saslname`."""
    return name.replace("=", "=3D").replace(",", "=2C")


def unquote(saslname: str) -> str:
    """Read a `saslname`; raises `MessageError` for `=` before anything but `2C` and `3D`."""

    def plain(match: re.Match[str]) -> str:
        if match[1] is None:
            raise MessageError("an equals sign that quotes neither a comma nor itself")
        return "," if match[1] == "2C" else "="

    return _ESCAPE.sub(plain, saslname)


def encode_base64(data: bytes) -> str:
    """Write base64 as RFC 5802 section 7 has it."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def base64_of(data: bytes) -> bytes:
    """Write base64 as octets, where it ends a message."""
    return binascii.b2a_base64(data, newline=False)


def decode_base64(text: str) -> bytes:
    """Read base64 strictly: its alphabet, its padding, and no bits left over (RFC 4648 section 3.5)."""
    try:
        data = binascii.a2b_base64(text)
    except ValueError:
        raise MessageError("not base64") from None
    # Decoding is lenient; the one spelling that writing gives is the one that is right.
    if encode_base64(data) != text:
        raise MessageError("base64 with octets or bits that do not belong there")
    return data


def octets_of(base64: bytes) -> bytes | None:
    """Read base64 as `decode_base64` does; None where there is none, or that raises."""
    try:
        data = binascii.a2b_base64(base64)
    except ValueError:
        return None
    return data if data and binascii.b2a_base64(data, newline=False) == base64 else None


def is_nonce(text: str) -> bool:
    """Whether `text` fits the grammar's `printable`."""
    return text.isascii() and text.isprintable() and " " not in text and "," not in text and text != ""


def read_client_first(data: bytes) -> ClientFirst:
    """Read what begins an exchange; raises `MessageError`."""
    return ClientFirst(*client_first(data))


def client_first(data: bytes) -> tuple[str, Flag, str | None, str, str, str]:
    """Do what `read_client_first` does for those who have no use for the names; raises `MessageError`."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise MessageError("not UTF-8") from None
    usual = _USUAL_CLIENT_FIRST.fullmatch(text)
    if usual is None:
        return _client_first(data)
    header, letter, type, authzid, bare, username, nonce = usual.groups()
    if authzid is not None:
        authzid = unquote(authzid)
    if "=" in username:
        username = unquote(username)
    flag = UNBOUND if letter == "n" else UNOFFERED if letter == "y" else Flag("p", type)
    return header, flag, authzid, bare, username, nonce


def _client_first(data: bytes) -> ClientFirst:
    text = _text(data)
    match = _FIRST.match(text)
    if match is None:
        raise MessageError("no GS2 header")
    bare = text[match.end() :]
    parts = bare.split(",")
    username = _value(parts, 0, "n")
    nonce = _nonce(parts, 1)
    _extensions(parts[2:])
    authzid = match["authzid"]
    return ClientFirst(
        header=match[0],
        flag=Flag(match["flag"][0], match["type"]),
        authzid=None if authzid is None else unquote(authzid),
        bare=bare,
        username=unquote(username),
        nonce=nonce,
    )


def read_server_first(data: bytes) -> ServerFirst:
    """Read the first challenge; raises `MessageError`. Nothing is said about its nonce and its count."""
    return ServerFirst(*server_first(data))


def server_first(data: bytes) -> tuple[str, bytes, int, str | None, str | None]:
    """Do what `read_server_first` does for those who have no use for the names; raises `MessageError`."""
    usual = _USUAL_SERVER_FIRST.fullmatch(data)
    if usual is not None:
        nonce, base64, count = usual.groups()
        salt = octets_of(base64)
        if salt is not None:
            return nonce.decode(), salt, int(count), None, None
    return _server_first(data)


def _server_first(data: bytes) -> ServerFirst:
    parts = _text(data).split(",")
    nonce = _nonce(parts, 0)
    salt = decode_base64(_value(parts, 1, "s"))
    count = _value(parts, 2, "i")
    further = _extensions(parts[3:])
    if _COUNT.fullmatch(count) is None:
        raise MessageError("the iteration count is no positive number")
    return ServerFirst(nonce, salt, int(count), further.get("h"), further.get("t"))


def read_client_final(data: bytes) -> ClientFinal:
    """Read the proof; raises `MessageError`."""
    text = _text(data)
    parts = text.split(",")
    if len(parts) < 3:
        raise MessageError("an attribute is missing")
    binding = _value(parts, 0, "c")
    nonce = _nonce(parts, 1)
    _extensions(parts[2:-1])
    proof = decode_base64(_value(parts, len(parts) - 1, "p"))
    return ClientFinal(binding, nonce, text[: len(text) - len(parts[-1]) - 1], proof)


def read_server_final(data: bytes) -> ServerFinal | ServerError:
    """Read how the server ends the exchange; raises `MessageError`."""
    parts = _text(data).split(",")
    final: ServerFinal | ServerError
    if parts[0].startswith("e="):
        value = _value(parts, 0, "e")
        final = ServerError(value if value in SERVER_ERRORS else "other-error")
    else:
        final = ServerFinal(decode_base64(_value(parts, 0, "v")))
    _extensions(parts[1:])
    return final


def _text(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise MessageError("not UTF-8") from None
    if "\0" in text:
        raise MessageError("a NUL")
    return text


def _value(parts: list[str], index: int, name: str) -> str:
    """Give the value of attribute `name`, which must be the one at `index`."""
    if index >= len(parts):
        raise MessageError("an attribute is missing")
    part = parts[index]
    if part[:2] == f"{name}=" and len(part) > 2:
        return part[2:]
    if part.startswith("m="):
        raise MessageError("a mandatory extension, and none is known (RFC 5802 section 5.1)")
    raise MessageError("an attribute is missing, empty or out of order")


def _nonce(parts: list[str], index: int) -> str:
    nonce = _value(parts, index, "r")
    if not is_nonce(nonce):
        raise MessageError("the nonce is not printable ASCII")
    return nonce


def _extensions(parts: list[str]) -> dict[str, str]:
    """Let pass what RFC 5802 section 5.1 says to ignore, attributes it does not define; each is there once."""
    found: dict[str, str] = {}
    for part in parts:
        if _EXTENSION.fullmatch(part) is None or part[0] in _DEFINED or part[0] in found:
            raise MessageError("an extension is malformed, mandatory or there twice, or an attribute is out of order")
        found[part[0]] = part[2:]
    return found
