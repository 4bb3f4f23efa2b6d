"""What every payload class is held to, found by looking for them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import SubElement, fromstring

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payload_shapes import FOREIGN, bent, classes, modules, named, values

from xmpp_core import Message, PayloadError
from xmpp_core.stanza.payload import KEEP, REFUSE, Spec, decode, encode, shape_of
from xmpp_core.xml.names import canonical, equal
from xmpp_core.xml.writer import write

HERE = Path(__file__).parent
# Written from texts that the shared specifications do not have; of their examples some are there.
ELSEWHERE = frozenset({167, 171, 176, 320})
EVERY = pytest.mark.parametrize("kind", classes(), ids=named)
SOME = settings(max_examples=25, suppress_health_check=list(HealthCheck))


@pytest.mark.feature("STZ-07", "EXT-06")
@EVERY
@SOME
@given(st.data())
def test_what_is_written_is_read(kind: type[Any], data: st.DataObject) -> None:
    value = data.draw(values(kind))
    made = encode(value)
    assert decode(kind, made) == value
    over_the_wire = fromstring(write(made))
    assert equal(over_the_wire, made)
    again = decode(kind, over_the_wire)
    assert again == value
    assert equal(encode(again), made)


@pytest.mark.feature("STZ-07")
@EVERY
@SOME
@given(st.data())
def test_what_is_bent_is_refused_or_read_and_never_changed(kind: type[Any], data: st.DataObject) -> None:
    """Reading gives a value that can be written and read again, or `PayloadError`, and nothing else."""
    element = data.draw(bent(kind))
    before = canonical(element)
    try:
        value = decode(kind, element)
    except PayloadError as error:
        assert error.path.partition("/")[0] in shape_of(kind).names
        assert error.rule
    else:
        assert decode(kind, encode(value)) == value
    assert canonical(element) == before


@EVERY
@SOME
@given(st.data())
def test_what_is_unknown_follows_the_policy(kind: type[Any], data: st.DataObject) -> None:
    shape = shape_of(kind)
    value = data.draw(values(kind))
    with_attribute, with_child = encode(value), encode(value)
    with_attribute.set(f"{{{FOREIGN}}}kept", "x")
    SubElement(with_child, f"{{{FOREIGN}}}kept").text = "x"
    cases = [with_attribute]
    if not any(one.kind in ("rest", "any_child") for one in shape.fields):
        cases.append(with_child)
    for element in cases:
        if shape.unknown == REFUSE:
            with pytest.raises(PayloadError):
                decode(kind, element)
        else:
            assert equal(encode(decode(kind, element)), element if shape.unknown == KEEP else encode(value))


@EVERY
def test_each_namespace_is_read_and_written_back(kind: type[Any]) -> None:
    shape = shape_of(kind)
    assert set(shape.decoders) == set(shape.tags)
    assert all(tag.startswith("{") for tag in shape.tags)

    @SOME
    @given(values(kind))
    def check(value: object) -> None:
        for namespace in shape.namespaces:
            made = encode(value, namespace)
            assert made.tag.startswith(f"{{{namespace}}}")
            read = decode(kind, made)
            assert read == value
            assert equal(encode(read), made)

    check()


@EVERY
def test_a_class_says_what_it_is(kind: type[Any]) -> None:
    assert (kind.__doc__ or "").strip()
    assert not (kind.__doc__ or "").startswith(f"{kind.__name__}("), "that is the signature"
    first = (kind.__doc__ or "").splitlines()[0]
    assert first[0].isupper()


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_module_names_its_specification_and_is_tested(module: object) -> None:
    spec = vars(module)["SPEC"]
    assert isinstance(spec, Spec)
    text = vars(module)["__doc__"] or ""
    for word in (str(spec), spec.version, spec.status):
        assert word in text, f"the docstring does not say {word}"
    own = [kind for kind in classes() if kind.__module__ == vars(module)["__name__"]]
    texts = [path.read_text() for path in HERE.glob("test_[0-9]*.py")]
    assert any(re.search(rf"{spec}\b", text) for text in texts), f"no test names {spec}"
    tests = "".join(texts)
    for kind in own:
        assert re.search(rf"\b{kind.__name__}\(", tests), f"{kind.__name__} has no example"
        assert kind.__name__ in vars(module)["__all__"]


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__.rpartition(".")[2])
def test_the_specification_is_the_present_one(module: object, shared: Path) -> None:
    spec = vars(module)["SPEC"]
    if spec.series != "XEP":
        return
    path = shared / "specs" / "xep" / f"xep-{spec.number:04}.txt"
    assert path.exists() != (spec.number in ELSEWHERE)
    if not path.exists():
        return
    head = path.read_text().splitlines()[:3]
    assert head[0] == f"XEP-{spec.number:04}: {spec.title}"
    assert re.search(rf"Status: {spec.status} .*Version: {re.escape(spec.version)} ", head[1]), head[1]


def test_the_harness_finds_them() -> None:
    assert len(classes()) >= len(modules()) >= 4
    with pytest.raises(TypeError):
        shape_of(Message)
