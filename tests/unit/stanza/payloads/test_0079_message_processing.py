"""XEP-0079: advanced message processing."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import JID, Message, StanzaError
from xmpp_core.stanza.application_conditions import APPLICATION_CONDITIONS
from xmpp_core.stanza.payload import datetime, decode, element_of
from xmpp_core.stanza.payloads.message_processing import (
    ACTIONS,
    ERRORS,
    Amp,
    AmpFault,
    AmpFeature,
    AmpRefusal,
    Delivery,
    FailedRule,
    FailedRules,
    Rule,
    Situation,
    failed,
    features,
    told,
)

NS = "http://jabber.org/protocol/amp"
SENDER, RECIPIENT = JID("bernardo@hamlet.lit/elsinore"), JID("francisco@hamlet.lit")
STORED = Rule("deliver", "error", "stored")
EXPIRES = Rule("expire-at", "drop", "2004-01-01T00:00:00Z")
WORK, HOME = JID("romeo@montague.net/work"), JID("romeo@montague.net/home")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.feature("SM-07")
def test_rules_of_a_message() -> None:
    """Section 2.1.2, examples 5 and 6."""
    rule = "<rule condition='expire-at' action='drop' value='2004-01-01T00:00:00Z'/>"
    both_ways(f"<amp xmlns='{NS}'>{rule}</amp>", Amp((EXPIRES,)))
    both_ways(f"<amp xmlns='{NS}' per-hop='true'>{rule}</amp>", Amp((EXPIRES,), per_hop=True))
    refused(Amp, f"<amp xmlns='{NS}'/>", "amp/rule")
    refused(Amp, f"<amp xmlns='{NS}' per-hop='maybe'>{rule}</amp>", "amp/@per-hop")
    refused(Rule, f"<rule xmlns='{NS}' condition='deliver' action='drop' value=''/>", "rule/@value")


@pytest.mark.feature("SM-07")
def test_what_the_sender_is_told() -> None:
    """Section 3.4.1, example 7."""
    alert = Rule("deliver", "alert", "stored")
    both_ways(
        f"""<amp xmlns='{NS}' status='alert' from='bernardo@hamlet.lit/elsinore' to='francisco@hamlet.lit'>
        <rule action='alert' condition='deliver' value='stored'/></amp>""",
        told(alert, SENDER, RECIPIENT),
    )


@pytest.mark.feature("SM-07")
def test_the_error_that_a_rule_asks_for() -> None:
    """Section 3.4.3, example 8: its rule is of the namespace of the errors."""
    read = both_ways(
        f"""<failed-rules xmlns='{ERRORS}'><rule action='error' condition='deliver' value='stored'/></failed-rules>""",
        FailedRules((FailedRule("deliver", "error", "stored"),)),
    )
    error = failed(STORED)
    assert (error.condition, error.type) == ("undefined-condition", "modify")
    message = Message(to=RECIPIENT, from_=SENDER, id="chatty2", payloads=[Amp((STORED,))])
    answer = message.error_answer(error)
    assert answer.error is not None
    assert answer.error.get(FailedRules) == read


@pytest.mark.feature("SM-07")
@pytest.mark.parametrize(
    ("refusal", "fault", "condition"),
    [
        (lambda amp: amp.refusal(actions=ACTIONS - {"drop"}), AmpFault.UNSUPPORTED_ACTIONS, "bad-request"),
        (lambda amp: amp.refusal(conditions={"deliver"}), AmpFault.UNSUPPORTED_CONDITIONS, "bad-request"),
        (lambda amp: amp.refusal(invalid=[EXPIRES]), AmpFault.INVALID, "not-acceptable"),
    ],
)
def test_rules_that_a_server_does_not_take(
    refusal: Callable[[Amp], StanzaError | None], fault: AmpFault, condition: str
) -> None:
    """Sections 6.1 and 6.2, examples 17, 19 and 21."""
    assert Amp((STORED, EXPIRES)).refusal() is None
    error = refusal(Amp((STORED, EXPIRES)))
    assert error is not None
    assert (error.condition, error.type) == (condition, "modify")
    both_ways(
        f"""<{fault.value} xmlns='{NS}'><rule condition='expire-at' action='drop' value='2004-01-01T00:00:00Z'/>
        </{fault.value}>""",
        AmpRefusal(fault, (EXPIRES,)),
    )
    assert error.get(AmpRefusal) == AmpRefusal(fault, (EXPIRES,))


@pytest.mark.feature("SM-07")
@pytest.mark.parametrize(
    ("condition", "value", "right"),
    [
        ("deliver", "gateway", True),
        ("deliver", "any", False),
        ("match-resource", "other", True),
        ("match-resource", "direct", False),
        ("expire-at", "2004-01-01T00:00:00.5+00:00", True),
        ("expire-at", "2004-01-01T00:00:00+01:00", False),
        ("expire-at", "tomorrow", False),
        ("of-another-specification", "whatever", True),
    ],
)
def test_which_values_a_condition_has(condition: str, value: str, right: bool) -> None:
    """Section 3.3; the registrar may have conditions that we know nothing of."""
    rule = Rule(condition, "drop", value)
    assert rule.well_formed is right
    error = Amp((rule,)).refusal(conditions={condition})
    assert (error is None) is right


@pytest.mark.feature("SM-07")
@pytest.mark.parametrize("delivery", list(Delivery))
def test_the_condition_deliver(delivery: Delivery) -> None:
    """Section 3.3.1."""
    situation = Situation(delivery, WORK)
    assert [one for one in Delivery if Rule("deliver", "drop", one.value).met(situation)] == [delivery]


@pytest.mark.feature("SM-07")
@pytest.mark.parametrize(
    ("moment", "met"),
    [
        ("2003-12-31T23:59:59Z", False),
        ("2004-01-01T00:00:00Z", True),
        ("2004-01-01T02:00:00+01:00", True),
        (None, False),
    ],
)
def test_the_condition_expire_at(moment: str | None, met: bool) -> None:
    """Section 3.3.2: on or after the moment; what is stored is delivered nobody knows when."""
    assert EXPIRES.met(Situation(Delivery.DIRECT, WORK, WORK, at(moment) if moment else None)) is met
    assert not Rule("expire-at", "drop", "never").met(Situation(Delivery.DIRECT, WORK, WORK, at("2004-01-01T00:00Z")))


@pytest.mark.feature("SM-07")
@pytest.mark.parametrize(
    ("intended", "actual", "met"),
    [
        (WORK, WORK, {"any", "exact"}),
        (WORK, HOME, {"any", "other"}),
        (WORK, WORK.bare, {"any", "other"}),
        (WORK.bare, WORK.bare, {"any", "exact"}),
        (WORK.bare, HOME, {"any", "other"}),
        (WORK, None, set()),
    ],
)
def test_the_condition_match_resource(intended: JID, actual: JID | None, met: set[str]) -> None:
    """Section 3.3.3."""
    situation = Situation(Delivery.DIRECT, intended, actual)
    assert {one for one in ("any", "exact", "other") if Rule("match-resource", "drop", one).met(situation)} == met


@pytest.mark.feature("SM-07")
def test_the_first_rule_that_is_met_decides() -> None:
    """Sections 2.2.3, 3.3.3 and 5.1: in their order; those on resources are the edges' alone."""
    other = Rule("match-resource", "error", "other")
    elsewhere = Situation(Delivery.STORED, WORK, WORK.bare)
    assert Amp((EXPIRES, other, STORED)).met(elsewhere) == other
    assert Amp((EXPIRES, other, STORED), per_hop=True).met(elsewhere) == STORED
    assert Amp((EXPIRES, other)).met(Situation(Delivery.DIRECT, WORK, WORK)) is None
    assert Amp((Rule("of-another", "drop", "x"),)).met(elsewhere) is None


def test_a_rule_with_something_unknown_is_judged_all_the_same() -> None:
    text = f"<amp xmlns='{NS}'><rule condition='deliver' action='drop' value='none' more='x'/></amp>"
    amp = decode(Amp, element(text))
    assert amp.refusal(invalid=[STORED]) is None
    assert amp.refusal(invalid=amp.rules) is not None


@pytest.mark.feature("SM-07")
def test_which_rules_are_known() -> None:
    """Sections 2.1.1 and 8, examples 4 and 26."""
    both_ways(
        f"""<query xmlns='http://jabber.org/protocol/disco#info' node='{NS}'><feature var='{NS}'/>
        <feature var='{NS}?action=drop'/><feature var='{NS}?action=notify'/>
        <feature var='{NS}?condition=deliver'/></query>""",
        features(("notify", "drop"), ("deliver",)),
    )
    assert len(features().features) == 1 + 4 + 3
    both_ways("<amp xmlns='http://jabber.org/features/amp'/>", AmpFeature())


def test_the_conditions_of_errors_are_those_listed() -> None:
    assert {one.value for one in AmpFault} == APPLICATION_CONDITIONS[NS][0]
    element_of_failed = element_of(FailedRules((FailedRule("deliver", "error", "stored"),)))
    assert isinstance(element_of_failed, Element)
    assert element_of_failed.tag.rpartition("}")[2] in APPLICATION_CONDITIONS[ERRORS][0]
