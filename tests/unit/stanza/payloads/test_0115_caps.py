"""XEP-0115: entity capabilities; XEP-0128: the forms that are hashed with them."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element

from xmpp_core.stanza.payload import decode
from xmpp_core.stanza.payloads.caps import ALGORITHMS, Caps, Verdict, flaw, string, verification
from xmpp_core.stanza.payloads.disco import DiscoInfo, Identity
from xmpp_core.stanza.payloads.disco_extensions import (
    SERVER_INFO,
    SOFTWARE_INFO,
    extended,
    extension,
    extensions,
)
from xmpp_core.stanza.payloads.form_types import typed_form
from xmpp_core.stanza.payloads.forms import FieldType, Form, FormField, FormType

FEATURES = (
    "http://jabber.org/protocol/muc",
    "http://jabber.org/protocol/disco#items",
    "http://jabber.org/protocol/caps",
    "http://jabber.org/protocol/disco#info",
)
EXODUS = DiscoInfo(None, (Identity("client", "pc", "Exodus 0.9.1"),), FEATURES)
PSI = """
<query xmlns='http://jabber.org/protocol/disco#info' node='http://psi-im.org#q07IKJEyjvHSyhy//CH0CxmKi8w='>
  <identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>
  <identity xml:lang='el' category='client' name='Ψ 0.11' type='pc'/>
  <feature var='http://jabber.org/protocol/caps'/>
  <feature var='http://jabber.org/protocol/disco#info'/>
  <feature var='http://jabber.org/protocol/disco#items'/>
  <feature var='http://jabber.org/protocol/muc'/>
  <x xmlns='jabber:x:data' type='result'>
    <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field>
    <field var='ip_version' type='text-multi'><value>ipv6</value><value>ipv4</value></field>
    <field var='os'><value>Mac</value></field>
    <field var='os_version'><value>10.5.1</value></field>
    <field var='software'><value>Psi</value></field>
    <field var='software_version'><value>0.11</value></field>
  </x>
</query>
"""


def software(**fields: str) -> Form:
    return typed_form(SOFTWARE_INFO, fields, FormType.RESULT)


@pytest.mark.feature("EXT-04")
def test_the_simple_example() -> None:
    """Section 5.2; the name is one of two identities' in section 5.3."""
    assert string(EXODUS) == (
        b"client/pc//Exodus 0.9.1<http://jabber.org/protocol/caps<http://jabber.org/protocol/disco#info<"
        b"http://jabber.org/protocol/disco#items<http://jabber.org/protocol/muc<"
    )
    assert verification(EXODUS) == "QgayPKawpkPSDYmwT/WM94uAlu0="
    caps = Caps.of("http://code.google.com/p/exodus", EXODUS)
    both_ways(
        """<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://code.google.com/p/exodus'
        ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>""",
        caps,
    )
    assert caps.disco_node == "http://code.google.com/p/exodus#QgayPKawpkPSDYmwT/WM94uAlu0="
    assert caps.judge(EXODUS) is Verdict.VALID


@pytest.mark.feature("EXT-04", "X-0128")
def test_the_complex_example() -> None:
    """Section 5.3: languages, a form, values out of their order."""
    info = decode(DiscoInfo, element(PSI))
    assert string(info).decode() == (
        "client/pc/el/Ψ 0.11<client/pc/en/Psi 0.11<http://jabber.org/protocol/caps<"
        "http://jabber.org/protocol/disco#info<http://jabber.org/protocol/disco#items<http://jabber.org/protocol/muc<"
        "urn:xmpp:dataforms:softwareinfo<ip_version<ipv4<ipv6<os<Mac<os_version<10.5.1<software<Psi<"
        "software_version<0.11<"
    )
    assert verification(info) == "q07IKJEyjvHSyhy//CH0CxmKi8w="
    assert Caps("http://psi-im.org", verification(info), "sha-1").judge(info) is Verdict.VALID


@pytest.mark.feature("EXT-04")
@pytest.mark.parametrize(
    "info",
    [
        DiscoInfo(None, (*EXODUS.identities, *EXODUS.identities), FEATURES),
        DiscoInfo(None, EXODUS.identities, (*FEATURES, FEATURES[0])),
        DiscoInfo(None, EXODUS.identities, FEATURES, (software(os="Mac"), software(os="Linux"))),
        DiscoInfo(
            None,
            EXODUS.identities,
            FEATURES,
            (Form(FormType.RESULT, fields=(FormField("FORM_TYPE", FieldType.HIDDEN, ("a", "b")),)),),
        ),
        DiscoInfo(
            None,
            EXODUS.identities,
            FEATURES,
            (
                Form(
                    FormType.RESULT,
                    fields=(
                        FormField("FORM_TYPE", FieldType.HIDDEN, ("a",)),
                        FormField("FORM_TYPE", FieldType.HIDDEN, ("b",)),
                    ),
                ),
            ),
        ),
    ],
    ids=["identity twice", "feature twice", "form twice", "two values", "two fields"],
)
def test_an_ill_formed_answer_is_never_kept(info: DiscoInfo) -> None:
    """Section 5.4, step 3, numbers 3 to 5: even though its hash is right."""
    assert flaw(info) is not None
    assert Caps("a", verification(info), "sha-1").judge(info) is Verdict.ILL_FORMED


@pytest.mark.feature("EXT-04")
def test_what_is_well_formed_all_the_same() -> None:
    """Identities that differ in one of the four parts; one FORM_TYPE said twice alike (section 5.4, number 5)."""
    several = tuple(Identity("client", "pc", name, lang) for name in ("a", "b") for lang in (None, "en"))
    twice = Form(FormType.RESULT, fields=(FormField("FORM_TYPE", FieldType.HIDDEN, ("a", "a")),))
    info = DiscoInfo(None, several, FEATURES, (twice,))
    assert flaw(info) is None
    assert string(info).endswith(b"muc<a<")


@pytest.mark.feature("EXT-04")
def test_forms_without_a_hidden_form_type_are_left_out() -> None:
    """Section 5.4, number 6."""
    shown = Form(FormType.RESULT, fields=(FormField("FORM_TYPE", None, ("a",)), FormField("os", None, ("Mac",))))
    none = Form(FormType.RESULT, fields=(FormField("os", None, ("Mac",)),))
    info = DiscoInfo(None, EXODUS.identities, FEATURES, (shown, none, shown))
    assert flaw(info) is None
    assert verification(info) == "QgayPKawpkPSDYmwT/WM94uAlu0="


@pytest.mark.feature("EXT-04")
def test_a_part_cannot_pass_for_two() -> None:
    """Section 5.1, the note at its end: what XML writes as `&lt;` is hashed as that."""
    attack = decode(
        DiscoInfo,
        element("""<query xmlns='http://jabber.org/protocol/disco#info'>
        <identity category='client' type='pc' name='SomeClient&lt;http://jabber.org/protocol/muc'/></query>"""),
    )
    honest = DiscoInfo(None, (Identity("client", "pc", "SomeClient"),), ("http://jabber.org/protocol/muc",))
    assert string(attack) == b"client/pc//SomeClient&lt;http://jabber.org/protocol/muc<"
    assert Caps.of("a", honest).judge(attack) is Verdict.INVALID
    assert Caps.of("a", honest).judge(honest) is Verdict.VALID


@pytest.mark.feature("EXT-04")
def test_order_is_that_of_octets() -> None:
    """Section 5.1: i;octet, and category, type and language one after the other."""
    info = DiscoInfo(
        None,
        (Identity("a", "z"), Identity("a-b", "a"), Identity("\U00010000", "a"), Identity("\uff5e", "a")),
        ("b", "B", "a\U00010000", "a\uff5e"),
    )
    assert string(info).decode().split("<")[:-1] == [
        *("a/z//", "a-b/a//", "\uff5e/a//", "\U00010000/a//"),
        *("B", "a\uff5e", "a\U00010000", "b"),
    ]


@pytest.mark.feature("EXT-04")
def test_what_cannot_be_judged_by_a_hash() -> None:
    """Section 5.4, steps 1 and 2: the answer holds for one address alone."""
    assert Caps("a", "1.0", ext="ftrans xhtml").judge(EXODUS) is Verdict.LEGACY
    assert Caps("a", "x", "md5").judge(EXODUS) is Verdict.UNKNOWN_HASH
    assert Caps("a", "QgayPKawpkPSDYmwT/WM94uAlu0", "sha-1").judge(EXODUS) is Verdict.INVALID
    assert Caps("a", "Ψ", "sha-1").judge(EXODUS) is Verdict.INVALID
    with pytest.raises(ValueError, match="hash function"):
        verification(EXODUS, "md5")
    for name in ALGORITHMS:
        assert Caps.of("a", EXODUS, name).judge(EXODUS) is Verdict.VALID


@pytest.mark.feature("X-0128")
def test_forms_of_an_answer() -> None:
    """XEP-0128 section 3.1, example 1, shortened."""
    info = DiscoInfo(None, (Identity("server", "im", "shakespeare.lit jabber server"),), ("jabber:iq:register",))
    told = extended(info, SERVER_INFO, {"c2s_port": 5222, "ip_version": ("ipv4", "ipv6")})
    both_ways(
        """<query xmlns='http://jabber.org/protocol/disco#info'>
          <identity category='server' type='im' name='shakespeare.lit jabber server'/>
          <feature var='jabber:iq:register'/>
          <x xmlns='jabber:x:data' type='result'>
            <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/network/serverinfo</value></field>
            <field var='c2s_port'><value>5222</value></field>
            <field var='ip_version'><value>ipv4</value><value>ipv6</value></field>
          </x>
        </query>""",
        told,
    )
    form = extension(told, SERVER_INFO)
    assert form is not None
    assert form.values("ip_version") == ("ipv4", "ipv6")
    assert extension(info, SERVER_INFO) is None
    again = extended(told, SERVER_INFO, {"c2s_port": 5223})
    assert len(again.forms) == 1
    other = extended(again, SOFTWARE_INFO, {"os": "Mac"})
    assert list(extensions(other)) == [SERVER_INFO, SOFTWARE_INFO]
    # A form that is none of result, or says not what it is, is no extension (section 2).
    odd = DiscoInfo(None, forms=(typed_form(SERVER_INFO, {}), Form(FormType.RESULT)))
    assert extensions(odd) == {}
