"""`xmpp-core explain`: what an address or a URI says, part by part, or what is wrong with it and where.

Other things to explain plug in at the end, one line each.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TextIO

from ..jid import JID, RFC6122, Explained, JIDError, explain, part_steps
from ..strings.confusables import likeness
from ..strings.errors import name_of
from ..strings.escaping import escape_localpart
from ..strings.scripts import mixed_scripts, restriction_level, scripts
from ..uri import CommonProfileURI, URIError, XmppURI
from ..uri.percent import decoded, encoded
from . import explain_cert, explain_sasl
from .command import Command
from .terminal import marked, visible

__all__ = ["COMMAND", "explain_jid", "explain_uri"]

_DESCRIPTION: Final = """\
Take an address (RFC 7622) or a URI (RFC 5122, 3860, 3859) apart: each part, and each step of its preparation
with the section that asks for it. Of what is refused the character at fault is named and marked, with what
may have been meant. Where the older rules for addresses (RFC 6122) say something else, that is shown too."""

_MARKS: Final = {"localpart": "{}@", "domainpart": "{}", "resourcepart": "/{}"}
_PORT: Final = re.compile(r":[0-9]{1,5}(?=/|$)")
_SCHEME: Final = re.compile("(?:xmpp|im|pres):", re.IGNORECASE)
_NOTHING: Final = re.compile("(?!)")
# A repair that needs more rounds than this is another text, not the one that was meant.
_ROUNDS: Final = 64


def _arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for kind, what in (("jid", "an address"), ("uri", "a URI")):
        own = kinds.add_parser(kind, help=f"explain {what}")
        own.add_argument("text", metavar="TEXT", help=f"{what}, or - to read one line of standard input")
        own.add_argument("--json", action="store_true", help="one JSON object in place of text for people")
    for kind, (what, command) in _OTHERS.items():
        own = kinds.add_parser(
            kind,
            help=f"explain {what}",
            description=command.description,
            formatter_class=RawDescriptionHelpFormatter,
        )
        command.arguments(own)


def _run(args: Namespace) -> int:
    """Explain, and give the exit status: 0 if the text is good, 1 if it is refused."""
    if args.kind in _OTHERS:
        _, command = _OTHERS[args.kind]
        return command.run(args)
    text = sys.stdin.readline().rstrip("\r\n") if args.text == "-" else args.text
    told = (explain_jid if args.kind == "jid" else explain_uri)(text)
    if args.json:
        print(json.dumps(told.as_json(), ensure_ascii=True))
    else:
        _Writer(sys.stdout).tell(told)
    return 0 if told.fault is None else 1


@dataclass(slots=True)
class Fault:
    """Why a text is refused; `position` is one in the whole text."""

    part: str
    rule: str
    section: str
    position: int | None
    code_point: str | None

    @property
    def named(self) -> str | None:
        """The code point by number and name."""
        if self.code_point is None:
            return None
        return f"U+{ord(self.code_point):04X} {name_of(self.code_point)}"


@dataclass(slots=True)
class Part:
    """A part of the text, where it begins there, and what becomes of it."""

    name: str
    written: str
    start: int
    steps: list[StepTold] = field(default_factory=list)
    result: str | None = None


@dataclass(slots=True)
class StepTold:
    """One step of preparation; `after` is None where it was refused."""

    name: str
    section: str
    before: str
    after: str | None


@dataclass(slots=True)
class Pair:
    """A key of a query or a name of a header; `known` unless it is to be ignored."""

    key: str
    value: str
    known: bool = True


@dataclass(slots=True)
class Told:
    """All there is to say of a text. `results` are the forms it has, by name."""

    kind: str
    text: str
    parts: list[Part] = field(default_factory=list)
    results: dict[str, str] = field(default_factory=dict)
    pairs: list[Pair] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fault: Fault | None = None
    suggestions: list[tuple[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Give it for programs. Positions count code points of `text`."""
        fault = self.fault
        return {
            "kind": self.kind,
            "text": self.text,
            "good": fault is None,
            "parts": [
                {
                    "part": part.name,
                    "text": part.written,
                    "position": part.start,
                    "steps": [
                        {"name": step.name, "section": step.section, "before": step.before, "after": step.after}
                        for step in part.steps
                    ],
                    "result": part.result,
                }
                for part in self.parts
            ],
            "results": self.results,
            "pairs": [{"key": pair.key, "value": pair.value, "known": pair.known} for pair in self.pairs],
            "notes": self.notes,
            "error": None
            if fault is None
            else {
                "part": fault.part,
                "rule": fault.rule,
                "section": fault.section,
                "position": fault.position,
                "code_point": fault.named,
            },
            "suggestions": [{"text": text, "reason": reason} for text, reason in self.suggestions],
        }


def explain_jid(text: str) -> Told:
    """Explain an address; never raises for a `str`."""
    told = Told("jid", text, [_part(one) for one in explain(text)])
    try:
        jid = JID(text)
    except JIDError as error:
        # An empty part has no index of its own: the mark stands where it should be.
        empty = next((part.start for part in told.parts if part.name == error.part and not part.written), None)
        where = error.position if empty is None else empty
        told.fault = Fault(error.part or "address", error.rule, error.section, where, error.code_point)
    else:
        told.results["address"] = str(jid)
        if jid.is_full:
            told.results["bare address"] = str(jid.bare)
        told.notes += _looks(jid)
    _compare_rules(told, text)
    if told.fault is not None:
        told.suggestions = list(_verified(_jid_candidates(text, told.fault)))
    return told


def explain_uri(text: str) -> Told:
    """Explain an `xmpp:`, `im:` or `pres:` URI or IRI; never raises for a `str`."""
    told = Told("uri", text, list(_uri_parts(text)))
    try:
        if text.lower().startswith(("im:", "pres:")):
            _tell_common(told, CommonProfileURI.parse(text))
        else:
            _tell_xmpp(told, XmppURI.parse(text))
    except URIError as error:
        told.fault = Fault(error.part, error.rule, error.section, error.position, error.code_point)
        told.suggestions = list(_verified_uris(_uri_candidates(text, told.fault)))
    return told


def _part(one: Explained) -> Part:
    steps = [StepTold(step.name, step.section, step.before, step.after) for step in one.steps]
    return Part(one.part, one.text, one.offset, steps, one.prepared)


def _address_parts(text: str, start: int) -> list[Part]:
    """Split as RFC 7622 section 3.2 says: first "/", then first "@"."""
    left, slash, resource = text.partition("/")
    local, at, domain = left.partition("@")
    parts = []
    if at:
        parts.append(Part("localpart", local, start))
    else:
        domain = left
    parts.append(Part("domainpart", domain, start + len(left) - len(domain)))
    if slash:
        parts.append(Part("resourcepart", resource, start + len(left) + 1))
    return parts


def _uri_parts(text: str) -> Iterator[Part]:
    """What stands between the delimiters, right or wrong."""
    scheme, colon, _ = text.partition(":")
    if not colon:
        return
    yield Part("scheme", scheme, 0, result=scheme.lower())
    start = len(scheme) + 1
    common = scheme.lower() in ("im", "pres")
    end = min((at for at in (text.find("?", start), text.find("#", start)) if at >= 0), default=len(text))
    if common:
        end = text.find("?", start) if "?" in text[start:] else len(text)
    path = text[start:end]
    if path.startswith("//") and not common:
        user, slash, path = path[2:].partition("/")
        yield Part("authority", user, start + 2)
        start += 2 + len(user) + len(slash)
    if common:
        local, at, domain = path.partition("@")
        yield Part("localpart", local, start)
        if at:
            yield Part("domainpart", domain, start + len(local) + 1)
    elif path or text[start - 1] == ":":
        yield from _address_parts(path, start)
    sharp = text.find("#", end) if not common else -1
    if text[end : end + 1] == "?":
        asked = text[end + 1 : sharp if sharp >= 0 else len(text)]
        yield Part("headers" if common else "query", asked, end + 1)
    if sharp >= 0:
        yield Part("fragment", text[sharp + 1 :], sharp + 1)


def _tell_xmpp(told: Told, uri: XmppURI) -> None:
    told.results.update(URI=uri.uri, IRI=uri.iri)
    address = ""
    for part in told.parts:
        if part.name == "authority":
            part.result = str(uri.authority)
        elif part.name == "query":
            part.result = None if uri.query is None else uri.query.written(iri=True)
        elif part.name == "fragment":
            part.result = uri.fragment
        elif part.name != "scheme":
            plain = part.written if part.written[:1] == "[" else decoded(part.written, part.name)
            steps = part_steps(part.name, plain)
            part.steps = [StepTold(step.name, step.section, step.before, step.after) for step in steps]
            part.result = steps[-1].after
            address += _MARKS[part.name].format(plain)
    if uri.jid is not None:
        told.results["address"] = str(uri.jid)
        _compare_rules(told, address)
    else:
        told.notes.append(
            f"This only says whom to log in as (RFC 5122 section 2.3). Whom to talk to is written xmpp:{uri.authority}"
        )
    if uri.query is None:
        return
    try:
        XmppURI.parse(told.text, strict=True)
    except URIError as error:
        told.notes.append(
            f"To the letter of RFC 5122 section 2.2 the query holds {error.rule}; the URI above does not."
        )
    action = uri.action
    if action is None:
        told.pairs = [Pair(key, value, False) for key, value in uri.query.pairs]
        told.notes.append(
            "The query type is not registered: who does not know it ignores the query (RFC 5122 section 2.5)."
        )
        return
    told.results["asks to"] = f"{(type(action).__doc__ or '').partition('.')[0]} ({action.defined_in})"
    registered = {key.name for key in action.keys}
    told.pairs = [Pair(key, value, key in registered) for key, value in uri.query.pairs]


def _tell_common(told: Told, uri: CommonProfileURI) -> None:
    told.results["URI"] = str(uri)
    if uri.jid is not None:
        told.results["address"] = str(uri.jid)
        for part in told.parts:
            if part.name in ("localpart", "domainpart"):
                part.result = uri.jid.local if part.name == "localpart" else uri.jid.domain
    for name in uri.srv_names():
        told.results["SRV name"] = name
    told.pairs = [Pair(name, value) for name, value in uri.headers]


def _looks(jid: JID) -> Iterator[str]:
    """Say for what reasons people may take the address for another one."""
    for part, names in (("localpart", [jid.local or ""]), ("domainpart", jid.domain.split("."))):
        for name in names:
            if mixed_scripts(name):
                level = restriction_level(name).name.replace("_", " ").title()
                mixed = ", ".join(sorted(one.replace("_", " ").title() for one in scripts(name)))
                yield f"The {part} mixes scripts: {mixed}. It is {level} (UTS 39 section 5.2)."
            if not name.isascii() and likeness(name).isascii():
                yield f"The {part} is easily taken for one of ASCII letters (UTS 39 section 4)."


def _compare_rules(told: Told, text: str) -> None:
    """Say what the rules of RFC 6122 make of the address, if that is another thing."""
    older = explain(text, rules=RFC6122)
    error = next((one.error for one in older if one.error is not None), None)
    if error is not None:
        if told.fault is None:
            told.notes.append(f"RFC 6122 refuses it: {error}")
        return
    address = "".join(_MARKS[one.part].format(one.prepared) for one in older)
    if told.fault is not None:
        told.notes.append(f"RFC 6122 allows it, as {address}")
    elif address != told.results["address"]:
        told.notes.append(f"RFC 6122 makes another address of it: {address}")


def _jid_candidates(text: str, fault: Fault) -> Iterator[tuple[str, str]]:
    """What may have been meant, and what was done to get there. Any of it may be no address."""
    if _SCHEME.match(text):
        try:
            uri = CommonProfileURI.parse(text) if text[0] in "iIpP" else XmppURI.parse(text)
        except URIError:
            yield text.partition(":")[2], "without the scheme: an address is no URI"
        else:
            yield str(uri.jid or ""), "the address in the URI"
    if text != text.strip():
        yield text.strip(), "without white space around it"
    if text.startswith("@"):
        yield text[1:], 'without "@": there is no localpart'
    if text.endswith("/"):
        yield text.rstrip("/"), 'without "/": there is no resourcepart'
    at = fault.position
    if at is not None and at < len(text):
        there, before, after = text[at], text[:at], text[at + 1 :]
        if unicodedata.category(there) in ("Cc", "Cf"):
            yield before + after, "without the invisible character"
        plain = unicodedata.normalize("NFKC", there)
        if plain != there:
            yield before + plain + after, "with plain characters (NFKC)"
        if fault.part == "resourcepart" and there.isspace():
            yield before + after.lstrip(), "without the leading space"
    left, slash, resource = text.partition("/")
    local, sign, domain = left.rpartition("@")
    tail = slash + resource
    if sign:
        escaped = escape_localpart(local.strip(" "))
        if escaped != local:
            yield f"{escaped}@{domain}{tail}", "with the localpart escaped (XEP-0106)"
    whole, sign, host = text.rpartition("@")
    if slash and sign and "/" in whole:
        escaped = escape_localpart(whole.strip(" "))
        yield f"{escaped}@{host}", "with the localpart escaped (XEP-0106)"
    head = left[: len(left) - len(domain)]
    if _PORT.search(domain):
        yield head + _PORT.sub("", domain) + tail, "without the port: DNS says it (RFC 6120 section 3.2)"
    tidy = re.sub(r"\.{2,}", ".", domain).strip(".")
    tidy = ".".join(label.strip("-") for label in tidy.split("."))
    if tidy != domain:
        yield head + tidy + tail, "without the dots and hyphens that are too many"


def _verified(candidates: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Those that are addresses, each once."""
    seen: set[str] = set()
    for text, reason in candidates:
        try:
            address = str(JID(text))
        except JIDError:
            continue
        if address not in seen:
            seen.add(address)
            yield address, reason


def _uri_candidates(text: str, fault: Fault) -> Iterator[tuple[str, str]]:
    if text != text.strip():
        yield text.strip(), "without white space around it"
    if fault.part == "scheme":
        with suppress(JIDError):
            yield str(XmppURI(JID(text))), "an address as a URI"
        yield "xmpp:" + text.rpartition("://")[2], "with the scheme of addresses"
        return
    if fault.part == "authority":
        yield "xmpp:" + text.partition(":")[2].lstrip("/"), "without an authority, which says whom to log in as"
    if fault.code_point == "&":
        yield text[: fault.position] + text[fault.position or 0 :].replace("&", ";"), 'with ";" between pairs'
    else:
        yield _all_encoded(text), "percent-encoded"
    yield _PORT.sub("", text), "without the port: DNS says it (RFC 6120 section 3.2)"
    head, _, tail = text.partition(":")
    address = re.split(r"[?#]", tail)[0]
    try:
        plain = decoded(address, "address")
        fixed = next(_verified(_jid_candidates(plain, fault)), None) if head.lower() == "xmpp" else None
        if fixed is not None:
            yield str(XmppURI(JID(fixed[0]))) + tail[len(address) :], fixed[1]
    except (URIError, ValueError):
        return


def _all_encoded(text: str) -> str:
    """Percent-encode, one after the other, what must be."""
    for _ in range(_ROUNDS):
        try:
            XmppURI.parse(text)
        except URIError as error:
            at = error.position
            if at is None or error.code_point != text[at : at + 1] or isinstance(error.__cause__, JIDError):
                return text
            text = text[:at] + encoded(text[at], _NOTHING, iri=False) + text[at + 1 :]
        else:
            return text
    return text


def _verified_uris(candidates: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Those that are URIs with a meaning, each once."""
    seen: set[str] = set()
    while True:
        try:
            text, reason = next(candidates)
            uri = CommonProfileURI.parse(text) if text[:2].lower() in ("im", "pr") else XmppURI.parse(text)
            if isinstance(uri, XmppURI):
                _ = uri.action
        except StopIteration:
            return
        except URIError:
            continue
        if str(uri) not in seen:
            seen.add(str(uri))
            yield str(uri), reason


class _Writer:
    """Writes for people: control characters are made visible, marks stand where they point."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._ascii = (getattr(out, "encoding", None) or "utf-8").lower().replace("-", "") != "utf8"

    def tell(self, told: Told) -> None:
        """Write all of it."""
        for part in told.parts:
            changed = part.result is not None and part.result != part.written
            self._row(0, part.name, part.written + (f"  becomes  {part.result}" if changed else ""))
            for step in part.steps:
                if step.after is None:
                    self._row(2, step.name, f"refused  ({step.section})")
                else:
                    same = step.after == step.before
                    self._row(2, step.name, ("unchanged" if same else step.after) + f"  ({step.section})")
        if told.parts and (told.results or told.notes):
            self._out.write("\n")
        for name, value in told.results.items():
            self._row(0, name, value)
        for pair in told.pairs:
            self._row(2, pair.key, pair.value + ("" if pair.known else "  (not registered: ignored)"))
        for note in told.notes:
            self._line(note)
        if told.fault is not None:
            self._refusal(told, told.fault)

    def _refusal(self, told: Told, fault: Fault) -> None:
        if told.parts:
            self._out.write("\n")
        self._line(f"refused: the {fault.part} holds {fault.rule} ({fault.section})")
        if fault.named is not None:
            self._line(f"  {fault.named}")
        if fault.position is not None and told.text:
            text, column, width = marked(told.text, fault.position, ascii_only=self._ascii)
            self._out.write(f"\n  {text}\n  {' ' * column}{'^' * width}\n")
        if told.suggestions:
            self._out.write("\n")
            self._line("perhaps meant:")
            for text, reason in told.suggestions:
                self._line(f"  {text}    {reason}")

    def _row(self, indent: int, name: str, value: str) -> None:
        self._line(f"{' ' * indent}{name:<{30 - indent}} {value}")

    def _line(self, text: str) -> None:
        self._out.write(visible(text, ascii_only=self._ascii).rstrip() + "\n")


# What there is to explain besides: what it is, and the command that does.
_OTHERS: Final[dict[str, tuple[str, Command]]] = {
    "cert": ("a certificate", explain_cert.COMMAND),
    "sasl": ("an authentication", explain_sasl.COMMAND),
}

COMMAND: Final = Command(_DESCRIPTION, _arguments, _run)
