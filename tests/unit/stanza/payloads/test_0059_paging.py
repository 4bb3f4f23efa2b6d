"""XEP-0059: pages of a large result."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import PayloadError
from xmpp_core.stanza.payloads.paging import First, Paging, page_of

LETTERS = tuple("abcdefghij")


def page(asked: Paging, most: int | None = None) -> tuple[str, Paging]:
    found, told = page_of(LETTERS, str.upper, asked, most)
    return "".join(found), told


@pytest.mark.feature("X-0059")
def test_requests() -> None:
    """Examples 1, 5, 8, 11, 12 and 15."""
    for inside, value in (
        ("<max>10</max>", Paging(10)),
        ("<max>10</max><after>peterpan@neverland.lit</after>", Paging(10, after="peterpan@neverland.lit")),
        ("<max>10</max><before>peter@pixyland.org</before>", Paging(10, before="peter@pixyland.org")),
        ("<max>10</max><before/>", Paging(10, before="")),
        ("<max>10</max><index>371</index>", Paging(10, index=371)),
        ("<max>0</max>", Paging(0)),
    ):
        both_ways(f"<set xmlns='http://jabber.org/protocol/rsm'>{inside}</set>", value)


@pytest.mark.feature("X-0059")
def test_a_page() -> None:
    """Examples 6 and 7."""
    first = both_ways(
        """
        <set xmlns='http://jabber.org/protocol/rsm'>
          <first index='10'>peter@pixyland.org</first>
          <last>peter@rabbit.lit</last>
          <count>800</count>
        </set>
        """,
        Paging(first=First("peter@pixyland.org", 10), last="peter@rabbit.lit", count=800),
    )
    assert first.following(10) == Paging(10, after="peter@rabbit.lit")
    assert first.preceding(10) == Paging(10, before="peter@pixyland.org")
    empty = both_ways("<set xmlns='http://jabber.org/protocol/rsm'><count>790</count></set>", Paging(count=790))
    assert empty.following() is None
    assert empty.preceding() is None


@pytest.mark.parametrize("number", ["", "-1", "2147483648", "1.5", "ten"])
def test_numbers_are_of_the_schema(number: str) -> None:
    """Section 8: xs:int, and none of them may be less than nothing."""
    for name in ("max", "index", "count"):
        refused(Paging, f"<set xmlns='http://jabber.org/protocol/rsm'><{name}>{number}</{name}></set>", f"set/{name}")
    refused(Paging, f"<set xmlns='http://jabber.org/protocol/rsm'><first index='{number}'/></set>", "set/first/@index")


@pytest.mark.feature("X-0059")
@pytest.mark.parametrize(
    ("asked", "most", "found", "index"),
    [
        (Paging(3), None, "abc", 0),  # section 2.1
        (Paging(), None, "abcdefghij", 0),
        (Paging(), 4, "abcd", 0),
        (Paging(20), 4, "abcd", 0),
        (Paging(3, after="C"), None, "def", 3),  # section 2.2
        (Paging(3, after="I"), None, "j", 9),
        (Paging(3, before="F"), None, "cde", 2),  # section 2.3
        (Paging(3, before="B"), None, "a", 0),
        (Paging(3, before=""), None, "hij", 7),  # section 2.5
        (Paging(3, index=4), None, "efg", 4),  # section 2.6
        (Paging(3, after="B", before="H"), None, "efg", 4),
        (Paging(3, after="F", before="H"), None, "g", 6),
    ],
)
def test_the_page_that_is_asked_for(asked: Paging, most: int | None, found: str, index: int) -> None:
    expected = Paging(first=First(found[0].upper(), index), last=found[-1].upper(), count=10)
    assert page(asked, most) == (found, expected)


@pytest.mark.parametrize(
    "asked",
    [Paging(0), Paging(3, after="J"), Paging(3, before="A"), Paging(3, index=10), Paging(1, after="C", before="B")],
)
def test_an_empty_page_names_no_items(asked: Paging) -> None:
    """Sections 2.2, 2.6 and 2.7."""
    assert page(asked) == ("", Paging(count=10))


def test_a_page_that_cannot_be() -> None:
    for asked in (Paging(after="x"), Paging(before="x")):
        with pytest.raises(PayloadError) as caught:
            page(asked)
        assert caught.value.condition == "item-not-found"  # section 2.4
    with pytest.raises(PayloadError) as caught:
        page(Paging(index=2, after="A"))
    assert caught.value.condition == "bad-request"


def test_walking_through_all_of_it_both_ways() -> None:
    """Section 2.2: nothing is left out and nothing comes twice."""
    for size in range(1, 12):
        seen, request = "", Paging(size)
        while True:
            found, told = page(request)
            seen += found
            following = told.following(size)
            if following is None:
                break
            request = following
        assert seen == "".join(LETTERS)
        seen, request = "", Paging(size, before="")
        while True:
            found, told = page(request)
            seen = found + seen
            preceding = told.preceding(size)
            if preceding is None:
                break
            request = preceding
        assert seen == "".join(LETTERS)


def test_the_last_item_of_all_has_nothing_after_it() -> None:
    assert page(Paging(3, after="I"))[1].at_end
    assert not page(Paging(3, after="H"))[1].at_end  # it does not say how many it holds
