"""Where a host wants to derive keys itself, or to judge who may act as whom, it is asked."""

from __future__ import annotations

import pytest
from stages import CLIENT_ANSWERS, SERVER_ANSWERS, client_config, pair, server_config

import xmpp_core as xmpp


@pytest.mark.feature("SASL-05", "SASL-11")
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256-PLUS", "PLAIN"])
def test_a_derivation_is_asked_for_and_its_answer_logs_in(mechanism: str) -> None:
    asked: list[xmpp.DeriveKey] = []

    def derive(question: xmpp.DeriveKey) -> bytes:
        asked.append(question)
        return question.derive()

    both = pair(
        client_config(mechanisms=(mechanism,), ask_for_derivations=True),
        server_config(ask_for_derivations=True),
        client_answers={**CLIENT_ANSWERS, xmpp.DeriveKey: derive},
        server_answers={**SERVER_ANSWERS, xmpp.DeriveKey: derive},
    )
    both.pump()
    assert both.initiating.connection.can_send
    assert len(asked) == 1
    assert "pencil" not in repr(asked)


@pytest.mark.feature("SASL-05")
def test_a_wrong_derivation_is_a_wrong_password() -> None:
    both = pair(
        client_config(mechanisms=("SCRAM-SHA-256-PLUS",), ask_for_derivations=True),
        client_answers={**CLIENT_ANSWERS, xmpp.DeriveKey: lambda _: b"\0" * 32},
    )
    both.pump()
    (end,) = both.initiating.of(xmpp.StreamFailed)
    assert end.cause is xmpp.Cause.AUTHENTICATION_FAILED


@pytest.mark.feature("BND-01", "ENG-12")
def test_an_answer_that_cannot_be_right_is_misuse_and_the_question_still_waits() -> None:
    both = pair(server_answers={kind: one for kind, one in SERVER_ANSWERS.items() if kind is not xmpp.BindRequested})
    both.pump()
    server = both.receiving.connection
    question = server.waiting_for
    assert isinstance(question, xmpp.BindRequested)
    for wrong in ("romeo@example.com/x", "example.com/x"):
        with pytest.raises(xmpp.LocalProtocolError):
            server.answer(question, xmpp.Bound(xmpp.JID(wrong)))
    assert (server.waiting_for is question) is True
    server.answer(question, xmpp.Bound(xmpp.JID("juliet@example.com/x")))
    both.pump()
    assert both.initiating.connection.can_send
