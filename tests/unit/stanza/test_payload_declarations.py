"""Payloads declared: each kind of field, defaults, cardinality, policies, namespaces, and what cannot be meant."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import sys
from collections.abc import Callable
from enum import Enum
from typing import Any, ClassVar, Self
from xml.etree.ElementTree import Element, SubElement

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import IQ, JID, LocalProtocolError, Message, PayloadError, Presence
from xmpp_core.namespaces import XML_LANG
from xmpp_core.stanza import payload as p
from xmpp_core.stanza.payload import decode, encode, payload, shape_of, unknown_of
from xmpp_core.xml.names import equal

NS, OLD = "urn:example:1", "urn:example:0"


class Mood(Enum):
    GLAD = "glad"
    SAD = "sad"


@payload((NS, OLD), "leaf")
class Leaf:
    """A leaf."""

    id: int = p.attribute(codec=p.UNSIGNED_BYTE)
    words: str = p.text(default="")


@payload(NS, "other")
class Other:
    """Nothing at all."""


@payload((NS, OLD), "all")
class Everything:
    """One field of each kind."""

    SIZE: ClassVar[int] = 3
    name: str = p.attribute()
    to: JID | None = p.attribute(default=None)
    lang: str | None = p.attribute(XML_LANG, codec=p.LANGUAGE, default=None)
    count_of: int = p.attribute(default=7)
    shown: bool = p.attribute(default=False, always=True)
    required: bool = p.flag(default=False)
    title: str | None = p.child_text(default=None)
    values: tuple[int, ...] = p.child_texts("value", codec=p.BYTE, default=(), most=3)
    by: JID | None = p.child_attribute("jid", "actor", default=None)
    features: tuple[str, ...] = p.child_attributes("var", "feature", namespace="urn:example:other", default=())
    subjects: dict[str | None, str] = p.localized("subject", default={})
    mood: Mood | None = p.child_name(codec=p.enum(Mood), default=None)
    leaf: Leaf | None = p.child(Leaf, default=None)
    either: Message | Presence | None = p.choice(Message, Presence, default=None)
    inner: tuple[Self, ...] = p.children(Self, default=())
    vcard: Element | None = p.raw("vCard", namespace="vcard-temp", default=None)
    others: tuple[Element, ...] = p.rest(default=())


FULL = f"""
<all xmlns='{NS}' name='n' to='a@b' xml:lang='de' count-of='9' shown='true'>
  <required/><title>t</title><value>1</value><value>-2</value><actor jid='c@d'/>
  <feature xmlns='urn:example:other' var='f'/><feature xmlns='urn:example:other' var='g'/>
  <subject>s</subject><subject xml:lang='de'>S</subject><glad/><leaf id='1'>green</leaf>
  <presence xmlns='jabber:client' from='a@b'/>
  <all name='inside' shown='false'/>
  <vCard xmlns='vcard-temp'><FN>x</FN></vCard>
  <one xmlns='urn:example:more'/><two xmlns='urn:example:more'>2</two>
</all>
"""


def full() -> Everything:
    rest = element("<r xmlns='urn:example:more'><one/><two>2</two></r>")
    return Everything(
        "n", JID("a@b"), "de", 9, True, True, "t", (1, -2), JID("c@d"), ("f", "g"), {None: "s", "de": "S"}, Mood.GLAD,
        Leaf(1, "green"), Presence(from_="a@b"), (Everything("inside"),),
        element("<vCard xmlns='vcard-temp'><FN>x</FN></vCard>"), tuple(rest),
    )  # fmt: skip


@pytest.mark.feature("STZ-07", "EXT-01")
def test_every_kind_of_field_both_ways() -> None:
    read = both_ways(FULL, full())
    assert isinstance(read.either, Presence)
    assert read.inner[0].name == "inside"


def test_defaults_are_read_and_not_written_unless_asked_for() -> None:
    both_ways(f"<all xmlns='{NS}' name=''/>", Everything(""), written=f"<all xmlns='{NS}' name='' shown='false'/>")
    assert Everything("x").count_of == 7
    assert Everything("x").subjects == {}
    assert Everything("x").subjects is not Everything("x").subjects


def test_the_class_is_a_plain_frozen_dataclass() -> None:
    leaf = Leaf(1, words="x")
    assert [one.name for one in dataclasses.fields(leaf)][:2] == ["id", "words"]
    assert repr(leaf) == "Leaf(id=1, words='x')"
    assert dataclasses.replace(leaf, words="y") == Leaf(1, "y")
    assert hash(leaf) == hash(Leaf(1, "x"))
    assert pickle.loads(pickle.dumps(leaf)) == copy.deepcopy(leaf) == leaf
    assert not hasattr(leaf, "__dict__")
    with pytest.raises(dataclasses.FrozenInstanceError):
        leaf.id = 2  # type: ignore[misc]
    match leaf:
        case Leaf(number, words):
            assert (number, words) == (1, "x")


@pytest.mark.parametrize(
    ("inside", "path"),
    [
        ("<leaf id='256'/>", "all/leaf/@id"),
        ("<leaf/>", "all/leaf/@id"),
        ("<leaf id='1'/><leaf id='2'/>", "all/leaf"),
        ("<title/><title/>", "all/title"),
        ("<value>x</value>", "all/value"),
        ("<value>1</value><value>1</value><value>1</value><value>1</value>", "all/value"),
        ("<actor/>", "all/actor/@jid"),
        ("<actor jid='@'/>", "all/actor/@jid"),
        ("<actor jid='a'/><actor jid='a'/>", "all/actor"),
        ("<glad/><sad/>", "all/*"),
        ("<subject/><subject/>", "all/subject"),
        ("<all/>", "all/all/@name"),
        ("<all name='x'><all name='y' count-of='z'/></all>", "all/all/all/@count-of"),
        ("<message xmlns='jabber:client' from='@'/>", "all/message"),
    ],
)
def test_an_error_names_the_path(inside: str, path: str) -> None:
    refused(Everything, f"<all xmlns='{NS}' name='x'>{inside}</all>", path)


def test_an_element_of_another_name_is_refused() -> None:
    refused(Leaf, "<leaf xmlns='urn:example:2' id='1'/>", "leaf")


def test_no_word_of_the_peer_is_in_an_error() -> None:
    with pytest.raises(PayloadError) as caught:
        decode(Leaf, element(f"<leaf xmlns='{NS}' id='secret'/>"))
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


# What the type checker would refuse.
AnyLeaf: Any = Leaf
AnyAll: Any = Everything


@pytest.mark.feature("STZ-07")
@pytest.mark.parametrize(
    "build",
    [
        lambda: AnyLeaf(256),
        lambda: AnyLeaf("1"),
        lambda: AnyLeaf(1, None),
        lambda: AnyAll(None),
        lambda: AnyAll("x", "a@b"),
        lambda: AnyAll("x", lang="not a tag"),
        lambda: AnyAll("x", shown=1),
        lambda: AnyAll("x", required=None),
        lambda: AnyAll("x", values=(1, 2, 3, 4)),
        lambda: AnyAll("x", values="12"),
        lambda: AnyAll("x", values=("1",)),
        lambda: AnyAll("x", mood="glad"),
        lambda: AnyAll("x", subjects={1: "x"}),
        lambda: AnyAll("x", leaf=Other()),
        lambda: AnyAll("x", either=IQ(type="get", id="1")),
        lambda: AnyAll("x", inner=(AnyLeaf(1),)),
        lambda: AnyAll("x", vcard=Element("vCard")),
        lambda: AnyAll("x", others=("x",)),
    ],
)
def test_what_is_built_is_held_to_the_same_rules(build: Callable[[], object]) -> None:
    with pytest.raises(PayloadError) as caught:
        build()
    assert caught.value.path.startswith(("leaf/", "all/"))


def test_several_may_be_given_as_any_iterable() -> None:
    assert Everything("x", values=[1, 2]).values == (1, 2)  # type: ignore[arg-type]


@pytest.mark.feature("EXT-05")
def test_the_namespace_read_is_the_namespace_written() -> None:
    old = element(f"<all xmlns='{OLD}' name='x' shown='false'><leaf id='1'/></all>")
    value = decode(Everything, old)
    assert equal(encode(value), old)
    assert value == Everything("x", leaf=Leaf(1))
    # What is new inside follows what is around it; another namespace is written when told.
    assert equal(encode(Everything("x", leaf=Leaf(1)), OLD), old)
    assert encode(value, NS).tag == f"{{{NS}}}all"
    assert encode(Leaf(1)).tag == f"{{{NS}}}leaf"
    with pytest.raises(ValueError):
        encode(value, "urn:example:2")


@payload(NS, "strict", unknown=p.REFUSE)
class Strict:
    """Refuses what it does not know."""

    a: str | None = p.attribute(default=None)


@payload(NS, "loose", unknown=p.IGNORE)
class Loose:
    """Drops what it does not know."""

    a: str | None = p.attribute(default=None)


@payload(NS, "keeping")
class Keeping:
    """Keeps what it does not know."""

    a: str | None = p.attribute(default=None)


@pytest.mark.parametrize(("b", "words", "child"), [("b='2'", "", ""), ("", "words", ""), ("", "", "<x/>")])
def test_what_is_unknown(b: str, words: str, child: str) -> None:
    text = f"xmlns='{NS}' a='1' {b}>{words}{child}</"
    refused(Strict, f"<strict {text}strict>", "strict")
    assert decode(Loose, element(f"<loose {text}loose>")) == Loose("1")
    assert equal(encode(decode(Loose, element(f"<loose {text}loose>"))), encode(Loose("1")))
    source = element(f"<keeping {text}keeping>")
    kept = decode(Keeping, source)
    assert equal(encode(kept), source)
    assert kept != Keeping("1")
    assert dataclasses.replace(kept, a="2") != Keeping("2")
    unknown = unknown_of(kept)
    assert (len(unknown.attributes), unknown.text or "", len(unknown.elements)) == (bool(b), words, bool(child))
    assert repr(unknown) == f"Unknown({int(bool(b))} attributes, {int(bool(child))} elements)"
    assert unknown_of(Loose()) == unknown_of(Keeping())
    assert unknown_of(Loose()) != 1


class Names(Enum):
    START = "start"
    STOP = "stop"


@payload(NS, ("start", "stop"))
class Switch:
    """Two names."""

    on: Names = p.element_name()
    why: str = p.text(default="")

    def validate(self) -> None:
        if self.why == "no reason":
            raise PayloadError("text()", "there is a reason", "not-acceptable")


def test_a_name_can_be_a_value() -> None:
    read = decode(Switch, element(f"<stop xmlns='{NS}'>tired</stop>"))
    assert read.on is Names.STOP
    assert encode(read).tag == f"{{{NS}}}stop"


@payload(NS, "machine")
class Machine:
    """One child of two names."""

    switch: Switch = p.child(Switch)


def test_an_error_names_the_element_that_was_read() -> None:
    for name in ("start", "stop"):
        bad = f"<{name} xmlns='{NS}'>no reason</{name}>"
        refused(Switch, bad, f"{name}/text()", "not-acceptable")
        refused(Machine, f"<machine xmlns='{NS}'>{bad}</machine>", f"machine/{name}/text()", "not-acceptable")
        two = f"<machine xmlns='{NS}'><start/><{name}/></machine>"
        refused(Machine, two, f"machine/{name}")
    assert (
        encode(decode(Machine, element(f"<machine xmlns='{NS}'><stop/></machine>"))).find(f"{{{NS}}}stop") is not None
    )


def test_rules_for_several_fields_hold_both_ways() -> None:
    value = decode(Switch, element(f"<stop xmlns='{NS}'>x</stop>"))
    with pytest.raises(PayloadError):
        dataclasses.replace(value, why="no reason")


@payload(NS, "envelope")
class Envelope:
    """One child, whatever it is."""

    item: Element = p.any_child()
    number: int = p.child_text(codec=p.INTEGER, kw_only=True)


def test_any_child() -> None:
    both_ways(
        f"<envelope xmlns='{NS}'><x xmlns='urn:x'/><number>5</number></envelope>",
        Envelope(Element("{urn:x}x"), number=5),
    )
    refused(Envelope, f"<envelope xmlns='{NS}'><number>5</number></envelope>", "envelope/*")
    refused(Envelope, f"<envelope xmlns='{NS}'><a/><b/><number>5</number></envelope>", "envelope/*")


def test_nesting_beyond_reason_is_refused() -> None:
    root = top = Element(f"{{{NS}}}all", {"name": "x"})
    for _ in range(sys.getrecursionlimit()):  # other tests of the process may have raised it
        top = SubElement(top, f"{{{NS}}}all", {"name": "x"})
    with pytest.raises(PayloadError, match="nested too deeply"):
        decode(Everything, root)


@payload()
class Told:
    """What several say of themselves."""

    LIMIT: ClassVar[int] = 2
    by: JID | None = p.attribute(default=None, kw_only=True)
    urgent: bool = p.flag(default=False, kw_only=True)

    @property
    def shown(self) -> str:
        return f"{self.by}{'!' * self.urgent}"


@payload()
class Counted(Told):
    """A mixin may have one."""

    count: int = p.attribute(codec=p.UNSIGNED_BYTE)

    def validate(self) -> None:
        if self.count > self.LIMIT:
            raise PayloadError("@count", "no more than the limit")


@payload((NS, OLD), "news")
class News(Counted):
    """Begins with what it inherits."""

    words: str = p.text(default="")


@payload(NS, "hint")
class Hint(Told):
    """Has the same without a word of it."""


def test_fields_are_inherited_from_a_mixin() -> None:
    read = both_ways(
        f"<news xmlns='{NS}' by='a@b' count='2'>rain<urgent/></news>", News(2, "rain", by=JID("a@b"), urgent=True)
    )
    assert read.shown == "a@b!"
    both_ways(f"<hint xmlns='{NS}'><urgent/></hint>", Hint(urgent=True))
    refused(News, f"<news xmlns='{NS}' count='3'/>", "news/@count")
    with pytest.raises(PayloadError):
        Hint(urgent=1)  # type: ignore[arg-type]
    assert [one.name for one in dataclasses.fields(read)][:4] == ["by", "urgent", "count", "words"]
    assert [one.name for one in dataclasses.fields(Hint())][:2] == ["by", "urgent"]
    assert not hasattr(read, "__dict__")
    assert hash(read) == hash(dataclasses.replace(read))
    assert pickle.loads(pickle.dumps(read)) == copy.deepcopy(read) == read
    with pytest.raises(dataclasses.FrozenInstanceError):
        read.urgent = False  # type: ignore[misc]
    assert Told.__qualname__ == "Told"
    with pytest.raises(TypeError):
        shape_of(Told)


def inheriting(*bases: type, **fields: Any) -> Callable[[], object]:
    hints = dict.fromkeys(fields, bool)
    return lambda: payload(NS, "x")(type("Bad", bases, {"__annotations__": hints, **fields}))


Signed: Any = payload()(type("Signed", (), {"__annotations__": {"by": str}, "by": p.attribute()}))


@pytest.mark.parametrize(
    "make",
    [
        inheriting(Told, urgent=p.flag(default=False)),
        inheriting(Told, Signed),
        lambda: payload(NS)(type("Bad", (), {})),
        lambda: payload(name="x")(type("Bad", (), {})),
    ],
)
def test_a_field_is_declared_once_and_a_payload_has_both_names(make: Callable[[], object]) -> None:
    with pytest.raises(TypeError):
        make()


def declared(**fields: Any) -> Callable[[], object]:
    """Make a declaration that cannot be meant."""
    hints = {name: hint for name, (hint, _) in fields.items()}
    values = {name: value for name, (_, value) in fields.items()}
    return lambda: payload(NS, "x")(type("Bad", (), {"__annotations__": hints, **values}))


@pytest.mark.parametrize(
    "make",
    [
        declared(a=(str, "plain")),
        declared(a=(list, p.attribute())),
        declared(a=("Unheard", p.attribute())),
        declared(_a=(str, p.attribute())),
        declared(a=(str, p.text(default=None))),
        declared(a=(dict, p.localized(default={None: "x"}))),
        declared(a=(tuple[str, ...], p.child_texts(default=("x",)))),
        declared(a=(str, p.text()), b=(str, p.text())),
        declared(a=(str, p.attribute(default="")), b=(str, p.attribute())),
        declared(a=(Mood, p.element_name(codec=p.enum(Mood)))),
        lambda: payload(NS, ("a", "b"))(type("Bad", (), {"__annotations__": {}})),
        lambda: payload(NS, ("glad", "c"))(type("Bad", (), {"__annotations__": {"a": Mood}, "a": p.element_name()})),
        lambda: payload((), "x")(type("Bad", (), {})),
        lambda: payload(NS, "x", unknown="what")(type("Bad", (), {})),
        lambda: payload(NS, "x")(type("Bad", (), {"__post_init__": lambda self: None})),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(TypeError):
        make()


def test_only_payloads_have_a_shape() -> None:
    for thing in (str, Message, None, Element("x")):
        with pytest.raises(TypeError):
            shape_of(thing)
    assert shape_of(Leaf) is shape_of(Leaf(1))
    with pytest.raises(LocalProtocolError):
        Message(payloads=["x"])
    with pytest.raises(LocalProtocolError):
        Message(payloads=[Leaf])


@payload(NS, "needy")
class Needy:
    """All of it must be there."""

    words: str = p.text()
    titles: dict[str | None, str] = p.localized("title")
    leaves: tuple[Leaf | Other, ...] = p.choices(Leaf, Other, least=2)
    codes: tuple[str, ...] = p.child_texts("code", codec=p.SOME_TEXT)


@payload(NS, "ready", unknown=p.IGNORE)
class Ready:
    """Defaults that are something."""

    size: int = p.child_text(codec=p.BYTE, default=5)
    pair: tuple[Leaf, ...] = p.children(Leaf, default=(), least=2)


NEEDY = "<title>t</title><leaf id='1'/><other/><code>c</code>"


def test_what_must_be_there() -> None:
    both_ways(f"<needy xmlns='{NS}'>{NEEDY}</needy>", Needy("", {None: "t"}, (Leaf(1), Other()), ("c",)))
    for gone, path in (
        ("<title>t</title>", "needy/title"),
        ("<other/>", "needy/*"),
        ("<code>c</code>", "needy/code"),
        (">c<", "needy/code"),
    ):
        refused(Needy, f"<needy xmlns='{NS}'>{NEEDY.replace(gone, '><' if gone == '>c<' else '')}</needy>", path)
    with pytest.raises(PayloadError):
        Needy("", {}, (Leaf(1), Other()), ("c",))
    with pytest.raises(PayloadError):
        Needy("", {None: "t"}, (Leaf(1),), ("c",))


def test_defaults_that_are_something() -> None:
    read = decode(Ready, element(f"<ready xmlns='{NS}'><unheard/></ready>"))
    assert read == Ready()
    assert (read.size, read.pair) == (5, ())
    refused(Ready, f"<ready xmlns='{NS}'><leaf id='1'/></ready>", "ready/leaf")
    with pytest.raises(PayloadError):
        Ready(pair=(Leaf(1),))
    both_ways(
        f"<ready xmlns='{NS}'><size>6</size><leaf id='1'/><leaf id='2'/></ready>",
        Ready(size=6, pair=(Leaf(1), Leaf(2))),
    )


def test_values_with_elements_are_compared_by_what_they_say() -> None:
    one = Envelope(Element("{urn:x}x"), number=5)
    assert one == Envelope(Element("{urn:x}x"), number=5)
    assert one != Envelope(Element("{urn:x}y"), number=5)
    assert one != Envelope(Element("{urn:x}x"), number=6)
    assert one != AnyLeaf(1)
    with pytest.raises(TypeError):
        hash(one)
