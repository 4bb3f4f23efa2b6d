"""Where to connect: SRV order, services not offered, fallbacks, redirects, Happy Eyeballs."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core import LocalProtocolError, Redirect
from xmpp_core.discovery import (
    CONNECTION_ATTEMPT_DELAY,
    Attempt,
    Candidate,
    DirectTls,
    Services,
    SrvRecord,
    a_labels,
    attempts,
    candidates,
    explicit,
    literal,
    redirected,
    services,
    weighted,
)
from xmpp_core.stream.context import Kind
from xmpp_core.strings.errors import StringError
from xmpp_core.testing.entropy import CountedEntropy

DENIED = SrvRecord(0, 0, 0, ".")


def record(target: str, priority: int = 0, weight: int = 0, port: int = 5222) -> SrvRecord:
    return SrvRecord(priority, weight, port, target)


class Drawn:
    """Entropy that makes `weighted` draw the numbers given."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = list(numbers)

    def __call__(self, octets: int) -> bytes:
        return self.numbers.pop(0).to_bytes(octets, "big")


@pytest.mark.feature("ADP-03", "X-0368")
@pytest.mark.parametrize(
    ("domain", "kind", "direct_tls", "starttls", "direct"),
    [
        ("x.example", Kind.C2S, DirectTls.ANNOUNCED, "_xmpp-client._tcp.x.example.", "_xmpps-client._tcp.x.example."),
        ("x.example", Kind.S2S, DirectTls.ALSO, "_xmpp-server._tcp.x.example.", "_xmpps-server._tcp.x.example."),
        ("BÜCHER.example", Kind.C2S, DirectTls.NEVER, "_xmpp-client._tcp.xn--bcher-kva.example.", None),
        ("x.example", Kind.C2S, DirectTls.ONLY, None, "_xmpps-client._tcp.x.example."),
        ("192.0.2.1", Kind.C2S, DirectTls.ANNOUNCED, None, None),
        ("[2001:db8::1]", Kind.C2S, DirectTls.ANNOUNCED, None, None),
        ("component.example", Kind.COMPONENT, DirectTls.ANNOUNCED, None, None),
    ],
)
def test_what_is_looked_up(
    domain: str, kind: Kind, direct_tls: DirectTls, starttls: str | None, direct: str | None
) -> None:
    """RFC 6120 section 3.2.1; XEP-0368 section 3."""
    assert services(domain, kind=kind, direct_tls=direct_tls) == Services(starttls, direct)


@pytest.mark.feature("ADP-03")
def test_the_number_drawn_selects_by_running_sum() -> None:
    """RFC 2782, "Weight": the first whose running sum is greater than or equal to the number drawn."""
    set_ = [record("a", weight=10), record("b", weight=0), record("c", weight=30), record("d", weight=20)]
    # b stands first with the running sum 0; then a 10, c 40, d 60.
    for drawn, first in ((0, "b"), (1, "a"), (10, "a"), (11, "c"), (40, "c"), (41, "d"), (60, "d")):
        order = weighted([(one, False) for one in set_], Drawn(drawn, 0, 0))
        assert order[0][0].target == first
    # What was selected is taken away, and the sums are made anew: b 0, a 10, d 30.
    order = weighted([(one, False) for one in set_], Drawn(40, 30, 10))
    assert [one.target for one, _ in order] == ["c", "d", "a", "b"]
    # Numbers are drawn up to the sum, inclusive, and none for the last of a priority.
    assert [one.target for one, _ in weighted([(record("a", weight=1), False)], Drawn())] == ["a"]


@pytest.mark.feature("ADP-03")
def test_every_number_that_can_be_drawn_is_counted() -> None:
    """All numbers from 0 to the sum, once each: exactly the shares that RFC 2782 makes of the weights."""
    set_ = [(record("zero"), False), (record("one", weight=1), False), (record("three", weight=3), False)]
    firsts = Counter(weighted(set_, Drawn(drawn, 0))[0][0].target for drawn in range(5))
    assert firsts == {"zero": 1, "one": 1, "three": 3}


@pytest.mark.feature("ADP-03")
def test_weights_are_shares() -> None:
    """The example of RFC 2782: three quarters of the logins go to the faster one. Counted, in a run that repeats."""
    entropy = CountedEntropy("shares")
    set_ = [(record("old-slow-box", weight=1000), False), (record("new-fast-box", weight=3000), False)]
    firsts = Counter(weighted(set_, entropy)[0][0].target for _ in range(4000))
    assert entropy.calls == 4000
    # Four standard deviations of the binomial distribution are 110.
    assert abs(firsts["new-fast-box"] - 3000) <= 110


@pytest.mark.feature("ADP-03")
@given(
    st.lists(
        st.builds(SrvRecord, st.integers(0, 3), st.integers(0, 65535), st.integers(1, 65535), st.sampled_from("abcdef"))
    ),
    st.binary(),
)
def test_the_order_is_a_permutation_by_priority(records: list[SrvRecord], seed: bytes) -> None:
    order = weighted([(one, False) for one in records], CountedEntropy(seed))
    assert sorted(order, key=repr) == sorted(((one, False) for one in records), key=repr)
    priorities = [one.priority for one, _ in order]
    assert priorities == sorted(priorities)


@pytest.mark.feature("ADP-03", "X-0368", "TLS-03")
def test_both_services_are_one_set() -> None:
    """XEP-0368 section 3, rules 1 to 3: priorities and weights are mixed, each keeps its way to start TLS."""
    starttls = [record("one.example.", 1, 5), record("three.example.", 3)]
    direct = [record("two.example.", 2, port=443), record("One.example.", 1, 5, port=443)]
    found = candidates("example.com", starttls=starttls, direct=direct, entropy=Drawn(6))
    assert found == (
        Candidate("one.example", 443, True),
        Candidate("one.example", 5222, False),
        Candidate("two.example", 443, True),
        Candidate("three.example", 5222, False),
    )
    assert [one.group for one in found] == [1, 1, 2, 3]
    found = candidates("example.com", starttls=starttls, direct=direct, entropy=Drawn(5))
    assert found[0] == Candidate("one.example", 5222, False)


@pytest.mark.feature("ADP-03", "X-0368")
@pytest.mark.parametrize(
    ("starttls", "direct", "direct_tls", "expected"),
    [
        # RFC 6120 section 3.2.2: without records the domain itself.
        ([], [], DirectTls.ANNOUNCED, [("example.com", 5222, False)]),
        ([], [], DirectTls.NEVER, [("example.com", 5222, False)]),
        ([], [], DirectTls.ALSO, [("example.com", 5222, False), ("example.com", 5223, True)]),
        ([], [], DirectTls.ONLY, [("example.com", 5223, True)]),
        # RFC 2782: the service is decidedly not available.
        ([DENIED], [], DirectTls.ANNOUNCED, []),
        ([DENIED], [DENIED], DirectTls.ALSO, []),
        # XEP-0368 section 5: no direct TLS, and no fallback to address records either.
        ([], [DENIED], DirectTls.ANNOUNCED, []),
        ([], [DENIED], DirectTls.ONLY, []),
        ([record("a.example.")], [DENIED], DirectTls.ANNOUNCED, [("a.example", 5222, False)]),
        ([DENIED], [record("a.example.", port=443)], DirectTls.ANNOUNCED, [("a.example", 443, True)]),
        # Only a single "." is a denial (RFC 2782); beside others it is nothing to connect to.
        ([DENIED, record("a.example.")], [], DirectTls.ANNOUNCED, [("a.example", 5222, False)]),
        # What is not wanted counts for nothing.
        ([record("a.example.")], [DENIED], DirectTls.NEVER, [("a.example", 5222, False)]),
        ([DENIED], [record("a.example.", port=443)], DirectTls.ONLY, [("a.example", 443, True)]),
        ([record("a.example.")], [], DirectTls.ONLY, [("example.com", 5223, True)]),
        # The same twice is one; a port 0 is none.
        ([record("a.example."), record("a.example.", 1)], [], DirectTls.ANNOUNCED, [("a.example", 5222, False)]),
        ([record("a.example.", port=0), record("b.example.")], [], DirectTls.ANNOUNCED, [("b.example", 5222, False)]),
    ],
)
def test_what_is_offered_and_what_is_not(
    starttls: list[SrvRecord], direct: list[SrvRecord], direct_tls: DirectTls, expected: list[tuple[str, int, bool]]
) -> None:
    found = candidates("example.com", starttls=starttls, direct=direct, direct_tls=direct_tls, entropy=CountedEntropy())
    assert [(one.host, one.port, one.direct_tls) for one in found] == expected


@pytest.mark.feature("ADP-03")
def test_addresses_and_servers_have_their_ports() -> None:
    assert candidates("192.0.2.1") == (Candidate("192.0.2.1", 5222),)
    assert candidates("[2001:db8:0:0::1]") == (Candidate("2001:db8::1", 5222),)
    assert candidates("müller.example", kind=Kind.S2S, direct_tls=DirectTls.ALSO) == (
        Candidate("xn--mller-kva.example", 5269),
        Candidate("xn--mller-kva.example", 5270, True),
    )
    with pytest.raises(LocalProtocolError):
        candidates("component.example", kind=Kind.COMPONENT)
    with pytest.raises(StringError):
        candidates("not a domain")


@pytest.mark.feature("ADP-03")
def test_a_host_can_always_be_told() -> None:
    """RFC 6120 section 3.2.3."""
    assert explicit("Apps.example.com", 443, direct_tls=True) == (Candidate("apps.example.com", 443, True),)
    assert explicit("::1", 5222) == explicit("[::1]", 5222) == (Candidate("::1", 5222),)
    assert explicit("127.0.0.1", 15222) == (Candidate("127.0.0.1", 15222),)
    for port in (0, -1, 65536):
        with pytest.raises(LocalProtocolError):
            explicit("example.com", port)
    with pytest.raises(StringError):
        explicit("no host", 5222)


@pytest.mark.feature("STR-11", "ADP-03")
@pytest.mark.parametrize(
    ("redirect", "expected"),
    [
        (Redirect("other.example", 9222), Candidate("other.example", 9222)),
        (Redirect("2001:db8::2"), Candidate("2001:db8::2", 5222)),
        (Redirect("[2001:db8::2]", 9222), Candidate("2001:db8::2", 9222)),
        (Redirect("192.0.2.7"), Candidate("192.0.2.7", 5222)),
        (Redirect("Example.com"), Candidate("example.com", 5222)),
        (Redirect("host1.example.com"), Candidate("host1.example.com", 5222)),
        (Redirect("other.example"), None),
    ],
)
def test_a_redirect_is_followed(redirect: Redirect, expected: Candidate | None) -> None:
    """RFC 6120 section 4.9.3.19: the same place again, or a name to be looked up."""
    for direct in (False, True):
        connected = Candidate("host1.example.com", 5222, direct)
        found = redirected(redirect, connected=connected, domain="example.com")
        assert found == (None if expected is None else (Candidate(expected.host, expected.port, direct),))


def test_a_redirect_changes_no_policy() -> None:
    with pytest.raises(LocalProtocolError):
        redirected(Redirect("192.0.2.1"), connected=Candidate("a", 1, True), domain="a", direct_tls=DirectTls.NEVER)
    with pytest.raises(StringError):
        redirected(Redirect("no host"), connected=Candidate("a", 1), domain="a")


@pytest.mark.feature("ADP-03", "X-0495")
@pytest.mark.parametrize(
    ("addresses", "options", "expected"),
    [
        (["::1", "::2", "192.0.2.1", "192.0.2.2"], {}, ["::1", "192.0.2.1", "::2", "192.0.2.2"]),
        (["192.0.2.1", "192.0.2.2", "::1"], {}, ["::1", "192.0.2.1", "192.0.2.2"]),
        (["192.0.2.1", "::1", "::2"], {"sorted_by_system": True}, ["192.0.2.1", "::1", "::2"]),
        (["::1", "::2", "::3", "192.0.2.1"], {"first_family_count": 2}, ["::1", "::2", "192.0.2.1", "::3"]),
        (["::1", "192.0.2.1"], {"first_family_count": 3}, ["::1", "192.0.2.1"]),
        (["::1", "::1", "192.0.2.1"], {}, ["::1", "192.0.2.1"]),
        (["192.0.2.2", "192.0.2.1"], {}, ["192.0.2.2", "192.0.2.1"]),
        (["::2", "::1"], {}, ["::2", "::1"]),
        ([], {}, []),
    ],
)
def test_families_alternate(addresses: list[str], options: dict[str, int], expected: list[str]) -> None:
    """RFC 8305 section 4."""
    one = Candidate("a.example", 5222)
    plan = attempts([(one, addresses)], **options)  # type: ignore[arg-type]
    assert [attempt.address for group in plan for attempt in group] == expected
    for group in plan:
        assert [attempt.delay for attempt in group] == [0.0, *[CONNECTION_ATTEMPT_DELAY] * (len(group) - 1)]


@pytest.mark.feature("ADP-03", "X-0495")
def test_priorities_are_exhausted_one_after_the_other() -> None:
    """XEP-0495 sections 4.1 and 4.3: groups by priority, the order of weights within a family."""
    first, second = Candidate("a", 5222, group=10), Candidate("b", 443, True, group=10)
    last, nowhere = Candidate("c", 5222, group=20), Candidate("d", 5222, group=15)
    plan = attempts(
        [(first, ["192.0.2.1", "2001:db8::1"]), (second, ["192.0.2.2", "2001:db8::2"]), (last, ["::3"]), (nowhere, [])],
        delay=0.5,
    )
    assert plan == (
        (
            Attempt(first, "2001:db8::1", 0.0),
            Attempt(first, "192.0.2.1", 0.5),
            Attempt(second, "2001:db8::2", 0.5),
            Attempt(second, "192.0.2.2", 0.5),
        ),
        (Attempt(last, "::3", 0.0),),
    )
    # One address behind two ports is two places to try.
    both = attempts([(Candidate("a", 1), ["::1"]), (Candidate("a", 2), ["::1"])])
    assert [one.candidate.port for one in both[0]] == [1, 2]


@pytest.mark.feature("X-0495")
@pytest.mark.parametrize("delay", [0.0, 0.099, 2.1, float("nan")])
def test_attempts_keep_their_distance(delay: float) -> None:
    """RFC 8305 section 5: a lower and an upper bound."""
    with pytest.raises(LocalProtocolError):
        attempts([], delay=delay)
    with pytest.raises(LocalProtocolError):
        attempts([], first_family_count=0)


def test_names_as_dns_has_them() -> None:
    assert a_labels("BÜCHER.Example") == "xn--bcher-kva.example"
    assert a_labels("[::1]") == "::1"
    assert literal("example.com") is None
    assert literal("[::0:1]") == literal("::1") == "::1"
    with pytest.raises(StringError):
        a_labels("ü" * 70 + ".example")


def test_shares_are_not_skewed_by_the_way_numbers_are_drawn() -> None:
    """Of all values of the octets asked for, each number has the same share but for one in 2**64."""
    asked: list[int] = []

    def entropy(octets: int) -> bytes:
        asked.append(octets)
        return bytes(octets)

    weighted([(record("a", weight=65535), False), (record("b", weight=65535), False)], entropy)
    assert asked == [3 + 8]
    values = 256 ** asked[0]
    assert Fraction(values % 131071, values) < Fraction(1, 2**64)
