"""Every code point, alone and where contextual rules look at it: the short cuts give what the rules give.

Sampled by default, every nth with a start that moves by the day; all of them with `--full`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

import pytest

from xmpp_core.jid import JID, KNOWN_GOOD, JIDError, is_address
from xmpp_core.jid.rules import LOCALPART, RESOURCEPART
from xmpp_core.strings.errors import StringError
from xmpp_core.strings.idna import DOMAINPART, domainpart
from xmpp_core.strings.letters import IN_LOCALPARTS, IN_RESOURCEPARTS, RIGHT_TO_LEFT
from xmpp_core.strings.precis import (
    NICKNAME,
    NICKNAME_COMPARISON,
    OPAQUE_STRING,
    USERNAME_CASE_MAPPED,
    USERNAME_CASE_PRESERVED,
    opaque_string,
    username_case_mapped,
)
from xmpp_core.strings.profile import Profile
from xmpp_core.strings.stringprep import (
    NAMEPREP,
    NAMEPREP_QUERY,
    NODEPREP,
    NODEPREP_QUERY,
    RESOURCEPREP,
    RESOURCEPREP_QUERY,
    SASLPREP,
    SASLPREP_QUERY,
)

pytestmark = pytest.mark.heavy

EVERYTHING = 0x110000
# What the rules of RFC 5892 appendix A look at, and what the Bidi Rule does: "{}" is the code point.
PLACES = (
    "{}", "a{}a", "l{}l", "{}\u03b1", "\u05d0{}", "\u05d0{}\u05d0", "\u30fb{}", "\u0661{}", "\u06f1{}\u0627",
    "\u094d{}", "{}\u200d", "{}\u200c\u0628", "\u0628\u200c{}", "\u0628\u200c{}\u0628", "{}\u0301", "\u1100{}",
)  # fmt: skip
ONE_PASS = (
    OPAQUE_STRING, USERNAME_CASE_MAPPED, USERNAME_CASE_PRESERVED, NODEPREP, NODEPREP_QUERY, NAMEPREP, NAMEPREP_QUERY,
    RESOURCEPREP, RESOURCEPREP_QUERY, SASLPREP, SASLPREP_QUERY,
)  # fmt: skip
QUICK = (
    OPAQUE_STRING,
    USERNAME_CASE_MAPPED,
    USERNAME_CASE_PRESERVED,
    NICKNAME,
    NICKNAME_COMPARISON,
    LOCALPART,
    RESOURCEPART,
)


def code_points(full: bool, step: int) -> Iterator[str]:
    return map(chr, range(0 if full else date.today().toordinal() % step, EVERYTHING, 1 if full else step))


def visited(full: bool, step: int) -> int:
    return len(range(0 if full else date.today().toordinal() % step, EVERYTHING, 1 if full else step))


def places(one: str) -> tuple[str, ...]:
    """Where to look at a code point: what is refused everywhere needs no neighbours."""
    return PLACES[:2] if unicodedata.category(one) in ("Cn", "Co", "Cs") else PLACES


def outcome(profile: Profile, text: str, *, quick: bool) -> str | None:
    try:
        return profile.enforce(text) if quick else profile.apply_rules(text)
    except StringError as error:
        assert error.section.startswith("RFC ")
        assert error.position is None or 0 <= error.position < len(text)
        return None


def one_pass(profile: Profile, text: str) -> str:
    for rule in profile.rules:
        text = rule.apply(text)
    return text


@pytest.mark.feature("JID-02", "JID-03", "SASL-17")
@pytest.mark.parametrize("profile", ONE_PASS, ids=lambda profile: profile.name)
def test_one_pass_is_enough(profile: Profile, full: bool) -> None:
    seen = 0
    unstable = set()
    for one in code_points(full, 61):
        seen += 1
        try:
            prepared = one_pass(profile, one)
            if prepared and one_pass(profile, prepared) != prepared:
                unstable.add(one)
        except StringError:
            if outcome(profile, one, quick=False) is None and _passes(profile, one):
                unstable.add(one)
    assert seen == visited(full, 61)
    # Normal form makes MIDDLE DOT of it, which the class allows in a context only (RFC 5892 appendix A.3).
    assert unstable <= ({"\u0387"} if profile is OPAQUE_STRING else set())
    assert (unstable == {"\u0387"}) >= (full and profile is OPAQUE_STRING)


def _passes(profile: Profile, text: str) -> bool:
    try:
        one_pass(profile, text)
    except StringError:
        return False
    return True


@pytest.mark.feature("JID-03")
@pytest.mark.parametrize("profile", [NICKNAME, NICKNAME_COMPARISON], ids=lambda profile: profile.name)
def test_a_nickname_comes_to_rest(profile: Profile, full: bool) -> None:
    seen = again = 0
    for one in code_points(full, 61):
        for text in (one, f"a {one}", f"{one} a"):
            seen += 1
            prepared = outcome(profile, text, quick=False)
            if prepared is None:
                continue
            assert outcome(profile, prepared, quick=False) == prepared
            again += one_pass(profile, text) != prepared
    assert seen == 3 * visited(full, 61)
    if full:
        assert again > 0, "RFC 8266 section 2.1 says there are some"


@pytest.mark.feature("JID-03")
@pytest.mark.parametrize("profile", QUICK, ids=lambda profile: profile.name)
def test_the_short_cut_gives_what_the_rules_give(profile: Profile, full: bool) -> None:
    seen = 0
    for one in code_points(full, 97):
        for place in places(one):
            text = place.format(one)
            slow = outcome(profile, text, quick=False)
            assert outcome(profile, text, quick=True) == slow, ascii(text)
            if slow is not None:
                # What was learnt from the first text is used for the second, whatever stands beside it.
                assert outcome(profile, slow, quick=True) == slow, ascii(text)
            seen += 1
    assert seen > (2_000_000 if full else 20_000)


@pytest.mark.feature("JID-03")
def test_letters_in_common_use_are_left_alone_by_the_rules() -> None:
    local, resource, right = (re.compile(f"[{one}]") for one in (IN_LOCALPARTS, IN_RESOURCEPARTS, RIGHT_TO_LEFT))
    seen = 0
    for one in map(chr, range(EVERYTHING)):
        if local.match(one):
            assert LOCALPART.apply_rules(one) == one, ascii(one)
            assert not right.match(one)
            seen += 1
        if right.match(one):
            assert LOCALPART.apply_rules(one) == one
            assert LOCALPART.apply_rules(f"\u05d0{one}") == f"\u05d0{one}"
            seen += 1
        if resource.match(one) and one != " ":
            assert RESOURCEPART.apply_rules(one) == one, ascii(one)
            seen += 1
    assert seen > 70_000


def expected(local: str | None, domain: str, resource: str | None) -> str | None:
    """What the rules alone, without any short cut, make of an address."""
    try:
        text = DOMAINPART.apply_rules(domain)
        if local is not None:
            text = f"{LOCALPART.apply_rules(local)}@{text}"
        return text if resource is None else f"{text}/{RESOURCEPART.apply_rules(resource)}"
    except StringError:
        return None


ADDRESSES = (
    ("{}", "b.c", None), ("a{}", "b.c", None), ("{}\u05d0", "b.c", "x"), ("\u0434{}", "b.c", None),
    ("l{}l", "b.c", "x"), (None, "b{}c.d", None), ("a", "{}.c", "x"), ("a", "b.c{}", None), ("a", "b{}.c", "x"),
    ("a", "b.c", "{}"), ("a", "b.c", "x{}x"), ("a", "b.c", "\u0434{}"), ("\u05d0", "b.c", "{}\u0301"),
)  # fmt: skip


@pytest.mark.feature("JID-01", "JID-07")
def test_an_address_is_what_the_rules_of_its_parts_make_of_it(full: bool) -> None:
    seen = 0
    for one in code_points(full, 397):
        if one in "/@":
            continue
        for row in ADDRESSES if len(places(one)) > 2 else ADDRESSES[5:10:2]:
            local, domain, resource = (part if part is None else part.format(one) for part in row)
            text = f"{domain}" if local is None else f"{local}@{domain}"
            text += "" if resource is None else f"/{resource}"
            wanted = expected(local, domain or "", resource)
            KNOWN_GOOD.forget()
            try:
                found = str(JID(text))
            except JIDError as error:
                assert error.position is None or 0 <= error.position < len(text)
                assert wanted is None, ascii(text)
                assert not is_address(text)
                continue
            assert found == wanted, ascii(text)
            assert is_address(text)
            assert str(JID(text)) == wanted
            seen += 1
    assert seen > (1_000_000 if full else 2000)


@pytest.mark.feature("JID-01")
def test_every_ascii_character_in_every_place() -> None:
    seen = 0
    for first in map(chr, range(128)):
        for second in map(chr, range(128)):
            pair = first + second
            if "/" in pair or "@" in pair:
                continue
            for row in ((pair, "b.c", None), (None, f"{pair}.c", None), ("a", f"b.{pair}", "x"), ("a", "b.c", pair)):
                local, domain, resource = row
                text = domain if local is None else f"{local}@{domain}"
                text += "" if resource is None else f"/{resource}"
                wanted = expected(local, domain, resource)
                try:
                    found: str | None = str(JID(text))
                except JIDError:
                    found = None
                assert found == wanted, ascii(text)
                seen += 1
    assert seen == 4 * 126 * 126


@pytest.mark.feature("JID-01")
def test_a_domain_stays_as_it_was_prepared(full: bool) -> None:
    seen = 0
    for one in code_points(full, 397):
        for text in (f"a{one}b.example", f"{one}.example", f"\u0628{one}\u0628.example"):
            try:
                prepared = domainpart(text)
            except StringError as error:
                assert error.position is None or 0 <= error.position < len(text)
                continue
            assert domainpart(prepared) == prepared, ascii(text)
            seen += 1
    assert seen > 100


@pytest.mark.feature("JID-03", "SASL-17")
def test_what_a_name_may_be_a_password_may_be(full: bool) -> None:
    for one in code_points(full, 61):
        prepared = outcome(USERNAME_CASE_MAPPED, one, quick=False)
        if prepared is not None:
            assert opaque_string(prepared) == prepared
            assert username_case_mapped(prepared) == prepared
