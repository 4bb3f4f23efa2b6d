"""`xmpp-core explain cert`: every name in a certificate, whether it is for a domain and why, and what else is wrong."""

from __future__ import annotations

import base64
import binascii
import datetime
import json
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path as File
from typing import Any, Final

from ..errors import LocalProtocolError
from ..identity import ChainUnavailable, Path, Report, Role, examine, verify_chain
from .command import Command, CommandError
from .terminal import visible

__all__ = ["COMMAND", "explain_certificate"]

_DESCRIPTION: Final = """\
Say of a certificate whether it is for a domain: each name it presents, whether it counts and why, with the
section that says so (RFC 6120 section 13.7, RFC 9525), and what else speaks against it (RFC 5280, 9325).
With --ca the path to a trusted authority is verified too; without it only what stands in the certificate is
judged. The file is PEM or DER; of several certificates the first is the one, the others may lead to the authority."""

_ROLES: Final = {
    "server": Role.C2S_SERVER,
    "client": Role.C2S_CLIENT,
    "s2s-receiving": Role.S2S_RECEIVING,
    "s2s-initiating": Role.S2S_INITIATING,
}
_BLOCK: Final = re.compile(rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([^-]*)-----END ")


def _arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("file", metavar="FILE", help="the certificate, PEM or DER, or - to read standard input")
    parser.add_argument("--domain", required=True, help="the domain it is to be for, as in addresses")
    parser.add_argument("--role", choices=_ROLES, default="server", help="whose certificate it is (default: server)")
    parser.add_argument("--ca", metavar="FILE", help="PEM of the authorities to trust")
    parser.add_argument("--at", metavar="TIME", type=_moment, help="judge as of this time in UTC, such as 2026-07-01")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of text for people")


def _run(args: Namespace) -> int:
    """Explain, and give the exit status: 0 if nothing speaks against the certificate, else 1."""
    octets = sys.stdin.buffer.read() if args.file == "-" else _read(args.file)
    anchors = None if args.ca is None else _certificates(_read(args.ca))
    if anchors is not None and not anchors:
        raise CommandError(f"{args.ca} holds no PEM certificate")
    at = args.at if args.at is not None else datetime.datetime.now(datetime.UTC)
    try:
        path: str | None
        report, path = explain_certificate(
            _certificates(octets) or [octets], domain=args.domain, role=_ROLES[args.role], at=at, anchors=anchors
        )
        if anchors is None:
            path = "not verified: name the authorities to trust with --ca"
    except (LocalProtocolError, ChainUnavailable) as error:
        raise CommandError(str(error)) from None
    if args.json:
        print(json.dumps(_as_json(report, path), ensure_ascii=True))
    else:
        ascii_only = (sys.stdout.encoding or "utf-8").lower().replace("-", "") != "utf8"
        for line in _told(report, path):
            print(visible(line, ascii_only=ascii_only).rstrip())
    return 1 if report.objection else 0


def explain_certificate(
    certificates: list[bytes],
    *,
    domain: str,
    role: Role,
    at: datetime.datetime,
    anchors: list[bytes] | None = None,
) -> tuple[Report, str | None]:
    """Give the report of DER certificates, and what is wrong with the path to an anchor, None if nothing is.

    Without `anchors` (None) the path is taken to be good. Raises as `examine` and `verify_chain` do.
    """
    now = at.timestamp()
    wrong = None
    if anchors is not None:
        found = verify_chain(certificates, anchors=anchors, role=role, now=now)
        wrong = None if isinstance(found, Path) else found.reason
    return examine(certificates, role=role, domain=domain, now=now, trusted=wrong is None), wrong


def _told(report: Report, path: str | None) -> Iterator[str]:
    yield _row("checked as", report.role.value)
    yield _row("for", report.domain)
    certificate = report.certificate
    if certificate is not None:
        key, signature = certificate.key, certificate.signature
        yield _row("key", key.kind + ("" if key.bits is None else f", {key.bits} bits"))
        yield _row("signature", f"{signature.kind or signature.oid} with {signature.hash or 'an unknown hash'}")
        yield _row("valid", f"{_date(certificate.begin)} to {_date(certificate.end)} UTC")
        yield ""
    for one in report.names:
        yield _row(one.name.kind.value, one.name.text)
        yield _row("", f"{one.verdict.value}: {one.reason} ({one.section})")
    if report.names and report.findings:
        yield ""
    for finding in report.findings:
        detail = f": {finding.detail}" if finding.detail else ""
        yield _row(finding.severity.value, f"{finding.text}{detail} ({finding.section})")
    if path is not None:
        yield _row("path", path)
    yield ""
    objection = report.objection
    if objection is None:
        yield f"good: {report.matches[0].name.kind.value} is enough"
    else:
        yield f"refused: {objection}"


def _row(name: str, text: str) -> str:
    return f"{name:<27} {text}"


def _as_json(report: Report, path: str | None) -> dict[str, Any]:
    certificate = report.certificate
    return {
        "role": report.role.name.lower().replace("_", "-"),
        "domain": report.domain,
        "good": report.objection is None,
        "objection": report.objection,
        "path": path,
        "names": [
            {
                "kind": one.name.kind.value,
                "text": one.name.text,
                "verdict": one.verdict.name.lower(),
                "reason": one.reason,
                "section": one.section,
            }
            for one in report.names
        ],
        "findings": [
            {
                "severity": one.severity.value,
                "rule": one.rule,
                "text": one.text,
                "section": one.section,
                "detail": one.detail,
            }
            for one in report.findings
        ],
        "certificate": None
        if certificate is None
        else {
            "key": certificate.key.kind,
            "bits": certificate.key.bits,
            "hash": certificate.signature.hash,
            "begin": certificate.begin,
            "end": certificate.end,
        },
    }


def _date(seconds: int) -> str:
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%d %H:%M}"


def _moment(text: str) -> datetime.datetime:
    """Read `--at`; what `ValueError` it raises argparse reports."""
    moment = datetime.datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=datetime.UTC)


def _read(path: str) -> bytes:
    try:
        return File(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise CommandError(f"{path} cannot be read: {reason}") from None


def _certificates(octets: bytes) -> list[bytes]:
    """Give the DER of each PEM block; [] where there is none. A damaged one is empty, and reported as such."""
    found = []
    for block in _BLOCK.findall(octets):
        try:
            found.append(base64.b64decode(b"".join(block.split()), validate=True))
        except binascii.Error:
            found.append(b"")
    return found


COMMAND: Final = Command(_DESCRIPTION, _arguments, _run)
