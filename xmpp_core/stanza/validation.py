"""Schema-level validation, on demand: what breaks a rule of the core namespaces, where, and which rule (`schema`).

Nothing in the engine asks for this: it checks what it relies on itself. It is for tests of other software, for
gateways that want to refuse early, and for finding out what is wrong with an element.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from ..namespaces import CLIENT, SERVER, XML_LANG
from ..xml.names import split
from .schema import MANY, RULES, Children, ElementRule

__all__ = ["Violation", "violations"]

_DEEPEST: Final = 32


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that an element breaks. No text of it holds anything of the element but names the schema knows."""

    path: str
    """Where: `message/body[2]/@xml:lang`."""
    rule: str
    section: str
    strict: bool
    """Whether only the schema forbids it, which describes and does not oblige (RFC 6120 appendix A)."""


def violations(element: Element, *, strict: bool = False) -> list[Violation]:
    """Give what breaks the rules of the core namespaces in an element and what it holds; empty when all is well.

    `strict` adds what only the schemas say: identifiers that are no name tokens, unknown attributes, an order
    of children. Elements in other namespaces are not looked into. Raises `ValueError` for an element of no
    core namespace.
    """
    if element.tag not in RULES:
        raise ValueError("the core namespaces define no such element")
    found = _violations(element, split(element.tag)[1], 0)
    return [one for one in found if strict or not one.strict]


def _violations(element: Element, path: str, depth: int) -> Iterator[Violation]:
    rule = RULES[element.tag]
    yield from _attributes(element, rule, path)
    yield from _text(element, rule, path)
    if rule.text is not None:
        return
    yield from _counts(element, rule, path)
    if split(element.tag) in _IQS:
        yield from _iq(element, path)
    namespace = split(element.tag)[0]
    known = frozenset().union(*(one.tags for one in rule.children))
    others, numbers = 0, dict[str, int]()
    for child in element:
        space, name = split(child.tag)
        if child.tag in known:
            numbers[name] = numbers.get(name, 0) + 1
            if child.tag in RULES and depth < _DEEPEST:
                number = f"[{numbers[name]}]" if numbers[name] > 1 else ""
                yield from _violations(child, f"{path}/{name}{number}", depth + 1)
        elif space == namespace:
            yield Violation(f"{path}/*", "a child that the namespace does not define", rule.section, strict=True)
        else:
            others += 1
            if child.tag in RULES and depth < _DEEPEST:
                yield from _violations(child, f"{path}/{name}", depth + 1)
    if others > rule.others:
        most = "no child" if not rule.others else f"more than {rule.others}"
        yield Violation(path, f"{most} in another namespace", rule.section, strict=False)
    if rule.last and any(one.tag == rule.last for one in element[:-1]):
        yield Violation(f"{path}/error", "the error stands at the end", rule.section, strict=True)


def _attributes(element: Element, rule: ElementRule, path: str) -> Iterator[Violation]:
    for name, expected in rule.attributes.items():
        place = f"{path}/@{'xml:lang' if name == XML_LANG else name}"
        value = element.get(name)
        if value is None:
            if expected.required:
                yield Violation(place, "what must be there is missing", expected.section, strict=False)
            continue
        if name == XML_LANG and not value:
            continue  # takes back what was inherited (XML 1.0 section 2.12)
        try:
            expected.codec.read(value)
        except ValueError:
            yield Violation(place, f"not {expected.codec.rule}", expected.section, expected.strict)
    for name in element.keys() - rule.attributes.keys():
        if not (rule.foreign_attributes and name.startswith("{")):
            yield Violation(f"{path}/@*", "an attribute that the schema does not define", rule.section, strict=True)


def _text(element: Element, rule: ElementRule, path: str) -> Iterator[Violation]:
    texts = [element.text or "", *(child.tail or "" for child in element)]
    if rule.text is None:
        if any(text.strip() for text in texts):
            yield Violation(path, "a text between elements", rule.section, strict=False)
        return
    if len(element):
        yield Violation(path, "elements where only a text may be", rule.section, strict=False)
        return
    try:
        rule.text.read(texts[0])
    except ValueError:
        yield Violation(f"{path}/text()", f"not {rule.text.rule}", rule.section, strict=False)


def _counts(element: Element, rule: ElementRule, path: str) -> Iterator[Violation]:
    for expected in rule.children:
        found = [child for child in element if child.tag in expected.tags]
        name = _named(expected)
        if len(found) < expected.least:
            yield Violation(f"{path}/{name}", "what must be there is missing", expected.section, expected.strict)
        if expected.most == MANY:
            continue
        if expected.by_language:
            if len({child.get(XML_LANG) for child in found}) < len(found):
                yield Violation(f"{path}/{name}", "more than one in one language", expected.section, expected.strict)
        elif len(found) > expected.most:
            yield Violation(f"{path}/{name}", "more than one", expected.section, expected.strict)


def _named(expected: Children) -> str:
    return split(next(iter(expected.tags)))[1] if len(expected.tags) == 1 else "*"


_IQS: Final = frozenset({(CLIENT, "iq"), (SERVER, "iq")})


def _iq(element: Element, path: str) -> Iterator[Violation]:
    """Check what depends on the type (RFC 6120 section 8.2.3)."""
    kind, own = element.get("type"), element.tag[:-2]
    payloads = sum(not child.tag.startswith(own) for child in element)
    if kind in ("get", "set") and payloads != 1:
        yield Violation(path, "a request has exactly one payload", "RFC 6120 section 8.2.3", strict=False)
    if kind == "error" and element.find(f"{own}error") is None:
        yield Violation(f"{path}/error", "what must be there is missing", "RFC 6120 section 8.3.1", strict=False)
