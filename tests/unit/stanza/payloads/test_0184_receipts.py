"""XEP-0184: delivery receipts."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import JID, Message
from xmpp_core.stanza.payloads.receipts import Receipt, ReceiptRequest, receipt_for

SENDER = "northumberland@shakespeare.lit/westminster"


def asking(**changes: object) -> Message:
    given: dict[str, object] = {
        "from_": SENDER,
        "to": "kingrichard@royalty.england.lit/throne",
        "id": "richard2-4.1.247",
        "type": "chat",
        "body": "My lord, dispatch; read o'er these articles.",
        "payloads": [ReceiptRequest()],
    }
    return Message(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.feature("SM-06")
def test_asked_and_given() -> None:
    """Section 7, examples 3 and 4."""
    both_ways("<request xmlns='urn:xmpp:receipts'/>", ReceiptRequest())
    both_ways("<received xmlns='urn:xmpp:receipts' id='richard2-4.1.247'/>", Receipt("richard2-4.1.247"))
    refused(Receipt, "<received xmlns='urn:xmpp:receipts'/>", "received/@id")


@pytest.mark.feature("SM-06")
def test_the_answer_to_a_message() -> None:
    answer = receipt_for(asking(), authorized=True, id="bi29sg183b4v")
    assert answer == Message(to=SENDER, id="bi29sg183b4v", type="chat", payloads=[Receipt("richard2-4.1.247")])
    assert receipt_for(answer, authorized=True) is None


@pytest.mark.feature("SM-06")
def test_a_stranger_learns_nothing() -> None:
    """Section 8."""
    assert receipt_for(asking(), authorized=False) is None


@pytest.mark.feature("SM-06")
@pytest.mark.parametrize(
    "message",
    [
        asking(payloads=[]),
        asking(id=None),
        asking(type="error"),
        asking(payloads=[ReceiptRequest(), Receipt("x")]),
        asking(from_=None),
    ],
)
def test_what_is_not_answered(message: Message) -> None:
    """Sections 5.4 and 7."""
    assert receipt_for(message, authorized=True) is None


def test_a_room_is_answered_as_a_whole() -> None:
    """Section 7."""
    answer = receipt_for(asking(from_="room@muc.example/nick", type="groupchat"), authorized=True)
    assert answer is not None
    assert (answer.to, answer.type) == (JID("room@muc.example"), "groupchat")
