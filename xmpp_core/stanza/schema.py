"""The schemas of the core namespaces as tables (RFC 6120 appendix A, RFC 6121 appendix D).

The schemas describe and do not oblige (appendix A); where the text of an RFC obliges as well, a row is not
`strict`, and cites the text. `validation` reads these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..namespaces import BIND, CLIENT, ROSTER, SASL, SERVER, STANZA_ERRORS, STREAM, STREAM_ERRORS, TLS, XML_LANG
from ..sasl.conditions import SaslCondition
from .conditions import CONDITIONS, ERROR_TYPES
from .payload_codecs import ADDRESS, BOOL, BYTE, DECIMAL, LANGUAGE, SOME_TEXT, TEXT, Codec, pattern

__all__ = ["MANY", "RULES", "STREAM_CONDITIONS", "Attribute", "Children", "ElementRule"]

MANY: Final = 1 << 30
"""No bound."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that an element may have."""

    codec: Codec[Any]
    section: str
    required: bool = False
    strict: bool = False
    """Whether only the schema asks for a value like that."""


@dataclass(frozen=True, slots=True)
class Children:
    """How many of some children there may be: of one of these Clark names, taken together."""

    tags: frozenset[str]
    most: int
    section: str
    least: int = 0
    by_language: bool = False
    """Whether there may be one in each language instead of one."""
    strict: bool = False


@dataclass(frozen=True, slots=True)
class ElementRule:
    """What an element may hold."""

    section: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    children: tuple[Children, ...] = ()
    others: int = 0
    """How many children in other namespaces there may be."""
    text: Codec[Any] | None = None
    """What its text is; None: it has none."""
    foreign_attributes: bool = False
    last: str = ""
    """The child that stands at the end, by its Clark name."""


def _words(*words: str) -> Codec[str]:
    return pattern("|".join(words), f"one of {', '.join(words)}")


_NMTOKEN: Final = pattern(r"[\w:.\-\u00b7]+", "a name token (XML 1.0 section 2.3)")
_EMPTY: Final = pattern("", "nothing")
_STATUS: Final = pattern(r"(?s).{1,1024}", "a text of 1 to 1024 characters")
_RESOURCE: Final = pattern(r"(?s).{1,1023}", "a text of 1 to 1023 characters")

STREAM_CONDITIONS: Final = frozenset(
    {
        "bad-format", "bad-namespace-prefix", "conflict", "connection-timeout", "host-gone", "host-unknown",
        "improper-addressing", "internal-server-error", "invalid-from", "invalid-id", "invalid-namespace",
        "invalid-xml", "not-authorized", "not-well-formed", "policy-violation", "remote-connection-failed", "reset",
        "resource-constraint", "restricted-xml", "see-other-host", "system-shutdown", "undefined-condition",
        "unsupported-encoding", "unsupported-feature", "unsupported-stanza-type", "unsupported-version",
    }
)  # fmt: skip
"""Those of appendix A.2, and `unsupported-feature`, which section 4.9.3.23 defines and the schema forgot."""


def _lang(section: str) -> dict[str, Attribute]:
    return {XML_LANG: Attribute(LANGUAGE, section)}


def _one_of(namespace: str, names: Any, section: str, *, least: int = 1) -> Children:
    return Children(frozenset(f"{{{namespace}}}{name}" for name in names), 1, section, least)


def _stanza(namespace: str, appendix: str, types: Attribute, *children: Children, id_required: bool) -> ElementRule:
    # Between servers both addresses are always there (section 8.1.1.2).
    between = namespace == SERVER
    stanza = "RFC 6120 section 8.1"
    attributes = {
        "from": Attribute(ADDRESS, f"{stanza}.2", between),
        "to": Attribute(ADDRESS, f"{stanza}.1", between),
        "id": Attribute(_NMTOKEN, appendix, strict=True),
        "type": types,
        **_lang(f"{stanza}.5"),
    }
    if id_required:
        attributes["id"] = Attribute(SOME_TEXT, "RFC 6120 section 8.2.3", required=True)
    error = f"{{{namespace}}}error"
    return ElementRule(
        appendix,
        attributes,
        (*children, Children(frozenset({error}), 1, "RFC 6120 section 8.3")),
        1 if id_required else MANY,
        last=error,
    )


def _content(namespace: str, appendix: str) -> dict[str, ElementRule]:
    """Give the rules of a content namespace."""

    def children(name: str, section: str, **given: Any) -> Children:
        return Children(frozenset({f"{{{namespace}}}{name}"}), 1, f"RFC 6121 section {section}", **given)

    rules = {
        "message": _stanza(
            namespace,
            appendix,
            Attribute(
                _words("chat", "error", "groupchat", "headline", "normal"), "RFC 6121 section 5.2.2", strict=True
            ),
            children("body", "5.2.3", by_language=True),
            children("subject", "5.2.4", by_language=True),
            children("thread", "5.2.5"),
            id_required=False,
        ),
        "presence": _stanza(
            namespace,
            appendix,
            Attribute(
                _words("error", "probe", "subscribe", "subscribed", "unavailable", "unsubscribe", "unsubscribed"),
                "RFC 6121 section 4.7.1",
            ),
            children("show", "4.7.2.1"),
            children("status", "4.7.2.2", by_language=True),
            children("priority", "4.7.2.3"),
            id_required=False,
        ),
        "iq": _stanza(
            namespace,
            appendix,
            Attribute(_words("error", "get", "result", "set"), "RFC 6120 section 8.2.3", required=True),
            id_required=True,
        ),
        "body": ElementRule("RFC 6121 section 5.2.3", _lang("RFC 6121 section 5.2.3"), text=TEXT),
        "subject": ElementRule("RFC 6121 section 5.2.4", _lang("RFC 6121 section 5.2.4"), text=TEXT),
        "thread": ElementRule(
            "RFC 6121 section 5.2.5", {"parent": Attribute(_NMTOKEN, appendix, strict=True)}, text=TEXT
        ),
        "show": ElementRule("RFC 6121 section 4.7.2.1", text=_words("away", "chat", "dnd", "xa")),
        "status": ElementRule("RFC 6121 section 4.7.2.2", _lang("RFC 6121 section 4.7.2.2"), text=_STATUS),
        "priority": ElementRule("RFC 6121 section 4.7.2.3", text=BYTE),
        "error": ElementRule(
            "RFC 6120 section 8.3.2",
            {
                "type": Attribute(_words(*sorted(ERROR_TYPES)), "RFC 6120 section 8.3.2", required=True),
                "by": Attribute(ADDRESS, "RFC 6120 section 8.3.1"),
            },
            (
                _one_of(STANZA_ERRORS, CONDITIONS, "RFC 6120 section 8.3.2"),
                Children(frozenset({f"{{{STANZA_ERRORS}}}text"}), 1, "RFC 6120 section 8.3.2", by_language=True),
            ),
            MANY,  # section 8.3.4: one is meant, and the schema allows none; the text decides
        ),
    }
    return {f"{{{namespace}}}{name}": rule for name, rule in rules.items()}


def _empty(namespace: str, names: Any, section: str) -> dict[str, ElementRule]:
    return {f"{{{namespace}}}{name}": ElementRule(section, text=_EMPTY) for name in names}


def _texts(namespace: str, names: Any, section: str) -> dict[str, ElementRule]:
    return {f"{{{namespace}}}{name}": ElementRule(section, text=TEXT) for name in names}


_ADDRESSED: Final = frozenset(name for name, row in CONDITIONS.items() if row.holds_address)
_SUBSCRIPTION: Final = _words("both", "from", "none", "remove", "to")

RULES: Final[dict[str, ElementRule]] = {
    **_content(CLIENT, "RFC 6120 appendix A.5"),
    **_content(SERVER, "RFC 6120 appendix A.6"),
    **_empty(STANZA_ERRORS, set(CONDITIONS) - _ADDRESSED, "RFC 6120 appendix A.8"),
    **_texts(STANZA_ERRORS, _ADDRESSED, "RFC 6120 appendix A.8"),
    f"{{{STANZA_ERRORS}}}text": ElementRule("RFC 6120 appendix A.8", _lang("RFC 6120 section 8.3.2"), text=TEXT),
    f"{{{STREAM}}}features": ElementRule("RFC 6120 appendix A.1", others=MANY),
    f"{{{STREAM}}}error": ElementRule(
        "RFC 6120 section 4.9.2",
        {},
        (
            _one_of(STREAM_ERRORS, STREAM_CONDITIONS, "RFC 6120 section 4.9.2"),
            Children(frozenset({f"{{{STREAM_ERRORS}}}text"}), 1, "RFC 6120 section 4.9.2"),
        ),
        1,
    ),
    f"{{{STREAM}}}stream": ElementRule(
        "RFC 6120 section 4.7",
        {
            "from": Attribute(ADDRESS, "RFC 6120 section 4.7.1"),
            "to": Attribute(ADDRESS, "RFC 6120 section 4.7.2"),
            "id": Attribute(TEXT, "RFC 6120 section 4.7.3"),
            **_lang("RFC 6120 section 4.7.4"),
            "version": Attribute(DECIMAL, "RFC 6120 section 4.7.5"),
        },
        (
            Children(frozenset({f"{{{STREAM}}}features"}), 1, "RFC 6120 appendix A.1", strict=True),
            Children(frozenset({f"{{{STREAM}}}error"}), 1, "RFC 6120 section 4.9.1.1"),
        ),
        MANY,
        foreign_attributes=True,
    ),
    **_empty(STREAM_ERRORS, STREAM_CONDITIONS - {"see-other-host"}, "RFC 6120 appendix A.2"),
    **_texts(STREAM_ERRORS, {"see-other-host"}, "RFC 6120 appendix A.2"),
    f"{{{STREAM_ERRORS}}}text": ElementRule("RFC 6120 appendix A.2", _lang("RFC 6120 section 4.9.2"), text=TEXT),
    f"{{{TLS}}}starttls": ElementRule(
        "RFC 6120 appendix A.3", {}, (_one_of(TLS, {"required"}, "RFC 6120 section 5.4.1", least=0),)
    ),
    **_empty(TLS, {"required", "proceed", "failure"}, "RFC 6120 appendix A.3"),
    f"{{{SASL}}}mechanisms": ElementRule(
        "RFC 6120 appendix A.4",
        {},
        (Children(frozenset({f"{{{SASL}}}mechanism"}), MANY, "RFC 6120 section 6.4.1", 1),),
        MANY,
    ),
    f"{{{SASL}}}mechanism": ElementRule(
        "RFC 6120 section 6.4.1", text=pattern("[A-Z0-9_-]{1,20}", "a mechanism name (RFC 4422 section 3.1)")
    ),
    f"{{{SASL}}}auth": ElementRule(
        "RFC 6120 section 6.4.2", {"mechanism": Attribute(_NMTOKEN, "RFC 6120 section 6.4.2", True)}, text=TEXT
    ),
    **_texts(SASL, {"challenge", "response", "success"}, "RFC 6120 appendix A.4"),
    **_empty(SASL, {"abort", *(one.value for one in SaslCondition)}, "RFC 6120 appendix A.4"),
    f"{{{SASL}}}failure": ElementRule(
        "RFC 6120 section 6.4.5",
        {},
        (
            _one_of(SASL, [one.value for one in SaslCondition], "RFC 6120 section 6.5", least=0),
            Children(frozenset({f"{{{SASL}}}text"}), 1, "RFC 6120 section 6.4.5"),
        ),
    ),
    f"{{{SASL}}}text": ElementRule("RFC 6120 appendix A.4", _lang("RFC 6120 section 6.4.5"), text=TEXT),
    f"{{{BIND}}}bind": ElementRule(
        "RFC 6120 section 7",
        {},
        (_one_of(BIND, {"resource", "jid"}, "RFC 6120 appendix A.7", least=0),),
    ),
    f"{{{BIND}}}resource": ElementRule("RFC 6120 appendix A.7", text=_RESOURCE),
    f"{{{BIND}}}jid": ElementRule("RFC 6120 section 7.6.1", text=ADDRESS),
    f"{{{ROSTER}}}query": ElementRule(
        "RFC 6121 section 2.1.1",
        {"ver": Attribute(TEXT, "RFC 6121 section 2.1.1")},
        (Children(frozenset({f"{{{ROSTER}}}item"}), MANY, "RFC 6121 section 2.1.1"),),
    ),
    f"{{{ROSTER}}}item": ElementRule(
        "RFC 6121 section 2.1.2",
        {
            "approved": Attribute(BOOL, "RFC 6121 section 2.1.2.1"),
            "ask": Attribute(_words("subscribe"), "RFC 6121 section 2.1.2.2"),
            "jid": Attribute(ADDRESS, "RFC 6121 section 2.1.2.3", required=True),
            "name": Attribute(TEXT, "RFC 6121 section 2.1.2.4"),
            "subscription": Attribute(_SUBSCRIPTION, "RFC 6121 section 2.1.2.5"),
        },
        (Children(frozenset({f"{{{ROSTER}}}group"}), MANY, "RFC 6121 section 2.1.2.6"),),
    ),
    f"{{{ROSTER}}}group": ElementRule("RFC 6121 section 2.1.2.6", text=SOME_TEXT),
}
"""By Clark name."""
