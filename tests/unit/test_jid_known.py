"""What is known is found at once, and a flood pushes out nothing but itself."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Iterator
from types import FrameType

import pytest

from xmpp_core.jid import JID, KNOWN_GOOD, is_address
from xmpp_core.jid.address import LONGEST_KNOWN, MOST_KNOWN, MOST_NEW
from xmpp_core.jid.rules import LOCALPART, RESOURCEPART, domain_kept
from xmpp_core.strings.inert import MOST_LEARNT
from xmpp_core.strings.precis import OPAQUE_STRING


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    KNOWN_GOOD.forget()
    yield
    KNOWN_GOOD.forget()


@pytest.mark.feature("JID-07")
@pytest.mark.parametrize("text", ["juliet@example.com/balcony", "\u0434@\u043f.example/x", "B@C", "xn--tda@b.c"])
def test_a_checked_address_is_found_without_a_call(text: str) -> None:
    assert is_address(text)
    assert text in KNOWN_GOOD
    calls = []

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            calls.append(frame.f_code.co_name)

    sys.setprofile(watch)
    try:
        found = JID(text)
    finally:
        sys.setprofile(None)
    assert calls == []
    assert JID(text) is found


@pytest.mark.feature("JID-07")
def test_an_address_made_often_is_known_unchecked() -> None:
    for _ in range(17):
        JID("juliet@example.com/balcony")
    assert "juliet@example.com/balcony" in KNOWN_GOOD


@pytest.mark.feature("JID-07", "SEC-02")
@pytest.mark.parametrize("pattern", ["flood{}@example.com/x", "\u0434{}@example.com", "a@d{}.example", "A{}@b/\u2665"])
@pytest.mark.parametrize("checked", [False, True])
def test_a_flood_grows_nothing(pattern: str, checked: bool) -> None:
    for number in range(40_000):
        text = pattern.format(number)
        if checked:
            assert is_address(text)
        else:
            JID(text)
        if not number % 512:
            assert len(KNOWN_GOOD) <= MOST_KNOWN
            assert KNOWN_GOOD.count() <= 2 * MOST_KNOWN
    assert domain_kept.cache_info().currsize <= 1024


@pytest.mark.feature("JID-07", "SEC-02")
def test_a_flood_pushes_out_nothing_that_came_back() -> None:
    hot = [f"hot{number}@example.com" for number in range(1000)]
    assert all(map(is_address, hot))
    for number in range(MOST_NEW + 1):
        is_address(f"first{number}@example.com")
    assert not set(hot) & set(KNOWN_GOOD)
    assert all(map(is_address, hot))  # they come back, to stay
    for number in range(10 * MOST_KNOWN):
        is_address(f"second{number}@example.com")
    assert set(hot) <= set(KNOWN_GOOD)


@pytest.mark.feature("JID-07", "SEC-02")
def test_when_all_is_full_all_waits_and_comes_back() -> None:
    for turn in range(3):
        for number in range(MOST_KNOWN):
            is_address(f"a{number}@example.com")
        assert len(KNOWN_GOOD) <= MOST_KNOWN, turn
        assert KNOWN_GOOD.count() <= 2 * MOST_KNOWN
    assert JID("a1@example.com").local == "a1"


@pytest.mark.feature("SEC-02")
def test_a_long_address_is_never_kept() -> None:
    most = "x" * (LONGEST_KNOWN - 4) + "@b.c"
    assert is_address(most)
    assert is_address("x" + most)
    assert most in KNOWN_GOOD
    assert "x" + most not in KNOWN_GOOD
    assert JID("x" + most) == JID("x" + most)


@pytest.mark.feature("SEC-02")
def test_texts_of_another_class_are_not_kept() -> None:
    class Text(str):
        __slots__ = ()

    assert is_address(Text("a@b.c"))
    assert JID(Text("\u0434@b.c")) == JID("\u0434@b.c")
    assert all(type(one) is str for one in KNOWN_GOOD)


@pytest.mark.feature("SEC-02")
@pytest.mark.heavy
def test_the_memory_of_a_flood_is_bounded() -> None:
    """Twice the flood takes no more: 16,384 texts of 256 code points with their addresses, at most."""
    sizes = []
    tracemalloc.start()
    try:
        for turn in range(2):
            for number in range(20_000):
                is_address(f"\u65e5{turn}x{number}" + "\u672c" * 200 + "@b.c")
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert sizes[0] < 2 * MOST_KNOWN * (2 * 2 * LONGEST_KNOWN + 500)
    assert sizes[1] < sizes[0] * 1.05


@pytest.mark.feature("SEC-02")
def test_what_profiles_learn_is_bounded() -> None:
    for code in range(0x4E00, 0x4E00 + 2 * MOST_LEARNT):
        for profile in (LOCALPART, RESOURCEPART, OPAQUE_STRING):
            profile.apply_rules(chr(code))
    for profile in (LOCALPART, RESOURCEPART, OPAQUE_STRING):
        assert all(0 < size <= MOST_LEARNT for size in profile.learnt())
